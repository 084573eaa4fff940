"""Properties, groups, custom objects and owners."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any, Final

import httpx
import pytest

from mock_crm.core.clock import ManualClock
from mock_crm.hubspot.org import HubSpotOrg

Call = Callable[..., Awaitable[httpx.Response]]
New = Callable[..., Awaitable[str]]

pytestmark = pytest.mark.anyio

NUMBER: Final = {
    "name": "n",
    "label": "N",
    "type": "number",
    "fieldType": "number",
    "groupName": "dealinformation",
}
"""A property of deals."""

PROPERTIES = "/crm/v3/properties/contacts"
SCHEMAS = "/crm-object-schemas/v3/schemas"

CAMPAIGN = {
    "name": "Campaign",
    "labels": {"singular": "Campaign", "plural": "Campaigns"},
    "primaryDisplayProperty": "title",
    "requiredProperties": ["title"],
    "searchableProperties": ["title"],
    "properties": [
        {"name": "title", "label": "Title", "type": "string", "fieldType": "text"},
        {"name": "key", "label": "Key", "type": "string", "fieldType": "text", "hasUniqueValue": True},
    ],
    "associatedObjects": ["CONTACT"],
}


def prop(name: str, **more: Any) -> dict[str, Any]:
    base = {"name": name, "label": name, "type": "string", "fieldType": "text"}
    return base | {"groupName": "contactinformation"} | more


async def test_a_property_is_created_changed_archived_and_restored(call: Call, clock: ManualClock) -> None:
    created = await call("POST", PROPERTIES, prop("score", type="number", fieldType="number"))
    assert created.status_code == 201
    assert created.headers["location"] == f"http://mock{PROPERTIES}/score"
    clock.advance(60)
    changed = await call("PATCH", f"{PROPERTIES}/score", {"label": "Score", "hasUniqueValue": True})
    assert changed.json()["label"] == "Score"
    assert changed.json()["hasUniqueValue"] is False
    assert (await call("DELETE", f"{PROPERTIES}/score")).status_code == 204
    assert (await call("GET", f"{PROPERTIES}/score")).status_code == 404
    archived = (await call("GET", f"{PROPERTIES}?archived=true")).json()["results"]
    assert [(one["name"], one["archived"]) for one in archived] == [("score", True)]
    restored = await call("POST", PROPERTIES, prop("score", type="number", fieldType="number"))
    assert restored.json()["createdAt"] == created.json()["createdAt"]


async def test_a_property_shows_the_members_that_were_recorded(call: Call) -> None:
    # Recorded in metadata-contacts-properties-sampled.json
    built_in = (await call("GET", f"{PROPERTIES}/mobilephone")).json()
    assert list(built_in) == [
        "updatedAt", "createdAt", "name", "label", "type", "fieldType", "description", "groupName", "options",
        "displayOrder", "calculated", "externalOptions", "hasUniqueValue", "hidden", "hubspotDefined",
        "modificationMetadata", "formField", "dataSensitivity",
    ]  # fmt: skip
    options = (await call("GET", f"{PROPERTIES}/hs_lead_status")).json()["options"]
    assert "NEW" in [option["value"] for option in options]


async def test_new_options_replace_the_old_ones(call: Call) -> None:
    choice = prop("size", type="enumeration", fieldType="select", options=[{"label": "S", "value": "s"}])
    await call("POST", PROPERTIES, choice)
    changed = await call("PATCH", f"{PROPERTIES}/size", {"options": [{"label": "L", "value": "l"}]})
    assert [option["value"] for option in changed.json()["options"]] == ["l"]
    answer = await call("POST", "/crm/v3/objects/contacts", {"properties": {"size": "s"}})
    assert answer.json()["errors"][0]["code"] == "INVALID_OPTION"


async def test_several_options_are_kept_and_added_to(call: Call, org: HubSpotOrg) -> None:
    options = [{"label": value.upper(), "value": value} for value in "abc"]
    await call("POST", PROPERTIES, prop("tags", type="enumeration", fieldType="checkbox", options=options))
    contact = org.create("contacts", {"tags": "a;b"})["id"]
    assert org.update("contacts", contact, {"tags": ";c;a"})["tags"] == "a;b;c"


@pytest.mark.parametrize(
    "definition",
    [
        prop("Upper"),
        prop("1st"),
        prop("a-b"),
        prop("ok", type="text"),
        prop("ok", fieldType="colour"),
        prop("ok", groupName="nowhere"),
        prop("ok", label=" "),
        prop("ok", type="enumeration", fieldType="select", options=[{"label": "A", "value": "a"}] * 2),
    ],
)
async def test_a_definition_that_is_not_valid_is_refused(call: Call, definition: dict[str, Any]) -> None:
    answer = await call("POST", PROPERTIES, definition)
    assert (answer.status_code, answer.json()["category"]) == (400, "VALIDATION_ERROR")


async def test_built_in_properties_stay_as_they_are(call: Call) -> None:
    assert (await call("DELETE", f"{PROPERTIES}/email")).status_code == 400
    assert (await call("PATCH", f"{PROPERTIES}/email", {"type": "number"})).status_code == 400


async def test_ten_properties_of_a_type_may_be_unique(call: Call) -> None:
    for number in range(10):
        answer = await call("POST", PROPERTIES, prop(f"key_{number}", hasUniqueValue=True))
        assert answer.status_code == 201
    assert (await call("POST", PROPERTIES, prop("key_10", hasUniqueValue=True))).status_code == 400


async def test_groups_come_and_go(call: Call) -> None:
    made = await call("POST", f"{PROPERTIES}/groups", {"name": "mine", "label": "Mine"})
    assert made.json() == {"name": "mine", "label": "Mine", "displayOrder": -1, "archived": False}
    assert made.status_code == 201
    await call("PATCH", f"{PROPERTIES}/groups/mine", {"label": "Ours"})
    groups = (await call("GET", f"{PROPERTIES}/groups")).json()["results"]
    assert "Ours" in [group["label"] for group in groups]
    assert (await call("POST", f"{PROPERTIES}/groups", {"name": "mine", "label": "x"})).status_code == 409
    assert (await call("DELETE", f"{PROPERTIES}/groups/mine")).status_code == 204
    assert (await call("GET", f"{PROPERTIES}/groups/mine")).status_code == 404


# -- custom objects ------------------------------------------------------------------------------------------


async def test_a_custom_object_answers_to_all_its_names(call: Call, org: HubSpotOrg) -> None:
    created = await call("POST", SCHEMAS, CAMPAIGN)
    body = created.json()
    assert created.status_code == 201
    assert body["objectTypeId"] == f"2-{body['id']}"
    assert body["fullyQualifiedName"] == f"p{org.portal_id}_Campaign"
    assert body["metaType"] == "PORTAL_SPECIFIC"
    names = [body["objectTypeId"], body["fullyQualifiedName"], "p_Campaign", "p_campaign"]
    for number, name in enumerate(names):
        answer = await call("POST", f"/crm/v3/objects/{name}", {"properties": {"title": f"T{number}"}})
        assert answer.status_code == 201
    assert org.count("campaign") == len(names)


@pytest.mark.parametrize("name", ["Campaign", "campaign", "CAMPAIGN"])
async def test_a_custom_object_does_not_answer_to_its_bare_name(call: Call, name: str) -> None:
    """HubSpot took that back on 24 June 2025 (developer changelog; PipedreamHQ/pipedream#16576)."""
    await call("POST", SCHEMAS, CAMPAIGN)
    for method, path, body in (
        ("GET", f"/crm/v3/objects/{name}", None),
        ("POST", f"/crm/v3/objects/{name}/search", {}),
        ("GET", f"/crm/v3/properties/{name}", None),
        ("GET", f"/crm/v3/pipelines/{name}", None),
        ("GET", f"{SCHEMAS}/{name}", None),
        ("GET", f"/crm/v4/associations/{name}/contacts/labels", None),
        ("POST", f"/crm/v3/associations/contacts/{name}/batch/read", {"inputs": []}),
    ):
        answer = await call(method, path, body)
        assert answer.status_code == 400
        assert answer.json()["message"] == f"Unable to infer object type from: {name}"


async def test_a_custom_object_enforces_what_it_requires(call: Call) -> None:
    await call("POST", SCHEMAS, CAMPAIGN)
    answer = await call("POST", "/crm/v3/objects/p_campaign", {"properties": {"key": "k"}})
    assert answer.json()["context"] == {"properties": ["title"]}
    again = await call("POST", "/crm/v3/schemas", CAMPAIGN)
    assert again.status_code == 409


async def test_a_custom_object_can_be_associated_with_what_it_named(call: Call, new: New) -> None:
    await call("POST", SCHEMAS, CAMPAIGN)
    campaign, contact = await new("p_campaign", title="T"), await new("contacts", email="a@example.com")
    path = f"/crm/v4/objects/p_campaign/{campaign}/associations/default"
    assert (await call("PUT", f"{path}/contacts/{contact}")).status_code == 200
    deal = await new("deals", dealname="D")
    assert (await call("PUT", f"{path}/deals/{deal}")).status_code == 400
    wanted = {"fromObjectTypeId": "p_campaign", "toObjectTypeId": "deals", "name": "campaign_to_deal"}
    assert (await call("POST", f"{SCHEMAS}/p_campaign/associations", wanted)).status_code == 201
    assert (await call("PUT", f"{path}/deals/{deal}")).status_code == 200


async def test_changing_a_schema_answers_without_its_properties(call: Call) -> None:
    await call("POST", SCHEMAS, CAMPAIGN)
    body = (await call("PATCH", f"{SCHEMAS}/p_campaign", {"labels": {"singular": "Drive"}})).json()
    assert body["labels"] == {"singular": "Drive", "plural": "Campaigns"}
    assert not {"properties", "associations"} & body.keys()


async def test_a_schema_is_deleted_when_it_has_no_records(call: Call, new: New) -> None:
    await call("POST", SCHEMAS, CAMPAIGN)
    campaign = await new("p_campaign", title="T")
    assert (await call("DELETE", f"{SCHEMAS}/p_campaign")).status_code == 400
    await call("DELETE", f"/crm/v3/objects/p_campaign/{campaign}")
    assert (await call("DELETE", f"{SCHEMAS}/p_campaign")).status_code == 204
    assert (await call("GET", "/crm/v3/objects/p_campaign")).status_code == 400
    assert [one["name"] for one in (await call("GET", f"{SCHEMAS}?archived=true")).json()["results"]] == [
        "Campaign"
    ]
    assert (await call("DELETE", f"{SCHEMAS}/p_campaign?archived=true")).status_code == 204
    assert (await call("POST", SCHEMAS, CAMPAIGN)).status_code == 201


@pytest.mark.parametrize(
    "change",
    [
        {"name": "1st"},
        {"primaryDisplayProperty": "nope"},
        {"requiredProperties": ["nope"]},
        {"properties": []},
        {"associatedObjects": ["nope"]},
    ],
)
async def test_a_schema_that_is_not_valid_leaves_nothing_behind(
    call: Call, org: HubSpotOrg, change: dict[str, Any]
) -> None:
    before = org.objects()
    answer = await call("POST", SCHEMAS, CAMPAIGN | change)
    assert answer.status_code == 400
    assert org.objects() == before
    assert (await call("POST", SCHEMAS, CAMPAIGN)).status_code == 201


async def test_standard_objects_have_a_schema(call: Call) -> None:
    body = (await call("GET", f"{SCHEMAS}/contacts")).json()
    assert (body["name"], body["objectTypeId"], body["metaType"]) == ("CONTACT", "0-1", "HUBSPOT")


# -- pipelines and owners ------------------------------------------------------------------------------------


async def test_the_lifecycle_pipeline_is_the_recorded_one(call: Call) -> None:
    # Recorded in metadata-contacts-external-pipelines.json
    (pipeline,) = (await call("GET", "/crm/v3/pipelines/contacts")).json()["results"]
    assert pipeline["id"] == "contacts-lifecycle-pipeline"
    assert pipeline["stages"][-1]["metadata"] == {"isClosed": "true", "state": "CLOSED"}
    assert pipeline["createdAt"] == "1970-01-01T00:00:00Z"


async def test_owners_are_found_by_email_id_and_user(call: Call) -> None:
    owners = (await call("GET", "/crm/v3/owners/?limit=500")).json()["results"]
    first = owners[0]
    for path in (f"{first['id']}", f"{first['userId']}?idProperty=userId"):
        assert (await call("GET", f"/crm/v3/owners/{path}")).json()["email"] == first["email"]
    found = await call("GET", f"/crm/v3/owners?email={first['email'].upper()}")
    assert [owner["id"] for owner in found.json()["results"]] == [first["id"]]
    page = (await call("GET", "/crm/v3/owners?limit=1")).json()
    rest = (await call("GET", page["paging"]["next"]["link"])).json()
    assert rest["results"][0]["id"] == owners[1]["id"]


@pytest.mark.parametrize("name", ["contacts", "p_campaign"])
async def test_no_association_of_a_schema_says_when_it_was_defined(call: Call, name: str) -> None:
    """Source: grouparoo/grouparoo, all 1,310 associations of 37 answers in 2021 and 2022, custom ones too."""
    await call("POST", SCHEMAS, CAMPAIGN)
    links = (await call("GET", f"/crm/v3/schemas/{name}")).json()["associations"]
    assert links
    assert {(link["createdAt"], link["updatedAt"]) for link in links} == {(None, None)}


# -- what live runs of October 2026 saw (kalup; evidence/hubspot.md) -----------------------------------------


async def test_a_custom_object_needs_a_name_labels_and_what_it_is_shown_by(call: Call) -> None:
    pet = {"name": "pet", "labels": {"singular": "Pet", "plural": "Pets"}}
    refused = await call("POST", SCHEMAS, pet)
    assert refused.json()["subCategory"] == "ObjectSchemaError.PRIMARY_DISPLAY_PROPERTY_REQUIRED"
    made = await call("POST", SCHEMAS, pet | {"primaryDisplayProperty": "hs_object_id"})
    assert made.status_code == 201
    assert made.json()["searchableProperties"] == ["hs_object_id"]
    assert made.json()["allowsSensitiveProperties"] is True
    other = pet | {"name": "PET", "primaryDisplayProperty": "hs_object_id"}
    again = await call("POST", SCHEMAS, other)
    assert again.status_code == 409
    assert again.json()["subCategory"] == "InboundDbObjectTypeError.OBJECT_TYPE_ALREADY_EXIST"


@pytest.mark.parametrize("name", ["1pet", "my pet", "p" * 51])
async def test_a_custom_object_needs_a_name_of_a_certain_form(call: Call, name: str) -> None:
    body = {"name": name, "labels": {"singular": "Pet"}, "primaryDisplayProperty": "hs_object_id"}
    answer = await call("POST", SCHEMAS, body)
    assert (answer.status_code, answer.json()["subCategory"]) == (
        400,
        "InboundDbObjectTypeError.OBJECT_TYPE_NAME_FORMAT",
    )


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"primaryDisplayProperty": "x"}, "InvalidType.INVALID_PRIMARY_DISPLAY_PROPERTY"),
        ({"secondaryDisplayProperties": ["x"]}, "InvalidType.INVALID_SECONDARY_DISPLAY_PROPERTY"),
        ({"requiredProperties": ["x"]}, "InvalidPropertiesError.INVALID_REQUIRED_PROPERTIES"),
        ({"searchableProperties": ["x"]}, "InvalidType.INVALID_SEARCHABLE_PROPERTIES"),
        ({"allowsSensitiveProperties": False}, "Object.SENSITIVE_PROPERTIES_SUPPORT_CANNOT_BE_TURNED_OFF"),
    ],
)
async def test_a_change_of_a_custom_object_that_is_refused(
    call: Call, change: dict[str, Any], code: str
) -> None:
    body = {"name": "pet", "labels": {"singular": "Pet"}, "primaryDisplayProperty": "hs_object_id"}
    await call("POST", SCHEMAS, body)
    answer = await call("PATCH", f"{SCHEMAS}/p_pet", change)
    assert answer.status_code == 400
    assert answer.json()["subCategory"].endswith(code.partition(".")[2])


