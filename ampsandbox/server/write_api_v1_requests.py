"""Checking the bodies that today's write API takes (openapi: api/write.yaml; docs/evidence/ampersand.md)."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from http import HTTPStatus
from typing import Any, Final

import msgspec

from ampsandbox.manifest.model import Provider
from ampsandbox.server.json_errors import UNREADABLE, not_json
from ampsandbox.server.problems import Problem
from ampsandbox.server.request_bodies import WriteType

MAX_BATCH: Final = 100
_TYPES: Final = ("create", "update", "delete")
_MODES: Final = ("synchronous", "asynchronous")
_DEADLINE_HOURS: Final = (1, 48)
_DELAY_MINUTES: Final = (1, 1440)

# They belong to the connection, and the first to the customer's credentials.
_OWN_HEADERS: Final = frozenset(
    [
        "authorization",
        "connection",
        "content-length",
        "content-type",
        "host",
        "te",
        "transfer-encoding",
        "upgrade",
    ]
)

_OWN_NAMES: Final = "|".join(
    "".join(f"[{char.upper()}{char}]" if char.isalpha() else char for char in name)
    for name in sorted(_OWN_HEADERS)
)
HEADER_NAME: Final = rf"^(?!({_OWN_NAMES})$)[!#$%&'*+.^_`|~0-9A-Za-z-]+$"
HEADER_VALUE: Final = r"^[\t -~]*$"
"""Of a header that a request may have; regular expressions in the words that JSON Schema knows, too."""

# What counts for a member that is not there.
_EMPTY: Final[Mapping[str, Any]] = {
    "groupRef": "",
    "mode": "",
    **{name: [] for name in ("batch", "associations", "headers")},
    **{name: {} for name in ("record", "batchPolicy", "retryPolicy", "autoBatchPolicy")},
}

_TOKEN: Final = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")


class AutoBatch(msgspec.Struct, frozen=True):
    """How long a record may wait for others, and for how long its batch is retried."""

    max_delay_s: float
    retry_s: float


class RequestedRecord(msgspec.Struct, frozen=True):
    """One record of a request: its fields as the app calls them, and its id unless it is to be created."""

    fields: dict[str, Any]
    id: str | None = None
    associations: tuple[dict[str, Any], ...] = ()


class RequestedWrite(msgspec.Struct, frozen=True):
    """A request that keeps the rules.

    Attributes:
        retry_s: For how long an asynchronous write is retried; None for a synchronous one.
    """

    group: str
    type: WriteType
    records: tuple[RequestedRecord, ...]
    is_batch: bool
    retry_s: float | None
    all_or_none: bool
    headers: tuple[tuple[str, str], ...]
    auto_batch: AutoBatch | None


def read_request(body: bytes, provider: str) -> RequestedWrite | Problem | str:
    """The request in a body; or, in lines, what breaks the rules.

    Args:
        body: As it was sent.
        provider: The integration's: associations are HubSpot's, headers are Salesforce's.
    """
    try:
        content = msgspec.json.decode(body)
    except UNREADABLE as error:
        return _in_plain_text(not_json(body, error))
    if not isinstance(content, dict):
        return "the request body is not a JSON object"
    given = {
        name: value for name, value in content.items() if value is not None and value != _EMPTY.get(name)
    }
    issues = list(_issues(given, provider))
    return "\n".join(issues) if issues else _request(given)


def _in_plain_text(problem: Problem) -> Problem | str:
    """A 400 as this API words it; other answers are problems here too."""
    if problem.status != HTTPStatus.BAD_REQUEST:
        return problem
    return " ".join([problem.detail, *(issue.detail for issue in problem.issues), problem.remedy])


def _request(given: Mapping[str, Any]) -> RequestedWrite:
    is_async = given.get("mode") == "asynchronous"
    policy = given.get("autoBatchPolicy")
    hours = (given.get("retryPolicy") or {}).get("deadlineHours") or 1
    auto_batch = None
    if policy is not None:
        retry_s = (policy.get("retryDeadlineHours") or 1) * 3600.0
        auto_batch = AutoBatch(policy["maxDelayMinutes"] * 60.0, retry_s)
    items = given.get("batch", [given])
    return RequestedWrite(
        group=given["groupRef"],
        type=given["type"],
        records=tuple(_record(item, given["type"]) for item in items),
        is_batch="batch" in given,
        retry_s=(auto_batch.retry_s if auto_batch else hours * 3600.0) if is_async else None,
        all_or_none=bool((given.get("batchPolicy") or {}).get("allOrNone")),
        headers=tuple((each["key"], each["value"]) for each in given.get("headers", ())),
        auto_batch=auto_batch,
    )


def _record(item: Mapping[str, Any], type_: WriteType) -> RequestedRecord:
    fields = dict(item["record"])
    own_id = None if type_ == "create" else fields.pop("id")
    return RequestedRecord({} if type_ == "delete" else fields, own_id, tuple(item.get("associations") or ()))


def _issues(given: Mapping[str, Any], provider: str) -> Sequence[str]:
    """Everything that is wrong, in the order of the contract's table of members."""
    found: list[str] = []
    if not isinstance(given.get("groupRef"), str):
        hint = " (groupId is its name in the 2023 format)" if "groupId" in given else ""
        found.append(f"groupRef: must be a non-empty string{hint}")
    found += _choice("type", given, _TYPES, is_required=True)
    found += _choice("mode", given, _MODES)
    found += _records(given)
    for name, check in _MEMBERS.items():
        if name in given:
            found += check(given[name], given, provider)
    return found


