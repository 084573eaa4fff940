"""A long text that scrolls, wraps, and can be searched; only the lines that are seen are painted."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice
from typing import ClassVar, Final, NamedTuple

import msgspec
from rich.cells import cell_len, get_character_cell_size
from textual import events
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.geometry import Offset, Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.selection import Selection
from textual.strip import Strip
from textual.visual import Visual

from ampsandbox.tui.ui import AsksUi

_MATCH: Final = "underline $text-warning"
_CURRENT: Final = "bold reverse underline $text-warning"
_MOST_MATCHES: Final = 1_000


class TextSection(NamedTuple):
    """A part of the text. The lines of a body are numbered, each body's from 1; others fold between words."""

    content: Content
    is_body: bool = False


class _Span(msgspec.Struct, frozen=True):
    """A part of a line: a row of the screen, or a place where the words that are looked for stand."""

    line: int
    start: int
    end: int


class TextView(ScrollView, AsksUi, can_focus=True):
    """Lines of content, with a cursor; wrapped and numbered or not, as the user has chosen.

    `find` marks words in them, `go` moves between these.
    """

    @dataclass
    class Clicked(Message):
        """A line was clicked, at so many cells from its beginning."""

        view: TextView
        line: int
        x: int

    DEFAULT_CSS = """
    TextView {
        height: 1fr; background: transparent;
        scrollbar-gutter: stable; scrollbar-size-vertical: 1; scrollbar-size-horizontal: 1;
        overflow-x: auto; overflow-y: auto;
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up,k", "move(-1)", "Up", show=False),
        Binding("down,j", "move(1)", "Down", show=False),
        Binding("shift+up,K", "move(-1, True)", "Select the line above", show=False),
        Binding("shift+down,J", "move(1, True)", "Select the line below", show=False),
        Binding("pageup", "page(-1)", "Page up", show=False),
        Binding("pagedown,space", "page(1)", "Page down", show=False),
        Binding("home,g", "end(-1)", "Top", show=False),
        Binding("end,G", "end(1)", "Bottom", show=False),
    ]

    def __init__(self, *passages: TextSection, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self._lines: list[Content] = []
        self._numbers: list[str] = []
        self._rows: list[_Span] = []
        self._matches: list[_Span] = []
        self._current = -1
        self._cursor = 0
        self._anchor: int | None = None
        self._wraps, self._gutter = True, 0
        self._take(passages)

    # -- text --------------------------------------------------------------------------------------------

    def show(self, *passages: TextSection) -> None:
        """Show another text at the same place; the words that were looked for have to be found again."""
        self._take(passages)
        self._matches, self._current = [], -1
        self._fold()

    def _take(self, passages: Sequence[TextSection]) -> None:
        self._lines, self._numbers = [], []
        for content, is_body in passages:
            lines = content.split(allow_blank=True)
            self._lines += lines
            self._numbers += [str(n + 1) if is_body else "" for n in range(len(lines))]

    @property
    def text(self) -> str:
        """The text without its colours."""
        return "\n".join(line.plain for line in self._lines)

    def on_mount(self) -> None:
        """Be as the user has chosen."""
        self.follow_choices()

    def on_resize(self) -> None:
        """Fold the lines to the new width."""
        self._fold()

    def follow_choices(self) -> None:
        """Follow the user's choices: wrapped or not, with line numbers or without."""
        self._fold()

    def _fold(self) -> None:
        """Fold the lines to the width, and stay at the line that the cursor is on."""
        preferences = self.ui.preferences
        self._wraps = preferences.wrap
        digits = max(map(len, self._numbers), default=0) if preferences.line_numbers else 0
        self._gutter = digits + 1 if digits else 0
        self._anchor = None  # It is the number of a row, and there are other rows now.
        width = self.scrollable_content_region.width
        if width <= self._gutter:
            # The rows of a longer text before must not be painted until there is room for those of this one.
            self._rows, self.virtual_size = [], Size(width, 0)
            return
        at = self._rows[self._cursor].line if self._cursor < len(self._rows) else 0
        self._rows = [
            row for number, line in enumerate(self._lines) for row in self._folded(number, line, width)
        ]
        self._cursor = min(bisect_left(self._rows, at, key=lambda row: row.line), max(0, len(self._rows) - 1))
        widths = () if self._wraps else (cell_len(line.plain) + self._gutter for line in self._lines)
        self.virtual_size = Size(max(width, *widths, 0), len(self._rows))
        if self.styles.auto_dimensions:
            self.refresh(layout=True)
        self.refresh()

    def _folded(self, number: int, line: Content, width: int) -> list[_Span]:
        if not self._wraps:
            return [_Span(number, 0, len(line))]
        is_body = bool(self._numbers[number])
        return _rows(number, line, width - self._gutter_of(number), between_words=not is_body)

    def _gutter_of(self, line: int) -> int:
        """The cells before a line: those of its number, if it has one."""
        return self._gutter if self._numbers[line] else 0

    # -- cursor ------------------------------------------------------------------------------------------

    @property
    def line(self) -> int:
        """The line under the cursor, from 0 on."""
        return self._rows[self._cursor].line if self._rows else 0

    def action_move(self, by: int, is_selecting: bool = False) -> None:
        """Move the cursor by rows; selecting, the rows that it goes over are selected."""
        if not self._rows:
            return
        before = self._cursor
        self._put_cursor(self._cursor + by)
        if is_selecting:
            self._anchor = before if self._anchor is None else self._anchor
            first, last = sorted((self._anchor, self._cursor))
            row = self._rows[last]
            self.screen.selections = {self: Selection(Offset(0, first), Offset(row.end - row.start, last))}
        elif self._anchor is not None:
            self._anchor = None
            self.screen.clear_selection()

    def action_page(self, pages: int) -> None:
        """Move the cursor by as many rows as are seen."""
        self.action_move(pages * max(1, self.scrollable_content_region.height - 1))

    def action_end(self, way: int) -> None:
        """Go to the first row or to the last one."""
        self.action_move(way * len(self._rows))

    def _put_cursor(self, row: int) -> None:
        self._cursor = max(0, min(row, len(self._rows) - 1))
        height, top = self.scrollable_content_region.height, self.scroll_offset.y
        if self._cursor < top:
            self.scroll_to(y=self._cursor, animate=False, immediate=True)
        elif self._cursor >= top + height:
            self.scroll_to(y=self._cursor - height + 1, animate=False, immediate=True)
        self.refresh()

    def on_focus(self) -> None:
        """Show the cursor, in what is seen."""
        top = self.scroll_offset.y
        height = max(1, self.scrollable_content_region.height)
        self._cursor = max(0, min(max(top, min(self._cursor, top + height - 1)), len(self._rows) - 1))
        self.refresh()

    def on_blur(self) -> None:
        """Hide the cursor."""
        self.refresh()

    def on_click(self, event: events.Click) -> None:
        """Put the cursor on the line that was clicked."""
        row = event.y + self.scroll_offset.y
        if row < len(self._rows):
            self._cursor = row
            self.refresh()
            line = self._rows[row].line
            self.post_message(self.Clicked(self, line, event.x - self._gutter_of(line)))

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
        if self._current < 0 or not self._rows:
            return
        match = self._matches[self._current]
        row = bisect_right(self._rows, (match.line, match.start), key=lambda row: (row.line, row.start)) - 1
        height = self.scrollable_content_region.height
        if not self.scroll_offset.y <= row < self.scroll_offset.y + height:
            self.scroll_to(y=max(0, row - height // 3), animate=False, immediate=True)
        self._cursor = row
        if not self._wraps:
            before = cell_len(self._lines[match.line].plain[: match.start])
            width = self.scrollable_content_region.width - self._gutter_of(match.line)
            if not self.scroll_offset.x <= before < self.scroll_offset.x + width:
                self.scroll_to(x=max(0, before - width // 3), animate=False, immediate=True)

    # -- painting ----------------------------------------------------------------------------------------

    def render_line(self, y: int) -> Strip:
        """One line of what is seen."""
        number, region = self.scroll_offset.y + y, self.scrollable_content_region
        if number >= len(self._rows):
            return Strip.blank(region.width, self.rich_style)
        row = self._rows[number]
        gutter = self._gutter_of(row.line)
        width = region.width - gutter
        content = self._content(row)
        if (selection := self.text_selection) and (span := selection.get_span(number)):
            content = content.stylize("reverse", span[0], None if span[1] == -1 else span[1])
        first = 0
        if not self._wraps:
            first, pad = _cut(content.plain, self.scroll_offset.x)
            content = Content(" " * pad) + content[first : first + width]
        is_cursor = number == self._cursor and self.has_focus
        if is_cursor:
            content = content.pad_right(max(0, width - content.cell_length)).stylize_before(
                "on $cursor-blurred"
            )
        strips = Visual.to_strips(self, content, width, 1, self.visual_style, apply_selection=False, pad=True)
        strip = strips[0].apply_offsets(first, number) if strips else Strip.blank(width, self.rich_style)
        if not gutter:
            return strip
        shown = self._numbers[row.line] if not row.start else ""
        style = "bold $text-primary" if is_cursor else "$muted"
        numbered = Content.styled(f"{shown:>{gutter - 1}} ", style)
        return Strip.join([Visual.to_strips(self, numbered, gutter, 1, self.visual_style)[0], strip])

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
        """The text that is selected; a line that was folded is one line."""
        found: list[str] = []
        for number, row in enumerate(self._rows):
            if (span := selection.get_span(number)) is None:
                continue
            text = self._lines[row.line].plain[row.start : row.end]
            part = text[span[0] : None if span[1] == -1 else span[1]]
            if found and row.start:
                found[-1] += part
            else:
                found.append(part)
        return "\n".join(found), "\n"

    def selection_updated(self, selection: Selection | None) -> None:
        """Paint the selection."""
        if selection is None:
            self._anchor = None
        self.refresh()


def _rows(number: int, line: Content, width: int, *, between_words: bool = False) -> list[_Span]:
    """The rows that a line takes."""
    text = line.plain
    is_plain = text.isascii() and not between_words
    starts = range(0, max(len(text), 1), width) if is_plain else _starts(text, width, between_words)
    return [_Span(number, start, end) for start, end in zip(starts, [*starts[1:], len(text)], strict=True)]


def _starts(text: str, width: int, between_words: bool) -> list[int]:
    """Where rows of a text begin that may hold characters of no width, or of two cells."""
    starts, used = [0], 0
    for index, char in enumerate(text):
        cells = get_character_cell_size(char)
        if used + cells > width and index > starts[-1]:
            word = text.rfind(" ", starts[-1], index) + 1 if between_words else 0
            starts.append(word if word > starts[-1] else index)
            used = cell_len(text[starts[-1] : index])
        used += cells
    return starts


def _cut(text: str, x: int) -> tuple[int, int]:
    """The first character that stands wholly at or after a cell, and how many cells after it."""
    if text.isascii():
        return x, 0
    used = 0
    for index, char in enumerate(text):
        if used >= x:
            return index, used - x
        used += get_character_cell_size(char)
    return len(text), 0
