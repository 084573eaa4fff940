"""What can be asked of batches: how they stand, and flushing, pausing and dropping them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from ampsandbox.engine.context import EngineContext
from ampsandbox.engine.delivery import Delivery
from ampsandbox.engine.installation_registry import InstallationRegistry
from ampsandbox.engine.journal import JournalEntry
from ampsandbox.engine.model import Batch, FlushReason, Operation
from ampsandbox.engine.pending_batches import PendingBatch, PendingBatches
from ampsandbox.engine.timestamps import to_micros
from ampsandbox.engine.views import Views
from ampsandbox.errors import NotFoundError
from ampsandbox.events import BatchDropped

_DROP_WAITING = (
    "INSERT INTO outcomes(number, state, attempts, finished_at)"
    " SELECT p.number, 'dropped', 0, ? FROM operations p LEFT JOIN outcomes o ON o.number = p.number"
    " WHERE p.batch = ? AND o.number IS NULL"
)


class Batches:
    """The batches of a running engine, as `Engine.batches`."""

    def __init__(
        self,
        context: EngineContext,
        installations: InstallationRegistry,
        batches: PendingBatches,
        delivery: Delivery,
        views: Views,
    ) -> None:
        self._context = context
        self._installations = installations
        self._batches = batches
        self._delivery = delivery
        self._views = views

    def all(self, flushed: int = 20) -> list[Batch]:
        """The batches that wait or are being flushed, oldest first, then the newest flushed ones."""
        done = self._context.journal.read.flushed_batches(flushed) if flushed else []
        return [*map(self._views.batch, self._batches), *map(self._views.flushed, done)]

    def get(self, batch_id: str) -> Batch:
        """One batch as it stands.

        Raises:
            NotFoundError: The id was never given out.
        """
        number = self._context.ids.batch_number(batch_id)
        live = self._batches.get(number) if number is not None else None
        if live is not None and live.is_stored:
            return self._views.batch(live)
        row = self._context.journal.read.batch(number) if number is not None else None
        if row is None:
            raise NotFoundError(f"There is no batch {batch_id}.")
        return self._views.flushed(row)

    def operations(self, batch_id: str, offset: int = 0, limit: int = 100) -> list[Operation]:
        """A window on the operations of a batch, in order of acceptance.

        Raises:
            NotFoundError: The id was never given out.
        """
        number = self._context.ids.batch_number(self.get(batch_id).id)
        assert number is not None
        return self._views.operations(self._context.journal.read.operations_of_batch(number, offset, limit))

    def flush_at(self, batch_id: str) -> datetime | None:
        """When the schedule of a waiting batch fires; None when only a hand can flush it.

        Cheaper than `get`, for the answer to each scheduled write.
        """
        return self._batches.flush_at(batch_id)

    def next_flush(self) -> datetime | None:
        """When the next schedule fires for a waiting batch; None when nothing waits."""
        return self._batches.next_flush()

    async def flush(
        self,
        batch_id: str | None = None,
        installation_id: str | None = None,
        object: str | None = None,  # noqa: A002 - the word of the interface
    ) -> list[Batch]:
        """Deliver waiting batches now, paused and orphaned ones included, and wait until they are done.

        On a clock that stands still, what the CRM does not take now stays on its way until the clock moves.

        Args:
            batch_id: One batch; all that wait when None.
            installation_id: Only those of one installation.
            object: Only those of one object, by its name in the manifest.

        Returns:
            The batches as they are now.

        Raises:
            NotFoundError: `batch_id` or `installation_id` does not exist.
            ConflictError: The batch is being flushed already, or done.
        """
        if batch_id is not None:
            chosen = [self._open_batch(batch_id)]
        else:
            owner = self._installations.by_id(installation_id).number if installation_id else None
            chosen = [
                batch
                for batch in self._batches.open()
                if owner in (None, batch.path.installation) and object in (None, batch.path.item.name)
            ]
        await self.deliver(chosen, FlushReason.MANUAL)
        return [self.get(batch.id) for batch in chosen]

    async def deliver(self, batches: Sequence[PendingBatch], reason: FlushReason) -> None:
        """Flush batches, and wait as `finished` does."""
        for batch in batches:
            self._delivery.begin(batch, reason)
        await self.finished(batches)

    async def finished(self, batches: Sequence[PendingBatch], installation: int | None = None) -> None:
        """Wait until batches are delivered; on a clock that stands still, as far as they come without it.

        Args:
            batches: Which ones.
            installation: Wait for the single writes on their way to this installation as well.
        """
        if self._context.clock.is_frozen:
            await self._context.clock.settled()
        else:
            await self._delivery.finished(batches, installation)

    async def pause(self, batch_id: str) -> Batch:
        """Keep a waiting batch from being flushed by its schedule; it still takes writes.

        Raises:
            NotFoundError: There is no such batch.
            ConflictError: It is being flushed, or done.
        """
        await self._batches.pause(self._open_batch(batch_id))
        return self.get(batch_id)

    async def resume(self, batch_id: str) -> Batch:
        """Let the schedule flush a paused batch again, at its next fire.

        Raises:
            NotFoundError: There is no such batch.
            ConflictError: It is being flushed, or done.
        """
        await self._batches.resume(self._open_batch(batch_id))
        return self.get(batch_id)

    async def drop(self, batch_id: str) -> Batch:
        """Give up all writes of a waiting batch, such as an orphaned one.

        Raises:
            NotFoundError: There is no such batch.
            ConflictError: It is being flushed, or done.
        """
        batch = self._open_batch(batch_id)
        self._context.journal.commit()  # what is being accepted into the batch goes with it
        now = self._context.clock.now()
        event = BatchDropped(
            at=now,
            installation=self._context.ids.installation(batch.path.installation),
            batch=batch.id,
            writes=batch.count,
        )
        self._batches.abandon(batch)
        await self._context.journal.store_surely(
            JournalEntry(
                statements=[(_DROP_WAITING, [(to_micros(now), batch.number)]), batch.update()],
                events=(event,),
            )
        )
        return self.get(batch_id)

    def _open_batch(self, batch_id: str) -> PendingBatch:
        return self._batches.find_open(self._context.ids.batch_number(batch_id), batch_id)
