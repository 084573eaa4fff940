"""One random life of a sandbox, from a seed, and what must hold of it whatever happened."""

from __future__ import annotations

import asyncio
import contextlib
import random
from collections import Counter, defaultdict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from ampsandbox.clock import Clock
from ampsandbox.engine import journal
from ampsandbox.engine.crm import Limits
from ampsandbox.engine.engine import Engine
from ampsandbox.engine.model import BatchState, Operation, OperationState
from ampsandbox.engine.write_command import WriteCommand
from ampsandbox.errors import AmpSandboxError, ConflictError, JournalUnavailableError, NotFoundError
from ampsandbox.events import WriteAccepted, WriteInDoubt, WriteRetried, encode_event
from ampsandbox.manifest.findings import LoadResult
from ampsandbox.manifest.model import Dialect, Integration, Manifest, Mode, ObjectKind, WriteObject
from ampsandbox.settings.engine import EngineSettings
from simulation.memory_crm import MemoryOrg, MemoryOrgs, Request, record_key

START = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
TROUBLES = ("unavailable", "rate", "lost", "lost-unapplied", "refused", "row-lock")
RECORDS = ("k1", "k2", "k3")
SPELLINGS = (*RECORDS, "K1")


def _item(name: str, mode: Mode, endpoint: str, schedule: str | None = None) -> WriteObject:
    return WriteObject(name, ObjectKind.STANDARD, mode, endpoint, schedule)


OBJECTS = (
    _item("account", Mode.INSERT, "insert-now"),
    _item("contact", Mode.UPDATE, "update-now"),
    _item("contact", Mode.UPDATE, "update-later", "every 20 minutes"),
    _item("contact", Mode.INSERT, "insert-later", "every 30 minutes"),
    _item("lead", Mode.INSERT, "insert-hourly", "0 * * * *"),
)
INTEGRATION = Integration("crm", "CRM", "salesforce", OBJECTS)
MANIFEST = LoadResult(Manifest(Dialect.V2023, (INTEGRATION,)), (), "", "amp.yaml")
ENDPOINTS = {item.endpoint: item for item in OBJECTS}


# Space comes back within a few passes of the loop here.
journal.SPACE_RECHECK_S = 0.0


class BrokenPromiseError(AssertionError):
    """An invariant does not hold."""


@dataclass
class Sent:
    """One write that was asked for, and what its caller heard."""

    tag: str
    endpoint: str
    group: str
    key: str | None
    task: asyncio.Task[Operation]
    heard: Operation | None = None
    was_refused: bool = False


@dataclass
class Books:
    """What the model remembers of a history."""

    sent: dict[str, Sent] = field(default_factory=dict)
    by_hand: Counter[str] = field(default_factory=Counter)
    dropped: set[str] = field(default_factory=set)
    edited: set[str] = field(default_factory=set)
    log: list[bytes] = field(default_factory=list)
    crashes: int = 0
    restarts: int = 0
    steps: Counter[str] = field(default_factory=Counter)


