"""From a traffic file to a scenario: rates by the hour of the week, limits of editions, moments."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final

from ampsandbox.capacity.limits import OrgLimits, limits_of
from ampsandbox.capacity.scenario import (
    AS_GIVEN,
    UNBATCHED,
    Burst,
    OtherUse,
    Outage,
    PathTraffic,
    Scenario,
    Sizes,
    Variant,
)
from ampsandbox.capacity.words import bytes_words
from ampsandbox.errors import UsageError
from ampsandbox.manifest.model import Provider
from ampsandbox.manifest.schedule import ScheduleError, is_schedule, parse_schedule
from ampsandbox.settings.engine import EngineSettings

if TYPE_CHECKING:
    from ampsandbox.capacity.traffic import Traffic, WriteTarget
    from ampsandbox.capacity.traffic_model import OtherUseEntry, TrafficEntry, TrafficFile

ASSUMED_LATENCY_MS: Final = 300.0
"""How long a CRM takes to answer where nobody says."""

_DEFAULT_GROUPS: Final = 100
_MOST_WRITES: Final = 50_000_000_000
# What the results keep: of each group and variant, and of each of its days.
_BYTES_A_GROUP: Final = 1_000
_BYTES_A_DAY: Final = 24
_MOST_BYTES: Final = 8_000_000_000
# What today's API retries an auto-batch for where the request does not say.
_AUTO_BATCH_RETRY_S: Final = 3600.0


@dataclass(frozen=True, slots=True)
class RunOptions:
    """What the caller says on top of the traffic file; None leaves it as the file has it."""

    groups: int | None = None
    days: int | None = None
    seed: str | None = None
    schedules: tuple[str, ...] = ()
    engine: EngineSettings = field(default_factory=EngineSettings)


@dataclass(frozen=True, slots=True)
class Plan:
    """What is to be simulated, and what a report says of it.

    Attributes:
        scenario: What the simulation takes.
        limits: The limits of each of the scenario's orgs, with their sources.
        group_names: The names of groups where they are known, in order.
        has_assumed_latency: Whether nobody said how long a CRM takes to answer.
    """

    scenario: Scenario
    limits: tuple[OrgLimits, ...]
    group_names: tuple[str, ...] = ()
    has_assumed_latency: bool = False

    @property
    def expected_writes(self) -> float:
        """About how many writes the groups send, in one variant."""
        return self.scenario.groups * self.scenario.expected_writes


def schedules_in(text: str) -> tuple[str, ...]:
    """The schedules of a list that commas separate; those inside of cron's fields do not."""
    found: list[str] = []
    parts = text.split(",")
    while parts:
        ends = (end for end in range(1, len(parts) + 1) if is_schedule(",".join(parts[:end]).strip()))
        end = next(ends, 1)
        found.append(",".join(parts[:end]).strip())
        parts = parts[end:]
    return tuple(each for each in found if each)


def make_plan(traffic: Traffic, options: RunOptions) -> Plan:
    """The scenario of a traffic file: as the manifest has it, unbatched, and under the schedules to compare.

    Raises:
        UsageError: A schedule to compare with is none, or there is more traffic than can be simulated.
    """
    file = traffic.file
    providers = {target.provider for target in (*traffic.targets, *traffic.burst_targets)}
    limits = _limits(file, providers)
    names = traffic.counts.names if traffic.counts else ()
    scenario = Scenario(
        groups=options.groups or file.groups or len(names) or _DEFAULT_GROUPS,
        start=file.begins_at,
        days=options.days or file.days,
        seed=options.seed if options.seed is not None else str(file.seed),
        paths=tuple(_paths(traffic)),
        orgs=tuple(each.org for each in limits),
        variants=_variants(options.schedules),
        sizes=_sizes(traffic),
        other_use=tuple(_other_use(each) for each in file.other_use),
        outages=tuple(
            Outage(file.moment(each.at), each.for_.total_seconds(), Provider(each.provider), each.share)
            for each in file.outages
        ),
        engine=options.engine,
        time_zone=file.zone,
        latency_s=(ASSUMED_LATENCY_MS if file.latency_ms is None else file.latency_ms) / 1000,
        bytes_a_write=file.bytes_a_write,
    )
    _check_size(scenario)
    plan = Plan(scenario, limits, names if len(names) >= scenario.groups else (), file.latency_ms is None)
    writes = plan.expected_writes
    if writes > _MOST_WRITES:
        raise UsageError(
            f"This traffic has about {writes:,.0f} writes; at most {_MOST_WRITES:,} are simulated.",
            "Simulate fewer --groups or --days: groups do not depend on each other.",
        )
    return plan


