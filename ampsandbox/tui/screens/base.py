"""What every screen is made of: it closes once, and comes to rest at one size."""

from __future__ import annotations

from typing import Any, ClassVar

from rich.style import Style
from textual.await_complete import AwaitComplete
from textual.command import CommandList, CommandPalette
from textual.geometry import Offset, Size
from textual.screen import ModalScreen, Screen, ScreenResultType
from textual.widget import Widget

from ampsandbox.tui.ui import AsksUi


class BaseScreen(Screen[ScreenResultType], AsksUi):
    """A screen of the app."""

    def _screen_resized(self, size: Size) -> None:
        """Take the terminal's size, and none that it had before.

        Screens that lie over each other hand sizes on to each other. When the terminal changes twice in a
        row, two sizes are on their way, and each screen would take one and then the other for ever.
        """
        if size == self.app.size:
            super()._screen_resized(size)

    def get_widget_and_offset_at(self, x: int, y: int) -> tuple[Widget | None, Offset | None]:
        """What text is selected from; nothing where a widget has just gone and is still painted."""
        widget, offset = super().get_widget_and_offset_at(x, y)
        return (widget, offset) if widget is not None and widget.is_attached else (None, None)


class ClosingScreen(BaseScreen[ScreenResultType]):
    """A screen over another one.

    Textual's `dismiss` takes the topmost screen away, whichever it is called on: a second escape that is
    handled while the screen goes would take the next one along.
    """

    _is_closed = False
    _late_result: tuple[ScreenResultType | None] | None = None

    def dismiss(self, result: ScreenResultType | None = None) -> AwaitComplete:
        """Close with a result: at once, or as soon as what lies over the screen has gone."""
        if self._is_closed:
            return AwaitComplete()
        if self.app.screen is not self:
            self._late_result = (result,)
            return AwaitComplete()
        self._is_closed = True
        return super().dismiss(result)

    def on_screen_resume(self) -> None:
        """Close now, if that was asked for meanwhile."""
        if self._late_result is not None:
            self.dismiss(*self._late_result)


# Textual's classes come first: styles, keys and component classes are taken from the first base alone.
class Modal(ModalScreen[ScreenResultType], ClosingScreen[ScreenResultType]):
    """A box in front of a screen, which stays visible."""

    HELP: ClassVar[str | None] = "A box in front of the screen, which goes on when this is closed: esc."


class Palette(CommandPalette, ClosingScreen[Any]):
    """The command palette."""

    TITLE = "Command palette"
    HELP = (
        "Every action of the screen by name. Type some letters of what you look for, in order: “lgex” finds "
        "“log: export”. enter carries out the line under the cursor; esc leaves."
    )

    def get_style_at(self, x: int, y: int) -> Style:
        """The style of a place; none for a line that is still painted but that the list no longer has.

        Textual's list would look for that line when it is clicked, and fail.
        """
        style = super().get_style_at(x, y)
        line = style.meta.get("option")
        is_gone = line is not None and line >= self.query_one(CommandList).option_count
        return Style.null() if is_gone else style

    def _action_command_list(self, action: str) -> None:
        if self.query_one(CommandList).size:  # Without a line to stand on, Textual's list fails.
            super()._action_command_list(action)
