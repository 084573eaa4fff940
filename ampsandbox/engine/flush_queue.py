"""The writes of one flush, a window at a time: which ones may go into the next request."""

from __future__ import annotations

import asyncio
import heapq
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from types import NoneType

import msgspec

from ampsandbox.clock import Clock, Timer
from ampsandbox.engine.journal import JournalReader, WaitingRow
from ampsandbox.engine.pending_writes import PendingWrite
from ampsandbox.engine.record_queue import RecordKey, RecordQueues
from ampsandbox.engine.write_options import decode_options
from ampsandbox.engine.write_paths import WritePath, WritePaths


class FlushQueue:
    """Reads a batch from the journal in order of acceptance and hands it out in chunks.

    A chunk never holds two writes to one record: a write waits for its turn on the record, which comes when
    the write before it has its outcome. What is put off comes back when it is due. At most `window` writes
    are in memory.

    A batch that is `whole` goes as one chunk or waits, two writes to one record included: the app put them
    into one request, and the CRM is to say what it makes of it.
    """

    def __init__(
        self,
        clock: Clock,
        read: JournalReader,
        paths: WritePaths,
        record_queues: RecordQueues,
        record_of: Callable[[WritePath, str], RecordKey],
        batch: int,
        path: WritePath,
        began: datetime,
        window: int,
        *,
        is_whole: bool = False,
    ) -> None:
        self._clock = clock
        self._read = read
        self._paths = paths
        self._record_queues = record_queues
        self._record_of = record_of
        self._batch = batch
        self._path = path
        self._began = began
        self._window = window
        self._is_whole = is_whole
        self._records: set[RecordKey] = set()
        self._fresh: deque[PendingWrite] = deque()
        self._again: list[tuple[int, PendingWrite]] = []
        self._later: list[tuple[datetime, int, PendingWrite]] = []
        self._is_exhausted = False
        self._watchers: dict[int, list[Callable[[], None]]] = {}
        self._waiters: list[asyncio.Future[None]] = []
        self._timer: Timer | None = None
        self.loaded: dict[int, PendingWrite] = {}
        """The writes in memory, by number."""
        self.last_loaded = 0

    # -- handing out -------------------------------------------------------------------------------------

    async def next_chunk(self, size: int) -> list[PendingWrite]:
        """Up to `size` writes for one request, waiting where there are none now; empty at the end."""
        while True:
            self._recall()
            while self._ready_count() < size and self._load():
                pass
            is_short = self._is_whole and self._ready_count() < len(self.loaded)
            if not is_short and (chunk := self._take(size)):
                return chunk
            if self.loaded:
                await self._changed()
            elif self._is_exhausted:
                break
        self._wake()
        return []

    def finish(self, finished: Iterable[PendingWrite]) -> None:
        """These writes have their outcome."""
        for pending in finished:
            del self.loaded[pending.number]
            if pending.record is not None:
                self._record_queues.release(pending.record)
        self._wake()

    def withdraw(self, number: int) -> None:
        """The write was given up by hand, and the journal says so; it may not be handed out already."""
        pending = self.loaded.get(number)
        if pending is None:
            return
        pending.is_withdrawn = True
        for entry in self._later:
            if entry[1] == number:
                self._later.remove(entry)
                heapq.heapify(self._later)
                heapq.heappush(self._again, (number, pending))
                break
        self._wake()

    def put_off(self, pending: PendingWrite, until: datetime) -> None:
        """The write goes into another request, not before `until`. It keeps its turn on its record."""
        pending.is_handed_out = False
        heapq.heappush(self._later, (until, pending.number, pending))
        self._wake()

    def drain(self, size: int) -> Iterator[list[PendingWrite]]:
        """Everything that is not on its way now, in pages, for a flush that gives up."""
        while True:
            for _, number, pending in self._later:
                heapq.heappush(self._again, (number, pending))
            self._later.clear()
            page = self._take(size)
            if page:
                yield page
            elif not self._load():
                return

    # -- order -------------------------------------------------------------------------------------------

    def after(self, number: int, act: Callable[[], None]) -> None:
        """Call `act` as soon as the write of that number has been read and queued for its record."""
        self._watchers.setdefault(number, []).append(act)

    # -- inside ------------------------------------------------------------------------------------------

    def _load(self) -> bool:
        """Read the next page; False when there is no more, or no room for it."""
        room = self._window - len(self.loaded)
        if self._is_exhausted or room <= 0:
            return False
        rows = self._read.waiting(self._batch, self.last_loaded, room)
        self._is_exhausted = len(rows) < room
        for row in rows:
            self._queue(self._pending(row))
        self._let_pass()
        return bool(rows)

    def _pending(self, row: WaitingRow) -> PendingWrite:
        """The write of a row; a damaged row has its outcome for that, and must not stop the others."""
        path = self._paths.get(row.path)
        pending = PendingWrite(
            row.number, path or self._path, self._batch, row.primary_key, row.fields, self._began
        )
        try:
            pending.options = decode_options(row.options)
        except (msgspec.MsgspecError, TypeError, ValueError) as error:
            pending.damage = f"its options cannot be read: {error}"
        if path is None:
            pending.damage = f"nothing is known of its way {row.path}"
        elif type(row.primary_key) not in (str, NoneType):
            pending.damage = "its primary key is no text"
        if pending.damage:
            pending.primary_key = None
        return pending

    def _let_pass(self) -> None:
        """Serve those who watch for a write that was given up before it was read."""
        for number in sorted(self._watchers):
            if self._is_exhausted or number <= self.last_loaded:
                self._serve(number)

    def _serve(self, number: int) -> None:
        for act in self._watchers.pop(number, ()):
            act()

    def _queue(self, pending: PendingWrite) -> None:
        self.loaded[pending.number] = pending
        self.last_loaded = pending.number
        record = None if pending.primary_key is None else self._record_of(pending.path, pending.primary_key)
        if record is None or (self._is_whole and record in self._records):
            self._fresh.append(pending)
        else:
            pending.record = record
            if self._is_whole:
                self._records.add(record)
            self._record_queues.acquire(record, lambda: self._granted(pending))
        if self._watchers:
            self._serve(pending.number)

    def _ready_count(self) -> int:
        return len(self._fresh) + len(self._again)

    def _take(self, size: int) -> list[PendingWrite]:
        """Up to `size` writes that may go now, in order of acceptance."""
        chunk: list[PendingWrite] = []
        while len(chunk) < size and (self._again or self._fresh):
            if not self._again or (self._fresh and self._fresh[0].number < self._again[0][0]):
                pending = self._fresh.popleft()
            else:
                pending = heapq.heappop(self._again)[1]
            if pending.is_withdrawn:
                self.finish([pending])
            else:
                pending.is_handed_out = True
                chunk.append(pending)
        return chunk

    def _granted(self, pending: PendingWrite) -> None:
        heapq.heappush(self._again, (pending.number, pending))
        self._wake()

    def _recall(self) -> None:
        now = self._clock.now()
        while self._later and self._later[0][0] <= now:
            _, number, pending = heapq.heappop(self._later)
            heapq.heappush(self._again, (number, pending))

    async def _changed(self) -> None:
        """Wait until something may have become ready."""
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiters.append(future)
        if self._later and (self._timer is None or self._timer.due != self._later[0][0]):
            if self._timer is not None:
                self._timer.cancel()
            self._timer = self._clock.call_at(self._later[0][0], self._wake)
        with self._clock.waiting():
            await future

    def _wake(self) -> None:
        waiters, self._waiters = self._waiters, []
        for future in waiters:
            if not future.done():
                future.set_result(None)
