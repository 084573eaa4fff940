"""The part of the backend for what waits and what was written: batches, operations, and their time."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from ampsandbox.tui.backend.batch_views import BatchViews
from ampsandbox.tui.backend.connections import RunningConnections
from ampsandbox.tui.backend.operation_pages import OperationPages
from ampsandbox.tui.backend.records import record_page
from ampsandbox.tui.backend.views import BatchView, OperationPage, OperationSource, OperationView, RecordPage

if TYPE_CHECKING:
    from ampsandbox.server.runner import Runner


class RunningBatches(RunningConnections):
    """The writes of a runner."""

    def __init__(self, runner: Runner) -> None:
        super().__init__(runner)
        self.batch_views = BatchViews(runner.sandbox)
        self.pages = OperationPages(runner.sandbox)
        self._moving = asyncio.Lock()

    # -- batches -----------------------------------------------------------------------------------------

    async def flush(self, batch_id: str | None = None) -> Sequence[BatchView]:
        """Deliver a batch now; every batch when none is named. Returns them as they are then."""
        done = await self.runner.call(self.runner.service.batches.flush(batch_id))
        return await self._here(lambda: self.batch_views.of(done))

    async def flushed_batches(self, limit: int) -> Sequence[BatchView]:
        """The newest batches that are done, newest first."""
        return await self._here(lambda: self.batch_views.flushed(limit))

    async def drop_batch(self, batch_id: str) -> None:
        """Give up all writes of a waiting batch."""
        await self.runner.call(self.runner.service.batches.drop(batch_id))

    async def pause(self, batch_id: str) -> None:
        """Keep a batch from being flushed by its schedule."""
        await self.runner.call(self.runner.service.batches.pause(batch_id))

    async def resume(self, batch_id: str) -> None:
        """Let the schedule flush a paused batch again."""
        await self.runner.call(self.runner.service.batches.resume(batch_id))

    # -- operations --------------------------------------------------------------------------------------

    async def operations(
        self, source: OperationSource, *, cursor: str = "", search: str = "", limit: int = 500
    ) -> OperationPage:
        """A window on operations: those of a batch oldest first, others newest first."""
        return await self.runner.call(self.pages.page(source, cursor, search, limit))

    async def operation(self, operation_id: str) -> OperationView:
        """One operation by its id."""
        return await self._here(lambda: self.pages.views([self.runner.sandbox.operation(operation_id)])[0])

    async def edit(self, operation_id: str, fields: Mapping[str, Any]) -> None:
        """Replace the fields of a queued operation."""
        await self.runner.call(self.runner.service.operations.edit(operation_id, fields))

    async def drop(self, operation_id: str) -> None:
        """Give up an operation that has not reached the CRM."""
        await self.runner.call(self.runner.service.operations.drop(operation_id))

    async def send_now(self, operation_id: str) -> OperationView:
        """Send one write that waits in a batch at once; returns it with its outcome."""
        sent = await self.runner.call(self.runner.service.operations.send_now(operation_id))
        return await self._here(lambda: self.pages.views([sent])[0])

    async def retry(self, operation_id: str, fields: Mapping[str, Any] | None = None) -> OperationView:
        """Send a failed operation again; returns it with its outcome."""
        sent = await self.runner.call(self.runner.service.operations.retry(operation_id, fields))
        return await self._here(lambda: self.pages.views([sent])[0])

    async def mark_written(self, operation_id: str, record_id: str | None) -> None:
        """Note that a write in doubt is in the CRM after all."""
        await self.runner.call(self.runner.service.operations.mark_written(operation_id, record_id))

    async def look_up(self, operation_id: str) -> RecordPage:
        """The records of a mock org that hold what an operation would have written."""
        return record_page(await self.runner.call(self.runner.service.operations.lookup(operation_id)))

    async def dead_letter_count(self) -> int:
        """How many operations failed or are in doubt."""
        return await self._here(self.runner.sandbox.dead_letter_count)

    async def retry_all(self) -> int:
        """Send all dead letters again."""
        return (await self.runner.call(self.runner.service.operations.retry_all())).retried

    # -- time --------------------------------------------------------------------------------------------

    async def set_speed(self, speed: float) -> None:
        """Run the clock at a multiple of real time; 0 freezes it."""
        await self.runner.call(self.runner.service.clock.set_speed(speed))

    async def advance(self, *, by: timedelta | None = None, to: datetime | None = None) -> None:
        """Move the clock forward, flushing what falls due on the way.

        Cancelled, the clock stays at the moment that it came to.
        """
        await self.runner.call(self._advance(by, to))

    async def _advance(self, by: timedelta | None, to: datetime | None) -> None:
        """Go from one timer to the next, so that the way can be watched and left."""
        service, clock = self.runner.service, self.runner.sandbox.clock
        async with self._moving:
            speed = clock.speed
            clock.freeze()
            try:
                end = to if to is not None else clock.now() + (by or timedelta())
                while clock.now() < end:
                    await service.clock.advance(to=max(clock.now(), min(clock.next_due() or end, end)))
            finally:
                clock.run(speed)