def _choice(
    name: str, given: Mapping[str, Any], choices: Sequence[str], *, is_required: bool = False
) -> list[str]:
    value = given.get(name)
    if value in choices or (value is None and not is_required):
        return []
    is_what = "is missing" if value is None else f"is {_shown(value)}"
    return [f"{name}: {is_what}, and must be one of {', '.join(choices)}"]


def _records(given: Mapping[str, Any]) -> list[str]:
    if ("record" in given) == ("batch" in given):
        both = "both are there" if "record" in given else "required field not found"
        return [f"record: {both}; give either record or batch"]
    if "record" in given:
        return _one_record(given["record"], given.get("type"), "record")
    if given.get("type") == "delete":
        return ["batch: records are deleted one at a time; give one record"]
    batch = given["batch"]
    if not isinstance(batch, list):
        return [f"batch: must be a list of 1 to {MAX_BATCH} items"]
    if not 1 <= len(batch) <= MAX_BATCH:
        return [f"batch: has {len(batch)} items, and must have 1 to {MAX_BATCH}"]
    found: list[str] = []
    for index, item in enumerate(batch):
        place = f"batch[{index}]"
        if not isinstance(item, dict) or item.get("record") is None:
            found.append(f"{place}: must be an object with a record")
            continue
        found += _one_record(item["record"], given.get("type"), f"{place}.record")
    return found


def _one_record(record: Any, type_: Any, place: str) -> list[str]:
    if not isinstance(record, dict):
        return [f"{place}: must be an object of field names and values"]
    if type_ in ("update", "delete"):
        own_id = record.get("id")
        if not isinstance(own_id, str) or not own_id:
            return [f"{place}.id: must be a non-empty string, the provider's id of the record"]
    elif not record:
        return [f"{place}: has no fields"]
    return []


def _associations(
    value: Any, given: Mapping[str, Any], provider: str, place: str = "associations"
) -> list[str]:
    if provider != Provider.HUBSPOT:
        return [f"{place}: are HubSpot's; {provider} takes none"]
    if given.get("type") == "delete":
        return [f"{place}: a delete takes none"]
    shape = "must be a list of {to: {id}, types: [{associationCategory, associationTypeId}]}"
    items = value if isinstance(value, list) else [None]
    for item in items:
        target = item.get("to") if isinstance(item, dict) else None
        own_id = target.get("id") if isinstance(target, dict) else None
        kinds = item.get("types", []) if isinstance(item, dict) else []
        if not isinstance(own_id, str | int) or isinstance(own_id, bool) or not _is_list_of_objects(kinds):
            return [f"{place}: {shape}"]
    return []


def _is_list_of_objects(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(each, dict) for each in value)


