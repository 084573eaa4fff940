"""Search: every operator, sorts, the text query, paging and limits (HubSpot's search documentation)."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import httpx
import pytest

from mock_crm.core.clock import ManualClock
from mock_crm.core.settings import OrgSettings
from mock_crm.hubspot.org import HubSpotOrg
from mock_crm.orgs import open_org

Call = Callable[..., Awaitable[httpx.Response]]
New = Callable[..., Awaitable[str]]

pytestmark = pytest.mark.anyio

DEALS = "/crm/v3/objects/deals/search"


@pytest.fixture
async def deals(org: HubSpotOrg, clock: ManualClock) -> None:
    rows = [
        {"dealname": "Alpha Rocket", "amount": "9", "dealtype": "newbusiness", "dealstage": "closedwon"},
        {"dealname": "Beta rocket", "amount": "10", "dealtype": "existingbusiness"},
        {"dealname": "Gamma", "amount": "100", "closedate": "2026-02-01T00:00:00.500Z"},
        {"dealname": "Delta", "closedate": "2026-02-01T00:00:00Z"},
    ]
    for row in rows:
        org.create("deals", row)
        clock.advance(60)


async def found(call: Any, **body: Any) -> list[str]:
    answer = await call("POST", DEALS, {"properties": ["dealname"], **body})
    assert answer.status_code == 200, answer.text
    return [record["properties"]["dealname"] for record in answer.json()["results"]]


def one(name: str, operator: str, **values: Any) -> dict[str, Any]:
    return {"filterGroups": [{"filters": [{"propertyName": name, "operator": operator, **values}]}]}


@pytest.mark.parametrize(
    ("search", "names"),
    [
        (one("amount", "EQ", value="10.0"), ["Beta rocket"]),
        (one("amount", "NEQ", value="10"), ["Alpha Rocket", "Gamma", "Delta"]),
        (one("amount", "GT", value="9"), ["Beta rocket", "Gamma"]),
        (one("amount", "GTE", value=9), ["Alpha Rocket", "Beta rocket", "Gamma"]),
        (one("amount", "LT", value="10"), ["Alpha Rocket"]),
        (one("amount", "LTE", value="10"), ["Alpha Rocket", "Beta rocket"]),
        (one("amount", "BETWEEN", value="9.5", highValue="10.5"), ["Beta rocket"]),
        (one("amount", "IN", values=["9", "100"]), ["Alpha Rocket", "Gamma"]),
        (one("amount", "NOT_IN", values=["9", "100"]), ["Beta rocket", "Delta"]),
        (one("amount", "HAS_PROPERTY"), ["Alpha Rocket", "Beta rocket", "Gamma"]),
        (one("amount", "NOT_HAS_PROPERTY"), ["Delta"]),
        (one("dealname", "EQ", value="beta ROCKET"), ["Beta rocket"]),
        (one("dealname", "CONTAINS_TOKEN", value="rocket"), ["Alpha Rocket", "Beta rocket"]),
        (one("dealname", "CONTAINS_TOKEN", value="*amm*"), ["Gamma"]),
        (one("dealname", "NOT_CONTAINS_TOKEN", value="rocket"), ["Gamma", "Delta"]),
        (one("dealtype", "IN", values=["newbusiness"]), ["Alpha Rocket"]),
        (one("closedate", "GT", value="1769904000000"), ["Gamma"]),
        (one("closedate", "EQ", value="2026-02-01"), ["Delta"]),
        ({"query": "alp"}, ["Alpha Rocket"]),
        ({"query": "rocket beta"}, ["Beta rocket"]),
        ({}, ["Alpha Rocket", "Beta rocket", "Gamma", "Delta"]),
    ],
)
@pytest.mark.usefixtures("deals")
async def test_an_operator_finds_what_it_should(call: Call, search: dict[str, Any], names: list[str]) -> None:
    assert await found(call, **search) == names


@pytest.mark.usefixtures("deals")
async def test_filters_of_a_group_all_hold_and_one_group_is_enough(call: Call) -> None:
    groups = [
        {
            "filters": [
                {"propertyName": "dealname", "operator": "CONTAINS_TOKEN", "value": "rocket"},
                {"propertyName": "amount", "operator": "GT", "value": "9"},
            ]
        },
        {"filters": [{"propertyName": "dealname", "operator": "EQ", "value": "Delta"}]},
    ]
    assert await found(call, filterGroups=groups) == ["Beta rocket", "Delta"]


@pytest.mark.usefixtures("deals")
async def test_numbers_sort_as_numbers_and_what_is_missing_comes_last(call: Call) -> None:
    down = [{"propertyName": "amount", "direction": "DESCENDING"}]
    assert await found(call, sorts=down) == ["Gamma", "Beta rocket", "Alpha Rocket", "Delta"]
    assert await found(call, sorts=["amount"]) == ["Alpha Rocket", "Beta rocket", "Gamma", "Delta"]
    assert await found(call, sorts=["-createdate"]) == ["Delta", "Gamma", "Beta rocket", "Alpha Rocket"]


@pytest.mark.usefixtures("deals")
async def test_pages_are_offsets_without_a_link(call: Call) -> None:
    first = (await call("POST", DEALS, {"limit": 3})).json()
    assert (first["total"], first["paging"]) == (4, {"next": {"after": "3"}})
    last = (await call("POST", DEALS, {"limit": 3, "after": 3})).json()
    assert "paging" not in last
    assert len(last["results"]) == 1


async def test_records_are_found_by_what_they_are_associated_with(call: Call, new: New) -> None:
    contact, deal = await new("contacts", email="a@example.com"), await new("deals", dealname="Linked")
    await new("deals", dealname="Alone")
    await call("PUT", f"/crm/v4/objects/deals/{deal}/associations/default/contacts/{contact}")
    assert await found(call, **one("associations.contact", "EQ", value=contact)) == ["Linked"]


async def test_a_search_by_email_uses_the_index(new: New, org: HubSpotOrg) -> None:
    await new("contacts", email="a@example.com")
    assert org.store.is_indexed("0-1", "email")


async def test_changes_are_found_after_the_lag_when_one_is_set(clock: ManualClock) -> None:
    org = open_org("hubspot", clock=clock, settings=OrgSettings(search_lag_s=5))
    org.create("deals", {"dealname": "Fresh"})
    clock.advance(4)
    assert org.query({"object": "deals"}) == []
    clock.advance(1)
    assert [deal["dealname"] for deal in org.query({"object": "deals"})] == ["Fresh"]
    org.close()


@pytest.mark.parametrize(
    "body",
    [
        {"filterGroups": [{"filters": []}] * 6},
        {"filterGroups": [{"filters": [{"propertyName": "amount", "operator": "HAS_PROPERTY"}] * 7}]},
        {"filterGroups": [{"filters": [{"propertyName": "amount", "operator": "HAS_PROPERTY"}] * 5}] * 4},
        {"limit": 201},
        {"query": "x" * 3001},
        one("nope", "EQ", value="x"),
        one("amount", "EQ"),
        one("amount", "EQ", value="x"),
        one("amount", "LIKE", value="x"),
        {"sorts": ["nope"]},
    ],
)
async def test_a_search_beyond_the_limits_is_refused(call: Call, body: dict[str, Any]) -> None:
    answer = await call("POST", DEALS, body)
    assert answer.status_code == 400
    assert answer.json()["status"] == "error"


async def test_the_case_of_a_value_matters_in_lists_of_texts_and_in_enumerations(
    call: Call, new: New
) -> None:
    """HubSpot's guide: values of IN and NOT_IN are lower case for texts; enumerations have their case."""
    await new("deals", dealname="Alpha", dealtype="newbusiness", hs_priority="high")
    assert await found(call, **one("dealname", "EQ", value="ALPHA")) == ["Alpha"]
    assert await found(call, **one("dealname", "IN", values=["alpha"])) == ["Alpha"]
    assert await found(call, **one("dealname", "IN", values=["Alpha"])) == []
    assert await found(call, **one("dealname", "NOT_IN", values=["Alpha"])) == ["Alpha"]
    assert await found(call, **one("dealtype", "EQ", value="newbusiness")) == ["Alpha"]
    assert await found(call, **one("dealtype", "EQ", value="NewBusiness")) == []
    assert await found(call, **one("dealtype", "IN", values=["NEWBUSINESS"])) == []
