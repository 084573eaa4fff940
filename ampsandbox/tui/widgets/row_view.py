"""How a list of rows is painted: only the lines that are seen, and only when something on them changed."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from textwrap import wrap
from typing import ClassVar, Generic, TypeVar

from rich.cells import cell_len, set_cell_size
from rich.segment import Segment
from rich.style import Style
from textual.geometry import Region, Size
from textual.reactive import reactive
from textual.scroll_view import ScrollView
from textual.strip import Strip
from textual.widget import Widget

from ampsandbox.tui.text.sanitize import line
from ampsandbox.tui.widgets.columns import TONES, Cell, Column, arrange, fit, starts, total_width

Item = TypeVar("Item")


class RowView(ScrollView, Generic[Item], can_focus=True):
    """Items as lines under a header. Cells are made from an item when its line is painted.

    Args:
        columns: What the header says, and the widths.
        key: Tells items apart.
        cells: The texts of an item, one for each column; the last of fewer takes the room of the others.
            Columns grow with what is seen in them, and never shrink while the list is about the same.
        empty: What stands there when there is no item.
        follow: Whether the cursor stays on the last item.
        header: Whether there is a header.
        pinned: How many columns on the left stay when the others are scrolled sideways.
    """

    DEFAULT_CSS = """
    RowView {
        height: 1fr; background: transparent; scrollbar-gutter: stable;
        scrollbar-size-vertical: 1; scrollbar-size-horizontal: 1;
        .rows--header { color: $muted; text-style: bold; }
        .rows--cursor { background: $cursor-blurred; }
        .rows--muted { color: $muted; }
        .rows--good { color: $text-success; }
        .rows--bad { color: $text-error; }
        .rows--warn { color: $text-warning; }
        .rows--accent { color: $text-primary; }
        .rows--strong { text-style: bold; }
        .rows--changed { color: $text-warning; text-style: bold underline; }
        &:focus .rows--cursor { background: $cursor; }
        &:nocolor .rows--cursor { text-style: underline; }
        &:nocolor:focus .rows--cursor { text-style: reverse; }
    }
    """
    COMPONENT_CLASSES: ClassVar[set[str]] = {"rows--header", "rows--cursor"} | {
        f"rows--{tone}" for tone in TONES
    }
    ALLOW_SELECT = False

    cursor: reactive[int] = reactive(0, repaint=False)
    """The index of the row under the cursor; 0 in an empty list."""

    def __init__(
        self,
        columns: Sequence[Column],
        key: Callable[[Item], str],
        cells: Callable[[Item], Sequence[Cell]],
        *,
        empty: str = "",
        follow: bool = False,
        header: bool = True,
        pinned: int = 0,
        id: str | None = None,  # noqa: A002
        classes: str | None = None,
    ) -> None:
        super().__init__(id=id, classes=classes)
        self.columns = list(columns)
        self.key = key
        self.cells = cells
        self.empty = empty
        self.follow = follow
        self.header = header
        self.pinned = pinned
        self.items: Sequence[Item] = ()
        self._painted: object = None
        self._asked = [0] * len(self.columns)
        self._widths = arrange(self.columns, self._asked, 0)

    def set_columns(self, columns: Sequence[Column]) -> None:
        """Use other columns for the same kind of item."""
        self.columns = list(columns)
        self._asked = [0] * len(self.columns)
        self._painted = None
        self._lay_out(self._seen_cells())
        self.refresh()

    def say_when_empty(self, words: str) -> None:
        """Change what stands there when there is no item."""
        if words != self.empty:
            self.empty = words
            self.refresh()

    def notify_style_update(self) -> None:
        """Paint again when the theme changes."""
        super().notify_style_update()
        self._painted = None

    # -- measures --------------------------------------------------------------------------------------

    def _measure(self) -> None:
        size = Size(total_width(self._widths), len(self.items) + self.header)
        if self.virtual_size == size:
            return
        if self.styles.auto_dimensions:
            self.virtual_size = size
        else:  # Its place is given: to lay the whole screen out for each new row takes tens of milliseconds.
            self.set_reactive(RowView.virtual_size, size)
            self._scroll_update(size)
            self.refresh()

    def _lay_out(self, seen: Sequence[Sequence[Cell]]) -> None:
        """Give the columns the room there is, by what is seen in them."""
        self._learn_widths(seen)
        self._widths = arrange(self.columns, self._asked, self._room)
        self._measure()

    def _seen_cells(self) -> list[Sequence[Cell]]:
        top = int(self.scroll_offset.y)
        return [self.cells(item) for item in self.items[top : top + max(1, self.size.height)]]

    def _learn_widths(self, rows: Iterable[Sequence[Cell]]) -> None:
        """Let the columns grow with these rows; the last cell of a short one asks for nothing."""
        for cells in rows:
            whole = len(cells) if len(cells) == len(self.columns) else len(cells) - 1
            for n, cell in enumerate(cells[:whole]):
                text = cell[0] if isinstance(cell, tuple) else cell
                if len(text) > self._asked[n] or not text.isascii():
                    self._asked[n] = max(self._asked[n], cell_len(line(text)))

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        """Let the columns grow with what comes into sight."""
        super().watch_scroll_y(old_value, new_value)
        if round(old_value) != round(new_value):
            self._lay_out(self._seen_cells())

    @property
    def _room(self) -> int:
        return self.scrollable_content_region.width

    @property
    def _lines(self) -> int:
        """How many items are seen at once."""
        return max(1, self.scrollable_content_region.height - self.header)

    @property
    def _pinned_width(self) -> int:
        widths = self._widths
        return starts(widths)[self.pinned] if 0 < self.pinned < len(widths) else 0

    def column_at(self, x: int) -> int:
        """The column that is painted at this place of a line."""
        widths = self._widths
        at = x if x < self._pinned_width else x + self.scroll_offset.x
        return max((n for n, start in enumerate(starts(widths)) if widths[n] and start <= at), default=0)

    def _arrange_scrollbars(self, region: Region) -> Iterable[tuple[Widget, Region]]:
        """The scrollbars at their places.

        Textual's layout counts the column that is kept free for the other bar among what is seen, where a
        change of what is scrolled does not: how long the bar is would depend on which of them came last.
        """
        yield from super()._arrange_scrollbars(region)
        if self.show_horizontal_scrollbar:
            self.horizontal_scrollbar.window_size = region.width - self.scrollbar_size_vertical

    # -- painting --------------------------------------------------------------------------------------

    def _paint_changes(self, *, force: bool = False) -> None:
        seen = self._seen_cells()
        painted = (self.cursor, len(self.items), seen)
        if force or painted != self._painted:
            self._painted = painted
            self._lay_out(seen)
            self.refresh()

    def render_line(self, y: int) -> Strip:
        """One line of the screen: the header, a row, or the words for an empty list."""
        base = self.rich_style
        if not self.items:
            return self._empty_line(y, base)
        index = self.scroll_offset.y + y - self.header
        if y < self.header:
            style = base + self.get_component_rich_style("rows--header", partial=True)
            return self._strip([column.title for column in self.columns], style)
        if index >= len(self.items):
            return Strip.blank(self._room, base)
        style = base
        if index == self.cursor:
            style = base + self.get_component_rich_style("rows--cursor", partial=True)
        return self._strip(self.cells(self.items[index]), style)

    def _strip(self, cells: Sequence[Cell], style: Style) -> Strip:
        """The cells side by side, scrolled sideways behind the pinned ones."""
        segments: list[Segment] = []
        widths = self._widths
        if len(cells) < len(widths):
            widths = [*widths[: len(cells) - 1], self._room - starts(widths)[len(cells) - 1]]
        for cell, column, width in zip(cells, self.columns, widths, strict=False):
            if width <= 0:
                continue
            text, tone = cell if isinstance(cell, tuple) else (cell, "")
            if segments:
                segments.append(Segment(" ", style))
            shown = line(text)
            if column.cut is not None:
                shown = column.cut(shown, width)
            segments.append(Segment(fit(shown, width, right=column.right), style + self._tone(tone)))
        strip, left, pinned = Strip(segments), self.scroll_offset.x, self._pinned_width
        if left and pinned:
            strip = Strip.join([strip.crop(0, pinned), strip.crop(pinned + left, None)])
            left = 0
        return strip.crop_extend(left, left + self._room, style)

    def _tone(self, tone: str) -> Style:
        return self.get_component_rich_style(f"rows--{tone}", partial=True) if tone else Style.null()

    def _empty_line(self, y: int, base: Style) -> Strip:
        width = self._room
        lines = [part for text in self.empty.split("\n") for part in wrap(text, max(width, 10))]
        if y >= len(lines):
            return Strip.blank(width, base)
        return Strip([Segment(set_cell_size(line(lines[y]), width), base + self._tone("muted"))])
