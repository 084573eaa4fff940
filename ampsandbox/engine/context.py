"""What every part of the engine shares."""

from __future__ import annotations

import random

from ampsandbox.clock import Clock
from ampsandbox.engine.exchanges import ExchangeLog
from ampsandbox.engine.ids import Ids
from ampsandbox.engine.journal import Journal, JournalEntry
from ampsandbox.engine.retry import RetryPolicy
from ampsandbox.events import Event
from ampsandbox.settings.engine import EngineSettings


class EngineContext:
    """The clock, the journal and what follows from the seed.

    Args:
        clock: The one clock.
        settings: The engine's settings.
        journal: Where everything is stored.
        exchanges: Where observed HTTP exchanges go.
        seed: Where ids and jitter come from; see `reseed`.
    """

    def __init__(
        self, clock: Clock, settings: EngineSettings, journal: Journal, exchanges: ExchangeLog, seed: str
    ) -> None:
        self.clock = clock
        self.settings = settings
        self.journal = journal
        self.exchanges = exchanges
        self.reseed(seed)

    def reseed(self, seed: str) -> None:
        """Draw ids and jitter from `seed` from now on, and from where the journal stands.

        A restart goes on with other pauses than the start had, and a rerun with the same ones.
        """
        self.seed = seed
        self.ids = Ids(seed)
        self._jitter = random.Random(f"{seed}/{self.journal.read.last_event()}")

    def emit(self, event: Event) -> None:
        """Store and publish an event that stands for itself."""
        self.journal.put(JournalEntry(events=(event,)))

    def scheduled_policy(self) -> RetryPolicy:
        return self.policy(self.settings.retry_deadline_s)

    def immediate_policy(self) -> RetryPolicy:
        """How writes are retried that somebody waits for."""
        return self.policy(self.settings.immediate_deadline_s)

    def policy(self, deadline_s: float) -> RetryPolicy:
        """How writes are retried that are given up after so many seconds."""
        return RetryPolicy(deadline_s, self.settings.retry_base_s, self.settings.retry_cap_s, self._jitter)