class History:
    """Drives a sandbox through random calls, faults and restarts."""

    def __init__(self, seed: int, folder: Path) -> None:
        self.seed = seed
        self.random = random.Random(seed)
        self._folder = folder
        self.books = Books()
        draw = self.random
        self._settings = EngineSettings(
            parallel_requests=draw.randint(1, 4),
            bulk_threshold=draw.choice([6, 1_000]),
            retry_deadline_s=draw.choice([0.0, 60.0, 900.0]),
            immediate_deadline_s=draw.choice([0.0, 0.0, 45.0]),
            breaker_failures=draw.randint(2, 5),
            breaker_pause_s=10.0,
            events_in_memory=draw.choice([5, 10_000]),
        )
        self._trouble_rate = draw.choice([0.0, 0.1, 0.3, 0.7])
        limits = Limits(collection=draw.randint(1, 5), bulk=draw.choice([0, 8]))
        self.clock = Clock(START, speed=0)
        self.orgs = MemoryOrgs(self.clock, limits=limits, answers_at_once=draw.choice([False, True]))
        self._tags = 0
        self._retries: list[asyncio.Task[Any]] = []

    # -- running -----------------------------------------------------------------------------------------

    async def run(self, steps: int) -> Books:
        """Live through that many random steps, heal everything, and check what must hold."""
        await self._open(resume_clock=True)
        for group in ("a", "b"):
            await self.sandbox.installations.install(group)
        for installation in self.sandbox.installations.all():
            self._prepare(self.orgs.org(installation.id))
        for _ in range(steps):
            await self._step()
        await self._heal()
        self._check()
        await self._close()
        return self.books

    async def _open(self, *, resume_clock: bool) -> None:
        self.orgs.clock = self.clock
        self.sandbox = Engine("sim", self.clock, self.orgs, self._settings, self._folder, self.seed)
        await self.sandbox.start(resume_clock=resume_clock)
        self.sandbox.events.subscribe(lambda event: self.books.log.append(encode_event(event)))
        await self.sandbox.load(MANIFEST)

    def _prepare(self, org: MemoryOrg) -> None:
        for key in RECORDS:
            org.add(key, tag="", trail=[])
        org.trouble = self._trouble

    def _trouble(self, _request: Request) -> str:
        return self.random.choice(TROUBLES) if self.random.random() < self._trouble_rate else ""

    async def _step(self) -> None:
        moves: list[tuple[int, Callable[[], Awaitable[None]]]] = [
            (30, self._write_some),
            (14, self._advance),
            (6, self._flush),
            (4, self._pause),
            (4, self._edit_or_drop),
            (6, self._retry),
            (2, self._retry_all),
            (4, self._slow_crm),
            (3, self._disk),
            (4, self._crash),
            (2, self._restart),
            (4, self._breathe),
        ]
        [move] = self.random.choices([move for _, move in moves], [weight for weight, _ in moves])
        self.books.steps[move.__name__] += 1
        with contextlib.suppress(ConflictError, NotFoundError, JournalUnavailableError):
            await move()

    # -- moves -------------------------------------------------------------------------------------------

    async def _write_some(self) -> None:
        for _ in range(self.random.choice([1, 1, 2, 5, 12])):
            self._write()
        await self._breathe()

    def _write(self) -> None:
        endpoint = self.random.choice(list(ENDPOINTS))
        assert endpoint is not None
        item = ENDPOINTS[endpoint]
        assert item.mode is not None
        key = self.random.choice(SPELLINGS) if item.mode is Mode.UPDATE else None
        group = self.random.choice(["a", "a", "b"])
        self._tags += 1
        tag = f"t{self._tags}"
        fields = {"tag": tag, **({"fail": "yes"} if self.random.random() < 0.05 else {})}
        work = self.sandbox.submit(WriteCommand(INTEGRATION, item, item.mode, group, fields, key))
        sent = Sent(tag, endpoint, group, key, asyncio.ensure_future(work))
        self.books.sent[tag] = sent
        sent.task.add_done_callback(lambda task: self._heard(sent, task))

    def _heard(self, sent: Sent, task: asyncio.Task[Operation]) -> None:
        if task.cancelled():
            return
        error = task.exception()
        if error is None:
            sent.heard = task.result()
        elif isinstance(error, JournalUnavailableError):
            sent.was_refused = True

    async def _breathe(self) -> None:
        for _ in range(self.random.choice([0, 1, 2, 4, 8, 30])):
            await asyncio.sleep(0)

    async def _advance(self) -> None:
        await self.sandbox.advance(timedelta(seconds=self.random.choice([1, 20, 300, 1_500, 4_000])))

    async def _flush(self) -> None:
        task = asyncio.ensure_future(self.sandbox.batches.flush())
        await self._breathe()
        if task.done():
            task.result()
        else:
            task.cancel()

    async def _pause(self) -> None:
        open_ = [b for b in self.sandbox.batches.all(0) if b.state in (BatchState.WAITING, BatchState.PAUSED)]
        if open_:
            batch = self.random.choice(open_)
            act = (
                self.sandbox.batches.pause
                if batch.state is BatchState.WAITING
                else self.sandbox.batches.resume
            )
            await act(batch.id)

    async def _edit_or_drop(self) -> None:
        waiting = self.sandbox.operations.newest(OperationState.QUEUED)
        if not waiting:
            return
        operation = self.random.choice(waiting)
        tag = operation.fields["tag"]
        if self.random.random() < 0.5:
            await self.sandbox.operations.drop(operation.id)
            self.books.dropped.add(tag)
        else:
            await self.sandbox.operations.edit(operation.id, {**operation.fields, "edited": "yes"})
            self.books.edited.add(tag)

    async def _retry(self) -> None:
        dead = self.sandbox.operations.dead_letters()
        if not dead:
            return
        task = asyncio.ensure_future(self.sandbox.operations.retry(self.random.choice(dead).id))
        self._retries.append(task)
        await self._breathe()

    async def _retry_all(self) -> None:
        self._retries.append(asyncio.ensure_future(self.sandbox.operations.retry_all()))
        await self._breathe()

    async def _slow_crm(self) -> None:
        delay_s = self.random.choice([0.0, 0.0, 2.0, 40.0])
        for org in self.orgs.orgs.values():
            org.delay_s = delay_s

    async def _disk(self) -> None:
        """The disk is full for a while."""
        self.sandbox._journal.refuse(JournalUnavailableError("The disk is full."))
        for _ in range(self.random.randint(0, 3)):
            self._write()
        await self._breathe()
        self.sandbox._journal.refuse(None)

    async def _crash(self) -> None:
        await self._breathe()
        self.books.crashes += 1
        await self.sandbox.kill()
        await self._reopen()

    async def _restart(self) -> None:
        for org in self.orgs.orgs.values():
            org.delay_s = 0.0
        self.books.restarts += 1
        later = self.clock.now() + timedelta(minutes=5)
        await asyncio.gather(self.sandbox.stop(), self.clock.advance(later))
        await self._reopen()

    async def _reopen(self) -> None:
        callers = [*(sent.task for sent in self.books.sent.values()), *self._retries]
        for task in callers:
            task.cancel()
        await asyncio.gather(*callers, return_exceptions=True)
        down = timedelta(seconds=self.random.choice([0, 5, 3_000]))
        self.clock = Clock(self.clock.now() + down, speed=0)
        await self._open(resume_clock=False)

    async def _heal(self) -> None:
        """End all trouble and let everything come to its outcome."""
        self._trouble_rate = 0.0
        for org in self.orgs.orgs.values():
            org.delay_s = 0.0
        await self.sandbox.advance(timedelta(hours=2))
        for batch in self.sandbox.batches.all(0):
            if batch.state is not BatchState.FLUSHING:
                await self.sandbox.batches.flush(batch.id)
        await self.sandbox.advance(timedelta(hours=1))

    async def _close(self) -> None:
        callers = [*(sent.task for sent in self.books.sent.values()), *self._retries]
        await asyncio.gather(*callers, return_exceptions=True)
        await self.sandbox.stop()

    # -- what must hold ----------------------------------------------------------------------------------

    def _check(self) -> None:
        operations = {op.fields["tag"]: op for op in self.sandbox.operations.newest(limit=100_000)}
        self.books.by_hand = self._retried(operations)
        applied = self._applied()
        self._check_outcomes(operations, applied)
        self._check_requests()
        self._check_order(operations)
        self._check_flushes(operations)
        self._check_rest()

    def _retried(self, operations: dict[str, Operation]) -> Counter[str]:
        """How often each write was sent again by hand."""
        tags = {operation.id: tag for tag, operation in operations.items()}
        events = self.sandbox.events.since(0, 1_000_000)
        return Counter(tags[event.operation] for event in events if isinstance(event, WriteRetried))

    def _applied(self) -> Counter[str]:
        counts: Counter[str] = Counter()
        for org in self.orgs.orgs.values():
            for request in org.requests:
                counts.update(record.values["tag"] for record in request.written)
        return counts

    def _check_outcomes(self, operations: dict[str, Operation], applied: Counter[str]) -> None:
        doubted = self._doubted()
        for tag, sent in self.books.sent.items():
            operation = operations.get(tag)
            if sent.heard is not None:
                self._must(operation is not None, f"{tag} was acknowledged and is gone")
            if sent.was_refused:
                self._must(operation is None, f"{tag} was refused and is stored")
            if operation is None:
                self._must(applied[tag] == 0, f"{tag} is not stored and was applied")
                continue
            self._must(operation.is_final, f"{tag} is {operation.state} at the end")
            self._check_count(operation, tag, applied[tag], operation.id in doubted)

    def _check_count(self, operation: Operation, tag: str, times: int, was_in_doubt: bool) -> None:
        state = operation.state
        by_hand = self.books.by_hand[tag]
        if state is OperationState.SUCCEEDED:
            self._must(times >= 1, f"{tag} succeeded and was never applied")
        if state is OperationState.FAILED and not was_in_doubt and operation.mode is Mode.INSERT:
            self._must(times == 0, f"{tag} failed and was applied")
        if state is OperationState.DROPPED and tag in self.books.dropped and not by_hand:
            self._must(times == 0, f"{tag} was dropped and was applied")
        if operation.mode is Mode.INSERT:
            self._must(times <= 1 + by_hand, f"{tag} was inserted {times} times, by hand {by_hand}")

    def _doubted(self) -> set[str]:
        events = self.sandbox.events.since(0, 1_000_000)
        return {event.operation for event in events if isinstance(event, WriteInDoubt)}

    def _check_requests(self) -> None:
        limits = next(iter(self.orgs.orgs.values())).limits
        for org in self.orgs.orgs.values():
            self._must(
                org.most_in_flight <= self._settings.parallel_requests,
                "too many at once",
            )
            for request in org.requests:
                most = {"single": 1, "collection": limits.collection, "bulk": limits.bulk}[
                    request.method.value
                ]
                self._must(
                    1 <= len(request.records) <= most, f"{len(request.records)} records in one request"
                )
                keys = [record_key(record.id) for record in request.records if record.id is not None]
                self._must(len(keys) == len(set(keys)), "one record twice in a request")

    def _check_order(self, operations: dict[str, Operation]) -> None:
        """Updates of one record are applied in the order in which they became due."""
        due = self._due_order()
        by_id = {operation.id: tag for tag, operation in operations.items()}
        rank = {by_id[operation]: place for operation, place in due.items() if operation in by_id}
        for org in self.orgs.orgs.values():
            trails: dict[str, list[str]] = defaultdict(list)
            for request in org.requests:
                if request.mode is Mode.UPDATE:
                    for record in request.written:
                        assert record.id is not None
                        trails[record_key(record.id)].append(record.values["tag"])
            for trail in trails.values():
                places = [rank[tag] for tag in trail if tag in rank and not self.books.by_hand[tag]]
                self._must(places == sorted(places), f"out of order: {trail} {places}")

    def _check_flushes(self, operations: dict[str, Operation]) -> None:
        """Batches of one installation, object and mode are delivered one after the other."""
        for org in self.orgs.orgs.values():
            delivered: dict[tuple[str, Mode], list[str]] = defaultdict(list)
            for request in org.requests:
                for batch in self._batches_of(request, operations):
                    trail = delivered[(request.object, request.mode)]
                    if not trail or trail[-1] != batch:
                        trail.append(batch)
            for trail in delivered.values():
                self._must(len(trail) == len(set(trail)), f"flushes overlap: {trail}")

    def _batches_of(self, request: Request, operations: dict[str, Operation]) -> set[str]:
        """The batches whose writes are in a request, but for what was sent by hand."""
        tags = [record.values["tag"] for record in request.records]
        sent = [operations[tag] for tag in tags if tag in operations and not self.books.by_hand[tag]]
        return {operation.batch_id for operation in sent if operation.batch_id is not None}

    def _due_order(self) -> dict[str, tuple[int, int, int]]:
        """For each operation when it became due: at its acceptance, or when the flush of its batch began."""
        ids, read = self.sandbox._context.ids, self.sandbox._journal.read
        due = {}
        for event in self.sandbox.events.since(0, 1_000_000):
            if not isinstance(event, WriteAccepted):
                continue
            number = ids.operation_number(event.operation)
            assert number is not None
            due[event.operation] = (number, 0, number)
            batch = ids.batch_number(event.batch) if event.batch else None
            row = read.batch(batch) if batch else None
            if row is not None and row.boundary is not None:
                due[event.operation] = (row.boundary, 1, number)
        return due

    def _check_rest(self) -> None:
        events = self.sandbox.events.since(0, 1_000_000)
        numbers = [event.seq for event in events]
        self._must(numbers == list(range(1, len(numbers) + 1)), "the events have gaps")
        self._must(not self.sandbox._journal.read.requests(), "a finished request is still noted")
        left = [batch for batch in self.sandbox.batches.all(0) if batch.count]
        self._must(not left, f"batches are left: {left}")
        for view in self.sandbox.installations.quota():
            seen = self.orgs.org(view.installation_id).exchanges
            exact = view.requests == seen
            self._must(
                exact or (self.books.crashes > 0 and view.requests <= seen),
                f"the ledger says {view.requests} requests, the org saw {seen}",
            )

    def _must(self, holds: bool, what: str) -> None:
        if not holds:
            raise BrokenPromiseError(f"seed {self.seed}: {what}")


async def live(seed: int, folder: Path, steps: int = 30) -> Books:
    """Run one history.

    Raises:
        BrokenPromiseError: Something that must hold does not; the message names the seed.
    """
    history = History(seed, folder)
    try:
        return await history.run(steps)
    except BrokenPromiseError:
        with contextlib.suppress(AmpSandboxError):
            await history.sandbox.kill()
        raise
