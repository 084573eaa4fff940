"""What waits where, how long still, and what its delivery will cost."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType

from ampsandbox.tui.actions import bindings
from ampsandbox.tui.widgets.panel import Panel
from ampsandbox.tui.widgets.rows import Cell, Column, Rows
from ampsandbox.tui.words import countdown

if TYPE_CHECKING:
    from ampsandbox.tui.views import BatchView, Snapshot

_WIDE = (
    Column("object", least=10),
    Column("group", 10),
    Column("waiting", 12),
    Column("flush in", 9, right=True),
    Column("requests", 12, right=True),
)
_MIDDLE = (
    Column("object", least=10),
    Column("group", 6),
    Column("waiting", 12),
    Column("flush in", 8, right=True),
)
_NARROW = (
    Column("object", least=10),
    Column("group", 8),
    Column("waiting", 7, right=True),
    Column("flush in", 8, right=True),
)


class BatchesPanel(Panel):
    """One line per waiting batch."""

    TITLE = "Batches"
    HELP = (
        "Writes with a schedule wait here until it fires: one line per installation, object and mode. "
        "The bar shows how full the next CRM request is. “requests” compares what the flush will cost "
        "with what "
        "the same writes would have cost one by one. Press f to deliver a batch at once."
    )
    BINDINGS: ClassVar[list[BindingType]] = [*bindings("batches")]

    def __init__(self) -> None:
        super().__init__(id="batches")
        self.now: datetime | None = None

    def compose(self) -> ComposeResult:
        """One list of batches."""
        yield Rows(
            _WIDE, lambda batch: batch.id, self._cells, id="batch-rows",
            empty="Nothing waits. Send a write to an endpoint with a clock (◷) and watch it here "
            "until its schedule fires.",
        )  # fmt: skip

    @property
    def rows(self) -> Rows[BatchView]:
        """The list inside."""
        return self.query_one("#batch-rows", Rows)

    def show(self, snapshot: Snapshot) -> None:
        """Show the batches of this moment."""
        self.now = snapshot.now
        self.rows.show(snapshot.batches)
        waiting = sum(batch.count for batch in snapshot.batches)
        self.remark(f"{waiting:,} waiting" if waiting else "")

    def on_resize(self) -> None:
        """Show fewer columns where there is no room."""
        width = self.size.width
        self.rows.set_columns(_WIDE if width >= 58 else _MIDDLE if width >= 42 else _NARROW)

    def _cells(self, batch: BatchView) -> list[Cell]:
        left: Cell = ("–", "muted")
        if batch.is_paused:
            left = ("paused", "warn")
        elif batch.state == "flushing":
            left = ("flushing", "accent")
        elif batch.flush_at is not None and self.now is not None:
            left = (countdown(batch.flush_at - self.now), "strong")
        name: Cell = f"{batch.object} {batch.mode}"
        if self.rows.columns[2].right:
            return [name, (batch.group, "muted"), f"{batch.count:,}", left]
        waiting: Cell = f"{batch.count:>5,} {_bar(batch)}"
        if len(self.rows.columns) == len(_MIDDLE):
            return [name, (batch.group, "muted"), waiting, left]
        cost = f"{batch.requests_expected:,} not {batch.requests_unbatched:,}"
        return [name, (batch.group, "muted"), waiting, left, (cost, "muted")]

    def on_rows_opened(self, event: Rows.Opened) -> None:
        """Show the writes of the batch."""
        event.stop()
        self.ui.open_batch(event.item)

    def action_open(self) -> None:
        """Show the writes of the batch under the cursor."""
        if self.rows.selected is not None:
            self.ui.open_batch(self.rows.selected)

    def action_pause(self) -> None:
        """Keep the schedule from flushing the batch, or let it again."""
        batch = self.rows.selected
        if batch is None:
            self.ui.tell("Nothing waits.")
        elif batch.is_paused:
            self.ui.command(self.ui.backend.resume(batch.id), f"Resumed {batch.object} {batch.mode}")
        else:
            self.ui.command(self.ui.backend.pause(batch.id), f"Paused {batch.object} {batch.mode}")

    def action_flush(self) -> None:
        """Deliver the batch under the cursor."""
        batch = self.rows.selected
        if batch is None:
            self.ui.tell("Nothing waits to be flushed.")
            return
        self.ui.command(
            self.ui.backend.flush(batch.id), f"Flushed {batch.count:,} × {batch.object} {batch.mode}"
        )


def _bar(batch: BatchView, width: int = 6) -> str:
    """How full the last request of the flush is."""
    filled = batch.count % batch.limit if batch.limit else 0
    if batch.count and batch.limit and not filled:
        filled = batch.limit
    cells = round(filled / batch.limit * width) if batch.limit else 0
    cells = max(cells, 1) if batch.count else 0
    return "━" * cells + "╌" * (width - cells)
