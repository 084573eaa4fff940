"""What public reports and live probes say of requests that HubSpot refuses, one test per kind."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import httpx
import pytest

from mock_crm.core.clock import ManualClock
from mock_crm.hubspot.org import HubSpotOrg

Call = Callable[..., Awaitable[httpx.Response]]
New = Callable[..., Awaitable[str]]

pytestmark = pytest.mark.anyio

CONTACTS = "/crm/v3/objects/contacts"
COMPANIES = "/crm/v3/objects/companies"
DEALS = "/crm/v3/objects/deals"


# -- values --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "name", "value"),
    [
        ("companies", "numberofemployees", "5 "),
        ("companies", "annualrevenue", "\u00a05"),
        ("deals", "closedate", " 2026-01-01"),
        ("deals", "dealtype", "newbusiness\u200b"),
        ("tickets", "hs_resolution", "ISSUE_FIXED; REFUND_PROCESSED"),
        ("companies", "is_public", "true\n"),
    ],
)
async def test_only_texts_may_begin_or_end_with_white_space(
    call: Call, kind: str, name: str, value: str
) -> None:
    """Refused since April 2025 (changelog: enhanced validations for non-string properties)."""
    answer = await call("POST", f"/crm/v3/objects/{kind}", {"properties": {name: value}})
    assert answer.status_code == 400
    assert answer.json()["errors"] == [
        {
            "message": f'"{value}" includes leading or trailing whitespace.',
            "code": "LEADING_TRAILING_WHITESPACE",
            "context": {"propertyName": [name]},
        }
    ]


async def test_a_text_keeps_the_white_space_around_it(call: Call) -> None:
    made = await call("POST", CONTACTS, {"properties": {"firstname": " A "}})
    assert made.json()["properties"]["firstname"] == " A "


@pytest.mark.parametrize("value", ["-62044444800000", "0003-11-20", "999999999999999", "9" * 20])
async def test_a_date_of_another_millennium_is_refused(call: Call, value: str) -> None:
    """A user's note of 2022 has the text, for a year that was written with two digits."""
    answer = await call("POST", DEALS, {"properties": {"closedate": value}})
    detail = answer.json()["errors"][0]
    assert detail["code"] == "INVALID_DATE"
    assert detail["message"] == f"{value} is more than 1,000 years ago or 1,000 years from now."


async def test_an_unknown_stage_is_told_the_stages_by_pipeline(call: Call) -> None:
    """A public integration test quotes HubSpot's answer to `registered`."""
    answer = await call("POST", DEALS, {"properties": {"dealname": "x", "dealstage": "registered"}})
    assert answer.json()["errors"][0]["message"] == (
        "registered is not a valid pipeline stage ID. Valid options are: pipelineId=default : "
        "[appointmentscheduled, qualifiedtobuy, presentationscheduled, decisionmakerboughtin, "
        "contractsent, closedwon, closedlost]"
    )


# -- bodies --------------------------------------------------------------------------------------------------

JSON_INPUT = "com.hubspot.inbounddb.publicobject.core.v2.SimplePublicObjectBatchInput"


@pytest.mark.parametrize(
    ("path", "body", "column", "expected"),
    [
        # The README of a Ruby client; rudderlabs/rudder-transformer's recorded proxies
        (
            f"{COMPANIES}/batch/update", [{"id": "1"}], 1,
            f"com.hubspot.apiutils.core.models.batch.BatchInput$Json<{JSON_INPUT}>",
        ),
        (f"{CONTACTS}/batch/create", {"inputs": [[]]}, 12, f"{JSON_INPUT}$Json"),
        # Chinchilla-Software-Com/HubSpot.NET#23
        (
            f"{CONTACTS}/1", {"properties": []}, 15,
            "java.util.LinkedHashMap<java.lang.String,java.lang.String>",
        ),
    ],
)  # fmt: skip
async def test_an_array_in_place_of_an_object_is_told_what_belongs_there(
    http: httpx.AsyncClient, path: str, body: Any, column: int, expected: str
) -> None:
    answer = await http.request("PATCH" if path.endswith("/1") else "POST", path, json=body)
    assert answer.json()["message"] == (
        f"Invalid input JSON on line 1, column {column}: Cannot deserialize value of type `{expected}` from "
        "Array value (token `JsonToken.START_ARRAY`)"
    )


