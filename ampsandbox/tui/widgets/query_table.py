"""The rows that a query found: searched, sorted and paged where they are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from ampsandbox.tui.text.query_rows import cell_text
from ampsandbox.tui.text.sanitize import as_text
from ampsandbox.tui.widgets.record_columns import column_width, is_numeric
from ampsandbox.tui.widgets.rows import Cell, Column, Rows

Row = tuple[int, Mapping[str, Any]]
PAGE: Final = 1_000

_NOTHING_RAN: Final = "No query ran yet. Its rows will stand here."


class QueryTable(Rows[Row]):
    """Rows with their number. At most a thousand are shown at once; moving on at the end shows the others."""

    def __init__(self) -> None:
        super().__init__(
            [Column("")],
            lambda row: str(row[0]),
            self._row_cells,
            id="query-rows",
            empty=_NOTHING_RAN,
            pinned=1,
        )
        self.names: list[str] = []
        self.all: list[Row] = []
        self.found: list[Row] = []
        self._wanted = ""
        self._sort = ""
        self._descending = False
        self._start = 0

    def take(self, rows: Sequence[Mapping[str, Any]], names: Sequence[str]) -> None:
        """Show what a query found."""
        self.names, self._wanted, self._sort, self._descending = list(names), "", "", False
        self.all = list(enumerate(rows))
        self.say_when_empty("The query found no rows.")
        self._arrange()

    def search(self, text: str) -> None:
        """Show only the rows that hold a text."""
        self._wanted = text.lower()
        if self.all:
            self.say_when_empty("No row holds these words." if text else "")
        self._arrange()

    def sort_by(self, name: str) -> None:
        """Sort by a column; by the same one again the other way round."""
        self._descending = name == self._sort and not self._descending
        self._sort = name
        self._arrange()

    def turn(self, by: int) -> None:
        """Show the next rows, or those before."""
        start = self._start + by * PAGE
        if 0 <= start < len(self.found):
            self._start = start
            self.show(self.found[start : start + PAGE], force=True)
            self.action_go(0 if by > 0 else -1)

    def on_rows_past_end(self, event: Rows.PastEnd) -> None:
        """Go on with the rows that follow."""
        event.stop()
        self.turn(event.by)

    def _arrange(self) -> None:
        self.found = [row for row in self.all if self._holds(row)] if self._wanted else self.all
        if self._sort:
            empty = [row for row in self.found if row[1].get(self._sort) in (None, "")]
            valued = [row for row in self.found if row[1].get(self._sort) not in (None, "")]
            self.found = [*sorted(valued, key=self._key, reverse=self._descending), *empty]
        arrow = " ↓" if self._descending else " ↑"
        titles = {name: name + (arrow if name == self._sort else "") for name in self.names}
        shown = [row for _, row in self.found[:100]]
        self.set_columns(
            [
                Column(
                    titles[name],
                    column_width(titles[name], name, shown),
                    is_numeric(name, shown),
                    is_flexible=True,
                )
                for name in self.names
            ]
            or [Column("")]
        )
        self._start = 0
        self.show(self.found[:PAGE], force=True)
        self.action_go(0)

    def _holds(self, row: Row) -> bool:
        return any(self._wanted in as_text(value).lower() for value in row[1].values())

    def _key(self, row: Row) -> tuple[bool, float, str]:
        value = row[1].get(self._sort)
        if isinstance(value, int | float):
            return (False, float(value), "")
        return (True, 0.0, as_text(value).lower())

    def _row_cells(self, row: Row) -> list[Cell]:
        return [as_text(cell_text(row[1].get(name))) for name in self.names]
