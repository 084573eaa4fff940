"""What the command line needs beyond `argparse` as it comes."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from typing import Any, NoReturn

from ampsandbox.errors import nearest_hint


class CommandParser(argparse.ArgumentParser):
    """The parser of the program or of one command. What is nearly a command, option or choice is named.

    Attributes:
        mixes: Whether options may stand between the positional arguments of a list, which `argparse` takes
            for its end otherwise.
    """

    mixes = False
    _is_within = False

    def parse_known_args(self, args: Sequence[str] | None = None, namespace: Any = None) -> tuple[Any, Any]:  # type: ignore[override]
        """Parse, with options anywhere where the command says so, and refuse what is not known."""
        if not self.mixes or self._is_within:
            found = super().parse_known_args(args, namespace)
        else:
            self._is_within = True  # the method below comes back here for options and positional arguments
            try:
                found = self.parse_known_intermixed_args(args, namespace)
            finally:
                self._is_within = False
        if found[1] and not self._is_within:
            self._refuse(found[1])
        return found

    def _refuse(self, unknown: list[str]) -> NoReturn:
        """Refuse here, and not where the program began: the usage shown is that of the command."""
        options = [name for name in self._option_string_actions if name.startswith("--")]
        near = "".join(
            nearest_hint(name.partition("=")[0], options) for name in unknown if name.startswith("--")
        )
        self.error(f"unrecognized arguments: {' '.join(unknown)}.{near}")

    def _check_value(self, action: argparse.Action, value: Any) -> None:
        try:
            super()._check_value(action, value)
        except argparse.ArgumentError as error:
            error.message += f".{nearest_hint(str(value), map(str, action.choices or ()))}"
            raise
