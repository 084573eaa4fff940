"""Reading JSON bodies of writes, and saying in the words of Salesforce's parser what is wrong with them."""

from __future__ import annotations

import json
import re
from typing import Any

from mock_crm.core.http import BodyError, Request
from mock_crm.salesforce import errors
from mock_crm.salesforce.errors import SalesforceError
from mock_crm.salesforce.json_syntax import complaint
from mock_crm.salesforce.values import WrongTypeError

_AT_PATH = re.compile(r" - at `(.+)`$")
_MISSING = re.compile(r"missing required field `(\w+)`")
_STEP = re.compile(r"\.(\w+)|\[(\d+|\.\.\.)\]")
_decode = json.JSONDecoder().raw_decode


def read_object(request: Request, what: str = "SObject") -> dict[str, Any]:
    """The body, which has to be one JSON object.

    Raises:
        SalesforceError: It is something else.
        BodyError: It is not JSON.
    """
    body = request.json()
    if isinstance(body, dict):
        return body
    token = "START_ARRAY" if isinstance(body, list) else "VALUE_STRING"
    raise errors.json_parser(f"Can not deserialize {what} out of {token} token at [line:1, column:1]")


def unreadable(request: Request, error: BodyError) -> SalesforceError:
    """JSON_PARSER_ERROR for a body that is not JSON; an empty one lacks what the call needs."""
    text = str(error)
    if not request.body.strip():
        return errors.json_parser("The HTTP entity body is required, but this request has no entity body.")
    if (fault := _wrong_byte(request.body)) is not None:
        return errors.json_parser(fault)
    if "truncated" in text or "byte" in text:
        return errors.json_parser(complaint(request.body.decode("utf-8", "replace").lstrip("\ufeff")))
    missing = _MISSING.search(text)
    if missing is not None:
        return errors.missing_member(missing.group(1))
    if text.startswith(("Expected", "Object", "Invalid")):
        is_job = "jobs" in request.segments
        message = f"Value does not match expected type{_where(request, text, is_at_key=is_job)}"
        # simple-salesforce issue 722 quotes the answer of a bulk job; the words are taken for the other ones
        return SalesforceError("API_ERROR", message) if is_job else errors.json_parser(message)
    return errors.json_parser(f"{text} at [line:1, column:1]")


def _wrong_byte(body: bytes) -> str | None:
    """The complaint about a body that is not UTF-8; None for one that is."""
    try:
        body.decode()
    except UnicodeDecodeError as error:
        is_start = error.reason == "invalid start byte" or error.end >= len(body)
        at = error.start if is_start else error.end
        line = body.count(b"\n", 0, at) + 1
        column = at - body.rfind(b"\n", 0, at) + 1
        kind = "start" if is_start else "middle"
        return f"Invalid UTF-8 {kind} byte 0x{body[at]:02x} at [line:{line}, column:{column}]"
    return None


def _where(request: Request, text: str, *, is_at_key: bool) -> str:
    """Where in the body the value stands that a path such as `$.ids[0]` leads to."""
    path = _AT_PATH.search(text)
    body = request.body.decode("utf-8", "replace")
    at = 0
    for name, index in _STEP.findall(path.group(1)) if path else ():
        if name:
            key = re.compile(f'"{re.escape(name)}"\\s*:\\s*').search(body, at)
            at = (key.start() if is_at_key else key.end()) if key else at
        elif index == "0":
            at = max(at, body.find("[", at) + 1)
    before = body[:at]
    line = before.count("\n") + 1
    return f" at [line:{line}, column:{at - (before.rfind(chr(10)) + 1) + 1}]"


def wrong_type(request: Request, error: WrongTypeError) -> SalesforceError:
    """JSON_PARSER_ERROR that says where in the body the value of the wrong kind stands."""
    return error.as_json_error(_position(request.body.decode("utf-8", "replace"), error))


def _position(text: str, error: WrongTypeError) -> str:
    """Line and column (from 1) of the value; of the body's start, when the value cannot be found."""
    names = "|".join(re.escape(name) for name in (error.field.name, error.field.relationship) if name)
    key = re.compile(f'"(?:{names})"\\s*:\\s*', re.IGNORECASE)
    for found in key.finditer(text):
        try:
            value, _ = _decode(text, found.end())
        except ValueError:
            continue
        if value == error.value:
            return _place_behind(text[: found.end()])
    return "[line:1, column:1]"


def place_of(request: Request, name: str) -> str:
    """Where the value of the first member of this name, in any case, stands in a body; in brackets."""
    text = request.body.decode("utf-8", "replace")
    found = re.search(f'"{re.escape(name)}"\\s*:\\s*', text, re.IGNORECASE)
    return _place_behind(text[: found.end()] if found else "")


def _place_behind(before: str) -> str:
    column = len(before) - (before.rfind("\n") + 1) + 1
    return f"[line:{before.count(chr(10)) + 1}, column:{column}]"
