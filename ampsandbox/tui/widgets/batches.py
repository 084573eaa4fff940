"""What waits where, how long still, what its delivery will cost, and how the last deliveries went."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, ClassVar, Final

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.content import Content
from textual.widgets import Static

from ampsandbox.tui.actions.registry import bindings
from ampsandbox.tui.text.batch_words import bar, cost, in_full, outcome, total, upcoming, when
from ampsandbox.tui.text.sanitize import plain
from ampsandbox.tui.text.truncate import fit_ends, fit_parts
from ampsandbox.tui.widgets.panel import Panel
from ampsandbox.tui.widgets.rows import Cell, Column, Rows

if TYPE_CHECKING:
    from ampsandbox.tui.backend.views import BatchView, Snapshot

_NAME: Final = Column("object", least=14, is_flexible=True, preferred=26, cut=fit_ends)
_INTEGRATION: Final = Column("integration", least=12, is_flexible=True, cut=fit_ends)
_GROUP: Final = Column("group", least=5)
_REST: Final = (
    Column("waiting", right=True),
    Column("", 6, rank=1),
    Column("flush in", right=True),
    Column("requests", right=True, rank=2),
    Column("then", 11, rank=3),
)


class _Detail(Static):
    """Words that change at every tick of the clock, and the room they need next to never."""

    _height: int | None = None

    def show(self, words: Content) -> None:
        """Show these words; only when they need another number of lines is the screen laid out for them."""
        width = self.content_size.width
        # Without room it is hidden, and will be laid out when it is shown again.
        height = words.get_height({}, width) if width else None
        self.update(words, layout=height != self._height)
        self._height = height


class BatchesPanel(Panel):
    """One line per waiting batch, then the last ones that were flushed."""

    TITLE = "Batches"
    HELP = (
        "Writes with a schedule wait here until it fires: one line per installation, object and mode. "
        "The bar shows how full the next CRM request is, and while a flush runs, how far it came. "
        "“requests” compares what the flush will cost with what the same writes would have cost one by "
        "one; “then” names the fires after the next one. Integration and group have a column where "
        "they differ, and the title sums up what waits. The line below tells more of the batch under the "
        "cursor: its schedule, what a running flush waits for, how a flush went. {flush-batch} delivers a "
        "batch at once, {pause-batch} keeps its schedule from doing so, {drop-batch} gives all of its writes "
        "up, enter shows them, {flushed-batches} all batches that were flushed."
    )
    BINDINGS: ClassVar[list[BindingType]] = [*bindings("batches")]

    def __init__(self) -> None:
        super().__init__(id="batches")
        self.now: datetime | None = None
        self._offers = False
        self.told_apart: tuple[bool, bool] = (False, False)
        """Whether the batches differ in their integration, and in their group."""

    def compose(self) -> ComposeResult:
        """One list of batches, and more of the one under the cursor."""
        yield Rows(
            [_NAME, *_REST], lambda batch: batch.id, self._cells, id="batch-rows",
            empty="Nothing waits. Writes to endpoints with a clock (◷), and auto-batched ones, wait here "
            "for their flush.",
        )  # fmt: skip
        yield _Detail("", id="batch-detail", markup=False)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Only what waits can be flushed, held back or dropped."""
        if action in ("flush", "pause", "drop"):
            return self._waiting is not None
        return super().check_action(action, parameters)

    @property
    def rows(self) -> Rows[BatchView]:
        """The list inside."""
        return self.query_one("#batch-rows", Rows)

    def show(self, snapshot: Snapshot) -> None:
        """Show the batches of this moment."""
        self.now = snapshot.now
        known = {batch.id for batch in snapshot.batches}
        shown = [*snapshot.batches, *(batch for batch in snapshot.flushed if batch.id not in known)]
        self._tell_apart(shown)
        self.rows.show(shown)
        group = "" if self.told_apart[1] or not shown else shown[0].group
        self.remark(fit_parts(total(snapshot.batches, group), self.size.width - len(self.TITLE) - 4))
        self._show_detail()

    def _tell_apart(self, shown: Sequence[BatchView]) -> None:
        """Give a column to what differs between the batches; what is the same is said once."""
        differing = (len({each.integration for each in shown}) > 1, len({each.group for each in shown}) > 1)
        if differing != self.told_apart:
            self.told_apart = differing
            owner = [
                column for column, is_shown in zip((_INTEGRATION, _GROUP), differing, strict=True) if is_shown
            ]
            self.rows.set_columns([_NAME, *owner, *_REST])

    def on_rows_moved(self, event: Rows.Moved) -> None:
        """Tell more of the batch under the cursor."""
        event.stop()
        self._show_detail()

    def _show_detail(self) -> None:
        batch = self.rows.selected
        if (self._waiting is not None) is not self._offers:
            self._offers = not self._offers
            self.refresh_bindings()
        shown = self.query_one("#batch-detail", _Detail)
        shown.display = batch is not None
        if batch is not None and self.now is not None:
            words = self.ui.keyed(in_full(batch, self.now))
            if self.screen.has_class("-short"):
                words = fit_parts(words, self.content_size.width)
            shown.show(plain(words, "$muted"))

    def _cells(self, batch: BatchView) -> list[Cell]:
        owner: list[Cell] = [
            (word, "muted")
            for word, is_shown in zip((batch.integration, batch.group), self.told_apart, strict=True)
            if is_shown
        ]
        left = when(batch, self.now) if self.now else ""
        waiting: list[Cell] = [f"{batch.count:,}", bar(batch)]
        if batch.state == "flushed":
            waiting = [outcome(batch), ""]
        then: Cell = ("" if batch.state == "flushed" else upcoming(batch), "muted")
        return [f"{batch.object} {batch.mode}", *owner, *waiting, left, (cost(batch), "muted"), then]

    # -- actions ---------------------------------------------------------------------------------------------

    def on_rows_opened(self, event: Rows.Opened) -> None:
        """Show the writes of the batch."""
        event.stop()
        self.ui.batches.open(event.item)

    def action_open(self) -> None:
        """Show the writes of the batch under the cursor."""
        if self.rows.selected is not None:
            self.ui.batches.open(self.rows.selected)

    @property
    def _waiting(self) -> BatchView | None:
        """The batch under the cursor, while it waits."""
        batch = self.rows.selected if self.is_mounted else None
        return None if batch is None or batch.state in ("flushing", "flushed") else batch

    def action_pause(self) -> None:
        """Keep the schedule from flushing the batch, or let it again."""
        if (batch := self._waiting) is None:
            return
        if batch.is_paused:
            resumed = self.ui.backend.carry_out(lambda service: service.batches.resume(batch.id))
            self.ui.command(resumed, f"Resumed {batch.object} {batch.mode}")
        else:
            paused = self.ui.backend.carry_out(lambda service: service.batches.pause(batch.id))
            self.ui.command(paused, f"Paused {batch.object} {batch.mode}")

    def action_flush(self) -> None:
        """Deliver the batch under the cursor."""
        if (batch := self._waiting) is not None:
            self.ui.batches.flush(batch.id, f"{batch.count:,} × {batch.object} {batch.mode}")

    def action_drop(self) -> None:
        """Give up all writes of the batch under the cursor, after a question."""
        if (batch := self._waiting) is None:
            return
        what = f"{batch.count:,} × {batch.object} {batch.mode} for {batch.group}"
        self.ui.confirm(
            "Drop all that waits in this batch?",
            f"None of it will reach the CRM: {what}.",
            lambda: self.ui.command(
                self.ui.backend.carry_out(lambda service: service.batches.drop(batch.id)), f"Dropped {what}"
            ),
        )

    def action_flushed(self) -> None:
        """Show the batches that were flushed."""
        self.ui.batches.open_flushed()
