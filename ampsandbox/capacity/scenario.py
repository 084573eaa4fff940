"""What a simulation runs: the groups, their CRMs and their limits, what is written for them, and when.

A scenario is small however many groups it has. What differs from group to group is drawn from its seed and
the group's number, wherever that group is simulated, so that every process finds the same group.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta, tzinfo
from typing import Literal

from ampsandbox.manifest.model import Mode, Provider
from ampsandbox.settings.engine import EngineSettings

HOURS_A_WEEK = 168


@dataclass(frozen=True, slots=True)
class Burst:
    """Writes that come on top of the hourly rate, such as a customer's import.

    Attributes:
        at: When it begins.
        writes: How many, for a group of size 1.
        over_s: Over how many seconds they are spread evenly; 0 for all at once.
        share: Which share of the groups has it, drawn group by group.
    """

    at: datetime
    writes: int
    over_s: float = 0
    share: float = 1


@dataclass(frozen=True, slots=True)
class PathTraffic:
    """The writes of one object and mode of an integration. No two of them are for the same batch.

    Attributes:
        integration: Its name.
        provider: Whose CRM it writes to; groups with an org of another provider do not have it.
        object: The object's name in the manifest.
        mode: Inserts, updates or deletes.
        schedule: When its batches are flushed; None for writes that are sent at once, one request each.
        writes_per_hour: The rates for a group of size 1, by the hour of the week: `HOURS_A_WEEK` of them from
            Monday 00:00 in the scenario's time zone. Writes come independently of each other (Poisson).
        same_record_share: Which share of the updates is to the record of the update before.
        bursts: What comes on top.
        auto_batch_s: The delay that the app asks for with each write, of at most so many seconds; None for
            no auto-batch. An object with a schedule has none.
        retry_s: For how long a write without a schedule is tried again; None where the app waits for the
            answer and hears of the failure itself.
    """

    integration: str
    provider: Provider
    object: str
    mode: Mode
    schedule: str | None
    writes_per_hour: tuple[float, ...]
    same_record_share: float = 0
    bursts: tuple[Burst, ...] = ()
    auto_batch_s: float | None = None
    retry_s: float | None = None

    @property
    def name(self) -> str:
        return f"{self.integration}: {self.object} {self.mode.value}"


@dataclass(frozen=True, slots=True)
class OrgShare:
    """One kind of CRM account among the groups, with its limits; None takes those of the mock's edition.

    Attributes:
        provider: Salesforce or HubSpot.
        edition: What the mock calls the edition or tier.
        weight: How many groups have it, relative to the weights of the others.
        daily_requests: Requests per day, such as more for licences; 0 for no limit.
        burst_requests: Requests per ten seconds (HubSpot alone); 0 for no limit.
        concurrent_requests: Requests at a time; 0 for no limit.
        is_public_app: Whether the integration is a public (OAuth) app, which HubSpot limits in another way.
    """

    provider: Provider
    edition: str
    weight: float = 1
    daily_requests: int | None = None
    burst_requests: int | None = None
    concurrent_requests: int = 0
    is_public_app: bool = False

    @property
    def name(self) -> str:
        return f"{self.provider.value} {self.edition}" + (" (public app)" if self.is_public_app else "")


@dataclass(frozen=True, slots=True)
class OtherUse:
    """Requests of other integrations, which count against the same day.

    Attributes:
        requests_per_hour: By the hour of the week, like `PathTraffic.writes_per_hour`.
        provider: Only in the orgs of one provider; None for all.
        share: Which share of those groups has it, drawn group by group.
    """

    requests_per_hour: tuple[float, ...]
    provider: Provider | None = None
    share: float = 1


@dataclass(frozen=True, slots=True)
class Outage:
    """A time in which a CRM answers every request with 503.

    Attributes:
        at: When it begins.
        seconds: How long it lasts.
        provider: Only the orgs of one provider; None for all.
        share: Which share of those groups it hits, drawn group by group.
        retry_after_s: What the CRM asks for in `Retry-After`; None for nothing.
    """

    at: datetime
    seconds: float
    provider: Provider | None = None
    share: float = 1
    retry_after_s: float | None = None


@dataclass(frozen=True, slots=True)
class Sizes:
    """How large the groups are; a factor of 1 stands for the rates as they are given.

    Attributes:
        distribution: `constant`; `log-normal` with a mean of 1; `given` by `factors`.
        sigma: The standard deviation of the logarithm, for `log-normal`.
        factors: The groups' factors in order; where there are more groups than factors, each group draws one.
    """

    distribution: Literal["constant", "log-normal", "given"] = "constant"
    sigma: float = 1
    factors: tuple[float, ...] = ()


@dataclass(frozen=True, slots=True)
class Variant:
    """One way to run the same traffic.

    Attributes:
        name: What reports call it.
        schedule: What stands in place of every object's own schedule; None for none, so that each write is a
            request of its own. Deletes, which no batch takes, keep to themselves.
        is_as_given: Whether the objects keep what they have, and `schedule` means nothing.
    """

    name: str
    schedule: str | None = None
    is_as_given: bool = False


AS_GIVEN = Variant("as given", is_as_given=True)
UNBATCHED = Variant("unbatched")


@dataclass(frozen=True, slots=True)
class Scenario:
    """Everything that a simulation depends on.

    Attributes:
        groups: How many there are.
        start: When it begins, aware. Everything is installed by then, which is where intervals count from.
        days: How many days it lasts.
        seed: What is drawn, is drawn from this.
        paths: What is written.
        orgs: The CRM accounts among the groups; each group draws one.
        variants: The ways to run it; the traffic of a group is the same in all of them.
        sizes: How large the groups are.
        other_use: Requests of other integrations.
        outages: When CRMs are down.
        engine: The engine's settings, with the time zone of cron schedules.
        time_zone: The zone of the hours of the week.
        latency_s: How long a CRM takes to answer a request.
        bulk_job_s: How long Salesforce works on a bulk job.
        bytes_a_write: How long the fields of a write are as JSON, for the size of the journal.
    """

    groups: int
    start: datetime
    days: int
    seed: str
    paths: tuple[PathTraffic, ...]
    orgs: tuple[OrgShare, ...]
    variants: tuple[Variant, ...] = (AS_GIVEN,)
    sizes: Sizes = Sizes()
    other_use: tuple[OtherUse, ...] = ()
    outages: tuple[Outage, ...] = ()
    engine: EngineSettings = field(default_factory=EngineSettings)
    time_zone: tzinfo = field(default_factory=lambda: EngineSettings().time_zone)
    latency_s: float = 0
    bulk_job_s: float = 0
    bytes_a_write: int = 300

    @property
    def expected_writes(self) -> float:
        """About how many writes a group of size 1 sends under one variant, of whatever provider it is."""
        weeks, weight = self.days / 7, sum(org.weight for org in self.orgs)
        shares = {
            provider: sum(org.weight for org in self.orgs if org.provider is provider) / weight
            for provider in Provider
        }
        return sum(
            shares[path.provider]
            * (sum(path.writes_per_hour) * weeks + sum(burst.writes * burst.share for burst in path.bursts))
            for path in self.paths
        )

    @property
    def end(self) -> datetime:
        """When no more writes come. What waits then is counted as waiting."""
        return self.start + timedelta(days=self.days)
