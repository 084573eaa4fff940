"""Writes gathered for one flush: which batches there are, and when each one is due."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from functools import lru_cache

import msgspec

from ampsandbox.clock import Timer
from ampsandbox.engine.context import EngineContext
from ampsandbox.engine.installation_registry import InstallationRegistry
from ampsandbox.engine.journal import BatchRow, JournalEntry, Row
from ampsandbox.engine.model import BatchState, FlushReason
from ampsandbox.engine.timestamps import from_micros, to_micros
from ampsandbox.engine.write_options import DEFAULT, WriteOptions, decode_options, encode_options
from ampsandbox.engine.write_paths import WritePath, WritePaths
from ampsandbox.errors import ConflictError, NotFoundError
from ampsandbox.events import (
    BatchOpened,
    BatchOrphaned,
    BatchPaused,
    BatchRescheduled,
    BatchResumed,
    Event,
)
from ampsandbox.manifest.model import Mode
from ampsandbox.manifest.schedule import Schedule, parse_schedule

_INSERT = (
    "INSERT OR IGNORE INTO batches(number, route, state, opened_at, flush_at, options, reason, boundary)"
    " VALUES (?, ?, ?, ?, ?, ?, ?, ?)"
)
_UPDATE = (
    "UPDATE batches SET route = ?, state = ?, flush_at = ?, reason = ?, requests = ?, boundary = ?"
    " WHERE number = ?"
)

BatchKey = tuple[int, str, Mode]
OpenBatchKey = tuple[BatchKey, tuple[tuple[str, str], ...], str]


def open_key(path: WritePath, options: WriteOptions) -> OpenBatchKey:
    """What writes have in common that go to the same batch."""
    return (path.batch_key, options.headers, options.object_name)


schedule_of: Callable[[str], Schedule] = lru_cache(maxsize=256)(parse_schedule)


class PendingBatch(msgspec.Struct, eq=False):
    """A batch that still has writes to deliver, or may get some."""

    number: int
    id: str
    path: WritePath
    state: BatchState
    opened_at: datetime
    flush_at: datetime | None
    reason: FlushReason | None = None
    is_stored: bool = False
    is_announced: bool = False
    count: int = 0
    succeeded: int = 0
    failed: int = 0
    in_doubt: int = 0
    requests: int = 0
    boundary: int | None = None
    """The newest stored operation when its flush began: what came later is due after it."""
    timer: Timer | None = None
    options: WriteOptions = DEFAULT
    damage: str = ""
    """What of its row cannot be used, so that none of its writes can be sent as it was meant."""
    joined: int = 0
    """Writes that were let in, stored already or not; counted for auto-batches alone."""

    @property
    def key(self) -> OpenBatchKey:
        """What the writes have in common that may still join it."""
        return open_key(self.path, self.options)

    @property
    def is_full(self) -> bool:
        """Whether no more writes may join."""
        return bool(self.options.flush_size) and self.joined >= self.options.flush_size

    @property
    def is_open(self) -> bool:
        """Whether it waits for its flush."""
        return self.state not in (BatchState.FLUSHING, BatchState.FLUSHED)

    def update(self) -> tuple[str, list[Row]]:
        """The statement that stores how it stands."""
        flush_at = to_micros(self.flush_at) if self.flush_at else None
        reason = self.reason.value if self.reason else None
        row = (self.path.number, self.state.value, flush_at, reason, self.requests, self.boundary)
        return (_UPDATE, [(*row, self.number)])


class PendingBatches:
    """The batches that are not flushed yet, each with its timer.

    Args:
        on_due: Called on the loop when a batch's schedule fires.
    """

    def __init__(
        self,
        context: EngineContext,
        installations: InstallationRegistry,
        paths: WritePaths,
        on_due: Callable[[PendingBatch], None],
    ) -> None:
        self._context = context
        self._installations = installations
        self._paths = paths
        self._on_due = on_due
        self._is_ended = False
        self._by_number: dict[int, PendingBatch] = {}
        self._by_id: dict[str, PendingBatch] = {}
        self._open: dict[OpenBatchKey, PendingBatch] = {}
        for row in context.journal.read.unfinished_batches():
            self._take_up(row)

    def _take_up(self, row: BatchRow) -> None:
        read = self._context.journal.read
        outcomes = read.outcome_counts(row.number)
        options, damage = decode_options(row.options)
        batch = PendingBatch(
            number=row.number,
            id=self._context.ids.batch(row.number),
            path=self._paths[row.path],
            state=BatchState(row.state),
            opened_at=from_micros(row.opened_at),
            flush_at=from_micros(row.flush_at) if row.flush_at is not None else None,
            reason=FlushReason(row.reason) if row.reason else None,
            is_stored=True,
            count=read.size_of(row.number) - sum(outcomes.values()),
            succeeded=outcomes.get("succeeded", 0),
            failed=outcomes.get("failed", 0),
            in_doubt=outcomes.get("in_doubt", 0),
            requests=row.requests,
            boundary=row.boundary,
            options=options,
            damage=f"in its batch, {damage}" if damage else "",
        )
        batch.joined = batch.count
        self._keep(batch)
        if not batch.is_open:
            return
        if batch.is_full:
            batch.flush_at = self._context.clock.now()
        else:
            self._open[batch.key] = batch

    def _keep(self, batch: PendingBatch) -> None:
        self._by_number[batch.number] = batch
        self._by_id[batch.id] = batch

    # -- reading -----------------------------------------------------------------------------------------

    def __iter__(self) -> Iterator[PendingBatch]:
        return iter([batch for batch in self._by_number.values() if batch.is_stored])

    def get(self, number: int) -> PendingBatch | None:
        """The batch of that number, until it is flushed."""
        return self._by_number.get(number)

    def flush_at(self, batch_id: str) -> datetime | None:
        """When the schedule fires of a batch that is not flushed yet."""
        batch = self._by_id.get(batch_id)
        return batch.flush_at if batch is not None else None

    def open(self) -> list[PendingBatch]:
        """The batches that wait for a flush, oldest first."""
        return [batch for batch in self if batch.is_open]

    def flushing(self, key: BatchKey) -> list[PendingBatch]:
        """The batches of one key that are being delivered, oldest first."""
        return [
            batch for batch in self._by_number.values() if not batch.is_open and batch.path.batch_key == key
        ]

    def next_flush(self) -> datetime | None:
        """When the next schedule fires for a batch that waits."""
        moments = [b.flush_at for b in self.open() if b.flush_at and b.state is BatchState.WAITING]
        return min(moments, default=None)

    def next_fire(self, path: WritePath) -> datetime | None:
        """When the schedule of a write path fires next, or None without one."""
        if path.schedule is None:
            return None
        anchor = self._installations[path.installation].installation.created_at
        schedule = schedule_of(path.schedule)
        return schedule.next_fire(self._context.clock.now(), anchor, self._context.settings.time_zone)

    # -- filling -----------------------------------------------------------------------------------------

    def join(self, path: WritePath, unit: JournalEntry, events: list[Event]) -> PendingBatch:
        """The batch that a write on this path goes to, opened with `unit` where there is none yet."""
        batch = self._open.get(open_key(path, DEFAULT))
        if batch is None:
            batch = self._new(path, self.next_fire(path), DEFAULT)
            self._open[batch.key] = batch
        if not batch.is_stored:
            self._include(batch, unit, events)
        elif batch.path is not path:
            self._hasten(batch, path, unit, events)
        return batch

    def join_auto_batch(
        self, path: WritePath, delay_s: float, options: WriteOptions, unit: JournalEntry, events: list[Event]
    ) -> PendingBatch:
        """The auto-batch that a write goes to; the first one says when it is flushed at the latest."""
        batch = self._open.get(open_key(path, options))
        if batch is None:
            batch = self._new(path, self._context.clock.now() + timedelta(seconds=delay_s), options)
            self._open[batch.key] = batch
        batch.joined += 1
        if batch.is_full:
            del self._open[batch.key]
        if not batch.is_stored:
            self._include(batch, unit, events)
        return batch

    def add_request(
        self, path: WritePath, options: WriteOptions, unit: JournalEntry, events: list[Event]
    ) -> PendingBatch:
        """The batch of writes that came as one request: closed from the start, and stored with `unit`."""
        batch = self._new(path, None, options)
        batch.state, batch.reason = BatchState.FLUSHING, FlushReason.REQUEST
        batch.boundary = self._context.journal.read.last_number("operations")
        self._include(batch, unit, events)
        return batch

    def _new(self, path: WritePath, flush_at: datetime | None, options: WriteOptions) -> PendingBatch:
        number = self._context.journal.next_number("batches")
        batch = PendingBatch(
            number=number,
            id=self._context.ids.batch(number),
            path=path,
            state=BatchState.WAITING,
            opened_at=self._context.clock.now(),
            flush_at=flush_at,
            options=options,
        )
        self._keep(batch)
        return batch

    def _include(self, batch: PendingBatch, unit: JournalEntry, events: list[Event]) -> None:
        flush_at = to_micros(batch.flush_at) if batch.flush_at else None
        row = (
            batch.number,
            batch.path.number,
            batch.state.value,
            to_micros(batch.opened_at),
            flush_at,
            encode_options(batch.options),
            batch.reason.value if batch.reason else None,
            batch.boundary,
        )
        unit.statements.append((_INSERT, [row]))
        if batch.is_announced:
            return
        batch.is_announced = True
        events.append(
            BatchOpened(
                at=self._context.clock.now(),
                installation=self._owner(batch),
                batch=batch.id,
                object=batch.path.item.name,
                mode=batch.path.mode.value,
                flush_at=batch.flush_at,
            )
        )

    def _hasten(self, batch: PendingBatch, path: WritePath, unit: JournalEntry, events: list[Event]) -> None:
        """Two endpoints of one object share a batch; the earlier schedule flushes it, an orphaned one too."""
        fire = self.next_fire(path)
        if fire is None or batch.state is BatchState.PAUSED:
            return
        if batch.flush_at is None or fire < batch.flush_at:
            batch.flush_at = fire
            if batch.state is BatchState.ORPHANED:
                batch.state, batch.path = BatchState.WAITING, path
                events.append(self._review_event(batch))
            unit.statements.append(batch.update())
            self.arm(batch)

    def stored(self, batch: PendingBatch) -> None:
        """Note that a write of the batch is in the journal."""
        batch.count += 1
        if not batch.is_stored:
            batch.is_stored = True
            self.arm(batch)
        # Not before all that joined are stored: what is still on its way to the disk belongs to the batch.
        if batch.is_full and batch.count == batch.joined and batch.state is BatchState.WAITING:
            self._on_due(batch)

    def refused(self, batch: PendingBatch) -> None:
        """Note that a write of the batch could not be stored, and so perhaps not the batch itself."""
        # The event that announced the batch went with what was refused; the next write announces it again.
        batch.is_announced = batch.is_stored
        if batch.options.flush_size:
            batch.joined -= 1

    # -- flushing ----------------------------------------------------------------------------------------

    def arm(self, batch: PendingBatch) -> None:
        """Have the clock flush the batch when it is due."""
        if batch.timer is not None:
            batch.timer.cancel()
            batch.timer = None
        if self._is_ended or batch.flush_at is None:
            return
        if batch.state is BatchState.WAITING and batch.is_stored:
            batch.timer = self._context.clock.call_at(batch.flush_at, lambda: self._due(batch))

    def disarm(self) -> None:
        """Stop every timer, and set none any more."""
        self._is_ended = True
        for batch in self._by_number.values():
            if batch.timer is not None:
                batch.timer.cancel()

    def _due(self, batch: PendingBatch) -> None:
        if batch.state is BatchState.WAITING:
            self._on_due(batch)

    def close(self, batch: PendingBatch, reason: FlushReason) -> None:
        """Take no more writes into the batch: it is about to be delivered."""
        batch.state = BatchState.FLUSHING
        batch.reason = reason
        if batch.boundary is None:
            batch.boundary = self._context.journal.read.last_number("operations")
        self.arm(batch)
        if self._open.get(batch.key) is batch:
            del self._open[batch.key]

    def abandon(self, batch: PendingBatch) -> None:
        """Take the batch away without delivering it."""
        self.close(batch, FlushReason.MANUAL)
        self.forget(batch)
        batch.count = 0

    def forget(self, batch: PendingBatch) -> None:
        """Let go of a batch that is flushed: no timer, and no more to be found."""
        batch.state = BatchState.FLUSHED
        self._by_number.pop(batch.number, None)
        self._by_id.pop(batch.id, None)

    # -- manually and by a new manifest ------------------------------------------------------------------

    def find_open(self, number: int | None, batch_id: str) -> PendingBatch:
        """The batch of a number, while it waits.

        Raises:
            NotFoundError: There is no such batch.
            ConflictError: It is being flushed, or done.
        """
        batch = self._by_number.get(number) if number is not None else None
        if batch is not None and batch.is_stored and batch.is_open:
            return batch
        if number is None or (batch is None and self._context.journal.read.batch(number) is None):
            raise NotFoundError(f"There is no batch {batch_id}.")
        raise ConflictError(f"Batch {batch_id} is being flushed already, or done.")

    async def pause(self, batch: PendingBatch) -> None:
        """Keep the schedule from flushing a batch."""
        if batch.state is BatchState.PAUSED:
            return
        batch.state = BatchState.PAUSED
        self.arm(batch)
        await self._context.journal.store(
            JournalEntry(
                statements=[batch.update()],
                events=(
                    BatchPaused(
                        at=self._context.clock.now(), installation=self._owner(batch), batch=batch.id
                    ),
                ),
            )
        )

    async def resume(self, batch: PendingBatch) -> None:
        """Let the schedule flush a batch again, at its next fire."""
        if batch.state is not BatchState.PAUSED:
            return
        if not batch.options.flush_size:
            batch.flush_at = self.next_fire(batch.path)
        elif batch.flush_at is not None:
            batch.flush_at = max(batch.flush_at, self._context.clock.now())
        batch.state = BatchState.WAITING if batch.flush_at else BatchState.ORPHANED
        self.arm(batch)
        event = BatchResumed(
            at=self._context.clock.now(),
            installation=self._owner(batch),
            batch=batch.id,
            flush_at=batch.flush_at,
        )
        await self._context.journal.store(JournalEntry(statements=[batch.update()], events=(event,)))

    def _owner(self, batch: PendingBatch) -> str:
        return self._context.ids.installation(batch.path.installation)

    def review(self, unit: JournalEntry) -> list[Event]:
        """Fit the waiting batches to a new manifest; what changes is stored with `unit`."""
        events: list[Event] = []
        for batch in self.open():
            before = (batch.state, batch.flush_at, batch.path)
            self._fit(batch)
            if before == (batch.state, batch.flush_at, batch.path):
                continue
            unit.statements.append(batch.update())
            self.arm(batch)
            events.append(self._review_event(batch))
        return events

    def _fit(self, batch: PendingBatch) -> None:
        if batch.options.flush_size:  # its delay comes from the app, not from the manifest
            return
        if batch.path.schedule is None:
            batch.path = self._paths.scheduled(batch.path.batch_key) or batch.path
        if batch.path.schedule is None:
            batch.state = BatchState.ORPHANED
            batch.flush_at = None
            return
        if batch.state is BatchState.ORPHANED:
            batch.state = BatchState.WAITING
        now = self._context.clock.now()
        # A fire that was missed stays missed until the flush that makes up for it.
        if batch.flush_at is None or batch.flush_at > now:
            batch.flush_at = self.next_fire(batch.path)

    def _review_event(self, batch: PendingBatch) -> Event:
        now = self._context.clock.now()
        installation = self._owner(batch)
        if batch.state is BatchState.ORPHANED:
            return BatchOrphaned(at=now, installation=installation, batch=batch.id)
        return BatchRescheduled(at=now, installation=installation, batch=batch.id, flush_at=batch.flush_at)
