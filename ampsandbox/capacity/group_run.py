"""One group under one variant: all at once while every request is surely taken, else event by event.

A request changes nothing for what was before it. So what is worked out for untroubled times holds up to the
first request that a limit might refuse, an outage meets, or another delivery is in the way of. From there the
group is run exactly, until nothing is left over of the trouble.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, fields

import numpy as np

from ampsandbox.capacity.account import Account
from ampsandbox.capacity.deliveries import (
    DepartureOrder,
    UndisturbedDeliveries,
    deliveries_of,
    undisturbed_deliveries,
)
from ampsandbox.capacity.exact import Exact, PathRun, SimulatedOutcome, SimulatedRequests
from ampsandbox.capacity.population import SimulatedGroup
from ampsandbox.capacity.scenario import Scenario, Variant
from ampsandbox.capacity.simulated_time import DAY_US, HOUR_US, MINUTE_US, Ints
from ampsandbox.engine.timestamps import from_micros, to_micros

# Near a limit every request is in danger. What is run exactly stays so for longer each time that it did not
# leave the danger behind, from this on.
_LEAST_PATIENCE_US = MINUTE_US

# A calendar day may have 25 hours, and a rolling window reaches a slot further back than its length.
_LONGEST_WINDOW_US = DAY_US + 2 * HOUR_US


@dataclass(frozen=True, slots=True)
class Requests:
    """Requests in the order in which they were sent; see `UndisturbedDeliveries`.

    `refused` is which of `REASONS` each was refused for, 0 where it was taken.
    """

    sent: Ints
    answered: Ints
    kinds: Ints
    writes: Ints
    refused: Ints


@dataclass(frozen=True, slots=True)
class GroupRun:
    """What became of a group.

    Attributes:
        account: What took its requests.
        paths: Its paths, with the outcome of each write.
        requests: Its requests.
    """

    account: Account
    paths: tuple[PathRun, ...]
    requests: Requests


def run_group(
    scenario: Scenario, variant: Variant, group: SimulatedGroup, *, is_exact: bool = False
) -> GroupRun:
    """Run one group.

    Args:
        scenario: Whose group it is.
        variant: How its writes set out.
        group: The group.
        is_exact: Whether all of it is run event by event, as tests want it.
    """
    account = Account(scenario, group)
    deliveries = [deliveries_of(scenario, variant, each) for each in group.arrivals]
    paths = tuple(PathRun(each, *np.zeros((2, len(each.arrivals.times)), np.int64)) for each in deliveries)
    if not paths:
        return GroupRun(account, paths, _joined([]))
    order = DepartureOrder.of(deliveries)
    undisturbed = [undisturbed_deliveries(scenario, each) for each in deliveries]
    times = _UndisturbedTimes(scenario, account, order, undisturbed, paths)
    jitter, pieces = random.Random(group.seed), list[Requests]()
    place, stop = 0, int(np.searchsorted(order.at, to_micros(scenario.end)))
    patience_us = _LEAST_PATIENCE_US
    while place < stop:
        begin_us = int(order.at[place])
        until_us = begin_us if is_exact else times.until(begin_us)
        if until_us > begin_us:
            pieces.append(times.run(begin_us, until_us))
            place = int(np.searchsorted(order.at, until_us))
            if until_us - begin_us > patience_us:
                patience_us = _LEAST_PATIENCE_US
            continue
        times.settle(begin_us)
        exact = Exact(scenario, account, paths, jitter, from_micros(begin_us))
        place = exact.run(order, place, from_micros(begin_us + patience_us), scenario.end)
        patience_us = min(2 * patience_us, DAY_US)
        pieces.append(_of_log(exact.log))
        times.note(pieces[-1])
    return GroupRun(account, paths, _joined(pieces))


class _UndisturbedTimes:
    """What is worked out for untroubled times, and how far it holds."""

    def __init__(
        self,
        scenario: Scenario,
        account: Account,
        order: DepartureOrder,
        undisturbed: Sequence[UndisturbedDeliveries],
        paths: Sequence[PathRun],
    ) -> None:
        self._account = account
        self._undisturbed = undisturbed
        self._paths = paths
        self._end_us = to_micros(scenario.end)
        by_time = np.argsort(np.concatenate([each.sent for each in undisturbed]), kind="stable")
        self._sent, self._answered, self._kinds, self._writes = (
            np.concatenate([getattr(each, name) for each in undisturbed])[by_time]
            for name in ("sent", "answered", "kinds", "writes")
        )
        ends = np.concatenate([each.ends for each in undisturbed])[order.places]
        latest = np.maximum.accumulate(ends)
        is_first = np.append(True, order.at[1:] > latest[:-1])
        self._periods = order.at[is_first]
        """When deliveries begin while none is under way."""
        self._troubled = self._troubles(scenario, order)
        self._recent = np.zeros(0, np.int64)
        self._uncounted: list[Ints] = []

    def _troubles(self, scenario: Scenario, order: DepartureOrder) -> Ints:
        """The periods in which deliveries get in each other's way, or the CRM is down."""
        starts = np.sort(np.concatenate([each.starts for each in self._undisturbed]))
        frees = np.sort(np.concatenate([each.frees for each in self._undisturbed]))
        taken = np.arange(1, len(starts) + 1) - np.searchsorted(frees, starts, "right")
        most = scenario.engine.parallel_requests
        if concurrent := self._account.concurrent_limit:
            most = min(most, concurrent)
        is_intricate = np.concatenate([each.is_intricate for each in self._undisturbed])[order.places]
        moments = (
            starts[taken > most],
            order.at[is_intricate],
            self._sent[self._account.is_down(self._sent)],
        )
        return np.unique(self._period(np.concatenate(moments)))

    def _period(self, moments: Ints) -> Ints:
        """The beginning of the period that each moment lies in."""
        found: Ints = self._periods[np.searchsorted(self._periods, moments, "right") - 1]
        return found

    def until(self, begin_us: int) -> int:
        """Up to when deliveries from a moment of rest on go untroubled: a day at most, perhaps no time."""
        if int(self._period(np.array([begin_us]))[0]) != begin_us:
            return begin_us
        bounds = (self._periods, begin_us + DAY_US), (self._troubled, begin_us)
        until_us = min(_next(moments, bound, self._end_us) for moments, bound in bounds)
        sent = slice(*np.searchsorted(self._sent, (begin_us, until_us)))
        self._recent = self._recent[np.searchsorted(self._recent, begin_us - _LONGEST_WINDOW_US) :]
        danger = self._account.first_in_danger(self._recent, self._answered[sent])
        if danger is None:
            return until_us
        return int(self._period(self._sent[sent][danger : danger + 1])[0])

    def run(self, begin_us: int, until_us: int) -> Requests:
        """Make the deliveries of a time as they were worked out."""
        for path, deliveries in zip(self._paths, self._undisturbed, strict=True):
            begins, at = path.deliveries.begins, path.deliveries.at
            first, last = np.searchsorted(at, (begin_us, until_us))
            if first < last:
                writes = slice(begins[first], path.deliveries.ends[last - 1])
                done = deliveries.done[writes]
                path.done[writes] = np.where(done < self._end_us, done, 0)
                path.outcomes[writes] = np.where(
                    done < self._end_us, SimulatedOutcome.DELIVERED, SimulatedOutcome.WAITING
                )
                if (refuses := path.deliveries.refuses) is not None:
                    path.outcomes[writes][refuses[writes] & (done < self._end_us)] = SimulatedOutcome.REFUSED
        sent = slice(*np.searchsorted(self._sent, (begin_us, until_us)))
        answered = self._answered[sent]
        sent = slice(sent.start, sent.start + int(np.searchsorted(answered, self._end_us)))
        made = Requests(
            self._sent[sent],
            self._answered[sent],
            self._kinds[sent],
            self._writes[sent],
            np.zeros(sent.stop - sent.start, np.int64),
        )
        self._uncounted.append(made.answered)
        self.note(made)
        return made

    def note(self, made: Requests) -> None:
        """Remember requests for the windows that they count in."""
        self._recent = np.concatenate((self._recent, made.answered[made.refused == 0]))

    def settle(self, now_us: int) -> None:
        """Tell the account of the requests that it was not asked about."""
        self._account.count(np.concatenate((*self._uncounted, np.zeros(0, np.int64))), now_us)
        self._uncounted.clear()


def _next(moments: Ints, bound: int, otherwise: int) -> int:
    """The first of ascending moments that does not lie before a bound."""
    place = np.searchsorted(moments, bound)
    return int(moments[place]) if place < len(moments) else otherwise


def _of_log(log: SimulatedRequests) -> Requests:
    return Requests(*(np.array(getattr(log, each.name), np.int64) for each in fields(Requests)))


def _joined(pieces: Sequence[Requests]) -> Requests:
    pieces = (*pieces, _of_log(SimulatedRequests()))
    columns = ([getattr(piece, each.name) for piece in pieces] for each in fields(Requests))
    return Requests(*map(np.concatenate, columns))
