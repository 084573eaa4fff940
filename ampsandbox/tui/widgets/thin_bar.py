"""Scrollbars as thin lines: they say where one is, and stay behind what is read."""

from __future__ import annotations

from typing import Final

from rich.color import Color
from rich.segment import Segment, Segments
from rich.style import Style
from textual.scrollbar import ScrollBarRender

_BACK: Final = Color.parse("default")


class ThinBar(ScrollBarRender):
    """Draws half a cell's width beside a text, and a line below it."""

    @classmethod
    def render_bar(
        cls,
        size: int = 25,
        virtual_size: float = 50,
        window_size: float = 20,
        position: float = 0,
        thickness: int = 1,
        vertical: bool = True,
        back_color: Color = _BACK,
        bar_color: Color = _BACK,
    ) -> Segments:
        """The bar; a click before or after the thumb scrolls by a page, as Textual's own does."""
        start, end = _thumb(size, virtual_size, window_size, position)
        ground = Style(bgcolor=back_color)
        glyph = ("▐" if vertical else "━").rjust(thickness if vertical else 1)
        blank = " " * len(glyph)
        cells = [
            Segment(glyph, Style(color=bar_color, bgcolor=back_color, meta={"@mouse.down": "grab"}))
            if start <= n < end
            else Segment(
                blank, ground + Style(meta={"@mouse.down": "scroll_up" if n < start else "scroll_down"})
            )
            for n in range(size)
        ]
        if vertical:
            return Segments(cells, new_lines=True)
        return Segments([*cells, Segment.line()] * thickness, new_lines=False)


def _thumb(size: int, virtual_size: float, window_size: float, position: float) -> tuple[int, int]:
    """The first cell of the thumb, and the one after its last; none where all is seen."""
    if not (window_size and size and virtual_size > window_size):
        return 0, 0
    length = max(1, round(size * window_size / virtual_size))
    start = round((size - length) * position / (virtual_size - window_size))
    return start, start + length
