"""One value in full, however long it is."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.widgets import Static

from ampsandbox.tui.screens.dialogs import Dialog
from ampsandbox.tui.text.sanitize import as_text, block, plain, pretty


class ValueDialog(Dialog):
    """A value to read and to copy; JSON is indented."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter,q", "cancel", "Close", show=False),
        Binding("c", "copy", "Copy", show=False),
    ]

    def __init__(self, title: str, value: object) -> None:
        super().__init__()
        self.title_text = title
        self.text = pretty(as_text(value))

    def compose(self) -> ComposeResult:
        """The value in a box that scrolls."""
        with VerticalScroll(classes="dialog value") as box:
            box.border_title = plain(self.title_text, limit=60)
            box.border_subtitle = Content("c: copy · esc: close")
            yield Static(Content(block(self.text)), markup=False)

    def action_copy(self) -> None:
        """Copy all of it."""
        self.ui.copy(self.text, f"{len(self.text):,} characters")
