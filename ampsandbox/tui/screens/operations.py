"""Operations in a list with their details: the writes of a batch, the failed ones, the newest ones."""

from __future__ import annotations

from collections.abc import Coroutine
from typing import Any, ClassVar, Final

from textual import events, on, work
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Container, Horizontal, VerticalScroll
from textual.content import Content
from textual.widgets import Input, Static

from ampsandbox.errors import AmpSandboxError
from ampsandbox.tui.actions.registry import bindings
from ampsandbox.tui.backend.views import OperationPage, OperationSource, OperationView
from ampsandbox.tui.screens.editor import EditorDialog, as_json, read_object
from ampsandbox.tui.screens.resolve_doubt import DoubtDialog
from ampsandbox.tui.text.operation_words import COLUMNS, cells, describe, result
from ampsandbox.tui.text.sanitize import plain
from ampsandbox.tui.widgets.panel import Panel
from ampsandbox.tui.widgets.rows import Rows

LIMIT: Final = 500
"""Operations shown at once; the others are on further pages."""

REFRESH_S: Final = 1.0

_DONE_WITH: Final = {
    "edit": ("queued", "failed"),
    "send_now": ("queued",),
    "retry": ("failed", "in_doubt"),
    "check": ("in_doubt",),
    "mark_written": ("in_doubt",),
    "drop": ("queued", "failed", "in_doubt"),
}
"""The states of an operation in which something can be done with it."""


