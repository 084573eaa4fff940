"""One value in full, however long it is."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content

from ampsandbox.tui.screens.dialogs import Dialog
from ampsandbox.tui.text.highlight import coloured
from ampsandbox.tui.text.sanitize import as_text, block, plain, pretty
from ampsandbox.tui.widgets.text_view import TextSection, TextView


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
        with Vertical(classes="dialog value") as box:
            box.border_title = plain(self.title_text, limit=60)
            box.border_subtitle = Content("c: copy · esc: close")
            shown = block(self.text)
            is_json = shown[:1] in ("{", "[")
            yield TextView(TextSection(coloured(shown) if is_json else Content(shown), is_body=is_json))

    def action_copy(self) -> None:
        """Copy all of it."""
        self.ui.copy(self.text, f"{len(self.text):,} characters")
