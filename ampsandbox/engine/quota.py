"""The request ledger of one connection, and what the same writes would have cost one by one."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from datetime import datetime, timedelta

from ampsandbox.engine.crm import Limits
from ampsandbox.engine.journal import QuotaRow, Row
from ampsandbox.engine.model import QuotaView

SAVE_QUOTA = (
    "INSERT INTO quota(installation, minute, requests, writes, unbatched) VALUES (?, ?, ?, ?, ?)"
    " ON CONFLICT DO UPDATE SET requests = requests + excluded.requests,"
    " writes = writes + excluded.writes, unbatched = unbatched + excluded.unbatched"
)

_DAY = timedelta(days=1)
_MINUTES_A_DAY = 24 * 60


class Ledger:
    """Counts requests as they are observed on the wire.

    The last 24 hours are kept by the minute, the burst window by the request.
    """

    def __init__(self, installation: int, installation_id: str, limits: Limits) -> None:
        self._installation = installation
        self._installation_id = installation_id
        self._limits = limits
        self._minutes: deque[list[int]] = deque()
        self._burst: deque[datetime] = deque()
        self._burst_peak = 0
        self._requests = self._writes = self._unbatched = 0
        self._unsaved: dict[int, list[int]] = {}

    def load(self, rows: Iterable[QuotaRow]) -> None:
        """Take up what the journal kept."""
        for row in rows:
            self._requests += row.requests
            self._writes += row.writes
            self._unbatched += row.unbatched
            self._minutes.append([row.minute, row.requests])

    def count(self, at: datetime, records: int, *, for_writes: bool) -> None:
        """Note one request.

        Args:
            at: When it was made.
            records: How many writes it carried; 0 for requests that carry none.
            for_writes: Whether it is part of writing. The extra requests of a bulk job would not exist
                without batches; descriptions and provisioning would.
        """
        unbatched = records if for_writes else 1
        self._requests += 1
        self._writes += records
        self._unbatched += unbatched
        minute = int(at.timestamp()) // 60
        if not self._minutes or self._minutes[-1][0] < minute:
            self._minutes.append([minute, 0])
        self._minutes[-1][1] += 1
        self._note_burst(at)
        unsaved = self._unsaved.setdefault(minute, [0, 0, 0])
        unsaved[0] += 1
        unsaved[1] += records
        unsaved[2] += unbatched

    def _note_burst(self, at: datetime) -> None:
        if not self._limits.burst_s:
            return
        self._burst.append(at)
        self._forget_burst(at)
        self._burst_peak = max(self._burst_peak, len(self._burst))

    def _forget_burst(self, now: datetime) -> None:
        start = now - timedelta(seconds=self._limits.burst_s)
        while self._burst and self._burst[0] <= start:
            self._burst.popleft()

    def take_unsaved(self) -> list[Row]:
        """Rows for `SAVE_QUOTA` since the last call; to be given back when they could not be stored."""
        unsaved, self._unsaved = self._unsaved, {}
        return [(self._installation, minute, *counts) for minute, counts in unsaved.items()]

    @property
    def unsaved(self) -> list[QuotaRow]:
        """What the journal does not have yet."""
        return [QuotaRow(self._installation, minute, *counts) for minute, counts in self._unsaved.items()]

    def view(self, now: datetime) -> QuotaView:
        oldest = int((now - _DAY).timestamp()) // 60
        while self._minutes and self._minutes[0][0] <= oldest:
            self._minutes.popleft()
        self._forget_burst(now)
        return QuotaView(
            installation_id=self._installation_id,
            requests=self._requests,
            requests_daily=sum(count for _, count in self._minutes),
            daily_limit=self._limits.daily_requests,
            requests_burst=len(self._burst),
            burst_peak=self._burst_peak,
            burst_limit=self._limits.burst_requests,
            burst_s=self._limits.burst_s,
            writes=self._writes,
            requests_unbatched=self._unbatched,
        )
