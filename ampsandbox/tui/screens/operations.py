"""Operations in a list with their details: the writes of a batch, the failed ones, the newest ones."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Sequence
from typing import Any, ClassVar, Final

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Container, VerticalScroll
from textual.content import Content
from textual.widgets import Static

from ampsandbox.errors import AmpSandboxError
from ampsandbox.tui.actions import bindings
from ampsandbox.tui.plain import as_text, block, plain, pretty
from ampsandbox.tui.screens.dialogs import ConfirmDialog
from ampsandbox.tui.screens.editor import EditorDialog, as_json, read_object
from ampsandbox.tui.views import OperationView
from ampsandbox.tui.widgets.panel import Panel
from ampsandbox.tui.widgets.rows import Cell, Column, Rows

LIMIT: Final = 500
SIGNS: Final = {
    "queued": ("◷ waiting", "accent"), "sending": ("↑ sending", "accent"), "succeeded": ("✓ written", "good"),
    "failed": ("✗ failed", "bad"), "in_doubt": ("? in doubt", "warn"), "dropped": ("– dropped", "muted"),
}  # fmt: skip
_COLUMNS = (
    Column("accepted", 8),
    Column("state", 10),
    Column("what", least=16),
    Column("group", 10),
    Column("fields", least=14),
)
Load = Callable[[], Coroutine[Any, Any, Sequence[OperationView]]]


class OperationsPanel(Panel):
    """A list of operations; the one under the cursor in full beside it."""

    HELP = (
        "Each line is one accepted write. A waiting one can be edited or dropped before its flush. A "
        "failed one can be "
        "sent again, as it is or edited. One in doubt may or may not be in the CRM, because the answer "
        "was lost: "
        "look for it under Records before you send it again. R sends all that failed or are in doubt "
        "again, after a question."
    )
    BINDINGS: ClassVar[list[BindingType]] = [*bindings("operations")]

    def __init__(
        self, title: str, load: Load, *, batch_id: str | None = None, empty: str = "Nothing here."
    ) -> None:
        super().__init__(id="operations")
        self.heading = title
        self.loader = load
        self.batch_id = batch_id
        self.empty_words = empty

    def compose(self) -> ComposeResult:
        """The list, and the details."""
        with Container(classes="split"):
            yield Rows(_COLUMNS, lambda item: item.id, _cells, id="operation-rows", empty=self.empty_words)
            with VerticalScroll(classes="detail"):
                yield Static("", id="operation-text", markup=False)

    async def on_mount(self) -> None:
        """Read the operations."""
        self.border_title = plain(self.heading, limit=80)
        await self.reload()
        self.query_one(Rows).focus()

    async def reload(self) -> None:
        """Read the operations anew."""
        try:
            found = await self.loader()
        except AmpSandboxError as error:
            self.ui.tell_error(error)
            return
        rows = self.query_one("#operation-rows", Rows)
        rows.show(found, force=True)
        self._show_detail(rows.selected)

    def on_rows_moved(self, event: Rows.Moved) -> None:
        """Show the operation under the cursor."""
        event.stop()
        self._show_detail(event.item)

    def _show_detail(self, item: OperationView | None) -> None:
        self.query_one("#operation-text", Static).update(Content("") if item is None else describe(item))

    @property
    def selected(self) -> OperationView | None:
        """The operation under the cursor."""
        item: OperationView | None = self.query_one("#operation-rows", Rows).selected
        return item

    # -- actions ------------------------------------------------------------------------------------------

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
                self.ui.command(self.ui.backend.edit(item.id, fields), "Edited", self.reload)
            else:
                self.ui.command(self.ui.backend.retry(item.id, fields), "Sent again", self.reload)

        self.ui.push_screen(
            EditorDialog(f"Fields of {item.id}", as_json(item.fields), check=read_object), edited
        )

    def action_retry(self) -> None:
        """Send a failed operation again; one in doubt only after a question."""
        item = self.selected
        if item is None:
            return
        if item.state == "in_doubt":
            about = "The CRM may already have this record. Sending it again can write it twice."
            self._ask("Send it again?", about, lambda: self._retry(item))
        else:
            self._retry(item)

    def _retry(self, item: OperationView) -> None:
        self.ui.command(self.ui.backend.retry(item.id), "Sent again", self.reload)

    def action_retry_all(self) -> None:
        """Send all dead letters again, after a question that says how many there are."""
        self.ui.command(self._ask_retry_all())

    async def _ask_retry_all(self) -> None:
        count = await self.ui.backend.dead_letter_count()
        if not count:
            self.ui.tell("Nothing failed and nothing is in doubt.")
            return
        about = (
            f"{_writes(count)} failed or in doubt will be sent to the CRM as they are. "
            "Those in doubt may already be there: sending them again can write them twice."
        )
        self._ask(
            "Retry all dead letters?", about, lambda: self.ui.command(self._retry_all(), "", self.reload)
        )

    async def _retry_all(self) -> None:
        backend = self.ui.backend
        sent = await backend.retry_all()
        self.ui.tell(
            f"Sent {_writes(sent)} again. Failed or in doubt now: {await backend.dead_letter_count():,}."
        )

    def action_drop(self) -> None:
        """Give an operation up."""
        item = self.selected
        if item is not None:
            about = f"{item.mode} {item.object} for {item.group} will not be written."
            self._ask(
                "Drop this write?",
                about,
                lambda: self.ui.command(self.ui.backend.drop(item.id), "Dropped", self.reload),
            )

    def action_flush(self) -> None:
        """Deliver the batch that these operations wait in."""
        if self.batch_id is None:
            self.ui.tell("These writes do not wait in one batch.")
            return
        self.ui.command(self.ui.backend.flush(self.batch_id), "Flushed", self.reload)

    def _ask(self, title: str, about: str, then: Callable[[], None]) -> None:
        self.ui.push_screen(ConfirmDialog(title, about), lambda answer: then() if answer else None)


def describe(item: OperationView) -> Content:
    """An operation in full."""
    sign, tone = SIGNS.get(item.state, (item.state, ""))
    style = {
        "good": "$text-success",
        "bad": "$text-error",
        "warn": "$text-warning",
        "accent": "$text-primary",
    }.get(tone, "")
    lines = [
        plain(f"{sign}  {item.mode} {item.object}", f"bold {style}"),
        plain(f"operation {item.id}", "$muted"),
    ]
    facts = {
        "group": item.group, "endpoint": item.endpoint, "primary key": item.primary_key,
        "record": item.record_id,
        "batch": item.batch_id, "attempts": item.attempts or None, "accepted": _stamp(item.accepted_at),
        "next attempt": _stamp(item.next_attempt_at), "finished": _stamp(item.finished_at),
    }  # fmt: skip
    lines += [
        Content.assemble((f"{name:<13}", "$muted"), plain(value)) for name, value in facts.items() if value
    ]
    lines += [Content(""), Content.styled("Fields", "bold")]
    lines += [
        Content.assemble(plain(f"  {name}  ", "$text-primary", 60), plain(as_text(value)))
        for name, value in item.fields.items()
    ]
    if item.errors:
        lines += [Content(""), Content.styled("What the CRM said", "bold")]
        lines += [plain(f"  ✗ {error}", "$text-error") for error in item.errors]
    if item.raw:
        lines += [Content(""), Content.styled("Its answer", "bold"), Content(block(pretty(item.raw)))]
    return Content("\n").join(lines)


def _writes(count: int) -> str:
    return "1 write" if count == 1 else f"{count:,} writes"


def _stamp(at: Any) -> str | None:
    return None if at is None else f"{at:%Y-%m-%d %H:%M:%S} UTC"


def _cells(item: OperationView) -> list[Cell]:
    at = "" if item.accepted_at is None else f"{item.accepted_at:%H:%M:%S}"
    said = (
        item.errors[0]
        if item.errors
        else ", ".join(f"{name}={as_text(value)}" for name, value in list(item.fields.items())[:6])
    )
    return [
        (at, "muted"),
        SIGNS.get(item.state, item.state),
        f"{item.object} {item.mode}",
        (item.group, "muted"),
        said,
    ]