@pytest.mark.parametrize(
    ("condition", "problem"),
    [
        ({"operator": "IN", "value": "1"}, "operator IN requires values"),
        ({"operator": "NOT_IN", "values": []}, "operator NOT_IN requires values"),
        ({"operator": "BETWEEN", "value": "1"}, "operator BETWEEN requires a highValue"),
        ({"operator": "EQ", "value": None}, "operator EQ requires a value"),
    ],
)
async def test_a_filter_without_its_operands_is_refused_where_it_ends(
    http: httpx.AsyncClient, condition: dict[str, Any], problem: str
) -> None:
    """HubSpot/hubspot-api-nodejs#128, HubSpot/hubspot-api-php#166, HubSpot/hubspot-php#379."""
    body = {"filterGroups": [{"filters": [{"propertyName": "closedate"} | condition]}]}
    answer = await http.post(f"{DEALS}/search", json=body)
    column = answer.request.content.decode().index("}]}]}") + 1
    assert answer.status_code == 400
    assert answer.json()["message"] == (
        f"Invalid input JSON on line 1, column {column}: Cannot construct instance of "
        f"`com.hubspot.inbounddb.publicobject.core.v3.search.Filter`, problem: {problem}"
    )


@pytest.mark.parametrize(
    "search",
    [
        {"filters": [{"propertyName": "nope", "operator": "EQ", "value": "1"}]},
        {"filters": [{"propertyName": "amount", "operator": "GT", "value": "many"}]},
        {"filters": [{"propertyName": "closedate", "operator": "GT", "value": "soon"}]},
        {"sorts": ["createdAt"]},
    ],
)
async def test_a_search_for_what_there_is_not_is_not_told_what_is_wrong(
    call: Call, search: dict[str, Any]
) -> None:
    """Nango's guide to HubSpot's 400 (October 2026)."""
    answer = await call("POST", f"{DEALS}/search", search)
    assert answer.status_code == 400
    body = answer.json()
    assert list(body) == ["status", "message", "correlationId"]
    assert body["message"] == "There was a problem with the request."


async def test_a_change_of_nothing_is_refused_before_the_record_is_looked_for(call: Call) -> None:
    """A probe of a live account in April 2026 (Luigi08001/hubcli)."""
    answer = await call("PATCH", "/crm/v3/objects/calls/1", {"properties": {}})
    assert answer.status_code == 400
    assert answer.json()["message"] == "No properties found to update, please provide at least one."


@pytest.mark.parametrize(
    ("method", "path", "problem"),
    [
        (
            "POST", "/crm/associations/2025-09/contacts/companies/labels",
            "column 2. Some required fields were not set: [label, name]",
        ),
        (
            "POST", "/crm/v3/lists/idmapping",
            "column 1: Cannot deserialize value of type `java.util.HashSet",
        ),
    ],
)  # fmt: skip
async def test_an_empty_object_is_told_what_it_lacks(
    call: Call, method: str, path: str, problem: str
) -> None:
    """The same probe."""
    answer = await call(method, path, {})
    assert answer.status_code == 400
    assert problem in answer.json()["message"]


async def test_legacy_ids_of_lists_are_mapped(call: Call) -> None:
    """n8n's node asks for them since it uses lists v3 (n8n-io/n8n#31190)."""
    made = {"name": "L", "objectTypeId": "0-1", "processingType": "MANUAL"}
    list_id = (await call("POST", "/crm/lists/2026-03", made)).json()["list"]["listId"]
    pair = {"listId": list_id, "legacyListId": list_id}
    many = await call("POST", "/crm/lists/2026-03/idmapping", [list_id, "99"])
    assert many.json() == {"legacyListIdsToIdsMapping": [pair], "missingLegacyListIds": ["99"]}
    assert (await call("GET", f"/crm/v3/lists/idmapping?legacyListId={list_id}")).json() == pair
    assert (await call("GET", "/crm/v3/lists/idmapping?legacyListId=99")).status_code == 404
    bad = await call("GET", "/crm/v3/lists/idmapping?legacyListId={{ id }}")
    assert bad.json()["message"] == "Id {{ id }} can't be converted to java.lang.Integer"


async def test_a_list_is_not_renamed_by_a_body(call: Call) -> None:
    """Recorded in April 2026 (captaincontrat/hubspot-api-ruby): the name belongs into the query."""
    made = {"name": "L", "objectTypeId": "0-1", "processingType": "MANUAL"}
    list_id = (await call("POST", "/crm/v3/lists", made)).json()["list"]["listId"]
    answer = await call("PUT", f"/crm/v3/lists/{list_id}/update-list-name", {"listName": "M"})
    assert answer.status_code == 500
    assert answer.json()["message"] == "There was a problem with the request."


