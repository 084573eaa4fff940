"""What a simulation comes to: the answer in a sentence, and the figures behind it.

A `Summary` is what every report shows, and as JSON what `--format json` prints.
"""

from __future__ import annotations

from datetime import datetime
from typing import Final

import msgspec

VERSION: Final = 1
"""The version of the JSON document."""


class Spread(msgspec.Struct, frozen=True, rename="camel"):
    """How numbers lie: half of them are at most `p50`, 95 of a hundred at most `p95`, all at most `max`."""

    p50: float
    p95: float
    max: float


class DryGroup(msgspec.Struct, frozen=True, rename="camel"):
    """A group that ran out of calls.

    Attributes:
        group: Its name, or `group 17` where none is known.
        crm: Its CRM, as in `Summary.crms`.
        size: How large it is; 1 is average.
        first_at: When it first had no calls left.
        days: On how many days that happened.
        hours: For how many hours in all.
        busiest_day: Requests of its busiest day, those of other apps and refused ones included.
        daily_limit: What its CRM takes in a day.
    """

    group: str
    crm: str
    size: float
    first_at: datetime
    days: int
    hours: float
    busiest_day: int
    daily_limit: int


class Writes(msgspec.Struct, frozen=True, rename="camel"):
    """What became of the writes; each is counted once."""

    accepted: int
    delivered: int
    refused: int
    lost: int
    in_doubt: int
    waiting: int


class CrmSummary(msgspec.Struct, frozen=True, rename="camel"):
    """One kind of CRM among the groups, under one variant.

    Attributes:
        crm: Its name.
        groups: How many groups have it.
        dry_groups: How many of them ran out of calls.
        busiest_day: Requests of a group's busiest day, those of other apps included.
        quota_share: The same, as a share of the quota; None without one.
    """

    crm: str
    groups: int
    dry_groups: int
    busiest_day: Spread
    quota_share: Spread | None


class VariantSummary(msgspec.Struct, frozen=True, rename="camel"):
    """What one way to schedule the same traffic comes to.

    Attributes:
        name: `as given`, `unbatched`, or the schedule.
        holds: Whether no group runs out of calls and no write is lost or refused.
        answer: The verdict in a sentence.
        requests: CRM requests of all groups, the refused ones apart.
        refused_requests: Requests that CRMs refused: out of quota, too many at a time, or down.
        requests_per_group_and_day: CRM requests of one group on one day.
        quota_share: A group's busiest day, other apps' requests included, as a share of its quota; None where
            no group has a daily limit.
        dry_groups: The groups that ran out of calls, worst first.
        dry_at: The time of day at which most of them do, such as `16:40`.
        limited_groups: Groups whose requests met a limit other than the day's: bursts, or too many at a time.
        delay_s: From acceptance to the record, in seconds.
        batch_size: Writes in one flush.
        request_size: Writes in one request that carries writes.
        writes: What became of the writes.
        largest_backlog: The most writes of all groups that waited at the end of an hour.
        largest_backlog_of_group: The most writes of one group that waited at a time.
        largest_backlog_group: Whose they were.
        largest_backlog_at: When that was.
        journal_bytes: How long the journal of one sandbox with all groups gets.
        crms: By kind of CRM.
        hourly_requests: CRM requests of all groups, by hour from the start on.
        hourly_dry_groups: Groups that were out of calls at some time of the hour.
    """

    name: str
    holds: bool
    answer: str
    requests: int
    refused_requests: int
    requests_per_group_and_day: Spread
    quota_share: Spread | None
    dry_groups: tuple[DryGroup, ...]
    dry_at: str | None
    limited_groups: int
    delay_s: Spread
    batch_size: Spread
    request_size: Spread
    writes: Writes
    largest_backlog: int
    largest_backlog_of_group: int
    largest_backlog_group: str | None
    largest_backlog_at: datetime | None
    journal_bytes: int
    crms: tuple[CrmSummary, ...]
    hourly_requests: tuple[int, ...]
    hourly_dry_groups: tuple[int, ...]


class CrmLimits(msgspec.Struct, frozen=True, rename="camel"):
    """One kind of CRM: its limits, and where they are known from. A limit of 0 is none."""

    name: str
    daily_limit: int
    burst_limit: int
    source: str
    is_guess: bool


class Assumption(msgspec.Struct, frozen=True, rename="camel"):
    """Something that nobody knows for certain, and where it comes from."""

    text: str
    source: str


class Summary(msgspec.Struct, frozen=True, rename="camel"):
    """The whole answer.

    Attributes:
        version: Of this document's shape.
        answer: Whether the manifest's schedules hold, in a sentence or two.
        advice: What the other variants would do, a sentence each.
        holds: Whether no group runs out of calls and no write is lost or refused, as the manifest is.
        is_partial: Whether the simulation was stopped before it had all groups.
        manifest: The manifest's name.
        groups: How many groups there are.
        done_groups: How many were simulated.
        days: How many days.
        start: The first moment.
        time_zone: The zone of hours and weekdays.
        seed: What random choices were drawn from.
        memory_bytes: What a sandbox with all groups takes of memory, their mock CRMs included.
        crms: The kinds of CRM.
        assumptions: What nobody knows for certain.
        variants: The manifest as it is first, then the others.
    """

    version: int
    answer: str
    advice: tuple[str, ...]
    holds: bool
    is_partial: bool
    manifest: str
    groups: int
    done_groups: int
    days: int
    start: datetime
    time_zone: str
    seed: str
    memory_bytes: int
    crms: tuple[CrmLimits, ...]
    assumptions: tuple[Assumption, ...]
    variants: tuple[VariantSummary, ...]
