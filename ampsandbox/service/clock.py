"""The clock: read it, freeze it, hurry it, move it forward."""

from __future__ import annotations

from datetime import datetime

import msgspec

from ampsandbox.clock import time_span
from ampsandbox.errors import ClockError
from ampsandbox.service.context import ServiceGroup
from ampsandbox.service.recorded import recorded


class ClockView(msgspec.Struct, frozen=True, rename="camel"):
    """The clock; a speed of 0 means that it stands still."""

    now: datetime
    speed: float
    next_flush_at: datetime | None


class ClockService(ServiceGroup):
    """The one clock that everything reads."""

    name = "clock"

    async def get(self) -> ClockView:
        """The current moment and speed."""
        engine = self.context.engine
        return ClockView(engine.clock.now(), engine.clock.speed, engine.batches.next_flush())

    @recorded
    async def set_speed(self, speed: float) -> ClockView:
        """Freeze the clock (0), or run it at a multiple of real time.

        Raises:
            ClockError: No clock runs at that speed.
        """
        self.context.engine.set_speed(speed)
        return await self.get()

    @recorded
    async def advance(
        self,
        days: float = 0,
        hours: float = 0,
        minutes: float = 0,
        seconds: float = 0,
        to: datetime | None = None,
        next_flush: bool = False,
    ) -> ClockView:
        """Move forward, firing all that is due on the way; answers when it is done.

        Args:
            days: How far, together with the other amounts.
            hours: See `days`.
            minutes: See `days`.
            seconds: See `days`.
            to: Or the moment to go to, with a time zone.
            next_flush: Or to where the next schedule fires.

        Raises:
            ClockError: Not exactly one way is named, the moment lies in the past or beyond what a clock can
                show, or nothing waits for a flush.
        """
        by = time_span(days=days, hours=hours, minutes=minutes, seconds=seconds)
        if bool(by) + (to is not None) + next_flush != 1:
            raise ClockError(
                "Say how far to advance in one way.", "Give an amount such as hours, or to, or nextFlush."
            )
        if next_flush:
            to = self.context.engine.batches.next_flush()
            if to is None:
                raise ClockError(
                    "No batch waits for its schedule.", "Send a write to a scheduled endpoint first."
                )
            to = max(to, self.context.clock.now())
        await self.context.engine.advance(by=by or None, to=to)
        return await self.get()

    @recorded
    async def settle(self) -> ClockView:
        """Wait until all that is due by now has come to rest; the clock is not moved."""
        await self.context.clock.settled()
        return await self.get()
