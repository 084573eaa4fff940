"""Moments as numbers: whole microseconds since 1970, which arrays can hold and the engine's clock knows."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, tzinfo
from functools import lru_cache
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from ampsandbox.engine.timestamps import to_micros
from ampsandbox.manifest.schedule import parse_schedule

if TYPE_CHECKING:
    from numpy.typing import NDArray

Ints: TypeAlias = "NDArray[np.int64]"
Bools: TypeAlias = "NDArray[np.bool_]"

SECOND_US = 1_000_000
MINUTE_US = 60 * SECOND_US
HOUR_US = 60 * MINUTE_US
DAY_US = 24 * HOUR_US

_MICROSECOND = timedelta(microseconds=1)


def seconds_us(seconds: float) -> int:
    """A span in microseconds, rounded as `timedelta` does."""
    return timedelta(seconds=seconds) // _MICROSECOND


@lru_cache(maxsize=64)
def fire_times(schedule: str, start: datetime, end: datetime, zone: tzinfo) -> Ints:
    """When a schedule fires after `start`, where its intervals count from, and once after `end`."""

    def fires() -> Iterator[int]:
        moment = start
        while moment <= end:
            moment = parsed.next_fire(moment, start, zone)
            yield to_micros(moment)

    parsed = parse_schedule(schedule)
    return np.fromiter(fires(), np.int64)


@lru_cache(maxsize=8)
def hours_of_week(start: datetime, days: int, zone: tzinfo) -> Ints:
    """For each hour after `start` the hour of the week in a zone, counted from Monday 00:00."""
    moments = (start.astimezone(UTC) + timedelta(hours=hour) for hour in range(days * 24))
    local = (moment.astimezone(zone) for moment in moments)
    return np.fromiter((moment.weekday() * 24 + moment.hour for moment in local), np.int64)
