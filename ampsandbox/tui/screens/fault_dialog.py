"""The parameters of one fault."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from ampsandbox.tui.forms.fault_rules import PARAMETERS, parameters_of, read_rule
from ampsandbox.tui.screens.form_dialog import FormDialog, FormLine
from ampsandbox.tui.text.sanitize import as_text

_ABOUT: Final = "What stays empty holds for every request."


class FaultDialog(FormDialog):
    """A recipe as a form: the lines of its kind, filled with its values."""

    HELP = (
        "What happens, and to which requests it does: all conditions that are filled in must hold. “first”, "
        "“nth” and “every” count the requests that match the other ones. ctrl+j puts the rule in force."
    )

    def __init__(self, recipe: Mapping[str, Any], now: datetime) -> None:
        self.kind = str(recipe["kind"])
        self.now = now
        lines = [
            FormLine(name, as_text(recipe.get(name)), PARAMETERS[name].hint)
            for name in parameters_of(self.kind)
        ]
        super().__init__(f"Fault · {self.kind}", _ABOUT, lines, "put in force")

    def read(self, given: Mapping[str, str]) -> dict[str, Any]:
        """The rule."""
        return read_rule(self.kind, given, self.now)
