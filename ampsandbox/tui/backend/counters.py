"""Counts operations by outcome from the engine's events, so that nobody has to ask the journal for it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

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
from ampsandbox.tui.backend.views import Counts

_COUNTED: Final = (WriteAccepted, WriteSucceeded)
_OF_DEAD_LETTERS: Final = (WriteFailed, WriteInDoubt, WriteDropped, WriteRetried)


def _may_be_marked(event: Event) -> bool:
    """Whether a success may be that of a write in doubt that somebody found in the CRM."""
    return isinstance(event, WriteSucceeded) and event.batch is None


class OutcomeCounters:
    """Totals since the interface was started, and the dead letters there are now. Used on the engine's loop.

    Args:
        events: What happens.
        dead_letters: Counts the dead letters by state; asked only after something happened to one.
    """

    def __init__(self, events: EventLog, dead_letters: Callable[[], Mapping[str, int]]) -> None:
        self._dead_letters = dead_letters
        self._dead: Mapping[str, int] | None = None
        self._is_reset = False
        self._zero()
        events.subscribe(self._count)

    def counts(self, queued: int) -> Counts:
        """The totals now; `queued` is what waits in batches."""
        if self._dead is None:
            self._dead = self._dead_letters()
        accepted, succeeded = (self._counts[kind] for kind in _COUNTED)
        return Counts(accepted, queued, succeeded, self._dead.get("failed", 0), self._dead.get("in_doubt", 0))

    def take_reset(self) -> bool:
        """Whether the sandbox was reset or restored since the last call."""
        was, self._is_reset = self._is_reset, False
        return was

    def _zero(self) -> None:
        self._counts: dict[type[Event], int] = dict.fromkeys(_COUNTED, 0)
        self._dead = None

    def _count(self, event: Event) -> None:
        kind = type(event)
        if kind in self._counts:
            self._counts[kind] += 1
        if kind in _OF_DEAD_LETTERS or (self._dead and _may_be_marked(event)):
            self._dead = None
        elif kind is SandboxReset or kind is SandboxRestored:
            self._is_reset = True
            self._zero()
