"""Failures on demand: rules that make chosen requests of one org slow, refused, cut off or partly refused.

A rule says which requests it means (method, path, object), which of those it strikes (the n-th, the first N,
every N-th, a seeded share, a span of the clock) and what happens. What a refusal looks like on the wire is
the provider's business; this module only decides.
"""

from __future__ import annotations

import random
from collections import deque
from datetime import datetime
from fnmatch import fnmatchcase
from typing import Annotated, Any, Literal, TypedDict

import msgspec

from mock_crm.core.clock import Clock
from mock_crm.core.ids import stable_int

Kind = Literal[
    "latency",  # wait `seconds` of the clock, then go on
    "error",  # answer with `code`, `status` and `message` instead of doing anything
    "drop-before",  # cut the connection; nothing was applied
    "drop-after",  # apply the request, then cut the connection before its answer is complete
    "rate-limit",  # the provider's answer when too many requests came
    "expired-token",  # the provider's answer for an access token that has expired
    "outage",  # the provider is down: 503
    "row-lock",  # the record is locked by someone else; of a batch, the `record`-th, or all
    "record-error",  # the `record`-th record of a batch fails with `code` and `message`
    "slow-body",  # send the answer's body in pieces over `seconds` of the clock
]

# What the schema of the control API says of numbers; `_checked` holds to it, in words.
_FromOne = Annotated[int, msgspec.Meta(extra_json_schema={"minimum": 1})]
_Seconds = Annotated[float, msgspec.Meta(extra_json_schema={"minimum": 0})]
_Share = Annotated[float, msgspec.Meta(extra_json_schema={"exclusiveMinimum": 0, "maximum": 1})]
_Status = Annotated[int, msgspec.Meta(extra_json_schema={"minimum": 200, "maximum": 599})]
_Moment = Annotated[datetime, msgspec.Meta(tz=True)]

# These strike requests that may write; reading one's way to a record does not count.
_RECORD_KINDS = frozenset({"row-lock", "record-error"})
_FIRED_KEPT = 1000


class Rule(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, rename="camel"):
    """One fault. Conditions that are not given always hold.

    Attributes:
        kind: What happens; see `Kind`.
        id: Names the rule for `Faults.remove`; given by `Faults.add` when empty.
        method: HTTP method of the requests meant.
        path: Their path below the org's root; `*` stands for anything.
        object: The CRM object they are about, in any case.
        nth: Only the n-th request that matches, counted from 1.
        first: Only the first so many that match.
        every: Every so many-th that matches.
        share: The share of matching requests struck, drawn from the org's seed, in (0, 1].
        since: Only from this moment on.
        until: Only before this moment.
        code: The CRM's error code.
        status: HTTP status of the error; the provider's own for the code when None.
        message: Text of the error; the provider's own for the code when empty.
        seconds: How long to wait, for `latency` and `slow-body`.
        retry_after_s: Value of a `Retry-After` header; none is sent when None.
        record: Which record of a batch, counted from 1; all of them when None.
    """

    kind: Kind
    id: str = ""
    method: str | None = None
    path: str | None = None
    object: str | None = None
    nth: _FromOne | None = None
    first: _FromOne | None = None
    every: _FromOne | None = None
    share: _Share = 1.0
    since: _Moment | None = None
    until: _Moment | None = None
    code: str = ""
    status: _Status | None = None
    message: str = ""
    seconds: _Seconds = 0
    retry_after_s: _Seconds | None = None
    record: _FromOne | None = None


class Conditions(TypedDict, total=False):
    """Which requests a rule strikes, and how: the members of `Rule` beside its kind."""

    id: str
    method: str | None
    path: str | None
    object: str | None
    nth: int | None
    first: int | None
    every: int | None
    share: float
    since: datetime | None
    until: datetime | None
    code: str
    status: int | None
    message: str
    seconds: float
    retry_after_s: float | None
    record: int | None


