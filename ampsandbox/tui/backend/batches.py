"""The part of the backend for batches: those that wait, and those that were flushed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from ampsandbox.tui.backend.batch_views import BatchViews
from ampsandbox.tui.backend.views import BatchView

if TYPE_CHECKING:
    from ampsandbox.tui.backend.link import Link


class RunningBatches:
    """The batches of a runner."""

    def __init__(self, link: Link) -> None:
        self._link = link
        self.views = BatchViews(link.engine)

    async def flush(self, batch_id: str | None = None) -> Sequence[BatchView]:
        """Deliver a batch now; every batch when none is named. Returns them as they are then."""
        done = await self._link.call(self._link.service.batches.flush(batch_id))
        return await self._link.read(lambda: self.views.of(done))

    async def flushed(self, limit: int) -> Sequence[BatchView]:
        """The newest batches that are done, newest first."""
        return await self._link.read(lambda: self.views.flushed(limit))