# -- tokens --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("seconds", "told"),
    [
        (32, "32 second(s)"),
        (75, "75 second(s)"),
        (3 * 60, "3 minute(s)"),
        (5 * 3600 + 59, "5 hour(s)"),
        (20_705 * 86_400, "20705 day(s)"),
    ],
)
async def test_how_long_ago_a_token_expired_is_told_in_its_largest_unit(
    call: Call, clock: ManualClock, org: HubSpotOrg, seconds: int, told: str
) -> None:
    """ToolJet/ToolJet#17192, and answers of HubSpot that public notes quote."""
    org.expire_token("pat-mine")
    clock.advance(seconds)
    answer = await call("GET", CONTACTS, headers={"authorization": "Bearer pat-mine"})
    assert answer.status_code == 401
    assert answer.json()["message"] == f"The OAuth token used to make this call expired {told} ago."


# -- what copies of whole accounts read ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("path", "member"),
    [
        ("email/public/v1/campaigns?limit=500", "campaigns"),
        ("email/public/v1/subscriptions", "subscriptionDefinitions"),
        ("marketing-emails/v1/emails/with-statistics", "objects"),
        ("marketing/v3/forms/", "results"),
        ("marketing/emails/2026-03", "results"),
        ("automation/v3/workflows", "workflows"),
        ("events/v3/events?objectType=contact", "results"),
        ("settings/v3/users/teams", "results"),
        ("crm/v3/objects/deal_split?archived=false", "results"),
    ],
)
async def test_what_an_account_has_none_of_is_an_empty_list(call: Call, path: str, member: str) -> None:
    """airbyte-source-hubspot 5.7.0 tries for minutes, meltano-tap-hubspot 0.10.1 stops without an answer."""
    answer = await call("GET", f"/{path}")
    assert answer.status_code == 200
    assert answer.json()[member] == []
    assert (await call("POST", f"/{path}", {})).status_code == 501


async def test_legacy_lists_show_what_changed_last_first(call: Call, new: New, clock: ManualClock) -> None:
    """singer-io/tap-hubspot 4.5.0, after its first run."""
    first = await new("deals", dealname="first")
    clock.advance(60)
    second = await new("deals", dealname="second")
    clock.advance(60)
    await call("PATCH", f"{DEALS}/{first}", {"properties": {"amount": "1"}})

    async def deals(options: str) -> list[int]:
        body = (await call("GET", f"/deals/v1/deal/recent/modified?{options}")).json()
        return [deal["dealId"] for deal in body["results"]]

    assert await deals("") == [int(first), int(second)]
    assert await deals("count=1&offset=1") == [int(second)]
    assert await deals("since=1767225700000") == [int(first)]
    company = await new("companies", name="C")
    found = (await call("GET", "/companies/v2/companies/recent/modified")).json()
    assert [each["companyId"] for each in found["results"]] == [int(company)]
    assert (found["hasMore"], found["total"]) == (False, 1)


async def test_activities_are_paged_from_a_moment_on(call: Call, new: New, clock: ManualClock) -> None:
    """The same: `modified/after` takes milliseconds first, then what the page before said."""
    notes = []
    for _ in range(3):
        clock.advance(60)
        notes.append(int(await new("notes", hs_timestamp="1")))
    after, seen = "1767225600000", []
    for _ in range(3):
        page = (await call("GET", f"/engagements/v1/engagements/modified/after?limit=1&after={after}")).json()
        after = page["after"]
        seen += [each["engagement"]["id"] for each in page["results"]]
        assert page["hasMore"] == (len(seen) < 3)
    assert seen == notes
    end = (await call("GET", f"/engagements/v1/engagements/modified/after?after={after}")).json()
    assert end == {"results": [], "hasMore": False}


async def test_a_search_of_lists_takes_any_count_and_answers_with_500_at_most(call: Call) -> None:
    """airbyte-source-hubspot 5.7.0 asks for 1,000."""
    for number in range(3):
        made = {"name": f"L{number}", "objectTypeId": "0-1", "processingType": "MANUAL"}
        await call("POST", "/crm/v3/lists", made)
    found = (await call("POST", "/crm/v3/lists/search", {"count": 1000})).json()
    assert (len(found["lists"]), found["hasMore"]) == (3, False)


