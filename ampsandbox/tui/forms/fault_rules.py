"""The ways in which a mock CRM can misbehave, and the parameters that each of them takes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Final

import msgspec

from ampsandbox.errors import UsageError
from ampsandbox.tui.text.words import parse_moment

RECIPES: Final[dict[str, dict[str, Any]]] = {
    "refuse the next 3 requests: too many requests (429)":
        {"kind": "rate-limit", "first": 3, "retryAfterS": 2},
    "be down for the next 5 requests (503)": {"kind": "outage", "first": 5},
    "apply the next request, then lose its answer": {"kind": "drop-after", "method": "POST", "first": 1},
    "cut the next connection before anything is applied": {"kind": "drop-before", "first": 1},
    "take 2 seconds for every request": {"kind": "latency", "seconds": 2},
    "send the answers slowly, over 3 seconds each": {"kind": "slow-body", "seconds": 3},
    "let the access token expire once": {"kind": "expired-token", "first": 1},
    "lock the first record of the next batch": {"kind": "row-lock", "record": 1, "first": 1},
    "refuse the second record of every batch":
        {"kind": "record-error", "record": 2, "code": "REFUSED", "message": "On purpose."},
    "fail a tenth of all requests (500)":
        {"kind": "error", "share": 0.1, "status": 500, "code": "INTERNAL_ERROR"},
}  # fmt: skip


class Parameter(msgspec.Struct, frozen=True):
    """One parameter of a rule: what it says, and how it is read from a text."""

    hint: str
    read: Callable[[str, datetime], Any] = lambda text, now: text


def _count(text: str, _: datetime) -> int:
    if not text.isascii() or not text.isdigit() or int(text) < 1:
        raise UsageError("is a whole number from 1 on.")
    return int(text)


def _seconds(text: str, _: datetime) -> float:
    return _number(text, "is a number of seconds, 0 or more.", 0, 86_400)


def _share(text: str, _: datetime) -> float:
    found = _number(text.removesuffix("%"), "is above 0 and at most 1, or up to 100%.", 0, 100)
    found = found / 100 if text.endswith("%") else found
    if not 0 < found <= 1:
        raise UsageError("is above 0 and at most 1, or up to 100%.")
    return found


def _number(text: str, words: str, least: float, most: float) -> float:
    try:
        found = float(text)
    except ValueError as error:
        raise UsageError(words) from error
    if not least <= found <= most:
        raise UsageError(words)
    return found


def _moment(text: str, now: datetime) -> str:
    return parse_moment(text, now).isoformat()


PARAMETERS: Final[dict[str, Parameter]] = {
    "seconds": Parameter("how long, in seconds of the sandbox's clock", _seconds),
    "status": Parameter("the HTTP status, such as 500", _count),
    "code": Parameter("the CRM's error code"),
    "message": Parameter("the text of the error"),
    "retryAfterS": Parameter("a Retry-After of so many seconds; none when empty", _seconds),
    "record": Parameter("which record of a batch, from 1; all when empty", _count),
    "method": Parameter("only GET, POST, PATCH or DELETE"),
    "path": Parameter("only paths such as */composite/*"),
    "object": Parameter("only one object, such as Contact"),
    "first": Parameter("only the first so many requests that match", _count),
    "nth": Parameter("only the n-th request that matches", _count),
    "every": Parameter("only every so many-th", _count),
    "share": Parameter("only a share of them, such as 0.1 or 10%", _share),
    "since": Parameter("only from then on, such as in 5 minutes", _moment),
    "until": Parameter("only until then, such as in 1 hour", _moment),
}
"""The effects first, then the conditions; all of them are those of `mock_crm.core.faults.Rule`."""

_EFFECTS: Final[dict[str, tuple[str, ...]]] = {
    "latency": ("seconds",),
    "slow-body": ("seconds",),
    "error": ("status", "code", "message", "retryAfterS"),
    "rate-limit": ("retryAfterS",),
    "outage": ("retryAfterS",),
    "row-lock": ("record",),
    "record-error": ("record", "code", "message"),
}
CONDITIONS: Final = ("method", "path", "object", "first", "nth", "every", "share", "since", "until")


def parameters_of(kind: str) -> tuple[str, ...]:
    """The parameters that a kind of fault takes."""
    return (*_EFFECTS.get(kind, ()), *CONDITIONS)


def read_rule(kind: str, given: Mapping[str, str], now: datetime) -> dict[str, Any]:
    """The rule that filled-in texts mean.

    Raises:
        UsageError: One of them is not understood; it says which.
    """
    rule: dict[str, Any] = {"kind": kind}
    for name, text in given.items():
        try:
            rule[name] = PARAMETERS[name].read(text, now)
        except UsageError as error:
            raise UsageError(f"{name}: {error.message}", error.hint) from error
    if "method" in rule:
        rule["method"] = rule["method"].upper()
    return rule
