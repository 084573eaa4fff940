"""A list of rows that costs what is visible, not what it holds.

Every cell goes through `plain.line`, and the cursor stays on its item, and the item on its line of the
screen, whatever is added, removed or reordered around it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Generic

from textual import events
from textual.binding import Binding, BindingType
from textual.geometry import Region
from textual.message import Message

from ampsandbox.tui.widgets.columns import Cell, Column, starts
from ampsandbox.tui.widgets.row_view import Item, RowView

__all__ = ["Cell", "Column", "Rows"]


class Rows(RowView[Item], Generic[Item]):
    """A scrollable list with a cursor. Enter or a double click opens the row under it."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up,k", "move(-1)", "Up", show=False),
        Binding("down,j", "move(1)", "Down", show=False),
        Binding("pageup", "page(-1)", "Page up", show=False),
        Binding("pagedown", "page(1)", "Page down", show=False),
        Binding("home,g", "go(0)", "First", show=False),
        Binding("end,G", "go(-1)", "Last", show=False),
        Binding("left,h", "sideways(-1)", "Left", show=False),
        Binding("right,l", "sideways(1)", "Right", show=False),
        Binding("enter", "open", "Open", show=False),
    ]

    @dataclass
    class About(Message):
        """Something happened in a list."""

        rows: Rows[Any]

        @property
        def control(self) -> Rows[Any]:
            """The list."""
            return self.rows

    @dataclass
    class Opened(About):
        """The user opened a row."""

        item: Any

    @dataclass
    class Moved(About):
        """The user moved the cursor to a row."""

        item: Any

    @dataclass
    class HeaderPicked(About):
        """The user clicked on the title of a column, given by its index."""

        column: int

    @dataclass
    class PastEnd(About):
        """The user wants to go on behind the last row (`by` 1), or before the first one (-1)."""

        by: int

    scrolls_itself = False
    """Whether the list is scrolled by itself now, and not by the user."""

    # -- content ---------------------------------------------------------------------------------------

    def show(self, items: Sequence[Item], *, force: bool = False) -> None:
        """Show these items; the cursor stays on the item it was on, or follows the last one."""
        selected, before = self.selected_key, self.cursor
        self.items = items
        if not items:
            self._asked = [0] * len(self.columns)
        self._measure()
        if self.follow:
            self._follow_last()
        else:
            self.set_reactive(Rows.cursor, self._index_of(selected))
            self._keep_lines(self.cursor - before)
        self._paint_changes(force=force)

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
        self._scroll_down_to(len(self.items) + self.header - self.size.height)

    def _keep_lines(self, moved: int) -> None:
        """Scroll along with the cursor's item. At the top the newest stay in sight while the cursor does."""
        top = self.scroll_offset.y
        wanted = top + moved if top else max(0, self.cursor + 1 - self._lines)
        if moved and wanted != top:
            self._scroll_down_to(wanted)

    def _scroll_down_to(self, y: int) -> None:
        self.scrolls_itself = True
        self.scroll_to(y=max(0, y), animate=False, immediate=True)
        self.scrolls_itself = False

    # -- moving ----------------------------------------------------------------------------------------

    def action_move(self, by: int) -> None:
        """Move the cursor by a number of rows."""
        self._move_on(by, by)

    def action_page(self, pages: int) -> None:
        """Move the cursor by a number of screens."""
        self._move_on(pages, pages * max(1, self.size.height - 2))

    def _move_on(self, direction: int, by: int) -> None:
        if self.items and self.cursor == (len(self.items) - 1 if direction > 0 else 0):
            self.post_message(self.PastEnd(self, direction))
        self._move_to(self.cursor + by)

    def action_go(self, index: int) -> None:
        """Move the cursor to a row; -1 is the last."""
        self._move_to(len(self.items) - 1 if index < 0 else index)

    def action_sideways(self, by: int) -> None:
        """Scroll to the next or the previous column."""
        pinned, x = self._pinned_width, self.scroll_offset.x
        places = sorted({max(0, start - pinned) for start in starts(self._widths)})
        ahead = [place for place in places if (place > x if by > 0 else place < x)]
        if ahead:
            self.scroll_to(x=ahead[0 if by > 0 else -1], animate=False, immediate=True)

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
        if offset is None or not self.items:
            return
        if offset.y < self.header:
            self.post_message(self.HeaderPicked(self, self.column_at(offset.x)))
            return
        index = offset.y - self.header + self.scroll_offset.y
        if index >= len(self.items):
            return
        was_there = index == self.cursor and event.chain > 1
        self._move_to(index)
        if was_there:
            self.action_open()

    def on_resize(self) -> None:
        """Lay the columns out in the new room."""
        self._lay_out(self._seen_cells())
        if self.follow:
            self._follow_last()
