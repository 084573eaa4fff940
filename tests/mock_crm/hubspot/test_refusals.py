"""HubSpot's refusals: status, body and the order of its keys.

Sources: a JSON file named alone is one of amp-labs/connectors, `providers/hubspot/test`, recorded from
HubSpot; kalup is its conformance runs of 2026-09; docs is HubSpot's documentation; what is reported is
what others' tests claim.
"""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from typing import Any

import httpx
import pytest

from mock_crm.hubspot.org import HubSpotOrg

Call = Callable[..., Awaitable[httpx.Response]]
New = Callable[..., Awaitable[str]]

pytestmark = pytest.mark.anyio

CONTACTS = "/crm/v3/objects/contacts"
DEALS = "/crm/v3/objects/deals"
KEYS = ("status", "message", "correlationId", "context", "errors", "links", "subCategory", "category")


async def refused(call: Any, status: int, method: str, path: str, body: Any = None) -> dict[str, Any]:
    """The body of a refusal, without what differs from call to call."""
    answer = await call(method, path, body)
    assert answer.status_code == status, answer.text
    found = answer.json()
    assert list(found) == [key for key in KEYS if key in found]
    assert answer.headers["x-hubspot-correlation-id"] == found.pop("correlationId")
    assert found.pop("status") == "error"
    assert isinstance(found, dict)
    return found


def wrapped(code: str, name: str, message: str, value: Any, portal_id: int) -> dict[str, Any]:
    """The body for one value that is not valid, with its members of 2025 (evidence/hubspot.md#errors)."""
    entry = {
        "isValid": False, "message": message, "error": code, "name": name,
        "localizedErrorMessage": message, "propertyValue": str(value), "portalId": portal_id,
    }  # fmt: skip
    if code == "PROPERTY_DOESNT_EXIST":
        del entry["propertyValue"]
    return {
        "message": f"Property values were not valid: {json.dumps([entry], separators=(',', ':'))}",
        "errors": [{"message": message, "code": code, "context": {"propertyName": [name]}}],
        "category": "VALIDATION_ERROR",
    }


@pytest.mark.parametrize(
    ("kind", "name", "value", "code", "message"),
    [
        # Recorded in batch/create/contacts/err-many-invalid-properties.json
        ("contacts", "nope", "x", "PROPERTY_DOESNT_EXIST", 'Property "nope" does not exist'),
        # Recorded in evidence/hubspot.md#errors
        ("contacts", "email", "ann", "INVALID_EMAIL", "Email address ann is invalid"),
        (
            "deals", "dealtype", "x", "INVALID_OPTION",
            "x was not one of the allowed options: [newbusiness, existingbusiness]",
        ),
        ("deals", "closedate", "soon", "INVALID_LONG", "soon was not a valid long."),
        (
            "deals", "hs_line_item_global_term_start_date", "1700000000000", "INVALID_DATE",
            "1700000000000 is at 22:13:20.0 UTC, not midnight!",
        ),
        # Recorded for the wrapper, unverified for the code
        # Reported in Atlas-Authority/marketing-automation#206
        ("deals", "amount", "lots", "INVALID_INTEGER", "lots was not a valid number."),
        ("deals", "amount", "1.42e-14", "INVALID_INTEGER", "1.42e-14 was not a valid number."),
        ("deals", "amount", 1.42e-14, "INVALID_INTEGER", "1.42e-14 was not a valid number."),
        # Reported by an agent sandbox's tests
        (
            "contacts", "hs_object_id", "1", "READ_ONLY_VALUE",
            '"hs_object_id" is a calculated property; its value cannot be set.',
        ),
        (
            "contacts", "notes_last_updated", "1", "READ_ONLY_VALUE",
            '"notes_last_updated" is a read only property; its value cannot be set.',
        ),
        # Reported for deals with this text: a stage outside the pipeline
        (
            "tickets", "hs_pipeline_stage", "9", "INVALID_OPTION",
            "9 is not a valid pipeline stage ID. Valid options are: pipelineId=0 : [1, 2, 3, 4]",
        ),
        # Documented limit, unverified code
        (
            "contacts", "firstname", "x" * 65_537, "VALUE_TOO_LONG",
            "The value is longer than 65,536 characters.",
        ),
        ("deals", "pipeline", "x", "INVALID_OPTION", "x was not one of the allowed options: [default]"),
        # unverified code
        ("contacts", "hubspot_owner_id", "1", "INVALID_OWNER_ID", "Owner 1 does not exist"),
    ],
)  # fmt: skip
async def test_a_value_that_is_not_valid(
    call: Call, org: HubSpotOrg, kind: str, name: str, value: str, code: str, message: str
) -> None:
    found = await refused(call, 400, "POST", f"/crm/v3/objects/{kind}", {"properties": {name: value}})
    assert found == wrapped(code, name, message, value, org.portal_id)


