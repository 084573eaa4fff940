"""The request log: every exchange with the server the moment it happens."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, ClassVar, Final

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.widgets import Input

from ampsandbox.errors import UsageError
from ampsandbox.tui.actions import bindings
from ampsandbox.tui.logfilter import Test, parse_filter
from ampsandbox.tui.plain import plain
from ampsandbox.tui.widgets.panel import Panel
from ampsandbox.tui.widgets.rows import Cell, Column, Rows

if TYPE_CHECKING:
    from ampsandbox.tui.views import LogRow, Snapshot

LOG_LIMIT: Final = 1_000
"""Rows that the panel holds; older ones stay in the journal and in exports of the server's ring."""

_WIDE = (
    Column("time", 9),
    Column("", 6),
    Column("endpoint", least=14),
    Column("group", 10),
    Column("result", 6),
    Column("ms", 6, right=True),
)
_NARROW = (Column("time", 9), Column("endpoint", least=12), Column("result", 6), Column("ms", 6, right=True))


class LogRows(Rows["LogRow"]):
    """The log's lines. Moving by hand stops following."""

    def _move_to(self, index: int) -> None:
        self.follow = index >= len(self.items) - 1 and self.follow
        super()._move_to(index)


class LogPanel(Panel):
    """The newest exchanges, newest last."""

    TITLE = "Log"
    HELP = (
        "Every request that reaches the server, from this form, from curl or from your app, the moment "
        "it arrives. "
        "The list follows the newest one until you move; F follows again. Enter shows the request, the "
        "answer and "
        "the CRM requests it led to."
    )
    BINDINGS: ClassVar[list[BindingType]] = [*bindings("log")]

    def __init__(self) -> None:
        super().__init__(id="log")
        self.entries: deque[LogRow] = deque(maxlen=LOG_LIMIT)
        self.marked: set[int] = set()
        self.test: Test = parse_filter("")

    def compose(self) -> ComposeResult:
        """The filter line, hidden until it is wanted, and the list of exchanges."""
        yield Input(
            placeholder="filter: words, status:4xx, group:acme, -endpoint:create, ms:>100",
            compact=True,
            id="log-filter",
        )
        yield LogRows(
            _WIDE, lambda row: str(row.seq), self._cells, id="log-rows", follow=True,
            empty="No requests yet. Press ctrl+j to send the write in the form,\nor call the "
            "endpoint from your app: it shows up here.",
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
        shown = [row for row in self.entries if self.test(row)]
        self.rows.show(shown)
        self._remark(len(shown))

    def _remark(self, shown: int) -> None:
        parts = [] if self.rows.follow or not self.entries else ["paused · F follows"]
        if self.query_one("#log-filter", Input).value:
            parts.insert(0, f"{shown:,} of {len(self.entries):,}")
        self.remark(" · ".join(parts))

    def on_resize(self) -> None:
        """Show fewer columns where there is no room."""
        self.rows.set_columns(_WIDE if self.size.width >= 56 else _NARROW)

    def on_rows_moved(self) -> None:
        """Say that following has stopped."""
        self._remark(len(self.rows.items))

    def on_rows_opened(self, event: Rows.Opened) -> None:
        """Show an exchange in full."""
        event.stop()
        self.ui.with_exchange(event.item.seq, "show_exchange")

    # -- filter ----------------------------------------------------------------------------------------------

    def on_mount(self) -> None:
        """Take up the remembered filter."""
        line = self.query_one("#log-filter", Input)
        line.value = self.ui.memory.log_filter
        line.display = bool(line.value)

    def on_input_changed(self, event: Input.Changed) -> None:
        """Filter while typing; keep the last filter while the words are not one."""
        event.stop()
        try:
            self.test = parse_filter(event.value, self.marked)
        except UsageError as error:
            self.border_subtitle = plain(f"✗ {error.message}", "$text-error", 80)
            return
        self.border_subtitle = ""
        self.ui.memory.log_filter = event.value
        self.refresh_rows()

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Go to the list; an empty filter goes away."""
        event.stop()
        event.input.display = bool(event.value)
        self.rows.focus()

    def action_filter(self) -> None:
        """Open the filter line."""
        line = self.query_one("#log-filter", Input)
        line.display = True
        line.focus()

    def key_escape(self) -> None:
        """Take the filter away."""
        line = self.query_one("#log-filter", Input)
        if line.display:
            line.value = ""
            line.display = False
            self.rows.focus()

    # -- actions ---------------------------------------------------------------------------------------------

    def action_copy(self) -> None:
        """Copy the request under the cursor in another language."""
        self._with_selected("copy_exchange")

    def action_replay(self) -> None:
        """Send the request under the cursor again."""
        self._with_selected("replay")

    def action_edit(self) -> None:
        """Put the request under the cursor into the form."""
        self._with_selected("edit_exchange")

    def _with_selected(self, then: str) -> None:
        if self.rows.selected is None:
            self.ui.tell("The log is empty.")
        else:
            self.ui.with_exchange(self.rows.selected.seq, then)

    def action_mark(self) -> None:
        """Mark the request under the cursor, or take the mark away."""
        if self.rows.selected is not None:
            self.marked ^= {self.rows.selected.seq}
            self.rows.show(self.rows.items, force=True)

    def action_export(self) -> None:
        """Write the shown requests to a file."""
        numbers = [row.seq for row in self.rows.items]
        if not numbers:
            self.ui.tell("The log is empty.")
            return
        about = f"{len(numbers):,} requests. The ending decides: .har for browsers, .jsonl for scripts."
        self.ui.ask(
            "Export to which file?",
            about,
            lambda path: self.ui.command(self.ui.export_exchanges(numbers, path)),
            value="requests.har",
        )

    def action_clear(self) -> None:
        """Forget the requests so far."""
        about = f"{len(self.entries):,} requests are forgotten. Operations and records stay."
        self.ui.confirm(
            "Clear the log?",
            about,
            lambda: self.ui.command(self.ui.backend.clear_log(), "Log cleared", self._forget),
        )

    def _forget(self) -> None:
        self.entries.clear()
        self.marked.clear()
        self.refresh_rows()

    def action_follow(self) -> None:
        """Follow the newest exchange again, or stop."""
        self.rows.follow = not self.rows.follow
        self.refresh_rows()

    def _cells(self, row: LogRow) -> list[Cell]:
        time: Cell = (f"{row.at:%H:%M:%S}", "muted")
        if row.seq in self.marked:
            time = (f"★{row.at:%H:%M:%S}", "warn")
        name: Cell = row.endpoint or row.path
        millis: Cell = (f"{row.elapsed_ms:,.0f}", "muted")
        if len(self.rows.columns) == len(_NARROW):
            return [time, name, result(row), millis]
        return [time, (row.method, "muted"), name, (row.group, "muted"), result(row), millis]


def result(row: LogRow) -> tuple[str, str]:
    """The status with a sign, so that colour is not needed to tell good from bad."""
    if row.status is None:
        return ("? none", "warn")
    if row.status < 300:
        return (f"{'◷' if row.status == 202 else '✓'} {row.status}", "good")
    return (f"✗ {row.status}", "bad")
