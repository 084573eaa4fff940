"""What can be asked of operations: how they stand, and what people do to single ones.

Those that wait are edited, dropped or sent at once; those that did not arrive are retried, dropped or marked.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from datetime import datetime
from typing import Any

from ampsandbox.engine.context import EngineContext
from ampsandbox.engine.delivery import Delivery
from ampsandbox.engine.installation_registry import InstallationRegistry
from ampsandbox.engine.intake import encode_fields
from ampsandbox.engine.journal import JournalEntry, OperationRow, Row
from ampsandbox.engine.journal.intents import INSERT_REQUEST, pack
from ampsandbox.engine.model import FINAL_STATES, Operation, OperationCount, OperationState
from ampsandbox.engine.pending_batches import PendingBatch, PendingBatches
from ampsandbox.engine.pending_writes import SAVE_OUTCOME, PendingWrite
from ampsandbox.engine.timestamps import from_micros, to_micros
from ampsandbox.engine.views import Views
from ampsandbox.engine.write_options import decode_options
from ampsandbox.engine.write_paths import WritePaths
from ampsandbox.errors import ConflictError, NotFoundError
from ampsandbox.events import WriteDropped, WriteEdited, WriteRetried, WriteSucceeded

_FORGET_OUTCOME = "DELETE FROM outcomes WHERE number = ?"
_SET_FIELDS = "UPDATE operations SET fields = ? WHERE number = ?"
_LEAVE_BATCH = "UPDATE operations SET batch = NULL WHERE number = ?"
_RETRIED_AT_ONCE = 100
_ALL = 2**62
"""Above every operation's number: from the newest one on."""
_DEAD = frozenset({OperationState.FAILED, OperationState.IN_DOUBT})


