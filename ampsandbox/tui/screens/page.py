"""The frame of a screen that opens over the main one: a panel, a footer, escape to go back."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.widget import Widget

from ampsandbox.tui.screens.base import ClosingScreen
from ampsandbox.tui.widgets.key_hints import KeyHints


class Page(ClosingScreen[None]):
    """A screen with one panel."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape,q", "close", "Back", id="close-page")]
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (100, "-medium")]  # noqa: RUF012 - as Textual declares it

    def __init__(self, panel: Widget) -> None:
        super().__init__()
        self.panel = panel

    def compose(self) -> ComposeResult:
        """The panel over the footer."""
        yield self.panel
        yield KeyHints()

    @property
    def subject(self) -> object:
        """What the page is about: two pages about the same are one."""
        return (type(self.panel), getattr(self.panel, "subject", None))

    def action_close(self) -> None:
        """Go back."""
        self.dismiss(None)