async def test_an_email_that_another_contact_has(call: Call, new: New) -> None:
    # Recorded in evidence/hubspot.md#errors; case does not matter
    contact = await new("contacts", email="a@example.com")
    body = {"properties": {"email": "A@EXAMPLE.COM"}}
    expected = {"message": f"Contact already exists. Existing ID: {contact}", "category": "CONFLICT"}
    assert await refused(call, 409, "POST", CONTACTS, body) == expected
    other = await new("contacts", email="b@example.com")
    assert await refused(call, 409, "PATCH", f"{CONTACTS}/{other}", body) == expected


async def test_a_required_property_that_is_missing(call: Call) -> None:
    # Recorded in evidence/hubspot.md#errors
    found = await refused(call, 400, "POST", "/crm/v3/objects/calls", {"properties": {"hs_call_title": "x"}})
    assert found == {
        "message": "Error creating CALL. Some required properties were not set.",
        "context": {"properties": ["hs_timestamp"]},
        "category": "VALIDATION_ERROR",
    }


async def test_a_change_without_properties(call: Call, new: New) -> None:
    # Recorded in evidence/hubspot.md#errors
    contact = await new("contacts", email="a@example.com")
    found = await refused(call, 400, "PATCH", f"{CONTACTS}/{contact}", {"properties": {}})
    assert found == {
        "message": "No properties found to update, please provide at least one.",
        "category": "VALIDATION_ERROR",
    }


async def test_a_unique_value_that_is_taken(call: Call, org: HubSpotOrg, new: New) -> None:
    # Recorded in evidence/hubspot.md#errors
    prop = {
        "name": "crm_key", "label": "Key", "type": "string", "fieldType": "text",
        "groupName": "contactinformation", "hasUniqueValue": True,
    }  # fmt: skip
    assert (await call("POST", "/crm/v3/properties/contacts", prop)).status_code == 201
    first = await new("contacts", crm_key="K")
    second = await new("contacts", email="b@example.com")
    found = await refused(call, 400, "PATCH", f"{CONTACTS}/{second}", {"properties": {"crm_key": "K"}})
    assert found == {
        "message": f"Cannot set PropertyValueCoordinates{{portalId={org.portal_id}, "
        "objectTypeId=ObjectTypeId{legacyObjectType=CONTACT}, "
        f"propertyName=crm_key, value=K}} on {second}. {first} already has that value.",
        "category": "VALIDATION_ERROR",
    }


async def test_a_record_that_does_not_exist(call: Call) -> None:
    # Recorded in evidence/hubspot.md#errors; no category
    for method, body in (("GET", None), ("PATCH", {"properties": {"city": "Rome"}})):
        found = await refused(call, 404, method, f"{CONTACTS}/42", body)
        assert found == {"message": "resource not found"}


async def test_a_record_id_that_is_no_number(call: Call) -> None:
    # Reported by an agent sandbox's tests; two spaces
    found = await refused(call, 404, "GET", f"{CONTACTS}/ann")
    assert found == {
        "message": "Object not found.  objectId are usually numeric.",
        "context": {"id": ["ann"]},
        "category": "OBJECT_NOT_FOUND",
    }


async def test_the_same_record_twice_in_a_batch(call: Call, new: New) -> None:
    # Recorded in batch/update/contacts/err-duplicate-ids.json
    contact = await new("contacts", email="a@example.com")
    inputs = [{"id": contact, "properties": {"city": city}} for city in ("Rome", "Oslo")]
    found = await refused(call, 400, "POST", f"{CONTACTS}/batch/update", {"inputs": inputs})
    assert found == {
        "message": f"Duplicate IDs found in batch input: [{contact}]. IDs must be unique",
        "context": {"ids": [contact]},
        "category": "VALIDATION_ERROR",
    }


async def test_an_object_type_that_does_not_exist(call: Call) -> None:
    # Recorded in search/error-invalid-object.json; no category
    for method, path in (
        ("GET", "/crm/v3/objects/butterflies"),
        ("POST", "/crm/v3/objects/butterflies/search"),
        ("GET", "/crm/v3/properties/butterflies"),
    ):
        body: dict[str, Any] | None = {} if method == "POST" else None
        found = await refused(call, 400, method, path, body)
        assert found == {"message": "Unable to infer object type from: butterflies"}


async def test_all_missing_members_are_named(call: Call) -> None:
    # Recorded in evidence/hubspot.md#errors
    found = await refused(call, 400, "POST", "/crm/v3/properties/contacts/groups", {})
    assert found == {
        "message": "Invalid input JSON on line 1, column 2. Some required fields were not set: [name, label]"
    }


