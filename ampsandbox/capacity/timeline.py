"""Virtual time: an event loop for generators, whose clock jumps from event to event.

What becomes ready in one moment goes on in the order of asyncio, so that ties are decided as in the sandbox.
"""

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
"""Yields what it waits for; None lets those go first that are ready."""


class Timeline:
    """Runs processes, first come first served, and moves from one moment to the next.

    Attributes:
        now: The moment.
        processes: How many have not ended.
    """

    def __init__(self, now: datetime) -> None:
        self.now = now
        self.processes = 0
        self._ready: deque[Resume] = deque()
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
        """What a process yields to sleep until a moment; None where that has passed."""
        return partial(self.call_at, due) if due > self.now else None

    def call_soon(self, callback: Resume) -> None:
        """Call back after what is ready now."""
        self._ready.append(callback)

    def spawn(self, process: Process) -> None:
        """Start a process with the next `run`."""
        self.processes += 1

        def go_on() -> None:
            try:
                wait = next(process)
            except StopIteration:
                self.processes -= 1
                return
            if wait is None:
                self._ready.append(go_on)
            else:
                wait(wake)

        wake = partial(self._ready.append, go_on)
        wake()

    def move_to(self, moment: datetime) -> None:
        """Move forward, and call what is due then."""
        self.now = moment
        while self._timers and self._timers[0][0] <= moment:
            heapq.heappop(self._timers)[3]()

    def run(self) -> None:
        """Let every process go on until it ends, or waits for another one or for a later moment."""
        while self._ready:
            self._ready.popleft()()


class Slots:
    """A number of places, given out first come first served; as `asyncio.Semaphore` down to the order."""

    def __init__(self, count: int) -> None:
        self._free = count
        self._waiting: deque[Latch] = deque()

    def acquire(self) -> Process:
        if self._free and not self._waiting:
            self._free -= 1
            return
        turn = Latch()
        self._waiting.append(turn)
        yield from turn.passed()
        self._waiting.remove(turn)
        if self._free:
            self._call_next()

    def release(self) -> None:
        """Give a place to the one who has waited longest."""
        self._free += 1
        self._call_next()

    def _call_next(self) -> None:
        turn = next((each for each in self._waiting if not each.is_open), None)
        if turn is not None:
            self._free -= 1
            turn.count_down()


class Signal:
    """Wakes those who wait for it."""

    __slots__ = ("_waiting",)

    def __init__(self) -> None:
        self._waiting: list[Resume] = []

    def wait(self, resume: Resume) -> None:
        """Wait for the next time; a `Wait`."""
        self._waiting.append(resume)

    def wake(self) -> None:
        waiting, self._waiting = self._waiting, []
        for resume in waiting:
            resume()


class Latch:
    """Opens once, when it was counted down to nothing, and stays open."""

    __slots__ = ("_left", "_waiting")

    def __init__(self, count: int = 1) -> None:
        self._left = count
        self._waiting: list[Resume] = []

    @property
    def is_open(self) -> bool:
        return not self._left

    def count_down(self) -> None:
        """Come one nearer to its opening."""
        self._left -= 1
        if not self._left:
            for resume in self._waiting:
                resume()

    def passed(self) -> Process:
        if self._left:
            yield self._waiting.append


class JournalTiming:
    """When the engine goes on after it had something stored: all that came up meanwhile is stored together.

    Nothing is stored here; see `ampsandbox.engine.journal.writer.JournalWriter`.
    """

    def __init__(self, timeline: Timeline) -> None:
        self._timeline = timeline
        self._units: list[Latch] = []

    def put(self) -> Latch:
        """Have something stored; the latch is open when it is."""
        if not self._units:
            self._timeline.call_soon(self.commit)
        unit = Latch()
        self._units.append(unit)
        return unit

    def store(self) -> Process:
        """Have something stored, and wait for it."""
        return self.put().passed()

    def commit(self) -> None:
        """Store what waits for the next commit at once."""
        units, self._units = self._units, []
        for unit in units:
            unit.count_down()
