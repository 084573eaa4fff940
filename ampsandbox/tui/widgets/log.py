"""The request log: every exchange with the server the moment it happens."""

from __future__ import annotations

from collections import deque
from typing import ClassVar, Final

from textual.app import ComposeResult
from textual.binding import BindingType

from ampsandbox.tui.actions import bindings
from ampsandbox.tui.views import LogRow, Snapshot
from ampsandbox.tui.widgets.panel import Panel
from ampsandbox.tui.widgets.rows import Cell, Column, Rows

LOG_LIMIT: Final = 1_000
"""Rows that the panel holds; older ones stay in the journal and in exports of the server's ring."""

_WIDE = (
    Column("time", 8),
    Column("", 6),
    Column("endpoint", least=14),
    Column("group", 10),
    Column("result", 6),
    Column("ms", 6, right=True),
)
_NARROW = (Column("time", 8), Column("endpoint", least=12), Column("result", 6), Column("ms", 6, right=True))


class LogRows(Rows[LogRow]):
    """The log's lines. Moving by hand stops following."""

    def _move_to(self, index: int) -> None:
        self.follow = index >= len(self.items) - 1 and self.follow
        super()._move_to(index)


class LogPanel(Panel):
    """The newest exchanges, newest last."""

    TITLE = "Log"
    HELP = (
        "Every request that reaches the server, from this form, from curl or from your app, the moment it arrives. "
        "The list follows the newest one until you move; F follows again. Enter shows the request, the answer and "
        "the CRM requests it led to."
    )
    BINDINGS: ClassVar[list[BindingType]] = [*bindings("log")]

    def __init__(self) -> None:
        super().__init__(id="log")
        self.entries: deque[LogRow] = deque(maxlen=LOG_LIMIT)

    def compose(self) -> ComposeResult:
        """One list of exchanges."""
        yield LogRows(
            _WIDE, lambda row: str(row.seq), self._cells, id="log-rows", follow=True,
            empty="No requests yet. Press ctrl+j to send the write in the form,\nor call the endpoint from your app: it shows up here.",
        )  # fmt: skip

    @property
    def rows(self) -> LogRows:
        """The list inside."""
        return self.query_one(LogRows)

    def show(self, snapshot: Snapshot) -> None:
        """Add what is new."""
        cleared = snapshot.log_cleared
        while self.entries and self.entries[0].seq <= cleared:
            self.entries.popleft()
        self.entries.extend(snapshot.log)
        self.refresh_rows()

    def refresh_rows(self) -> None:
        """Show the entries that pass the filter."""
        self.rows.show(list(self.entries))
        self.remark("" if self.rows.follow or not self.entries else "paused · F follows")

    def on_resize(self) -> None:
        """Show fewer columns where there is no room."""
        self.rows.set_columns(_WIDE if self.size.width >= 56 else _NARROW)

    def on_rows_moved(self) -> None:
        """Say that following has stopped."""
        self.remark("" if self.rows.follow else "paused · F follows")

    def action_follow(self) -> None:
        """Follow the newest exchange again, or stop."""
        self.rows.follow = not self.rows.follow
        self.refresh_rows()

    def _cells(self, row: LogRow) -> list[Cell]:
        time: Cell = (f"{row.at:%H:%M:%S}", "muted")
        name: Cell = row.endpoint or row.path
        millis: Cell = (f"{row.elapsed_ms:,.0f}", "muted")
        if len(self.rows.columns) == len(_NARROW):
            return [time, name, result(row), millis]
        return [time, (row.method, "muted"), name, (row.group, "muted"), result(row), millis]


def result(row: LogRow) -> Cell:
    """The status with a sign, so that colour is not needed to tell good from bad."""
    if row.status is None:
        return ("? none", "warn")
    if row.status < 300:
        return (f"{'◷' if row.status == 202 else '✓'} {row.status}", "good")
    return (f"✗ {row.status}", "bad")