async def test_a_property_name_that_is_taken(call: Call) -> None:
    # Recorded in kalup; custom/update/3-response-batch-create-properties.json for batches
    prop = {
        "name": "email", "label": "E", "type": "string", "fieldType": "text",
        "groupName": "contactinformation",
    }  # fmt: skip
    found = await refused(call, 409, "POST", "/crm/v3/properties/contacts", prop)
    assert found == {
        "message": "A property named 'email' already exists.",
        "context": {"name": ["email"]},
        "subCategory": "Properties.PROPERTY_WITH_NAME_EXISTS",
        "category": "OBJECT_ALREADY_EXISTS",
    }
    answer = await call("POST", "/crm/v3/properties/contacts/batch/create", {"inputs": [prop]})
    assert answer.status_code == 207
    assert answer.json()["errors"] == [
        {
            "status": "error",
            "category": "OBJECT_ALREADY_EXISTS",
            "subCategory": "Properties.PROPERTY_WITH_NAME_EXISTS",
            "message": "A property named 'email' already exists.",
            "context": {"name": ["email"]},
        }
    ]


async def test_an_inline_association_with_a_missing_record(call: Call, org: HubSpotOrg) -> None:
    # Reported by another mock's tests; nothing is created
    link = {
        "to": {"id": "42"},
        "types": [{"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": 3}],
    }
    body = {"properties": {"dealname": "x"}, "associations": [link]}
    found = await refused(call, 400, "POST", DEALS, body)
    assert found == {
        "message": "One or more associations are invalid",
        "context": {"INVALID_OBJECT_IDS": ["CONTACT=42 is not valid"]},
        "category": "VALIDATION_ERROR",
    }
    assert org.count("deals") == 0


async def test_an_api_that_is_absent_says_so_in_hubspots_shape(call: Call) -> None:
    found = await refused(call, 501, "POST", "/marketing/v3/emails")
    assert found == {
        "message": "The marketing API is not simulated by this mock.",
        "category": "NOT_SIMULATED",
    }
    for path in ("/crm/v3/imports", "/crm/imports/2026-03/1", "/crm/v3/lists/folders", "/files/v3/files"):
        assert (await refused(call, 501, "GET", path))["category"] == "NOT_SIMULATED"


@pytest.mark.parametrize("name", ["firstname", "hs_object_id"])
@pytest.mark.parametrize("verb", ["update", "upsert"])
async def test_a_batch_of_changes_names_its_records_by_unique_properties_alone(
    call: Call, org: HubSpotOrg, verb: str, name: str
) -> None:
    # segmentio/action-destinations, pull request 3957
    inputs = [{"id": "Ann", "idProperty": name, "properties": {"city": "Oslo"}}]
    found = await refused(call, 400, "POST", f"{CONTACTS}/batch/{verb}", {"inputs": inputs})
    assert found == {
        "message": f"Unable to perform update/upsert by non-unique 0-1 property {name} "
        f"in portal ID {org.portal_id}",
        "category": "VALIDATION_ERROR",
    }


@pytest.mark.parametrize(
    ("method", "path", "body", "status", "message"),
    [
        # docs; the texts are unverified
        ("POST", "/crm/v3/objects/feedback_submissions", {"properties": {"hs_content": "x"}}, 405, "cannot"),
        ("GET", f"{CONTACTS}/Ann?idProperty=firstname", None, 400, "firstname is not a unique"),
        ("GET", f"{CONTACTS}/Ann?idProperty=nope", None, 404, "Property nope does not exist"),
        ("POST", f"{CONTACTS}/merge", {"primaryObjectId": "1", "objectIdToMerge": "1"}, 400, "with itself"),
        ("POST", f"{CONTACTS}/merge", {"primaryObjectId": "1", "objectIdToMerge": "2"}, 404, "not found"),
        ("GET", f"{CONTACTS}?limit=101", None, 400, "Invalid value for limit: 101"),
        ("DELETE", "/crm/v3/pipelines/deals/nope", None, 404, "No pipeline found with id nope"),
        ("GET", "/crm/v3/owners/1", None, 404, "resource not found"),
        ("DELETE", "/crm/v3/schemas/contacts", None, 400, "defined by HubSpot"),
        (
            "POST", "/crm/v3/properties/contacts/groups", {"name": "contactinformation", "label": "x"}, 409,
            "A property group named 'contactinformation' already exists.",
        ),
        (
            "PUT", "/crm/v4/objects/contacts/1/associations/companies/2",
            [{"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": 279}], 400,
            "One or more associations are invalid",
        ),
        (
            "POST", "/crm/v4/associations/contacts/companies/labels", {"name": "x", "label": "Primary"}, 400,
            "label Primary already exists",
        ),
        ("DELETE", "/crm/v4/associations/contacts/companies/labels/279", None, 400, "Unable to find"),
    ],
)  # fmt: skip
async def test_what_else_is_refused(
    call: Call, method: str, path: str, body: Any, status: int, message: str
) -> None:
    assert message in (await refused(call, status, method, path, body))["message"]
