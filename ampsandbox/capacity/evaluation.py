"""From results to what they mean."""

from __future__ import annotations

import statistics
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta, tzinfo

import msgspec

from ampsandbox.capacity.assembly import ASSUMED_LATENCY_MS, Plan
from ampsandbox.capacity.footprint import MEMORY_BYTES, MEMORY_BYTES_AN_INSTALLATION
from ampsandbox.capacity.results import GroupResult, Histogram, SimulationResults, VariantResult
from ampsandbox.capacity.summary import (
    VERSION,
    Assumption,
    CrmLimits,
    CrmSummary,
    DryGroup,
    Spread,
    Summary,
    VariantSummary,
    Writes,
)
from ampsandbox.capacity.verdict import advice_of, answer_of
from ampsandbox.capacity.words import count_words, span_words

# Shares of a quota are counted in steps of this.
_SHARE_STEP = 1e-4
_MOST_OUTAGES = 5


def summarise(
    plan: Plan, results: SimulationResults, manifest: str, *, assumed_traffic: bool = False
) -> Summary:
    """What the results mean.

    Args:
        plan: What was simulated.
        results: What was found, of some groups at least.
        manifest: The manifest's name.
        assumed_traffic: Whether nobody gave a traffic file.
    """
    scenario = plan.scenario
    zone = scenario.time_zone
    variants = tuple(_variant(plan, each) for each in results.variants)
    done = results.done_groups
    answer = variants[0].answer
    if results.is_partial:
        answer = f"Only {done:,} of {scenario.groups:,} groups were simulated. {answer}"
    return Summary(
        version=VERSION,
        answer=answer,
        advice=advice_of(variants, done),
        holds=variants[0].holds,
        is_partial=results.is_partial,
        manifest=manifest,
        groups=scenario.groups,
        done_groups=done,
        days=scenario.days,
        start=scenario.start.astimezone(zone),
        time_zone=str(zone),
        seed=scenario.seed,
        memory_bytes=_memory_bytes(plan, results.variants[0]),
        crms=tuple(
            CrmLimits(each.name, each.daily, each.burst, each.source, each.is_guess) for each in plan.limits
        ),
        assumptions=tuple(_assumptions(plan, assumed_traffic)),
        variants=variants,
    )


def _variant(plan: Plan, result: VariantResult) -> VariantSummary:
    zone = plan.scenario.time_zone
    requests = Histogram()
    for group in result.groups:
        for count in group.requests:
            requests.add(count)
    dry = sorted(
        (each for each in result.groups if each.is_dry), key=lambda each: (-_dry_s(each), each.number)
    )
    counts = result.outcomes
    longest = max(result.groups, key=lambda each: each.largest_backlog, default=None)
    has_backlog = longest is not None and longest.largest_backlog > 0
    variant = VariantSummary(
        name=result.name,
        holds=not dry and not counts.lost and not counts.refused,
        answer="",
        requests=sum(result.requests),
        refused_requests=sum(result.refused_requests),
        requests_per_group_and_day=_spread(requests),
        quota_share=_quota_share(result.groups),
        dry_groups=tuple(_dry_group(plan, each) for each in dry),
        dry_at=_usual_time(dry, zone),
        limited_groups=sum(1 for each in result.groups if each.limited),
        delay_s=_spread(result.delays_us, 1e-6),
        batch_size=_spread(result.batch_sizes),
        request_size=_spread(result.request_sizes),
        writes=Writes(
            counts.writes, counts.delivered, counts.refused, counts.lost, counts.in_doubt, counts.waiting
        ),
        largest_backlog=result.largest_backlog,
        largest_backlog_of_group=longest.largest_backlog if longest and has_backlog else 0,
        largest_backlog_group=_name(plan, longest) if longest and has_backlog else None,
        largest_backlog_at=_local(longest.largest_backlog_at, zone) if longest and has_backlog else None,
        journal_bytes=result.journal_bytes,
        crms=tuple(_by_crm(plan, result.groups)),
        hourly_requests=tuple(result.requests),
        hourly_dry_groups=tuple(result.dry_groups),
    )
    return msgspec.structs.replace(variant, answer=answer_of(variant, len(result.groups)))


