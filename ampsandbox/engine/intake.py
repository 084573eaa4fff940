"""Takes writes: into the journal first, then into a batch or straight to the CRM."""

from __future__ import annotations

import asyncio
import shlex
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

import msgspec

from ampsandbox.engine.context import EngineContext
from ampsandbox.engine.delivery import Delivery
from ampsandbox.engine.installation_registry import InstallationRegistry, Installed
from ampsandbox.engine.journal import JournalEntry, Row, operation_row
from ampsandbox.engine.journal.intents import INSERT_REQUEST, pack
from ampsandbox.engine.model import FlushReason, InstallationState, Operation, OperationState
from ampsandbox.engine.pending_batches import PendingBatch, PendingBatches
from ampsandbox.engine.pending_writes import Outcome, PendingWrite
from ampsandbox.engine.timestamps import to_micros
from ampsandbox.engine.write_command import BatchCommand, WriteCommand
from ampsandbox.engine.write_options import WriteOptions, encode_options
from ampsandbox.engine.write_paths import WritePath, WritePaths
from ampsandbox.errors import (
    AmpSandboxError,
    HaltedError,
    JournalUnavailableError,
    NotFoundError,
    UsageError,
    nearest_hint,
)
from ampsandbox.events import Event, WriteAccepted

AUTO_BATCH_SIZE = 100
"""An auto-batch is flushed when it has so many records (Ampersand's documentation of auto-batching)."""

Tell = Callable[[Operation | Exception], None]
"""Hears once what came of a write: what `Engine.submit` returns, or raises."""

_encode = msgspec.json.Encoder().encode


def encode_fields(fields: Mapping[str, Any]) -> bytes:
    """Fields as the journal keeps them.

    Raises:
        UsageError: They hold what JSON cannot.
    """
    try:
        return _encode(fields)
    except (TypeError, ValueError, OverflowError, RecursionError) as error:
        raise UsageError(f"The fields cannot be stored as JSON: {error}.") from error


