"""When a scheduled batch is flushed: five-field cron, or `every <n> minutes|hours|days`."""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from functools import lru_cache

from cronsim import CronSim, CronSimError

from ampsandbox.errors import AmpSandboxError
from ampsandbox.manifest.schedule_advice import (
    FORMATS,
    ScheduleAdvice,
    cron_field_advice,
    is_cron,
    schedule_advice,
)

ALIASES = {
    "@hourly": "0 * * * *",
    "@daily": "0 0 * * *",
    "@midnight": "0 0 * * *",
    "@weekly": "0 0 * * 0",
    "@monthly": "0 0 1 * *",
    "@yearly": "0 0 1 1 *",
    "@annually": "0 0 1 1 *",
}
"""Names that cron implementations commonly take in place of the five fields."""

MAX_INTERVAL = timedelta(days=3660)
_MAX_LENGTH = 200
_INTERVAL = re.compile(r"every\s+(\d+)\s+(minute|hour|day)s?", re.IGNORECASE | re.ASCII)
_REFERENCE = datetime(2024, 1, 1, tzinfo=UTC)


class ScheduleError(AmpSandboxError):
    """The text is not a schedule, or one that never fires.

    Attributes:
        meant: The schedule that was probably meant; None when that cannot be told.
    """

    def __init__(self, advice: ScheduleAdvice) -> None:
        is_sound = advice.meant is None or is_schedule(advice.meant)
        super().__init__(advice.message, advice.suggestion if is_sound else FORMATS)
        self.meant = advice.meant if is_sound else None


class NeverFiresError(ScheduleError):
    """The cron expression names a day that does not exist."""


class Schedule(ABC):
    """When batches are flushed: at an interval, or by a cron expression."""

    @abstractmethod
    def next_fire(self, after: datetime, anchor: datetime, tz: tzinfo = UTC) -> datetime:
        """The first instant strictly after `after`.

        Args:
            after: An aware datetime.
            anchor: Where intervals count from, such as the creation of the installation; cron ignores it.
            tz: The zone in which cron fields are read; intervals ignore it.
        """

    @abstractmethod
    def as_cron(self) -> str | None:
        """The cron expression that says the same, as far as one can; None where none comes near."""

    @abstractmethod
    def describe(self) -> str:
        """The schedule in plain words, to stand in a sentence."""


@dataclass(frozen=True, slots=True)
class Interval(Schedule):
    """`every <count> <unit>`: fires at anchor + k x period, in plain UTC arithmetic."""

    count: int
    unit: str

    @property
    def period(self) -> timedelta:
        return timedelta(**{f"{self.unit}s": self.count})

    def next_fire(self, after: datetime, anchor: datetime, tz: tzinfo = UTC) -> datetime:
        """The first multiple of the period after the anchor that lies strictly after `after`."""
        steps = max((after - anchor) // self.period + 1, 1)
        return anchor.astimezone(UTC) + steps * self.period

    def as_cron(self) -> str | None:
        """The cron expression that comes nearest, at least ten minutes apart; None for more than a day."""
        minutes = max(self.period // timedelta(minutes=1), 10)
        if minutes < 60:
            return f"*/{minutes} * * * *"
        return f"0 */{minutes // 60} * * *" if minutes < 1440 else "0 0 * * *" if minutes == 1440 else None

    def describe(self) -> str:
        return f"every {self.count} {self.unit}s" if self.count > 1 else f"every {self.unit}"


@dataclass(frozen=True, slots=True)
class CronSchedule(Schedule):
    """Five cron fields, read as Debian's cron reads them."""

    expression: str

    def next_fire(self, after: datetime, anchor: datetime, tz: tzinfo = UTC) -> datetime:
        """The next match of the fields strictly after `after`, as a UTC datetime."""
        # In an hour that the clocks repeat, the first match may be the same time of day an hour ago.
        matches = (match.astimezone(UTC) for match in CronSim(self.expression, after.astimezone(tz)))
        return next(match for match in matches if match > after)

    def as_cron(self) -> str | None:
        return self.expression

    def describe(self) -> str:
        """For example `at 09:00 every day`."""
        text = CronSim(self.expression, _REFERENCE).explain()
        return text[:1].lower() + text[1:]


@lru_cache(maxsize=1024)
def parse_schedule(text: str) -> Schedule:
    """Read a schedule in either format.

    `every 1 hour` is taken like `every 1 hours`, and the `@daily` family like the cron it stands for.

    Raises:
        ScheduleError: It is neither format, is out of range, or never fires.
    """
    cleaned = " ".join(text.split()) if len(text) <= _MAX_LENGTH else ""
    if interval := _INTERVAL.fullmatch(cleaned):
        return _interval(int(interval[1]), interval[2].lower(), cleaned)
    return _cron(ALIASES.get(cleaned.lower(), cleaned), text)


def is_schedule(text: str) -> bool:
    try:
        parse_schedule(text)
    except ScheduleError:
        return False
    return True


def upcoming(schedule: Schedule, count: int, after: datetime) -> list[datetime]:
    """The next fire times after `after`, which also serves as the anchor."""
    moments: list[datetime] = []
    for _ in range(count):
        moments.append(schedule.next_fire(moments[-1] if moments else after, after))
    return moments


def _interval(count: int, unit: str, text: str) -> Interval:
    if count == 0:
        raise ScheduleError(schedule_advice(text))
    if count * {"minute": 60, "hour": 3600, "day": 86400}[unit] > MAX_INTERVAL.total_seconds():
        message = f'"every {count} {unit}s" is longer than ten years.'
        raise ScheduleError(ScheduleAdvice(message, "Use a shorter interval."))
    return Interval(count, unit)


def _cron(expression: str, text: str) -> CronSchedule:
    if not is_cron(expression):
        raise ScheduleError(schedule_advice(text))
    try:
        next(CronSim(expression, _REFERENCE))
    except CronSimError:
        wrong = _wrong_field(expression)
        if wrong is None:
            raise _never_fires(expression) from None
        raise ScheduleError(cron_field_advice(expression, wrong)) from None
    except StopIteration:
        raise _never_fires(expression) from None
    return CronSchedule(expression)


def _wrong_field(expression: str) -> int | None:
    """Which of five fields cannot be read; None when they cannot only together, as in `0 0 30 2 *`."""
    for index, field in enumerate(expression.split()):
        try:
            CronSim(" ".join(field if place == index else "*" for place in range(5)), _REFERENCE)
        except CronSimError:
            return index
    return None


def _never_fires(expression: str) -> NeverFiresError:
    message = f'"{expression}" never fires: there is no such day.'
    return NeverFiresError(ScheduleAdvice(message, "Choose a day that the month has."))
