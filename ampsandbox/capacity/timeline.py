"""Virtual time: an event loop for generators, whose clock jumps from event to event."""

from __future__ import annotations

import heapq
import itertools
from collections import deque
from collections.abc import Callable, Generator
from datetime import datetime
from functools import partial

Resume = Callable[[], object]
Wait = Callable[[Resume], object]
"""What a process waits for: is told how to go on with it, and does so once that has come."""

Process = Generator[Wait | None, None, None]
"""Yields what it waits for; None lets the others that are ready go first."""


class Timeline:
    """Runs processes, first come first served, and moves from one moment to the next.

    Attributes:
        now: The moment.
        processes: How many have not ended.
    """

    def __init__(self, now: datetime) -> None:
        self.now = now
        self.processes = 0
        self._ready: deque[Process] = deque()
        self._timers: list[tuple[datetime, datetime, int, Resume]] = []
        self._order = itertools.count()

    @property
    def next_due(self) -> datetime | None:
        """When the next timer is due."""
        return self._timers[0][0] if self._timers else None

    def call_at(self, due: datetime, callback: Resume, set_at: datetime | None = None) -> None:
        """Call back at a moment; timers of one moment in the order in which they were set, now when None."""
        heapq.heappush(self._timers, (due, set_at or self.now, next(self._order), callback))

    def until(self, due: datetime) -> Wait | None:
        """To wait for a moment."""
        return partial(self.call_at, due) if due > self.now else None

    def spawn(self, process: Process) -> None:
        """Start a process with the next `run`."""
        self.processes += 1
        self._ready.append(process)

    def move_to(self, moment: datetime) -> None:
        """Move forward, and call what is due then."""
        self.now = moment
        while self._timers and self._timers[0][0] <= moment:
            heapq.heappop(self._timers)[3]()

    def run(self) -> None:
        """Let every process go on until it ends, or waits for another one or for a later moment."""
        ready = self._ready
        while ready:
            process = ready.popleft()
            try:
                wait = next(process)
            except StopIteration:
                self.processes -= 1
                continue
            if wait is None:
                ready.append(process)
            else:
                wait(partial(ready.append, process))


class Slots:
    """A number of places, given out first come first served."""

    def __init__(self, count: int) -> None:
        self._free = count
        self._queue: deque[Resume] = deque()

    def acquire(self) -> Process:
        """Wait for a place."""
        if self._free and not self._queue:
            self._free -= 1
        else:
            yield self._queue.append

    def release(self) -> None:
        """Give a place to the one who has waited longest."""
        if self._queue:
            self._queue.popleft()()
        else:
            self._free += 1


class Signal:
    """Wakes those who wait for it."""

    def __init__(self) -> None:
        self._waiting: list[Resume] = []

    def wait(self, resume: Resume) -> None:
        """Wait for the next time; a `Wait`."""
        self._waiting.append(resume)

    def wake(self) -> None:
        """Wake everyone who waits now."""
        waiting, self._waiting = self._waiting, []
        for resume in waiting:
            resume()
