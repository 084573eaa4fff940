"""One group's CRM account: what it takes, by the quota rules of the mocks, and what its refusals mean."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache, cached_property

import numpy as np

from ampsandbox.capacity.population import SimulatedGroup
from ampsandbox.capacity.scenario import OrgShare, Scenario
from ampsandbox.capacity.simulated_time import DAY_US, MINUTE_US, SECOND_US, Bools, Ints, seconds_us
from ampsandbox.clock import Clock
from ampsandbox.crm.http import Channel, HttpRequest, HttpResponse, PreparedRequest
from ampsandbox.crm.hubspot.errors import HubSpotErrors
from ampsandbox.crm.salesforce.errors import SalesforceErrors
from ampsandbox.crm.session import ErrorFormat, outage
from ampsandbox.engine.crm import CrmUnavailableError
from ampsandbox.engine.timestamps import from_micros, to_micros
from ampsandbox.manifest.model import Provider
from ampsandbox.secrets import Masker
from mock_crm.core.faults import Rule
from mock_crm.core.http import Response
from mock_crm.core.quota import SLOTS, Quota, Window
from mock_crm.core.settings import OrgSettings
from mock_crm.hubspot import fault_errors, responses
from mock_crm.hubspot import limits as hubspot_limits
from mock_crm.salesforce import errors as salesforce_errors
from mock_crm.salesforce import limits as salesforce_limits

DAILY = "daily"
CONCURRENT = "concurrent"
OUTAGE = "outage"

OTHERS_AFTER_US = 30 * SECOND_US
"""Other integrations make their requests in the middle of each minute."""

REASONS = ("", DAILY, "burst", "oauth", CONCURRENT, OUTAGE)
"""What refuses a request: a window of the mocks' quota, or something else. The first stands for nothing."""

_MINUTES_A_DAY = 1440


@dataclass(frozen=True, slots=True)
class RefusedRequest:
    """A request that was not taken: by which limit, or for what else, and what the client makes of it."""

    reason: str
    error: CrmUnavailableError


