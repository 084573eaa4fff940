"""Which requests fault rules strike."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest

from mock_crm.core.clock import ManualClock
from mock_crm.core.faults import Faults, Rule

START = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(START)


@pytest.fixture
def faults(clock: ManualClock) -> Faults:
    return Faults(clock, seed=1)


def struck(faults: Faults, times: int = 6, **about: Any) -> list[bool]:
    request = {"method": "POST", "path": "/a/b", "object_name": "Contact", **about}
    return [faults.strike(**request) is not None for _ in range(times)]


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        ({"nth": 2}, [False, True, False, False, False, False]),
        ({"first": 2}, [True, True, False, False, False, False]),
        ({"every": 3}, [False, False, True, False, False, True]),
        ({"method": "get"}, [False] * 6),
        ({"path": "/a/*"}, [True] * 6),
        ({"object": "contact"}, [True] * 6),
        ({"object": "Lead"}, [False] * 6),
    ],
)
def test_a_rule_strikes_the_requests_it_means(
    faults: Faults, rule: dict[str, Any], expected: list[bool]
) -> None:
    faults.add({"kind": "error", **rule})
    assert struck(faults) == expected


def test_an_outage_lasts_from_one_moment_to_another(faults: Faults, clock: ManualClock) -> None:
    faults.add(Rule(kind="outage", since=START + timedelta(hours=1), until=START + timedelta(hours=2)))
    seen = []
    for _ in range(3):
        seen += struck(faults, 1)
        clock.advance(hours=1)
    assert seen == [False, True, False]


def test_a_share_is_drawn_from_the_seed(clock: ManualClock) -> None:
    draws = []
    for _ in range(2):
        faults = Faults(clock, seed="same")
        faults.add({"kind": "error", "share": 0.5})
        draws.append(struck(faults, 50))
    assert draws[0] == draws[1]
    assert 10 < sum(draws[0]) < 40


def test_rules_for_records_name_their_place_in_the_batch(faults: Faults) -> None:
    faults.add({"kind": "record-error", "record": 2, "code": "X"})
    strike = faults.strike("POST", "/", None)
    assert strike is not None
    assert strike.whole == []
    assert strike.for_record(1) is None
    assert strike.for_record(2) is not None


def test_what_fired_is_listed_and_forgotten_with_the_rules(faults: Faults) -> None:
    rule = faults.add({"kind": "error"})
    struck(faults, 2)
    assert [fired.rule for fired in faults.fired] == [rule.id, rule.id]
    assert faults.remove(rule.id)
    assert not faults.remove(rule.id)
    faults.clear()
    assert not faults.fired
    assert not faults


@pytest.mark.parametrize(
    "rule", [{"kind": "error", "nth": 0}, {"kind": "error", "share": 0}, {"kind": "latency", "seconds": -1}]
)
def test_a_rule_with_numbers_out_of_range_is_refused(faults: Faults, rule: dict[str, Any]) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - the three say different things
        faults.add(rule)


def test_a_rule_with_an_unknown_member_is_refused(faults: Faults) -> None:
    with pytest.raises(msgspec.ValidationError):
        faults.add({"kind": "error", "when": "always"})
