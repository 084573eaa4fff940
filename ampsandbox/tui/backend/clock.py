"""The part of the backend that moves the sandbox's time."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ampsandbox.tui.backend.link import Link


class RunningClock:
    """The clock of a runner."""

    def __init__(self, link: Link) -> None:
        self._link = link
        self._moving = asyncio.Lock()

    async def set_speed(self, speed: float) -> None:
        """Run the clock at a multiple of real time; 0 freezes it."""
        await self._link.call(self._link.service.clock.set_speed(speed))

    async def advance(self, *, by: timedelta | None = None, to: datetime | None = None) -> None:
        """Move the clock forward, flushing what falls due on the way.

        Cancelled, the clock stays at the moment that it came to.
        """
        await self._link.call(self._advance(by, to))

    async def _advance(self, by: timedelta | None, to: datetime | None) -> None:
        """Go from one timer to the next, so that the way can be watched and left."""
        service, clock = self._link.service, self._link.engine.clock
        async with self._moving:
            speed = clock.speed
            clock.freeze()
            try:
                end = to if to is not None else clock.now() + (by or timedelta())
                while clock.now() < end:
                    await service.clock.advance(to=max(clock.now(), min(clock.next_due() or end, end)))
            finally:
                clock.run(speed)