class Account:
    """A CRM account that counts requests and refuses them; it keeps no records.

    Args:
        scenario: Where its minutes count from.
        group: Whose account it is.

    Attributes:
        windows: The quota windows that a request of the integration passes.
    """

    def __init__(self, scenario: Scenario, group: SimulatedGroup) -> None:
        self._org = scenario.orgs[group.org]
        self._clock = _Clock(scenario.start)
        self._quota, self._names = _quota(self._org, self._clock)
        self.windows = tuple(self._quota[name] for name in self._names)
        self._start_us = to_micros(scenario.start)
        self._others_us = self._start_us + OTHERS_AFTER_US
        self._end_us = to_micros(scenario.end)
        others = group.other_use if DAILY in self._names else None
        self._others = None if others is None else others.copy()
        self._others_counted = 0
        self._outages = [
            (
                to_micros(each.at),
                to_micros(each.at) + seconds_us(each.seconds),
                _down(self._org, each.retry_after_s),
            )
            for each in group.outages
        ]

    @property
    def daily_limit(self) -> int:
        """What it takes in a day; 0 for no limit."""
        return self._quota[DAILY].limit if DAILY in self._names else 0

    @property
    def concurrent_limit(self) -> int:
        """How many requests it takes at a time; 0 for no limit."""
        return self._org.concurrent_requests

    # -- request by request ----------------------------------------------------------------------------------

    def outage(self, sent_us: int) -> RefusedRequest | None:
        """The refusal of a request that is sent while the CRM is down."""
        return next((refusal for start, end, refusal in self._outages if start <= sent_us < end), None)

    def take(self, now: datetime, in_flight: int) -> RefusedRequest | None:
        """Count a request that the CRM answers now, or refuse it.

        Args:
            now: The moment of the answer.
            in_flight: How many requests were on their way when it was sent, itself included.
        """
        if 0 < self._org.concurrent_requests < in_flight:
            return _limited(self._org.provider, CONCURRENT)
        self._count_others(to_micros(now))
        self._clock.moment = now
        window = self._quota.take_only(self._names)
        return None if window is None else _limited(self._org.provider, window.name)

    def count(self, answered_us: Ints, until_us: int) -> None:
        """Count requests that are known to be taken, and what others use before `until_us`.

        Args:
            answered_us: When they were answered, ascending and before `until_us`.
            until_us: The moment up to which nothing else is to be counted.
        """
        moments, counts = np.unique(answered_us, return_counts=True)
        for moment_us, count in zip(moments.tolist(), counts.tolist(), strict=True):
            self._count_others(moment_us)
            self._clock.moment = from_micros(moment_us)
            for window in self.windows:
                window.count(count)
        self._count_others(until_us - 1)

    def _count_others(self, now_us: int) -> None:
        """Count what others used in the minutes that have begun; over the limit they are refused too."""
        if self._others is None:
            return
        daily = self._quota[DAILY]
        until = min((now_us - self._others_us) // MINUTE_US + 1, len(self._others))
        for minute in range(self._others_counted, until):
            wanted = int(self._others[minute])
            if wanted:
                self._clock.moment = from_micros(self._others_us + minute * MINUTE_US)
                taken = min(wanted, daily.remaining) if daily.limit else wanted
                daily.count(taken)
                self._others[minute] = taken
        self._others_counted = max(until, self._others_counted)

    # -- all at once -----------------------------------------------------------------------------------------

    def is_down(self, sent_us: Ints) -> Bools:
        """Which requests are sent while the CRM is down."""
        found = np.zeros(len(sent_us), np.bool_)
        for start, end, _ in self._outages:
            found |= (sent_us >= start) & (sent_us < end)
        return found

    def first_in_danger(self, before_us: Ints, answered_us: Ints) -> int | None:
        """The first request that a window might refuse; every one before it is surely taken.

        Args:
            before_us: When the requests before them that were taken were answered, ascending.
            answered_us: When they would be answered, ascending.
        """
        everything = np.concatenate((before_us, answered_us))
        found = len(answered_us)
        for window in self.windows:
            if window.limit:
                used = self._used(window, everything, len(before_us))
                over = np.flatnonzero(used > window.limit)
                found = min(found, int(over[0])) if len(over) else found
        return found if found < len(answered_us) else None

    def busiest_day(self, answered_us: Ints) -> int:
        """The most requests in one window of the day, others' included, at any of these requests."""
        if DAILY in self._names:
            return int(self._used(self._quota[DAILY], answered_us, 0, slack=0).max(initial=0))
        day = np.arange(len(answered_us)) - np.searchsorted(answered_us, answered_us - DAY_US) + 1
        return int(day.max(initial=0))

    def others_by_day(self, answered_us: Ints, days: int) -> Ints:
        """What other integrations used, by the day from the scenario's start.

        Args:
            answered_us: When the integration's requests that were taken were answered, ascending.
            days: How many days there are.
        """
        if self._others is None:
            return np.zeros(days, np.int64)
        total = np.concatenate(([0], np.cumsum(self._others)))
        of_others = (total[_MINUTES_A_DAY:] - total[:-_MINUTES_A_DAY]).max(initial=0)
        own = np.arange(len(answered_us)) - np.searchsorted(answered_us, answered_us - 2 * DAY_US) + 1
        if 0 < self.daily_limit < 2 * of_others + own.max(initial=0):
            # They may have come up to the limit on their own.
            self._count_others(self._end_us - 1)
        by_day: Ints = self._others.reshape(days, -1).sum(axis=1)
        return by_day

    def _used(self, window: Window, moments: Ints, first: int, slack: int = 1) -> Ints:
        """How many requests a window holds at most at each of the moments from index `first` on."""
        at = moments[first:]
        if window.midnight is None:
            # A rolling window counts whole slots, so it may reach a slot further back than its length.
            since = at - seconds_us(window.seconds * (SLOTS + slack) / SLOTS) + 1 - slack
        else:
            since = self._midnights[np.searchsorted(self._midnights, at, "right") - 1]
        used = np.arange(first, len(moments)) - np.searchsorted(moments, since) + 1
        if window.name == DAILY and self._others is not None:
            total = np.concatenate(([0], np.cumsum(self._others)))
            begun = [(moment - self._others_us) // MINUTE_US + 1 for moment in (at, since - 1)]
            upto, before = (np.clip(each, 0, len(self._others)) for each in begun)
            used += total[upto] - total[before]
        return used

    @cached_property
    def _midnights(self) -> Ints:
        """When the calendar days of the account begin."""
        zone = self._quota[DAILY].midnight
        start, days = from_micros(self._start_us), (self._end_us - self._start_us) // DAY_US
        first = start.astimezone(zone).replace(hour=0, minute=0, second=0, microsecond=0)
        midnights = (first + timedelta(days=day) for day in range(days + 3))
        return np.array([to_micros(midnight.astimezone(UTC)) for midnight in midnights])


class _Clock:
    """The mocks' clock, which stands where it is put."""

    def __init__(self, moment: datetime) -> None:
        self.moment = moment

    def now(self) -> datetime:
        return self.moment

    async def sleep(self, seconds: float) -> None:
        raise NotImplementedError("Nobody sleeps by this clock.")


def _quota(org: OrgShare, clock: _Clock) -> tuple[Quota, tuple[str, ...]]:
    """The mock's quota of an account, and the windows of it that a request of the integration passes."""
    settings = OrgSettings(
        edition=org.edition, daily_requests=org.daily_requests, burst_requests=org.burst_requests
    )
    if org.provider is Provider.SALESFORCE:
        return salesforce_limits.quota(settings, clock), (DAILY,)
    names = hubspot_limits.windows_of(is_private_app=not org.is_public_app)
    is_limited = org.daily_requests is not None and DAILY not in names
    return hubspot_limits.quota(settings, clock), (DAILY, *names) if is_limited else names


# -- what the client makes of what the mock answers ----------------------------------------------------------


@cache
def _limited(provider: Provider, name: str) -> RefusedRequest:
    """The refusal of a request over the limit of that name."""
    if provider is Provider.HUBSPOT:
        answer = responses.answer(fault_errors.of_window(name).body(""), 429)
    else:
        kind = "ConcurrentRequests" if name == CONCURRENT else "TotalRequests"
        answer = salesforce_errors.response(salesforce_errors.request_limit(kind))
    return RefusedRequest(name, _meaning(provider, answer))


@cache
def _down(org: OrgShare, retry_after_s: float | None) -> RefusedRequest:
    """The refusal of a request while the CRM is down."""
    if org.provider is Provider.HUBSPOT:
        error = fault_errors.of_rule(Rule(kind="outage"), 0)
        answer = responses.answer(error.body(""), error.status)
    else:
        answer = salesforce_errors.response(salesforce_errors.usual("SERVER_UNAVAILABLE"))
    if retry_after_s is not None:
        answer.headers.append(("retry-after", f"{retry_after_s:g}"))
    return RefusedRequest(OUTAGE, _meaning(org.provider, answer))


def _meaning(provider: Provider, answer: Response) -> CrmUnavailableError:
    errors: ErrorFormat = HubSpotErrors() if provider is Provider.HUBSPOT else SalesforceErrors()
    channel = Channel(_NoSender(), Clock(speed=0), lambda exchange: None, Masker())
    headers = (*answer.headers, ("content-type", answer.content_type))
    problem = outage(HttpResponse(answer.status, headers, answer.body), errors, channel, is_repeatable=True)
    if not isinstance(problem, CrmUnavailableError):
        raise TypeError(f"{provider} answers {answer.status} to a request that it does not take")
    return problem


class _NoSender:
    """A transport that carries nothing: the client is only asked how it would batch."""

    make_durable = None
    answers_at_once = False

    def prepare(self, outgoing: HttpRequest) -> PreparedRequest:
        raise NotImplementedError("Nothing is sent from here.")

    async def aclose(self) -> None:
        """Nothing is open."""
