"""Actions on batches and operations: deliver them, look into them, send again what did not arrive."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from ampsandbox.tui.base import SandboxBase
from ampsandbox.tui.text.batch_words import moments
from ampsandbox.tui.text.operation_words import writes

if TYPE_CHECKING:
    from ampsandbox.tui.backend.views import BatchView


class BatchActions(SandboxBase):
    """Flush, show, retry."""

    # -- flushing --------------------------------------------------------------------------------------------

    def action_flush_all(self) -> None:
        """Deliver every waiting batch."""
        self.flush_batch(None, "every batch")

    def flush_batch(self, batch_id: str | None, what: str, then: Callable[[], Any] | None = None) -> None:
        """Deliver a batch, or all, and say what came of it."""
        self.say(f"↑ Flushing {what}…", "$text-primary")
        self.command(self._deliver(batch_id), "", then)

    async def _deliver(self, batch_id: str | None) -> None:
        self.say(*_came_of(await self.backend.flush(batch_id)))

    # -- lists -----------------------------------------------------------------------------------------------

    def open_batch(self, batch: BatchView) -> None:
        """Show the writes of a batch."""
        fires = moments(batch.next_fires, self.latest.now if self.latest else None)
        title = f"Batch · {batch.object} {batch.mode} · {batch.group}"
        if fires and batch.state == "waiting":
            title += f" · {batch.schedule}: {fires}"
        self._show_operations(title, "The batch is empty.", batch_id=batch.id)

    def open_flushed(self) -> None:
        """Show the batches that were flushed."""
        from ampsandbox.tui.screens.flushed import FlushedPanel

        self.open_page(FlushedPanel())

    def action_show_flushed(self) -> None:
        """Show the batches that were flushed."""
        self.open_flushed()

    def action_show_problems(self) -> None:
        """Show what failed or is in doubt."""
        self._show_operations(
            "Failed and in doubt", "Nothing failed and nothing is in doubt.", states=("failed", "in_doubt")
        )

    def action_show_operations(self) -> None:
        """Show the newest operations."""
        self._show_operations("Newest operations", "Nothing was written yet.")

    def _show_operations(self, title: str, empty: str, **source: Any) -> None:
        from ampsandbox.tui.backend.views import OperationSource
        from ampsandbox.tui.screens.operations import OperationsPanel

        self.open_page(OperationsPanel(title, OperationSource(**source), empty=empty))

    # -- dead letters ----------------------------------------------------------------------------------------

    def action_retry_dead_letters(self, then: Callable[[], Any] | None = None) -> None:
        """Send all dead letters again, after a question that says how many there are."""
        self.command(self._ask_retry_all(then))

    async def _ask_retry_all(self, then: Callable[[], Any] | None) -> None:
        count = await self.backend.dead_letter_count()
        if not count:
            self.tell("Nothing failed and nothing is in doubt.")
            return
        about = (
            f"{writes(count)} failed or in doubt will be sent to the CRM as they are. "
            "Those in doubt may already be there: sending them again can write them twice."
        )
        self.confirm("Retry all dead letters?", about, lambda: self.command(self._retry_all(), "", then))

    async def _retry_all(self) -> None:
        sent = await self.backend.retry_all()
        left = await self.backend.dead_letter_count()
        self.tell(f"Sent {writes(sent)} again. Failed or in doubt now: {left:,}.")


def _came_of(batches: Sequence[BatchView]) -> tuple[str, str]:
    """What came of flushes, with the style to say it in."""
    if not batches:
        return "Nothing waited to be flushed.", ""
    written, failed, in_doubt, waiting, requests = (
        sum(getattr(batch, name) for batch in batches)
        for name in ("succeeded", "failed", "in_doubt", "count", "requests")
    )
    parts = [
        f"{written:,} written",
        f"{failed:,} failed (f12)" if failed else "",
        f"{in_doubt:,} in doubt (f12)" if in_doubt else "",
        f"{waiting:,} still on their way" if waiting else "",
        f"{requests:,} request{'' if requests == 1 else 's'} instead of {written + failed + in_doubt:,}",
    ]
    is_well = not (failed or in_doubt or waiting)
    words = " · ".join(part for part in parts if part)
    return f"{'✓' if is_well else '!'} Flushed: {words}", "$text-success" if is_well else "$text-warning"