async def test_an_archived_custom_object_is_listed_until_its_name_is_taken_again(call: Call) -> None:
    body = {"name": "pet", "labels": {"singular": "Pet"}, "primaryDisplayProperty": "hs_object_id"}
    first = (await call("POST", SCHEMAS, body)).json()["objectTypeId"]
    assert (await call("DELETE", f"{SCHEMAS}/{first}?archived=true")).status_code == 400
    assert (await call("DELETE", f"{SCHEMAS}/{first}")).status_code == 204
    second = (await call("POST", SCHEMAS, body | {"name": "toy"})).json()["objectTypeId"]

    async def listed(query: str) -> dict[str, bool]:
        results = (await call("GET", f"{SCHEMAS}{query}")).json()["results"]
        return {each["objectTypeId"]: each["archived"] for each in results}

    assert await listed("") == {second: False}
    assert await listed("?archived=true") == {first: True, second: False}
    third = (await call("POST", SCHEMAS, body)).json()["objectTypeId"]
    assert await listed("?archived=true") == {second: False, third: False}


async def test_properties_are_read_by_their_sensitivity(call: Call) -> None:
    path = "/crm/v3/properties/contacts"
    prop = {
        "name": "ssn",
        "label": "S",
        "type": "string",
        "fieldType": "text",
        "groupName": "contactinformation",
    }
    assert (await call("POST", path, prop | {"dataSensitivity": "sensitive"})).status_code == 201
    listed = (await call("GET", f"{path}?dataSensitivity=sensitive")).json()["results"]
    assert [each["name"] for each in listed] == ["ssn"]
    assert (await call("GET", f"{path}/ssn?dataSensitivity=sensitive")).status_code == 200
    assert (await call("GET", f"{path}/ssn")).status_code == 404
    assert (await call("GET", f"{path}/email?dataSensitivity=sensitive")).status_code == 404


