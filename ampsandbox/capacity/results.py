"""What a simulation found. Results of different groups merge by adding, in whatever order they come."""

from __future__ import annotations

import math
from array import array
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

_FINE_BITS = 7
_FINE = 1 << _FINE_BITS


def bin_of(value: int) -> int:
    """The bin of a histogram that a number from 0 on falls into: its own below 128, then 64 to an octave."""
    octave = max(value.bit_length() - _FINE_BITS, 0)
    return octave * (_FINE // 2) + (value >> octave)


def bin_bounds(number: int) -> tuple[int, int]:
    """The smallest and the largest value of a bin."""
    octave = max(number // (_FINE // 2) - 1, 0)
    low = (number - octave * (_FINE // 2)) << octave
    return low, low + (1 << octave) - 1


@dataclass(slots=True)
class Histogram:
    """How often which whole number from 0 on came; percentiles are right to 1 %, the rest is exact.

    Attributes:
        bins: Counts by `bin_of`.
        count: How many numbers.
        total: Their sum.
        largest: The largest one; 0 where there are none.
    """

    bins: dict[int, int] = field(default_factory=dict)
    count: int = 0
    total: int = 0
    largest: int = 0

    def add(self, value: int, times: int = 1) -> None:
        """Count a value, as often as `times` says."""
        number = bin_of(value)
        self.bins[number] = self.bins.get(number, 0) + times
        self.count += times
        self.total += value * times
        self.largest = max(self.largest, value)

    def merge(self, other: Histogram) -> None:
        for number, times in other.bins.items():
            self.bins[number] = self.bins.get(number, 0) + times
        self.count += other.count
        self.total += other.total
        self.largest = max(self.largest, other.largest)

    def percentile(self, percent: float) -> float:
        """The smallest value that so many percent of the numbers do not exceed; 0 where there are none."""
        rank, seen = max(math.ceil(self.count * percent / 100), 1), 0
        if rank >= self.count:
            return self.largest
        for number in sorted(self.bins):
            seen += self.bins[number]
            if seen >= rank:
                low, high = bin_bounds(number)
                return min((low + high) / 2, self.largest)
        return 0

    @property
    def mean(self) -> float:
        """The mean; 0 where there are no numbers."""
        return self.total / self.count if self.count else 0


@dataclass(slots=True)
class OutcomeCounts:
    """What became of writes; each is counted once.

    Attributes:
        delivered: The CRM took them.
        refused: The app waited for the CRM's answer, and heard that it is out of quota or down; or an
            auto-batch had two writes to one record.
        lost: Given up after they were tried until their deadline.
        in_doubt: Inserts whose answer was lost.
        waiting: Still waiting for their flush, or being tried, when the simulation ended.
    """

    delivered: int = 0
    refused: int = 0
    lost: int = 0
    in_doubt: int = 0
    waiting: int = 0

    @property
    def writes(self) -> int:
        """All writes, whatever became of them."""
        return self.delivered + self.refused + self.lost + self.in_doubt + self.waiting

    def merge(self, other: OutcomeCounts) -> None:
        self.delivered += other.delivered
        self.refused += other.refused
        self.lost += other.lost
        self.in_doubt += other.in_doubt
        self.waiting += other.waiting


@dataclass(slots=True)
class GroupResult:
    """What a variant did to one group.

    Days count from the scenario's start, 24 hours each.

    Attributes:
        number: The group, counted from 0.
        org: Its CRM account, as an index of `Scenario.orgs`.
        size: Its size factor.
        daily_limit: What its org takes in a day; 0 for no limit.
        requests: What the CRM took and counted, by day.
        refused_requests: What the CRM refused, over a limit or in an outage, by day.
        other_requests: What other integrations used, by day.
        outcomes: What became of its writes.
        delay_p50_us: From acceptance to the record, in microseconds; of the writes that were delivered.
        delay_p95_us: The same.
        delay_max_us: The same.
        largest_backlog: The most writes that waited at a time.
        largest_backlog_at: When that was first.
        busiest_day: The largest number of requests in any 24 hours (HubSpot: calendar day), others' included.
        dry: When the day's quota was used up: from the first refused request until the CRM took one again.
        limited: Requests that a limit other than the day's refused (429, concurrent requests).
    """

    number: int
    org: int
    size: float
    daily_limit: int
    requests: array[int]
    refused_requests: array[int]
    other_requests: array[int]
    outcomes: OutcomeCounts
    delay_p50_us: int = 0
    delay_p95_us: int = 0
    delay_max_us: int = 0
    largest_backlog: int = 0
    largest_backlog_at: datetime | None = None
    busiest_day: int = 0
    dry: tuple[tuple[datetime, datetime], ...] = ()
    limited: int = 0

    @property
    def is_dry(self) -> bool:
        """Whether its quota was ever used up."""
        return bool(self.dry)


@dataclass(slots=True)
class VariantResult:
    """What a variant did to the groups that were simulated.

    Hours count from the scenario's start.

    Attributes:
        name: The variant's.
        groups: Each group, by number.
        outcomes: What became of all writes.
        delays_us: From acceptance to the record, in microseconds; of the writes that were delivered.
        batch_sizes: Writes per flush.
        request_sizes: Writes per write request that the CRM took; a bulk job is one.
        accepted: Writes by the hour in which they came.
        finished: Writes by the hour in which they had their outcome; those that came in no hour come to rest
            in none.
        requests: Requests that CRMs took, by hour.
        refused_requests: Requests that CRMs refused, by hour.
        dry_groups: Groups that were out of quota at some time of the hour.
        journal_bytes: How long the journal of one sandbox with all groups gets, unless it is pruned.
        by_kind: Requests that CRMs took, by kind, such as `single`, `collection` and the steps of bulk jobs.
    """

    name: str
    hours: int
    groups: list[GroupResult] = field(default_factory=list)
    outcomes: OutcomeCounts = field(default_factory=OutcomeCounts)
    delays_us: Histogram = field(default_factory=Histogram)
    batch_sizes: Histogram = field(default_factory=Histogram)
    request_sizes: Histogram = field(default_factory=Histogram)
    accepted: array[int] = field(init=False)
    finished: array[int] = field(init=False)
    requests: array[int] = field(init=False)
    refused_requests: array[int] = field(init=False)
    dry_groups: array[int] = field(init=False)
    journal_bytes: int = 0
    by_kind: dict[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Begin with nothing in any hour."""
        for name in _HOURLY:
            setattr(self, name, zeros(self.hours))

    @property
    def largest_backlog(self) -> int:
        """The most writes of all groups that waited at the end of an hour."""
        waiting = largest = 0
        for came, went in zip(self.accepted, self.finished, strict=True):
            waiting += came - went
            largest = max(largest, waiting)
        return largest

    def merge(self, other: VariantResult) -> None:
        """Take over what was found of other groups."""
        self.groups += other.groups
        self.outcomes.merge(other.outcomes)
        self.delays_us.merge(other.delays_us)
        self.batch_sizes.merge(other.batch_sizes)
        self.request_sizes.merge(other.request_sizes)
        for name in _HOURLY:
            mine: array[int] = getattr(self, name)
            for hour, count in enumerate(getattr(other, name)):
                mine[hour] += count
        self.journal_bytes += other.journal_bytes
        add_counts(self.by_kind, other.by_kind)


_HOURLY = ("accepted", "finished", "requests", "refused_requests", "dry_groups")


@dataclass(slots=True)
class SimulationResults:
    """What was found, by variant, in the scenario's order.

    Attributes:
        total_groups: How many groups the scenario has.
        done_groups: How many of them were simulated.
        variants: One for each variant.
    """

    total_groups: int
    variants: list[VariantResult]
    done_groups: int = 0

    @property
    def is_partial(self) -> bool:
        """Whether the simulation was stopped before it had all groups."""
        return self.done_groups < self.total_groups

    def merge(self, other: SimulationResults) -> None:
        """Take over what was found of other groups of the same scenario."""
        self.done_groups += other.done_groups
        for mine, theirs in zip(self.variants, other.variants, strict=True):
            mine.merge(theirs)


def zeros(length: int) -> array[int]:
    """So many zeros, 8 bytes each."""
    return array("q", bytes(8 * length))


def add_counts(counts: dict[str, int], others: Mapping[str, int] | Iterable[tuple[str, int]]) -> None:
    for name, count in dict(others).items():
        counts[name] = counts.get(name, 0) + count
