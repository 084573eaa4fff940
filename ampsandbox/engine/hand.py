"""What people do to single writes: edit or drop those that wait, retry or drop those that did not arrive."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from ampsandbox.engine.batches import Batches, LiveBatch
from ampsandbox.engine.context import Context
from ampsandbox.engine.delivery import Delivery
from ampsandbox.engine.installations import Installations
from ampsandbox.engine.intake import encode_fields
from ampsandbox.engine.journal import OperationRow, Row, Unit
from ampsandbox.engine.model import OperationState
from ampsandbox.engine.moments import to_micros
from ampsandbox.engine.pending import SAVE_OUTCOME, Pending
from ampsandbox.engine.request import INSERT_REQUEST, pack
from ampsandbox.engine.routes import Routes
from ampsandbox.errors import ConflictError, NotFoundError
from ampsandbox.events import BatchDropped, WriteDropped, WriteEdited, WriteRetried

_FORGET_OUTCOME = "DELETE FROM outcomes WHERE number = ?"
_SET_FIELDS = "UPDATE operations SET fields = ? WHERE number = ?"
_DROP_WAITING = (
    "INSERT INTO outcomes(number, state, attempts, finished_at)"
    " SELECT p.number, 'dropped', 0, ? FROM operations p LEFT JOIN outcomes o ON o.number = p.number"
    " WHERE p.batch = ? AND o.number IS NULL"
)
_DEAD = frozenset({OperationState.FAILED, OperationState.IN_DOUBT})


class ByHand:
    """Carries out what a person decides about writes."""

    def __init__(
        self,
        context: Context,
        installations: Installations,
        routes: Routes,
        batches: Batches,
        delivery: Delivery,
    ) -> None:
        self._context = context
        self._installations = installations
        self._routes = routes
        self._batches = batches
        self._delivery = delivery
        self._held: set[int] = set()

    def row(self, operation_id: str) -> OperationRow:
        """The journal's row of an operation.

        Raises:
            NotFoundError: The id was never given out.
        """
        number = self._context.ids.operation_number(operation_id)
        row = self._context.journal.read.operation(number) if number is not None else None
        if row is None:
            raise NotFoundError(f"There is no operation {operation_id}.")
        return row

    async def edit(self, operation_id: str, fields: Mapping[str, Any]) -> None:
        """Replace the fields of a write that waits for its flush."""
        row = self.row(operation_id)
        self._waiting_batch(row, operation_id)
        payload = encode_fields(fields)
        with self._holding(row.number, operation_id):
            event = WriteEdited(
                at=self._context.clock.now(), installation=self._owner(row), operation=operation_id
            )
            statement = (_SET_FIELDS, [(payload, row.number)])
            await self._context.journal.store(Unit(statements=[statement], events=(event,)))

    async def drop(self, operation_id: str) -> None:
        """Give up a write that waits for its flush, or a dead letter."""
        row = self.row(operation_id)
        is_dead = row.state in _DEAD
        batch = None if is_dead else self._waiting_batch(row, operation_id)
        with self._holding(row.number, operation_id):
            await self._context.journal.store(self._dropping(row, operation_id, batch))
            if batch is not None:
                batch.count -= 1

    def _dropping(self, row: OperationRow, operation_id: str, batch: LiveBatch | None) -> Unit:
        now = self._context.clock.now()
        event = WriteDropped(
            at=now,
            installation=self._owner(row),
            operation=operation_id,
            batch=batch.id if batch else None,
        )
        outcome: Row = (
            row.number,
            OperationState.DROPPED.value,
            row.attempts or 0,
            to_micros(now),
            None,
            row.errors,
            row.raw,
        )
        return Unit(statements=[(SAVE_OUTCOME, [outcome])], events=(event,))

    async def drop_batch(self, batch: LiveBatch) -> None:
        """Give up all waiting writes of a batch."""
        self._context.journal.commit()
        now = self._context.clock.now()
        event = BatchDropped(
            at=now,
            installation=self._context.ids.installation(batch.route.installation),
            batch=batch.id,
            writes=batch.count,
        )
        self._batches.abandon(batch)
        await self._context.journal.store_surely(
            Unit(
                statements=[(_DROP_WAITING, [(to_micros(now), batch.number)]), batch.update()],
                events=(event,),
            )
        )

    async def retry(self, operation_id: str, fields: Mapping[str, Any] | None) -> None:
        """Send a dead letter again, with other fields where given, and wait for its outcome."""
        row = self.row(operation_id)
        if row.state not in _DEAD:
            raise ConflictError(
                f"Operation {operation_id} is {row.state or 'waiting'}; only failed ones and those in doubt "
                "can be retried."
            )
        route = self._routes[row.route]
        if self._installations.get(route.installation) is None:
            raise ConflictError(f"The installation of operation {operation_id} was removed.")
        payload = row.fields if fields is None else encode_fields(fields)
        with self._holding(row.number, operation_id):
            now = self._context.clock.now()
            request = self._context.journal.next_number("requests")
            event = WriteRetried(at=now, installation=self._owner(row), operation=operation_id)
            statements: list[tuple[str, list[Row]]] = [
                (_FORGET_OUTCOME, [(row.number,)]),
                (_SET_FIELDS, [(payload, row.number)]),
                (INSERT_REQUEST, [(request, pack([row.number]))]),
            ]
            await self._context.journal.store(Unit(statements=[*statements], events=(event,)))
            pending = Pending(
                row.number, route, row.batch, row.primary_key, payload, now, attempts=row.attempts or 0
            )
            await self._delivery.deliver_one(pending, request, self._context.immediate_policy())

    def _waiting_batch(self, row: OperationRow, operation_id: str) -> LiveBatch:
        batch = self._batches.get(row.batch) if row.batch is not None and row.state is None else None
        if batch is None or not batch.is_open:
            raise ConflictError(
                f"Operation {operation_id} is {row.state or 'being delivered'}; it no longer waits."
            )
        return batch

    def _owner(self, row: OperationRow) -> str:
        return self._context.ids.installation(self._routes[row.route].installation)

    @contextmanager
    def _holding(self, number: int, operation_id: str) -> Iterator[None]:
        """Let one hand at a time act on an operation."""
        if number in self._held:
            raise ConflictError(f"Operation {operation_id} is being changed by another call.")
        self._held.add(number)
        try:
            yield
        finally:
            self._held.discard(number)
