"""A box with several lines to fill in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

import msgspec
from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.content import Content
from textual.widgets import Input, Static

from ampsandbox.errors import AmpSandboxError
from ampsandbox.tui.screens.base import Modal
from ampsandbox.tui.text.sanitize import block, plain


class FormLine(msgspec.Struct, frozen=True):
    """One line: its name, what stands in it, and what an empty one shows."""

    name: str
    value: str = ""
    hint: str = ""
    is_required: bool = False
    is_masked: bool = False


class FormDialog(Modal[Any]):
    """Lines to fill in; gives what `read` makes of them, or None when the user leaves."""

    HELP = "Tab and enter go to the next line; ctrl+j takes what is filled in; escape leaves."
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "cancel", "Close", show=False),
        Binding("ctrl+j,f5", "accept", "Go", show=False, priority=True),
    ]

    def __init__(
        self, title: str, about: str, lines: Sequence[FormLine], go: str, *, problem: str = ""
    ) -> None:
        super().__init__()
        self.problem = problem
        """What was wrong with what was filled in before."""
        self.title_text = title
        self.about = about
        self.lines = tuple(lines)
        self.go = go

    def compose(self) -> ComposeResult:
        """The lines, and what is wrong with them."""
        with Vertical(classes="dialog form") as box:
            box.border_title = plain(self.title_text, limit=60)
            box.border_subtitle = Content(f"ctrl+j: {self.go} · esc: leave")
            yield Static(Content.styled(block(self.about), "$muted"))
            with VerticalScroll(classes="form-lines", can_focus=False):
                for line in self.lines:
                    yield self._line(line)
            yield Static("", classes="field-problem", markup=False)

    def on_mount(self) -> None:
        """Say what was wrong before."""
        self._show_problem(self.problem)

    def _show_problem(self, words: str) -> None:
        shown = self.query_one(".field-problem", Static)
        shown.update(Content(block(f"✗ {words}", 2_000)))
        shown.display = bool(words)

    @staticmethod
    def _line(line: FormLine) -> Horizontal:
        mark = Content.styled(" *", "bold $text-error") if line.is_required else Content("")
        return Horizontal(
            Static(plain(line.name) + mark, classes="field-label"),
            Input(line.value, placeholder=line.hint, id=line.name, compact=True, password=line.is_masked),
        )

    @on(Input.Submitted)
    def go_on(self, event: Input.Submitted) -> None:
        """Go on to the next line; the last one accepts."""
        event.stop()
        if event.input.id == self.lines[-1].name:
            self.action_accept()
        else:
            self.focus_next()

    def action_cancel(self) -> None:
        """Close without an answer."""
        self.dismiss(None)

    def action_accept(self) -> None:
        """Give the answer when the lines make one."""
        given = {str(item.id): item.value.strip() for item in self.query(Input) if item.value.strip()}
        try:
            answer = self.read(given)
        except AmpSandboxError as error:
            self._show_problem(f"{error.message} {error.hint}".strip())
            return
        self.dismiss(answer)

    def read(self, given: Mapping[str, str]) -> Any:
        """What the filled lines mean.

        Raises:
            AmpSandboxError: They do not mean anything; the words are shown, and the box stays.
        """
        raise NotImplementedError
