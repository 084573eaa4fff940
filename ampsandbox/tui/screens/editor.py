"""Edit a small JSON object or another text in a box."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any, ClassVar, Final

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Static

from ampsandbox.errors import AmpSandboxError, UsageError
from ampsandbox.tui.screens.dialogs import ConfirmDialog, Dialog
from ampsandbox.tui.text.sanitize import plain
from ampsandbox.tui.widgets.code_editor import CodeEditor

_PLACE: Final = re.compile(r"line (\d+) column (\d+)")


class ChangingDialog(Dialog):
    """A box in which something is changed; leaving asks first where that would drop it."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+j,f5", "accept", "Accept", show=False, priority=True),
        # Where tab indents, the text area would take escape for leaving it.
        Binding("escape", "cancel", "Close", show=False, priority=True),
    ]

    @property
    def is_changed(self) -> bool:
        """Whether there is something that leaving would drop."""
        raise NotImplementedError

    def action_cancel(self) -> None:
        """Close, after a question where something was changed."""
        if not self.is_changed:
            super().action_cancel()
            return

        def leave(answer: str | None) -> None:
            if answer:
                self.dismiss(None)

        question = ConfirmDialog("Drop your changes?", "What you typed here is not kept.")
        self.app.push_screen(question, leave)

    def say(self, problem: str) -> None:
        """Say what is wrong, or that nothing is."""
        shown = self.query_one("#editor-problem", Static)
        shown.update(plain(problem, limit=1_500))
        shown.display = bool(problem)


class EditorDialog(ChangingDialog):
    """A text to change. `check` may raise an AmpSandboxError; its words are shown and the box stays."""

    HELP = "Change the text; ctrl+j goes on with it. What is wrong with it is said below, and the box stays."

    def __init__(self, title: str, text: str, *, check: Callable[[str], object] = str) -> None:
        super().__init__()
        self.title_text = title
        self.text = text
        self.check = check

    def compose(self) -> ComposeResult:
        """The text, and what is wrong with it."""
        with Vertical(classes="dialog editor") as box:
            box.border_title = plain(self.title_text, limit=60)
            box.border_subtitle = Content("ctrl+j: go · esc: leave")
            yield CodeEditor(self.text, "json", is_tab_typed=True)
            yield Static("", classes="field-problem", id="editor-problem", markup=False)

    @property
    def is_changed(self) -> bool:
        """Whether the text is another one."""
        return self.query_one(CodeEditor).text != self.text

    def action_accept(self) -> None:
        """Give the text when there is nothing wrong with it."""
        editor = self.query_one(CodeEditor)
        try:
            self.check(editor.text)
        except AmpSandboxError as error:
            self.say(f"✗ {error.message} {error.hint}")
            if (place := _PLACE.search(error.message)) is not None:
                editor.go_to(int(place[1]), int(place[2]))
            return
        self.dismiss(editor.text)


def read_object(text: str) -> dict[str, Any]:
    """The JSON object that the text spells.

    Raises:
        UsageError: It is not JSON, or not an object.
    """
    try:
        found = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise UsageError(f"Not JSON: {error}.") from error
    if not isinstance(found, dict):
        raise UsageError("Not a JSON object.", "Write names and values between braces.")
    return found


def as_json(values: Any) -> str:
    """Values as text to edit; what a terminal would obey is escaped, so that it survives the round trip."""
    return json.dumps(dict(values), indent=2, ensure_ascii=True, default=str)