def _top_associations(value: Any, given: Mapping[str, Any], provider: str) -> list[str]:
    if "batch" in given:
        return ["associations: belong to each item of a batch, not to the request"]
    return _associations(value, given, provider)


def _batch(value: Any, given: Mapping[str, Any], provider: str) -> list[str]:
    found: list[str] = []
    for index, item in enumerate(value if isinstance(value, list) else ()):
        if isinstance(item, dict) and item.get("associations") not in (None, []):
            found += _associations(item["associations"], given, provider, f"batch[{index}].associations")
    return found


def _headers(value: Any, _given: Mapping[str, Any], provider: str) -> list[str]:
    if provider != Provider.SALESFORCE:
        return [f"headers: are Salesforce's; {provider} takes none"]
    found: list[str] = []
    for index, item in enumerate(value if isinstance(value, list) else [None]):
        key = item.get("key") if isinstance(item, dict) else None
        text = item.get("value") if isinstance(item, dict) else None
        if not isinstance(key, str) or not isinstance(text, str):
            found.append(f"headers[{index}]: must be {{key, value}}, both strings")
        elif not _TOKEN.fullmatch(key):
            found.append(f"headers[{index}].key: {_shown(key)} is not the name of a header")
        elif key.lower() in _OWN_HEADERS:
            found.append(f"headers[{index}].key: {key} is set by the connection")
        elif text.endswith("\n") or not re.match(HEADER_VALUE, text):
            found.append(f"headers[{index}].value: is not the value of a header")
    return found


def _batch_policy(value: Any, given: Mapping[str, Any], _provider: str) -> list[str]:
    if "batch" not in given:
        return ["batchPolicy: goes with a batch"]
    if not isinstance(value, dict) or not isinstance(value.get("allOrNone") or False, bool):
        return ["batchPolicy.allOrNone: must be true or false"]
    return []


def _retry_policy(value: Any, given: Mapping[str, Any], _provider: str) -> list[str]:
    if "autoBatchPolicy" in given:  # it has a deadline of its own
        return []
    if not isinstance(value, dict):
        return ["retryPolicy: must be an object"]
    return _hours("retryPolicy.deadlineHours", value.get("deadlineHours"))


def _auto_batch_policy(value: Any, given: Mapping[str, Any], _provider: str) -> list[str]:
    if not isinstance(value, dict):
        return ["autoBatchPolicy: must be an object"]
    found: list[str] = []
    if "batch" in given:
        found.append("autoBatchPolicy: goes with a single record, not with a batch")
    if given.get("type") == "delete":
        found.append("autoBatchPolicy: deletes are not batched")
    if given.get("mode") != "asynchronous":
        found.append("autoBatchPolicy: goes with mode asynchronous")
    found += _whole_number("autoBatchPolicy.maxDelayMinutes", value.get("maxDelayMinutes"), _DELAY_MINUTES)
    return found + _hours("autoBatchPolicy.retryDeadlineHours", value.get("retryDeadlineHours"))


def _delete_mode(_value: Any, given: Mapping[str, Any], _provider: str) -> list[str]:
    is_wrong = given.get("type") == "delete" and given.get("mode") == "asynchronous"
    return ["mode: a delete is synchronous"] if is_wrong else []


_MEMBERS: Final[Mapping[str, Callable[[Any, Mapping[str, Any], str], list[str]]]] = {
    "mode": _delete_mode,
    "batch": _batch,
    "batchPolicy": _batch_policy,
    "associations": _top_associations,
    "headers": _headers,
    "retryPolicy": _retry_policy,
    "autoBatchPolicy": _auto_batch_policy,
}


def _hours(place: str, value: Any) -> list[str]:
    return [] if value is None else _whole_number(place, value, _DEADLINE_HOURS)


def _whole_number(place: str, value: Any, bounds: tuple[int, int]) -> list[str]:
    low, high = bounds
    if type(value) in (int, float) and value == int(value) and low <= value <= high:
        return []
    return [f"{place}: is {_shown(value)}, and must be a whole number from {low} to {high}"]


def _shown(value: Any) -> str:
    return "missing" if value is None else msgspec.json.encode(value).decode()[:100]
