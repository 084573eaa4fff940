"""Quota windows on the clock."""

from __future__ import annotations

from datetime import UTC, datetime

from mock_crm.core.clock import ManualClock
from mock_crm.core.quota import Quota, Window


def test_a_rolling_window_gives_back_what_has_left_it() -> None:
    clock = ManualClock()
    window = Window("burst", clock, 2, 10)
    window.count()
    clock.advance(6)
    window.count()
    assert (window.used, window.remaining, window.is_spent()) == (2, 0, True)
    clock.advance(4.1)
    assert window.used == 1
    assert not window.is_spent()


def test_a_window_never_opens_too_early() -> None:
    clock = ManualClock()
    window = Window("daily", clock, 1)
    window.count()
    clock.advance(hours=23, minutes=59, seconds=59)
    assert window.is_spent()
    clock.advance(minutes=2)
    assert not window.is_spent()


def test_a_calendar_day_starts_anew_at_midnight() -> None:
    clock = ManualClock(datetime(2026, 3, 1, 23, 59, tzinfo=UTC))
    window = Window("daily", clock, 5, midnight=UTC)
    window.count(5)
    assert window.resets_at() == datetime(2026, 3, 2, tzinfo=UTC)
    clock.advance(minutes=1)
    assert window.used == 0


def test_all_windows_have_to_let_a_request_through_and_a_refused_one_is_not_counted() -> None:
    clock = ManualClock()
    quota = Quota([Window("daily", clock, 10), Window("burst", clock, 1, 10)])
    assert quota.take() is None
    refused = quota.take()
    assert refused is not None
    assert refused.name == "burst"
    assert quota["daily"].used == 1


def test_extra_windows_count_only_where_they_are_named() -> None:
    clock = ManualClock()
    quota = Quota([Window("daily", clock, 10)], [Window("search", clock, 1, 1)])
    assert quota.take() is None
    assert quota.take(("search",)) is None
    refused = quota.take(("search",))
    assert refused is not None
    assert (refused.name, quota["daily"].used) == ("search", 2)


def test_without_enforcement_requests_are_counted_only() -> None:
    quota = Quota([Window("daily", ManualClock(), 1)], enforced=False)
    assert [quota.take() for _ in range(3)] == [None, None, None]
    assert quota["daily"].used == 3


def test_counts_survive_in_a_dump() -> None:
    clock = ManualClock()
    quota = Quota([Window("daily", clock, 5)])
    quota.take()
    other = Quota([Window("daily", clock, 5)])
    other.load(quota.dump())
    assert other["daily"].used == 1
    other.clear()
    assert other["daily"].used == 0
