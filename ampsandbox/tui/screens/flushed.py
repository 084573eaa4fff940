"""The batches that were flushed: why, at what cost, and what came of them."""

from __future__ import annotations

from typing import ClassVar, Final

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.widgets import Static

from ampsandbox.errors import AmpSandboxError
from ampsandbox.tui.actions.registry import bindings
from ampsandbox.tui.backend.views import BatchView
from ampsandbox.tui.text.batch_words import REASONS, cost, in_full, outcome
from ampsandbox.tui.text.sanitize import plain
from ampsandbox.tui.text.truncate import fit_ends
from ampsandbox.tui.widgets.panel import Panel
from ampsandbox.tui.widgets.rows import Cell, Column, Rows

_SHOWN: Final = 200
_COLUMNS: Final = (
    Column("was due", 11),
    Column("object", least=14, is_flexible=True, cut=fit_ends),
    Column("group", 5, rank=2),
    Column("outcome", 9),
    Column("requests", 9, right=True),
    Column("flushed", 16, rank=1),
)


class FlushedPanel(Panel):
    """One line per batch that is done."""

    TITLE = "Flushed batches"
    HELP = (
        "The newest batches that were delivered, those of earlier sessions too: when their schedule was due, "
        "what came of their writes, how many CRM requests they took and how many it would have been without "
        "batches, and why they were flushed. Enter shows the writes of one; {reload-flushed} reads "
        "the list anew."
    )
    BINDINGS: ClassVar[list[BindingType]] = [*bindings("flushed")]

    def __init__(self) -> None:
        super().__init__(id="flushed")

    def compose(self) -> ComposeResult:
        """The list, and the one under the cursor in words."""
        yield Rows(
            _COLUMNS, lambda batch: batch.id, _cells, id="flushed-rows", empty="Nothing was flushed yet."
        )
        yield Static("", id="flushed-detail", markup=False)

    async def on_mount(self) -> None:
        """Read the batches."""
        await self.action_reload()
        self.query_one(Rows).focus()

    async def action_reload(self) -> None:
        """Read the batches anew."""
        try:
            found = await self.ui.backend.batches.flushed(_SHOWN)
        except AmpSandboxError as error:
            self.ui.tell_error(error)
            return
        rows: Rows[BatchView] = self.query_one("#flushed-rows", Rows)
        rows.show(found)
        self.remark(f"newest {_SHOWN}" if len(found) == _SHOWN else f"{len(found):,}")
        self._show_detail(rows.selected)

    def on_rows_moved(self, event: Rows.Moved) -> None:
        """Tell more of the batch under the cursor."""
        event.stop()
        self._show_detail(event.item)

    def _show_detail(self, batch: BatchView | None) -> None:
        words = "" if batch is None else in_full(batch, batch.flush_at)
        self.query_one("#flushed-detail", Static).update(plain(self.ui.keyed(words), "$muted"))

    def on_rows_opened(self, event: Rows.Opened) -> None:
        """Show the writes of the batch."""
        event.stop()
        self.ui.batches.open(event.item)

    def action_open(self) -> None:
        """Show the writes of the batch under the cursor."""
        self.query_one(Rows).action_open()


def _cells(batch: BatchView) -> list[Cell]:
    due = f"{batch.flush_at:%m-%d %H:%M}" if batch.flush_at else "–"
    return [
        (due, "muted"),
        f"{batch.object} {batch.mode}",
        (batch.group, "muted"),
        outcome(batch),
        cost(batch),
        (REASONS.get(batch.reason, ""), "muted"),
    ]
