"""Lists (segments) v3, as recorded in April 2026 (captaincontrat/hubspot-api-ruby, contact_lists)."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import quote

import httpx
import pytest

from mock_crm.core.clock import ManualClock
from mock_crm.hubspot.org import HubSpotOrg

Call = Callable[..., Awaitable[httpx.Response]]
New = Callable[..., Awaitable[str]]

pytestmark = pytest.mark.anyio

LISTS = "/crm/v3/lists"
PEOPLE = {"name": "People", "objectTypeId": "0-1", "processingType": "MANUAL"}


async def made(call: Call, **members: str) -> str:
    answer = await call("POST", LISTS, PEOPLE | members)
    assert answer.status_code == 200, answer.text
    list_id = answer.json()["list"]["listId"]
    assert isinstance(list_id, str)
    return list_id


async def test_a_new_list_answers_with_what_it_is(call: Call) -> None:
    body = (await call("POST", LISTS, PEOPLE)).json()["list"]
    assert list(body) == [
        "listId", "listVersion", "createdAt", "updatedAt", "filtersUpdatedAt", "processingStatus",
        "createdById", "updatedById", "processingType", "objectTypeId", "name", "listPermissions",
        "membershipSettings",
    ]  # fmt: skip
    assert (body["name"], body["objectTypeId"], body["processingStatus"]) == ("People", "0-1", "COMPLETE")
    again = await call("POST", LISTS, PEOPLE)
    assert again.json()["subCategory"] == "ILS.DUPLICATE_LIST_NAMES"


@pytest.mark.parametrize(
    ("text", "column", "names"),
    [
        ('{"name":null,"objectTypeId":"0-1","processingType":"MANUAL"}', 60, "name"),
        ('{"name":"updated list name"}', 28, "objectTypeId, processingType"),
        ("{}", 2, "name, objectTypeId, processingType"),
    ],
)
async def test_a_list_without_its_fields_is_refused_at_the_end_of_the_object(
    http: httpx.AsyncClient, text: str, column: int, names: str
) -> None:
    answer = await http.post(LISTS, content=text, headers={"content-type": "application/json"})
    assert (answer.status_code, answer.json()["category"]) == (400, "VALIDATION_ERROR")
    assert answer.json()["message"] == (
        f"Invalid input JSON on line 1, column {column}. Some required fields were not set: [{names}]"
    )


async def test_members_are_added_listed_and_removed(call: Call, new: New) -> None:
    people = await made(call)
    ids = [await new("contacts", email=f"{name}@example.com") for name in "abc"]
    path = f"{LISTS}/{people}/memberships"
    added = await call("PUT", f"{path}/add", [int(ids[0]), ids[1], ids[2], "42"])
    assert added.json() == {"recordsIdsAdded": ids, "recordIdsMissing": ["42"]}
    assert (await call("PUT", f"{path}/add", ids[:1])).json() == {}
    first = (await call("GET", f"{path}?limit=2")).json()
    assert [member["recordId"] for member in first["results"]] == ids[:2]
    assert list(first["results"][0]) == ["membershipTimestamp", "recordId"]
    rest = (await call("GET", f"{path}?after={first['paging']['next']['after']}")).json()
    assert [member["recordId"] for member in rest["results"]] == ids[2:]
    assert (await call("GET", f"{LISTS}?listIds={people}")).json()["lists"][0]["size"] == 3
    removed = await call("PUT", f"{path}/remove", ids[:2])
    assert removed.json() == {"recordIdsRemoved": sorted(ids[:2])}
    of_record = (await call("GET", f"{LISTS}/records/0-1/{ids[2]}/memberships")).json()
    assert [entry["listId"] for entry in of_record["results"]] == [people]
    assert (await call("DELETE", path)).status_code == 204
    assert (await call("GET", path)).json()["results"] == []


@pytest.mark.parametrize(("path", "first", "last"), [("", "a", "c"), ("/join-order", "c", "b")])
async def test_members_come_by_record_or_as_they_joined(
    call: Call, new: New, path: str, first: str, last: str
) -> None:
    """As HubSpot's SDKs say, and as recorded in April 2026, with cursors that are no numbers."""
    people = await made(call)
    names = {await new("contacts", email=f"{name}@example.com"): name for name in "abc"}
    a, b, c = names
    for contact in (c, a, b):
        await call("PUT", f"{LISTS}/{people}/memberships/add", [contact])
    members = f"{LISTS}/{people}/memberships{path}"

    async def page(query: str) -> tuple[list[str], dict[str, Any]]:
        body = (await call("GET", f"{members}?{query}")).json()
        return [names[member["recordId"]] for member in body["results"]], body.get("paging", {})

    start, paging = await page("limit=2")
    assert start[0] == first
    following = paging["next"]["after"]
    assert not following.isdecimal()
    assert f"&after={following}" in paging["next"]["link"]
    assert (await page(f"after={following}"))[0] == [last]
    assert (await page(f"after={quote(following)}"))[0] == [last]
    assert (await page(f"limit=1&before={following}"))[0] == [start[0]]
    assert (await call("GET", f"{members}?after=%C3%A9")).status_code == 400