class OperationsPanel(Panel):
    """A list of operations that follows what happens; the one under the cursor in full beside it."""

    HELP = (
        "Each line is one accepted write; the list follows what becomes of them. {search-operations} "
        "searches all of them: words, or group:, object:, endpoint:, state:, error: with a word behind. A "
        "waiting write can be edited ({edit-operation}), sent alone and at once ({send-operation}) or "
        "dropped ({drop-operation}) before its flush. A failed one can be sent again as it is "
        "({retry-operation}) or edited. One in doubt may or may not be in the CRM, because the answer was "
        "lost: {check-operation} looks for it there, {mark-operation} marks it as written, "
        "{retry-operation} sends it again. {retry-all} sends all that failed or are in doubt again, after a "
        "question. Enter shows the request that the write came with and the CRM requests it led to."
    )
    BINDINGS: ClassVar[list[BindingType]] = [*bindings("operations")]

    def __init__(self, title: str, source: OperationSource, *, empty: str = "Nothing here.") -> None:
        super().__init__(id="operations")
        self.heading = title
        self.source = source
        self.empty_words = empty
        self.page = OperationPage(())
        self.starts = [""]
        self._described: OperationView | None = None

    @property
    def subject(self) -> object:
        """One page for each list."""
        return self.source

    def compose(self) -> ComposeResult:
        """The search line, the list, and the details."""
        with Horizontal(classes="heading-row"):
            yield Static("", id="operations-heading", classes="heading", markup=False)
            yield Input(placeholder="/ search", compact=True, id="operations-search", classes="search")
        with Container(classes="split"):
            yield Rows(COLUMNS, lambda item: item.id, cells, id="operation-rows", empty=self.empty_words)
            with VerticalScroll(classes="detail"):
                yield Static("", id="operation-text", markup=False)

    async def on_mount(self) -> None:
        """Read the operations, and keep following them."""
        self.border_title = plain(self.heading, limit=100)
        await self.reload()
        self.rows.focus()
        self.repeat(REFRESH_S, self.reload)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Offer what can be done with the operation under the cursor."""
        if action == "flush":
            return bool(self.source.batch_id)
        if action in _DONE_WITH:
            return self.selected is not None and self.selected.state in _DONE_WITH[action]
        return super().check_action(action, parameters)

    @property
    def rows(self) -> Rows[OperationView]:
        """The list inside."""
        return self.query_one("#operation-rows", Rows)

    @property
    def selected(self) -> OperationView | None:
        """The operation under the cursor."""
        return self.rows.selected

    # -- reading ---------------------------------------------------------------------------------------------

    @work(exclusive=True, group="operations")
    async def _read_soon(self) -> None:
        await self.reload()

    async def reload(self) -> None:
        """Read the page anew."""
        line, start = self.query_one("#operations-search", Input), self.starts[-1]
        search = line.value
        try:
            page = await self.ui.backend.operations.page(
                self.source, cursor=start, search=search, limit=LIMIT
            )
        except AmpSandboxError as error:
            self.ui.tell_error(error)
            return
        if self.is_attached and (line.value, self.starts[-1]) == (search, start):
            self.page = page
            self.rows.empty = "Nothing matches." if search else self.empty_words
            self.rows.show(self.page.rows)
            self._show_heading()
            self._show_detail(self.selected)

    def _show_heading(self) -> None:
        shown, before = len(self.page.rows), (len(self.starts) - 1) * LIMIT
        words = f"{before + 1:,}–{before + shown:,}" if before or self.page.next else f"{shown:,}"
        more = " · n: next page" if self.page.next else ""
        more += " · b: page before" if before else ""
        self.query_one("#operations-heading", Static).update(
            Content.assemble(plain(f"{words} shown", "bold"), plain(more, "$muted"))
        )

    def _show_detail(self, item: OperationView | None) -> None:
        if item != self._described or item is None:
            if (item and item.state) != (self._described and self._described.state):
                self.refresh_bindings()
            self._described = item
            shown = Content("") if item is None else describe(item, self.ui.keyed)
            self.query_one("#operation-text", Static).update(shown)

    def on_rows_moved(self, event: Rows.Moved) -> None:
        """Show the operation under the cursor."""
        event.stop()
        self._show_detail(event.item)

    async def on_rows_past_end(self, event: Rows.PastEnd) -> None:
        """Go on with the next page, or the one before."""
        event.stop()
        await self.action_turn_page(event.by)

    async def action_turn_page(self, by: int) -> None:
        """Show the next page, or the one before."""
        if by > 0 and self.page.next:
            self.starts.append(self.page.next)
        elif by < 0 and len(self.starts) > 1:
            self.starts.pop()
        else:
            return
        await self.reload()
        self.rows.action_go(0 if by > 0 else -1)

    # -- links -----------------------------------------------------------------------------------------------

    def on_rows_opened(self, event: Rows.Opened) -> None:
        """Show the request of the operation under the cursor."""
        event.stop()
        self.action_open_request()

    def action_open_request(self) -> None:
        """Show the request that the operation under the cursor was made of."""
        if self.selected is not None:
            self.ui.requests.open_of(self.selected.id)

    def action_open_record(self) -> None:
        """Show the record that the operation under the cursor wrote or is to update."""
        if self.selected is not None:
            self.ui.records.open_of(self.selected.id)

    # -- searching -------------------------------------------------------------------------------------------

    def action_search(self) -> None:
        """Go to the search line."""
        self.screen.set_focus(self.query_one("#operations-search", Input))

    @on(Input.Changed, "#operations-search")
    def search(self, event: Input.Changed) -> None:
        """Search while typing, from the first page on."""
        event.stop()
        self.starts = [""]
        self._read_soon()

    def key_escape(self, event: events.Key) -> None:
        """Take the search away; otherwise leave it to the page, which closes."""
        line = self.query_one("#operations-search", Input)
        if line.value or line.has_focus:
            event.stop()
            line.value = ""
            self.rows.focus()

    @on(Input.Submitted, "#operations-search")
    def found(self, event: Input.Submitted) -> None:
        """Go to the list."""
        event.stop()
        self.rows.focus()

    # -- actions ---------------------------------------------------------------------------------------------

    def action_edit(self) -> None:
        """Change the fields of the operation."""
        item = self.selected
        if item is None:
            return

        def edited(text: str | None) -> None:
            if text is None:
                return
            fields = read_object(text)
            if item.state == "queued":
                self.ui.command(self.ui.backend.operations.edit(item.id, fields), "Edited", self.reload)
            else:
                self.ui.command(
                    self._send(self.ui.backend.operations.retry(item.id, fields)), "", self.reload
                )

        self.ui.push_screen(
            EditorDialog(f"Fields of {item.id}", as_json(item.fields), check=read_object), edited
        )

    def action_send_now(self) -> None:
        """Send a waiting write alone and at once."""
        if (item := self.selected) is not None:
            self.ui.command(self._send(self.ui.backend.operations.send_now(item.id)), "", self.reload)

    def action_retry(self) -> None:
        """Send a failed operation again; one in doubt only after a question."""
        item = self.selected
        if item is None:
            return
        if item.state == "in_doubt":
            about = "The CRM may already have this record. Sending it again can write it twice."
            self.ui.confirm("Send it again?", about, lambda: self.retry(item))
        else:
            self.retry(item)

    def retry(self, item: OperationView) -> None:
        """Send an operation again."""
        self.ui.command(self._send(self.ui.backend.operations.retry(item.id)), "", self.reload)

    async def _send(self, work: Coroutine[Any, Any, OperationView]) -> None:
        """Say what became of a write that somebody waited for."""
        self.ui.say(*result(await work))

    def action_retry_all(self) -> None:
        """Send all dead letters again, after a question that says how many there are."""
        self.ui.operations.action_retry_dead_letters(self.reload)

    def action_drop(self) -> None:
        """Give an operation up, after a question."""
        item = self.selected
        if item is not None:
            about = f"{item.mode} {item.object} for {item.group} will not be written."
            self.ui.confirm("Drop this write?", about, lambda: self.drop(item))

    def drop(self, item: OperationView) -> None:
        """Give an operation up."""
        self.ui.command(self.ui.backend.operations.drop(item.id), "Dropped", self.reload)

    def action_flush(self) -> None:
        """Deliver the batch that these operations wait in."""
        self.ui.batches.flush(self.source.batch_id, "this batch", self.reload)

    def action_check(self) -> None:
        """Look for a write in doubt in the CRM, and settle it."""
        if (item := self.selected) is not None:
            self.ui.command(DoubtDialog(self.ui, item, self).ask())

    def action_mark_written(self) -> None:
        """Note that a write in doubt is in the CRM after all."""
        if (item := self.selected) is not None:
            about = "Nothing is sent. The id of its record in the CRM may stay empty."
            self.ui.ask("It is in the CRM: under which id?", about, lambda key: self.mark(item, key.strip()))

    def mark(self, item: OperationView, record_id: str) -> None:
        """Note that an operation is in the CRM, as a record."""
        work = self.ui.backend.operations.mark_written(item.id, record_id or None)
        self.ui.command(work, "Marked as written", self.reload)
