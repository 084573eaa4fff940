"""The request log: every exchange with the server the moment it happens."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, ClassVar, Final

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.content import Content
from textual.widgets import Input

from ampsandbox.errors import AmpSandboxError, UsageError
from ampsandbox.tui.actions.registry import bindings
from ampsandbox.tui.text.log_filter import parse_filter
from ampsandbox.tui.text.sanitize import plain
from ampsandbox.tui.widgets.log_filter import FilterLine
from ampsandbox.tui.widgets.log_rows import NO_REQUESTS, LogRows
from ampsandbox.tui.widgets.log_window import WINDOW, LogWindow
from ampsandbox.tui.widgets.panel import Panel
from ampsandbox.tui.widgets.rows import Rows

if TYPE_CHECKING:
    from ampsandbox.tui.backend.views import LogRow, Snapshot, WriteOutcome


LOG_KEYS: Final = (
    "enter open · {replay-request} replay · {edit-request} edit · {mark-request} mark · {export-log} export"
)
"""What the border says while the log has the focus, beside what the footer says."""

_OUTCOMES_S: Final = 0.5
_SETTLED: Final = ("succeeded", "dropped")
_NO_MATCH: Final = "No request passes the filter. Press esc to take it away."


class LogPanel(Panel):
    """The newest exchanges, newest last."""

    TITLE = "Log"
    HELP = (
        "Every request to the write endpoints, from this form, from curl or from your app, the moment it "
        "arrives, and every one that missed them or was refused at the door. Calls of the control API, of "
        "/openapi.json, of an operation's state and of the mock CRMs are left out. The list follows the "
        "newest row until you move; F follows again. / filters: words, "
        "method: endpoint: path: group: provider: operation: text: status: ms: and marked; status:4xx, "
        "status:>=400, ms:10-50, a comma for “or”, a minus for “not”, quotes around spaces; → takes what is "
        "offered, esc ends it. “outcome” is the record that a write is in, or where it is by now; “size” are "
        "the bytes of request and answer. Above the first row, older ones are read from disk. Enter shows "
        "the request, the answer and the CRM requests it led to."
    )
    BINDINGS: ClassVar[list[BindingType]] = [*bindings("log")]

    def __init__(self) -> None:
        super().__init__(id="log")
        self.book = LogWindow()
        self.marked: set[int] = set()
        self.outcomes: dict[str, WriteOutcome] = {}
        self._title = Content(self.TITLE)
        self._problem = ""
        self._seen = 0

    def compose(self) -> ComposeResult:
        """The filter line, hidden until it is wanted, and the list of exchanges."""
        yield FilterLine()
        yield LogRows(self.marked, self.outcomes, self._end)

    @property
    def rows(self) -> LogRows:
        """The list inside."""
        return self.query_one(LogRows)

    @property
    def line(self) -> FilterLine:
        """The filter line."""
        return self.query_one(FilterLine)

    def show(self, snapshot: Snapshot) -> None:
        """Add what is new."""
        self.book.forget(snapshot.log_cleared)
        if snapshot.log:
            self.book.add(snapshot.log)
            self.line.terms.learn(snapshot.log[-WINDOW:])
        self.refresh_rows()

    def on_mount(self) -> None:
        """Take up the remembered filter, and follow what becomes of the writes that are seen."""
        self.line.value = self.ui.preferences.log_filter
        self.line.display = bool(self.line.value)
        self.repeat(_OUTCOMES_S, self._ask_for_outcomes)

    async def _ask_for_outcomes(self) -> None:
        """What a write has led to is read for the rows on the screen alone, until it is settled."""
        known = self.outcomes
        ids = {row.operation_id for row in self.rows.seen if row.operation_id}
        ids = {each for each in ids if each not in known or known[each].state not in _SETTLED}
        if not ids:
            return
        try:
            found = await self.ui.backend.log.outcomes(sorted(ids))
        except AmpSandboxError:
            return  # The sandbox stops.
        if any(known.get(key) != outcome for key, outcome in found.items()):
            known.update(found)
            self.rows.show(self.book.shown, force=True)

    def refresh_rows(self) -> None:
        """Show the window on the entries that pass the filter."""
        self.book.follow(self.rows.follow)
        self.rows.say_when_empty(_NO_MATCH if self.book.entries else self.ui.keyed(NO_REQUESTS))
        self.rows.show(self.book.shown)
        self._remark()

    def _remark(self) -> None:
        """Say beside the title how many of how many are shown, and what waits below."""
        book, rows = self.book, self.rows
        if (bottom := rows.bottom) is not None:
            self._seen = max(self._seen, bottom.seq)
        parts: list[Content] = []
        if self._problem:
            parts.append(plain(f"✗ {self._problem}", "$text-error", 120))
        elif self.line.value:
            whole = f"the newest {len(book.entries):,}" if book.has_dropped else f"{len(book.entries):,}"
            parts.append(plain(f"{len(book.matches):,} of {whole}", "$muted"))
        elif book.has_dropped:
            parts.append(plain(f"the newest {len(book.entries):,}", "$muted"))
        if not rows.follow and book.entries:
            new = book.newer_than(self._seen)
            parts.append(plain(f"↓ {new:,} new · F follows" if new else "paused · F follows", "$muted"))
        title = Content("  ").join(
            [Content(self.TITLE), Content(" · ").join(parts)] if parts else [self.TITLE]
        )
        if title != self._title:
            self._title = self.border_title = title

    # -- moving ------------------------------------------------------------------------------------------

    @on(Rows.Moved)
    def keep_up(self, event: Rows.Moved) -> None:
        """Say that following has stopped."""
        event.stop()
        self._remark()

    @on(LogRows.Scrolled)
    def go_on_scrolling(self, event: LogRows.Scrolled) -> None:
        """Where the window ends, bring what lies beyond it."""
        event.stop()
        rows = self.rows
        if not rows.follow and rows.scroll_offset.y == 0:
            self._slide(-1)
        elif not rows.follow and rows.scroll_offset.y >= rows.max_scroll_y:
            self._slide(1)
        self._remark()

    @on(Rows.PastEnd)
    def go_on_moving(self, event: Rows.PastEnd) -> None:
        """Bring the rows beyond the window into it, and move on."""
        event.stop()
        if self._slide(event.by):
            self.rows.action_move(event.by)

    def _slide(self, by: int) -> bool:
        """Move the window up or down, if there is more; what is seen stays where it is."""
        rows, before, top = self.rows, self.book.shown, self.rows.scroll_offset.y
        self.book.follow(False)
        moved = self.book.slide(by)
        if self.book.shown == before:
            if by < 0:
                self.run_worker(self._read_older(), group="older", exclusive=True)
            return False
        rows.show(self.book.shown)
        rows.scroll_to(y=max(0, top + moved), animate=False, immediate=True)
        return True

    async def _read_older(self) -> None:
        """Bring a page of what is on disk alone above the oldest row."""
        if not self.book.entries:
            return
        try:
            older = await self.ui.backend.log.before(self.book.entries[0].seq, WINDOW)
        except AmpSandboxError as error:
            self.ui.tell_error(error)
            return
        if older:
            self.book.add_older(older)
            self._slide(-1)

    def _end(self, is_first: bool) -> Sequence[LogRow]:
        """The first or the newest rows of all that pass the filter."""
        self.book.follow(False)
        self.book.go(to_first=is_first)
        return self.book.shown

    def on_rows_opened(self, event: Rows.Opened) -> None:
        """Show an exchange in full."""
        event.stop()
        self.ui.requests.read(event.item, self.ui.requests.show)

    # -- filter ------------------------------------------------------------------------------------------

    def on_input_changed(self, event: Input.Changed) -> None:
        """Filter while typing; keep the last filter while the words are not one."""
        event.stop()
        self._filter(event.value)

    def _filter(self, text: str) -> None:
        try:
            test = parse_filter(text, self.marked)
        except UsageError as error:
            self._problem = error.message
            self._remark()
            return
        self._problem = ""
        self.ui.preferences.log_filter = text
        selected = self.rows.selected
        self.book.apply(test, selected.seq if selected else 0)
        self.refresh_rows()

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Go to the list; an empty filter goes away."""
        event.stop()
        event.input.display = bool(event.value)
        self.rows.focus()

    def action_filter(self) -> None:
        """Open the filter line."""
        self.line.display = True
        self.screen.set_focus(self.line)

    def key_escape(self) -> None:
        """Take the filter away."""
        if self.line.display:
            self.line.value = ""
            self.line.display = False
            self.rows.focus()

    # -- actions -----------------------------------------------------------------------------------------

    def action_copy(self) -> None:
        """Copy the request under the cursor in another language."""
        self._with_selected(self.ui.requests.copy)

    def action_replay(self) -> None:
        """Send the request under the cursor again."""
        self._with_selected(self.ui.requests.replay)

    def action_edit(self) -> None:
        """Put the request under the cursor into the form."""
        self._with_selected(self.ui.requests.edit)

    def _with_selected(self, then: Callable[..., None]) -> None:
        if self.rows.selected is None:
            self.ui.tell("The log is empty.")
        else:
            self.ui.requests.read(self.rows.selected, then)

    def action_mark(self) -> None:
        """Mark the request under the cursor, or take the mark away."""
        if self.rows.selected is not None:
            self.marked ^= {self.rows.selected.seq}
            if "marked" in self.line.value:
                self._filter(self.line.value)
            self.rows.refresh()

    def action_export(self) -> None:
        """Write the requests that pass the filter to a file."""
        numbers = [row.seq for row in self.book.matches]
        if not numbers:
            self.ui.tell("The log is empty.")
            return
        from ampsandbox.tui.text.exports import checked_path

        about = f"{len(numbers):,} requests. The ending decides: .har for browsers, .jsonl for scripts."
        self.ui.ask(
            "Export to which file?",
            about,
            lambda name: self.ui.command(self.ui.requests.export(numbers, checked_path(name))),
            value="requests.har",
            check=checked_path,
        )

    def action_clear(self) -> None:
        """Forget the requests so far."""
        about = f"{len(self.book.entries):,} requests are forgotten. Operations and records stay."
        self.ui.confirm(
            "Clear the log?",
            about,
            lambda: self.ui.command(self.ui.backend.log.clear(), "Log cleared", self._forget),
        )

    def _forget(self) -> None:
        if self.book.entries:
            self.book.forget(self.book.entries[-1].seq)
        self.marked.clear()
        self.rows.follow = True
        self.refresh_rows()

    def action_follow(self) -> None:
        """Follow the newest exchange again, or stop."""
        self.rows.follow = not self.rows.follow
        self.refresh_rows()