async def test_what_is_not_an_id_is_refused_before_a_dynamic_list_is(call: Call, new: New) -> None:
    dynamic = await made(call, processingType="DYNAMIC")
    path = f"{LISTS}/{dynamic}/memberships/add"
    answer = await call("PUT", path, [{"vid": 1}])
    assert answer.json()["message"] == (
        "Invalid input JSON on line 1, column 2: Cannot deserialize value of type `java.lang.String` from "
        "Object value (token `JsonToken.START_OBJECT`)"
    )
    contact = await new("contacts", email="a@example.com")
    assert (await call("PUT", path, [contact])).status_code == 400
    assert (await call("GET", f"{LISTS}/{dynamic}/memberships")).json()["results"] == []


@pytest.mark.parametrize("path", ["", "/memberships"])
async def test_an_unknown_list(call: Call, path: str) -> None:
    answer = await call("GET", f"{LISTS}/-1{path}")
    assert answer.status_code == 404
    body = answer.json()
    assert body["message"] == "List does not exist with ID -1."
    assert (body["context"], body["category"]) == ({"listId": ["-1"]}, "OBJECT_NOT_FOUND")
    assert body["subCategory"] == "ListError.LIST_ID_DOES_NOT_EXIST"
    wrong = await call("GET", f"{LISTS}/nope{path}")
    assert wrong.json()["message"] == "Id nope can't be converted to java.lang.Integer"


async def test_a_list_is_renamed_by_the_query(call: Call) -> None:
    people = await made(call)
    answer = await call("PUT", f"{LISTS}/{people}/update-list-name?listName=updated%20list%20name", {})
    assert answer.json()["updatedList"]["name"] == "updated list name"
    by_name = await call("GET", f"{LISTS}/object-type-id/0-1/name/updated%20list%20name")
    assert by_name.json()["list"]["listId"] == people


async def test_lists_are_searched_by_name(call: Call) -> None:
    for number in range(25):
        await made(call, name=f"Testing list {number}")
    first = (await call("POST", f"{LISTS}/search", {"query": ""})).json()
    assert (first["offset"], first["hasMore"], first["total"], len(first["lists"])) == (20, True, 25, 20)
    assert first["lists"][0]["additionalProperties"] == {"hs_list_reference_count": "0", "hs_list_size": "0"}
    found = (await call("POST", f"{LISTS}/search", {"query": "LIST 24"})).json()
    assert [entry["name"] for entry in found["lists"]] == ["Testing list 24"]
    null = await call("POST", f"{LISTS}/search?query=", content="null")
    assert (null.status_code, null.json()["message"]) == (400, "validation error")
    assert null.json()["errors"] == ["The request body may not be null"]
    assert "category" not in null.json()


async def test_a_deleted_list_is_gone_until_it_is_restored(call: Call) -> None:
    people = await made(call)
    assert (await call("DELETE", f"{LISTS}/{people}")).status_code == 204
    assert (await call("GET", f"{LISTS}/{people}")).status_code == 404
    assert (await call("PUT", f"{LISTS}/{people}/restore")).status_code == 204
    assert (await call("GET", f"{LISTS}/{people}")).status_code == 200


async def test_lists_survive_a_snapshot(call: Call, org: HubSpotOrg) -> None:
    people = await made(call)
    kept = org.snapshot()
    org.reset()
    assert (await call("GET", f"{LISTS}/{people}")).status_code == 404
    org.restore(kept)
    assert (await call("GET", f"{LISTS}/{people}")).status_code == 200


async def test_a_list_keeps_who_may_change_it_and_whose_records_it_takes(call: Call) -> None:
    told = {
        "listPermissions": {"teamsWithEditAccess": [3], "usersWithEditAccess": []},
        "membershipSettings": {"membershipTeamId": 3, "includeUnassigned": False},
    }
    list_id = (await call("POST", LISTS, PEOPLE | told)).json()["list"]["listId"]
    assert told.items() <= (await call("GET", f"{LISTS}/{list_id}")).json()["list"].items()


