"""When batches are flushed."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ampsandbox.manifest.schedule import (
    MAX_INTERVAL,
    NeverFiresError,
    ScheduleError,
    parse_schedule,
    upcoming,
)

ANCHOR = datetime(2026, 3, 1, 10, 7, 30, tzinfo=UTC)


def test_an_interval_counts_from_its_anchor() -> None:
    schedule = parse_schedule("every 2 hours")
    assert schedule.next_fire(ANCHOR, ANCHOR) == ANCHOR + timedelta(hours=2)
    assert schedule.next_fire(ANCHOR + timedelta(hours=5), ANCHOR) == ANCHOR + timedelta(hours=6)


def test_a_fire_time_is_strictly_after() -> None:
    schedule = parse_schedule("every 2 hours")
    assert schedule.next_fire(ANCHOR + timedelta(hours=2), ANCHOR) == ANCHOR + timedelta(hours=4)
    cron = parse_schedule("0 12 * * *")
    noon = datetime(2026, 3, 1, 12, tzinfo=UTC)
    assert cron.next_fire(noon, ANCHOR) == noon + timedelta(days=1)


@given(
    count=st.integers(1, 5_000),
    unit=st.sampled_from(["minutes", "hours"]),
    after_s=st.integers(-10_000, 10**8),
)
def test_interval_fires_lie_on_the_grid(count: int, unit: str, after_s: int) -> None:
    period = timedelta(**{unit: count})
    after = ANCHOR + timedelta(seconds=after_s)
    fire = parse_schedule(f"every {count} {unit}").next_fire(after, ANCHOR)
    assert (fire - ANCHOR) % period == timedelta(0)
    assert fire > max(after, ANCHOR)
    assert fire - period <= max(after, ANCHOR)


def test_cron_is_read_in_the_given_zone() -> None:
    cron = parse_schedule("0 9 * * *")
    after = datetime(2026, 7, 1, tzinfo=UTC)
    assert cron.next_fire(after, ANCHOR) == datetime(2026, 7, 1, 9, tzinfo=UTC)
    berlin = ZoneInfo("Europe/Berlin")
    assert cron.next_fire(after, ANCHOR, berlin) == datetime(2026, 7, 1, 7, tzinfo=UTC)


@pytest.mark.parametrize(
    ("zone", "expression", "change"),
    [
        ("Europe/Berlin", "30 2 * * *", datetime(2026, 10, 25, tzinfo=UTC)),
        ("America/New_York", "30 1 * * *", datetime(2026, 11, 1, 4, tzinfo=UTC)),
        ("Europe/Berlin", "30 2 * * *", datetime(2026, 3, 29, tzinfo=UTC)),
        ("Australia/Lord_Howe", "45 1 * * *", datetime(2026, 4, 4, 13, tzinfo=UTC)),
    ],
)
def test_a_daily_cron_never_fires_twice_or_in_the_past_when_the_clocks_change(
    zone: str, expression: str, change: datetime
) -> None:
    cron = parse_schedule(expression)
    fires = set()
    for minute in range(180):
        after = change + timedelta(minutes=minute, seconds=17)
        fires.add(cron.next_fire(after, ANCHOR, ZoneInfo(zone)))
        assert max(fires) > after
    assert len(fires) <= 2


def test_the_singular_and_the_aliases_are_taken() -> None:
    assert parse_schedule("every 1 hour") == parse_schedule("Every  1 hours")
    assert parse_schedule("@daily") == parse_schedule("0 0 * * *")


def test_a_step_over_months_without_the_day_finds_the_day() -> None:
    fires = upcoming(parse_schedule("0 0 29 2 *"), 2, datetime(2025, 1, 1, tzinfo=UTC))
    assert [fire.year for fire in fires] == [2028, 2032]


@pytest.mark.parametrize(
    ("text", "words"),
    [("every 2 hours", "every 2 hours"), ("every 1 days", "every day"), ("30 9 * * *", "at 09:30 every day")],
)
def test_a_schedule_has_plain_words(text: str, words: str) -> None:
    assert parse_schedule(text).describe() == words


@pytest.mark.parametrize(
    "text",
    [
        "",
        "every hour",
        "every 0 hours",
        "every -1 hours",
        "every 2 weeks",
        f"every {MAX_INTERVAL.days + 1} days",
        "every " + "9" * 5_000 + " days",
        "* * * *",
        "* * * * * *",
        "61 * * * *",
        "0 0 ٣ * *",
        "x" * 100_000,
    ],
)
def test_what_is_no_schedule_is_refused(text: str) -> None:
    with pytest.raises(ScheduleError):
        parse_schedule(text)


@pytest.mark.parametrize("text", ["0 0 30 2 *", "0 0 31 4,6 *"])
def test_a_day_that_does_not_exist_never_fires(text: str) -> None:
    with pytest.raises(NeverFiresError):
        parse_schedule(text)


@given(st.text(max_size=40))
def test_any_text_is_a_schedule_or_an_error(text: str) -> None:
    try:
        schedule = parse_schedule(text)
    except ScheduleError:
        return
    assert schedule.next_fire(ANCHOR, ANCHOR) > ANCHOR
