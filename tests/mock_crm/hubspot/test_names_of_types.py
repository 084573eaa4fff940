"""The names under which object types are known, and what is said of those that are not simulated."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import httpx
import pytest

Call = Callable[..., Awaitable[httpx.Response]]
New = Callable[..., Awaitable[str]]

pytestmark = pytest.mark.anyio


@pytest.mark.parametrize(
    "name",
    ["meeting", "MEETING", "meeting_event", "MEETING_EVENT", "0-47", "CONTACT", "company", "Deals",
     "postal_mail", "communication", "LINE_ITEM", "goal_target", "commerce_subscription"],
)  # fmt: skip
async def test_a_type_answers_to_its_singular_plural_and_legacy_names(call: Call, name: str) -> None:
    """Source: meltano-tap-hubspot, stream `properties`, and the callers of legacy names."""
    assert (await call("GET", f"/crm/v3/properties/{name}")).status_code == 200
    assert (await call("GET", f"/crm/v3/objects/{name}")).status_code == 200


@pytest.mark.parametrize("name", ["contracts", "partner_clients", "partner_services", "deal_splits", "0-72"])
async def test_a_type_that_is_not_simulated_says_so(call: Call, name: str) -> None:
    """They are typed resources of HubSpot's own SDK (hubspot-sdk)."""
    for path in (f"/crm/v3/objects/{name}", f"/crm/v3/properties/{name}"):
        answer = await call("GET", path)
        assert (answer.status_code, answer.json()["category"]) == (501, "NOT_SIMULATED")


@pytest.mark.parametrize("name", ["engagements", "engagement", "ENGAGEMENTS", "0-4"])
async def test_engagements_are_all_activities_where_associations_are_read(
    call: Call, new: New, name: str
) -> None:
    """`…/associations/engagements` is read by at least ten public code bases."""
    contact = await new("contacts", email="eng@example.com")
    ids = set()
    for kind in ("calls", "notes", "tasks", "meetings"):
        activity = await new(kind, hs_timestamp="2026-01-01T00:00:00Z")
        await call("PUT", f"/crm/v4/objects/{kind}/{activity}/associations/default/contacts/{contact}")
        ids.add(activity)
    v3 = (await call("GET", f"/crm/v3/objects/contacts/{contact}/associations/{name}")).json()["results"]
    v4 = (await call("GET", f"/crm/v4/objects/contacts/{contact}/associations/{name}")).json()["results"]
    one = (await call("GET", f"/crm/v3/objects/contacts/{contact}?associations={name}")).json()
    assert {entry["id"] for entry in v3} == ids
    assert {str(entry["toObjectId"]) for entry in v4} == ids
    assert {entry["id"] for entry in one["associations"]["engagements"]["results"]} == ids


# -- APIs that HubSpot has and the mock has not --------------------------------------------------------------

ABSENT = [
    ("GET", "crm/v3/property-validations/0-1"),
    ("GET", "account-info/v3/activity/audit-logs"),
    ("GET", "account-info/v3/activity/login"),
    ("GET", "crm-associations/v1/associations/1/HUBSPOT_DEFINED/1"),
    ("GET", "owners/v2/owners"),
    ("GET", "crm-objects/v1/objects/tickets/paged"),
    ("GET", "companies/v2/companies/1/vids"),
    ("GET", "integrations/v1/limit/daily"),
    ("GET", "engagements/v1/engagements/associated/CONTACT/1/paged"),
    ("POST", "crm/v3/deals/splits/batch/read"),
    ("POST", "crm-object-schemas/v3/schemas/batch/read"),
    ("POST", "companies/v2/companies"),
    ("POST", "companies/v2/domains/x.org/companies"),
    ("PUT", "deals/v1/deal/1"),
    ("DELETE", "deals/v1/deal/1"),
    ("POST", "properties/v1/companies/properties"),
    ("DELETE", "properties/v1/contacts/groups/named/x"),
    ("PUT", "companies/v2/properties/named/x"),
    ("POST", "contacts/v1/contact"),
    ("GET", "crm/v3/lists/folders"),
]


