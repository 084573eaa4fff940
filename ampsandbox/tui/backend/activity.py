"""The part of the backend that counts what happened over time, from the journal: earlier sessions' too."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Final

from ampsandbox.engine.model import OperationCount, OperationState
from ampsandbox.tui.backend.views import Activity, BatchSpan, BatchView, RequestHistory

if TYPE_CHECKING:
    from ampsandbox.tui.backend.batches import RunningBatches
    from ampsandbox.tui.backend.link import Link

_DAY: Final = 24 * 60
_READ_AT_ONCE: Final = 20_000
"""Operations that the engine's loop counts in one go: some milliseconds, however many there are."""

_FLUSHED_SHOWN: Final = 20
_FOR_GOOD: Final = (OperationState.SUCCEEDED, OperationState.DROPPED)


class RunningActivity:
    """Counts operations in stretches of their numbers; a stretch that is written for good is counted once."""

    def __init__(self, link: Link, batches: RunningBatches) -> None:
        self._link = link
        self._batches = batches
        self._settled: dict[int, Sequence[OperationCount]] = {}
        self._last = 0

    async def last_day(self) -> Activity:
        """The writes, CRM requests and flushes of the day before the sandbox's time."""
        now, last = await self._link.read(
            lambda: (self._link.engine.clock.now(), self._link.engine.operations.last_number)
        )
        if last < self._last:
            self._settled.clear()  # The sandbox was reset, or restored from a snapshot.
        self._last = last
        since = int(now.timestamp()) // 60 - _DAY
        found: list[OperationCount] = []
        for start in range((last - 1) // _READ_AT_ONCE * _READ_AT_ONCE, -1, -_READ_AT_ONCE):
            counted = await self._stretch(start, is_full=start + _READ_AT_ONCE <= last)
            recent = [each for each in counted if _latest(each, since) > since]
            found += recent
            if counted and not recent:
                break  # What is older has a lower number.
        return await self._link.read(lambda: self._activity(now, since, found))

    async def _stretch(self, start: int, *, is_full: bool) -> Sequence[OperationCount]:
        if start in self._settled:
            return self._settled[start]
        operations = self._link.engine.operations
        counted = await self._link.read(lambda: operations.counted(start, start + _READ_AT_ONCE))
        if is_full and all(each.state in _FOR_GOOD for each in counted):
            self._settled[start] = counted
        return counted

    def _activity(self, now: datetime, since: int, counted: Sequence[OperationCount]) -> Activity:
        accepted, written, failed = Counter[int](), Counter[int](), Counter[int]()
        for each in counted:
            if each.accepted > since:
                accepted[each.accepted] += each.count
            if each.finished is not None and each.finished > since:
                if each.state is OperationState.SUCCEEDED:
                    written[each.finished] += each.count
                elif each.state is not OperationState.DROPPED:
                    failed[each.finished] += each.count
        return Activity(now, accepted, written, failed, self._requests(since - _DAY), self._spans(counted))

    def _requests(self, since: int) -> tuple[RequestHistory, ...]:
        installations = self._link.engine.installations
        made = installations.requests_by_minute(since)
        limits = {quota.installation_id: quota.daily_limit for quota in installations.quota()}
        return tuple(
            RequestHistory(
                item.id, f"{item.integration} · {item.group}", limits.get(item.id, 0),
                {minute: counts[0] for minute, counts in made[item.id].items()},
                {minute: counts[1] for minute, counts in made[item.id].items()},
            )
            for item in installations.all()
            if item.id in made
        )  # fmt: skip

    def _spans(self, counted: Iterable[OperationCount]) -> tuple[BatchSpan, ...]:
        """The batches that wait, and those flushed last, oldest first."""
        by_id: dict[str | None, list[OperationCount]] = {}
        for each in counted:
            by_id.setdefault(each.batch_id, []).append(each)
        batches = (*self._batches.views.flushed(_FLUSHED_SHOWN), *self._batches.views.live())
        spans = [_span(batch, by_id[batch.id]) for batch in batches if batch.id in by_id]
        return tuple(sorted(spans, key=lambda span: span.opened))


def _span(batch: BatchView, counted: Sequence[OperationCount]) -> BatchSpan:
    first = [each.first_finished for each in counted if each.first_finished is not None]
    last = [each.last_finished for each in counted if each.last_finished is not None]
    opened = min(each.first_accepted for each in counted)
    return BatchSpan(batch, opened, min(first, default=None), max(last, default=None))


def _latest(counted: OperationCount, since: int) -> int:
    """The last minute in which something happened to them; those that wait still belong to this day."""
    return since + 1 if counted.state is None else max(counted.accepted, counted.finished or 0)
