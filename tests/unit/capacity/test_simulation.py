"""Simulated groups: the same as the whole sandbox, within the limits, and the same wherever they run."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ampsandbox.capacity.account import DAILY, REASONS
from ampsandbox.capacity.aggregation import histogram
from ampsandbox.capacity.deliveries import KINDS
from ampsandbox.capacity.exact import SimulatedOutcome
from ampsandbox.capacity.group_run import GroupRun, run_group
from ampsandbox.capacity.population import draw_group
from ampsandbox.capacity.results import Histogram
from ampsandbox.capacity.scenario import (
    AS_GIVEN,
    UNBATCHED,
    Burst,
    OrgShare,
    OtherUse,
    Outage,
    PathTraffic,
    Scenario,
    Variant,
)
from ampsandbox.capacity.simulated_time import DAY_US, SECOND_US
from ampsandbox.capacity.simulation import Progress, simulate
from ampsandbox.engine.timestamps import from_micros
from ampsandbox.manifest.model import Mode, Provider
from ampsandbox.settings.engine import EngineSettings
from tests.unit.capacity.whole_sandbox import FIELDS, Request, play

START = datetime(2026, 1, 5, tzinfo=UTC)
SALESFORCE, HUBSPOT = Provider.SALESFORCE, Provider.HUBSPOT


def path(
    name: str,
    mode: Mode = Mode.INSERT,
    schedule: str | None = None,
    an_hour: float = 10,
    *,
    hours: int = 3,
    burst: Burst | None = None,
    same_record: float = 0,
    auto_batch_s: float | None = None,
    retry_s: float | None = None,
) -> PathTraffic:
    """Writes of one object in the first hours of the week."""
    provider = HUBSPOT if (HUBSPOT, name) in FIELDS else SALESFORCE
    rates = tuple(an_hour if hour < hours else 0.0 for hour in range(168))
    bursts = (burst,) if burst else ()
    return PathTraffic(
        "crm", provider, name, mode, schedule, rates, same_record, bursts, auto_batch_s, retry_s
    )


def scenario(*paths: PathTraffic, daily: int | None = None, **more: object) -> Scenario:
    """One day of one group."""
    org = OrgShare(paths[0].provider, "", daily_requests=daily)
    made = Scenario(groups=1, start=START, days=1, seed="7", paths=paths, orgs=(org,))
    return replace(made, **more)  # type: ignore[arg-type]


def at(minutes: float) -> datetime:
    return START + timedelta(minutes=minutes)


def requests_of(run: GroupRun) -> list[Request]:
    found = run.requests
    columns = (found.sent, found.kinds, found.writes, found.refused)
    return sorted(
        (sent, KINDS[kind], writes, REASONS[refused])
        for sent, kind, writes, refused in zip(*(each.tolist() for each in columns), strict=True)
    )


def outcomes_of(run: GroupRun) -> list[list[tuple[int, SimulatedOutcome]]]:
    return [
        [
            (done, SimulatedOutcome(outcome))
            for done, outcome in zip(each.done.tolist(), each.outcomes.tolist(), strict=True)
        ]
        for each in run.paths
    ]


# -- against the whole sandbox -------------------------------------------------------------------------------

IMPORT = Burst(at(61), 450, over_s=60)

WHOLE = {
    "cron and intervals": scenario(
        path("contact", Mode.INSERT, "0 * * * *", burst=IMPORT),
        path("contact", Mode.UPDATE, "every 7 minutes", same_record=0.3),
        path("account", Mode.INSERT, None),
        latency_s=0.25,
    ),
    "the day's calls are used up": scenario(
        path("contact", Mode.INSERT, "every 15 minutes", 20),
        path("account", Mode.UPDATE, None, 5),
        path("campaign", Mode.UPDATE, None, 5, retry_s=60.0, same_record=0.5),
        daily=8,
        latency_s=0.25,
    ),
    "HubSpot's calls of a day are used up": scenario(
        path("contacts", Mode.UPDATE, "*/20 * * * *", 30, burst=replace(IMPORT, writes=250)),
        path("deals", Mode.INSERT, None, 5),
        daily=12,
    ),
    "429 in a burst": scenario(
        path("contacts", Mode.INSERT, None, 0, burst=Burst(at(30), 40), retry_s=3600.0),
        path("companies", Mode.UPDATE, "every 30 minutes", 40, same_record=0.2),
        orgs=(OrgShare(HUBSPOT, "", burst_requests=9),),
    ),
    "an outage": scenario(
        path("contact", Mode.INSERT, "every 10 minutes", 30),
        path("contact", Mode.UPDATE, None, 10, retry_s=3600.0, same_record=0.4),
        outages=(Outage(at(25), 1500), Outage(at(90), 300, retry_after_s=45)),
        latency_s=0.5,
    ),
    "a bulk job": scenario(
        path("contact", Mode.INSERT, "0 * * * *", 10, burst=Burst(at(70), 260)),
        path("contact", Mode.UPDATE, "0 * * * *", 10, burst=Burst(at(70), 230, 30), same_record=0.3),
        engine=EngineSettings(bulk_threshold=200),
        outages=(Outage(at(120) + timedelta(seconds=2), 20),),
        latency_s=0.5,
        bulk_job_s=10,
    ),
    "several requests of updates to one record": scenario(
        path("contact", Mode.UPDATE, "every 1 hours", 0, burst=Burst(at(20), 700, 60), same_record=0.5),
    ),
    "the hour that the clocks skip": scenario(
        path("contact", Mode.INSERT, "30 * * * *", 20, hours=168),
        path("account", Mode.INSERT, "15 2 * * *", 5, hours=168),
        start=datetime(2026, 3, 28, 23, 0, tzinfo=UTC),
        engine=EngineSettings(time_zone=ZoneInfo("Europe/Rome")),
    ),
    "auto-batches": scenario(
        path(
            "contacts", Mode.INSERT, None, 40, auto_batch_s=300, retry_s=600.0, burst=Burst(at(50), 230, 10)
        ),
        path("companies", Mode.UPDATE, None, 40, auto_batch_s=60, retry_s=600.0, same_record=0.2),
        outages=(Outage(at(50), 400),),
        latency_s=0.25,
    ),
    "other integrations": scenario(
        path("contact", Mode.INSERT, "every 15 minutes", 20),
        path("account", Mode.INSERT, None, 10),
        daily=70,
        other_use=(OtherUse((20.0,) * 168),),
    ),
}


@pytest.mark.parametrize("name", WHOLE)
def test_each_request_and_each_outcome_is_that_of_the_whole_sandbox(name: str) -> None:
    group = draw_group(WHOLE[name], 0)
    run = run_group(WHOLE[name], AS_GIVEN, group)
    played = play(WHOLE[name], group)
    assert requests_of(run) == played.requests
    assert outcomes_of(run) == played.outcomes


def test_the_scenarios_have_the_trouble_that_they_are_named_for() -> None:
    def reasons(name: str) -> set[str]:
        return {refused for *_, refused in requests_of(_run(WHOLE[name]))}

    assert reasons("the day's calls are used up") >= {DAILY}
    assert reasons("other integrations") >= {DAILY}
    assert reasons("429 in a burst") >= {"burst"}
    assert reasons("an outage") >= {"outage"}
    assert "upload" in {kind for _, kind, *_ in requests_of(_run(WHOLE["a bulk job"]))}
    assert any(
        outcome is SimulatedOutcome.REFUSED for _, outcome in outcomes_of(_run(WHOLE["auto-batches"]))[1]
    )


def _run(made: Scenario, variant: Variant = AS_GIVEN, *, is_exact: bool = False) -> GroupRun:
    return run_group(made, variant, draw_group(made, 0), is_exact=is_exact)


# -- what holds for every scenario ---------------------------------------------------------------------------

SCHEDULES = (None, None, "every 1 hours", "every 5 minutes", "*/15 * * * *", "0 * * * *")


@st.composite
def scenarios(draw: st.DrawFn, busiest: int = 200) -> Scenario:
    provider = draw(st.sampled_from(list(Provider)))
    names = [name for owner, name in FIELDS if owner is provider]
    paths = []
    for name in draw(st.lists(st.sampled_from(names), min_size=1, unique=True)):
        schedule = draw(st.sampled_from(SCHEDULES))
        retry_s = draw(st.sampled_from([None, 60.0, 3600.0])) if schedule is None else None
        burst = Burst(
            at(draw(st.integers(0, 150))), draw(st.integers(1, busiest)), draw(st.sampled_from([0, 60]))
        )
        paths.append(
            path(
                name,
                draw(st.sampled_from([Mode.INSERT, Mode.UPDATE])),
                schedule,
                draw(st.sampled_from([0, 3, 20])),
                burst=burst,
                same_record=draw(st.sampled_from([0, 0.1, 0.5])),
                auto_batch_s=draw(st.sampled_from([None, 60.0])) if retry_s else None,
                retry_s=retry_s,
            )
        )
    outage = Outage(
        at(draw(st.integers(0, 150))),
        draw(st.sampled_from([5, 900])),
        retry_after_s=draw(st.sampled_from([None, 30])),
    )
    return scenario(
        *paths,
        daily=draw(st.sampled_from([None, 5, 20, 50])),
        outages=draw(st.sampled_from([(), (outage,)])),
        other_use=draw(st.sampled_from([(), (OtherUse((15.0,) * 168),)])),
        latency_s=draw(st.sampled_from([0, 0.25, 2.5])),
        engine=EngineSettings(bulk_threshold=draw(st.sampled_from([100, 2000]))),
        seed=draw(st.sampled_from("abc")),
    )


@settings(max_examples=8, deadline=None, suppress_health_check=list(HealthCheck))
@given(scenarios())
def test_made_up_scenarios_go_as_in_the_whole_sandbox(made: Scenario) -> None:
    group = draw_group(made, 0)
    run = run_group(made, AS_GIVEN, group)
    played = play(made, group)
    assert requests_of(run) == played.requests
    assert outcomes_of(run) == played.outcomes


@settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))
@given(scenarios(busiest=3_000), st.sampled_from([AS_GIVEN, UNBATCHED, Variant("often", "every 4 minutes")]))
def test_all_at_once_is_the_same_as_event_by_event(made: Scenario, variant: Variant) -> None:
    quick, exact = _run(made, variant), _run(made, variant, is_exact=True)
    assert requests_of(quick) == requests_of(exact)
    assert outcomes_of(quick) == outcomes_of(exact)


@settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))
@given(scenarios(), st.sampled_from([AS_GIVEN, UNBATCHED]))
def test_no_write_is_before_its_time_and_no_day_has_more_requests_than_its_limit(
    made: Scenario, variant: Variant
) -> None:
    run = _run(made, variant)
    latency_us = int(made.latency_s * SECOND_US)
    for each in run.paths:
        is_done = each.outcomes != SimulatedOutcome.WAITING
        assert (each.done[is_done] >= each.deliveries.arrivals.times[is_done] + latency_us).all()
        assert (each.done[~is_done] == 0).all()
    answered = run.requests.answered[run.requests.refused == 0]
    if limit := run.account.daily_limit:
        if made.orgs[0].provider is SALESFORCE:
            in_a_day = np.arange(1, len(answered) + 1) - np.searchsorted(answered, answered - DAY_US)
        else:
            # HubSpot counts by the calendar day of the account.
            days = [
                from_micros(moment).astimezone(ZoneInfo("US/Eastern")).date() for moment in answered.tolist()
            ]
            in_a_day = np.array([days.count(day) for day in set(days)])
        assert in_a_day.max(initial=0) <= limit
    delivered = sum(int((each.outcomes == SimulatedOutcome.DELIVERED).sum()) for each in run.paths)
    sent = run.requests.writes[run.requests.refused == 0].sum()
    assert sent >= delivered


# -- many groups ---------------------------------------------------------------------------------------------

MANY = replace(
    scenario(
        path("contact", Mode.UPDATE, "every 1 hours", 30, hours=24, same_record=0.1),
        path("account", Mode.INSERT, None, 10, hours=24),
        path("contacts", Mode.INSERT, "*/30 * * * *", 30, hours=24),
    ),
    groups=9,
    orgs=(OrgShare(SALESFORCE, "professional", daily_requests=150), OrgShare(HUBSPOT, "free")),
    variants=(AS_GIVEN, UNBATCHED),
    outages=(Outage(at(400), 3000, share=0.5),),
)


def test_groups_run_the_same_on_one_process_and_on_two() -> None:
    assert simulate(MANY, workers=2) == simulate(MANY, workers=1)


def test_a_group_is_the_same_whichever_others_are_run() -> None:
    alone, all_of_them = simulate(MANY, groups=[4]), simulate(MANY)
    assert alone.variants[0].groups == [all_of_them.variants[0].groups[4]]
    assert alone != simulate(replace(MANY, seed="8"), groups=[4])


def test_a_simulation_that_is_stopped_keeps_what_it_has() -> None:
    seen: list[Progress] = []
    results = simulate(MANY, workers=1, on_progress=seen.append, should_stop=lambda: len(seen) == 3)
    assert results.is_partial
    assert [each.done_groups for each in seen] == [1, 2, 3]
    assert [group.number for group in results.variants[1].groups] == [0, 1, 2]
    whole = simulate(MANY)
    assert not whole.is_partial
    assert results.variants[0].groups == whole.variants[0].groups[:3]


@pytest.mark.slow
def test_groups_run_the_same_on_a_dask_cluster_of_two_workers() -> None:
    distributed = pytest.importorskip("distributed")
    with distributed.LocalCluster(
        n_workers=2, threads_per_worker=1, dashboard_address=None, processes=True
    ) as cluster:
        assert simulate(MANY, dask=cluster.scheduler_address) == simulate(MANY, workers=1)


@given(st.lists(st.integers(0, 2**45)))
def test_numbers_are_counted_at_once_as_one_by_one(numbers: Sequence[int]) -> None:
    one_by_one = Histogram()
    for number in numbers:
        one_by_one.add(number)
    at_once = histogram(np.array(numbers, np.int64))
    assert at_once == one_by_one
    for percent in (50, 95, 100):
        exact = sorted(numbers)[-(-len(numbers) * percent // 100) - 1] if numbers else 0
        assert at_once.percentile(percent) == pytest.approx(exact, rel=0.01)
