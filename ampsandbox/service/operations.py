"""Accepted writes: follow, edit, retry, drop, and decide about those in doubt."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from ampsandbox.engine.model import Operation, OperationState
from ampsandbox.service.awaited import awaited
from ampsandbox.service.context import ServiceGroup, crm_refusals
from ampsandbox.service.count import Count
from ampsandbox.service.lookup import look_up
from ampsandbox.service.record_views import RecordPage
from ampsandbox.service.recorded import recorded


class RetriedAll(msgspec.Struct, frozen=True, rename="camel"):
    """How many dead letters were sent again, and how many there are now."""

    retried: int
    left: int


class OperationService(ServiceGroup):
    """Operations. An id that was never given out raises a `NotFoundError`."""

    name = "operations"

    async def list(
        self,
        state: OperationState | None = None,
        installation_id: str | None = None,
        before: str | None = None,
        limit: Count = 100,
        object: str | None = None,
        group: str | None = None,
        integration: str | None = None,
    ) -> Sequence[Operation]:
        """Accepted writes, newest first.

        Args:
            state: Only those that stand there.
            installation_id: Only those of one installation.
            before: Only those accepted before this operation, for the next page.
            limit: How many at most.
            object: Only those of one object, by its name in the manifest.
            group: Only those of one group.
            integration: Only those of one integration.

        Raises:
            NotFoundError: There is no such installation, object, group, integration or operation.
        """
        owners: str | Sequence[str] | None = installation_id
        if group is not None or integration is not None:
            named = [each.id for each in self.context.installations_of(group, integration)]
            owners = named if installation_id is None else [each for each in named if each == installation_id]
        wanted = None if object is None else self.context.object_name(object)
        return self.context.engine.operations.newest(state, owners, before, limit, wanted)

    async def get(self, operation_id: str) -> Operation:
        """One operation by its id, with its outcome where it has one by now."""
        return self.context.engine.operations.get(operation_id)

    async def dead_letters(self, before: str | None = None, limit: Count = 100) -> Sequence[Operation]:
        """Writes that failed for good or are in doubt, newest first."""
        return self.context.engine.operations.dead_letters(before, limit)

    async def lookup(self, operation_id: str) -> RecordPage:
        """The records of a mock CRM that hold what an operation would have written.

        For a write in doubt: `mark_written` it if its record is there, `retry` it if not.

        Raises:
            ConflictError: The CRM is a live one.
            NotFoundError: The manifest does not have the operation's object any more.
        """
        with crm_refusals():
            return await look_up(self.context, operation_id)

    @recorded
    async def edit(self, operation_id: str, fields: Mapping[str, Any]) -> Operation:
        """Change the values of a write that still waits.

        Raises:
            ConflictError: It no longer waits.
        """
        return await self.context.engine.operations.edit(operation_id, fields)

    @recorded
    async def drop(self, operation_id: str) -> Operation:
        """Give up a waiting, failed or doubtful write.

        Raises:
            ConflictError: It is on its way, may be applied already, or has its outcome.
        """
        return await self.context.engine.operations.drop(operation_id)

    @recorded
    @awaited
    async def send_now(self, operation_id: str) -> Operation:
        """Send a write that waits in a batch at once and alone; answers with its outcome.

        Raises:
            ConflictError: It no longer waits.
        """
        return await self.context.engine.operations.send_now(operation_id)

    @recorded
    async def mark_written(self, operation_id: str, record_id: str | None = None) -> Operation:
        """Note that a write in doubt is in the CRM after all; nothing is sent.

        Raises:
            ConflictError: It is not in doubt.
        """
        return await self.context.engine.operations.mark_written(operation_id, record_id)

    @recorded
    @awaited
    async def retry(self, operation_id: str, fields: Mapping[str, Any] | None = None) -> Operation:
        """Send a failed or doubtful write again, as it is or with other values; answers with its outcome.

        Raises:
            ConflictError: It did not fail and is not in doubt, or its installation was removed.
        """
        return await self.context.engine.operations.retry(operation_id, fields)

    @recorded
    @awaited
    async def retry_all(self, installation_id: str | None = None) -> RetriedAll:
        """Send all dead letters again, in order; answers when their outcomes are known.

        Those whose installation was removed stay as they are.
        """
        engine = self.context.engine
        return RetriedAll(
            await engine.operations.retry_all(installation_id), engine.operations.dead_letter_count()
        )
