"""Refusals of records, request bodies and searches, letter by letter: status, order of the keys, and body.

The rows of evidence/hubspot.md#errors that `test_refusals.py` does not have. Each test names its source:
live (recorded from HubSpot), documented, reported (tests of others claim it), or unverified.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import httpx
import pytest

from mock_crm.hubspot.org import HubSpotOrg

Call = Callable[..., Awaitable[httpx.Response]]
Check = Callable[..., None]

pytestmark = pytest.mark.anyio

CONTACTS = "/crm/v3/objects/contacts"
PROPERTIES = "/crm/v3/properties/contacts"
SCHEMAS = "/crm/v3/schemas"
V4 = "/crm/v4/associations/contacts"
JAVA_INPUT = "com.hubspot.inbounddb.publicobject.core.v2.SimplePublicObjectBatchInput$Json"


def new(*emails: str, traced: bool = False) -> dict[str, Any]:
    """The body of a batch of new contacts."""
    inputs: list[dict[str, Any]] = [{"properties": {"email": email}} for email in emails]
    traces = [{"objectWriteTraceId": str(number)} if traced else {} for number in range(len(inputs))]
    return {"inputs": [item | trace for item, trace in zip(inputs, traces, strict=True)]}


# -- records -------------------------------------------------------------------------------------------------


async def test_an_email_that_is_taken_in_a_batch(call: Call, exact: Check, exact_207: Check) -> None:
    # Recorded live in batch/create/contacts/err-conflict.json; with trace ids, err-partial-success.json
    existing = (await call("POST", CONTACTS, {"properties": {"email": "a@example.com"}})).json()["id"]
    answer = await call("POST", f"{CONTACTS}/batch/create", new("A@example.com"))
    exact(answer, 409, "Contact already exists", "CONFLICT")
    answer = await call("POST", f"{CONTACTS}/batch/create", new("A@example.com", traced=True))
    item = {
        "status": "error",
        "category": "CONFLICT",
        "message": f"Contact already exists. Existing ID: {existing}",
        "context": {"objectWriteTraceId": ["0"], "existingId": [existing]},
    }
    exact_207(answer, item)


async def test_every_bad_value_of_every_record_has_its_entry(
    call: Call, org: HubSpotOrg, exact: Check
) -> None:
    # Recorded live in batch/create/contacts/err-many-invalid-properties.json
    inputs = [{"properties": {"first000name": "x", "last000name": "y"}}] * 2
    answer = await call("POST", f"{CONTACTS}/batch/create", {"inputs": inputs})
    names = ["first000name", "last000name"] * 2
    entries = [
        f'{{"isValid":false,"message":"Property \\"{name}\\" does not exist",'
        f'"error":"PROPERTY_DOESNT_EXIST","name":"{name}",'
        f'"localizedErrorMessage":"Property \\"{name}\\" does not exist","portalId":{org.portal_id}}}'
        for name in names
    ]
    details = [
        {
            "message": f'Property "{name}" does not exist',
            "code": "PROPERTY_DOESNT_EXIST",
            "context": {"propertyName": [name]},
        }
        for name in names
    ]
    message = f"Property values were not valid: [{','.join(entries)}]"
    exact(answer, 400, message, "VALIDATION_ERROR", errors=details)


@pytest.mark.parametrize("code", ["MISSING_REQUIRED_PROPERTY", "MISSING_CONDITIONAL_REQUIRED_PROPERTY"])
async def test_a_rule_of_the_administrator(call: Call, org: HubSpotOrg, exact: Check, code: str) -> None:
    # documented codes, unverified body; the mock has no such rules, a fault stands for one
    org.faults.add({"kind": "record-error", "code": code, "message": "Set a phone number."})
    answer = await call("POST", CONTACTS, {"properties": {"email": "a@example.com"}})
    details = [{"message": "Set a phone number.", "code": code}]
    exact(answer, 400, "Set a phone number.", "VALIDATION_ERROR", errors=details)
    assert org.count("contacts") == 0


async def test_a_record_without_properties(call: Call, exact: Check) -> None:
    # live for a change, unverified for a new record
    contact = (await call("POST", CONTACTS, {"properties": {"email": "a@example.com"}})).json()["id"]
    for method, path in (("PATCH", f"{CONTACTS}/{contact}"), ("POST", CONTACTS)):
        message = "No properties found to update, please provide at least one."
        exact(await call(method, path, {"properties": {}}), 400, message, "VALIDATION_ERROR")


async def test_deleting_an_unknown_id(call: Call, exact: Check) -> None:
    # unverified for 204; reported for an id that is no number
    answer = await call("DELETE", f"{CONTACTS}/42")
    assert (answer.status_code, answer.content) == (204, b"")
    message = "Object not found.  objectId are usually numeric."
    for method, body in (("DELETE", None), ("PATCH", {"properties": {"city": "Rome"}})):
        answer = await call(method, f"{CONTACTS}/ann", body)
        exact(answer, 404, message, context={"id": ["ann"]}, category="OBJECT_NOT_FOUND")


@pytest.mark.parametrize("action", ["read", "update"])
async def test_unknown_ids_of_a_batch(call: Call, exact_207: Check, action: str) -> None:
    # Recorded live in batch/update/contacts/err-partial-success.json
    inputs = [{"id": number, "properties": {"city": "Rome"}} for number in ("42", "43")]
    item = {
        "status": "error",
        "category": "OBJECT_NOT_FOUND",
        "message": "Could not get some CONTACT objects, they may be deleted or not exist. "
        "Check that ids are valid.",
        "context": {"ids": ["42", "43"]},
    }
    exact_207(await call("POST", f"{CONTACTS}/batch/{action}", {"inputs": inputs}), item)


async def test_fifty_histories_are_enough(call: Call, exact: Check) -> None:
    # live
    def asked(count: int) -> dict[str, Any]:
        return {"inputs": [{"id": str(n)} for n in range(count)], "propertiesWithHistory": ["email"]}

    assert (await call("POST", f"{CONTACTS}/batch/read", asked(50))).status_code == 207
    message = (
        "The maximum number of inputs supported in a batch request for property histories is 50. "
        "Please reduce the number of items and try again"
    )
    exact(await call("POST", f"{CONTACTS}/batch/read", asked(51)), 400, message, "VALIDATION_ERROR")


@pytest.mark.parametrize(
    ("path", "most"),
    [(f"{CONTACTS}/batch/{action}", 100) for action in ("create", "read", "update", "upsert", "archive")]
    + [(f"{V4}/companies/batch/create", 2000), (f"{V4}/companies/batch/read", 1000)],
)
async def test_a_batch_that_is_too_long(call: Call, exact: Check, path: str, most: int) -> None:
    # documented; the text is unverified
    ends = {"from": {"id": "1"}, "to": {"id": "2"}, "types": []}
    inputs = [{"id": str(number), "properties": {"city": "Rome"}, **ends} for number in range(most + 1)]
    message = (
        f"The maximum number of inputs supported in a batch request is {most}. "
        "Please reduce the number of items and try again"
    )
    exact(await call("POST", path, {"inputs": inputs}), 400, message, "VALIDATION_ERROR")


# -- bodies --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "place", "problem"),
    [
        # live for an array where an object belongs, unverified for the others
        (
            '{"properties":[]}', "column 15",
            "Cannot deserialize value of type `java.util.LinkedHashMap<java.lang.String,java.lang.String>` "
            "from Array value (token `JsonToken.START_ARRAY`)",
        ),
        (
            "[]", "column 1",
            f"Cannot deserialize value of type `{JAVA_INPUT}` from Array value "
            "(token `JsonToken.START_ARRAY`)",
        ),
        (
            '"x"', "column 1",
            f"Cannot deserialize value of type `{JAVA_INPUT}` from String value "
            "(token `JsonToken.VALUE_STRING`)",
        ),
        (
            '{"properties":{"a":{}}}', "column 20",
            "Cannot deserialize value of type `java.lang.String` from Object value "
            "(token `JsonToken.START_OBJECT`)",
        ),
        ("{", "column 2", "Unexpected end-of-input"),
        ('{"properties": {"a": "b"}', "column 26", "Unexpected end-of-input"),
        ('{"properties":{"a":1},}', "column 23", "Unexpected character"),
    ],
)  # fmt: skip
async def test_a_body_that_cannot_be_read(
    http: httpx.AsyncClient, exact: Check, text: str, place: str, problem: str
) -> None:
    answer = await http.post(CONTACTS, content=text, headers={"content-type": "application/json"})
    exact(answer, 400, f"Invalid input JSON on line 1, {place}: {problem}")


async def test_the_line_of_a_bad_value_is_told(http: httpx.AsyncClient, exact: Check) -> None:
    # live wording; the place is unverified
    text = '{"properties":\n {"email": ["x"]}}'
    answer = await http.post(CONTACTS, content=text, headers={"content-type": "application/json"})
    problem = (
        "Cannot deserialize value of type `java.lang.String` from Array value (token `JsonToken.START_ARRAY`)"
    )
    exact(answer, 400, f"Invalid input JSON on line 2, column 12: {problem}")


@pytest.mark.parametrize(
    ("method", "path", "names"),
    [
        ("POST", f"{PROPERTIES}/groups", "name, label"),
        ("POST", PROPERTIES, "name, label, type, fieldType, groupName"),
        ("POST", SCHEMAS, "name, labels"),
    ],
)
async def test_members_that_a_body_lacks(
    call: Call, exact: Check, method: str, path: str, names: str
) -> None:
    # live for a property group
    message = f"Invalid input JSON on line 1, column 2. Some required fields were not set: [{names}]"
    exact(await call(method, path, {}), 400, message)


# -- search --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("cursor", ["x", "1.5", "-1"])
async def test_a_cursor_that_cannot_be_read(call: Call, exact: Check, cursor: str) -> None:
    # live for the start; what follows the type is unverified
    message = f'Cannot deserialize value of type `long` from String "{cursor}": not a valid value'
    exact(await call("POST", f"{CONTACTS}/search", {"after": cursor}), 400, message)
    exact(await call("GET", f"{CONTACTS}?after={cursor}"), 400, message)


HAS = {"propertyName": "city", "operator": "HAS_PROPERTY"}
BEYOND = "The search API returns at most 10000 results. Please narrow the search."
FILTERS = "Too many filters. The maximum is 6 per filterGroup and 18 in all."


@pytest.mark.parametrize(
    ("body", "message"),
    [
        # documented limits; the texts are unverified
        ({"after": "10000", "limit": 1}, BEYOND),
        ({"after": "9999", "limit": 2}, BEYOND),
        ({"filterGroups": [{"filters": []}] * 6}, "Too many filterGroups. The maximum is 5."),
        ({"filterGroups": [{"filters": [HAS] * 7}]}, FILTERS),
        ({"filterGroups": [{"filters": [HAS] * 5}] * 4}, FILTERS),
        ({"limit": 201}, "Invalid limit 201. It must be a number from 0 to 200."),
        ({"query": "x" * 3001}, "The query is longer than 3000 characters."),
    ],
)
async def test_a_search_beyond_the_limits(
    call: Call, exact: Check, body: dict[str, Any], message: str
) -> None:
    exact(await call("POST", f"{CONTACTS}/search", body), 400, message, "VALIDATION_ERROR")
