"""The part of the backend for operations: windows on them, and what can be done about one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from ampsandbox.errors import NotFoundError
from ampsandbox.service.lookup import object_of
from ampsandbox.service.record_views import RecordPage
from ampsandbox.tui.backend.operation_pages import OperationPages
from ampsandbox.tui.backend.views import OperationPage, OperationSource, OperationView

if TYPE_CHECKING:
    from ampsandbox.engine.model import Operation
    from ampsandbox.tui.backend.link import Link


class RunningOperations:
    """The operations of a runner."""

    def __init__(self, link: Link) -> None:
        self._link = link
        self._pages = OperationPages(link.engine)

    def view(self, operation: Operation) -> OperationView:
        """An operation as the screen shows it. Called on the runner's loop."""
        return self._pages.views([operation])[0]

    def of(self, operation_id: str) -> list[Operation]:
        """An operation, or those of a batch where the id is one's. Called on the runner's loop."""
        return self._pages.of(operation_id)

    async def page(
        self, source: OperationSource, *, cursor: str = "", search: str = "", limit: int = 500
    ) -> OperationPage:
        """A window on operations: those of a batch oldest first, others newest first."""
        return await self._link.call(self._pages.page(source, cursor, search, limit))

    async def get(self, operation_id: str) -> OperationView:
        """One operation by its id."""
        return await self._link.read(lambda: self.view(self._link.engine.operations.get(operation_id)))

    async def edit(self, operation_id: str, fields: Mapping[str, Any]) -> None:
        """Replace the fields of a queued operation."""
        await self._link.call(self._link.service.operations.edit(operation_id, fields))

    async def drop(self, operation_id: str) -> None:
        """Give up an operation that has not reached the CRM."""
        await self._link.call(self._link.service.operations.drop(operation_id))

    async def send_now(self, operation_id: str) -> OperationView:
        """Send one write that waits in a batch at once; returns it with its outcome."""
        sent = await self._link.call(self._link.service.operations.send_now(operation_id))
        return await self._link.read(lambda: self.view(sent))

    async def retry(self, operation_id: str, fields: Mapping[str, Any] | None = None) -> OperationView:
        """Send a failed operation again; returns it with its outcome."""
        sent = await self._link.call(self._link.service.operations.retry(operation_id, fields))
        return await self._link.read(lambda: self.view(sent))

    async def retry_all(self) -> int:
        """Send all dead letters again."""
        return (await self._link.call(self._link.service.operations.retry_all())).retried

    async def dead_letter_count(self) -> int:
        """How many operations failed or are in doubt."""
        return await self._link.read(self._link.engine.operations.dead_letter_count)

    async def mark_written(self, operation_id: str, record_id: str | None) -> None:
        """Note that a write in doubt is in the CRM after all."""
        await self._link.call(self._link.service.operations.mark_written(operation_id, record_id))

    async def lookup(self, operation_id: str) -> RecordPage:
        """The records of a mock org that hold what an operation would have written."""
        return await self._link.call(self._link.service.operations.lookup(operation_id))

    async def record_of(self, operation_id: str) -> tuple[str, str, str]:
        """The installation, the object and the id of the record that an operation wrote or is to update."""
        return await self._link.call(self._record_of(operation_id))

    async def _record_of(self, operation_id: str) -> tuple[str, str, str]:
        operation = self._link.engine.operations.get(operation_id)
        key = operation.record_id or operation.primary_key
        if key is None:
            raise NotFoundError("This write has no record yet.", "It gets one when the CRM has taken it.")
        crm = self._link.crm(operation.installation_id)
        target = await crm.resolve(object_of(self._link.service.context, operation))
        return operation.installation_id, target.object_name, key