class Operations:
    """The operations of a running engine, as `Engine.operations`."""

    def __init__(
        self,
        context: EngineContext,
        installations: InstallationRegistry,
        paths: WritePaths,
        batches: PendingBatches,
        delivery: Delivery,
        views: Views,
    ) -> None:
        self._context = context
        self._installations = installations
        self._paths = paths
        self._batches = batches
        self._delivery = delivery
        self._views = views
        self._busy: set[int] = set()
        """The numbers of those that a call acts on at this moment."""

    def get(self, operation_id: str) -> Operation:
        """One operation as it stands.

        Raises:
            NotFoundError: The id was never given out.
        """
        return self._views.operation(self._row(operation_id))

    def newest(
        self,
        state: OperationState | Sequence[OperationState] | None = None,
        installation_id: str | Sequence[str] | None = None,
        before: str | None = None,
        limit: int = 100,
        object_name: str | None = None,
    ) -> list[Operation]:
        """The newest operations first.

        Args:
            state: One state or several; `queued` and `sending` cannot be mixed with others, and both give
                everything without an outcome.
            installation_id: Only those of one installation, or of several.
            before: Only those accepted before this operation, for the next page.
            limit: How many at most.
            object_name: Only those of one object, by its name in the manifest.

        Raises:
            NotFoundError: `installation_id` or `before` does not exist.
        """
        number = self._row(before).number if before else _ALL
        ids = [installation_id] if isinstance(installation_id, str) else installation_id
        owners = None if ids is None else frozenset(self._installations.by_id(each).number for each in ids)
        paths = None if owners is None and object_name is None else self._paths.matching(owners, object_name)
        if isinstance(state, OperationState):
            state = [state]
        # What waits or is on its way has no outcome yet, and so none to ask the journal for.
        states = None if state is None else [each.value for each in state if each in FINAL_STATES]
        return self._views.operations(self._context.journal.read.operations(states, paths, number, limit))

    def written_objects(self) -> set[str]:
        """The names of all objects that were ever written to, as the manifest had them."""
        return self._paths.objects()

    def of_record(self, installation_id: str, record_id: str) -> list[Operation]:
        """The operations that wrote a record of an installation's org, oldest first.

        Raises:
            NotFoundError: `installation_id` does not exist.
        """
        paths = self._paths.of_installation(self._installations.by_id(installation_id).number)
        return self._views.operations(self._context.journal.read.operations_of_record(paths, record_id))

    def dead_letters(self, before: str | None = None, limit: int = 100) -> list[Operation]:
        """The newest operations that failed or are in doubt, for a hand to retry or drop.

        Raises:
            NotFoundError: `before` does not exist.
        """
        number = self._row(before).number if before else _ALL
        return self._views.operations(self._context.journal.read.dead_letters(number, limit))

    def dead_letter_count(self) -> int:
        """How many operations failed or are in doubt."""
        return self._context.journal.read.dead_letter_count()

    def dead_letter_counts(self) -> dict[str, int]:
        """How many operations failed, and how many are in doubt, by state."""
        return self._context.journal.read.dead_letter_counts()

    def counted(self, after: int, upto: int) -> list[OperationCount]:
        """The operations of a stretch of the journal's numbers, counted by minute, batch and end."""
        return [
            OperationCount(
                None if row.batch is None else self._context.ids.batch(row.batch),
                None if row.state is None else OperationState(row.state),
                row.accepted,
                row.finished,
                row.operations,
                from_micros(row.first_accepted),
                None if row.first_finished is None else from_micros(row.first_finished),
                None if row.last_finished is None else from_micros(row.last_finished),
            )
            for row in self._context.journal.read.activity(after, upto)
        ]

    @property
    def last_number(self) -> int:
        """The journal's number of the newest operation; 0 when there is none."""
        return self._context.journal.read.last_number("operations")

    async def edit(self, operation_id: str, fields: Mapping[str, Any]) -> Operation:
        """Replace the fields of a write that waits for its flush.

        Raises:
            NotFoundError: There is no such operation.
            ConflictError: It no longer waits.
        """
        row = self._row(operation_id)
        self._waiting_batch(row, operation_id)
        payload = encode_fields(fields)
        with self._exclusively(row.number, operation_id):
            event = WriteEdited(
                at=self._context.clock.now(), installation=self._owner(row), operation=operation_id
            )
            statement = (_SET_FIELDS, [(payload, row.number)])
            await self._context.journal.store(JournalEntry(statements=[statement], events=(event,)))
        return self.get(operation_id)

    async def drop(self, operation_id: str) -> Operation:
        """Give up a write that has not been sent to the CRM yet, or a dead letter.

        Raises:
            NotFoundError: There is no such operation.
            ConflictError: It is on its way, may be applied already, or has its outcome.
        """
        row = self._row(operation_id)
        batch = None if row.state in _DEAD else self._unsent_batch(row, operation_id)
        with self._exclusively(row.number, operation_id):
            dropped = self._context.journal.store(self._dropping(row, operation_id, batch))
            # Now and not with the next commit: until then its flush might hand it to a request.
            self._context.journal.commit()
            await dropped
            if batch is not None:
                self._delivery.withdraw(batch, row.number)
        return self.get(operation_id)

    def _dropping(self, row: OperationRow, operation_id: str, batch: PendingBatch | None) -> JournalEntry:
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

    async def send_now(self, operation_id: str) -> Operation:
        """Send a write that waits in a batch at once and alone, and return it with its outcome.

        Raises:
            NotFoundError: There is no such operation.
            ConflictError: It no longer waits.
        """
        row = self._row(operation_id)
        batch = self._waiting_batch(row, operation_id)
        with self._exclusively(row.number, operation_id):
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
            pending = self._pending(row, None, row.fields, self._context.clock.now())
            await self._delivery.deliver_one(pending, request, self._context.immediate_policy())
        return self.get(operation_id)

    async def mark_written(self, operation_id: str, record_id: str | None = None) -> Operation:
        """Note that a write in doubt is in the CRM after all; nothing is sent.

        Raises:
            NotFoundError: There is no such operation.
            ConflictError: It is not in doubt.
        """
        row = self._row(operation_id)
        if row.state != OperationState.IN_DOUBT:
            raise ConflictError(
                f"Operation {operation_id} is {row.state or 'waiting'}; only one in doubt can be marked."
            )
        with self._exclusively(row.number, operation_id):
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
        return self.get(operation_id)

    async def retry(self, operation_id: str, fields: Mapping[str, Any] | None = None) -> Operation:
        """Send a dead letter again, with other fields where given, and return it with its new outcome.

        Raises:
            NotFoundError: There is no such operation.
            ConflictError: It is not among the dead letters, or its installation was removed.
        """
        row = self._row(operation_id)
        if row.state not in _DEAD:
            raise ConflictError(
                f"Operation {operation_id} is {row.state or 'waiting'}; only failed ones and those in doubt "
                "can be retried."
            )
        path = self._paths[row.path]
        if self._installations.get(path.installation) is None:
            raise ConflictError(f"The installation of operation {operation_id} was removed.")
        payload = row.fields if fields is None else encode_fields(fields)
        with self._exclusively(row.number, operation_id):
            now = self._context.clock.now()
            request = self._context.journal.next_number("requests")
            event = WriteRetried(at=now, installation=self._owner(row), operation=operation_id)
            statements: list[tuple[str, list[Row]]] = [
                (_FORGET_OUTCOME, [(row.number,)]),
                (_SET_FIELDS, [(payload, row.number)]),
                (INSERT_REQUEST, [(request, pack([row.number]))]),
            ]
            await self._context.journal.store(JournalEntry(statements=[*statements], events=(event,)))
            pending = self._pending(row, row.batch, payload, now)
            await self._delivery.deliver_one(pending, request, self._context.immediate_policy())
        return self.get(operation_id)

    async def retry_all(self, installation_id: str | None = None) -> int:
        """Send all dead letters again, in order of acceptance, and wait for their outcomes.

        Those whose installation was removed stay as they are, and so do those that another call acts on.

        Args:
            installation_id: Only those of one installation.

        Returns:
            How many were sent; `dead_letter_count` tells how many are left.

        Raises:
            NotFoundError: `installation_id` does not exist.
        """
        wanted = self._installations.by_id(installation_id).number if installation_id else None
        numbers = []
        for number, path in self._context.journal.read.dead_letter_paths():
            owner = self._paths[path].installation
            if wanted in (None, owner) and number not in self._busy and self._installations.get(owner):
                numbers.append(number)
        for start in range(0, len(numbers), _RETRIED_AT_ONCE):
            page = numbers[start : start + _RETRIED_AT_ONCE]
            ids = map(self._context.ids.operation, page)
            await self._context.clock.gather(*(self._retry_if_dead(each) for each in ids))
        return len(numbers)

    async def _retry_if_dead(self, operation_id: str) -> None:
        with suppress(ConflictError):  # somebody may have retried, edited or dropped it meanwhile
            await self.retry(operation_id)

    def _waiting_batch(self, row: OperationRow, operation_id: str) -> PendingBatch:
        batch = self._pending_batch(row)
        if batch is None or not batch.is_open:
            raise ConflictError(
                f"Operation {operation_id} is {row.state or 'being delivered'}; it no longer waits."
            )
        return batch

    def _unsent_batch(self, row: OperationRow, operation_id: str) -> PendingBatch:
        batch = self._pending_batch(row)
        if batch is not None and (batch.is_open or self._delivery.is_withdrawable(batch, row.number)):
            return batch
        raise ConflictError(
            f"Operation {operation_id} is {row.state or 'being delivered'}; it can no longer be dropped."
        )

    def _pending_batch(self, row: OperationRow) -> PendingBatch | None:
        return self._batches.get(row.batch) if row.batch is not None and row.state is None else None

    def _owner(self, row: OperationRow) -> str:
        return self._context.ids.installation(self._paths[row.path].installation)

    def _pending(
        self, row: OperationRow, batch: int | None, payload: bytes, due_since: datetime
    ) -> PendingWrite:
        """A write of the journal, to be delivered by itself."""
        options, damage = decode_options(row.options)
        return PendingWrite(
            row.number,
            self._paths[row.path],
            batch,
            row.primary_key,
            payload,
            due_since,
            attempts=row.attempts or 0,
            options=options,
            damage=damage,
        )

    def _row(self, operation_id: str) -> OperationRow:
        number = self._context.ids.operation_number(operation_id)
        row = self._context.journal.read.operation(number) if number is not None else None
        if row is None:
            raise NotFoundError(f"There is no operation {operation_id}.")
        return row

    @contextmanager
    def _exclusively(self, number: int, operation_id: str) -> Iterator[None]:
        """Let one call at a time act on an operation."""
        if number in self._busy:
            raise ConflictError(f"Operation {operation_id} is being changed by another call.")
        self._busy.add(number)
        try:
            yield
        finally:
            self._busy.discard(number)
