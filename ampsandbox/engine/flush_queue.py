"""The writes of one flush, read from the journal a window at a time."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from types import NoneType

from ampsandbox.clock import Clock, Timer
from ampsandbox.engine.chunk_queue import ChunkQueue
from ampsandbox.engine.journal import JournalReader, WaitingRow
from ampsandbox.engine.pending_writes import PendingWrite
from ampsandbox.engine.record_queue import RecordKey, RecordQueues
from ampsandbox.engine.write_options import decode_options
from ampsandbox.engine.write_paths import WritePath, WritePaths


class FlushQueue:
    """Reads a batch from the journal in order of acceptance and hands it out in chunks; see `ChunkQueue`.

    At most `window` writes are in memory. A batch that is `whole` goes as one chunk or waits: the app put
    its writes into one request, and the CRM is to say what it makes of two writes to one record.
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
        damage: str = "",
    ) -> None:
        self._clock = clock
        self._read = read
        self._paths = paths
        self._record_of = record_of
        self._batch = batch
        self._path = path
        self._began = began
        self._damage = damage
        self._is_exhausted = False
        self._watchers: dict[int, list[Callable[[], None]]] = {}
        self._waiters: list[asyncio.Future[None]] = []
        self._timer: Timer | None = None
        self._chunks: ChunkQueue[PendingWrite] = ChunkQueue(
            record_queues, window, self._load, self._wake, is_whole=is_whole
        )
        self.loaded = self._chunks.loaded
        """The writes in memory, by number."""
        self.last_loaded = 0

    # -- handing out -------------------------------------------------------------------------------------

    async def next_chunk(self, size: int) -> list[PendingWrite]:
        """Up to `size` writes for one request, waiting where there are none now; empty at the end."""
        while True:
            if chunk := self._chunks.next_chunk(size, self._clock.now()):
                return chunk
            if self.loaded:
                await self._changed()
            elif self._is_exhausted:
                break
        self._wake()
        return []

    def finish(self, finished: Iterable[PendingWrite]) -> None:
        """Let the next writes of the same records go out: these have their outcome."""
        self._chunks.finish(finished)

    def withdraw(self, number: int) -> None:
        """The write was given up manually, and the journal says so; it may not be handed out already."""
        self._chunks.withdraw(number)

    def put_off(self, pending: PendingWrite, until: datetime) -> None:
        """The write goes into another request, not before `until`. It keeps its turn on its record."""
        self._chunks.put_off(pending, until)

    def drain(self, size: int) -> Iterator[list[PendingWrite]]:
        """Everything that is not on its way now, in pages, for a flush that gives up."""
        while page := self._chunks.drain(size):
            yield page

    # -- order -------------------------------------------------------------------------------------------

    def after(self, number: int, act: Callable[[], None]) -> None:
        """Call `act` as soon as the write of that number has been read and queued for its record."""
        self._watchers.setdefault(number, []).append(act)

    # -- inside ------------------------------------------------------------------------------------------

    def _load(self, room: int) -> bool:
        """Read the next page; False when there is no more."""
        if self._is_exhausted:
            return False
        rows = self._read.waiting(self._batch, self.last_loaded, room)
        self._is_exhausted = len(rows) < room
        for row in rows:
            self._queue(self._pending(row))
        # Serve those who watch for a write that was given up before it was read.
        for number in sorted(self._watchers):
            if self._is_exhausted or number <= self.last_loaded:
                self._serve(number)
        return bool(rows)

    def _pending(self, row: WaitingRow) -> PendingWrite:
        """The write of a row; a damaged row has its outcome for that, and must not stop the others."""
        path = self._paths.get(row.path)
        pending = PendingWrite(
            row.number, path or self._path, self._batch, row.primary_key, row.fields, self._began
        )
        pending.options, pending.damage = decode_options(row.options)
        pending.damage = pending.damage or self._damage
        if path is None:
            pending.damage = f"nothing is known of its way {row.path}"
        elif type(row.primary_key) not in (str, NoneType):
            pending.damage = "its primary key is no text"
        # It is not sent, so it waits for no other write to its record, which may be unreadable besides.
        if pending.damage:
            pending.primary_key = None
        return pending

    def _serve(self, number: int) -> None:
        for act in self._watchers.pop(number, ()):
            act()

    def _queue(self, pending: PendingWrite) -> None:
        self.last_loaded = pending.number
        record = None if pending.primary_key is None else self._record_of(pending.path, pending.primary_key)
        self._chunks.add(pending, record)
        if self._watchers:
            self._serve(pending.number)

    async def _changed(self) -> None:
        """Wait until something may have become ready."""
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiters.append(future)
        due = self._chunks.next_due
        # One timer for all that wait: each worker of the flush waits for the same moment.
        if due is not None and (self._timer is None or self._timer.due != due):
            if self._timer is not None:
                self._timer.cancel()
            self._timer = self._clock.call_at(due, self._wake)
        with self._clock.waiting():
            await future

    def _wake(self) -> None:
        waiters, self._waiters = self._waiters, []
        for future in waiters:
            if not future.done():
                future.set_result(None)
