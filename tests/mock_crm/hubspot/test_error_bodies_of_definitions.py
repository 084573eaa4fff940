"""Refusals of definitions and associations, letter by letter: status, order of the keys, and body.

Rows of evidence/hubspot.md#errors. Each names its source: live (recorded from HubSpot), documented, reported
(tests of others claim it), or unverified.
"""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable

import httpx
import pytest

from mock_crm.core.clock import ManualClock
from mock_crm.core.settings import OrgSettings
from mock_crm.orgs import open_org

Call = Callable[..., Awaitable[httpx.Response]]
Check = Callable[..., None]

pytestmark = pytest.mark.anyio

CONTACTS = "/crm/v3/objects/contacts"
PROPERTIES = "/crm/v3/properties/contacts"
SCHEMAS = "/crm/v3/schemas"
V4 = "/crm/v4/associations/contacts"
PET = {
    "name": "pet",
    "labels": {"singular": "Pet", "plural": "Pets"},
    "primaryDisplayProperty": "title",
    "requiredProperties": ["title"],
    "properties": [{"name": "title", "label": "T", "type": "string", "fieldType": "text"}],
}


async def test_a_property_name_that_is_taken(call: Call, exact_207: Check) -> None:
    # Recorded live in custom/update/3-response-batch-create-properties.json
    prop = {"name": "email", "label": "E", "type": "string", "fieldType": "text",
            "groupName": "contactinformation"}  # fmt: skip
    members = {
        "category": "OBJECT_ALREADY_EXISTS",
        "subCategory": "Properties.PROPERTY_WITH_NAME_EXISTS",
        "message": "A property named 'email' already exists.",
        "context": {"name": ["email"]},
    }
    exact_207(
        await call("POST", f"{PROPERTIES}/batch/create", {"inputs": [prop]}), {"status": "error"} | members
    )


async def test_a_property_that_does_not_exist(call: Call, exact: Check) -> None:
    # live for status and category; the text is unverified
    message = "Property nope does not exist for contacts."
    answer = await call("GET", f"{PROPERTIES}/nope")
    exact(answer, 404, message, context={"name": ["nope"]}, category="OBJECT_NOT_FOUND")


async def test_a_boolean_without_its_options(call: Call, exact: Check) -> None:
    # live
    prop = {"name": "is_vip", "label": "VIP", "type": "bool", "fieldType": "booleancheckbox",
            "groupName": "contactinformation"}  # fmt: skip
    message = (
        "Boolean properties must have exactly two options; one with a value of 'true', "
        "the other with a value of 'false'."
    )
    detail = {"message": message, "code": "INVALID_BOOLEAN_OPTION", "context": {"propertyName": ["is_vip"]}}
    answer = await call("POST", PROPERTIES, prop)
    exact(answer, 400, message, errors=[detail], category="VALIDATION_ERROR")


async def test_what_is_in_use_stays(call: Call, exact: Check) -> None:
    # live (September 2026), but for what counts as a place
    type_id = (await call("POST", SCHEMAS, PET)).json()["objectTypeId"]
    code = "PropertyValidationError.CANNOT_DELETE_PROPERTY_IN_USE"
    message = f"Property: title of object type {type_id} is currently used in 2 places and cannot be deleted"
    answer = await call("DELETE", "/crm/v3/properties/p_pet/title")
    usage = {"usageCount": ["2"]}
    exact(answer, 400, message, context=usage, subCategory=code, category="VALIDATION_ERROR")


async def test_a_property_that_a_formula_needs_stays(call: Call) -> None:
    common = {"type": "number", "groupName": "dealinformation"}
    base = common | {"name": "base", "label": "Base", "fieldType": "number"}
    twice = common | {"name": "twice", "label": "Twice", "fieldType": "calculation_equation"}
    await call("POST", "/crm/v3/properties/deals", base)
    await call("POST", "/crm/v3/properties/deals", twice | {"calculationFormula": "base + base"})
    refused = await call("DELETE", "/crm/v3/properties/deals/base")
    assert refused.json()["message"].endswith("0-3 is currently used in 1 places and cannot be deleted")
    user = {"parentType": ["CALCULATED_PROPERTY"], "parentName": ["0-3/twice"]}
    assert [each["context"] for each in refused.json()["errors"]] == [user]
    assert (await call("DELETE", "/crm/v3/properties/deals/twice")).status_code == 204
    assert (await call("DELETE", "/crm/v3/properties/deals/base")).status_code == 204


