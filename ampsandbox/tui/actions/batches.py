"""Actions on batches: deliver them, look into them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from ampsandbox.tui.actions.part import ActionPart
from ampsandbox.tui.text.batch_words import moments

if TYPE_CHECKING:
    from ampsandbox.tui.backend.views import BatchView


class BatchActions(ActionPart):
    """Flush and show."""

    def action_flush_all(self) -> None:
        """Deliver every waiting batch."""
        self.flush(None, "every batch")

    def flush(self, batch_id: str | None, what: str, then: Callable[[], Any] | None = None) -> None:
        """Deliver a batch, or all, and say what came of it."""
        self.ui.say(f"↑ Flushing {what}…", "$text-primary")
        self.ui.command(self._deliver(batch_id), "", then)

    async def _deliver(self, batch_id: str | None) -> None:
        words, style = _came_of(await self.ui.backend.batches.flush(batch_id))
        self.ui.say(self.ui.keyed(words), style)

    def open(self, batch: BatchView) -> None:
        """Show the writes of a batch."""
        fires = moments(batch.next_fires, self.ui.state.latest.now if self.ui.state.latest else None)
        title = f"Batch · {batch.object} {batch.mode} · {batch.group}"
        if fires and batch.state == "waiting":
            title += f" · {batch.schedule}: {fires}"
        self.ui.operations.show(title, "The batch is empty.", batch_id=batch.id)

    def open_flushed(self) -> None:
        """Show the batches that were flushed."""
        from ampsandbox.tui.screens.flushed import FlushedPanel

        self.ui.open_page(FlushedPanel())

    def action_show_flushed(self) -> None:
        """Show the batches that were flushed."""
        self.open_flushed()


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
        f"{failed:,} failed (" + "{show-problems})" if failed else "",
        f"{in_doubt:,} in doubt (" + "{show-problems})" if in_doubt else "",
        f"{waiting:,} still on their way" if waiting else "",
        f"{requests:,} request{'' if requests == 1 else 's'} instead of {written + failed + in_doubt:,}",
    ]
    is_well = not (failed or in_doubt or waiting)
    words = " · ".join(part for part in parts if part)
    return f"{'✓' if is_well else '!'} Flushed: {words}", "$text-success" if is_well else "$text-warning"