@pytest.mark.parametrize(("method", "path"), ABSENT)
async def test_an_api_that_hubspot_has_is_never_taken_for_an_unknown_path(
    call: Call, method: str, path: str
) -> None:
    answer = await call(method, f"/{path}", {"inputs": []} if method in ("POST", "PUT") else None)
    assert (answer.status_code, answer.json()["category"]) == (501, "NOT_SIMULATED")


LIMITS = [
    "v3/limits/custom-object-types",
    "v3/limits/custom-properties",
    "v3/limits/pipelines",
    "v3/limits/calculated-properties",
    "v3/limits/associations/labels",
    "v3/limits/associations/records/from",
    "v3/limits/associations/records/0-1/to",
    "limits/2026-03/associations/records/0-1/0-2",
    "limits/2026-03/records",
]


@pytest.mark.parametrize("path", LIMITS)
async def test_every_method_of_the_limits_api_answers(call: Call, path: str) -> None:
    assert (await call("GET", f"/crm/{path}")).status_code == 200


async def test_custom_objects_share_a_limit_of_records(call: Call) -> None:
    """The form of HubSpot's specification, which Schemathesis missed here."""
    schema = {
        "name": "boat", "labels": {"singular": "Boat", "plural": "Boats"}, "requiredProperties": [],
        "properties": [{"name": "title", "label": "T", "type": "string", "fieldType": "text"}],
        "primaryDisplayProperty": "title", "associatedObjects": [],
    }  # fmt: skip
    made = (await call("POST", "/crm/v3/schemas", schema)).json()
    await call("POST", f"/crm/v3/objects/{made['objectTypeId']}", {"properties": {"title": "A"}})
    shared = (await call("GET", "/crm/v3/limits/records")).json()["customObjectTypes"]
    labels = {"singularLabel": "Boat", "pluralLabel": "Boats"}
    assert shared["byObjectType"] == [{"objectTypeId": made["objectTypeId"], "usage": 1} | labels]
    assert (shared["overallUsage"], shared["overallLimit"]) == (1, 15_000_000)


async def test_limits_of_associations_name_both_object_types(call: Call) -> None:
    await call("POST", "/crm/v4/associations/contacts/companies/labels", {"label": "Boss", "name": "boss"})
    [one] = (await call("GET", "/crm/v3/limits/associations/labels?fromObjectTypeId=0-1")).json()["results"]
    assert one["fromObjectType"] == {
        "objectTypeId": "0-1", "singularLabel": "Contact", "pluralLabel": "Contacts",
    }  # fmt: skip
    assert (one["toObjectType"]["objectTypeId"], one["allLabels"]) == ("0-2", ["Boss"])


async def test_no_record_is_near_the_limit_of_its_associations(call: Call) -> None:
    assert (await call("GET", "/crm/v3/limits/associations/records/0-1/0-2")).json() == {
        "totalRecordsAtLimit": 0, "totalRecordsNearLimit": 0, "limit": 50_000,
        "atLimitFromRecordSamples": [], "nearLimitFromRecordSamples": [],
    }  # fmt: skip


async def test_limits_say_what_is_used(call: Call) -> None:
    prop = {
        "name": "mine", "label": "M", "type": "string", "fieldType": "text",
        "groupName": "contactinformation",
    }  # fmt: skip
    await call("POST", "/crm/v3/properties/contacts", prop)
    body = (await call("GET", "/crm/v3/limits/custom-properties")).json()
    assert (body["overallUsage"], body["overallPercentage"]) == (1, 0.01)
    pipelines = (await call("GET", "/crm/limits/2026-03/pipelines")).json()["hubspotDefinedObjectTypes"]
    deals = next(each for each in pipelines if each["objectTypeId"] == "0-3")
    assert (deals["usage"], deals["limit"]) == (1, 100)


# -- ids that cannot stand in a header (found by schemathesis) -----------------------------------------------


