"""What is kept of a group that was run: counts, and the percentiles of its delays."""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np

from ampsandbox.capacity.account import DAILY, OUTAGE, REASONS
from ampsandbox.capacity.deliveries import KINDS
from ampsandbox.capacity.exact import SimulatedOutcome
from ampsandbox.capacity.footprint import JOURNAL_BYTES_A_REQUEST, JOURNAL_BYTES_A_WRITE
from ampsandbox.capacity.group_run import GroupRun, Requests
from ampsandbox.capacity.population import SimulatedGroup
from ampsandbox.capacity.results import GroupResult, Histogram, OutcomeCounts, VariantResult
from ampsandbox.capacity.scenario import Scenario
from ampsandbox.capacity.simulated_time import DAY_US, HOUR_US, Ints
from ampsandbox.engine.timestamps import from_micros, to_micros


def add_group(result: VariantResult, scenario: Scenario, group: SimulatedGroup, run: GroupRun) -> None:
    """Add what became of a group to what a variant did."""
    start_us, end_us = to_micros(scenario.start), to_micros(scenario.end)
    writes = _Writes.of(run)
    requests = run.requests
    taken = requests.refused == 0

    result.outcomes.merge(writes.outcomes)
    result.delays_us.merge(histogram(writes.delays))
    for path in run.paths:
        if not path.deliveries.are_single:
            is_flushed = path.deliveries.at < end_us
            sizes = (path.deliveries.ends - path.deliveries.begins)[is_flushed]
            result.batch_sizes.merge(histogram(sizes))
    result.request_sizes.merge(histogram(requests.writes[taken & (requests.writes > 0)]))
    _add_by(result.accepted, (writes.accepted - start_us) // HOUR_US)
    _add_by(result.finished, (writes.finished - start_us) // HOUR_US)
    _add_by(result.requests, (requests.sent[taken] - start_us) // HOUR_US)
    _add_by(result.refused_requests, (requests.sent[~taken] - start_us) // HOUR_US)
    for number, count in enumerate(np.bincount(requests.kinds[taken], minlength=len(KINDS)).tolist()):
        if count:
            result.by_kind[KINDS[number]] = result.by_kind.get(KINDS[number], 0) + count
    result.journal_bytes += len(writes.accepted) * (JOURNAL_BYTES_A_WRITE + scenario.bytes_a_write)
    result.journal_bytes += len(requests.sent) * JOURNAL_BYTES_A_REQUEST

    dry = _dry_spans(requests, end_us)
    dry_hours = {
        hour
        for begin, stop in dry
        for hour in range(
            (begin - start_us) // HOUR_US, min((stop - 1 - start_us) // HOUR_US + 1, scenario.days * 24)
        )
    }
    for hour in dry_hours:
        result.dry_groups[hour] += 1
    result.groups.append(_group_result(scenario, group, run, writes, dry))


@dataclass(frozen=True, slots=True)
class _Writes:
    """The writes of a group, on all its paths, in microseconds.

    Attributes:
        accepted: When each was accepted.
        finished: When each that is over was, in order.
        delays: From acceptance to delivery, of those that were delivered.
        outcomes: How many came to what.
    """

    accepted: Ints
    finished: Ints
    delays: Ints
    outcomes: OutcomeCounts

    @staticmethod
    def of(run: GroupRun) -> _Writes:
        nothing = np.zeros(0, np.int64)  # a group without paths has nothing that could be joined
        accepted = np.concatenate([nothing, *(path.deliveries.arrivals.times for path in run.paths)])
        done = np.concatenate([nothing, *(path.done for path in run.paths)])
        outcomes = np.concatenate([nothing, *(path.outcomes for path in run.paths)])
        is_delivered = outcomes == SimulatedOutcome.DELIVERED
        return _Writes(
            accepted,
            np.sort(done[outcomes != SimulatedOutcome.WAITING]),
            done[is_delivered] - accepted[is_delivered],
            _outcome_counts(outcomes),
        )


def _group_result(
    scenario: Scenario, group: SimulatedGroup, run: GroupRun, writes: _Writes, dry: Sequence[tuple[int, int]]
) -> GroupResult:
    start_us, days, requests = to_micros(scenario.start), scenario.days, run.requests
    taken = requests.refused == 0
    answered = requests.answered[taken]
    backlog, backlog_at = _largest_backlog(np.sort(writes.accepted), writes.finished)
    p50, p95, largest = _percentiles(writes.delays)
    refused = requests.refused[~taken]
    is_limit = (refused != REASONS.index(DAILY)) & (refused != REASONS.index(OUTAGE))
    return GroupResult(
        number=group.number,
        org=group.org,
        size=group.size,
        daily_limit=run.account.daily_limit,
        requests=_by((requests.sent[taken] - start_us) // DAY_US, days),
        refused_requests=_by((requests.sent[~taken] - start_us) // DAY_US, days),
        other_requests=_array(run.account.others_by_day(answered, days)),
        outcomes=writes.outcomes,
        delay_p50_us=p50,
        delay_p95_us=p95,
        delay_max_us=largest,
        largest_backlog=backlog,
        largest_backlog_at=backlog_at,
        busiest_day=run.account.busiest_day(answered),
        dry=tuple((from_micros(begin), from_micros(stop)) for begin, stop in dry),
        limited=int(is_limit.sum()),
    )


def histogram(values: Ints) -> Histogram:
    """A histogram of numbers from 0 on; the bins are those of `bin_of`."""
    if not len(values):
        return Histogram()
    octaves = np.maximum(np.frexp(values.astype(np.float64))[1].astype(np.int64) - 7, 0)
    counts = np.bincount(octaves * 64 + (values >> octaves))
    bins = np.flatnonzero(counts)
    return Histogram(
        dict(zip(bins.tolist(), counts[bins].tolist(), strict=True)),
        len(values),
        int(values.sum()),
        int(values.max()),
    )


def _outcome_counts(outcomes: Ints) -> OutcomeCounts:
    counts = np.bincount(outcomes, minlength=len(SimulatedOutcome)).tolist()
    return OutcomeCounts(
        delivered=counts[SimulatedOutcome.DELIVERED],
        refused=counts[SimulatedOutcome.REFUSED],
        lost=counts[SimulatedOutcome.LOST],
        in_doubt=counts[SimulatedOutcome.IN_DOUBT],
        waiting=counts[SimulatedOutcome.WAITING],
    )


def _percentiles(values: Ints) -> tuple[int, int, int]:
    """The 50th and the 95th percentile, and the largest: values that are among them."""
    if not len(values):
        return 0, 0, 0
    ranks = [-(-len(values) * percent // 100) - 1 for percent in (50, 95)]
    ordered = np.partition(values, [*ranks, len(values) - 1])
    return int(ordered[ranks[0]]), int(ordered[ranks[1]]), int(ordered[-1])


def _largest_backlog(accepted: Ints, finished: Ints) -> tuple[int, datetime | None]:
    """The most writes that waited at a time, and when that was first."""
    if not len(accepted):
        return 0, None
    waiting = np.arange(1, len(accepted) + 1) - np.searchsorted(finished, accepted, "right")
    place = int(waiting.argmax())
    return int(waiting[place]), from_micros(int(accepted[place]))


def _dry_spans(requests: Requests, end_us: int) -> list[tuple[int, int]]:
    """From each first request that the day's limit refused to the next one that was taken."""
    spans = list[tuple[int, int]]()
    is_dry = requests.refused == REASONS.index(DAILY)
    is_taken = requests.refused == 0
    for moment in requests.answered[is_dry].tolist():
        if not spans or moment >= spans[-1][1]:
            later = requests.answered[is_taken & (requests.answered > moment)]
            spans.append((moment, int(later[0]) if len(later) else end_us))
    return spans


def _add_by(totals: array[int], places: Ints) -> None:
    """Count places; those behind the end are left out."""
    counts = np.bincount(places, minlength=len(totals))[: len(totals)]
    np.frombuffer(totals, np.int64)[:] += counts


def _by(places: Ints, length: int) -> array[int]:
    return _array(np.bincount(places, minlength=length)[:length])


def _array(values: Ints) -> array[int]:
    return array("q", values.astype(np.int64).tobytes())
