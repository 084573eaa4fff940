"""The request as JSON, in step with the form."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.message import Message
from textual.widgets import Static, TextArea

from ampsandbox.tui.text.sanitize import block, json_text, plain
from ampsandbox.tui.ui import AsksUi
from ampsandbox.tui.widgets.code_editor import CodeEditor
from ampsandbox.tui.widgets.field_input import TAKEN_BACK

if TYPE_CHECKING:
    from ampsandbox.tui.forms.draft import Draft

Read = Callable[[str], "Draft"]
_WHOLE = 50_000_000


class BodyArea(CodeEditor):
    """The text. ctrl+y copies the request, as everywhere in the form; alt+z does again what was undone."""

    BINDINGS: ClassVar[list[BindingType]] = [
        *TAKEN_BACK,
        Binding("ctrl+y", "palette.perform('copy-curl')", "Copy as curl", show=False, id="copy-curl"),
        Binding("alt+z,ctrl+shift+z", "redo", "Redo", show=False),
    ]


class BodyEditor(Vertical, AsksUi):
    """A body to edit. What it says goes to the form with every change, as long as it says something."""

    @dataclass
    class Edited(Message):
        """The text says something else now. `draft` is None where the form cannot hold it."""

        draft: Draft | None

    def __init__(self, read: Read) -> None:
        super().__init__(id="json-view")
        self.read = read
        self.problem = ""
        self._body: Any = None
        self._own = ""

    def compose(self) -> ComposeResult:
        """The text, and what is wrong with it."""
        yield BodyArea("", "json", id="json")
        yield Static("", id="json-problem", markup=False)

    @property
    def area(self) -> BodyArea:
        """The text's widget."""
        return self.query_one(BodyArea)

    @property
    def text(self) -> str:
        """The body as it stands."""
        return self.area.text

    def restart(self, read: Read) -> None:
        """Be about another endpoint, whose bodies `read` understands."""
        self.read, self._body, self._own = read, None, ""
        self.area.load_text("")

    def show(self, body: dict[str, Any]) -> None:
        """Show a body. What says the same already stays as it was typed; ctrl+z brings other text back."""
        if body == self._body:
            return
        self._body = body
        self._put(json_text(body))

    def show_text(self, text: str) -> Draft | None:
        """Show a body that came as a text, such as a request of the log; what it says to the form."""
        self._put(block(text, _WHOLE))
        return self._understand()

    def _put(self, text: str) -> None:
        self._own = text
        if self.text:
            self.area.replace(text, (0, 0), self.area.document.end)
            self.area.move_cursor((0, 0))
        else:
            self.area.load_text(text)
        self._say("")

    @on(TextArea.Changed, "#json")
    def take_over(self, event: TextArea.Changed) -> None:
        """Hand on what was typed."""
        event.stop()
        if self.text != self._own:
            self._own = self.text
            self.post_message(self.Edited(self._understand()))

    def _understand(self) -> Draft | None:
        try:
            draft = self.read(self.text)
        except ValueError as error:
            self._say(str(error))
            return None
        self._say("")
        return draft

    def keep_in_step(self, body: dict[str, Any]) -> None:
        """Take note of the body that the text stands for."""
        self._body = body

    def _say(self, problem: str) -> None:
        self.problem = problem
        shown = self.query_one("#json-problem", Static)
        way = self.ui.keyed("The form keeps what it has; {send-write} sends this as it is.")
        words = f"✗ {problem}. {way}" if problem else ""
        shown.update(plain(words, "$text-error"))
        shown.display = bool(problem)