class Intake:
    """Accepts writes for the engine; see `Engine.submit` and `Engine.submit_batch`."""

    def __init__(
        self,
        context: EngineContext,
        installations: InstallationRegistry,
        paths: WritePaths,
        batches: PendingBatches,
        delivery: Delivery,
    ) -> None:
        self._context = context
        self._installations = installations
        self._paths = paths
        self._batches = batches
        self._delivery = delivery

    async def submit(self, command: WriteCommand) -> Operation:
        """Accept one write, and wait for what comes of it; see `Engine.submit`."""
        future: asyncio.Future[Operation] = asyncio.get_running_loop().create_future()

        def tell(result: Operation | Exception) -> None:
            if future.done():
                return
            if isinstance(result, Operation):
                future.set_result(result)
            else:
                future.set_exception(result)

        self.begin(command, tell)
        with self._context.clock.waiting():
            return await future

    def begin(self, command: WriteCommand, tell: Tell) -> None:
        """Accept one write; see `Engine.begin`."""
        installed = self._ready(command.integration.name, command.group)
        payload = encode_fields(command.fields)
        path = self._paths.find_or_add(installed.number, command.item, command.mode)
        if path.schedule is None and command.auto_batch_s is None:
            self._immediate(installed, path, command, payload, tell)
        else:
            self._batched(installed, path, command, payload, tell)

    async def submit_batch(self, command: BatchCommand) -> PendingBatch:
        """Accept the writes of one request; see `Engine.submit_batch`."""
        installed = self._ready(command.integration.name, command.group)
        path = self._paths.find_or_add(installed.number, command.item, command.mode)
        unit = JournalEntry()
        events: list[Event] = []
        self._paths.include(path, unit)
        writes = [
            WriteCommand(
                command.integration,
                command.item,
                command.mode,
                command.group,
                record.fields,
                record.primary_key,
                record.options,
            )
            for record in command.records
        ]
        payloads = [encode_fields(write.fields) for write in writes]
        batch = self._batches.add_request(path, command.options, unit, events)
        accepted = [
            self._accept(installed, path, batch, write, payload)
            for write, payload in zip(writes, payloads, strict=True)
        ]
        unit.operations = [row for _, row in accepted]
        unit.events = (*events, *(self._accepted(operation) for operation, _ in accepted))
        try:
            await self._context.journal.store(unit)
        except JournalUnavailableError:
            self._batches.forget(batch)
            raise
        path.is_stored = True
        for _ in accepted:
            self._batches.stored(batch)
        self._delivery.begin(batch, FlushReason.REQUEST)
        return batch

    def _ready(self, integration: str, group: str) -> Installed:
        """The installation that takes the group's writes."""
        self._delivery.check_running()
        installed = self._installations.find(group, integration)
        if installed is None:
            raise self._not_installed(integration, group)
        if not installed.is_ready:
            raise _not_ready(installed)
        return installed

    def _not_installed(self, integration: str, group: str) -> NotFoundError:
        """Say what exists, which name is near, and how to install."""
        views = self._installations.views()
        groups = sorted({view.group for view in views if view.integration == integration})
        known = ", ".join(groups) or "no group"
        return NotFoundError(
            f"{integration} is not installed for group {group!r}. Installed: {known}.",
            f"{nearest_hint(group, groups)} {_how_to_install(group)}".strip(),
        )

    def _batched(
        self, installed: Installed, path: WritePath, command: WriteCommand, payload: bytes, tell: Tell
    ) -> None:
        unit = JournalEntry()
        events: list[Event] = []
        self._paths.include(path, unit)
        if command.auto_batch_s is None:
            batch = self._batches.join(path, unit, events)
        else:
            options = _of_auto_batch(command.options)
            batch = self._batches.join_auto_batch(path, command.auto_batch_s, options, unit, events)
        operation, row = self._accept(installed, path, batch, command, payload)
        unit.operations = (row,)
        unit.events = (*events, self._accepted(operation))

        def stored() -> None:
            path.is_stored = True
            self._batches.stored(batch)

        def told(error: AmpSandboxError | None) -> None:
            if error is None:
                tell(operation)
            else:
                self._batches.refused(batch)
                tell(error)

        unit.stored, unit.told = stored, told
        self._context.journal.put(unit)

    def _immediate(
        self, installed: Installed, path: WritePath, command: WriteCommand, payload: bytes, tell: Tell
    ) -> None:
        operation, row = self._accept(installed, path, None, command, payload)
        request = self._context.journal.next_number("requests")
        unit = JournalEntry(operations=(row,), events=(self._accepted(operation),))
        self._paths.include(path, unit)
        # The note that it is on its way goes with the acceptance: one commit before the request, not two.
        unit.joined = ((INSERT_REQUEST, [(request, bytearray(pack([row[0]])))]),)
        pending = PendingWrite(
            row[0], path, None, command.primary_key, payload, operation.accepted_at, options=command.options
        )

        def told(error: AmpSandboxError | None) -> None:
            if error is not None:
                tell(error)
                return
            path.is_stored = True
            try:
                self._deliver(pending, request, operation, tell)
            except HaltedError as halted:
                tell(halted)

        unit.told = told
        self._context.journal.put(unit)

    def _deliver(self, pending: PendingWrite, request: int, operation: Operation, tell: Tell) -> None:
        """Send an accepted write, and tell what came of it; at once where nobody waits for that."""
        retry_s = pending.options.retry_s
        if retry_s is not None:
            self._delivery.start_one(pending, request, self._context.policy(retry_s))
            tell(operation)
            return

        def delivered(task: asyncio.Future[Outcome]) -> None:
            if task.cancelled():
                tell(HaltedError())  # the next start settles the write
            elif (error := task.exception()) is not None:
                tell(error if isinstance(error, Exception) else HaltedError())
            else:
                tell(_with_outcome(operation, pending, task.result(), self._context.clock.now()))

        task = self._delivery.start_one(pending, request, self._context.immediate_policy())
        task.add_done_callback(delivered)

    def _accept(
        self,
        installed: Installed,
        path: WritePath,
        batch: PendingBatch | None,
        command: WriteCommand,
        payload: bytes,
    ) -> tuple[Operation, Row]:
        number = self._context.journal.next_number("operations")
        now = self._context.clock.now()
        operation = Operation(
            id=self._context.ids.operation(number),
            installation_id=installed.installation.id,
            endpoint=path.item.endpoint,
            object=path.item.name,
            mode=path.mode,
            state=OperationState.QUEUED,
            batch_id=batch.id if batch else None,
            primary_key=command.primary_key,
            fields=dict(command.fields),
            accepted_at=now,
            object_name=command.options.object_name,
            is_async=command.options.retry_s is not None,
        )
        batch_number = batch.number if batch else None
        options = encode_options(command.options)
        accepted_us = to_micros(now)
        row = operation_row(
            number, path.number, batch_number, payload, accepted_us, command.primary_key, options
        )
        return operation, row

    def _accepted(self, operation: Operation) -> Event:
        return WriteAccepted(
            at=operation.accepted_at,
            installation=operation.installation_id,
            operation=operation.id,
            object=operation.object,
            mode=operation.mode.value,
            endpoint=operation.endpoint,
            batch=operation.batch_id,
        )


def _with_outcome(
    operation: Operation, pending: PendingWrite, outcome: Outcome, finished_at: datetime
) -> Operation:
    return msgspec.structs.replace(
        operation,
        state=outcome.state,
        attempts=pending.attempts,
        record_id=outcome.record_id,
        errors=outcome.errors,
        raw_response=outcome.raw,
        crm_status=outcome.status,
        finished_at=finished_at,
    )


def _of_auto_batch(options: WriteOptions) -> WriteOptions:
    """What concerns the batch that a write opens, out of the write's own options."""
    return WriteOptions(
        headers=options.headers,
        retry_s=options.retry_s,
        object_name=options.object_name,
        is_whole=True,
        flush_size=AUTO_BATCH_SIZE,
    )


def _not_ready(installed: Installed) -> NotFoundError:
    """Say why an installation takes no writes."""
    view = installed.installation
    words = f"{view.integration} takes no writes for group {view.group!r}"
    if installed.is_leaving:
        return NotFoundError(f"{words}: it is being uninstalled.", _how_to_install(view.group))
    if view.state is InstallationState.FAILED:
        return NotFoundError(f"{words}: its installation failed. {view.error}", _how_to_install(view.group))
    return NotFoundError(f"{words} yet: it is being installed.", "Try again in a moment.")


def _how_to_install(group: str) -> str:
    return f"To install: ampsandbox ctl install {shlex.quote(group)}"
