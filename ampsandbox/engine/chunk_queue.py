"""Which writes of a flush may share the next request. The capacity simulation goes by the same rules."""

from __future__ import annotations

import heapq
from collections import deque
from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Generic, Protocol, TypeVar

from ampsandbox.engine.record_queue import RecordKey, RecordQueues


class ChunkWrite(Protocol):
    """A write on its way, as far as its place in line goes.

    Attributes:
        number: Its place in the order of acceptance.
        is_handed_out: Whether a request has it, sent already or not.
        is_withdrawn: Whether it was given up while it waited.
        record: The record whose turn it waits for or has; None where it takes no turns.
    """

    number: int
    is_handed_out: bool
    is_withdrawn: bool
    record: RecordKey | None


W = TypeVar("W", bound=ChunkWrite)


class ChunkQueue(Generic[W]):
    """Hands out the writes of one flush in chunks, in order of acceptance.

    A chunk never holds two writes to one record: a write waits for its turn on the record, which comes when
    the write before it has its outcome. What is put off comes back when it is due.

    Args:
        record_queues: The turns on records, which other flushes take too.
        window: How many writes are loaded at most.
        load: Adds up to so many more writes with `add`; gives whether there were any.
        wake: Called when more writes may be ready.
        is_whole: Whether all go as one chunk or wait, two writes to one record included.

    Attributes:
        loaded: The writes that were added and have no outcome yet, by number.
    """

    def __init__(
        self,
        record_queues: RecordQueues,
        window: int,
        load: Callable[[int], bool],
        wake: Callable[[], None],
        *,
        is_whole: bool = False,
    ) -> None:
        self._record_queues = record_queues
        self._window = window
        self._load = load
        self._wake = wake
        self._is_whole = is_whole
        self._records: set[RecordKey] = set()
        self._fresh: deque[W] = deque()
        self._again: list[tuple[int, W]] = []
        self._later: list[tuple[datetime, int, W]] = []
        self.loaded: dict[int, W] = {}

    @property
    def next_due(self) -> datetime | None:
        """When the next write that was put off comes back."""
        return self._later[0][0] if self._later else None

    def add(self, write: W, record: RecordKey | None) -> None:
        """Queue a write up, behind every other one to its record."""
        self.loaded[write.number] = write
        if record is None or (self._is_whole and record in self._records):
            self._fresh.append(write)
            return
        write.record = record
        if self._is_whole:
            self._records.add(record)
        self._record_queues.acquire(record, lambda: self._granted(write))

    def next_chunk(self, size: int, now: datetime) -> list[W]:
        """Up to `size` writes for one request; empty where none may go now, and at the end."""
        while self._later and self._later[0][0] <= now:
            _, number, write = heapq.heappop(self._later)
            heapq.heappush(self._again, (number, write))
        while self._ready_count() < size and self.load():
            pass
        is_short = self._is_whole and self._ready_count() < len(self.loaded)
        return [] if is_short else self._take(size)

    def load(self) -> bool:
        """Load as many writes as there is room for; False when there are no more, or is no room."""
        room = self._window - len(self.loaded)
        return room > 0 and self._load(room)

    def finish(self, finished: Iterable[W]) -> None:
        """Let the next writes of the same records go out: these have their outcome."""
        for write in finished:
            del self.loaded[write.number]
            if write.record is not None:
                self._record_queues.release(write.record)
        self._wake()

    def put_off(self, write: W, until: datetime) -> None:
        """The write goes into another request, not before `until`. It keeps its turn on its record."""
        write.is_handed_out = False
        heapq.heappush(self._later, (until, write.number, write))
        self._wake()

    def withdraw(self, number: int) -> None:
        """A write was given up manually; it may not be handed out already."""
        write = self.loaded.get(number)
        if write is None:
            return
        write.is_withdrawn = True
        for entry in self._later:
            if entry[1] == number:
                self._later.remove(entry)
                heapq.heapify(self._later)
                heapq.heappush(self._again, (number, write))
                break
        self._wake()

    def drain(self, size: int) -> list[W]:
        """Up to `size` writes that are not on their way, due or not, for a flush that gives up."""
        while True:
            for _, number, write in self._later:
                heapq.heappush(self._again, (number, write))
            self._later.clear()
            page = self._take(size)
            if page or not self.load():
                return page

    def _ready_count(self) -> int:
        return len(self._fresh) + len(self._again)

    def _take(self, size: int) -> list[W]:
        chunk: list[W] = []
        while len(chunk) < size and (self._again or self._fresh):
            if not self._again or (self._fresh and self._fresh[0].number < self._again[0][0]):
                write = self._fresh.popleft()
            else:
                write = heapq.heappop(self._again)[1]
            if write.is_withdrawn:
                self.finish([write])
            else:
                write.is_handed_out = True
                chunk.append(write)
        return chunk

    def _granted(self, write: W) -> None:
        heapq.heappush(self._again, (write.number, write))
        self._wake()
