"""Brings writes to their CRM: batches in as few requests as the limits allow, and single ones."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

import msgspec

from ampsandbox.engine.attempts import DeliveryResult
from ampsandbox.engine.connection import write_requests
from ampsandbox.engine.context import EngineContext
from ampsandbox.engine.crm import Method
from ampsandbox.engine.delivery_rules import way_of, window_of, worker_count
from ampsandbox.engine.flush_queue import FlushQueue
from ampsandbox.engine.in_flight import InFlightRequests
from ampsandbox.engine.installation_registry import InstallationRegistry
from ampsandbox.engine.journal import JournalEntry
from ampsandbox.engine.model import FlushReason, OperationState
from ampsandbox.engine.pending_batches import BatchKey, PendingBatch, PendingBatches
from ampsandbox.engine.pending_writes import Outcome, PendingWrite, saved
from ampsandbox.engine.record_queue import RecordKey, RecordQueues
from ampsandbox.engine.request_sender import RequestSender
from ampsandbox.engine.retry import RetryPolicy
from ampsandbox.engine.timestamps import to_micros
from ampsandbox.engine.write_options import DEFAULT, WriteOptions
from ampsandbox.engine.write_paths import WritePaths
from ampsandbox.errors import HaltedError, JournalUnavailableError
from ampsandbox.events import ErrorDetail, FlushFinished, FlushStarted

_STOP_WAIT_S = 10.0


class Flush(msgspec.Struct):
    """A batch on its way: what is left of it, and the task that sends it."""

    batch: PendingBatch
    queue: FlushQueue
    task: asyncio.Task[None]


class Delivery:
    """Brings batches and single writes to their outcomes, for all connections."""

    def __init__(
        self,
        context: EngineContext,
        installations: InstallationRegistry,
        paths: WritePaths,
        batches: PendingBatches,
    ) -> None:
        self._context = context
        self._installations = installations
        self._paths = paths
        self._batches = batches
        self._record_queues = RecordQueues()
        self._flushes: dict[int, Flush] = {}
        self._last_of_key: dict[BatchKey, asyncio.Task[None]] = {}
        self._singles: dict[int, PendingWrite] = {}
        self._outcomes: dict[int, asyncio.Future[Outcome]] = {}
        self._new_records: dict[int, list[tuple[PendingWrite, int]]] = {}
        self._new_record_tasks: set[asyncio.Task[None]] = set()
        self._in_flight = InFlightRequests(context.clock)
        self._is_ended = False

    def pending(self, number: int) -> PendingWrite | None:
        """A write that is in memory for its delivery."""
        found = self._singles.get(number)
        for flush in self._flushes.values():
            found = found or flush.queue.loaded.get(number)
        return found

    def is_withdrawable(self, batch: PendingBatch, number: int) -> bool:
        """Whether a write of a batch that is being flushed surely did not reach the CRM, and is not about to.

        A flush that a restart took up again does not know which of its updates had been sent before.
        """
        flush = self._flushes.get(batch.number)
        if flush is None or batch.reason is FlushReason.RECOVERY:
            return False
        pending = flush.queue.loaded.get(number)
        return pending is None or not (pending.is_handed_out or pending.may_be_applied)

    def withdraw(self, batch: PendingBatch, number: int) -> None:
        """Leave a write of a batch out that was given up, as the journal says."""
        batch.count -= 1
        if batch.number in self._flushes:
            self._flushes[batch.number].queue.withdraw(number)

    # -- batches -----------------------------------------------------------------------------------------

    def begin(self, batch: PendingBatch, reason: FlushReason) -> asyncio.Task[None]:
        """Start to deliver a batch, after the batches of its key that are on their way.

        Raises:
            HaltedError: The sandbox has ended.
        """
        self.check_running()
        # Writes that were accepted into the batch and are not stored yet go along.
        self._context.journal.commit()
        self._batches.close(batch, reason)
        limits = self._installations[batch.path.installation].connection.crm.limits
        settings, options = self._context.settings, batch.options
        method, size = way_of(batch.count, limits, settings.bulk_threshold, options)
        queue = FlushQueue(
            self._context.clock,
            self._context.journal.read,
            self._paths,
            self._record_queues,
            self._installations.record_of,
            batch.number,
            batch.path,
            self._context.clock.now(),
            window_of(size, settings.parallel_requests),
            is_whole=options.is_whole,
            damage=batch.damage,
        )
        key = batch.path.batch_key
        # Stored here and not by the task: the log shows flushes and writes in the order they became due.
        start = self._start(batch)
        started = self._context.journal.store(start)
        # What came as one request waits for no other batch: somebody may wait for it. The order of the writes
        # to one record is kept all the same, by the record's queue.
        previous = None if reason is FlushReason.REQUEST else self._last_of_key.get(key)
        task = self._context.clock.spawn(self._deliver(batch, queue, method, size, previous, start, started))
        if reason is not FlushReason.REQUEST:
            self._last_of_key[key] = task
        self._flushes[batch.number] = Flush(batch, queue, task)
        return task

    async def finished(self, batches: Iterable[PendingBatch], installation: int | None = None) -> None:
        """Wait until the batches that are on their way are delivered.

        Args:
            batches: Which ones.
            installation: Wait for the single writes on their way to this installation as well.

        Raises:
            HaltedError: The sandbox has ended meanwhile.
        """
        tasks: list[asyncio.Future[Any]] = []
        tasks += [flush.task for batch in batches if (flush := self._flushes.get(batch.number))]
        tasks += self.singles_to(installation) if installation is not None else []
        # Shielded: who waits may be cancelled, as by a client that hangs up; what was accepted is delivered.
        with _until_the_end(), self._context.clock.waiting():
            await asyncio.gather(*map(asyncio.shield, tasks))

    async def _deliver(
        self,
        batch: PendingBatch,
        queue: FlushQueue,
        method: Method,
        size: int,
        previous: asyncio.Task[None] | None,
        start: JournalEntry,
        started: asyncio.Future[None],
    ) -> None:
        try:
            await started
        except JournalUnavailableError:
            # What waits was accepted: its flush waits for the disk, and does not fail with it.
            await self._context.journal.store_surely(start)
        if previous is not None:
            with self._context.clock.waiting():
                await asyncio.wait([previous])
        workers = worker_count(batch.count, size, self._context.settings.parallel_requests)
        requests = self._batch_requests(batch)
        await self._context.clock.gather(
            *(self._work(batch, queue, requests, method, size) for _ in range(workers))
        )
        self._batches.forget(batch)
        await self._context.journal.store_surely(self._end(batch))
        # Only now: until its end is stored, whoever withdraws a write or asks for one finds the flush.
        del self._flushes[batch.number]
        if self._last_of_key.get(batch.path.batch_key) is asyncio.current_task():
            del self._last_of_key[batch.path.batch_key]

    async def _work(
        self, batch: PendingBatch, queue: FlushQueue, requests: RequestSender, method: Method, size: int
    ) -> None:
        """Send one request after the other until the batch has no more."""
        while chunk := await queue.next_chunk(size):
            with write_requests() as made:
                sent = await requests.send(chunk, method)
            batch.requests += max(1, made[0])
            self._settle(batch, queue, sent)
            if sent.gave_up is not None:
                await self._give_up(batch, queue, sent.gave_up)

    def _settle(self, batch: PendingBatch, queue: FlushQueue, sent: DeliveryResult) -> None:
        for _, outcome in sent.finished:
            _count(batch, outcome)
        queue.finish([pending for pending, _ in sent.finished])
        for pending, until in sent.deferred:
            queue.put_off(pending, until)

    async def _give_up(self, batch: PendingBatch, queue: FlushQueue, error: ErrorDetail) -> None:
        """Fail what waits: the CRM did not come back before the deadline."""
        for page in queue.drain(1_000):
            now = self._context.clock.now()
            ended = [(pending, _abandoned(pending, error)) for pending in page]
            installation = self._installations[batch.path.installation].installation.id
            await self._context.journal.store_surely(
                JournalEntry(
                    statements=[*saved([outcome.row(pending, to_micros(now)) for pending, outcome in ended])],
                    events=[
                        outcome.event(
                            now, installation, self._context.ids.operation(pending.number), batch.id
                        )
                        for pending, outcome in ended
                    ],
                )
            )
            self._settle(batch, queue, DeliveryResult(finished=ended))

    def _start(self, batch: PendingBatch) -> JournalEntry:
        event = FlushStarted(
            at=self._context.clock.now(),
            installation=self._installations[batch.path.installation].installation.id,
            batch=batch.id,
            reason=batch.reason or FlushReason.RECOVERY,
            writes=batch.count,
        )
        return JournalEntry(statements=[batch.update()], events=[event])

    def _end(self, batch: PendingBatch) -> JournalEntry:
        event = FlushFinished(
            at=self._context.clock.now(),
            installation=self._installations[batch.path.installation].installation.id,
            batch=batch.id,
            succeeded=batch.succeeded,
            failed=batch.failed,
            in_doubt=batch.in_doubt,
            requests=batch.requests,
        )
        return JournalEntry(statements=[batch.update()], events=[event])

    # -- single writes -----------------------------------------------------------------------------------

    async def deliver_one(self, pending: PendingWrite, noted: int, policy: RetryPolicy) -> Outcome:
        """Deliver one write that the journal notes as being on its way, to its outcome.

        The work goes on when the caller is cancelled.

        Raises:
            HaltedError: The sandbox has ended meanwhile; its next start settles the write.
        """
        task = self.start_one(pending, noted, policy)
        with _until_the_end(), self._context.clock.waiting():
            return await asyncio.shield(task)

    def start_one(self, pending: PendingWrite, noted: int, policy: RetryPolicy) -> asyncio.Future[Outcome]:
        """Start to deliver one write; see `deliver_one`.

        Raises:
            HaltedError: The sandbox has ended; its next start settles the write.
        """
        self.check_running()
        self._singles[pending.number] = pending
        # What waits for no record, goes under the connection's own options, and is tried once.
        is_plain = pending.primary_key is None and pending.options is DEFAULT and not policy.deadline_s
        if is_plain and self._installations[pending.path.installation].connection.crm.sender.answers_at_once:
            outcome = self._outcomes[pending.number] = asyncio.get_running_loop().create_future()
            self._deliver_with_others(pending, noted)
            return outcome
        return self._start_alone(pending, noted, policy)

    def _start_alone(self, pending: PendingWrite, noted: int, policy: RetryPolicy) -> asyncio.Future[Outcome]:
        turn = self._queue(pending)
        task = self._context.clock.spawn(self._single(pending, noted, policy, turn))
        self._outcomes[pending.number] = task
        return task

    def _deliver_with_others(self, pending: PendingWrite, noted: int) -> None:
        """Have a new record delivered with the others of this pass: a tenth less work for each."""
        installation = pending.path.installation
        if installation not in self._new_records:
            self._new_records[installation] = []
            task = self._context.clock.spawn(self._deliver_new_records(installation))
            self._new_record_tasks.add(task)
            task.add_done_callback(self._new_record_tasks.discard)
        self._new_records[installation].append((pending, noted))

    async def _deliver_new_records(self, installation: int) -> None:
        singles = self._new_records.pop(installation)
        told = {pending.number: self._outcomes[pending.number] for pending, _ in singles}
        policy = self._context.immediate_policy()
        requests = self._requests(installation, policy, DEFAULT, is_patient=False)
        try:
            sent = await requests.send_each(singles)
            for pending, outcome in sent.finished:
                del self._singles[pending.number], self._outcomes[pending.number]
                told.pop(pending.number).set_result(outcome)
            for pending, noted in singles:
                if pending.number in told:
                    alone = self._start_alone(pending, noted, policy)
                    alone.add_done_callback(partial(_hand_on, told.pop(pending.number)))
        except Exception as error:  # noqa: BLE001 - told to each who waits for it
            for future in told.values():
                future.set_exception(error)
        finally:
            # Cancelled: the journal still notes these writes as being on their way, for the next start.
            for number, future in told.items():
                del self._singles[number], self._outcomes[number]
                future.cancel()

    def singles_to(self, installation: int) -> list[asyncio.Future[Outcome]]:
        """The single writes on their way to an installation."""
        return [
            self._outcomes[number]
            for number, pending in self._singles.items()
            if pending.path.installation == installation
        ]

    async def _single(
        self, pending: PendingWrite, noted: int, policy: RetryPolicy, turn: asyncio.Future[None] | None
    ) -> Outcome:
        if turn is not None and not turn.done():
            with self._context.clock.waiting():
                await turn
        requests = self._requests(
            pending.path.installation, policy, pending.options, is_patient=policy.deadline_s > 0
        )
        try:
            while True:
                sent = await requests.send([pending], Method.SINGLE, noted)
                if sent.finished:
                    return sent.finished[0][1]
                await self._context.clock.sleep_until(sent.deferred[0][1])
        finally:
            # Cancelled ones too: the journal still notes the write as being on its way, for the next start.
            del self._singles[pending.number], self._outcomes[pending.number]
            if pending.record is not None:
                self._record_queues.release(pending.record)

    def _queue(self, pending: PendingWrite) -> asyncio.Future[None] | None:
        """Queue up for the record, behind what a flush that began earlier still has for it.

        Returns:
            Done when it is the write's turn; None for a new record.
        """
        if pending.primary_key is None:
            return None
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()

        def grant() -> None:
            if not turn.done():
                turn.set_result(None)

        record = pending.record = self._installations.record_of(pending.path, pending.primary_key)
        # The newest flush that has a write to the record has the last one before this.
        for batch in reversed(self._batches.flushing(pending.path.batch_key)):
            earlier = self._unread(batch, record, pending.number)
            if earlier is not None:
                queue = self._flushes[batch.number].queue
                queue.after(earlier, lambda: self._record_queues.acquire(record, grant))
                return turn
        self._record_queues.acquire(record, grant)
        return turn

    def _unread(self, batch: PendingBatch, record: RecordKey, before: int) -> int | None:
        """The last write to a record that came earlier and that the flush of a batch has not read yet."""
        if batch.boundary is None or before <= batch.boundary:
            return None
        after = self._flushes[batch.number].queue.last_loaded
        # Compared as records and not in SQL: a CRM may know one record by several spellings of its id.
        for number, path, primary_key in self._context.journal.read.waiting_updates(
            batch.number, after, before
        ):
            if self._installations.record_of(self._paths[path], primary_key) == record:
                return number
        return None

    # -- end ---------------------------------------------------------------------------------------------

    async def stop(self) -> None:
        """Start no more requests, wait a while for those on their way, and end."""
        await self._in_flight.drain(_STOP_WAIT_S)
        await self.cancel()

    async def cancel(self) -> None:
        """End everything at once, as a killed process does."""
        self._is_ended = True
        tasks: list[asyncio.Future[Any]] = [flush.task for flush in self._flushes.values()]
        tasks += [*self._new_record_tasks, *self._outcomes.values()]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def check_running(self) -> None:
        """Make sure that the sandbox has not ended.

        Raises:
            HaltedError: It has, or starts over at this moment.
        """
        if self._is_ended:
            raise HaltedError

    def _batch_requests(self, batch: PendingBatch) -> RequestSender:
        retry_s = batch.options.retry_s
        is_awaited = batch.reason is FlushReason.REQUEST and retry_s is None
        if is_awaited:
            policy = self._context.immediate_policy()
        elif retry_s is not None:
            policy = self._context.policy(retry_s)
        else:
            policy = self._context.scheduled_policy()
        return self._requests(
            batch.path.installation, policy, batch.options, is_patient=policy.deadline_s > 0
        )

    def _requests(
        self, installation: int, policy: RetryPolicy, options: WriteOptions, *, is_patient: bool
    ) -> RequestSender:
        connection = self._installations[installation].connection
        return RequestSender(
            self._context, connection, self._in_flight, policy, options, is_patient=is_patient
        )


def _hand_on(waiting: asyncio.Future[Outcome], done: asyncio.Future[Outcome]) -> None:
    """Hand on how a write ended to those who wait for it."""
    if waiting.done():
        return
    if done.cancelled():
        waiting.cancel()
    elif (error := done.exception()) is not None:
        waiting.set_exception(error)
    else:
        waiting.set_result(done.result())


@contextmanager
def _until_the_end() -> Iterator[None]:
    """Tell those who wait for work that was cancelled under them: they are not cancelled themselves."""
    try:
        yield
    except asyncio.CancelledError:
        caller = asyncio.current_task()
        if caller is None or caller.cancelling():
            raise
        raise HaltedError from None


def _count(batch: PendingBatch, outcome: Outcome) -> None:
    batch.count -= 1
    if outcome.state is OperationState.SUCCEEDED:
        batch.succeeded += 1
    elif outcome.state is OperationState.IN_DOUBT:
        batch.in_doubt += 1
    else:
        batch.failed += 1


def _abandoned(pending: PendingWrite, error: ErrorDetail) -> Outcome:
    state = OperationState.IN_DOUBT if pending.may_be_applied else OperationState.FAILED
    return Outcome(state, None, (error,))
