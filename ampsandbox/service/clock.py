"""The clock: read it, freeze it, hurry it, move it forward."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

import msgspec

from ampsandbox.clock import MAX_SPEED, time_span
from ampsandbox.errors import ClockError, UsageError
from ampsandbox.service.context import ServiceGroup
from ampsandbox.service.recorded import recorded

Speed = Annotated[float, msgspec.Meta(extra_json_schema={"minimum": 0, "maximum": MAX_SPEED})]
"""Clock seconds per wall second; 0 stands still. The clock itself refuses others, and says the range."""

Amount = Annotated[float, msgspec.Meta(ge=0)]
"""How far to go, in some unit."""

Moment = Annotated[datetime, msgspec.Meta(tz=True)]


class ClockView(msgspec.Struct, frozen=True, rename="camel"):
    """The clock; a speed of 0 means that it stands still."""

    now: datetime
    speed: float
    next_flush_at: datetime | None


class ClockService(ServiceGroup):
    """The one clock that everything reads."""

    name = "clock"

    async def get(self) -> ClockView:
        """The current moment, the speed, and when the next flush is due."""
        engine = self.context.engine
        return ClockView(engine.clock.now(), engine.clock.speed, engine.batches.next_flush())

    @recorded
    async def set_speed(self, speed: Speed) -> ClockView:
        """Freeze the clock (0), or run it at a multiple of real time.

        Raises:
            ClockError: No clock runs at that speed.
        """
        self.context.engine.set_speed(speed)
        return await self.get()

    @recorded
    async def advance(
        self,
        days: Amount = 0,
        hours: Amount = 0,
        minutes: Amount = 0,
        seconds: Amount = 0,
        to: Moment | None = None,
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
            UsageError: Not exactly one way is named.
            ClockError: The moment lies in the past or beyond what a clock can show, or nothing waits for a
                flush.
        """
        by = time_span(days=days, hours=hours, minutes=minutes, seconds=seconds)
        if any((days, hours, minutes, seconds)) + (to is not None) + next_flush != 1:
            raise UsageError(
                "Say how far to advance in one way.", "Give an amount such as hours, or to, or nextFlush."
            )
        if next_flush:
            to = self.context.engine.batches.next_flush()
            if to is None:
                raise ClockError(
                    "No batch waits for its schedule.", "Send a write to a scheduled endpoint first."
                )
            to = max(to, self.context.clock.now())
        await self.context.engine.advance(by=None if to else by, to=to)
        return await self.get()

    @recorded
    async def settle(self) -> ClockView:
        """Wait until all that is due by now has come to rest; the clock is not moved."""
        await self.context.clock.settled()
        return await self.get()
