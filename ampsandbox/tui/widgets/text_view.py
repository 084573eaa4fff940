"""A long text that scrolls, wraps, and can be searched; only the lines that are seen are painted."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from dataclasses import dataclass
from itertools import islice
from typing import Final

from rich.cells import get_character_cell_size
from textual.content import Content
from textual.geometry import Size
from textual.scroll_view import ScrollView
from textual.selection import Selection
from textual.strip import Strip
from textual.visual import Visual

_MATCH: Final = "underline $text-warning"
_CURRENT: Final = "bold reverse underline $text-warning"


_MOST_MATCHES: Final = 1_000


@dataclass(frozen=True, slots=True)
class _Span:
    """A part of a line: a row of the screen, or a place where the words that are looked for stand."""

    line: int
    start: int
    end: int


class TextView(ScrollView, can_focus=True):
    """Lines of content, folded to the width. `find` marks words in them, `go` moves between these."""

    DEFAULT_CSS = """
    TextView {
        height: 1fr; background: transparent; scrollbar-gutter: stable;
        scrollbar-size-vertical: 1; scrollbar-size-horizontal: 1; overflow-x: hidden; overflow-y: auto;
    }
    """

    def __init__(self, content: Content, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self._lines = content.split(allow_blank=True)
        self._rows: list[_Span] = []
        self._matches: list[_Span] = []
        self._current = -1

    # -- text --------------------------------------------------------------------------------------------

    def show(self, content: Content) -> None:
        """Show another text at the same place; the words that were looked for have to be found again."""
        self._lines = content.split(allow_blank=True)
        self._matches, self._current = [], -1
        self._fold()

    def on_resize(self) -> None:
        """Fold the lines to the new width."""
        self._fold()

    def _fold(self) -> None:
        width = self.scrollable_content_region.width
        if not width:
            return
        self._rows = [row for number, line in enumerate(self._lines) for row in _rows(number, line, width)]
        self.virtual_size = Size(width, len(self._rows))
        self.refresh()

    # -- search ------------------------------------------------------------------------------------------

    @property
    def position(self) -> tuple[int, int]:
        """The number of the match that is shown, from 1 on (0 for none), and how many there are."""
        return self._current + 1, len(self._matches)

    def find(self, words: str) -> None:
        """Mark the words wherever they stand, in any case, and go to the first place from here on.

        At most a thousand places are marked.
        """
        pattern = re.compile(re.escape(words), re.IGNORECASE)
        places = (
            _Span(number, found.start(), found.end())
            for number, line in enumerate(self._lines if words else ())
            for found in pattern.finditer(line.plain)
        )
        self._matches = list(islice(places, _MOST_MATCHES))
        top = self._rows[self.scroll_offset.y].line if self.scroll_offset.y < len(self._rows) else 0
        ahead = (number for number, match in enumerate(self._matches) if match.line >= top)
        self._current = next(ahead, 0) if self._matches else -1
        self._reveal()

    def go(self, by: int) -> None:
        """Go to the next match or the previous one, around the ends."""
        if self._matches:
            self._current = (self._current + by) % len(self._matches)
            self._reveal()

    def _reveal(self) -> None:
        self.refresh()
        if self._current < 0:
            return
        match = self._matches[self._current]
        row = bisect_right(self._rows, (match.line, match.start), key=lambda row: (row.line, row.start)) - 1
        height = self.scrollable_content_region.height
        if not self.scroll_offset.y <= row < self.scroll_offset.y + height:
            self.scroll_to(y=max(0, row - height // 3), animate=False, immediate=True)

    # -- painting ----------------------------------------------------------------------------------------

    def render_line(self, y: int) -> Strip:
        """One line of what is seen."""
        number, width = self.scroll_offset.y + y, self.scrollable_content_region.width
        if number >= len(self._rows):
            return Strip.blank(width, self.rich_style)
        content = self._content(self._rows[number])
        if (selection := self.text_selection) and (span := selection.get_span(number)):
            content = content.stylize("reverse", span[0], None if span[1] == -1 else span[1])
        strips = Visual.to_strips(self, content, width, 1, self.visual_style, apply_selection=False, pad=True)
        return strips[0].apply_offsets(0, number) if strips else Strip.blank(width, self.rich_style)

    def _content(self, row: _Span) -> Content:
        """A row with the words that are looked for marked in it."""
        content = self._lines[row.line][row.start : row.end]
        first = bisect_left(self._matches, row.line, key=lambda match: match.line)
        for number, match in enumerate(islice(self._matches, first, None), first):
            if match.line != row.line or match.start >= row.end:
                break
            if match.end > row.start:
                style = _CURRENT if number == self._current else _MATCH
                content = content.stylize(style, max(0, match.start - row.start), match.end - row.start)
        return content

    def get_selection(self, selection: Selection) -> tuple[str, str] | None:
        """The text that is selected with the mouse."""
        rows = (self._lines[row.line].plain[row.start : row.end] for row in self._rows)
        return selection.extract("\n".join(rows)), "\n"

    def selection_updated(self, selection: Selection | None) -> None:
        """Paint the selection."""
        self.refresh()


def _rows(number: int, line: Content, width: int) -> list[_Span]:
    """The rows that a line takes."""
    text = line.plain
    starts = range(0, max(len(text), 1), width) if text.isascii() else _starts(text, width)
    return [_Span(number, start, end) for start, end in zip(starts, [*starts[1:], len(text)], strict=True)]


def _starts(text: str, width: int) -> list[int]:
    """Where rows of a text begin that holds characters of no width, or of two cells."""
    starts, used = [0], 0
    for index, char in enumerate(text):
        cells = get_character_cell_size(char)
        if used + cells > width and index > starts[-1]:
            starts.append(index)
            used = 0
        used += cells
    return starts
