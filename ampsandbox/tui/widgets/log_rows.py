"""The lines of the request log."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import TYPE_CHECKING, Final

from textual.message import Message

from ampsandbox.tui.text.truncate import fit_ends
from ampsandbox.tui.widgets.rows import Cell, Column, Rows

if TYPE_CHECKING:
    from ampsandbox.tui.backend.views import LogRow, WriteOutcome

_COLUMNS = (
    Column("time", 9),
    Column("", 4, rank=2),
    Column("endpoint", least=12, is_flexible=True, preferred=22, cut=fit_ends),
    Column("group", rank=1),
    Column("result", 6),
    Column("outcome", rank=3),
    Column("size", 5, right=True, rank=4),
    Column("ms", 5, right=True),
)
_STATES: Final[Mapping[str, Cell]] = {
    "queued": ("◷ waiting", "muted"),
    "sending": ("… sending", "muted"),
    "failed": ("✗ failed", "bad"),
    "in_doubt": ("? in doubt", "warn"),
    "dropped": ("– dropped", "muted"),
}

NO_REQUESTS = (
    "No requests since the start. Press {send-write} to send the write in the form, "
    "or call the endpoint from your app: it shows up here."
)
"""What stands in an empty log."""


class LogRows(Rows["LogRow"]):
    """The log's lines. Moving by hand, with keys, wheel or scrollbar, stops following.

    Args:
        marked: The numbers of the rows that are marked; read when they are painted.
        outcomes: What became of writes so far, by the ids of their operations; read like the marks.
        end: Gives the first rows of the whole log (True) or the newest ones.
    """

    class Scrolled(Message):
        """The list was scrolled."""

    def _move_to(self, index: int) -> None:
        self.follow = index >= len(self.items) - 1 and self.follow
        super()._move_to(index)

    def action_go(self, index: int) -> None:
        """Go to the first or the newest row of the whole log."""
        self.follow = False
        self.show(self._end(index == 0))
        super().action_go(index)

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        """Let what was scrolled away from the newest row stay."""
        super().watch_scroll_y(old_value, new_value)
        is_up = new_value < old_value and new_value < self.max_scroll_y
        if is_up and self.items and not self.scrolls_itself:
            self.follow = False
        self.post_message(self.Scrolled())

    @property
    def bottom(self) -> LogRow | None:
        """The last row that is seen."""
        end = int(self.scroll_offset.y) + self._lines
        return self.items[min(end, len(self.items)) - 1] if self.items else None

    def __init__(
        self,
        marked: Collection[int],
        outcomes: Mapping[str, WriteOutcome],
        end: Callable[[bool], Sequence[LogRow]],
    ) -> None:
        super().__init__(
            _COLUMNS, lambda row: str(row.seq), self._cells, id="log-rows", follow=True,
        )  # fmt: skip
        self._marked = marked
        self._outcomes = outcomes
        self._end = end

    def _cells(self, row: LogRow) -> list[Cell]:
        time: Cell = (f"{row.at:%H:%M:%S}", "muted")
        if row.seq in self._marked:
            time = (f"★{row.at:%H:%M:%S}", "warn")
        name: Cell = row.endpoint or row.path
        millis: Cell = (f"{row.elapsed_ms:,.{1 if row.elapsed_ms < 10 else 0}f}", "muted")
        size: Cell = (_size(row.size), "muted")
        outcome = _outcome(self._outcomes.get(row.operation_id))
        return [time, (row.method, "muted"), name, (row.group, "muted"), result(row), outcome, size, millis]

    @property
    def seen(self) -> Sequence[LogRow]:
        """The rows that are on the screen."""
        top = int(self.scroll_offset.y)
        return self.items[top : top + self._lines]


def _size(count: int) -> str:
    if count < 10_000:
        return f"{count:,}"
    return f"{count / 1_000:,.0f}k" if count < 10_000_000 else f"{count / 1_000_000:,.0f}M"


def _outcome(outcome: WriteOutcome | None) -> Cell:
    """The record that a write is in, or why it is in none yet."""
    if outcome is None:
        return ""
    return _STATES.get(outcome.state) or (f"✓ {outcome.record_id}", "good")


def result(row: LogRow) -> tuple[str, str]:
    """The status with a sign, so that colour is not needed to tell good from bad."""
    if row.status is None:
        return ("? none", "warn")
    if row.status < 300:
        return (f"{'◷' if row.status == 202 else '✓'} {row.status}", "good")
    return (f"✗ {row.status}", "bad")
