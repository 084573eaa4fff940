"""Keeps the clock's time and speed in the journal, so that a restart goes on where the last run was."""

from __future__ import annotations

from datetime import datetime

import msgspec

from ampsandbox.clock import Clock
from ampsandbox.engine.journal import Journal, JournalEntry

SET_META = "INSERT OR REPLACE INTO meta(name, value) VALUES (?, ?)"
_NAME = "clock"


class _Reading(msgspec.Struct, frozen=True, array_like=True):
    moment: datetime
    wall: float
    speed: float


def save_clock(clock: Clock, journal: Journal) -> None:
    """Have the journal remember how the clock goes."""
    reading = _Reading(*clock.reading())
    journal.put(JournalEntry(statements=[(SET_META, [(_NAME, msgspec.json.encode(reading))])]))


def restore_clock(clock: Clock, journal: Journal) -> None:
    """Let the clock go on as the journal remembers it, not before the last event."""
    stored = journal.read.meta(_NAME)
    if stored is None:
        return
    reading = msgspec.json.decode(stored, type=_Reading)
    last = journal.read.last_event()
    events = journal.read.events(last - 1, last + 1, 1)
    not_before = events[-1].at if events else reading.moment
    clock.resume((reading.moment, reading.wall, reading.speed), not_before)
