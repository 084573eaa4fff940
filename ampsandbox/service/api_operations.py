"""Operations as today's API counts them: a single write is one, and so is a batch or an auto-batch."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any, Final, Literal

import msgspec

from ampsandbox.engine.engine import Engine
from ampsandbox.engine.model import Batch, BatchState, Operation, OperationState
from ampsandbox.errors import NotFoundError
from ampsandbox.service.provider_errors import batch_errors, write_errors

Status = Literal["success", "failure", "in_progress"]

_PAGE: Final = 200
_MOST_WRITES: Final = 1_000
_FAILURE: Final = "Error writing to provider"


class ApiOperation(msgspec.Struct, frozen=True):
    """One operation.

    Attributes:
        object_name: What the app calls the object.
        is_async: Whether its end is notified: nobody waited for it.
        result: One sentence, once it has ended.
        failures: How many of its writes did not succeed.
        errors: What the provider said, in today's API's words.
    """

    id: str
    installation_id: str
    object_name: str
    status: Status
    is_async: bool
    attempts: int
    record_ids: tuple[str, ...]
    failures: int
    result: str
    errors: tuple[str, ...]
    accepted_at: datetime
    finished_at: datetime | None
    last_attempt_at: datetime | None = None


class OperationLogEntry(msgspec.Struct, frozen=True):
    """One line of an operation's log. `severity` is `INFO`, `WARNING` or `ERROR`."""

    at: datetime
    severity: str
    message: str
    operation_id: str
    error: str = ""
    details: dict[str, Any] = msgspec.field(default_factory=dict)


class ApiOperations:
    """Finds operations by their ids, and lists them."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def find(self, operation_id: str) -> ApiOperation:
        """The operation of an id.

        Raises:
            NotFoundError: The id was never given out.
        """
        batch = self._batch(operation_id)
        return self._of_batch(batch) if batch else self._of_write(self._write(operation_id))

    def of_installation(self, installation_id: str, before: str | None = None) -> Iterator[ApiOperation]:
        """An installation's operations, newest first.

        Args:
            installation_id: The engine's id.
            before: The id of the operation that the page before ended with.

        Raises:
            NotFoundError: There is no such installation, or no operation `before`.
        """
        if before is not None and (batch := self._batch(before)):
            before = self._first_write(batch.id)
        known: dict[str, str | None] = {}
        while True:
            page = self._engine.operations.newest(installation_id=installation_id, before=before, limit=_PAGE)
            for write in page:
                if write.batch_id is None:
                    yield self._of_write(write)
                    continue
                # A batch stands where its first write does, so that each page has it once.
                if write.batch_id not in known:
                    known[write.batch_id] = self._first_write(write.batch_id)
                batch = self._batch(write.batch_id) if known[write.batch_id] == write.id else None
                if batch is not None:
                    yield self._of_batch(batch)
            if len(page) < _PAGE:
                return
            before = page[-1].id

    def ended(self, limit: int) -> list[ApiOperation]:
        """The newest asynchronous operations that have ended, oldest first."""
        everything = (
            each
            for installation in self._engine.installations.all()
            for each in self.of_installation(installation.id)
            if each.is_async and each.status != "in_progress"
        )
        newest = sorted(everything, key=lambda each: (each.finished_at or each.accepted_at, each.id))
        return newest[-limit:]

    def log(self, operation_id: str) -> list[OperationLogEntry]:
        """What happened to an operation, oldest first.

        Raises:
            NotFoundError: The id was never given out.
        """
        found = self.find(operation_id)
        writes = self._writes(operation_id)
        entries = [OperationLogEntry(found.accepted_at, "INFO", "Write accepted", found.id)]
        # A batch travels as a whole: its first write went with every request that any of them went with.
        for seen in self._engine.exchanges.of(writes[0].id) if writes else ():
            exchange = seen.exchange
            status = exchange.status
            is_good = status is not None and status < 400
            entries.append(
                OperationLogEntry(
                    exchange.at,
                    "INFO" if is_good else "ERROR",
                    f"{exchange.method} {exchange.url} → {status or 'no answer'}",
                    found.id,
                    "" if is_good else exchange.response_body,
                    {"status": status, "records": exchange.records, "elapsedMs": exchange.elapsed_ms},
                )
            )
        if found.result and found.finished_at is not None:
            severity = "INFO" if found.status == "success" and not found.errors else "ERROR"
            entries.append(
                OperationLogEntry(
                    found.finished_at, severity, found.result, found.id, "; ".join(found.errors)
                )
            )
        return entries

    # -- inside ----------------------------------------------------------------------------------------------

    def _batch(self, operation_id: str) -> Batch | None:
        try:
            batch = self._engine.batches.get(operation_id)
        except NotFoundError:
            return None
        return batch if batch.is_operation else None

    def _write(self, operation_id: str) -> Operation:
        try:
            return self._engine.operations.get(operation_id)
        except NotFoundError:
            raise NotFoundError(
                "Operation not found for the given operation ID.",
                "Verify the operation ID and project are correct, or list operations to find a valid ID.",
            ) from None

    def _writes(self, operation_id: str) -> list[Operation]:
        batch = self._batch(operation_id)
        if batch is None:
            return [self._write(operation_id)]
        return self._engine.batches.operations(batch.id, limit=_MOST_WRITES)

    def _first_write(self, batch_id: str) -> str | None:
        first = self._engine.batches.operations(batch_id, limit=1)
        return first[0].id if first else None

    def _provider(self, installation_id: str) -> str:
        owners = {each.id: each.provider for each in self._engine.installations.all()}
        return owners.get(installation_id, "")

    def _of_write(self, write: Operation) -> ApiOperation:
        status: Status = "in_progress"
        result = ""
        if write.is_final:
            is_success = write.state is OperationState.SUCCEEDED
            status = "success" if is_success else "failure"
            name = write.object_name or write.object
            result = f"[{name}] {'Write completed' if is_success else _FAILURE}"
        return ApiOperation(
            id=write.id,
            installation_id=write.installation_id,
            object_name=write.object_name or write.object,
            status=status,
            is_async=write.is_async,
            attempts=write.attempts,
            record_ids=(write.record_id,) if write.record_id else (),
            failures=int(status == "failure"),
            result=result,
            errors=tuple(write_errors(write, self._provider(write.installation_id))),
            accepted_at=write.accepted_at,
            finished_at=write.finished_at,
        )

    def _of_batch(self, batch: Batch) -> ApiOperation:
        writes = self._engine.batches.operations(batch.id, limit=_MOST_WRITES)
        done = [each for each in writes if each.is_final]
        good = [each for each in done if each.state is OperationState.SUCCEEDED]
        has_ended = batch.state is BatchState.FLUSHED and len(done) == len(writes)
        status: Status = "in_progress"
        if has_ended:
            status = "success" if good else "failure"
        words = f"Batch write completed ({len(good)} succeeded, {len(done) - len(good)} failed)"
        return ApiOperation(
            id=batch.id,
            installation_id=batch.installation_id,
            object_name=batch.object_name or batch.object,
            status=status,
            is_async=batch.is_async,
            attempts=max((each.attempts for each in writes), default=0),
            record_ids=tuple(each.record_id for each in good if each.record_id),
            failures=len(done) - len(good),
            result=words if has_ended else "",
            errors=tuple(batch_errors(done, self._provider(batch.installation_id))),
            accepted_at=batch.opened_at,
            finished_at=max((each.finished_at for each in done if each.finished_at), default=None)
            if has_ended
            else None,
        )
