"""A line made of parts that can be clicked."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

import msgspec
from textual import events
from textual.content import Content
from textual.widgets import Static


class Part(msgspec.Struct, frozen=True):
    """A piece of a line, the action that a click on it runs or the key that it presses, and the words that
    hovering over it shows.
    """

    content: Content
    action: str = ""
    about: str = ""
    key: str = ""


class PartsLine(Static):
    """One line: parts from the left edge, parts up to the right edge; the left ones are cut to fit."""

    ALLOW_SELECT = False
    GAP: ClassVar[str] = "  "
    """What stands between two parts."""

    def __init__(self, *, id: str) -> None:  # noqa: A002
        super().__init__("", id=id, markup=False)
        self._shown: Content | None = None
        self._places: list[tuple[range, Part]] = []

    def lay_out(self, left: Sequence[Part], right: Sequence[Part] = ()) -> None:
        """Show these parts; repaints only when a character or a colour changed."""
        if right:
            end = self._joined(right)
            width = self.size.width or 80
            room = max(1, width - end.cell_length - 3)
            start = self._joined(left).truncate(room, ellipsis=True, pad=True)
            shown = Content.assemble(" ", start, " ", end, " ")
            self._places = [*self._places_of(left, 1, 1 + room), *self._places_of(right, 2 + room, width)]
        else:
            shown = self._joined(left)
            self._places = self._places_of(left, 0, shown.cell_length)
        if self._shown is None or not shown.is_same(self._shown):
            self._shown = shown
            # Its place never changes: a layout of the whole screen at each tick of the clock is spared.
            self.update(shown, layout=False)

    def part_at(self, x: int) -> Part | None:
        """The part in a column."""
        return next((part for place, part in self._places if x in place), None)

    async def on_click(self, event: events.Click) -> None:
        """Do what the part under the mouse stands for."""
        part = self.part_at(event.x)
        if part is not None and part.key:
            self.app.simulate_key(part.key)
        elif part is not None and part.action:
            await self.app.run_action(part.action)

    def on_mouse_move(self, event: events.MouseMove) -> None:
        """Explain the part under the mouse."""
        part = self.part_at(event.x)
        about = Content(part.about) if part is not None and part.about else None
        if self.tooltip != about:
            self.tooltip = about

    def width_of(self, parts: Sequence[Part]) -> int:
        """The cells that parts take side by side."""
        return self._joined(parts).cell_length

    def _joined(self, parts: Sequence[Part]) -> Content:
        return Content(self.GAP).join([part.content for part in parts])

    def _places_of(self, parts: Sequence[Part], start: int, end: int) -> list[tuple[range, Part]]:
        places = []
        for part in parts:
            stop = min(start + part.content.cell_length, end)
            places.append((range(start, stop), part))
            start = stop + len(self.GAP)
        return places
