"""How many requests an org takes: limits over windows of its clock, and what is left of them.

Salesforce counts requests over a rolling day; HubSpot over a calendar day and over rolling seconds. A window
counts in slots of a fraction of its length, so its memory is bounded and its edge is exact to one slot.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Any

from mock_crm.core.clock import Clock

SLOTS = 1440
"""How many slots a rolling window has."""


class Window:
    """At most `limit` requests in any `seconds` of the clock; a limit of 0 means none.

    Args:
        name: What a refusal calls it, such as `daily` or `burst`.
        clock: Whose time counts.
        limit: Requests per window; 0 counts without ever refusing.
        seconds: The window's length.
        midnight: A time zone makes it a calendar day there, which starts anew at midnight; `seconds` is
            then ignored.
    """

    def __init__(
        self, name: str, clock: Clock, limit: int, seconds: float = 86_400, midnight: tzinfo | None = None
    ) -> None:
        self.name = name
        self.limit = limit
        self.seconds = seconds
        self._clock = clock
        self.midnight = midnight
        self._slot_s = seconds / SLOTS
        self._slots: deque[list[int]] = deque()
        self._used = 0

    @property
    def used(self) -> int:
        """Requests counted in the window that ends now."""
        self._forget(self._slot())
        return self._used

    @property
    def remaining(self) -> int:
        """Requests left; the limit minus the used ones, never negative."""
        return max(self.limit - self.used, 0)

    def is_spent(self) -> bool:
        """Whether the next request would be refused."""
        return self.limit > 0 and self.used >= self.limit

    def count(self, requests: int = 1) -> None:
        """Count requests that were taken."""
        slot = self._slot()
        self._forget(slot)
        if self._slots and self._slots[-1][0] == slot:
            self._slots[-1][1] += requests
        else:
            self._slots.append([slot, requests])
        self._used += requests

    def resets_at(self) -> datetime:
        """When the oldest counted request leaves the window; now, when nothing is counted."""
        now = self._clock.now()
        if self.midnight is not None:
            local = now.astimezone(self.midnight)
            start = local.replace(hour=0, minute=0, second=0, microsecond=0)
            return (start + timedelta(days=1)).astimezone(UTC)
        if not self.used:
            return now
        return datetime.fromtimestamp((self._slots[0][0] + 1) * self._slot_s + self.seconds, UTC)

    def clear(self) -> None:
        self._slots.clear()
        self._used = 0

    def dump(self) -> list[list[int]]:
        """What is counted, as JSON values for `load`."""
        self._forget(self._slot())
        return [list(slot) for slot in self._slots]

    def load(self, slots: list[list[int]]) -> None:
        self._slots = deque(list(slot) for slot in slots)
        self._used = sum(requests for _, requests in slots)

    def _slot(self) -> int:
        now = self._clock.now()
        if self.midnight is not None:
            return now.astimezone(self.midnight).toordinal()
        return int(now.timestamp() / self._slot_s)

    def _forget(self, slot: int) -> None:
        # A slot counts until all of it lies more than a window back, so a limit never opens too early.
        oldest = slot if self.midnight is not None else slot - SLOTS
        while self._slots and self._slots[0][0] < oldest:
            self._used -= self._slots.popleft()[1]


class Quota:
    """The windows of one org that a request has to pass.

    Args:
        windows: The windows that every counted request passes, in the order in which they are asked.
        extra: Further windows, which only the requests that name them pass.
        enforced: False counts without refusing.
    """

    def __init__(
        self, windows: Sequence[Window], extra: Sequence[Window] = (), *, enforced: bool = True
    ) -> None:
        self.windows = {window.name: window for window in (*windows, *extra)}
        self.enforced = enforced
        self._common = tuple(windows)

    def __getitem__(self, name: str) -> Window:
        return self.windows[name]

    def take(self, extra: Sequence[str] = ()) -> Window | None:
        """Count one request, or return the window that refuses it; a refused request is not counted."""
        return self._pass((*self._common, *(self.windows[name] for name in extra)) if extra else self._common)

    def take_only(self, names: Sequence[str]) -> Window | None:
        """As `take`, for a request that passes the named windows and not the common ones."""
        return self._pass([self.windows[name] for name in names])

    def _pass(self, windows: Sequence[Window]) -> Window | None:
        if self.enforced:
            for window in windows:
                if window.is_spent():
                    return window
        for window in windows:
            window.count()
        return None

    def clear(self) -> None:
        """Forget what was counted."""
        for window in self.windows.values():
            window.clear()

    def dump(self) -> dict[str, Any]:
        """What is counted, as JSON values for `load`."""
        return {name: window.dump() for name, window in self.windows.items()}

    def load(self, state: dict[str, Any]) -> None:
        """Take over what `dump` returned; windows it does not know are left alone."""
        for name, slots in state.items():
            if name in self.windows:
                self.windows[name].load(slots)