async def test_no_id_breaks_the_answer_to_its_creation(call: Call) -> None:
    stage = {"label": "S2", "displayOrder": 0, "metadata": {"probability": "0.2"}}
    made = await call("POST", "/crm/v3/pipelines/deals/default/stages", stage | {"stageId": "\u30b9 1"})
    assert made.status_code == 201
    assert made.headers["location"].endswith("/crm/v3/pipelines/deals/default/stages/%E3%82%B9%201")
    pipeline = {"label": "P9", "displayOrder": 1, "stages": [stage], "pipelineId": "\u65e5"}
    assert (await call("POST", "/crm/v3/pipelines/deals", pipeline)).status_code == 201
    refused = await call("POST", "/crm/v3/pipelines/deals", pipeline | {"pipelineId": "a\nb", "label": "X"})
    assert refused.status_code == 400
    listed = (await call("GET", "/crm/v3/pipelines/deals")).json()["results"]
    assert [each["id"] for each in listed] == ["default", "\u65e5"]


@pytest.mark.parametrize("name", ["\u65e5\u672c", "a\nb", "", " ", "a/b"])
async def test_a_property_group_needs_an_internal_name(call: Call, name: str) -> None:
    path = "/crm/v3/properties/contacts/groups"
    before = (await call("GET", path)).json()
    answer = await call("POST", path, {"name": name, "label": "L"})
    assert (answer.status_code, answer.json()["category"]) == (400, "VALIDATION_ERROR")
    assert (await call("GET", path)).json() == before


# -- associations of version 4 (hubspot-api-ruby#187, hubspot-api-php#227, hubspot-api-nodejs#646) -----------


async def test_an_association_needs_a_body_of_the_right_kind(http: httpx.AsyncClient) -> None:
    http.headers["content-type"] = "application/json"
    path = "/crm/v4/objects/contacts/1/associations/company/2"
    nothing = await http.put(path)
    assert nothing.json()["message"] == "Invalid JSON input: a request body was expected, but none found"
    assert nothing.json()["category"] == "VALIDATION_ERROR"
    text = await http.put(path, content='"contact_to_company"')
    assert text.json()["message"] == (
        "Invalid input JSON on line 1, column 1: Cannot deserialize value of type `java.util.HashSet"
        "<com.hubspot.inbounddb.associations.base.AssociationSpec>` from String value "
        "(token `JsonToken.VALUE_STRING`)"
    )


@pytest.mark.parametrize("kind", ["contacts", "deal"])
async def test_an_association_goes_by_its_type_id_not_by_the_path(call: Call, new: New, kind: str) -> None:
    company = await new("companies", name="v4")
    specs = [{"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": 1}]
    path = f"/crm/v4/objects/{kind}/38374264688/associations/company/{company}"
    body = (await call("PUT", path, specs)).json()
    assert body["message"] == "One or more associations are invalid"
    assert body["context"] == {
        "INVALID_OBJECT_IDS": ["CONTACT=38374264688 is not valid"],
        "objectId": ["38374264688"],
        "objectType": ["CONTACT"],
    }


async def test_a_batch_names_the_type_of_what_is_not_there(call: Call, new: New) -> None:
    """Recorded in 2022: Hubspot_Association_batch_create_with_an_invalid_ID_returns_false.yml."""
    deal = await new("deals", dealname="d")
    specs = [{"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": 3}]
    inputs = [{"from": {"id": deal}, "to": {"id": 1234}, "types": specs}]
    answer = await call("POST", "/crm/v4/associations/Deal/Contact/batch/create", {"inputs": inputs})
    assert (answer.status_code, answer.json()["numErrors"]) == (207, 1)
    assert answer.json()["errors"] == [
        {"status": "error", "category": "VALIDATION_ERROR", "message": "CONTACT=1234 is not valid"}
    ]


