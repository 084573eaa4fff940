"""What of the request log is shown: the rows that pass the filter, a thousand at a time.

While the newest row is followed, the window ends with it. Once the user moves, the window stands still: new
rows only go on below until it is full, and sliding it keeps what it shows.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from itertools import islice
from typing import TYPE_CHECKING, Final

from ampsandbox.tui.text.log_filter import Test, parse_filter

if TYPE_CHECKING:
    from ampsandbox.tui.backend.views import LogRow

KEPT: Final = 5_000
"""Rows that are kept, as many as the server keeps whole requests of."""

WINDOW: Final = 1_000
"""Rows that the list shows at once."""

_STEP: Final = WINDOW // 2


class LogWindow:
    """The kept rows in order of their numbers, those that pass the filter, and the window on these."""

    def __init__(self, kept: int = KEPT) -> None:
        self.entries: list[LogRow] = []
        self.matches: list[LogRow] = []
        self.shown: list[LogRow] = []
        self.is_following = True
        self.has_dropped = False
        """Whether older rows were given up since the log was cleared last."""
        self._kept = kept
        self._older = 0
        self._test: Test = parse_filter("")

    # -- rows --------------------------------------------------------------------------------------------

    def add(self, rows: Iterable[LogRow]) -> None:
        """Take up new rows, forgetting the oldest ones that are too many; those that are there come twice."""
        newest = self.entries[-1].seq if self.entries else 0
        new = [row for row in rows if row.seq > newest]
        self.entries += new
        self.matches += filter(self._test, new)
        if len(self.entries) > self._kept + self._older:
            self.has_dropped = True
            del self.entries[: -self._kept - self._older]
            del self.matches[: _after(self.matches, self.entries[0].seq - 1)]
        self._extend()

    def add_older(self, rows: Sequence[LogRow]) -> None:
        """Put rows before the oldest one; they stay until the newest row is followed again."""
        self._older += len(rows)
        self.entries[:0] = rows
        self.matches[:0] = list(filter(self._test, rows))

    def forget(self, up_to: int) -> None:
        """Forget the rows up to a number."""
        if self.entries and self.entries[0].seq <= up_to:
            self.has_dropped = False
            del self.entries[: _after(self.entries, up_to)]
            self.apply(self._test)

    def apply(self, test: Test, around: int = 0) -> None:
        """Let only the rows through that pass a test; a window that stands still stays around a number."""
        self._test = test
        self.matches = list(filter(test, self.entries))
        middle = _after(self.matches, around)
        end = len(self.matches) if self.is_following else max(middle + _STEP, WINDOW)
        self.shown = self.matches[max(0, min(end, len(self.matches)) - WINDOW) : end]

    # -- the window --------------------------------------------------------------------------------------

    def follow(self, is_following: bool) -> None:
        """Let the window end with the newest row from now on, or stand still."""
        self.is_following = is_following
        if is_following:
            self._older = 0
        self._extend()

    def go(self, *, to_first: bool) -> None:
        """Put the window on the first rows, or on the newest ones."""
        self.shown = self.matches[:WINDOW] if to_first else self.matches[-WINDOW:]

    def _extend(self) -> None:
        if self.is_following or not self.shown:
            self.shown = self.matches[-WINDOW:]
        elif len(self.shown) < WINDOW:
            self.shown = [*self.shown, *self._below(WINDOW - len(self.shown))]

    def slide(self, by: int) -> int:
        """Move the window up (-1) or down (1) by half of it, where there are rows.

        Returns:
            By how many lines what stays in it moves: down when rows were put before it, up when they left.
        """
        if not self.shown:
            return 0
        if by < 0:
            end = _after(self.matches, self.shown[0].seq - 1)
            more = self.matches[max(0, end - _STEP) : end]
            self.shown = [*more, *self.shown][:WINDOW]
            return len(more)
        more = self._below(_STEP)
        gone = max(0, len(self.shown) + len(more) - WINDOW)
        self.shown = [*self.shown, *more][gone:]
        return -gone

    def _below(self, limit: int) -> list[LogRow]:
        start = _after(self.matches, self.shown[-1].seq)
        return list(islice(self.matches, start, start + limit))

    def place(self, seq: int) -> tuple[int, int]:
        """The place of a row among those that pass the filter, counted from 1, and how many these are.

        The place is 0 where it is not among them.
        """
        index = _after(self.matches, seq)
        is_there = index > 0 and self.matches[index - 1].seq == seq
        return index if is_there else 0, len(self.matches)

    def neighbour(self, seq: int, by: int) -> LogRow | None:
        """The row after (1) or before (-1) a number, of those that pass the filter."""
        index = _after(self.matches, seq) if by > 0 else _after(self.matches, seq - 1) - 1
        return self.matches[index] if 0 <= index < len(self.matches) else None

    def newer_than(self, seq: int) -> int:
        """How many rows that pass the filter came after a number."""
        return len(self.matches) - _after(self.matches, seq)


def _after(rows: list[LogRow], seq: int) -> int:
    """The index of the first row numbered above `seq`."""
    return bisect_right(rows, seq, key=lambda row: row.seq)