async def test_a_group_with_members_is_refused_by_a_body_within_the_message(call: Call, exact: Check) -> None:
    # live (September 2026)
    answer = await call("DELETE", f"{PROPERTIES}/groups/contactinformation")
    inner = {
        "status": "error",
        "message": "Can't delete or purge a group with active properties",
        "correlationId": answer.json()["correlationId"],
        "subCategory": "PropertyGroupError.GROUP_WITH_ACTIVE_PROPERTIES",
        "category": "VALIDATION_ERROR",
    }
    exact(answer, 400, json.dumps(inner, separators=(",", ":")))


async def test_a_custom_object_whose_name_is_taken_or_that_has_records(call: Call, exact: Check) -> None:
    # live (October 2026); the texts are those of a simulator that was checked against HubSpot
    type_id = (await call("POST", SCHEMAS, PET)).json()["objectTypeId"]
    exact(
        await call("POST", SCHEMAS, PET),
        409,
        "pet already exists",
        subCategory="InboundDbObjectTypeError.OBJECT_TYPE_ALREADY_EXIST",
        category="OBJECT_ALREADY_EXISTS",
    )
    await call("POST", "/crm/v3/objects/p_pet", {"properties": {"title": "Rex"}})
    message = f"Object type {type_id} cannot be deleted until all object records are deleted"
    code = "ObjectSchemaError.EXISTING_OBJECT_RECORDS"
    exact(await call("DELETE", f"{SCHEMAS}/p_pet"), 400, message, "VALIDATION_ERROR", subCategory=code)


async def test_nothing_associated_is_told_per_record(call: Call, exact_207: Check) -> None:
    # Recorded live in search/contacts/contacts-to-companies.json
    contact = (await call("POST", CONTACTS, {"properties": {"email": "a@example.com"}})).json()["id"]
    item = {
        "status": "error",
        "category": "OBJECT_NOT_FOUND",
        "subCategory": "crm.associations.NO_ASSOCIATIONS_FOUND",
        "message": f"No company is associated with contact {contact}.",
        "context": {"fromObjectId": [contact], "fromObjectType": ["contact"], "toObjectType": ["company"]},
    }
    exact_207(await call("POST", f"{V4}/companies/batch/read", {"inputs": [{"id": contact}]}), item)


async def test_associations_that_cannot_be_made(call: Call, exact: Check, exact_207: Check) -> None:
    # live for messages and subCategory in a batch; the single form is unverified
    contact = (await call("POST", CONTACTS, {"properties": {"email": "a@example.com"}})).json()["id"]
    types = [{"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": 449}]
    bad = {
        "category": "VALIDATION_ERROR",
        "subCategory": "crm.associations.INVALID_IDENTIFIER",
    }
    same = f"Object {contact} cannot be associated to itself ({contact})"
    inputs = [{"from": {"id": contact}, "to": {"id": o}, "types": types} for o in ("42", "x", contact)]
    exact_207(
        await call("POST", f"{V4}/contacts/batch/create", {"inputs": inputs}),
        {"status": "error", "category": "VALIDATION_ERROR", "message": "CONTACT=42 is not valid"},
        {"status": "error", **bad, "message": "x is not a valid ID", "context": {"id": ["x"]}},
        {"status": "error", "category": "VALIDATION_ERROR", "message": same},
    )
    single = f"/crm/v4/objects/contacts/{contact}/associations/contacts/{contact}"
    exact(await call("PUT", single, types), 400, same, "VALIDATION_ERROR")


@pytest.mark.parametrize(("edition", "limit"), [("free", 0), ("professional", 0), ("enterprise", 10)])
async def test_the_edition_decides_how_many_custom_objects_there_may_be(
    clock: ManualClock, call: Call, http: httpx.AsyncClient, exact: Check, edition: str, limit: int
) -> None:
    # documented; the text is unverified
    org = open_org("hubspot", seed=7, clock=clock, settings=OrgSettings(edition=edition))
    assert isinstance(http._transport, httpx.ASGITransport)
    http._transport.app = org.app
    http.headers["authorization"] = f"Bearer {org.token}"
    for number in range(limit):
        assert (await call("POST", SCHEMAS, PET | {"name": f"pet_{number}"})).status_code == 201
    message = f"Your account has reached its limit of {limit} custom object definitions."
    exact(
        await call("POST", SCHEMAS, PET),
        400,
        message,
        context={"limit": [str(limit)]},
        subCategory="ObjectTypeDefinition.LIMIT_REACHED",
        category="VALIDATION_ERROR",
    )
    org.close()