def _by_crm(plan: Plan, groups: Sequence[GroupResult]) -> Iterator[CrmSummary]:
    by_org: dict[int, list[GroupResult]] = {}
    for group in groups:
        by_org.setdefault(group.org, []).append(group)
    for number, limits in enumerate(plan.limits):
        members = by_org.get(number, [])
        busiest = Histogram()
        for group in members:
            busiest.add(group.busiest_day)
        dry = sum(1 for group in members if group.is_dry)
        yield CrmSummary(limits.name, len(members), dry, _spread(busiest), _quota_share(members))


def _quota_share(groups: Iterable[GroupResult]) -> Spread | None:
    shares = Histogram()
    for group in groups:
        if group.daily_limit:
            shares.add(round(group.busiest_day / group.daily_limit / _SHARE_STEP))
    return _spread(shares, _SHARE_STEP) if shares.count else None


def _spread(numbers: Histogram, unit: float = 1) -> Spread:
    values = (numbers.percentile(50), numbers.percentile(95), numbers.largest)
    return Spread(*(round(value * unit, 6) for value in values))


def _dry_group(plan: Plan, group: GroupResult) -> DryGroup:
    zone = plan.scenario.time_zone
    starts = [start.astimezone(zone) for start, _ in group.dry]
    return DryGroup(
        group=_name(plan, group),
        crm=plan.limits[group.org].name,
        size=round(group.size, 3),
        first_at=min(starts),
        days=len({start.date() for start in starts}),
        hours=round(_dry_s(group) / 3600, 2),
        busiest_day=group.busiest_day,
        daily_limit=group.daily_limit,
    )


def _name(plan: Plan, group: GroupResult) -> str:
    names = plan.group_names
    return (names[group.number] if names else "") or f"group {group.number + 1}"


def _dry_s(group: GroupResult) -> float:
    return sum((end - start for start, end in group.dry), timedelta()).total_seconds()


def _usual_time(groups: Sequence[GroupResult], zone: tzinfo) -> str | None:
    """The median time of day at which groups run out of calls, to ten minutes."""
    starts = [start.astimezone(zone) for group in groups for start, _ in group.dry]
    if not starts:
        return None
    minutes = round(statistics.median(start.hour * 60 + start.minute for start in starts) / 10) * 10 % 1440
    return f"{minutes // 60:02}:{minutes % 60:02}"


def _local(moment: datetime | None, zone: tzinfo) -> datetime | None:
    return moment.astimezone(zone) if moment else None


def _memory_bytes(plan: Plan, result: VariantResult) -> int:
    """Each group has each integration of its CRM installed."""
    integrations = {(path.provider, path.integration) for path in plan.scenario.paths}
    a_provider = Counter(provider for provider, _ in integrations)
    installations = sum(a_provider[plan.limits[group.org].org.provider] for group in result.groups)
    return MEMORY_BYTES + installations * MEMORY_BYTES_AN_INSTALLATION


def _assumptions(plan: Plan, assumed_traffic: bool) -> Iterator[Assumption]:
    scenario, zone = plan.scenario, plan.scenario.time_zone
    if assumed_traffic:
        paths = Counter(path.provider.label for path in scenario.paths)
        objects = " and ".join(f"{count_words(count, 'object')} in {crm}" for crm, count in paths.items())
        yield Assumption(
            f"The traffic is made up: 500 writes a day for each of {objects}.",
            "Write your own with --print-traffic, and give it with --traffic.",
        )
    guessed: dict[str, list[str]] = {}
    for each in plan.limits:
        if each.is_guess:
            guessed.setdefault(each.source, []).append(f"{each.daily:,} ({each.name})")
    for source, limits in guessed.items():
        yield Assumption(f"Calls a day: {'; '.join(limits)}.", source)
    if plan.has_assumed_latency:
        yield Assumption(
            f"A CRM answers a request in {ASSUMED_LATENCY_MS:.0f} ms.", "a guess; latency_ms sets it"
        )
    met = [outage for outage in scenario.outages if outage.at < scenario.end]
    for outage in met[:_MOST_OUTAGES]:
        crm = outage.provider.label if outage.provider else "Every CRM"
        yield Assumption(
            f"{crm} is down for {span_words(outage.seconds)} on "
            f"{outage.at.astimezone(zone):%a %Y-%m-%d at %H:%M}; "
            f"writes of a batch are tried for {span_words(scenario.engine.retry_deadline_s)}.",
            "your traffic file",
        )
