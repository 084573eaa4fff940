"""The one clock that schedules, retries, timeouts and timestamps read.

It runs with the wall clock, at a multiple of it, or stands still; it can be moved forward, and then fires
every timer on the way, in order, letting the work that each one starts come to rest before the next.
"""

from __future__ import annotations

import asyncio
import heapq
import itertools
import sys
import time
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any, Final, TypeVar

from ampsandbox.errors import ClockError

T = TypeVar("T")

EARLIEST: Final = datetime(1970, 1, 1, tzinfo=UTC)
LATEST: Final = datetime(9000, 1, 1, tzinfo=UTC)
"""Where a clock stops. Pauses and schedules are added to its time, and Python's calendar ends with 9999."""

MAX_SPEED: Final = 1_000_000.0
"""Clock seconds per wall second: eleven days a second."""

CARRIED_AT_MOST: Final = timedelta(days=1)
"""As far as a clock that stands still goes for one who waits: a CRM's daily limit ends within it."""

_LONGEST_S: Final = (LATEST - EARLIEST).total_seconds()

wall_s = time.perf_counter
"""Wall seconds that never go back, for showing how long things took; their zero means nothing.

They differ from run to run, so nothing that is stored, compared or sent as an event may hold them.
"""

# A sleeping laptop stops the loop's timers but not the wall clock, so due timers are looked for this often.
_RECHECK_S = 15.0

# Threads that read the time together may do so in any order; more is a system clock that was set back.
_SET_BACK_S = 0.05

# A task that another one wakes needs a few passes of the loop before it counts as working again.
_QUIET_PASSES = 6


class Timer:
    """A callback waiting for its moment. `cancel()` forgets it."""

    __slots__ = ("callback", "due")

    def __init__(self, due: datetime, callback: Callable[[], object]) -> None:
        self.due = due
        self.callback: Callable[[], object] | None = callback

    def cancel(self) -> None:
        """Forget the callback; safe to call twice."""
        self.callback = None


