"""How large the parts of the main screen are: the share of the window that the user chose for them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import msgspec

if TYPE_CHECKING:
    from textual.screen import Screen
    from textual.widget import Widget

    from ampsandbox.tui.preferences import Preferences


class ResizablePart(msgspec.Struct, frozen=True):
    """A part whose size can be chosen, in cells.

    Args:
        selector: The widget.
        field: The field of `Preferences` that holds the share; 0 there leaves the size to the style sheet.
        least: The smallest size.
        rest: What is always left to the parts beside it.
        is_height: Whether the size is a height, and not a width.
        most: The largest share of the window that the part takes by itself.
    """

    selector: str
    field: str
    least: int
    rest: int
    is_height: bool = False
    most: float = 0.0

    def of(self, widget: Widget) -> int:
        """The size of a widget in this part's direction."""
        return widget.outer_size.height if self.is_height else widget.outer_size.width


PARTS: Final = {
    "tree": ResizablePart("#integrations", "tree_share", 16, 34, most=0.4),
    "batches": ResizablePart("#batches", "batches_share", 24, 30),
    "lower": ResizablePart("#lower", "lower_share", 4, 11, is_height=True),
}


def choose(screen: Screen[Any], preferences: Preferences, name: str, size: int) -> None:
    """Make a part this large, and remember it."""
    part = PARTS[name]
    setattr(preferences, part.field, _fitting(screen, part, size) / part.of(screen))
    apply(screen, preferences)


def change(screen: Screen[Any], preferences: Preferences, name: str, by: int) -> None:
    """Make a part larger or smaller than it is now, and remember it."""
    now = PARTS[name].of(screen.query_one(PARTS[name].selector))
    choose(screen, preferences, name, now + by)


def forget(screen: Screen[Any], preferences: Preferences, name: str) -> None:
    """Give a part back the size that it has by itself."""
    setattr(preferences, PARTS[name].field, 0.0)
    apply(screen, preferences)


def apply(screen: Screen[Any], preferences: Preferences) -> None:
    """Give every part its chosen size, or the one of the style sheet."""
    for part in PARTS.values():
        styles = screen.query_one(part.selector).styles
        share = getattr(preferences, part.field)
        size = _fitting(screen, part, round(share * part.of(screen))) if share else None
        if part.is_height:
            styles.height = size
        elif part.selector == "#batches" and screen.has_class("-narrow"):
            styles.width = styles.max_width = None  # There it shares its place with the log.
        else:
            styles.width = styles.max_width = size
            natural = 0 if size else getattr(screen.query_one(part.selector), "natural_width", 0)
            styles.min_width = min(natural, int(part.most * part.of(screen))) if part.most else None


def _fitting(screen: Screen[Any], part: ResizablePart, size: int) -> int:
    return max(part.least, min(size, part.of(screen) - part.rest))