async def test_version_3_answers_with_both_directions(call: Call, new: New) -> None:
    """Recorded in 2026-03: NangoHQ/integration-templates, create-association.test.json."""
    contact, company = await new("contacts", email="v3@example.com"), await new("companies", name="v3")
    inputs = [{"from": {"id": contact}, "to": {"id": company}, "type": "contact_to_company"}]
    path = "/crm/v3/associations/contacts/companies/batch/create"
    assert (await call("POST", path, {"inputs": inputs})).json()["results"] == [
        {"from": {"id": company}, "to": {"id": contact}, "type": "company_to_contact"},
        {"from": {"id": contact}, "to": {"id": company}, "type": "contact_to_company"},
    ]


# -- searches (hubspot-api-nodejs#226 and #128) --------------------------------------------------------------


async def test_a_filter_without_its_fields_and_a_between_without_its_end(call: Call) -> None:
    path = "/crm/v3/objects/contacts/search"
    empty = await call("POST", path, {"filterGroups": [{"filters": [{"value": "x"}]}]})
    assert empty.json()["message"].endswith(
        "Cannot build Filter, some of required attributes are not set [propertyName, operator]"
    )
    filters = [{"propertyName": "createdate", "operator": "BETWEEN", "value": "1"}]
    half = await call("POST", path, {"filterGroups": [{"filters": filters}]})
    assert half.json()["message"].endswith(
        "Cannot construct instance of `com.hubspot.inbounddb.publicobject.core.v3.search.Filter`, "
        "problem: operator BETWEEN requires a highValue"
    )


# -- what is known of a token (NangoHQ, whoami, 2026-03) -----------------------------------------------------


async def test_a_token_tells_how_its_app_is_distributed(call: Call) -> None:
    body = (await call("GET", "/oauth/v1/access-tokens/pat-na1-x")).json()
    assert body["is_private_distribution"] is True
    assert set(body["signed_access_token"]) == {
        "appId", "appInstallId", "audience", "expiresAt", "hubId", "hublet", "installingUserId",
        "isPrivateDistribution", "isServiceAccount", "isUserLevel", "newSignature", "scopeToScopeGroupPks",
        "scopes", "signature", "trialScopeToScopeGroupPks", "trialScopes", "userId",
    }  # fmt: skip


# -- legacy reading (captaincontrat/hubspot-api-ruby, 2016 to 2022) ------------------------------------------


async def test_legacy_activities_have_numbers_and_all_lists(call: Call, new: New) -> None:
    contact = await new("contacts", email="e@example.com")
    body = {
        "engagement": {"type": "CALL", "timestamp": 1409172644778},
        "associations": {"contactIds": [None, int(contact)]},
        "metadata": {"durationMilliseconds": 38000, "body": "b"},
    }
    made = (await call("POST", "/engagements/v1/engagements", body)).json()
    assert made["metadata"] == {"body": "b", "durationMilliseconds": 38000}
    assert made["associations"] == {
        "contactIds": [int(contact)], "companyIds": [], "dealIds": [], "ticketIds": [], "quoteIds": [],
        "ownerIds": [], "workflowIds": [], "contentIds": [], "marketingEventIds": [], "partnerClientIds": [],
        "orderIds": [], "cartIds": [],
    }  # fmt: skip
    assert made["associationCreateFailures"] == []
    assert made["engagement"]["bodyPreviewHtml"] == "<html>\n<head></head>\n<body>\nb\n</body>\n</html>"
    meeting = {
        "engagement": {"type": "MEETING", "timestamp": 1409172644778},
        "metadata": {"title": "t", "startTime": 1409172644778, "endTime": 1409172744778},
    }
    times = (await call("POST", "/engagements/v1/engagements", meeting)).json()["metadata"]
    assert (times["startTime"], times["endTime"]) == (1409172644778, 1409172744778)
    people = {"from": {"email": "a@b.c"}, "to": [{"email": "d@e.f"}], "cc": [], "bcc": [], "subject": "s"}
    email = {"engagement": {"type": "EMAIL", "timestamp": 1409172644778}, "metadata": people}
    assert (await call("POST", "/engagements/v1/engagements", email)).json()["metadata"] == people
    page = (await call("GET", "/engagements/v1/engagements/paged?limit=2")).json()
    assert (len(page["results"]), page["hasMore"], page["offset"]) == (2, True, 2)
    rest = (await call("GET", "/engagements/v1/engagements/paged?limit=2&offset=2")).json()
    assert (len(rest["results"]), rest["hasMore"]) == (1, False)
    assert (await call("GET", "/engagements/v1/engagements/recent/modified")).json()["total"] == 3


