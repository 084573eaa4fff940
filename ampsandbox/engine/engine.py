"""The engine: the life of a running sandbox, and the way in to everything that can be asked of it.

Data flows one way: installation -> operation -> batch -> delivery -> outcome. All methods, those of
`operations`, `batches` and `installations` too, run on the thread of the event loop that called `start`; the
values they return may be read anywhere.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from pathlib import Path

import msgspec

from ampsandbox.clock import Clock, moment_after
from ampsandbox.engine.batches import Batches
from ampsandbox.engine.clock_state import SET_META, restore_clock, save_clock
from ampsandbox.engine.context import EngineContext
from ampsandbox.engine.delivery import Delivery
from ampsandbox.engine.exchanges import ExchangeLog
from ampsandbox.engine.installation_registry import Connect, InstallationRegistry
from ampsandbox.engine.installations import Installations
from ampsandbox.engine.intake import Intake, Tell
from ampsandbox.engine.journal import Journal, JournalEntry, check_image
from ampsandbox.engine.journal.database import FILE_NAME, damaged
from ampsandbox.engine.live_outcomes import keep_live_outcomes
from ampsandbox.engine.model import FlushReason, Operation
from ampsandbox.engine.operations import Operations
from ampsandbox.engine.pending_batches import PendingBatch, PendingBatches
from ampsandbox.engine.quota import SAVE_QUOTA
from ampsandbox.engine.recovery import Recovery, resume
from ampsandbox.engine.replacement import MockOrgs, Replacement
from ampsandbox.engine.timestamps import to_micros
from ampsandbox.engine.views import Views
from ampsandbox.engine.write_command import BatchCommand, WriteCommand
from ampsandbox.engine.write_paths import WritePaths
from ampsandbox.errors import ClockError, JournalUnavailableError
from ampsandbox.events import (
    ClockMoved,
    ClockSpeedChanged,
    Event,
    EventLog,
    ManifestLoaded,
    ManifestRefused,
    SandboxReset,
    SandboxRestored,
    SandboxStarted,
    SandboxStopped,
)
from ampsandbox.manifest.findings import Finding, LoadResult, Severity
from ampsandbox.manifest.model import Manifest
from ampsandbox.settings.engine import EngineSettings

_SEED = "seed"


class Engine:
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
        operations, batches, installations: What can be asked of each, from `start` on. A reset and a restore
            put new ones in their place, so that nobody may hold on to them.
    """

    def __init__(
        self,
        project: str,
        clock: Clock,
        connect: Connect,
        settings: EngineSettings | None = None,
        state: Path | None = None,
        seed: int | str = 0,
        orgs: MockOrgs | None = None,
    ) -> None:
        self.project = project
        self.clock = clock
        self.settings = settings or EngineSettings()
        self.manifest: Manifest | None = None
        self.findings: tuple[Finding, ...] = ()
        self.exchanges = ExchangeLog(self.settings.exchanges_in_memory)
        self.events = EventLog(self.settings.events_in_memory, self._older_events)
        self._connect = connect
        self._state = state
        self._seed = str(seed)
        self._orgs = orgs
        self._beginning = clock.reading()
        self._is_running = False

    @property
    def seed(self) -> str:
        """Where ids and jitter come from: the journal's own seed once it is open."""
        return self._context.seed if self._is_running else self._seed

    # -- life --------------------------------------------------------------------------------------------

    async def start(self, *, resume_clock: bool = True) -> None:
        """Open the journal, take up what it holds, and begin to flush.

        Writes that were on their way when the last run ended are settled: inserts are in doubt, updates are
        delivered again. Batches whose time passed meanwhile are flushed once.

        Args:
            resume_clock: Whether the clock goes on from the journal's time and speed.

        Raises:
            StateError: The state directory cannot be used, is held by another process, or is too new.
            JournalUnavailableError: The journal cannot be written.
        """
        self._journal = Journal(self._state, self.settings, self.events)
        self._replacement = Replacement(self._state, self._journal, self._orgs)
        try:
            self._replacement.finish_interrupted()
        except BaseException:
            self._journal.abandon()
            raise
        try:
            await self._open(resume_clock=resume_clock)
        except (msgspec.MsgspecError, LookupError, TypeError, ValueError) as error:
            await self._abort()
            assert self._state is not None
            raise damaged(self._state / FILE_NAME, f"{type(error).__name__}: {error}") from error
        except BaseException:
            await self._abort()
            raise
        save_clock(self.clock, self._journal)

    async def _open(self, *, resume_clock: bool) -> None:
        if resume_clock:
            restore_clock(self.clock, self._journal)
        seed = self._journal.read.meta(_SEED)
        self._context = EngineContext(
            self.clock, self.settings, self._journal, self.exchanges, seed.decode() if seed else self._seed
        )
        self._installations = InstallationRegistry(self._context, self._connect)
        recovered = await self._take_up()
        self._is_running = True
        started = SandboxStarted(at=self.clock.now(), project=self.project, recovered=recovered)
        seeded = (SET_META, [(_SEED, self._context.seed.encode())])
        await self._journal.store(JournalEntry(statements=[seeded], events=(started,)))

    async def stop(self, flush: bool = False) -> None:
        """End in good order: requests on their way are waited for (ten seconds at most), none is started.

        Args:
            flush: Deliver the waiting batches first, retries included. On a clock that stands still, a retry
                never falls due: what the CRM did not take for now waits for the next start.
        """
        if not self._is_running:
            return
        if flush:
            await self.batches.deliver(self._batches.open(), FlushReason.SHUTDOWN)
        self._is_running = False
        self._batches.disarm()
        await self._delivery.stop()
        await self._installations.aclose()
        save_clock(self.clock, self._journal)
        unit = JournalEntry(events=(SandboxStopped(at=self.clock.now()),))
        unit.statements.append((SAVE_QUOTA, self._installations.take_unsaved_quota()))
        self._journal.put(unit)
        self._journal.close()

    async def kill(self) -> None:
        """End as a killed process does: nothing more is sent or stored. For tests of recovery."""
        self._is_running = False
        self._batches.disarm()
        await self._abort()

    async def load(self, result: LoadResult) -> bool:
        """Take a manifest, unless it has errors; the last good one stays then.

        Waiting batches follow changed schedules; those whose object is no longer scheduled are orphaned.
        Installations are not provisioned anew: `install` them again for that.

        Returns:
            Whether the manifest was taken.
        """
        self.findings = result.findings
        errors = len(result.errors)
        if result.manifest is None or errors:
            self._context.emit(ManifestRefused(at=self.clock.now(), errors=max(errors, 1)))
            return False
        self.manifest = result.manifest
        self._paths.redefine(result.manifest, self._installations.integrations())
        unit = JournalEntry()
        loaded = ManifestLoaded(
            at=self.clock.now(),
            integrations=tuple(each.name for each in result.manifest.integrations),
            errors=0,
            warnings=sum(1 for each in result.findings if each.severity is Severity.WARNING),
        )
        unit.events = (loaded, *self._batches.review(unit))
        await self._journal.store(unit)
        return True

    # -- the whole ---------------------------------------------------------------------------------------

    async def reset(self, rewind: bool | None = None, unprovisioned: Collection[str] = ()) -> None:
        """Start over: every operation, batch and event is forgotten, the installations begin anew.

        Ids and jitter begin again from the seed, so that what follows is the same as after a fresh start. The
        mock orgs return to their baselines; real ones are not touched. All of it happens, or nothing, even
        when the process is killed meanwhile.

        Args:
            rewind: Whether the clock goes back to where it started; a frozen one does when None.
            unprovisioned: The ids of installations that have to be installed again afterwards, since the
                baselines of their orgs hold nothing of what was provisioned.

        Raises:
            JournalUnavailableError: The disk does not take it; everything is as before.
        """
        rewind = self.clock.is_frozen if rewind is None else rewind
        await self._halt()
        before = self.clock.now()
        if rewind:
            self.clock.set(self._beginning[0])
        entry = self._installations.renew(unprovisioned)
        entry.statements.append((SET_META, [(_SEED, self._context.seed.encode())]))
        last = self._installations.last_number()
        try:
            self._replacement.start_over(entry.statements, self._orgs.baselines() if self._orgs else None)
        except JournalUnavailableError:
            self.clock.set(before)
            await self._take_up()
            raise
        self.exchanges.clear()
        self._context.reseed(self._context.seed)
        self._journal.keep_numbers("installations", last)
        self._assemble()
        await self._journal.store(JournalEntry(events=(SandboxReset(at=self.clock.now()),)))
        save_clock(self.clock, self._journal)

    def snapshot(self) -> bytes:
        """The whole state of the engine as bytes: a SQLite database. Holds what was written, no credentials.

        The mock orgs have their own snapshots.
        """
        save_clock(self.clock, self._journal)
        return self._journal.serialize()

    async def restore(
        self, snapshot: bytes, frozen_at: datetime | None = None, orgs: Mapping[str, bytes] | None = None
    ) -> None:
        """Go back to a snapshot, its clock included. What was on its way then is settled as at a start.

        All of it happens, or nothing, even when the process is killed meanwhile. Live orgs do not go back: a
        write that waits for one in the snapshot and may have been sent since is not sent again, but has the
        outcome that it has by now, or is in doubt.

        Args:
            snapshot: What `snapshot` returned.
            frozen_at: Where the clock stands still afterwards, instead of going on as the snapshot's did.
            orgs: The mock orgs' own snapshots, by installation id; they stay as they are when None.

        Raises:
            StateError: The bytes are no snapshot, or one of a newer version.
            JournalUnavailableError: The disk does not take it; everything is as before.
        """
        check_image(snapshot)  # before anything is halted: bytes that are no snapshot must cost nothing
        await self._halt()
        try:
            image, in_doubt = keep_live_outcomes(snapshot, self._journal, to_micros(self.clock.now()))
            self._replacement.put(image, orgs)
        except JournalUnavailableError:
            await self._take_up()
            raise
        seed = self._journal.read.meta(_SEED)
        self._context.reseed(seed.decode() if seed else self._seed)
        if frozen_at is None:
            restore_clock(self.clock, self._journal)
        else:
            self.clock.freeze()
            self.clock.set(frozen_at)
        await self._take_up()
        if self.manifest is not None:
            self._paths.redefine(self.manifest, self._installations.integrations())
        unit = JournalEntry()
        restored = SandboxRestored(at=self.clock.now(), in_doubt=in_doubt)
        unit.events = (restored, *self._batches.review(unit))
        await self._journal.store(unit)

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

    def begin(self, command: WriteCommand, tell: Tell) -> None:
        """Accept one write as `submit` does, without a task that waits: `tell` hears what comes of it.

        Raises:
            NotFoundError, UsageError: As `submit`; `tell` is not called then.
        """
        self._intake.begin(command, tell)

    async def submit_batch(self, command: BatchCommand) -> str:
        """Accept the writes of one request, which go to the CRM as one request.

        Without `retry_s` among its options it returns once each of them has its outcome; they are delivered
        even when the caller is cancelled. With it, as soon as they are in the journal.

        Returns:
            The batch's id; `batches.operations` has its writes, in the order of the command.

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
        target = moment_after(start, by) if by is not None else to or self.batches.next_flush()
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

    # -- inside ------------------------------------------------------------------------------------------

    def _assemble(self) -> None:
        """Build the parts around what the journal holds now."""
        self._paths = WritePaths(self._context)
        self._batches = PendingBatches(self._context, self._installations, self._paths, self._on_due)
        self._delivery = Delivery(self._context, self._installations, self._paths, self._batches)
        context, paths, batches, delivery = self._context, self._paths, self._batches, self._delivery
        installed = self._installations
        views = Views(context, installed, paths, delivery)
        self._intake = Intake(context, installed, paths, batches, delivery)
        self.operations = Operations(context, installed, paths, batches, delivery, views)
        self.batches = Batches(context, installed, batches, delivery, views)
        self.installations = Installations(
            context, installed, batches, delivery, self.batches, lambda: self.manifest
        )

    async def _take_up(self) -> int:
        """Take up the journal's content; returns how many writes were on their way."""
        await self._installations.load()
        recovery = Recovery(self._context, self._installations)
        again = await recovery.settle()
        self._assemble()
        resume(self._context, self._batches, self._delivery, again)
        for batch in self._batches.open():
            self._batches.arm(batch)
        return recovery.count

    async def _halt(self) -> None:
        """End all work without ending the sandbox."""
        self._batches.disarm()
        await self._delivery.cancel()

    async def _abort(self) -> None:
        self._is_running = False
        if hasattr(self, "_delivery"):
            await self._delivery.cancel()
        if hasattr(self, "_installations"):
            await self._installations.aclose()
        self._journal.abandon()

    def _on_due(self, batch: PendingBatch) -> None:
        if not batch.options.flush_size:
            reason = FlushReason.SCHEDULE
        else:
            reason = FlushReason.SIZE if batch.is_full else FlushReason.DELAY
        self._delivery.begin(batch, reason)

    def _older_events(self, after: int, before: int, limit: int) -> list[Event]:
        return self._journal.read.events(after, before, limit)
