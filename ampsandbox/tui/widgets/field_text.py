"""The input of a line for a long text. Few forms have one, and Textual's text area takes a while to load."""

from __future__ import annotations

from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.widgets import TextArea

from ampsandbox.tui.widgets.field_input import TAKEN_BACK, InputOwner


class FieldText(TextArea):
    """The input of a long text: as high as the text, up to a few lines."""

    BINDINGS: ClassVar[list[BindingType]] = [
        *TAKEN_BACK,
        Binding("up", "line(-1)", "Up", show=False),
        Binding("down", "line(1)", "Down", show=False),
        Binding("backspace", "delete_or_remove", "Delete", show=False),
    ]

    def __init__(self, owner: InputOwner, text: str) -> None:
        super().__init__(text, compact=True, tab_behavior="focus")
        self.owner = owner

    def on_resize(self) -> None:
        """Say as much as there is room for."""
        self.owner.choose_hint()

    def action_line(self, by: int) -> None:
        """Go to the next line; from the first or the last one to the next field."""
        if by < 0 and self.cursor_at_first_line:
            self.screen.focus_previous()
        elif by > 0 and self.cursor_at_last_line:
            self.screen.focus_next()
        elif by < 0:
            self.action_cursor_up()
        else:
            self.action_cursor_down()

    def action_delete_or_remove(self) -> None:
        """Delete a character; where there is none, take the line away."""
        if self.text:
            self.action_delete_left()
        else:
            self.owner.remove_if_added()
