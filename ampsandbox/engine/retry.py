"""When what failed for now is tried again: exponential backoff with full jitter, inside a deadline."""

from __future__ import annotations

import random
from datetime import datetime, timedelta
from typing import Protocol

import msgspec


class RetriedWrite(Protocol):
    """A write on its way, as far as its retries go.

    Attributes:
        due_since: When it became due: at its acceptance, or when its flush began.
        tries: How often it failed for now.
        failing_since: When its deadline began.
    """

    due_since: datetime
    tries: int
    failing_since: datetime | None


class RetryPolicy(msgspec.Struct, frozen=True):
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

    def try_again(
        self, write: RetriedWrite, now: datetime, outage_since: datetime | None, wish_s: float | None = None
    ) -> datetime | None:
        """Note that a write failed for now; gives when it is tried again, None when its deadline is over.

        Args:
            write: The write.
            now: The clock's time.
            outage_since: Since when no request got through, where it failed along with its whole request: the
                deadline of a write that became due meanwhile began then, or when it became due.
            wish_s: As for `next_try`.
        """
        write.tries += 1
        if write.failing_since is None:
            write.failing_since = max(write.due_since, outage_since or now)
        return self.next_try(write.tries, write.failing_since, now, wish_s)
