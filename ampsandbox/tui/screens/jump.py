"""Jump mode: a letter on every place; press it to be there."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import ClassVar, Final

import msgspec
from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.geometry import Offset
from textual.widgets import Static

from ampsandbox.tui.screens.base import Modal

_ROWS: Final = "asdfghjklqwertyuiopzxcvbnm"
LETTERS: Final = _ROWS + _ROWS.upper()
_WHAT_TO_DO: Final = Content.assemble(
    (" Jump ", "bold reverse"), " Press a letter to go where it stands.  ", ("esc", "bold"), " stays here."
)


class JumpTarget(msgspec.Struct, frozen=True):
    """Somewhere to go: a point of it, how far left of that its letter stands, and what to call then."""

    at: Offset
    go: Callable[[], Awaitable[object]]
    left: int = 0


class JumpScreen(Modal["JumpTarget | None"]):
    """The letters over the screen."""

    HELP = "Every part that keys can go to has a letter: press it to be there. Escape stays where you are."
    ALLOW_JUMP = False
    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape,ctrl+o", "cancel", "Leave", show=False)]

    def __init__(self, places: Sequence[JumpTarget]) -> None:
        super().__init__()
        self.places = dict(zip(LETTERS, places, strict=False))

    def compose(self) -> ComposeResult:
        """A letter before each place, which leaves its name to be read, and a line that says what to do."""
        for letter, place in self.places.items():
            label = Static(Content.styled(letter, "bold"), classes="jump-label")
            label.absolute_offset = place.at - Offset(min(place.left, place.at.x), 0)
            yield label
        yield Static(_WHAT_TO_DO, id="jump-line")

    def on_key(self, event: events.Key) -> None:
        """Go where the letter stands."""
        place = self.places.get(event.character or "")
        if place is not None:
            event.stop()
            self.dismiss(place)

    def action_cancel(self) -> None:
        """Stay where you are."""
        self.dismiss(None)
