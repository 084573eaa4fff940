"""Whose turn it is on a record: writes to one record reach the CRM one after the other, in order."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from typing import NamedTuple


class RecordKey(NamedTuple):
    """One record: an installation's number, and what its CRM tells records apart by."""

    installation: int
    name: str


class RecordQueues:
    """First come, first served, for each record."""

    def __init__(self) -> None:
        self._queues: dict[RecordKey, deque[Callable[[], None]]] = {}

    def acquire(self, key: RecordKey, granted: Callable[[], None]) -> None:
        """Queue up for a record; `granted` is called when it is free, at once where it is already."""
        queue = self._queues.get(key)
        if queue is None:
            self._queues[key] = deque((granted,))
            granted()
        else:
            queue.append(granted)

    def release(self, key: RecordKey) -> None:
        """End one's turn, which begins the next one's."""
        queue = self._queues[key]
        queue.popleft()
        if queue:
            queue[0]()  # stays first in the queue, which says that the record is taken
        else:
            del self._queues[key]  # or a sandbox that runs for weeks would hold every record it ever wrote
