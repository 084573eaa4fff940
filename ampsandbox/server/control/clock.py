"""The clock: read it, freeze it, hurry it, move it forward."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import msgspec

from ampsandbox.clock import time_span
from ampsandbox.errors import ClockError
from ampsandbox.server.control.endpoint import Call, Endpoint


class ClockView(msgspec.Struct, rename="camel"):
    """The clock; a speed of 0 means that it stands still."""

    now: datetime
    speed: float
    next_flush_at: datetime | None


class SpeedBody(msgspec.Struct, rename="camel"):
    """How fast the clock runs: 0 freezes it, 1 is real time."""

    speed: float


class AdvanceBody(msgspec.Struct, rename="camel"):
    """How far to move: by an amount, to a moment, or to the next flush."""

    days: float = 0
    hours: float = 0
    minutes: float = 0
    seconds: float = 0
    to: datetime | None = None
    next_flush: bool = False


def clock_view(call: Call) -> ClockView:
    """The clock as it stands."""
    sandbox = call.server.sandbox
    return ClockView(sandbox.clock.now(), sandbox.clock.speed, sandbox.next_flush())


async def _get(call: Call) -> ClockView:
    return clock_view(call)


async def _set_speed(call: Call) -> ClockView:
    call.server.sandbox.set_speed(call.body.speed)
    return clock_view(call)


async def _advance(call: Call) -> ClockView:
    await call.server.sandbox.advance(**_movement(call))
    return clock_view(call)


def _movement(call: Call) -> dict[str, Any]:
    body: AdvanceBody = call.body
    by = time_span(days=body.days, hours=body.hours, minutes=body.minutes, seconds=body.seconds)
    if bool(by) + (body.to is not None) + body.next_flush != 1:
        raise ClockError(
            "Say how far to advance in one way.", "Send an amount such as hours, or to, or nextFlush."
        )
    if body.next_flush:
        moment = call.server.sandbox.next_flush()
        if moment is None:
            raise ClockError(
                "No batch waits for its schedule.", "Send a write to a scheduled endpoint first."
            )
        return {"to": moment}
    return {"to": body.to} if body.to else {"by": by}


ENDPOINTS = (
    Endpoint("GET", "/clock", "getClock", "The current moment and speed.", _get, answer=ClockView),
    Endpoint(
        "POST",
        "/clock",
        "setClockSpeed",
        "Freeze the clock (0), or run it at a multiple of real time.",
        _set_speed,
        body=SpeedBody,
        answer=ClockView,
    ),
    Endpoint(
        "POST",
        "/clock/advance",
        "advanceClock",
        "Move forward, firing all that is due on the way; answers when it is done.",
        _advance,
        body=AdvanceBody,
        answer=ClockView,
    ),
)
