"""What the screen remembers of flushes: what holds one up, and how the last ones ended."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from datetime import datetime
from typing import Final, NamedTuple

from ampsandbox.events import (
    Event,
    EventLog,
    FlushFinished,
    SandboxReset,
    SandboxRestored,
    WritesDeferred,
)

KEPT: Final = 3
"""How many ended flushes stay among the batches that wait."""


class HeldUp(NamedTuple):
    """Writes of a flush are tried again at a moment, because of a transient error."""

    until: datetime
    reason: str


class Flushes:
    """Follows the flushes. Written and read on the engine's loop."""

    def __init__(self, events: EventLog) -> None:
        self._held: dict[str, HeldUp] = {}
        self._ended: deque[FlushFinished] = deque(maxlen=KEPT)
        events.subscribe(self._follow)

    def held_up(self, batch_id: str, now: datetime) -> HeldUp | None:
        """What a flush waits for at this moment; None when nothing holds it up."""
        found = self._held.get(batch_id)
        return found if found is not None and found.until > now else None

    def ended(self) -> Sequence[FlushFinished]:
        """The last flushes that ended, newest first."""
        return tuple(reversed(self._ended))

    def _follow(self, event: Event) -> None:
        if isinstance(event, WritesDeferred) and event.batch is not None:
            self._held[event.batch] = HeldUp(event.until, event.reason)
        elif isinstance(event, FlushFinished):
            self._held.pop(event.batch, None)
            self._ended.append(event)
        elif isinstance(event, SandboxReset | SandboxRestored):
            self._held.clear()
            self._ended.clear()