class Clock:
    """Time as a value.

    Args:
        start: The first moment, aware, from `EARLIEST` to `LATEST`; the wall clock's when None.
        speed: Clock seconds per wall second up to `MAX_SPEED`; 1 is real time, 0 stands still.

    Attributes:
        is_led: Whether somebody moves it from moment to moment, as a replay does; it then moves for nobody
            who waits.

    Raises:
        ClockError: The start or the speed is beyond what a clock takes.
    """

    def __init__(self, start: datetime | None = None, speed: float = 1.0) -> None:
        self._wall = machine_time()
        moment = EARLIEST + timedelta(seconds=self._wall()) if start is None else checked_moment(start)
        self._wall_seen = self._wall()
        # One tuple, replaced whole, so that other threads always read a consistent clock: the moment it was
        # set, the wall clock's seconds then, the speed, and how many seconds are left until `LATEST`.
        self._reading = (moment, self._wall_seen, checked_speed(speed), (LATEST - moment).total_seconds())
        self._timers: list[tuple[datetime, int, Timer]] = []
        self._order = itertools.count()
        self._wakeup: asyncio.TimerHandle | None = None
        self._tasks: set[asyncio.Task[Any]] = set()
        self._working = 0
        self._at_rest = asyncio.Event()
        self._at_rest.set()
        self._moving = asyncio.Lock()
        self.is_led = False

    # -- reading -----------------------------------------------------------------------------------------

    def now(self) -> datetime:
        """The current moment in UTC, `LATEST` at most. May be called from any thread."""
        anchor, wall, speed, room_s = self._reading
        if speed == 0:
            return anchor
        seconds = self._wall()
        if seconds < self._wall_seen - _SET_BACK_S:
            # The system's time was set back: go on from the last moment that anybody saw.
            gone_s = min((self._wall_seen - wall) * speed, room_s)
            anchor, wall, room_s = anchor + timedelta(seconds=gone_s), seconds, room_s - gone_s
            self._reading = (anchor, wall, speed, room_s)
        self._wall_seen = seconds
        gone_s = (seconds - wall) * speed
        # Each write asks ten times: without `min` and a keyword, in two thirds of the time.
        return anchor + timedelta(0, gone_s if gone_s < room_s else room_s)

    @property
    def speed(self) -> float:
        """Clock seconds per wall second; 0 when the clock stands still."""
        return self._reading[2]

    @property
    def is_frozen(self) -> bool:
        """Whether the clock stands still until it is moved."""
        return self.speed == 0

    def next_due(self) -> datetime | None:
        """When the next timer fires, or None when nothing waits."""
        while self._timers and self._timers[0][2].callback is None:
            heapq.heappop(self._timers)
        return self._timers[0][0] if self._timers else None

    def elapsed_ms(self, span: tuple[float, float]) -> float:
        """Milliseconds between two moments of `wall_s`, 0 on a clock that stands still.

        Keeping frozen runs free of wall time is what makes two runs with one seed give the same log.
        """
        return 0.0 if self._reading[2] == 0 else int((span[1] - span[0]) * 1_000_000) / 1_000

    def reading(self) -> tuple[datetime, float, float]:
        """The moment the clock was last set, the wall clock's seconds then, and the speed; for `resume`."""
        return self._reading[:3]

    # -- setting -----------------------------------------------------------------------------------------

    def run(self, speed: float = 1.0) -> None:
        """Go on from the current moment at `speed`; 0 freezes.

        Raises:
            ClockError: The speed is negative, beyond `MAX_SPEED` or not a number.
        """
        self._go_on_from(self.now(), checked_speed(speed))
        self._arm()

    def freeze(self) -> None:
        self.run(0)

    def set(self, moment: datetime) -> None:
        """Jump to `moment` without firing what lies between; for restoring a saved clock and for resets.

        Raises:
            ClockError: It is beyond what a clock takes.
        """
        self._go_on_from(checked_moment(moment), self.speed)
        self._arm()

    def resume(self, reading: tuple[datetime, float, float], not_before: datetime) -> None:
        """Go on from a reading of another run, never before `not_before`.

        In real time the clock keeps its distance to the wall clock, so that the time between the runs has
        passed. At any other speed it goes on where it was. What is beyond a clock's bounds, as earlier
        versions let it be, is taken as the bound.
        """
        moment, wall, speed = reading
        moment, not_before = (min(max(each, EARLIEST), LATEST) for each in (moment, not_before))
        speed = min(speed, MAX_SPEED) if speed > 0 else 0.0
        self._go_on_from(moment, speed)
        if speed == 1:
            self._reading = (moment, wall, speed, self._reading[3])
        if self.now() < not_before:
            self._go_on_from(not_before, speed)
        self._arm()

    async def advance(self, to: datetime) -> None:
        """Move forward to `to`, firing every timer on the way at its own moment.

        Returns when the work started by the timers is done or waits for a later moment. When another advance
        that is under way goes further, it is all done by that one.

        Raises:
            ClockError: `to` lies in the past, or beyond what a clock takes.
        """
        to = checked_moment(to)
        if to < self.now():
            raise ClockError(
                f"The clock cannot go back from {self.now()} to {to}.", "Reset the sandbox instead."
            )
        with self.waiting():
            await self._moving.acquire()
        try:
            await self._advance(to)
        finally:
            self._moving.release()

    async def _advance(self, to: datetime) -> None:
        speed = self.speed
        self.freeze()
        try:
            await self.settled()
            while (due := self.next_due()) is not None and due <= to:
                self.set(max(due, self.now()))
                self._fire()
                await self.settled()
            self.set(max(to, self.now()))
        finally:
            self.run(speed)

    def carry(self, work: Coroutine[Any, Any, T]) -> Coroutine[Any, Any, T]:
        """Do work whose outcome somebody waits for.

        Where it waits for a later moment, a clock that stands still moves on to that: whoever waits cannot
        move it.

        Raises:
            ClockError: It goes on only after `CARRIED_AT_MOST`; the work is cancelled.
        """
        return work if not self.is_frozen or self.is_led else self._carry(work)

    async def _carry(self, work: Coroutine[Any, Any, T]) -> T:
        task = self.spawn(work)
        end = moment_after(self.now(), CARRIED_AT_MOST)
        try:
            with self.waiting():
                while await self._rests_before(task):
                    async with self._moving:
                        due = self.next_due()
                        if due is None or not self.is_frozen:
                            break
                        if due > end:
                            raise ClockError(
                                f"What is waited for comes at {due}, and the clock stands at {self.now()}.",
                                "Advance the clock, or take away the fault or the limit that it waits for.",
                            )
                        if not task.done():
                            await self._advance(max(due, self.now()))
                return await task
        finally:
            task.cancel()

    async def _rests_before(self, task: asyncio.Task[Any]) -> bool:
        """Wait until the task is done, or nothing at all can go on without the clock moving."""
        resting = asyncio.ensure_future(self.settled())
        try:
            await asyncio.wait([task, resting], return_when=asyncio.FIRST_COMPLETED)
        finally:
            resting.cancel()
        return not task.done()

    # -- waiting -----------------------------------------------------------------------------------------

    def call_at(self, due: datetime, callback: Callable[[], object]) -> Timer:
        """Call `callback` on the loop when the clock reaches `due`; at the next pass if it already has."""
        timer = Timer(due, callback)
        heapq.heappush(self._timers, (due, next(self._order), timer))
        self._arm()
        return timer

    async def sleep(self, seconds: float) -> None:
        """Wait until the clock has moved on by `seconds`."""
        await self.sleep_until(moment_after(self.now(), timedelta(seconds=min(seconds, _LONGEST_S))))

    async def sleep_until(self, due: datetime) -> None:
        """Wait until the clock reaches `due`."""
        if due <= self.now():
            await asyncio.sleep(0)
            return
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        timer = self.call_at(due, lambda: None if future.done() else future.set_result(None))
        try:
            with self.waiting():
                await future
        finally:
            timer.cancel()

    # -- work that the clock waits for -------------------------------------------------------------------

    def spawn(self, work: Coroutine[Any, Any, T]) -> asyncio.Task[T]:
        """Run `work` as a task that `advance` waits for, until it ends or waits for a later moment."""
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        self._count(+1)
        task.add_done_callback(self._finished)
        return task

    async def gather(self, *works: Coroutine[Any, Any, T]) -> list[T]:
        """Run several works at once, and wait for all of them without counting as work meanwhile."""
        tasks = [self.spawn(work) for work in works]
        with self.waiting():
            return await asyncio.gather(*tasks)

    @contextmanager
    def waiting(self) -> Iterator[None]:
        """Mark the current task as waiting for other tasks or for a moment, not for the outside world."""
        counted = asyncio.current_task() in self._tasks
        if counted:
            self._count(-1)
        try:
            yield
        finally:
            if counted:
                self._count(+1)

    async def settled(self) -> None:
        """Return when no spawned work can go on without the clock moving."""
        quiet = 0
        with self.waiting():
            while quiet < _QUIET_PASSES:
                await self._at_rest.wait()
                await asyncio.sleep(0)
                quiet = quiet + 1 if self._at_rest.is_set() else 0

    # -- inside ------------------------------------------------------------------------------------------

    def _go_on_from(self, moment: datetime, speed: float) -> None:
        self._wall = machine_time()
        self._wall_seen = self._wall()
        self._reading = (moment, self._wall_seen, speed, (LATEST - moment).total_seconds())

    def _finished(self, task: asyncio.Task[Any]) -> None:
        self._tasks.discard(task)
        self._count(-1)

    def _count(self, change: int) -> None:
        self._working += change
        if self._working:
            self._at_rest.clear()
        else:
            self._at_rest.set()

    def _arm(self) -> None:
        """Ask the loop to wake us when the next timer is due; frozen, only what is due already fires."""
        if self._wakeup is not None:
            self._wakeup.cancel()
            self._wakeup = None
        due = self.next_due()
        if due is None:
            return
        left = (due - self.now()).total_seconds()
        if left > 0 and self.is_frozen:
            return
        delay = min(max(left, 0) / (self.speed or 1), _RECHECK_S)
        self._wakeup = asyncio.get_running_loop().call_later(delay, self._on_wakeup)

    def _on_wakeup(self) -> None:
        self._wakeup = None
        self._fire()
        self._arm()

    def _fire(self) -> None:
        now = self.now()
        while (due := self.next_due()) is not None and due <= now:
            callback = heapq.heappop(self._timers)[2].callback
            if callback is not None:
                callback()