async def test_the_users_of_an_account_are_its_owners(call: Call) -> None:
    owners = (await call("GET", "/crm/v3/owners")).json()["results"]
    users = (await call("GET", "/settings/v3/users")).json()["results"]
    assert [user["id"] for user in users] == [str(owner["userId"]) for owner in owners]


@pytest.mark.parametrize(("length", "status"), [(15_000, 200), (16_500, 414)])
async def test_a_url_that_names_too_many_properties_is_refused(call: Call, length: int, status: int) -> None:
    """PostHog/posthog#31617 measured 16,200 characters; dlt-hub/verified-sources#305 met the same."""
    names = ("name_of_some_property," * 1000)[: length - len(f"{CONTACTS}?properties=")]
    assert (await call("GET", f"{CONTACTS}?properties={names}")).status_code == status


# -- batches, sorts and associations -------------------------------------------------------------------------


async def test_only_an_upsert_knows_a_contact_by_its_email(call: Call, new: New) -> None:
    """HubSpot/hubspot-api-nodejs#548; that `email` says so itself was recorded from 2018 to 2022."""
    contact = await new("contacts", email="a@example.com")
    batch = {"inputs": [{"id": "a@example.com", "idProperty": "email", "properties": {"city": "Rome"}}]}
    refused = await call("POST", "/crm/v3/objects/contacts/batch/update", batch)
    assert refused.status_code == 400
    assert refused.json()["message"].startswith(
        "Unable to perform update/upsert by non-unique 0-1 property email"
    )
    upserted = await call("POST", "/crm/v3/objects/contacts/batch/upsert", batch)
    assert [record["id"] for record in upserted.json()["results"]] == [contact]
    definition = await call("GET", "/crm/v3/properties/contacts/email")
    assert definition.json()["hasUniqueValue"] is False


@pytest.mark.parametrize(
    "sort",
    ['{"propertyName":"createdate","direction":"DESCENDING"}', '{:propertyName=>"createdate"}'],
)
async def test_a_sort_that_became_a_text_is_ignored(call: Call, new: New, sort: str) -> None:
    """HubSpot/hubspot-api-nodejs#14, hubspot-api-ruby#257: SDKs sent a sort as a text."""
    contacts = [await new("contacts", email=f"{name}@example.com") for name in "ab"]
    answer = await call("POST", "/crm/v3/objects/contacts/search", {"sorts": [sort]})
    assert [record["id"] for record in answer.json()["results"]] == contacts


async def test_filter_groups_that_are_no_list(call: Call) -> None:
    """HubSpot/hubspot-api-python#71."""
    answer = await call("POST", "/crm/v3/objects/contacts/search", {"filterGroups": {"filters": []}})
    message = answer.json()["message"]
    assert message.startswith(
        "Invalid input JSON on line 1, column 17: Cannot deserialize value of type `java.util.HashSet<"
    )
    assert message.endswith("from Object value (token `JsonToken.START_OBJECT`)")


@pytest.mark.parametrize(
    ("method", "path", "body", "kind", "source", "target"),
    [
        ("PUT", "/crm/v3/objects/deals/{d}/associations/contacts/{c}/x", None, "x", "deals", "contacts"),
        ("PUT", "/crm/v3/objects/0-3/{d}/associations/contact/{c}/test", None, "test", "0-3", "contact"),
        (
            "POST", "/crm/v4/associations/contacts/deals/batch/create",
            {"inputs": [{"from": {"id": "{c}"}, "to": {"id": "{d}"}, "types": [
                {"associationCategory": "USER_DEFINED", "associationTypeId": 5}]}]},
            "1-5", "CONTACT", "DEAL",
        ),
    ],
)  # fmt: skip
async def test_a_kind_of_association_that_does_not_lead_there(
    call: Call, new: New, method: str, path: str, body: Any, kind: str, source: str, target: str
) -> None:
    """Bodies in clients' tests: a Go client of version 3, WSO2's of version 4 (February 2025)."""
    ids = {"d": await new("deals", dealname="D"), "c": await new("contacts", firstname="A")}
    if isinstance(body, dict):
        body["inputs"][0] |= {"from": {"id": ids["c"]}, "to": {"id": ids["d"]}}
    answer = (await call(method, path.format(**ids), body)).json()
    refusal = answer.get("errors", [answer])[0]
    assert refusal["message"] == f"{kind} is not a valid association type between {source} and {target}"
    assert refusal["subCategory"] == "crm.associations.INVALID_ASSOCIATION_TYPE"
    assert refusal["context"] == {"type": [kind], "fromObjectType": [source], "toObjectType": [target]}
