"""What waits where, how long still, what its delivery will cost, and how the last deliveries went."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.widgets import Static

from ampsandbox.tui.actions.registry import bindings
from ampsandbox.tui.text.batch_words import bar, cost, in_full, outcome, upcoming, when
from ampsandbox.tui.text.sanitize import plain
from ampsandbox.tui.widgets.panel import Panel
from ampsandbox.tui.widgets.rows import Cell, Column, Rows

if TYPE_CHECKING:
    from ampsandbox.tui.backend.views import BatchView, Snapshot

_NAME = Column("object", least=10)
_GROUP = Column("group", 8)
_WAITING = Column("waiting", 14)
_DUE = Column("flush in", 9, right=True)
_COST = Column("requests", 12, right=True)
_THEN = Column("then", 12, right=True)
_LAYOUTS = (
    (70, (_NAME, _GROUP, _WAITING, _DUE, _COST, _THEN)),
    (57, (_NAME, _GROUP, _WAITING, _DUE, _COST)),
    (42, (_NAME, Column("group", 6), Column("waiting", 12), Column("flush in", 8, right=True))),
    (0, (_NAME, _GROUP, Column("waiting", 7, right=True), Column("flush in", 8, right=True))),
)


class BatchesPanel(Panel):
    """One line per waiting batch, then the last ones that were flushed."""

    TITLE = "Batches"
    HELP = (
        "Writes with a schedule wait here until it fires: one line per installation, object and mode. "
        "The bar shows how full the next CRM request is, and while a flush runs, how far it came. "
        "“requests” compares what the flush will cost with what the same writes would have cost one by "
        "one; “then” names the fires after the next one. The line below tells more of the batch under the "
        "cursor: its schedule, what a running flush waits for, how a flush went. Press f to deliver a batch "
        "at once, p to keep its schedule from doing so, d to give all of its writes up, enter to see them, "
        "H for all batches that were flushed."
    )
    BINDINGS: ClassVar[list[BindingType]] = [*bindings("batches")]

    def __init__(self) -> None:
        super().__init__(id="batches")
        self.now: datetime | None = None

    def compose(self) -> ComposeResult:
        """One list of batches, and more of the one under the cursor."""
        yield Rows(
            _LAYOUTS[1][1], lambda batch: batch.id, self._cells, id="batch-rows",
            empty="Nothing waits. Send a write to an endpoint with a clock (◷) and watch it here "
            "until its schedule fires.",
        )  # fmt: skip
        yield Static("", id="batch-detail", markup=False)

    @property
    def rows(self) -> Rows[BatchView]:
        """The list inside."""
        return self.query_one("#batch-rows", Rows)

    def show(self, snapshot: Snapshot) -> None:
        """Show the batches of this moment."""
        self.now = snapshot.now
        known = {batch.id for batch in snapshot.batches}
        self.rows.show([*snapshot.batches, *(batch for batch in snapshot.flushed if batch.id not in known)])
        waiting = sum(batch.count for batch in snapshot.batches)
        self.remark(f"{waiting:,} waiting" if waiting else "")
        self._show_detail()

    def on_resize(self) -> None:
        """Show fewer columns where there is no room."""
        width = self.size.width
        self.rows.set_columns(next(columns for least, columns in _LAYOUTS if width >= least))

    def on_rows_moved(self, event: Rows.Moved) -> None:
        """Tell more of the batch under the cursor."""
        event.stop()
        self._show_detail()

    def _show_detail(self) -> None:
        batch = self.rows.selected
        shown = self.query_one("#batch-detail", Static)
        shown.display = batch is not None
        if batch is not None and self.now is not None:
            shown.update(plain(in_full(batch, self.now), "$muted"))

    def _cells(self, batch: BatchView) -> list[Cell]:
        name: Cell = f"{batch.object} {batch.mode}"
        left = when(batch, self.now) if self.now else ""
        columns = self.rows.columns
        if batch.state == "flushed":
            summary = outcome(batch)
            return [name, (batch.group, "muted"), summary, left, (cost(batch), "muted"), ""][: len(columns)]
        room = columns[2].width - len(" 100,000")
        waiting = f"{batch.count:,}" if columns[2].right else f"{batch.count:>7,} {bar(batch, room)}"
        cells: list[Cell] = [name, (batch.group, "muted"), waiting, left, (cost(batch), "muted")]
        return [*cells, (upcoming(batch), "muted")][: len(columns)]

    # -- actions ---------------------------------------------------------------------------------------------

    def on_rows_opened(self, event: Rows.Opened) -> None:
        """Show the writes of the batch."""
        event.stop()
        self.ui.batches.open(event.item)

    def action_open(self) -> None:
        """Show the writes of the batch under the cursor."""
        if self.rows.selected is not None:
            self.ui.batches.open(self.rows.selected)

    def _waiting(self) -> BatchView | None:
        """The batch under the cursor when it still waits; says why not otherwise."""
        batch = self.rows.selected
        if batch is None:
            self.ui.tell("Nothing waits.")
        elif batch.state in ("flushing", "flushed"):
            self.ui.tell("This batch is being flushed." if batch.state == "flushing" else "It was flushed.")
        else:
            return batch
        return None

    def action_pause(self) -> None:
        """Keep the schedule from flushing the batch, or let it again."""
        batch = self._waiting()
        if batch is None:
            return
        if batch.is_paused:
            self.ui.command(self.ui.backend.batches.resume(batch.id), f"Resumed {batch.object} {batch.mode}")
        else:
            self.ui.command(self.ui.backend.batches.pause(batch.id), f"Paused {batch.object} {batch.mode}")

    def action_flush(self) -> None:
        """Deliver the batch under the cursor."""
        if (batch := self._waiting()) is not None:
            self.ui.batches.flush(batch.id, f"{batch.count:,} × {batch.object} {batch.mode}")

    def action_drop(self) -> None:
        """Give up all writes of the batch under the cursor, after a question."""
        if (batch := self._waiting()) is None:
            return
        what = f"{batch.count:,} × {batch.object} {batch.mode} for {batch.group}"
        self.ui.confirm(
            "Drop all that waits in this batch?",
            f"None of it will reach the CRM: {what}.",
            lambda: self.ui.command(self.ui.backend.batches.drop(batch.id), f"Dropped {what}"),
        )

    def action_flushed(self) -> None:
        """Show the batches that were flushed."""
        self.ui.batches.open_flushed()
