"""A group event by event, for the times in which requests are refused or get into each other's way.

It follows the engine's delivery step by step, and decides by the same rules: `delivery_rules`, `ChunkQueue`,
`Breaker`, `RetryPolicy`, `job_steps`. What differs is that it is told the time, and keeps no journal.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import IntEnum
from functools import partial
from itertools import islice

from ampsandbox.capacity.account import REASONS, Account, RefusedRequest
from ampsandbox.capacity.deliveries import KIND_NUMBERS, Deliveries, DepartureOrder, limits_of
from ampsandbox.capacity.scenario import Scenario
from ampsandbox.capacity.simulated_time import Ints
from ampsandbox.capacity.timeline import JournalTiming, Latch, Process, Signal, Slots, Timeline, Wait
from ampsandbox.crm.salesforce.bulk_steps import JobStep, Pause, job_steps
from ampsandbox.engine.breaker import Breaker
from ampsandbox.engine.chunk_queue import ChunkQueue
from ampsandbox.engine.crm import AnswerLostError, CrmUnavailableError, Method
from ampsandbox.engine.delivery_rules import way_of, window_of, worker_count
from ampsandbox.engine.record_queue import RecordKey, RecordQueues
from ampsandbox.engine.retry import RetryPolicy
from ampsandbox.engine.timestamps import from_micros, to_micros
from ampsandbox.manifest.model import Mode


class SimulatedOutcome(IntEnum):
    """What became of a write; see `ampsandbox.capacity.results.OutcomeCounts`."""

    WAITING = 0
    DELIVERED = 1
    REFUSED = 2
    LOST = 3
    IN_DOUBT = 4


@dataclass(slots=True)
class SimulatedRequests:
    """Requests in the order of their answers; see `UndisturbedDeliveries`.

    `refused` is which of `REASONS` each was refused for, 0 where it was taken.
    """

    sent: list[int] = field(default_factory=list)
    answered: list[int] = field(default_factory=list)
    kinds: list[int] = field(default_factory=list)
    writes: list[int] = field(default_factory=list)
    refused: list[int] = field(default_factory=list)


@dataclass(slots=True)
class PathRun:
    """A path with what its run has come to.

    Attributes:
        deliveries: How its writes set out.
        done: When each write had its outcome.
        outcomes: The outcome of each write, as `SimulatedOutcome`.
        last: The end of the flush that began last.
    """

    deliveries: Deliveries
    done: Ints
    outcomes: Ints
    last: Latch | None = None


@dataclass(slots=True)
class _Write:
    """One write on its way; a `ChunkWrite` and a `RetriedWrite`."""

    number: int
    due_since: datetime
    is_handed_out: bool = False
    is_withdrawn: bool = False
    record: RecordKey | None = None
    tries: int = 0
    failing_since: datetime | None = None
    may_be_applied: bool = False


@dataclass(slots=True)
class _Sent:
    """What one request settled: who has an outcome, and who goes again when; see `DeliveryResult`."""

    finished: list[_Write] = field(default_factory=list)
    deferred: list[tuple[_Write, datetime]] = field(default_factory=list)
    gave_up: bool = False


class Exact:
    """One group from a moment of rest to the next.

    Args:
        scenario: The settings and the latency.
        account: What takes the requests.
        paths: What is delivered; their outcomes are noted here.
        jitter: Where the pauses between retries are drawn from.
        start: The moment of rest that it begins with.

    Attributes:
        log: The requests that were answered.
    """

    def __init__(
        self,
        scenario: Scenario,
        account: Account,
        paths: Sequence[PathRun],
        jitter: random.Random,
        start: datetime,
    ) -> None:
        self._settings = scenario.engine
        self._latency = timedelta(seconds=scenario.latency_s)
        self._bulk_job = timedelta(seconds=scenario.bulk_job_s)
        self._account = account
        self._paths = paths
        self.log = SimulatedRequests()
        self._jitter = jitter
        self._policies = [self._policy_of(each.deliveries) for each in paths]
        self._timeline = Timeline(start)
        self._journal = JournalTiming(self._timeline)
        self._slots = Slots(scenario.engine.parallel_requests)
        self._breaker = Breaker(scenario.engine)
        self._breaker_changed = Signal()
        self._breaker_timer: datetime | None = None
        self._in_flight = 0
        self._record_queues = RecordQueues()

    def run(self, order: DepartureOrder, first: int, not_before: datetime, end: datetime) -> int:
        """Make the deliveries from the `first` on until nothing is left over of them; gives the next one.

        It sets out at `not_before` at the earliest. All are made, or `end` is reached, where the number of
        deliveries comes back.
        """
        timeline, place = self._timeline, first
        upcoming = order.moment(place)
        while True:
            if upcoming is not None and upcoming >= not_before and place > first and self._is_at_rest():
                return place
            due = timeline.next_due
            now = upcoming if due is None or (upcoming is not None and upcoming <= due) else due
            if now is None or now >= end:
                return len(order.at)
            while upcoming == now and not order.is_single(place):
                path, begin, stop = order.writes(place)
                set_at = from_micros(int(self._paths[path].deliveries.arrivals.times[begin]))
                timeline.call_at(now, partial(self._begin_flush, path, begin, stop), set_at)
                place += 1
                upcoming = order.moment(place)
            timeline.move_to(now)
            timeline.run()
            while upcoming == now and order.is_single(place):
                path, begin, _ = order.writes(place)
                timeline.spawn(self._single(path, begin))
                timeline.run()
                place += 1
                upcoming = order.moment(place)

    def _is_at_rest(self) -> bool:
        return not self._timeline.processes and self._breaker.is_undisturbed(self._timeline.now)

    # -- flushes ---------------------------------------------------------------------------------------------

    def _begin_flush(self, path: int, begin: int, stop: int) -> None:
        run = self._paths[path]
        end, previous = Latch(), run.last
        run.last = end
        self._journal.commit()
        started = self._journal.put()
        self._timeline.spawn(self._flush(path, begin, stop, started, previous, end))

    def _flush(
        self, path: int, begin: int, stop: int, started: Latch, previous: Latch | None, end: Latch
    ) -> Process:
        """Deliver a batch, after the one before it; see `Delivery.begin`."""
        deliveries, parallel = self._paths[path].deliveries, self._settings.parallel_requests
        limits = limits_of(deliveries.arrivals.path.provider)
        method, size = way_of(stop - begin, limits, self._settings.bulk_threshold, deliveries.options)
        queue = _FlushQueue(
            self._timeline,
            self._record_queues,
            path,
            deliveries,
            range(begin, stop),
            window_of(size, parallel),
        )
        yield from started.passed()
        if previous is not None and not previous.is_open:
            yield from previous.passed()
            yield None
        workers = worker_count(stop - begin, size, parallel)
        work = Latch(workers)
        for _ in range(workers):
            self._timeline.spawn(self._work(path, queue, method, size, work))
        yield from work.passed()
        yield None
        yield from self._journal.store()
        end.count_down()

    def _work(self, path: int, queue: _FlushQueue, method: Method, size: int, work: Latch) -> Process:
        """Send one request after the other until the batch has no more."""
        policy = self._policies[path]
        while True:
            chunk = queue.chunks.next_chunk(size, self._timeline.now)
            if chunk:
                sent = yield from self._send(path, chunk, method, policy)
                queue.settle(sent)
                if sent.gave_up:
                    yield from self._give_up(path, queue)
            elif queue.chunks.loaded:
                yield queue.changed
            elif queue.is_exhausted:
                break
        queue.signal.wake()
        work.count_down()

    def _give_up(self, path: int, queue: _FlushQueue) -> Process:
        """Fail what waits: the CRM did not come back before the deadline."""
        while page := queue.chunks.drain(1_000):
            for write in page:
                self._end(path, write, self._failed(path, write))
            yield from self._journal.store()
            queue.settle(_Sent(page))

    # -- single writes ---------------------------------------------------------------------------------------

    def _single(self, path: int, number: int) -> Process:
        """Deliver a write that no batch takes; see `Delivery.start_one`."""
        write = _Write(number, self._timeline.now)
        yield from self._journal.store()
        yield None
        record = _record(path, self._paths[path].deliveries, number)
        if record is not None:
            turn = Latch()
            write.record = record
            self._record_queues.acquire(record, turn.count_down)
            yield from turn.passed()
        policy = self._policies[path]
        while True:
            sent = yield from self._send(path, [write], Method.SINGLE, policy)
            if sent.finished:
                break
            yield self._timeline.until(sent.deferred[0][1])
        if record is not None:
            self._record_queues.release(record)

    # -- requests --------------------------------------------------------------------------------------------

    def _policy_of(self, deliveries: Deliveries) -> RetryPolicy:
        """How the writes of a path are tried again."""
        settings, deadline_s = self._settings, deliveries.arrivals.path.retry_s
        if deliveries.are_single:
            deadline_s = settings.immediate_deadline_s if deadline_s is None else deadline_s
        elif deadline_s is None or not deliveries.options.is_whole:
            deadline_s = settings.retry_deadline_s
        return RetryPolicy(deadline_s, settings.retry_base_s, settings.retry_cap_s, self._jitter)

    def _send(
        self, path: int, chunk: Sequence[_Write], method: Method, policy: RetryPolicy
    ) -> Generator[Wait | None, None, _Sent]:
        """Deliver writes in one request; see `RequestSender.send`."""
        yield from self._slots.acquire()
        if policy.deadline_s > 0:
            while self._breaker.holds_back(self._timeline.now):
                yield self._breaker_changed.wait
        self._breaker.probe()
        if method is not Method.SINGLE:
            yield from self._journal.store()
        error = yield from self._write(len(chunk), method)
        sent = self._judge(path, chunk, error, policy)
        yield from self._journal.store()
        self._slots.release()
        return sent

    def _write(
        self, count: int, method: Method
    ) -> Generator[Wait | None, None, CrmUnavailableError | AnswerLostError | None]:
        """Make the request, or those of a bulk job, and tell the breaker how it went."""
        error: CrmUnavailableError | AnswerLostError | None = None
        if method is Method.BULK:
            try:
                yield from self._job(count)
            except (CrmUnavailableError, AnswerLostError) as raised:
                error = raised
        elif refusal := (yield from self._request(method.value, count)):
            error = refusal.error
        now = self._timeline.now
        if error is None:
            if self._breaker.succeeded():
                self._breaker_changed.wake()
        elif isinstance(error, AnswerLostError) or error.retry_after_s is None:
            self._breaker.failed(now)
        else:
            if self._breaker.abandoned():
                self._breaker_changed.wake()
            self._breaker.rest(now, error.retry_after_s)
        wake_at = self._breaker.wake_at
        if wake_at is not None and wake_at != self._breaker_timer:
            self._breaker_timer = wake_at
            self._timeline.call_at(wake_at, self._breaker_changed.wake)
        return error

    def _request(self, kind: str, writes: int) -> Generator[Wait | None, None, RefusedRequest | None]:
        """One request: the CRM is up or not when it comes, and counts it when it answers."""
        sent = self._timeline.now
        refusal = self._account.outage(to_micros(sent))
        self._in_flight += 1
        in_flight = self._in_flight
        if self._latency:
            yield self._timeline.until(sent + self._latency)
        self._in_flight -= 1
        refusal = refusal or self._account.take(self._timeline.now, in_flight)
        self._journal.put()
        log = self.log
        log.sent.append(to_micros(sent))
        log.answered.append(to_micros(self._timeline.now))
        log.kinds.append(KIND_NUMBERS[kind])
        log.writes.append(writes)
        log.refused.append(REASONS.index(refusal.reason) if refusal else 0)
        return refusal

    def _job(self, count: int) -> Generator[Wait | None, None, None]:
        """The requests of one bulk job.

        Raises:
            CrmUnavailableError: Nothing was started.
            AnswerLostError: How it ended cannot be learned.
        """
        steps, state = job_steps(), dict[str, str]()
        ready_at: datetime | None = None
        next_step = partial(next, steps)
        while True:
            try:
                step = next_step()
            except StopIteration:
                return
            if isinstance(step, Pause):
                yield self._timeline.until(self._timeline.now + timedelta(seconds=step.seconds))
                next_step = partial(next, steps)
                continue
            refusal = yield from self._request(step.value, count if step is JobStep.UPLOAD else 0)
            now = self._timeline.now
            if refusal is not None:
                next_step = partial(steps.throw, refusal.error.with_traceback(None))
                continue
            if step is JobStep.CLOSE:
                ready_at = now + self._bulk_job
            is_done = ready_at is not None and now >= ready_at
            state["state"] = "JobComplete" if is_done else "InProgress"
            next_step = partial(steps.send, state)

    # -- judging ---------------------------------------------------------------------------------------------

    def _judge(
        self,
        path: int,
        chunk: Sequence[_Write],
        error: CrmUnavailableError | AnswerLostError | None,
        policy: RetryPolicy,
    ) -> _Sent:
        """What becomes of each write of a request; see `RequestSender`."""
        now = self._timeline.now
        if error is None:
            refuses = self._paths[path].deliveries.refuses
            for write in chunk:
                is_refused = refuses is not None and refuses[write.number]
                self._end(path, write, SimulatedOutcome.REFUSED if is_refused else SimulatedOutcome.DELIVERED)
            return _Sent(list(chunk))
        is_lost = isinstance(error, AnswerLostError)
        is_insert = self._paths[path].deliveries.arrivals.path.mode is Mode.INSERT
        wish_s = error.retry_after_s if isinstance(error, CrmUnavailableError) else None
        outage, sent = self._breaker.failing_since, _Sent()
        for write in chunk:
            if is_lost and is_insert:
                self._end(path, write, SimulatedOutcome.IN_DOUBT)
                sent.finished.append(write)
                continue
            write.may_be_applied = write.may_be_applied or is_lost
            until = policy.try_again(write, now, outage, wish_s)
            if until is not None:
                sent.deferred.append((write, until))
                continue
            self._end(path, write, self._failed(path, write))
            sent.finished.append(write)
            sent.gave_up = outage is not None and policy.is_over(outage, now)
        return sent

    def _failed(self, path: int, write: _Write) -> SimulatedOutcome:
        deliveries = self._paths[path].deliveries
        if write.may_be_applied:
            return SimulatedOutcome.IN_DOUBT
        is_awaited = deliveries.are_single and deliveries.arrivals.path.retry_s is None
        return SimulatedOutcome.REFUSED if is_awaited else SimulatedOutcome.LOST

    def _end(self, path: int, write: _Write, outcome: SimulatedOutcome) -> None:
        run = self._paths[path]
        run.done[write.number] = to_micros(self._timeline.now)
        run.outcomes[write.number] = outcome


class _FlushQueue:
    """The writes of one flush; see `ampsandbox.engine.flush_queue.FlushQueue`."""

    def __init__(
        self,
        timeline: Timeline,
        record_queues: RecordQueues,
        path: int,
        deliveries: Deliveries,
        numbers: range,
        window: int,
    ) -> None:
        self._timeline = timeline
        self._path = path
        self._deliveries = deliveries
        self._numbers = iter(numbers)
        self._began = timeline.now
        self._timer: datetime | None = None
        self.is_exhausted = False
        self.signal = Signal()
        self.chunks: ChunkQueue[_Write] = ChunkQueue(
            record_queues, window, self._load, self.signal.wake, is_whole=deliveries.options.is_whole
        )

    def settle(self, sent: _Sent) -> None:
        """Take note of what a request settled."""
        self.chunks.finish(sent.finished)
        for write, until in sent.deferred:
            self.chunks.put_off(write, until)

    def changed(self, resume: Callable[[], object]) -> None:
        """Wait until something may have become ready; a `Wait`."""
        self.signal.wait(resume)
        due = self.chunks.next_due
        if due is not None and due != self._timer:
            self._timer = due
            self._timeline.call_at(due, self.signal.wake)

    def _load(self, room: int) -> bool:
        if self.is_exhausted:
            return False
        numbers = list(islice(self._numbers, room))
        self.is_exhausted = len(numbers) < room
        for number in numbers:
            record = _record(self._path, self._deliveries, number)
            self.chunks.add(_Write(number, self._began), record)
        return bool(numbers)


def _record(path: int, deliveries: Deliveries, number: int) -> RecordKey | None:
    """The record of a write, where other writes may be to the same one."""
    records = deliveries.arrivals.records
    return None if records is None else RecordKey(path, str(records[number]))
