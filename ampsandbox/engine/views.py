"""Rows of the journal and what is in memory of them, as the immutable values that callers get."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any

import msgspec

from ampsandbox.engine.attempts import damaged_row
from ampsandbox.engine.context import EngineContext
from ampsandbox.engine.crm import Method
from ampsandbox.engine.delivery import Delivery
from ampsandbox.engine.delivery_rules import way_of
from ampsandbox.engine.installation_registry import InstallationRegistry
from ampsandbox.engine.journal import BatchRow, OperationRow
from ampsandbox.engine.model import Batch, BatchState, FlushReason, Operation, OperationState
from ampsandbox.engine.pending_batches import PendingBatch
from ampsandbox.engine.pending_writes import PendingWrite, decode_fields
from ampsandbox.engine.timestamps import from_micros
from ampsandbox.engine.write_options import WriteOptions, decode_options
from ampsandbox.engine.write_paths import WritePaths
from ampsandbox.errors import JournalUnavailableError
from ampsandbox.events import ErrorDetail


class Views:
    """Looks at the journal through the ids and the deliveries under way."""

    def __init__(
        self,
        context: EngineContext,
        installations: InstallationRegistry,
        paths: WritePaths,
        delivery: Delivery,
    ) -> None:
        self._context = context
        self._installations = installations
        self._paths = paths
        self._delivery = delivery

    def operations(self, rows: Iterable[OperationRow]) -> list[Operation]:
        return [self.operation(row) for row in rows]

    def operation(self, row: OperationRow) -> Operation:
        """One operation as callers see it.

        Raises:
            JournalUnavailableError: What the journal holds of it is damaged.
        """
        try:
            return self._operation(row)
        except (msgspec.MsgspecError, LookupError, TypeError, ValueError) as error:
            raise JournalUnavailableError(
                f"The journal is damaged at operation {row.number}: {error}.",
                "Stop the sandbox, and put a backup in the place of its state directory.",
            ) from error

    def _operation(self, row: OperationRow) -> Operation:
        path = self._paths[row.path]
        options, damage = decode_options(row.options)
        fields, errors = _fields(row)
        if damage:
            errors = (damaged_row(row.number, damage), *errors)
        if row.errors:
            errors = msgspec.json.decode(row.errors, type=tuple[ErrorDetail, ...])
        operation = Operation(
            id=self._context.ids.operation(row.number),
            installation_id=self._context.ids.installation(path.installation),
            endpoint=path.item.endpoint,
            object=path.item.name,
            mode=path.mode,
            state=OperationState(row.state) if row.state else OperationState.QUEUED,
            batch_id=self._context.ids.batch(row.batch) if row.batch is not None else None,
            primary_key=row.primary_key,
            fields=fields,
            accepted_at=from_micros(row.accepted_at),
            attempts=row.attempts or 0,
            record_id=row.record_id,
            errors=errors,
            raw_response=row.raw,
            crm_status=row.status,
            finished_at=from_micros(row.finished_at) if row.finished_at is not None else None,
            object_name=options.object_name,
            is_async=options.retry_s is not None,
            associations=options.associations,
        )
        pending = self._delivery.pending(row.number) if row.state is None else None
        return _under_way(operation, pending) if pending else operation

    def batch(self, batch: PendingBatch) -> Batch:
        """A batch that is not flushed yet."""
        installed = self._installations.get(batch.path.installation)
        expected = batch.count
        if installed is not None:
            limits = installed.connection.crm.limits
            # A flush keeps the way it began with, however few of its writes are left.
            began_with = batch.count + batch.succeeded + batch.failed + batch.in_doubt
            threshold = self._context.settings.bulk_threshold
            method, size = way_of(began_with, limits, threshold, batch.options)
            expected = math.ceil(batch.count / size) * (limits.bulk_requests if method is Method.BULK else 1)
        return Batch(
            id=batch.id,
            installation_id=self._context.ids.installation(batch.path.installation),
            object=batch.path.item.name,
            mode=batch.path.mode,
            state=batch.state,
            count=batch.count,
            opened_at=batch.opened_at,
            flush_at=batch.flush_at,
            schedule=batch.path.schedule,
            requests_expected=expected,
            requests_unbatched=batch.count,
            succeeded=batch.succeeded,
            failed=batch.failed,
            in_doubt=batch.in_doubt,
            requests=batch.requests,
            reason=batch.reason,
            **_request_members(batch.options),
        )

    def flushed(self, row: BatchRow) -> Batch:
        """A batch that is done; the requests are those that it took."""
        path = self._paths[row.path]
        outcomes = self._context.journal.read.outcome_counts(row.number)
        options, _ = decode_options(row.options)
        return Batch(
            id=self._context.ids.batch(row.number),
            installation_id=self._context.ids.installation(path.installation),
            object=path.item.name,
            mode=path.mode,
            state=BatchState.FLUSHED,
            count=0,
            opened_at=from_micros(row.opened_at),
            flush_at=from_micros(row.flush_at) if row.flush_at is not None else None,
            schedule=path.schedule,
            requests_expected=row.requests,
            requests_unbatched=sum(outcomes.values()),
            succeeded=outcomes.get("succeeded", 0),
            failed=outcomes.get("failed", 0),
            in_doubt=outcomes.get("in_doubt", 0),
            requests=row.requests,
            reason=FlushReason(row.reason) if row.reason else None,
            **_request_members(options),
        )


def _request_members(options: WriteOptions) -> dict[str, Any]:
    return {
        "flush_size": options.flush_size,
        "all_or_none": options.all_or_none,
        "is_operation": options.is_whole,
        "is_async": not options.is_whole or options.retry_s is not None,
        "object_name": options.object_name,
    }


def _fields(row: OperationRow) -> tuple[dict[str, Any], tuple[ErrorDetail, ...]]:
    """The fields of an operation, or none and why: one damaged row must not hide the others."""
    try:
        return decode_fields(row.fields), ()
    except (msgspec.MsgspecError, TypeError, ValueError) as error:
        return {}, (damaged_row(row.number, f"its fields cannot be read: {error}"),)


def _under_way(operation: Operation, pending: PendingWrite) -> Operation:
    return msgspec.structs.replace(
        operation,
        state=OperationState.SENDING if pending.is_sending else OperationState.QUEUED,
        attempts=pending.attempts,
        next_attempt_at=pending.next_attempt_at,
    )
