"""Looking through the records of one object: those that hold a text, in some order, window by window.

The work comes in steps of a few milliseconds, so that a host can search and sort an org of 100,000 records
on the loop that serves its requests, and let them in between the steps.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, Final, NamedTuple

from mock_crm.core.store import Store
from mock_crm.core.tables import Row

_STEP: Final = 1_000


class Reading(NamedTuple):
    """How the records of one object are read: their table, a row as a flat dict, one value of a row."""

    table: str
    flat: Callable[[Row], dict[str, Any]]
    value: Callable[[Row, str], Any]


class Related(NamedTuple):
    """A record that another one points to, or that points to it. `label` says how."""

    label: str
    object: str
    id: str
    name: str = ""


class Browsing:
    """The records of one object that hold a text, in the order of a field, or newest first.

    Call `steps` to its end before reading windows. Records that come later are not seen; those that go are
    left out of windows.

    Args:
        store: Where the records are.
        reading: How they are read.
        search: What some value has to contain, without regard to case; everything when empty.
        sort: The field to order by; newest first when empty. Records without a value come last.
        descending: Whether the largest value comes first.
        archived: Look into the recycle bin instead.
    """

    def __init__(
        self, store: Store, reading: Reading, search: str = "", sort: str = "", *,
        descending: bool = False, archived: bool = False,
    ) -> None:  # fmt: skip
        self._store = store
        self._reading = reading
        self._wanted = search.lower()
        self._sort = sort
        self._descending = descending or not sort  # the newest ones were inserted last
        self._archived = archived
        self._found: list[int] = []
        self._total = 0

    @property
    def total(self) -> int:
        return self._total

    def steps(self) -> Iterator[None]:
        """Find the records; yields between the steps."""
        if not self._wanted and not self._sort:
            self._total = self._store.count(self._reading.table, archived=self._archived)
            return
        keyed: list[tuple[Any, int]] = []
        without: list[int] = []
        last = next(self._rows("", (), order="seq DESC", limit=1), None)
        for start in range(0, last.seq if last else 0, _STEP):
            found = [(self._key(row), row.seq) for row in self._slice(start) if self._holds(row)]
            keyed += sorted((item for item in found if item[0] is not None), reverse=self._descending)
            without += [seq for key, seq in found if key is None]
            yield
        keyed.sort(reverse=self._descending)  # of sorted runs, which takes a fraction of sorting them
        self._found = [*(seq for _, seq in keyed), *reversed(without)]
        self._total = len(self._found)

    def window(self, offset: int, limit: int) -> list[dict[str, Any]]:
        """Some of the records as flat dicts."""
        if not self._wanted and not self._sort:
            rows = list(self._rows("", (), order="seq DESC", limit=limit, offset=offset))
        else:
            wanted = self._found[offset : offset + limit]
            marks = ", ".join(map(str, wanted))
            by_seq = {row.seq: row for row in self._rows(f"seq IN ({marks})", ())} if wanted else {}
            rows = [by_seq[seq] for seq in wanted if seq in by_seq]
        return [self._reading.flat(row) for row in rows]

    # -- inside ----------------------------------------------------------------------------------------------

    def _rows(self, where: str, parameters: tuple[Any, ...], **more: Any) -> Iterator[Row]:
        return self._store.scan(
            self._reading.table, where=where, parameters=parameters, archived=self._archived, **more
        )

    def _slice(self, start: int) -> Iterator[Row]:
        where, parameters = "seq > ? AND seq <= ?", (start, start + _STEP)
        if self._wanted and self._wanted.isascii() and not set(self._wanted) & set('"\\'):
            # What the text of the whole document lacks, no value of it holds: most rows are never decoded.
            mark = "%" + "".join("\\" + c if c in "%_\\" else c for c in self._wanted) + "%"
            where += " AND (document LIKE ? ESCAPE '\\' OR id LIKE ? ESCAPE '\\')"
            return self._rows(where, (*parameters, mark, mark))
        return self._rows(where, parameters)

    def _holds(self, row: Row) -> bool:
        if not self._wanted or self._wanted in row.id.lower():
            return True
        return any(self._wanted in str(value).lower() for value in row.document.values())

    def _key(self, row: Row) -> tuple[bool, float, str] | None:
        """What orders a row: numbers before texts; None for one without a value."""
        value = self._reading.value(row, self._sort) if self._sort else 0
        if value is None or value == "":
            return None
        if isinstance(value, int | float):
            return (False, float(value), "")
        return (True, 0.0, str(value).lower())
