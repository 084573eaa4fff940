"""The clock that a mock CRM reads: anything with `now()` and `sleep()`, so that a host can bring its own."""

from __future__ import annotations

import asyncio
import heapq
import itertools
from datetime import UTC, datetime, timedelta
from typing import Protocol


class Clock(Protocol):
    """Time as the host of the mock sees it."""

    def now(self) -> datetime:
        """The current moment, aware, in UTC."""

    async def sleep(self, seconds: float) -> None:
        """Wait until the clock has moved on by `seconds`."""


class SystemClock:
    def now(self) -> datetime:
        return datetime.now(UTC)

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)


class ManualClock:
    """A clock that stands still until it is moved, for tests and for hosts without a clock of their own.

    Args:
        start: The first moment, aware.
    """

    def __init__(self, start: datetime = datetime(2026, 1, 1, tzinfo=UTC)) -> None:
        self._now = start
        self._sleepers: list[tuple[datetime, int, asyncio.Future[None]]] = []
        self._order = itertools.count()

    def now(self) -> datetime:
        """The moment it was last moved to."""
        return self._now

    def advance(self, seconds: float = 0, **units: float) -> None:
        """Move forward by `seconds` and `timedelta` units such as `hours=2`, and wake who slept that long."""
        self._now += timedelta(seconds=seconds, **units)
        while self._sleepers and self._sleepers[0][0] <= self._now:
            future = heapq.heappop(self._sleepers)[2]
            if not future.done():
                future.set_result(None)

    async def sleep(self, seconds: float) -> None:
        """Wait until `advance` has moved the clock on by `seconds`."""
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        heapq.heappush(self._sleepers, (self._now + timedelta(seconds=seconds), next(self._order), future))
        await future


def epoch_ms(moment: datetime) -> int:
    """Milliseconds since 1970, the unit in which the store keeps moments."""
    return int(moment.timestamp() * 1000)


def from_epoch_ms(value: int) -> datetime:
    """The moment that `epoch_ms` was made from, in UTC."""
    return datetime.fromtimestamp(value / 1000, UTC)