@pytest.mark.parametrize(
    ("more", "status"),
    [
        ({"numberDisplayHint": "unformatted", "showCurrencySymbol": True}, 201),
        ({"numberDisplayHint": ""}, 400),
        ({"numberDisplayHint": "loud"}, 400),
        ({"textDisplayHint": "loud"}, 400),
        ({"dataSensitivity": "loud"}, 400),
        ({"currencyPropertyName": "deal_currency_code"}, 400),
        ({"currencyPropertyName": "deal_currency_code", "showCurrencySymbol": True}, 201),
        ({"externalOptions": True}, 400),
    ],
)
async def test_how_a_number_is_shown(call: Call, more: dict[str, Any], status: int) -> None:
    answer = await call("POST", "/crm/v3/properties/deals", NUMBER | more)
    assert answer.status_code == status
    if status == 201:
        assert more.items() <= answer.json().items()


async def test_a_formula_makes_a_property_a_calculated_one(call: Call) -> None:
    made = await call("POST", "/crm/v3/properties/deals", NUMBER | {"calculationFormula": "amount * 2"})
    assert (made.json()["fieldType"], made.json()["calculated"]) == ("calculation_equation", True)
    refused = await call("POST", "/crm/v3/objects/deals", {"properties": {"n": "1"}})
    assert refused.json()["errors"][0]["code"] == "READ_ONLY_VALUE"
