"""A list of rows that costs what is visible, not what it holds.

Cells are made from an item when its line is painted, every cell goes through `plain.line`, and the cursor
stays on its item whatever is added, removed or reordered around it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from textwrap import wrap
from typing import Any, ClassVar, Final, Generic, TypeVar

from rich.cells import set_cell_size
from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.binding import Binding, BindingType
from textual.geometry import Region, Size
from textual.message import Message
from textual.reactive import reactive
from textual.scroll_view import ScrollView
from textual.strip import Strip

from ampsandbox.tui.plain import line

Item = TypeVar("Item")
Cell = str | tuple[str, str]
"""A text, or a text with one of the tones."""

TONES: Final = ("muted", "good", "bad", "warn", "accent", "strong")


@dataclass(frozen=True, slots=True)
class Column:
    """One column: `width` in cells, 0 for a share of the rest (`least` at least); `right` aligns numbers."""

    title: str
    width: int = 0
    least: int = 8
    right: bool = False


class Rows(ScrollView, Generic[Item], can_focus=True):
    """A scrollable list with a cursor. Enter or a second click opens the row under it."""

    DEFAULT_CSS = """
    Rows {
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
        &:focus .rows--cursor { background: $cursor; }
        &:nocolor .rows--cursor { text-style: underline; }
        &:nocolor:focus .rows--cursor { text-style: reverse; }
    }
    """
    COMPONENT_CLASSES: ClassVar[set[str]] = {"rows--header", "rows--cursor"} | {
        f"rows--{tone}" for tone in TONES
    }
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up,k", "move(-1)", "Up", show=False),
        Binding("down,j", "move(1)", "Down", show=False),
        Binding("pageup", "page(-1)", "Page up", show=False),
        Binding("pagedown", "page(1)", "Page down", show=False),
        Binding("home,g", "go(0)", "First", show=False),
        Binding("end,G", "go(-1)", "Last", show=False),
        Binding("left,h", "scroll_left", "Left", show=False),
        Binding("right,l", "scroll_right", "Right", show=False),
        Binding("enter", "open", "Open", show=False),
    ]
    ALLOW_SELECT = False

    cursor: reactive[int] = reactive(0, repaint=False)
    """The index of the row under the cursor; 0 in an empty list."""

    @dataclass
    class Opened(Message):
        """The user opened a row."""

        rows: Rows[Any]
        item: Any

        @property
        def control(self) -> Rows[Any]:
            """The list that the row is in."""
            return self.rows

    @dataclass
    class Moved(Message):
        """The user moved the cursor to a row."""

        rows: Rows[Any]
        item: Any

        @property
        def control(self) -> Rows[Any]:
            """The list that the row is in."""
            return self.rows

    def __init__(
        self,
        columns: Sequence[Column],
        key: Callable[[Item], str],
        cells: Callable[[Item], Sequence[Cell]],
        *,
        empty: str = "",
        follow: bool = False,
        header: bool = True,
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
        self.items: Sequence[Item] = ()
        self._painted: object = None

    # -- content ---------------------------------------------------------------------------------------

    def show(self, items: Sequence[Item], *, force: bool = False) -> None:
        """Show these items; the cursor stays on the item it was on, or follows the last one."""
        selected = self.selected_key
        self.items = items
        height = len(items) + self.header
        if self.virtual_size.height != height or self.virtual_size.width != self._least_width:
            self.virtual_size = Size(self._least_width, height)
        if self.follow:
            self._follow_last()
        else:
            self.set_reactive(Rows.cursor, self._index_of(selected))
        painted = self._visible_cells()
        if force or painted != self._painted:
            self._painted = painted
            self.refresh()

    def set_columns(self, columns: Sequence[Column]) -> None:
        """Use other columns for the same kind of item."""
        self.columns = list(columns)
        self.virtual_size = Size(self._least_width, len(self.items) + self.header)
        self._painted = None
        self.refresh()

    @property
    def selected(self) -> Item | None:
        """The item under the cursor."""
        return self.items[self.cursor] if 0 <= self.cursor < len(self.items) else None

    @property
    def selected_key(self) -> str | None:
        """The key of the item under the cursor."""
        item = self.selected
        return None if item is None else self.key(item)

    def select(self, key: str) -> bool:
        """Put the cursor on the item with this key; False when it is not in the list."""
        index = self._index_of(key, missing=-1)
        if index < 0:
            return False
        self._move_to(index)
        return True

    def _index_of(self, key: str | None, missing: int | None = None) -> int:
        count = len(self.items)
        nearest = max(0, min(self.cursor, count - 1)) if missing is None else missing
        if key is None or not count:
            return nearest
        if self.cursor < count and self.key(self.items[self.cursor]) == key:
            return self.cursor
        return next((n for n in range(count - 1, -1, -1) if self.key(self.items[n]) == key), nearest)

    def _follow_last(self) -> None:
        self.set_reactive(Rows.cursor, max(0, len(self.items) - 1))
        self.scroll_to(
            y=max(0, len(self.items) + self.header - self.size.height), animate=False, immediate=True
        )

    # -- moving ----------------------------------------------------------------------------------------

    def action_move(self, by: int) -> None:
        """Move the cursor by a number of rows."""
        self._move_to(self.cursor + by)

    def action_page(self, pages: int) -> None:
        """Move the cursor by a number of screens."""
        self._move_to(self.cursor + pages * max(1, self.size.height - 2))

    def action_go(self, index: int) -> None:
        """Move the cursor to a row; -1 is the last."""
        self._move_to(len(self.items) - 1 if index < 0 else index)

    def action_open(self) -> None:
        """Open the row under the cursor."""
        if (item := self.selected) is not None:
            self.post_message(self.Opened(self, item))

    def _move_to(self, index: int) -> None:
        if not self.items:
            return
        self.cursor = max(0, min(index, len(self.items) - 1))
        self.scroll_to_region(
            Region(self.scroll_offset.x, self.cursor, 1, 1 + self.header), animate=False, immediate=True
        )
        self.refresh()
        self.post_message(self.Moved(self, self.items[self.cursor]))

    async def _on_click(self, event: events.Click) -> None:
        offset = event.get_content_offset(self)
        index = -1 if offset is None else offset.y - self.header + self.scroll_offset.y
        if offset is None or offset.y < self.header or not 0 <= index < len(self.items):
            return
        was_there = index == self.cursor and event.chain > 1
        self._move_to(index)
        if was_there:
            self.action_open()

    def on_resize(self) -> None:
        """Give flexible columns their new share."""
        self.virtual_size = Size(self._least_width, len(self.items) + self.header)
        if self.follow:
            self._follow_last()

    def notify_style_update(self) -> None:
        """Paint again when the theme changes."""
        super().notify_style_update()
        self._painted = None

    # -- painting --------------------------------------------------------------------------------------

    @property
    def _room(self) -> int:
        return self.scrollable_content_region.width

    @property
    def _widths(self) -> list[int]:
        gaps = len(self.columns) - 1
        fixed = sum(column.width for column in self.columns)
        flexible = [column for column in self.columns if not column.width]
        left = max(0, self._room - fixed - gaps)
        share = left // len(flexible) if flexible else 0
        widths = [column.width or max(column.least, share) for column in self.columns]
        if flexible and share >= max(column.least for column in flexible):
            last = max(n for n, column in enumerate(self.columns) if not column.width)
            widths[last] += left - share * len(flexible)
        return widths

    @property
    def _least_width(self) -> int:
        """Below this width the columns do not fit, and the list scrolls sideways."""
        return sum(column.width or column.least for column in self.columns) + max(0, len(self.columns) - 1)

    def _visible_cells(self) -> object:
        top = self.scroll_offset.y
        items = self.items[top : top + max(1, self.size.height)]
        return (self.cursor, len(self.items), [self.cells(item) for item in items])

    def render_line(self, y: int) -> Strip:
        """One line of the screen: the header, a row, or the words for an empty list."""
        base = self.rich_style
        width = self._room
        if not self.items:
            return self._empty_line(y, base, width)
        if y < self.header:
            style = base + self.get_component_rich_style("rows--header", partial=True)
            strip = self._strip([column.title for column in self.columns], style)
        else:
            index = self.scroll_offset.y + y - self.header
            if index >= len(self.items):
                return Strip.blank(width, base)
            style = base
            if index == self.cursor:
                style = base + self.get_component_rich_style("rows--cursor", partial=True)
            strip = self._strip(self.cells(self.items[index]), style)
        left = self.scroll_offset.x
        return strip.crop_extend(left, left + width, style)

    def _strip(self, cells: Sequence[Cell], style: Style) -> Strip:
        segments: list[Segment] = []
        widths = self._widths
        if len(cells) < len(widths):  # the last of fewer cells takes the room of those that are missing
            rest = widths[len(cells) - 1 :]
            widths = [*widths[: len(cells) - 1], sum(rest) + len(rest) - 1]
        for cell, column, width in zip(cells, self.columns, widths, strict=False):
            text, tone = cell if isinstance(cell, tuple) else (cell, "")
            tone_style = (
                self.get_component_rich_style(f"rows--{tone}", partial=True) if tone else Style.null()
            )
            if segments:
                segments.append(Segment(" ", style))
            segments.append(Segment(_fit(line(text), width, column.right), style + tone_style))
        return Strip(segments)

    def _empty_line(self, y: int, base: Style, width: int) -> Strip:
        lines = [part for text in self.empty.split("\n") for part in wrap(text, max(width, 10))]
        if y >= len(lines):
            return Strip.blank(width, base)
        style = base + self.get_component_rich_style("rows--muted", partial=True)
        return Strip([Segment(set_cell_size(line(lines[y]), width), style)])


def _fit(text: str, width: int, right: bool) -> str:
    """Exactly `width` cells of the text, with an ellipsis where it was cut."""
    if len(text) <= width and text.isascii():
        return text.rjust(width) if right else text.ljust(width)
    cut = set_cell_size(text, width)
    if cut.rstrip() != text.rstrip() and width > 1:
        return set_cell_size(text, width - 1) + "…"
    if right:
        stripped = cut.rstrip()
        return " " * (len(cut) - len(stripped)) + stripped
    return cut
