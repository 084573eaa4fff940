"""What came back for the form's write: at once, and what becomes of it later."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, ClassVar, Final

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.content import Content

from ampsandbox.errors import AmpSandboxError
from ampsandbox.tui.actions.bulk_send import bulk_send_lines
from ampsandbox.tui.actions.registry import bindings
from ampsandbox.tui.text.answers import flush_at, issues, outcome, remedy, spent
from ampsandbox.tui.text.highlight import coloured
from ampsandbox.tui.text.sanitize import block, line, plain, pretty
from ampsandbox.tui.text.words import countdown
from ampsandbox.tui.ui import AsksUi
from ampsandbox.tui.widgets.text_view import TextSection, TextView

if TYPE_CHECKING:
    from ampsandbox.tui.actions.bulk_send import BulkSend
    from ampsandbox.tui.backend.views import OperationView, Snapshot
    from ampsandbox.tui.http_sender import HttpAnswer

_ENDS: Final = {
    "succeeded": ("✓ written", "bold $text-success"), "failed": ("✗ failed", "bold $text-error"),
    "in_doubt": ("? in doubt: the CRM's answer was lost", "bold $text-warning"),
    "dropped": ("– dropped", "bold $muted"),
}  # fmt: skip


_RECORD_WAY: Final = "{open-written-record}: the record"
_OPERATION_WAY: Final = "{open-written-operation}: the operation"


class AnswerPanel(Vertical, AsksUi):
    """The answer. A queued write is followed until its flush is done."""

    HELP = (
        "What came back for the write: the outcome, what is wrong field by field, and the answer's body. "
        "A queued write (◷) is followed to its outcome. {open-written-record} opens the record, "
        "{open-written-operation} the operation, {search-answer} searches, {copy-answer} copies, "
        "{page-answer} opens the pager, {toggle-maximise} gives the answer the whole screen. {toggle-wrap} "
        "wraps long lines or not, {toggle-line-numbers} numbers them."
    )
    ALLOW_MAXIMIZE = True
    BINDINGS: ClassVar[list[BindingType]] = [*bindings("answer")]

    def __init__(self) -> None:
        super().__init__(id="answer", classes="panel")
        self.body = ""
        self.object_name = ""
        self.operation_id = ""
        self.operation: OperationView | None = None
        self._due: datetime | None = None
        self._counts: object = None
        self._head: list[Content] = []
        self._searched = ""
        self._ways_line = -1

    def compose(self) -> ComposeResult:
        """The outcome, what can be opened, the body: one text, which scrolls as one."""
        yield TextView(id="answer-text")

    @property
    def text(self) -> TextView:
        """What is shown."""
        return self.query_one(TextView)

    # -- what is shown ---------------------------------------------------------------------------------

    def show_words(self, words: Content) -> None:
        """Show something that is no answer."""
        self._start("", [words])

    def show_problems(self, problems: list[str]) -> None:
        """Say why nothing was sent."""
        self._start("", [
            Content.styled("Not sent: the CRM would refuse this", "bold $text-warning"),
            *(plain(f"✗ {problem}", "$text-error") for problem in problems),
            plain(self.ui.keyed("{send-write} again sends it all the same."), "$muted"),
        ])  # fmt: skip

    def show_sending(self) -> None:
        """Say that the answer is awaited."""
        self.border_title = Content("Answer · sending…")

    def show_answer(self, answer: HttpAnswer, object_name: str = "") -> None:
        """Show what came back; `object_name` is the CRM's name of what was written."""
        (first, *more), style = outcome(answer)
        self._start(
            answer.body,
            [
                Content.assemble((first, style), plain(f" · {spent(answer)}", "$muted")),
                *(plain(words, style) for words in more),
                *(plain(f"✗ {said}", "$text-error", 600) for said in issues(answer)),
                *([plain(f"→ {way}", "$text-warning", 600)] if (way := remedy(answer)) else []),
            ],
        )
        self.object_name = object_name
        self.operation_id = str(answer.document().get("operationId") or "")
        self._due = flush_at(answer) if answer.status == 202 else None
        if self.operation_id and answer.status != 202:
            self.run_worker(self._follow(), group="follow", exclusive=True)

    def show_bulk_send(self, bulk: BulkSend) -> None:
        """Show how far sending many has come, and what came back."""
        self._start("", bulk_send_lines(bulk))

    def _start(self, body: str, head: list[Content]) -> None:
        self.body, self._head = body, head
        self.operation_id, self.operation, self._due, self._counts = "", None, None, None
        self.border_title = Content("Answer")
        self._searched = ""
        self._show()
        self.text.action_end(-1)

    def _show(self) -> None:
        passages = [TextSection(Content("\n").join(self._head))]
        operation = self.operation
        ways = [
            words for words, offered in (
                (_RECORD_WAY, operation is not None and bool(self._record_id)),
                (_OPERATION_WAY, operation is not None or bool(self.operation_id)),
            ) if offered
        ]  # fmt: skip
        self._ways_line = sum(len(each.plain.split("\n")) for each in self._head) if ways else -1
        if ways:
            shown = self.ui.keyed(" · ".join(ways))
            passages.append(TextSection(plain(shown, "underline $text-primary")))
        if self.body:
            shown = block(pretty(self.body))
            passages += [TextSection(Content("")), TextSection(coloured(shown), is_body=True)]
        self.text.show(*passages)
        if self._searched:
            self.text.find(self._searched)

    # -- following a queued write ----------------------------------------------------------------------

    def show(self, snapshot: Snapshot) -> None:
        """Count down to the flush of a queued write, and then show its outcome."""
        if self._due is None:
            return
        self._head[1] = plain(self._countdown(snapshot, self._due), "bold $text-success")
        self._show()
        if snapshot.counts != self._counts:
            self._counts = snapshot.counts
            self.run_worker(self._follow(), group="follow", exclusive=True)

    def _countdown(self, snapshot: Snapshot, due: datetime) -> str:
        batch_id = self.operation.batch_id if self.operation else None
        if any(batch.id == batch_id and batch.is_paused for batch in snapshot.batches):
            return self.ui.keyed("its batch is paused ({focus-batches}, then {pause-batch})")
        left = countdown(due - snapshot.now)
        return "flush is due" if left == "due" else f"flush in {left} · {due:%H:%M:%S}"

    async def _follow(self) -> None:
        try:
            operation = await self.ui.backend.operations.get(self.operation_id)
        except AmpSandboxError:
            self._due = None
            return
        if operation.id != self.operation_id or not self.is_attached:
            return
        self.operation = operation
        if self._due is not None and operation.state in _ENDS:
            self._due = None
            words, style = _ENDS[operation.state]
            record = f" · record {operation.record_id}" if operation.record_id else ""
            self._head = [
                plain(f"{words}{record}", style),
                *(plain(f"✗ {error}", "$text-error", 600) for error in operation.errors),
                plain("It was queued, and this is what came of it.", "$muted"),
            ]
            self.ui.say(f"{words}{record} · {operation.endpoint or operation.object}", style)
        self._show()

    @property
    def _record_id(self) -> str:
        operation = self.operation
        return (operation.record_id or operation.primary_key or "") if operation else ""

    # -- searching -------------------------------------------------------------------------------------

    def action_search(self) -> None:
        """Ask for words and show where they are."""
        about = self.ui.keyed("{next-match} shows the next one, {previous-match} the one before.")
        self.ui.ask("Search the answer", about, self._search_for, value=self._searched)

    def _search_for(self, words: str) -> None:
        self._searched = words
        self.text.find(words)
        self._say_place()

    def action_next(self, by: int) -> None:
        """Go to the next place that was found, around the end."""
        self.text.go(by)
        self._say_place()

    def _say_place(self) -> None:
        number, count = self.text.position
        if count:
            self.ui.say(f"{number:,} of {count:,}")
        elif self._searched:
            self.ui.say(f"✗ “{line(self._searched, 40)}” is not in the answer")
        else:
            self.ui.say(self.ui.keyed("{search-answer} searches the answer"))

    # -- taking it elsewhere ---------------------------------------------------------------------------

    def action_copy(self) -> None:
        """Copy the body of the answer."""
        if self.body:
            self.ui.copy(pretty(self.body), "the answer")

    def action_page(self) -> None:
        """Show the body in the pager."""
        from ampsandbox.tui.external_editor import page

        try:
            page(self.app, pretty(self.body))
        except AmpSandboxError as error:
            self.ui.tell_error(error)

    def action_open_record(self) -> None:
        """Open the record that was written."""
        if self.operation is not None and self._record_id:
            self.ui.records.open(self.operation.installation_id, self.object_name, self._record_id)

    def action_open_operation(self) -> None:
        """Open the operation of the write."""
        if self.operation_id:
            self.ui.operations.open(self.operation_id)

    @on(TextView.Clicked)
    def open_clicked(self, event: TextView.Clicked) -> None:
        """A click on what can be opened opens it: the record where there is one."""
        event.stop()
        if event.line == self._ways_line:
            is_record = self._record_id and event.x < len(self.ui.keyed(_RECORD_WAY))
            (self.action_open_record if is_record else self.action_open_operation)()
