"""What people do to single writes: edit or drop those that wait, retry or drop those that did not arrive."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from typing import Any

from ampsandbox.engine.batches import LiveBatch
from ampsandbox.engine.intake import encode_fields
from ampsandbox.engine.journal import JournalEntry, OperationRow, Row
from ampsandbox.engine.journal.intents import INSERT_REQUEST, pack
from ampsandbox.engine.model import OperationState
from ampsandbox.engine.parts import Part, Parts
from ampsandbox.engine.pending_writes import SAVE_OUTCOME, PendingWrite
from ampsandbox.engine.timestamps import to_micros
from ampsandbox.engine.write_options import decode_options
from ampsandbox.errors import ConflictError, NotFoundError
from ampsandbox.events import BatchDropped, WriteDropped, WriteEdited, WriteRetried, WriteSucceeded

_FORGET_OUTCOME = "DELETE FROM outcomes WHERE number = ?"
_SET_FIELDS = "UPDATE operations SET fields = ? WHERE number = ?"
_LEAVE_BATCH = "UPDATE operations SET batch = NULL WHERE number = ?"
_DROP_WAITING = (
    "INSERT INTO outcomes(number, state, attempts, finished_at)"
    " SELECT p.number, 'dropped', 0, ? FROM operations p LEFT JOIN outcomes o ON o.number = p.number"
    " WHERE p.batch = ? AND o.number IS NULL"
)
_RETRIED_AT_ONCE = 100
_DEAD = frozenset({OperationState.FAILED, OperationState.IN_DOUBT})


class ManualActions(Part):
    """Carries out what a person decides about writes."""

    def __init__(self, parts: Parts) -> None:
        super().__init__(parts)
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
            await self._context.journal.store(JournalEntry(statements=[statement], events=(event,)))

    async def drop(self, operation_id: str) -> None:
        """Give up a write that has not been sent, or a dead letter."""
        row = self.row(operation_id)
        batch = None if row.state in _DEAD else self._unsent_batch(row, operation_id)
        with self._holding(row.number, operation_id):
            dropped = self._context.journal.store(self._dropping(row, operation_id, batch))
            # Now and not with the next commit: until then its flush might hand it to a request.
            self._context.journal.commit()
            await dropped
            if batch is not None:
                self._delivery.withdraw(batch, row.number)

    def _dropping(self, row: OperationRow, operation_id: str, batch: LiveBatch | None) -> JournalEntry:
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
            row.status,
        )
        return JournalEntry(statements=[(SAVE_OUTCOME, [outcome])], events=(event,))

    async def send_now(self, operation_id: str) -> None:
        """Take a waiting write out of its batch, send it alone, and wait for its outcome.

        Earlier writes to the same record that still wait are not sent first.
        """
        row = self.row(operation_id)
        batch = self._waiting_batch(row, operation_id)
        with self._holding(row.number, operation_id):
            request = self._context.journal.next_number("requests")
            statements: list[tuple[str, list[Row]]] = [
                (_LEAVE_BATCH, [(row.number,)]),
                (INSERT_REQUEST, [(request, pack([row.number]))]),
            ]
            stored = self._context.journal.store(JournalEntry(statements=[*statements]))
            # Now and not with the next commit: until then a flush might send it as well.
            self._context.journal.commit()
            await stored
            self._delivery.withdraw(batch, row.number)
            now = self._context.clock.now()
            pending = PendingWrite(
                row.number,
                self._paths[row.path],
                None,
                row.primary_key,
                row.fields,
                now,
                options=decode_options(row.options),
            )
            await self._delivery.deliver_one(pending, request, self._context.immediate_policy())

    async def mark_written(self, operation_id: str, record_id: str | None) -> None:
        """Note that a write in doubt is in the CRM after all, as somebody found out there."""
        row = self.row(operation_id)
        if row.state != OperationState.IN_DOUBT:
            raise ConflictError(
                f"Operation {operation_id} is {row.state or 'waiting'}; only one in doubt can be marked."
            )
        with self._holding(row.number, operation_id):
            now = self._context.clock.now()
            event = WriteSucceeded(
                at=now, installation=self._owner(row), operation=operation_id, record_id=record_id
            )
            outcome: Row = (
                row.number, OperationState.SUCCEEDED.value, row.attempts or 0, to_micros(now),
                record_id, None, None, None,
            )  # fmt: skip
            await self._context.journal.store(
                JournalEntry(statements=[(SAVE_OUTCOME, [outcome])], events=(event,))
            )

    async def drop_batch(self, batch: LiveBatch) -> None:
        """Give up all waiting writes of a batch."""
        self._context.journal.commit()
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

    async def retry(self, operation_id: str, fields: Mapping[str, Any] | None) -> None:
        """Send a dead letter again, with other fields where given, and wait for its outcome."""
        row = self.row(operation_id)
        if row.state not in _DEAD:
            raise ConflictError(
                f"Operation {operation_id} is {row.state or 'waiting'}; only failed ones and those in doubt "
                "can be retried."
            )
        path = self._paths[row.path]
        if self._installations.get(path.installation) is None:
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
            await self._context.journal.store(JournalEntry(statements=[*statements], events=(event,)))
            pending = PendingWrite(
                row.number,
                path,
                row.batch,
                row.primary_key,
                payload,
                now,
                attempts=row.attempts or 0,
                options=decode_options(row.options),
            )
            await self._delivery.deliver_one(pending, request, self._context.immediate_policy())

    async def retry_all(self, installation: int | None) -> int:
        """Send all dead letters of one installation or all again, in order of acceptance.

        Those of removed installations stay, and so do those that another call acts on.

        Returns:
            How many were sent.
        """
        numbers = [
            number
            for number, path in self._context.journal.read.dead_letter_paths()
            if self._is_retriable(number, self._paths[path].installation, installation)
        ]
        for start in range(0, len(numbers), _RETRIED_AT_ONCE):
            page = numbers[start : start + _RETRIED_AT_ONCE]
            ids = map(self._context.ids.operation, page)
            await self._context.clock.gather(*(self._retry_if_dead(each) for each in ids))
        return len(numbers)

    def _is_retriable(self, number: int, installation: int, wanted: int | None) -> bool:
        is_wanted = wanted in (None, installation)
        return is_wanted and number not in self._held and self._installations.get(installation) is not None

    async def _retry_if_dead(self, operation_id: str) -> None:
        """Somebody may have retried, edited or dropped it meanwhile."""
        with suppress(ConflictError):
            await self.retry(operation_id, None)

    def _waiting_batch(self, row: OperationRow, operation_id: str) -> LiveBatch:
        batch = self._live_batch(row)
        if batch is None or not batch.is_open:
            raise ConflictError(
                f"Operation {operation_id} is {row.state or 'being delivered'}; it no longer waits."
            )
        return batch

    def _unsent_batch(self, row: OperationRow, operation_id: str) -> LiveBatch:
        batch = self._live_batch(row)
        if batch is not None and (batch.is_open or self._delivery.is_withdrawable(batch, row.number)):
            return batch
        raise ConflictError(
            f"Operation {operation_id} is {row.state or 'being delivered'}; it can no longer be dropped."
        )

    def _live_batch(self, row: OperationRow) -> LiveBatch | None:
        return self._batches.get(row.batch) if row.batch is not None and row.state is None else None

    def _owner(self, row: OperationRow) -> str:
        return self._context.ids.installation(self._paths[row.path].installation)

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
