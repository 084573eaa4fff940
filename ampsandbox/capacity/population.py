"""The groups of a scenario: each is drawn from the scenario's seed and its number, wherever that happens."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from hashlib import sha256

import numpy as np

from ampsandbox.capacity.scenario import Burst, OrgShare, Outage, PathTraffic, Scenario, Sizes
from ampsandbox.capacity.simulated_time import HOUR_US, Ints, hours_of_week, seconds_us
from ampsandbox.engine.timestamps import to_micros
from ampsandbox.manifest.model import Mode


@dataclass(frozen=True, slots=True)
class Arrivals:
    """The writes of one path.

    Attributes:
        path: What they are.
        times: When they come, ascending.
        records: The record of each update, where several may be to one: updates in a row to one record have
            the same number. None where each write is to a record of its own.
    """

    path: PathTraffic
    times: Ints
    records: Ints | None


@dataclass(frozen=True, slots=True)
class SimulatedGroup:
    """One customer.

    Attributes:
        number: Counted from 0.
        org: Its CRM account, as an index of `Scenario.orgs`.
        size: The factor of its rates.
        arrivals: What is written for it; paths without writes are left out.
        other_use: What other integrations use, by the minute from the scenario's start; None for nothing.
        outages: When its CRM is down.
        seed: What the pauses between its retries are drawn from.
    """

    number: int
    org: int
    size: float
    arrivals: tuple[Arrivals, ...]
    other_use: Ints | None
    outages: tuple[Outage, ...]
    seed: str


def draw_group(scenario: Scenario, number: int) -> SimulatedGroup:
    """Draw a group's size and habits from its number and the scenario's seed: the same ones each time."""
    rng = _rng(scenario, number, "group")
    weights = np.cumsum([org.weight for org in scenario.orgs])
    org = int(np.searchsorted(weights, rng.random() * weights[-1], "right"))
    size = _size(scenario.sizes, scenario.groups, number, rng)
    account = scenario.orgs[org]
    outages = tuple(
        outage
        for outage in scenario.outages
        if rng.random() < outage.share and outage.provider in (None, account.provider)
    )
    drawn = (
        _arrivals(scenario, path, size, _rng(scenario, number, str(index)))
        for index, path in enumerate(scenario.paths)
        if path.provider is account.provider
    )
    return SimulatedGroup(
        number=number,
        org=org,
        size=size,
        arrivals=tuple(each for each in drawn if len(each.times)),
        other_use=_other_use(scenario, account, rng),
        outages=outages,
        seed=f"{scenario.seed}/{number}",
    )


def _rng(scenario: Scenario, number: int, what: str) -> np.random.Generator:
    digest = sha256(f"{scenario.seed}/{number}/{what}".encode()).digest()
    return np.random.Generator(np.random.PCG64DXSM(int.from_bytes(digest[:16])))


def _size(sizes: Sizes, groups: int, number: int, rng: np.random.Generator) -> float:
    if sizes.distribution == "log-normal":
        return float(rng.lognormal(-(sizes.sigma**2) / 2, sizes.sigma))
    if sizes.distribution == "given":
        drawn = int(rng.integers(len(sizes.factors)))
        return sizes.factors[number if groups <= len(sizes.factors) else drawn]
    return 1.0


def _arrivals(scenario: Scenario, path: PathTraffic, size: float, rng: np.random.Generator) -> Arrivals:
    start, end = to_micros(scenario.start), to_micros(scenario.end)
    rates = size * np.array(path.writes_per_hour)
    counts = rng.poisson(rates[hours_of_week(scenario.start, scenario.days, scenario.time_zone)])
    hours = np.repeat(start + HOUR_US * np.arange(len(counts)), counts)
    times = hours + (rng.random(len(hours)) * HOUR_US).astype(np.int64)
    bursts = [times, *_bursts(path.bursts, size, rng)]
    if len(bursts) > 1:
        times = np.concatenate(bursts)
        times = times[(times >= start) & (times < end)]
    times.sort()
    records: Ints | None = None
    if path.mode is not Mode.INSERT and path.same_record_share:
        records = np.cumsum(rng.random(len(times)) >= path.same_record_share, dtype=np.int64)
    return Arrivals(path, times, records)


def _bursts(bursts: Sequence[Burst], size: float, rng: np.random.Generator) -> Iterator[Ints]:
    for burst in bursts:
        if rng.random() < burst.share:
            count = round(burst.writes * size)
            spread = np.arange(count) * seconds_us(burst.over_s) // max(count, 1)
            yield to_micros(burst.at) + spread


def _other_use(scenario: Scenario, account: OrgShare, rng: np.random.Generator) -> Ints | None:
    """Requests of others by the minute: so many an hour, spread evenly."""
    hourly = np.zeros(scenario.days * 24, np.int64)
    hours = hours_of_week(scenario.start, scenario.days, scenario.time_zone)
    for other in scenario.other_use:
        if rng.random() < other.share and other.provider in (None, account.provider):
            hourly += rng.poisson(np.array(other.requests_per_hour)[hours])
    if not hourly.any():
        return None
    edges = hourly[:, None] * np.arange(61) // 60
    return np.diff(edges, axis=1).ravel()