def _other_use(given: OtherUseEntry) -> OtherUse:
    week = _week(given.requests_per_day, given.hours, given.weekdays)
    return OtherUse(week, Provider(given.provider), given.share)


def _check_size(scenario: Scenario) -> None:
    """What is kept of each group stays in memory until the end."""
    size = scenario.groups * len(scenario.variants) * (_BYTES_A_GROUP + _BYTES_A_DAY * scenario.days)
    if size > _MOST_BYTES:
        raise UsageError(
            f"The results of {scenario.groups:,} groups, {scenario.days:,} days and "
            f"{len(scenario.variants)} schedules would take {bytes_words(size)} of memory; "
            f"at most {bytes_words(_MOST_BYTES)} are used.",
            "Simulate fewer --groups or --days: groups do not depend on each other.",
        )


def _limits(file: TrafficFile, providers: set[Provider]) -> tuple[OrgLimits, ...]:
    if file.crms:
        return tuple(
            limits_of(
                Provider(entry.provider),
                edition=entry.edition,
                licences=entry.licences,
                app=entry.app,
                daily_requests=entry.daily_requests,
                weight=entry.share,
            )
            for entry in file.crms
        )
    return tuple(limits_of(provider) for provider in Provider if provider in providers)


def _variants(schedules: Sequence[str]) -> tuple[Variant, ...]:
    for schedule in schedules:
        try:
            parse_schedule(schedule)
        except ScheduleError as error:
            raise UsageError(f"--compare {schedule!r:.60}: {error.message}", error.hint) from None
    return (AS_GIVEN, UNBATCHED, *(Variant(schedule, schedule) for schedule in dict.fromkeys(schedules)))


def _sizes(traffic: Traffic) -> Sizes:
    if traffic.counts is not None:
        return Sizes("given", factors=traffic.counts.sizes)
    if traffic.file.sizes.distribution == "log-normal":
        sigma = traffic.file.sizes.sigma
        return Sizes("log-normal", 1.0 if sigma is None else sigma)
    return Sizes()


def _paths(traffic: Traffic) -> list[PathTraffic]:
    """One path for each object and mode, with the rates and bursts of all entries about it added up."""
    paths: dict[tuple[str, str, str, bool], PathTraffic] = {}
    file = traffic.file
    for entry, target in zip(file.traffic, traffic.targets, strict=True):
        new = _path(entry, target)
        key = _key(target)
        paths[key] = _added(paths[key], new) if key in paths else new
    for burst, target in zip(file.bursts, traffic.burst_targets, strict=True):
        key = _key(target)
        path = paths.get(key) or _path(None, target)
        one = Burst(file.moment(burst.at), burst.writes, burst.over.total_seconds(), burst.share)
        paths[key] = replace(path, bursts=(*path.bursts, one))
    return list(paths.values())


def _key(target: WriteTarget) -> tuple[str, str, str, bool]:
    """What writes have in common that share a batch, or have none."""
    return target.integration.name, target.item.name, target.mode.value, target.item.schedule is None


def _path(entry: TrafficEntry | None, target: WriteTarget) -> PathTraffic:
    delay = entry.max_delay_minutes if entry else None
    return PathTraffic(
        integration=target.integration.name,
        provider=target.provider,
        object=target.item.name,
        mode=target.mode,
        schedule=target.item.schedule,
        writes_per_hour=_week(entry.writes_per_day, entry.hours, entry.weekdays) if entry else (0.0,) * 168,
        same_record_share=entry.same_record if entry else 0,
        auto_batch_s=delay * 60 if delay is not None else None,
        retry_s=_AUTO_BATCH_RETRY_S if delay is not None else None,
    )


def _added(one: PathTraffic, other: PathTraffic) -> PathTraffic:
    """Two entries about one path as one: what differs in character is weighted by the writes."""
    amounts = sum(one.writes_per_hour), sum(other.writes_per_hour)
    share = one.same_record_share * amounts[0] + other.same_record_share * amounts[1]
    rates = tuple(sum(pair) for pair in zip(one.writes_per_hour, other.writes_per_hour, strict=True))
    return replace(
        one,
        writes_per_hour=rates,
        same_record_share=share / sum(amounts) if sum(amounts) else 0,
        auto_batch_s=one.auto_batch_s if one.auto_batch_s is not None else other.auto_batch_s,
        retry_s=one.retry_s if one.retry_s is not None else other.retry_s,
    )


def _week(per_day: float, hours: Sequence[float], weekdays: Sequence[float]) -> tuple[float, ...]:
    """The rates of the hours of a week, from Monday 00:00 on."""
    total = sum(hours)
    return tuple(per_day * factor * hour / total for factor in weekdays for hour in hours)