class Firing(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """One time that a rule struck."""

    at: datetime
    rule: str
    kind: Kind
    method: str
    path: str


class Strike:
    """What the rules do to one request: `whole` request rules in order, and rules for single records."""

    __slots__ = ("records", "whole")

    def __init__(self, whole: list[Rule], records: list[Rule]) -> None:
        self.whole = whole
        self.records = records

    def for_record(self, position: int) -> Rule | None:
        """The rule that fails the record at `position` (counted from 1) of the request's batch."""
        for rule in self.records:
            if rule.record is None or rule.record == position:
                return rule
        return None


class Faults:
    """The rules of one org and the list of what they did.

    Args:
        clock: Whose time `since` and `until` mean.
        seed: What `share` draws from.
    """

    def __init__(self, clock: Clock, seed: int | str = 0) -> None:
        self._clock = clock
        self._seed = seed
        self._rules: dict[str, Rule] = {}
        self._matched: dict[str, int] = {}
        self._struck: dict[str, int] = {}
        self._added = 0
        self._random = random.Random(stable_int(seed, "faults"))
        self.fired: deque[Firing] = deque(maxlen=_FIRED_KEPT)

    def __bool__(self) -> bool:
        return bool(self._rules)

    @property
    def rules(self) -> list[Rule]:
        """The rules in the order in which they were added."""
        return list(self._rules.values())

    @property
    def needs_object(self) -> bool:
        """Whether some rule asks which object a request is about."""
        return any(rule.object for rule in self._rules.values())

    def add(self, rule: Rule | dict[str, Any]) -> Rule:
        """Put a rule in force; a plain dict, as from JSON, is checked first.

        Raises:
            msgspec.ValidationError: The dict is not a rule.
            ValueError: A number of the rule is out of range.
        """
        checked = _checked(msgspec.convert(rule, Rule) if isinstance(rule, dict) else rule)
        if not checked.id:
            self._added += 1
            checked = msgspec.structs.replace(checked, id=f"fault-{self._added}")
        self._rules[checked.id] = checked
        self._matched[checked.id] = 0
        return checked

    def count(self, rule_id: str) -> int:
        """How often a rule struck; `fired` keeps the newest times only."""
        return self._struck.get(rule_id, 0)

    def remove(self, rule_id: str) -> bool:
        """Take a rule out of force; False when there is none of this id."""
        self._matched.pop(rule_id, None)
        self._struck.pop(rule_id, None)
        return self._rules.pop(rule_id, None) is not None

    def clear(self) -> None:
        """Take all rules out of force and forget what they did."""
        self._rules.clear()
        self._matched.clear()
        self._struck.clear()
        self.fired.clear()
        self._added = 0
        self._random = random.Random(stable_int(self._seed, "faults"))

    def strike(self, method: str, path: str, object_name: str | None = None) -> Strike | None:
        """Count a request against the rules and say which of them strike it; None when none does."""
        struck = [rule for rule in self._rules.values() if self._strikes(rule, method, path, object_name)]
        if not struck:
            return None
        now = self._clock.now()
        for rule in struck:
            self._struck[rule.id] = self._struck.get(rule.id, 0) + 1
        self.fired.extend(
            Firing(at=now, rule=rule.id, kind=rule.kind, method=method, path=path) for rule in struck
        )
        return Strike(
            [rule for rule in struck if rule.kind not in _RECORD_KINDS],
            [rule for rule in struck if rule.kind in _RECORD_KINDS],
        )

    def _strikes(self, rule: Rule, method: str, path: str, object_name: str | None) -> bool:
        if rule.method is not None and rule.method.upper() != method:
            return False
        if rule.path is not None and not fnmatchcase(path, rule.path):
            return False
        if rule.object is not None and (object_name is None or rule.object.lower() != object_name.lower()):
            return False
        if rule.kind in _RECORD_KINDS and method == "GET":
            return False
        if not self._is_time(rule):
            return False
        self._matched[rule.id] += 1
        count = self._matched[rule.id]
        if rule.nth is not None and count != rule.nth:
            return False
        if rule.first is not None and count > rule.first:
            return False
        if rule.every is not None and count % rule.every:
            return False
        return rule.share >= 1 or self._random.random() < rule.share

    def _is_time(self, rule: Rule) -> bool:
        if rule.since is None and rule.until is None:
            return True
        now = self._clock.now()
        return (rule.since is None or now >= rule.since) and (rule.until is None or now < rule.until)


def _checked(rule: Rule) -> Rule:
    for name in ("nth", "first", "every", "record"):
        value = getattr(rule, name)
        if value is not None and value < 1:
            raise ValueError(f"{name} counts from 1, not {value}")
    if not 0 < rule.share <= 1:
        raise ValueError(f"share is above 0 and at most 1, not {rule.share}")
    for name in ("seconds", "retry_after_s"):
        value = getattr(rule, name)
        if value is not None and not 0 <= value < float("inf"):
            raise ValueError(f"{name} is 0 or more, not {value}")
    if rule.status is not None and not 200 <= rule.status <= 599:
        raise ValueError(f"status is a final status of HTTP, 200 to 599, not {rule.status}")
    for moment in (rule.since, rule.until):
        if moment is not None and moment.tzinfo is None:
            raise ValueError("since and until need a time zone")
    return rule
