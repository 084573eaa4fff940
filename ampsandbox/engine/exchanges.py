"""The newest HTTP exchanges with CRMs, for inspection."""

from __future__ import annotations

from collections import deque
from collections.abc import Collection
from itertools import islice
from typing import NamedTuple

from ampsandbox.engine.crm import Exchange, ExchangeReport


class ObservedExchange(NamedTuple):
    """An exchange with its number and the installation whose connection it went over.

    `operations` are the ids of those that it was made for: that it carried, or whose login, schema read or
    bulk job it belongs to. There are none for installing and for looking at an org.
    """

    seq: int
    installation_id: str
    report: ExchangeReport
    operations: Collection[str] = ()

    @property
    def exchange(self) -> Exchange:
        """The exchange, made anew each time."""
        return self.report.shown()


class ExchangeLog:
    """A bounded ring of exchanges. Nothing of it is stored."""

    def __init__(self, size: int) -> None:
        self._ring: deque[ObservedExchange] = deque(maxlen=size)
        self.last_seq = 0

    def add(self, installation_id: str, report: ExchangeReport, operations: Collection[str] = ()) -> None:
        """Keep an exchange, forgetting the oldest when the ring is full."""
        self.last_seq += 1
        self._ring.append(ObservedExchange(self.last_seq, installation_id, report, operations))

    def since(self, seq: int) -> list[ObservedExchange]:
        """The kept exchanges numbered above `seq`, oldest first."""
        first = self._ring[0].seq if self._ring else self.last_seq + 1
        return list(islice(self._ring, max(seq - first + 1, 0), None))

    def of(self, operation_id: str) -> list[ObservedExchange]:
        """The kept exchanges that were made for an operation, oldest first."""
        return [item for item in self._ring if operation_id in item.operations]

    def clear(self) -> None:
        """Forget all of them; numbers go on."""
        self._ring.clear()