def machine_time() -> Callable[[], float]:
    """What reads the machine's own time, though a test froze the time of the app that it tests.

    A sandbox has a clock of its own for that. freezegun would give it the frozen time or the real one by how
    deep the call is, and in either case a moment that never comes.
    """
    freezegun, time_machine = sys.modules.get("freezegun.api"), sys.modules.get("time_machine")
    read: Callable[[], float] = time.time if freezegun is None else freezegun.real_time
    if time_machine is None:
        return read
    hatch = time_machine.escape_hatch
    return lambda: hatch.time.time() if hatch.is_travelling() else read()


def checked_speed(speed: float) -> float:
    """The speed, if a clock can run at it.

    Raises:
        ClockError: It cannot.
    """
    if not 0 <= speed <= MAX_SPEED:
        raise ClockError(
            f"A clock cannot run at speed {speed}.",
            f"Give 0 to freeze it, 1 for real time, up to {MAX_SPEED:,.0f} to hurry.",
        )
    return float(speed)


def checked_moment(moment: datetime) -> datetime:
    """The moment in UTC, if a clock can stand there.

    Raises:
        ClockError: It has no time zone, or lies before `EARLIEST` or after `LATEST`.
    """
    if moment.tzinfo is None:
        raise ClockError(f"{moment} has no time zone.", "Write it like 2026-01-31T09:00:00Z.")
    if not EARLIEST <= moment <= LATEST:
        raise ClockError(
            f"A clock cannot stand at {moment.isoformat()}.",
            f"Its range is {EARLIEST:%Y-%m-%d} to {LATEST:%Y-%m-%d}.",
        )
    # A plain `datetime`, also where freezegun made the test's moment one of its own class: that is no JSON.
    return EARLIEST + (moment - EARLIEST)


def moment_after(start: datetime, span: timedelta) -> datetime:
    """The moment so much later; one beyond the range of clocks where it does not lie within it."""
    beyond = timedelta(seconds=1)
    return start + min(max(span, EARLIEST - start - beyond), LATEST - start + beyond)


def time_span(**amount: float) -> timedelta:
    """So many days, hours, minutes and seconds.

    Raises:
        ClockError: It is longer than a clock can go, or not a number.
    """
    try:
        span = timedelta(**amount)
    except (OverflowError, ValueError):
        span = timedelta.max
    if abs(span) > LATEST - EARLIEST:
        raise ClockError("No clock goes that far.", f"It stops in the year {LATEST.year}.")
    return span
