"""What came back for the form's write: at once, and what becomes of it later."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, ClassVar, Final

from textual import events
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.geometry import Region
from textual.widgets import Static

from ampsandbox.errors import AmpSandboxError
from ampsandbox.tui.actions.bulk_send import bulk_send_lines
from ampsandbox.tui.actions.registry import bindings
from ampsandbox.tui.text.answers import flush_at, issues, outcome, remedy, spent
from ampsandbox.tui.text.json_colours import coloured
from ampsandbox.tui.text.sanitize import block, line, plain, pretty
from ampsandbox.tui.text.words import countdown
from ampsandbox.tui.ui import AsksUi

if TYPE_CHECKING:
    from ampsandbox.tui.actions.bulk_send import BulkSend
    from ampsandbox.tui.backend.views import OperationView, Snapshot
    from ampsandbox.tui.http_sender import HttpAnswer

_ENDS: Final = {
    "succeeded": ("✓ written", "bold $text-success"), "failed": ("✗ failed", "bold $text-error"),
    "in_doubt": ("? in doubt: the CRM's answer was lost", "bold $text-warning"),
    "dropped": ("– dropped", "bold $muted"),
}  # fmt: skip


class AnswerPanel(VerticalScroll, AsksUi):
    """The answer. A queued write is followed until its flush is done."""

    HELP = (
        "What came back for the write: the outcome, what is wrong field by field, and the answer's body. "
        "A queued write (◷) is followed to its outcome. o opens the record, enter the operation, / searches, "
        "c copies, v opens the pager, f10 gives the answer the whole screen."
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
        self._found: list[int] = []
        self._at = 0

    def compose(self) -> ComposeResult:
        """The outcome, what can be opened, the body."""
        yield Static("", id="answer-head", markup=False)
        yield Static("", id="answer-ways", markup=False)
        yield Static("", id="answer-text", markup=False)

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
        self._search_for("")
        self._show_head()
        self.scroll_home(animate=False)

    def _show_head(self) -> None:
        self.query_one("#answer-head", Static).update(Content("\n").join(self._head))
        operation = self.operation
        ways = [
            words for words, offered in (
                ("o: the record", operation is not None and bool(self._record_id)),
                ("enter: the operation", operation is not None or bool(self.operation_id)),
            ) if offered
        ]  # fmt: skip
        shown = self.query_one("#answer-ways", Static)
        shown.update(plain(" · ".join(ways), "$text-primary"))
        shown.display = bool(ways)

    # -- following a queued write ----------------------------------------------------------------------

    def show(self, snapshot: Snapshot) -> None:
        """Count down to the flush of a queued write, and then show its outcome."""
        if self._due is None:
            return
        self._head[1] = plain(self._countdown(snapshot, self._due), "bold $text-success")
        self._show_head()
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
        self._show_head()

    @property
    def _record_id(self) -> str:
        operation = self.operation
        return (operation.record_id or operation.primary_key or "") if operation else ""

    # -- searching -------------------------------------------------------------------------------------

    def action_search(self) -> None:
        """Ask for words and show where they are."""
        self.ui.ask(
            "Search the answer",
            "n shows the next one, N the one before.",
            self._search_for,
            value=self._searched,
        )

    def _search_for(self, words: str) -> None:
        text = block(pretty(self.body)) if self.body else ""
        lowered, wanted = text.lower(), words.lower()
        self._searched, self._at = words, 0
        self._found = []
        start = lowered.find(wanted) if wanted else -1
        while start >= 0:
            self._found.append(start)
            start = lowered.find(wanted, start + len(wanted))
        self._show_body()
        if words:
            self.action_next(0)

    def action_next(self, by: int) -> None:
        """Go to the next place that was found, around the end."""
        if not self._found:
            self.ui.say(
                f"✗ “{line(self._searched, 40)}” is not in the answer"
                if self._searched
                else "/ searches the answer"
            )
            return
        self._at = (self._at + by) % len(self._found)
        self._show_body()
        shown = self.query_one("#answer-text", Static)
        before = Content(block(pretty(self.body))[: self._found[self._at] + 1])
        y = before.get_height({}, max(1, shown.content_size.width)) - 1
        self.scroll_to_region(Region(0, shown.virtual_region.y + y, 1, 1), animate=False, force=True)
        self.ui.say(f"{self._at + 1} of {len(self._found)}")

    def _show_body(self) -> None:
        content = coloured(block(pretty(self.body))) if self.body else Content("")
        for n, start in enumerate(self._found):
            style = "bold reverse" if n == self._at else "underline"
            content = content.stylize(style, start, start + len(self._searched))
        self.query_one("#answer-text", Static).update(content)

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

    def on_click(self, event: events.Click) -> None:
        """A click on what can be opened opens it: the record where there is one."""
        if isinstance(event.widget, Static) and event.widget.id == "answer-ways":
            first = event.widget.content_region.width and event.x < len("o: the record") and self._record_id
            (self.action_open_record if first else self.action_open_operation)()
