"""The facade of the engine: everything a server, a screen or a test can ask of a running sandbox.

Data flows one way: installation -> operation -> batch -> delivery -> outcome. All methods run on the thread
of the event loop that called `start`; the values they return may be read anywhere.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from datetime import datetime, timedelta
from typing import Any, Literal

from ampsandbox.clock import moment_after
from ampsandbox.engine.authorizations import Authorization
from ampsandbox.engine.batches import LiveBatch
from ampsandbox.engine.clock_state import save_clock
from ampsandbox.engine.config import InstallationConfig
from ampsandbox.engine.crm import Crm, ProvisioningPlan
from ampsandbox.engine.installations import Installed, OnStep, chosen_integrations
from ampsandbox.engine.journal import JournalEntry
from ampsandbox.engine.lifecycle import Lifecycle
from ampsandbox.engine.model import (
    FINAL_STATES,
    Batch,
    ConnectionView,
    FlushReason,
    Installation,
    Operation,
    OperationState,
    QuotaView,
)
from ampsandbox.engine.write_command import BatchCommand, WriteCommand
from ampsandbox.engine.write_rules import WriteRules
from ampsandbox.errors import ClockError, ConflictError, NotFoundError
from ampsandbox.events import ClockMoved, ClockSpeedChanged, Event
from ampsandbox.manifest.model import Integration

_ALL = 2**62


class Engine(Lifecycle):
    """One project: a manifest, its installations, and everything written through them.

    Args:
        project: The name in `/projects/{project}/…`.
        clock: The one clock. A state directory's own time and speed are taken up by `start`.
        connect: Makes the connection of an installation; called once for each, at start or installation.
            The second argument wants to hear of every HTTP exchange.
        settings: How to store, deliver and retry.
        state: The state directory, made if missing; None keeps everything in memory.
        seed: Where ids and jitter come from. A state directory keeps the seed it was made with.

    Attributes:
        events: Everything that happens; see `EventLog.subscribe` and `EventLog.since`.
        exchanges: The newest HTTP exchanges with CRMs.
        manifest: The current manifest, None until `load` took one.
        findings: What was found in the last file given to `load`, taken or not.
    """

    # -- installations -----------------------------------------------------------------------------------

    @property
    def installations(self) -> list[Installation]:
        """The installations that were not uninstalled, oldest first, failed ones included."""
        return self._installations.views()

    def find_installation(self, group: str, integration_name: str) -> Installation | None:
        """The installation of an integration for a group, if writes are taken for it."""
        found = self._installations.find(group, integration_name)
        return found.installation if found is not None and found.is_ready else None

    def crm(self, installation_id: str) -> Crm:
        """The client of an installation, for looking at its org and schema.

        Raises:
            NotFoundError: There is no such installation.
        """
        return self._installations.by_id(installation_id).connection.crm

    async def plan(
        self, group: str, integration: str | None = None, *, connection: Literal["mock", "live"] = "mock"
    ) -> dict[str, ProvisioningPlan]:
        """What `install` would create in the CRM, by the integration's name. Nothing is changed.

        Args:
            group: The customer.
            integration: One integration; all that the sandbox has a CRM for when None.
            connection: Whose org is asked where there is no installation yet.

        Raises:
            NotFoundError: The manifest has no such integration.
            UsageError: There is no manifest, or no CRM for the integration's provider.
        """
        return {
            each.name: await self._installations.plan(each, group, connection)
            for each in chosen_integrations(self.manifest, integration)
        }

    async def install(
        self,
        group: str,
        integration: str | None = None,
        *,
        connection: Literal["mock", "live"] = "mock",
        on_step: OnStep | None = None,
        config: tuple[str, dict[str, Any]] | None = None,
    ) -> list[Installation]:
        """Install integrations for a group, provisioning their objects and fields. Idempotent.

        Args:
            group: The customer.
            integration: One integration; all that the sandbox has a CRM for when None.
            connection: Where a new installation writes to; an existing one keeps its own.
            on_step: Hears of each thing that was created or found.
            config: Who chose the config, and its content; without it everything is ticked.

        Raises:
            NotFoundError: The manifest has no such integration.
            UsageError: There is no manifest, or no CRM for the integration's provider.
            ConflictError: The CRM has something in the way.
            AmpSandboxError: The CRM refused or could not be reached; the installation stays as failed, and
                installing again goes on with it.
        """
        return [
            await self._installations.install(each, group, connection, on_step, config)
            for each in chosen_integrations(self.manifest, integration)
        ]

    def config(self, installation_id: str) -> InstallationConfig:
        """The config that holds for an installation; number 0 where nobody chose one.

        Raises:
            NotFoundError: There is no such installation, or the manifest does not have its integration.
        """
        each = self._installations.by_id(installation_id)
        return each.config_for(self._integration_of(each))

    async def configure(
        self, installation_id: str, created_by: str, content: dict[str, Any]
    ) -> InstallationConfig:
        """Let an installation have another config, from its next write on.

        Raises:
            NotFoundError: There is no such installation.
            JournalUnavailableError: It could not be stored; the old one holds.
        """
        return await self._installations.configure(
            self._installations.by_id(installation_id), created_by, content
        )

    def write_rules(self, installation_id: str, name: str) -> WriteRules:
        """What holds for writes to the object that a request calls `name`.

        Raises:
            NotFoundError: The manifest has no such object, or the customer did not choose it.
        """
        each = self._installations.by_id(installation_id)
        return each.rules(self._integration_of(each), name)

    def look(
        self, integration: Integration, group: str, connection: Literal["mock", "live"] = "mock"
    ) -> AbstractAsyncContextManager[Crm]:
        """The CRM of an installation; for a group without one, the CRM that it would get."""
        return self._installations.look(integration, group, connection)

    @property
    def authorizations(self) -> list[Authorization]:
        """What groups consented to, oldest first."""
        return list(self._installations.authorizations)

    async def authorize(self, authorization: Authorization) -> None:
        """Keep a group's consent, so that integrations can be installed for it."""
        entry = JournalEntry(statements=[])
        self._installations.authorizations.keep(authorization, entry)
        await self._journal.store(entry)

    async def revoke(self, provider: str, group: str) -> None:
        """Forget a group's consent. Installations that use it are uninstalled first, by `uninstall`."""
        entry = JournalEntry(statements=[])
        self._installations.authorizations.forget(provider, group, entry)
        await self._journal.store(entry)

    def _integration_of(self, each: Installed) -> Integration:
        name = each.installation.integration
        found = self.manifest.find_integration(name) if self.manifest else None
        if found is None:
            raise NotFoundError(f"The manifest has no integration {name} any more.", "Uninstall it.")
        return found

    async def uninstall(self, group: str, integration: str | None = None) -> None:
        """Flush what waits for a group's installations, then forget them. Their records stay in the CRM.

        Raises:
            NotFoundError: There is no such installation.
            ConflictError: The clock stands still, and the CRM does not take what waits now.
        """
        gone = [
            each
            for each in self._installations
            if each.installation.group == group and integration in (None, each.installation.integration)
        ]
        if not gone:
            raise NotFoundError(f"{integration or 'Nothing'} is not installed for group {group}.")
        for each in gone:
            await self._uninstall(each)

    async def _uninstall(self, each: Installed) -> None:
        name, group = each.installation.integration, each.installation.group
        if each.is_leaving:
            raise ConflictError(f"{name} is being uninstalled for group {group!r} already.")
        each.is_leaving = True
        try:
            await self._accepted()
            waiting = [b for b in self._batches if b.path.installation == each.number]
            await self._flush([b for b in waiting if b.is_open], FlushReason.UNINSTALL)
            await self._finish(waiting, each.number)
            if any(map(self._is_live, waiting)) or self._delivery.singles_to(each.number):
                raise ConflictError(
                    f"The CRM of {group!r} does not take what waits, and the clock stands.",
                    "Advance the clock for the retries, or drop the writes.",
                )
            await self._installations.remove(each)
        finally:
            each.is_leaving = False

    async def _accepted(self) -> None:
        """Let every write that is being accepted get to its batch, or on its way."""
        self._journal.commit()
        await asyncio.sleep(0)

    def _is_live(self, batch: LiveBatch) -> bool:
        return self._batches.get(batch.number) is not None

    # -- writes ------------------------------------------------------------------------------------------

    async def submit(self, command: WriteCommand) -> Operation:
        """Accept one write.

        An object with a schedule: returns `queued` as soon as the write is in the journal. Without one:
        returns the outcome, which is `succeeded`, `failed` or `in_doubt`; a write that is accepted is
        delivered even when the caller is cancelled. With `retry_s` among its options it returns `queued` in
        both cases, and goes on in the background, where a transient error is retried for so many seconds.
        With `auto_batch_s` it waits in an auto-batch.

        Raises:
            NotFoundError: The integration is not installed for the group.
            JournalUnavailableError: The journal cannot take the write; it is not accepted.
            UsageError: The fields hold what JSON cannot.
        """
        return await self._intake.submit(command)

    async def submit_batch(self, command: BatchCommand) -> str:
        """Accept the writes of one request, which go to the CRM as one request.

        Without `retry_s` among its options it returns once each of them has its outcome; they are delivered
        even when the caller is cancelled. With it, as soon as they are in the journal.

        Returns:
            The batch's id; `batch_operations` has its writes, in the order of the command.

        Raises:
            As `submit`.
        """
        batch = await self._intake.submit_batch(command)
        if command.options.retry_s is None:
            await self._delivery.finished([batch])
        return batch.id

    def emit(self, event: Event) -> None:
        """Store and publish an event that stands for itself."""
        self._context.emit(event)

    def operation(self, operation_id: str) -> Operation:
        """One operation as it stands.

        Raises:
            NotFoundError: The id was never given out.
        """
        return self._views.operation(self._manual.row(operation_id))

    def operations(
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
        number = self._manual.row(before).number if before else _ALL
        ids = [installation_id] if isinstance(installation_id, str) else installation_id
        owners = None if ids is None else frozenset(self._installations.by_id(each).number for each in ids)
        paths = None if owners is None and object_name is None else self._paths.matching(owners, object_name)
        states = None if state is None else outcomes_of(state)
        return self._views.operations(self._journal.read.operations(states, paths, number, limit))

    def written_objects(self) -> set[str]:
        """The names of all objects that were ever written to, as the manifest had them."""
        return self._paths.objects()

    def operations_of_record(self, installation_id: str, record_id: str) -> list[Operation]:
        """The operations that wrote a record of an installation's org, oldest first.

        Raises:
            NotFoundError: `installation_id` does not exist.
        """
        paths = self._paths.of_installation(self._installations.by_id(installation_id).number)
        return self._views.operations(self._journal.read.operations_of_record(paths, record_id))

    async def edit(self, operation_id: str, fields: Mapping[str, Any]) -> Operation:
        """Replace the fields of a write that waits for its flush.

        Raises:
            NotFoundError: There is no such operation.
            ConflictError: It no longer waits.
        """
        await self._manual.edit(operation_id, fields)
        return self.operation(operation_id)

    async def drop(self, operation_id: str) -> Operation:
        """Give up a write that has not been sent to the CRM yet, or a dead letter.

        Raises:
            NotFoundError: There is no such operation.
            ConflictError: It is on its way, may be applied already, or has its outcome.
        """
        await self._manual.drop(operation_id)
        return self.operation(operation_id)

    async def send_now(self, operation_id: str) -> Operation:
        """Send a write that waits in a batch at once and alone, and return it with its outcome.

        Raises:
            NotFoundError: There is no such operation.
            ConflictError: It no longer waits.
        """
        await self._manual.send_now(operation_id)
        return self.operation(operation_id)

    async def mark_written(self, operation_id: str, record_id: str | None = None) -> Operation:
        """Note that a write in doubt is in the CRM after all; nothing is sent.

        Raises:
            NotFoundError: There is no such operation.
            ConflictError: It is not in doubt.
        """
        await self._manual.mark_written(operation_id, record_id)
        return self.operation(operation_id)

    def dead_letters(self, before: str | None = None, limit: int = 100) -> list[Operation]:
        """The newest operations that failed or are in doubt, for a hand to retry or drop.

        Raises:
            NotFoundError: `before` does not exist.
        """
        number = self._manual.row(before).number if before else _ALL
        return self._views.operations(self._journal.read.dead_letters(number, limit))

    def dead_letter_count(self) -> int:
        """How many operations failed or are in doubt."""
        return self._journal.read.dead_letter_count()

    def dead_letter_counts(self) -> dict[str, int]:
        """How many operations failed, and how many are in doubt, by state."""
        return self._journal.read.dead_letter_counts()

    async def retry(self, operation_id: str, fields: Mapping[str, Any] | None = None) -> Operation:
        """Send a dead letter again, with other fields where given, and return it with its new outcome.

        Raises:
            NotFoundError: There is no such operation.
            ConflictError: It is not among the dead letters, or its installation was removed.
        """
        await self._manual.retry(operation_id, fields)
        return self.operation(operation_id)

    async def retry_all(self, installation_id: str | None = None) -> int:
        """Send all dead letters again, in order of acceptance, and wait for their outcomes.

        Those whose installation was removed stay as they are.

        Args:
            installation_id: Only those of one installation.

        Returns:
            How many were sent; `dead_letter_count` tells how many are left.

        Raises:
            NotFoundError: `installation_id` does not exist.
        """
        return await self._manual.retry_all(
            self._installations.by_id(installation_id).number if installation_id else None
        )

    # -- batches -----------------------------------------------------------------------------------------

    def batches(self, flushed: int = 20) -> list[Batch]:
        """The batches that wait or are being flushed, oldest first, then the newest flushed ones."""
        done = self._journal.read.flushed_batches(flushed) if flushed else []
        return [*map(self._views.batch, self._batches), *map(self._views.flushed, done)]

    def batch(self, batch_id: str) -> Batch:
        """One batch as it stands.

        Raises:
            NotFoundError: The id was never given out.
        """
        number = self._context.ids.batch_number(batch_id)
        live = self._batches.get(number) if number is not None else None
        if live is not None and live.is_stored:
            return self._views.batch(live)
        row = self._journal.read.batch(number) if number is not None else None
        if row is None:
            raise NotFoundError(f"There is no batch {batch_id}.")
        return self._views.flushed(row)

    def batch_operations(self, batch_id: str, offset: int = 0, limit: int = 100) -> list[Operation]:
        """A window on the operations of a batch, in order of acceptance.

        Raises:
            NotFoundError: The id was never given out.
        """
        number = self._context.ids.batch_number(self.batch(batch_id).id)
        assert number is not None
        return self._views.operations(self._journal.read.operations_of_batch(number, offset, limit))

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
        await self._flush(chosen, FlushReason.MANUAL)
        return [self.batch(batch.id) for batch in chosen]

    async def pause(self, batch_id: str) -> Batch:
        """Keep a waiting batch from being flushed by its schedule; it still takes writes.

        Raises:
            NotFoundError: There is no such batch.
            ConflictError: It is being flushed, or done.
        """
        await self._batches.pause(self._open_batch(batch_id))
        return self.batch(batch_id)

    async def resume(self, batch_id: str) -> Batch:
        """Let the schedule flush a paused batch again, at its next fire.

        Raises:
            NotFoundError: There is no such batch.
            ConflictError: It is being flushed, or done.
        """
        await self._batches.resume(self._open_batch(batch_id))
        return self.batch(batch_id)

    async def drop_batch(self, batch_id: str) -> Batch:
        """Give up all writes of a waiting batch, such as an orphaned one.

        Raises:
            NotFoundError: There is no such batch.
            ConflictError: It is being flushed, or done.
        """
        await self._manual.drop_batch(self._open_batch(batch_id))
        return self.batch(batch_id)

    def flush_at(self, batch_id: str) -> datetime | None:
        """When the schedule of a waiting batch fires; None when only a hand can flush it.

        Cheaper than `batch`, for the answer to each scheduled write.
        """
        return self._batches.flush_at(batch_id)

    def next_flush(self) -> datetime | None:
        """When the next schedule fires for a waiting batch; None when nothing waits."""
        return self._batches.next_flush()

    # -- time --------------------------------------------------------------------------------------------

    async def advance(self, by: timedelta | None = None, to: datetime | None = None) -> datetime:
        """Move the clock forward, firing what falls due on the way; to the next flush without arguments.

        Returns when everything that fell due has come to rest; the clock's new time is returned.

        Raises:
            ClockError: The moment lies in the past or beyond the clock's range, both arguments were given, or
                nothing waits.
        """
        if by is not None and to is not None:
            raise ClockError("Give `by` or `to`, not both.")
        start = self.clock.now()
        target = moment_after(start, by) if by is not None else to or self.next_flush()
        if target is None:
            raise ClockError("No batch waits for its schedule.", "Say how far to go.")
        await self.clock.advance(max(target, start) if by is None and to is None else target)
        self._context.emit(ClockMoved(at=self.clock.now(), start=start))
        save_clock(self.clock, self._journal)
        self._journal.commit()  # so that whoever hears of the move finds it in the log
        return self.clock.now()

    def set_speed(self, speed: float) -> None:
        """Run the clock at a multiple of real time; 0 freezes it.

        Raises:
            ClockError: The speed is negative, beyond a million or not a number.
        """
        self.clock.run(speed)
        self._context.emit(ClockSpeedChanged(at=self.clock.now(), speed=speed))
        save_clock(self.clock, self._journal)

    # -- connections -------------------------------------------------------------------------------------

    def quota(self) -> list[QuotaView]:
        """The request ledger of every connection."""
        return [each.connection.quota() for each in self._installations]

    def connection_state(self, installation_id: str) -> ConnectionView:
        """The health of an installation's connection.

        Raises:
            NotFoundError: There is no such installation.
        """
        return self._installations.by_id(installation_id).connection.view()

    def connection_mended(self, installation_id: str) -> None:
        """Try the CRM of an installation again at once, however long its circuit would have rested.

        Raises:
            NotFoundError: There is no such installation.
        """
        self._installations.by_id(installation_id).connection.circuit.succeeded()

    def _open_batch(self, batch_id: str) -> LiveBatch:
        return self._batches.find_open(self._context.ids.batch_number(batch_id), batch_id)


def outcomes_of(state: OperationState | Sequence[OperationState]) -> list[str]:
    """The outcomes behind states; none for those that wait or are on their way."""
    states = [state] if isinstance(state, OperationState) else state
    return [each.value for each in states if each in FINAL_STATES]
