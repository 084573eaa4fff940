"""Which writes set out together and when, and how that goes as long as every request is taken.

Both follow from the arrivals and the schedules alone: a batch is closed when its schedule fires, whatever has
become of the ones before it. So they are worked out for the whole run at once.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

import numpy as np

from ampsandbox.capacity.population import Arrivals
from ampsandbox.capacity.scenario import Scenario, Variant
from ampsandbox.capacity.simulated_time import Bools, Ints, fire_times, seconds_us
from ampsandbox.crm.hubspot import client as hubspot
from ampsandbox.crm.salesforce import client as salesforce
from ampsandbox.crm.salesforce.bulk_steps import JobStep, Pause, job_steps
from ampsandbox.engine.crm import Limits, Method
from ampsandbox.engine.delivery_rules import way_of, window_of, worker_count
from ampsandbox.engine.intake import AUTO_BATCH_SIZE
from ampsandbox.engine.timestamps import from_micros
from ampsandbox.engine.write_options import DEFAULT, WriteOptions
from ampsandbox.manifest.model import Mode, Provider
from ampsandbox.settings.engine import EngineSettings

KINDS: tuple[str, ...] = (Method.SINGLE.value, Method.COLLECTION.value, *(step.value for step in JobStep))
"""The kinds of requests; a bulk job is made of several."""

KIND_NUMBERS = {kind: number for number, kind in enumerate(KINDS)}

AUTO_BATCH = WriteOptions(is_whole=True, flush_size=AUTO_BATCH_SIZE)


def limits_of(provider: Provider) -> Limits:
    """What one request to the provider carries, as its client says."""
    return salesforce.LIMITS if provider is Provider.SALESFORCE else hubspot.LIMITS


@dataclass(frozen=True, slots=True)
class Deliveries:
    """The deliveries of one path, in order. A delivery is a flush, or a single write.

    Attributes:
        arrivals: The path's writes.
        begins: The first write of each delivery; its last one stands before the next delivery's first.
        ends: Behind the last write of each delivery.
        at: When each sets out.
        are_single: Whether each write goes by itself, as soon as it comes.
        options: How their requests differ from ordinary ones.
        refuses: Which writes the CRM refuses, however it is; None for none.
    """

    arrivals: Arrivals
    begins: Ints
    ends: Ints
    at: Ints
    are_single: bool = False
    options: WriteOptions = DEFAULT
    refuses: Bools | None = None


def deliveries_of(scenario: Scenario, variant: Variant, arrivals: Arrivals) -> Deliveries:
    """How the writes of a path set out."""
    path, times = arrivals.path, arrivals.times
    schedule = path.schedule if variant.is_as_given else variant.schedule
    if schedule is not None and path.mode is not Mode.DELETE:
        fires = fire_times(schedule, scenario.start, scenario.end, scenario.engine.time_zone)
        # A write that comes in the moment of a fire is for the next one.
        fire = np.searchsorted(fires, times, "right")
        begins = np.flatnonzero(np.diff(fire, prepend=-1))
        return Deliveries(arrivals, begins, _ends(begins, len(times)), fires[fire[begins]])
    if variant.is_as_given and path.auto_batch_s is not None and path.mode is not Mode.DELETE:
        begins, at = _auto_batches(times, seconds_us(path.auto_batch_s))
        refuses = _repeats(arrivals, begins)
        return Deliveries(arrivals, begins, _ends(begins, len(times)), at, False, AUTO_BATCH, refuses)
    places = np.arange(len(times))
    return Deliveries(arrivals, places, places + 1, times, are_single=True)


def _auto_batches(times: Ints, delay_us: int) -> tuple[Ints, Ints]:
    """Where auto-batches begin and when they are flushed: full, or after the delay of their first write."""
    begins, at = list[int](), list[int]()
    late = np.searchsorted(times, times + delay_us).tolist()
    begin = 0
    while begin < len(times):
        end = min(late[begin], begin + AUTO_BATCH_SIZE)
        begins.append(begin)
        at.append(int(times[end - 1] if end == begin + AUTO_BATCH_SIZE else times[begin] + delay_us))
        begin = end
    return np.array(begins, np.int64), np.array(at, np.int64)


def _repeats(arrivals: Arrivals, begins: Ints) -> Bools | None:
    """The writes of auto-batches that fail because their request has another one to the same record.

    An auto-batch goes as it is. Salesforce takes the first of the writes to a record, HubSpot none of the
    whole request.
    """
    if arrivals.records is None:
        return None
    is_again: Bools = np.diff(arrivals.records, prepend=-1) == 0
    is_again[begins] = False
    if arrivals.path.provider is Provider.SALESFORCE:
        return is_again
    counts = _ends(begins, len(is_again)) - begins
    found: Bools = np.repeat(np.logical_or.reduceat(is_again, begins), counts)
    return found


def _ends(begins: Ints, count: int) -> Ints:
    return np.append(begins[1:], count)


@dataclass(frozen=True, slots=True)
class DepartureOrder:
    """The deliveries of all paths in the order in which they set out.

    Attributes:
        at: When each does.
        paths: Whose each is.
        numbers: Which of its path's each is.
        places: Which each is among all, path after path.
        deliveries: The paths' deliveries.
    """

    at: Ints
    paths: Ints
    numbers: Ints
    places: Ints
    deliveries: tuple[Deliveries, ...]

    @classmethod
    def of(cls, deliveries: Sequence[Deliveries]) -> DepartureOrder:
        """Flushes of one moment in the order in which their first writes came, before single writes."""
        paths = np.repeat(np.arange(len(deliveries)), [len(each.at) for each in deliveries])
        at = np.concatenate([each.at for each in deliveries])
        are_single = np.repeat([each.are_single for each in deliveries], [len(d.at) for d in deliveries])
        firsts = np.concatenate([each.arrivals.times[each.begins] for each in deliveries])
        numbers = np.concatenate([np.arange(len(each.at)) for each in deliveries])
        order = np.lexsort((paths, firsts, are_single, at))
        return cls(at[order], paths[order], numbers[order], order, tuple(deliveries))

    def moment(self, place: int) -> datetime | None:
        """When a delivery sets out; None behind the last one."""
        return from_micros(int(self.at[place])) if place < len(self.at) else None

    def is_single(self, place: int) -> bool:
        """Whether a delivery is a single write."""
        return self.deliveries[int(self.paths[place])].are_single

    def writes(self, place: int) -> tuple[int, int, int]:
        """The path of a delivery, its first write, and the one behind its last."""
        path, number = int(self.paths[place]), int(self.numbers[place])
        deliveries = self.deliveries[path]
        return path, int(deliveries.begins[number]), int(deliveries.ends[number])


@dataclass(frozen=True, slots=True)
class UndisturbedDeliveries:
    """How the deliveries of one path go when every request is taken and finds a free slot.

    Attributes:
        done: When each write has its record.
        ends: When each delivery ends.
        sent: When each request is sent.
        answered: When each request is answered.
        kinds: Which of `KINDS` each request is.
        writes: How many writes each request carries.
        starts: When a slot of the connection is taken: for a request, or for a whole bulk job.
        frees: When that slot is free again.
        is_intricate: Which deliveries are not told truly by all this: their course depends on more.
    """

    done: Ints
    ends: Ints
    sent: Ints
    answered: Ints
    kinds: Ints
    writes: Ints
    starts: Ints
    frees: Ints
    is_intricate: Bools


def undisturbed_deliveries(scenario: Scenario, deliveries: Deliveries) -> UndisturbedDeliveries:
    """How the deliveries of a path go when nothing is in their way."""
    latency_us = seconds_us(scenario.latency_s)
    if deliveries.are_single:
        return _undisturbed_singles(deliveries, latency_us)
    counts = deliveries.ends - deliveries.begins
    ways = _ways(scenario.engine, deliveries, counts)
    requests, chunk_of, is_intricate = _chunks(deliveries, counts, ways.sizes)
    flush = np.repeat(np.arange(len(counts)), requests)
    nth = np.arange(len(flush)) - np.repeat(np.cumsum(requests) - requests, requests)
    carried = np.bincount(chunk_of, minlength=len(flush))
    job = _job(latency_us, seconds_us(scenario.bulk_job_s))
    spans = np.where(ways.are_bulk, job.span_us, latency_us)
    # Writes to one record go one after the other; others as many requests at a time as there are workers.
    rounds = np.where(counts[flush] <= ways.sizes[flush], nth, nth // ways.at_a_time[flush])
    starts = deliveries.at[flush] + rounds * spans[flush]
    frees = starts + spans[flush]
    ends = np.maximum.reduceat(frees, np.cumsum(requests) - requests)
    is_intricate[1:] |= ends[:-1] > deliveries.at[1:]
    is_job = ways.are_bulk[flush]
    kinds = np.full(len(flush), KIND_NUMBERS[Method.COLLECTION.value])
    sent, answered, carries = starts, frees, carried
    if is_job.any():
        steps = len(job.offsets_us)
        sent = np.concatenate((starts[~is_job], np.add.outer(starts[is_job], job.offsets_us).ravel()))
        answered = np.concatenate((frees[~is_job], sent[(~is_job).sum() :] + latency_us))
        kinds = np.concatenate((kinds[~is_job], np.tile(job.kinds, is_job.sum())))
        has_rows = np.tile(job.kinds == KIND_NUMBERS[JobStep.UPLOAD.value], is_job.sum())
        carries = np.concatenate((carried[~is_job], has_rows * np.repeat(carried[is_job], steps)))
    return UndisturbedDeliveries(
        frees[chunk_of], ends, sent, answered, kinds, carries, starts, frees, is_intricate
    )


def _undisturbed_singles(deliveries: Deliveries, latency_us: int) -> UndisturbedDeliveries:
    times, records = deliveries.at, deliveries.arrivals.records
    done = times + latency_us
    is_intricate = np.zeros(len(times), np.bool_)
    if records is not None and latency_us:
        # An update waits for the one before it to the same record.
        is_intricate[1:] = (records[1:] == records[:-1]) & (times[1:] < done[:-1])
    kinds = np.full(len(times), KIND_NUMBERS[Method.SINGLE.value])
    return UndisturbedDeliveries(
        done, done, times, done, kinds, np.ones_like(times), times, done, is_intricate
    )


@dataclass(frozen=True, slots=True)
class _Ways:
    """By delivery: whether by bulk job, how many writes a request carries, how many requests at a time."""

    are_bulk: Bools
    sizes: Ints
    at_a_time: Ints


def _ways(settings: EngineSettings, deliveries: Deliveries, counts: Ints) -> _Ways:
    limits, parallel = limits_of(deliveries.arrivals.path.provider), settings.parallel_requests
    different, which = np.unique(counts, return_inverse=True)
    rows = []
    for count in different.tolist():
        method, size = way_of(count, limits, settings.bulk_threshold, deliveries.options)
        workers = worker_count(count, size, parallel)
        rows.append((method is Method.BULK, size, min(workers, window_of(size, parallel) // size)))
    are_bulk, sizes, at_a_time = np.array(rows, np.int64).reshape(-1, 3)[which].T
    return _Ways(are_bulk.astype(np.bool_), sizes, at_a_time)


def _chunks(deliveries: Deliveries, counts: Ints, sizes: Ints) -> tuple[Ints, Ints, Bools]:
    """How many requests each delivery makes, the request of each write, and which deliveries are intricate.

    Requests are counted through all deliveries.
    """
    requests = -(-counts // sizes)
    is_intricate = np.zeros(len(counts), np.bool_)
    flush = np.repeat(np.arange(len(counts)), counts)
    place = np.arange(len(flush)) - deliveries.begins[flush]
    within = place // sizes[flush]
    records = deliveries.arrivals.records
    if records is not None and not deliveries.options.is_whole:
        is_first = np.diff(records, prepend=-1) != 0
        is_first[deliveries.begins] = True
        places = np.arange(len(records))
        turn = places - np.maximum.accumulate(np.where(is_first, places, 0))
        turns = np.maximum.reduceat(turn, deliveries.begins) + 1
        # Where all fits one request, the n-th update of each record goes with the n-th of the others.
        is_small = counts <= sizes
        is_intricate = (turns > 1) & ~is_small
        requests = np.where(is_small, turns, requests)
        within = np.where(is_small[flush], turn, within)
    return requests, (np.cumsum(requests) - requests)[flush] + within, is_intricate


@dataclass(frozen=True, slots=True)
class _Job:
    """A bulk job that nothing goes wrong with: its requests, and how long it takes."""

    offsets_us: Ints
    kinds: Ints
    span_us: int


@lru_cache(maxsize=16)
def _job(latency_us: int, work_us: int) -> _Job:
    steps, state = job_steps(), dict[str, str]()
    now_us, closed_us = 0, 0
    offsets, kinds = list[int](), list[int]()
    try:
        step = next(steps)
        while True:
            if isinstance(step, Pause):
                now_us += seconds_us(step.seconds)
                step = next(steps)
                continue
            offsets.append(now_us)
            kinds.append(KIND_NUMBERS[step.value])
            now_us += latency_us
            if step is JobStep.CLOSE:
                closed_us = now_us
            state["state"] = "JobComplete" if now_us >= closed_us + work_us else "InProgress"
            step = steps.send(state)
    except StopIteration:
        return _Job(np.array(offsets, np.int64), np.array(kinds, np.int64), now_us)
