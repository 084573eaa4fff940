"""When what failed for now is tried again: exponential backoff with full jitter, inside a deadline."""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import datetime, timedelta


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """How long and how often to try.

    Args:
        deadline_s: How long after the first failure a last try may start; 0 means one try only.
        base_s: The bound of the first pause; it doubles with each try.
        cap_s: The highest bound of a pause.
        jitter: Where the pauses are drawn from, seeded.
    """

    deadline_s: float
    base_s: float
    cap_s: float
    jitter: random.Random

    def is_over(self, failing_since: datetime, now: datetime) -> bool:
        """Whether the deadline of what failed first then is over."""
        return now >= failing_since + timedelta(seconds=self.deadline_s)

    def next_try(
        self, attempts: int, failing_since: datetime, now: datetime, wish_s: float | None = None
    ) -> datetime | None:
        """When to try again, or None when the deadline is over.

        Args:
            attempts: Tries so far, 1 or more.
            failing_since: When it failed first.
            now: The clock's time.
            wish_s: What the CRM asked for (`Retry-After`); never undercut.
        """
        last = failing_since + timedelta(seconds=self.deadline_s)
        earliest = now + timedelta(seconds=wish_s or 0)
        if now >= last or earliest > last:
            return None
        bound = min(self.cap_s, self.base_s * 2 ** min(attempts - 1, 30))
        pause = timedelta(seconds=self.jitter.uniform(0, bound))
        return min(max(earliest, now + pause), last)
