"""Verbs for batches: looking at them, flushing, pausing, resuming and dropping them."""

from __future__ import annotations

from collections.abc import Sequence

from ampsandbox.engine.model import Batch, Operation
from ampsandbox.errors import NotFoundError
from ampsandbox.service.context import ServiceGroup
from ampsandbox.service.count import Count
from ampsandbox.service.recorded import recorded


class BatchService(ServiceGroup):
    """Batches: look, flush, pause, resume, drop. An id that was never given out raises a `NotFoundError`."""

    name = "batches"

    async def list(self, flushed: Count = 20) -> Sequence[Batch]:
        """Batches that wait or were flushed lately.

        Args:
            flushed: How many of the flushed ones, newest first, after those that wait, oldest first.
        """
        return self.context.engine.batches.all(flushed)

    async def get(self, batch_id: str) -> Batch:
        """One batch by its id, whether it waits, is on its way or is done."""
        return self.context.engine.batches.get(batch_id)

    async def operations(self, batch_id: str, offset: Count = 0, limit: Count = 100) -> Sequence[Operation]:
        """The writes of a batch, in order."""
        return self.context.engine.batches.operations(batch_id, offset, limit)

    @recorded
    async def flush(
        self,
        batch_id: str | None = None,
        installation_id: str | None = None,
        object: str | None = None,
        group: str | None = None,
    ) -> Sequence[Batch]:
        """Deliver batches now; answers when their outcomes are known.

        Paused and orphaned ones are included. On a clock that stands still, what the CRM does not take now
        stays on its way until the clock moves.

        Args:
            batch_id: One batch; all that wait when None.
            installation_id: Only those of one installation.
            object: Only those of one object, by its name in the manifest.
            group: Only those of one group.

        Raises:
            NotFoundError: There is no such batch, installation, object or group; or the batch or the
                installation is not one of those.
            ConflictError: The batch is being flushed already, or done.
        """
        engine = self.context.engine
        wanted = None if object is None else self.context.object_name(object)
        owners: list[str | None] = [None]
        if installation_id is not None:
            owner = self.context.installation(installation_id)
            if group not in (None, owner.group):
                raise NotFoundError(f"{installation_id} is of the group {owner.group!r}, not of {group!r}.")
            owners = [owner.id]
        elif group is not None:
            owners = [item.id for item in self.context.installations_of(group)]
        if batch_id is not None:
            batch = engine.batches.get(batch_id)
            is_owned = owners == [None] or batch.installation_id in owners
            if not is_owned or wanted not in (None, batch.object):
                raise NotFoundError(f"The batch {batch_id} is not one of those.")
            return await engine.batches.flush(batch_id)
        return [batch for owner_id in owners for batch in await engine.batches.flush(None, owner_id, wanted)]

    @recorded
    async def pause(self, batch_id: str) -> Batch:
        """Let its schedule pass; it still takes writes.

        Raises:
            ConflictError: It is being flushed, or done.
        """
        return await self.context.engine.batches.pause(batch_id)

    @recorded
    async def resume(self, batch_id: str) -> Batch:
        """Follow its schedule again, from the next time on.

        Raises:
            ConflictError: It is being flushed, or done.
        """
        return await self.context.engine.batches.resume(batch_id)

    @recorded
    async def drop(self, batch_id: str) -> Batch:
        """Give up all its writes.

        Raises:
            ConflictError: It is being flushed, or done.
        """
        return await self.context.engine.batches.drop(batch_id)