async def test_filters_come_back_with_what_hubspot_adds(call: Call) -> None:
    """Source: captaincontrat/hubspot-api-ruby, create_list_with_filters, April 2026."""
    handle = {"operationType": "STRING", "operator": "IS_EQUAL_TO", "value": "@x"}
    below = {"filterBranchType": "AND", "filterBranches": [], "filters": [
        {"filterType": "PROPERTY", "property": "twitterhandle", "operation": handle}]}  # fmt: skip
    branch = {"filterBranchType": "OR", "filterBranches": [below], "filters": []}
    made_list = (
        await call("POST", LISTS, PEOPLE | {"processingType": "DYNAMIC", "filterBranch": branch})
    ).json()
    assert made_list["list"]["processingStatus"] == "PROCESSING"
    full = made_list["list"]["filterBranch"]
    assert (full["filterBranchOperator"], full["filterBranches"][0]["filterBranchOperator"]) == ("OR", "AND")
    operation = full["filterBranches"][0]["filters"][0]["operation"]
    assert operation == handle | {"includeObjectsWithNoValueSet": False}
    list_id = made_list["list"]["listId"]
    read = (await call("GET", f"{LISTS}/{list_id}?includeFilters=true")).json()["list"]
    assert (read["processingStatus"], read["filterBranch"]) == ("COMPLETE", full)
    bare = {"filterBranch": {"filterBranchType": "OR"}}
    changed = (await call("PUT", f"{LISTS}/{list_id}/update-list-filters", bare)).json()["updatedList"]
    assert changed["filterBranch"] == {
        "filterBranchOperator": "OR", "filterBranchType": "OR", "filterBranches": [], "filters": [],
    }  # fmt: skip


CONDITION = {"filterType": "CONSTANT", "shouldAccept": True}


@pytest.mark.parametrize(
    "branch",
    [
        {},
        {"filterBranchType": "XOR"},
        {"filterBranchType": "AND", "filters": CONDITION},
        {"filterBranchType": "AND", "filters": [{"filterType": "MOOD"}]},
        {"filterBranchType": "AND", "filters": [CONDITION | {"operation": "IS_KNOWN"}]},
        {"filterBranchType": "OR", "filterBranches": [{"filters": [CONDITION]}]},
    ],
)
async def test_filters_that_hubspot_does_not_have_are_refused(call: Call, branch: dict[str, Any]) -> None:
    body = {"name": "Any", "objectTypeId": "0-1", "processingType": "DYNAMIC", "filterBranch": branch}
    refused = await call("POST", LISTS, body)
    assert (refused.status_code, refused.json()["category"]) == (400, "VALIDATION_ERROR")
    list_id = await made(call)
    kept = await call("PUT", f"{LISTS}/{list_id}/update-list-filters", {"filterBranch": branch})
    assert kept.status_code == 400


async def test_new_filters_are_told_from_a_new_name_by_their_moment(call: Call, clock: ManualClock) -> None:
    """Source: the example of `update-list-filters` in HubSpot's documentation."""
    list_id = (await call("POST", LISTS, PEOPLE | {"processingType": "DYNAMIC"})).json()["list"]["listId"]
    clock.advance(60)
    branch = {"filterBranch": {"filterBranchType": "AND", "filters": [CONDITION]}}
    path = f"{LISTS}/{list_id}/update-list"
    filtered = (await call("PUT", f"{path}-filters", branch)).json()["updatedList"]
    clock.advance(60)
    named = (await call("PUT", f"{path}-name?listName=Other")).json()["updatedList"]
    assert (filtered["processingStatus"], named["processingStatus"]) == ("PROCESSING", "COMPLETE")
    assert filtered["createdAt"] < filtered["filtersUpdatedAt"] < named["updatedAt"]
    assert named["filtersUpdatedAt"] == filtered["filtersUpdatedAt"]


async def test_filter_branches_without_end_are_refused(call: Call) -> None:
    branch: dict[str, object] = {"filterBranchType": "AND"}
    for _ in range(200):
        branch = {"filterBranchType": "AND", "filterBranches": [branch]}
    answer = await call("POST", LISTS, PEOPLE | {"processingType": "DYNAMIC", "filterBranch": branch})
    assert (answer.status_code, answer.json()["category"]) == (400, "VALIDATION_ERROR")


async def test_ids_of_no_record_are_named_when_they_should_leave_a_list(call: Call, new: New) -> None:
    """Source: captaincontrat/hubspot-api-ruby, remove_unknown_contact, April 2026 (11 times)."""
    people = await made(call)
    known = await new("contacts", email="known@example.com")
    gone = await call("PUT", f"{LISTS}/{people}/memberships/remove", [42])
    assert gone.json() == {"recordIdsMissing": ["42"]}
    both = {"recordIdsToAdd": [known, "41"], "recordIdsToRemove": ["42"]}
    changed = await call("PUT", f"{LISTS}/{people}/memberships/add-and-remove", both)
    assert changed.json() == {"recordsIdsAdded": [known], "recordIdsMissing": ["41", "42"]}