async def test_associations_of_meetings_are_named_by_the_event(call: Call, new: New) -> None:
    """Source: captaincontrat/hubspot-api-ruby, meetings of 2022; public callers write both directions so."""
    meeting = await new("meetings", hs_timestamp="2026-01-01T00:00:00Z")
    contact = await new("contacts", email="m@example.com")
    path = f"/crm/v3/objects/meetings/{meeting}/associations/Contact/{contact}/meeting_event_to_contact"
    linked = await call("PUT", path)
    (other,) = linked.json()["associations"]["contacts"]["results"]
    assert (linked.status_code, other) == (200, {"id": contact, "type": "meeting_event_to_contact"})
    types = (await call("GET", "/crm/v3/associations/contacts/meetings/types")).json()["results"]
    assert "contact_to_meeting_event" in {kind["name"] for kind in types}


async def test_legacy_definitions_and_pipelines_have_their_members(call: Call) -> None:
    listed = (await call("GET", "/properties/v1/contacts/properties")).json()
    assert listed[0].items() >= {
        "favorited": False, "favoritedOrder": -1, "displayMode": "current_value",
        "fieldLevelPermission": None, "mutableDefinitionNotDeletable": False, "deleted": None,
    }.items()  # fmt: skip
    options = {"options": [{"label": "A", "value": "a"}], "type": "enumeration", "fieldType": "select"}
    mine = {"name": "mine", "label": "Mine", "groupName": "contactinformation"} | options
    await call("POST", "/crm/v3/properties/contacts", mine)
    own = (await call("GET", "/properties/v1/contacts/properties/named/mine")).json()["options"][0]
    assert (own["description"], own["doubleData"], own["readOnly"]) == ("", 0.0, False)
    theirs = (await call("GET", "/properties/v1/contacts/properties/named/hs_lead_status")).json()["options"][
        0
    ]
    assert (theirs["description"], theirs["doubleData"], theirs["readOnly"]) == (None, None, True)
    domain = (await call("GET", "/properties/v1/companies/properties/named/domain")).json()
    assert domain["textDisplayHint"] == "domain_name"
    unknown = await call("GET", "/properties/v1/contacts/properties/named/nonsense")
    assert unknown.status_code == 404
    assert unknown.json()["message"] == "Couldn't find a Property with the given name 'nonsense'"
    assert unknown.json()["propertiesErrorCode"] == "PROPERTY_NOT_FOUND"
    await call("POST", "/crm/v3/properties/contacts/groups", {"name": "mine", "label": "Mine"})
    groups = (await call("GET", "/properties/v1/contacts/groups")).json()
    defined = {group["name"]: group["hubspotDefined"] for group in groups}
    assert (defined["contactinformation"], defined["mine"]) == (True, False)
    (pipeline,) = (await call("GET", "/deals/v1/pipelines")).json()
    assert pipeline["staticDefault"] is True


@pytest.mark.parametrize(
    "path",
    [
        "/commerce/payment-links/2026-09-beta/payment-links",
        "/webhooks-journal/subscriptions/2026-03/1",
        "/feature-flags/v3/1/flags/all",
        "/crm/objects/2027-03-beta/goal_targets",
        "/crm/objects/v3/deals/splits/batch/read",
    ],
)
async def test_apis_of_newer_and_beta_specifications_are_known_to_be_absent(call: Call, path: str) -> None:
    """Checked elsewhere for all 5,317 operations of the 467 specifications of November 2026."""
    assert (await call("GET", path)).status_code == 501


async def test_a_path_below_a_type_of_records_that_hubspot_has_not_is_no_api(call: Call) -> None:
    assert (await call("GET", "/crm/v3/objects/deals/1/nothing/here/either")).status_code == 404
