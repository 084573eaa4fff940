"""The newest HTTP exchanges with CRMs, for inspection."""

from __future__ import annotations

from collections import deque
from itertools import islice
from typing import NamedTuple

from ampsandbox.engine.crm import Exchange


class ObservedExchange(NamedTuple):
    """An exchange with its number and the installation whose connection it went over."""

    seq: int
    installation_id: str
    exchange: Exchange


class ExchangeLog:
    """A bounded ring of exchanges. Nothing of it is stored."""

    def __init__(self, size: int) -> None:
        self._ring: deque[ObservedExchange] = deque(maxlen=size)
        self.last_seq = 0

    def add(self, installation_id: str, exchange: Exchange) -> None:
        """Keep an exchange, forgetting the oldest when the ring is full."""
        self.last_seq += 1
        self._ring.append(ObservedExchange(self.last_seq, installation_id, exchange))

    def since(self, seq: int) -> list[ObservedExchange]:
        """The kept exchanges numbered above `seq`, oldest first."""
        first = self._ring[0].seq if self._ring else self.last_seq + 1
        return list(islice(self._ring, max(seq - first + 1, 0), None))

    def find(self, seq: int) -> ObservedExchange | None:
        """The exchange of that number, while it is kept."""
        first = self._ring[0].seq if self._ring else self.last_seq + 1
        index = seq - first
        return self._ring[index] if 0 <= index < len(self._ring) else None

    def clear(self) -> None:
        """Forget all of them; numbers go on."""
        self._ring.clear()
