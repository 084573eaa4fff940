"""Counts operations by outcome from the engine's events, so that nobody has to ask the journal for it."""

from __future__ import annotations

from ampsandbox.events import (
    Event,
    EventLog,
    SandboxReset,
    SandboxRestored,
    WriteAccepted,
    WriteDropped,
    WriteFailed,
    WriteInDoubt,
    WriteRetried,
    WriteSucceeded,
)
from ampsandbox.tui.views import Counts


class Tally:
    """Totals since the interface was started. Written on the engine's loop."""

    def __init__(self, events: EventLog) -> None:
        self._is_reset = False
        self._counts: dict[type[Event], int] = {}
        self._zero()
        events.subscribe(self._count)

    def counts(self, queued: int) -> Counts:
        """The totals now; `queued` is what waits in batches."""
        by = self._counts
        return Counts(by[WriteAccepted], queued, by[WriteSucceeded], by[WriteFailed], by[WriteInDoubt])

    def take_reset(self) -> bool:
        """Whether the sandbox was reset or restored since the last call."""
        was, self._is_reset = self._is_reset, False
        return was

    def _zero(self) -> None:
        kinds = (WriteAccepted, WriteSucceeded, WriteFailed, WriteInDoubt, WriteDropped, WriteRetried)
        self._counts = dict.fromkeys(kinds, 0)

    def _count(self, event: Event) -> None:
        kind = type(event)
        if kind in self._counts:
            self._counts[kind] += 1
        elif kind is SandboxReset or kind is SandboxRestored:
            self._is_reset = True
            self._zero()
