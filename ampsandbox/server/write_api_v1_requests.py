"""Checking the bodies that today's write API takes (openapi: api/write.yaml)."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any, Final

import msgspec

from ampsandbox.manifest.model import Mode
from ampsandbox.server.json_errors import UNREADABLE, not_json
from ampsandbox.server.problems import Problem

_MODES: Final = {"create": Mode.INSERT, "update": Mode.UPDATE}
_TYPES: Final = ("create", "update", "delete")
_DELIVERIES: Final = ("synchronous", "asynchronous")
_DEADLINE_HOURS: Final = (1, 48)
_NOT_SIMULATED: Final = {
    "batch": "Send one request with a `record` for each of its records.",
    "autoBatchPolicy": "Send the record without it, or give the object a schedule in the 2023 format.",
    "associations": "Send the record without them.",
    "headers": "Send the record without them.",
}


class ObjectRequest(msgspec.Struct, frozen=True):
    """A write request of today's API that keeps the rules.

    `background_s` is set for an asynchronous one: for how long a transient error is retried.
    """

    group: str
    mode: Mode
    primary_key: str | None
    fields: dict[str, Any]
    background_s: float | None = None


def read_request(body: bytes) -> ObjectRequest | Problem | str:
    """The request in a body; or what the sandbox does not simulate; or, in lines, what breaks the rules."""
    try:
        content = msgspec.json.decode(body)
    except UNREADABLE as error:
        return _in_plain_text(not_json(body, error))
    if not isinstance(content, dict):
        return "the request body is not a JSON object"
    if issues := _issues(content):
        return "\n".join(issues)
    return _not_simulated(content) or _request(content)


def _in_plain_text(problem: Problem) -> Problem | str:
    """A 400 as this API words it; other answers are problems here too."""
    if problem.status != HTTPStatus.BAD_REQUEST:
        return problem
    return " ".join([problem.detail, *(issue.detail for issue in problem.issues), problem.remedy])


def _request(content: dict[str, Any]) -> ObjectRequest:
    mode, fields = _MODES[content["type"]], dict(content["record"])
    is_async = content.get("mode") == "asynchronous"
    hours = (content.get("retryPolicy") or {}).get("deadlineHours", 1)
    return ObjectRequest(
        content["groupRef"],
        mode,
        fields.pop("id") if mode is Mode.UPDATE else None,
        fields,
        hours * 3600.0 if is_async else None,
    )


def _not_simulated(content: dict[str, Any]) -> Problem | None:
    if content["type"] == "delete":
        return Problem(501, "The sandbox does not delete records.", "Delete it in the mock CRM itself.")
    for name, remedy in _NOT_SIMULATED.items():
        if name in content:
            return Problem(501, f"The sandbox does not simulate {name!r}.", remedy)
    return None


def _issues(content: dict[str, Any]) -> list[str]:
    found = [
        _group_issue(content),
        _choice_issue(content, "type", _TYPES),
        _choice_issue(content, "mode", _DELIVERIES) if "mode" in content else None,
        _record_issue(content),
        _deadline_issue(content),
    ]
    return [issue for issue in found if issue is not None]


def _group_issue(content: dict[str, Any]) -> str | None:
    value = content.get("groupRef")
    if isinstance(value, str) and value:
        return None
    hint = " (groupId is its name in the 2023 format)" if "groupId" in content else ""
    return f"groupRef: must be a non-empty string{hint}"


def _choice_issue(content: dict[str, Any], name: str, choices: tuple[str, ...]) -> str | None:
    value = content.get(name)
    if value in choices:
        return None
    given = "is missing" if name not in content else f"is {msgspec.json.encode(value).decode()}"
    return f"{name}: {given}, and must be one of {', '.join(choices)}"


def _record_issue(content: dict[str, Any]) -> str | None:
    if ("record" in content) == ("batch" in content):
        return "record: give either record or batch"
    if "batch" in content:
        return None
    record = content["record"]
    if not isinstance(record, dict):
        return "record: must be an object of field names and values"
    if content.get("type") in ("update", "delete") and not (
        isinstance(record.get("id"), str) and record["id"]
    ):
        return "record.id: must be a non-empty string, the CRM's id of the record"
    return None


def _deadline_issue(content: dict[str, Any]) -> str | None:
    policy = content.get("retryPolicy")
    if policy is None:
        return None
    low, high = _DEADLINE_HOURS
    hours = policy.get("deadlineHours", low) if isinstance(policy, dict) else None
    if type(hours) is int and low <= hours <= high:
        return None
    return f"retryPolicy.deadlineHours: must be a whole number from {low} to {high}"
