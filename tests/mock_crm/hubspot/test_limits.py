"""Rate limits, their headers and bodies, fault rules, and what the account says of itself."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import httpx
import pytest

from mock_crm.core.clock import ManualClock
from mock_crm.core.faults import Rule
from mock_crm.core.settings import OrgSettings
from mock_crm.hubspot.org import HubSpotOrg
from mock_crm.orgs import open_org

Call = Callable[..., Awaitable[httpx.Response]]

pytestmark = pytest.mark.anyio

CONTACTS = "/crm/v3/objects/contacts"


@pytest.fixture
def settings() -> OrgSettings:
    return OrgSettings(burst_requests=20, daily_requests=30)


async def test_the_burst_limit_refuses_and_opens_again(call: Call, clock: ManualClock) -> None:
    # live and docs: evidence/hubspot.md#errors
    for _ in range(20):
        assert (await call("GET", CONTACTS)).status_code == 200
    answer = await call("GET", CONTACTS)
    body = answer.json()
    assert answer.status_code == 429
    assert list(body) == ["status", "message", "errorType", "correlationId", "policyName"]
    assert body["message"] == "You have reached your ten_secondly_rolling limit."
    assert (body["errorType"], body["policyName"]) == ("RATE_LIMIT", "TEN_SECONDLY_ROLLING")
    assert "retry-after" not in answer.headers
    clock.advance(10.1)
    assert (await call("GET", CONTACTS)).status_code == 200


async def test_the_daily_limit_opens_at_midnight_in_the_accounts_zone(call: Call, clock: ManualClock) -> None:
    for number in range(30):
        clock.advance(1 if number else 0)
        assert (await call("GET", CONTACTS)).status_code == 200
    clock.advance(20)
    body = (await call("GET", CONTACTS)).json()
    assert (body["message"], body["policyName"]) == ("You have reached your daily limit.", "DAILY")
    clock.advance(hours=5)
    assert (await call("GET", CONTACTS)).status_code == 200


async def test_five_searches_a_second_are_enough(call: Call, clock: ManualClock) -> None:
    for _ in range(5):
        answer = await call("POST", f"{CONTACTS}/search", {})
        assert answer.status_code == 200
        assert not any(name.startswith("x-hubspot-ratelimit") for name in answer.headers)
    body = (await call("POST", f"{CONTACTS}/search", {})).json()
    assert (body["message"], body["policyName"]) == ("You have reached your secondly limit.", "SECONDLY")
    clock.advance(1.1)
    assert (await call("POST", f"{CONTACTS}/search", {})).status_code == 200


async def test_answers_say_what_is_left(call: Call) -> None:
    headers = (await call("GET", CONTACTS)).headers
    prefix = "x-hubspot-ratelimit-"
    assert (headers[f"{prefix}max"], headers[f"{prefix}remaining"]) == ("20", "19")
    assert (headers[f"{prefix}daily"], headers[f"{prefix}daily-remaining"]) == ("30", "29")
    assert headers[f"{prefix}interval-milliseconds"] == "10000"
    oauth = (await call("GET", CONTACTS, headers={"authorization": "Bearer CPab"})).headers
    assert f"{prefix}daily" not in oauth


async def test_an_oauth_app_has_a_burst_of_its_own_and_no_daily_limit(clock: ManualClock) -> None:
    # documented: 110 requests per ten seconds for each account that installed the app
    org = open_org("hubspot", clock=clock)
    transport = httpx.ASGITransport(app=org.app)
    headers = {"authorization": "Bearer CPab"}
    async with httpx.AsyncClient(transport=transport, base_url="http://mock", headers=headers) as client:
        for _ in range(110):
            answer = await client.get(CONTACTS)
        assert answer.status_code == 200
        assert answer.headers["x-hubspot-ratelimit-max"] == "110"
        assert (await client.get(CONTACTS)).json()["policyName"] == "TEN_SECONDLY_ROLLING"
        client.headers["authorization"] = f"Bearer {org.token}"
        assert (await client.get(CONTACTS)).headers["x-hubspot-ratelimit-remaining"] == "189"
    assert org.quota["daily"].used == 1
    org.close()


async def test_the_account_describes_itself(call: Call, org: HubSpotOrg) -> None:
    for version in ("v3", "2026-03"):
        body = (await call("GET", f"/account-info/{version}/details")).json()
        assert list(body) == [
            "portalId", "accountType", "timeZone", "companyCurrency", "additionalCurrencies", "utcOffset",
            "utcOffsetMilliseconds", "uiDomain", "dataHostingLocation",
        ]  # fmt: skip
        assert (body["portalId"], body["utcOffset"]) == (org.portal_id, "-05:00")
    (usage,) = (await call("GET", "/account-info/v3/api-usage/daily/private-apps")).json()["results"]
    assert (usage["name"], usage["usageLimit"], usage["currentUsage"]) == (
        "private-apps-api-calls-daily",
        30,
        3,
    )
    objects = (await call("GET", "/crm/v3/limits/custom-object-types")).json()
    assert objects == {"limit": 20, "usage": 0, "percentage": 0}


async def test_etl_tools_get_their_legacy_lists(call: Call) -> None:
    entities = ("contact", "company", "deal", "deal_split", "calls", "emails", "meetings", "notes", "tasks",
                "form", "goal_targets", "leads", "line_item", "product", "ticket")  # fmt: skip
    for entity in entities:
        found = (await call("GET", f"/properties/v2/{entity}/properties")).json()
        assert isinstance(found, list)
        assert {"name", "type"} <= found[0].keys()
    assert (await call("GET", "/companies/v2/properties")).json()
    assert (await call("POST", "/crm/v3/lists/search", {})).json()["lists"] == []
    (pipeline,) = (await call("GET", "/crm-pipelines/v1/pipelines/deals")).json()["results"]
    (same,) = (await call("GET", "/deals/v1/pipelines")).json()
    assert pipeline["pipelineId"] == same["pipelineId"] == "default"
    assert (same["stages"][-2]["closedWon"], same["stages"][-1]["closedWon"]) == (True, False)


async def test_etl_tools_read_deals_and_companies_in_the_oldest_form(call: Call, org: HubSpotOrg) -> None:
    # HubSpot's legacy documentation; tap-hubspot 4.5 reads both streams this way
    org.seed("deals", [{"dealname": name, "closedate": "2026-01-01T00:00:00Z"} for name in "ab"])
    org.seed("companies", [{"name": "Acme"}])
    first = (
        await call("GET", "/deals/v1/deal/paged?limit=1&properties=dealname&properties=closedate")
    ).json()
    (deal,) = first["deals"]
    assert (first["hasMore"], deal["properties"]["dealname"]["value"]) == (True, "a")
    assert deal["properties"]["closedate"]["value"] == "1767225600000"
    rest = (await call("GET", f"/deals/v1/deal/paged?limit=1&offset={first['offset']}")).json()
    assert (rest["hasMore"], len(rest["deals"])) == (False, 1)
    page = (await call("GET", "/companies/v2/companies/paged?includeAllProperties=true")).json()
    (company,) = page["companies"]
    assert page["has-more"] is False
    one = (await call("GET", f"/companies/v2/companies/{company['companyId']}")).json()
    assert one == company
    assert one["properties"]["name"]["value"] == "Acme"
    assert (await call("GET", "/deals/v1/deal/42")).status_code == 404


@pytest.mark.parametrize(
    ("rule", "status", "part"),
    [
        ({"kind": "rate-limit"}, 429, "ten_secondly_rolling"),
        ({"kind": "rate-limit", "code": "DAILY"}, 429, "daily"),
        ({"kind": "expired-token"}, 401, "expired"),
        ({"kind": "outage"}, 503, ""),
        ({"kind": "row-lock"}, 423, "locked"),
        ({"kind": "record-error", "message": "no"}, 400, "no"),
        ({"kind": "error", "code": "MIGRATION"}, 477, ""),
        ({"kind": "error", "status": 502}, 502, ""),
    ],
)
async def test_a_fault_rule_answers_in_hubspots_shape(
    call: Call, org: HubSpotOrg, rule: dict[str, Any], status: int, part: str
) -> None:
    org.faults.add(rule)
    answer = await call("POST", CONTACTS, {"properties": {"email": "a@example.com"}})
    assert answer.status_code == status
    assert part in answer.json()["message"]
    assert "correlationId" in answer.json()
    assert rule["kind"] != "row-lock" or answer.json()["category"] == "LOCKED"
    assert org.count("contacts") == 0


async def test_a_fault_may_strike_one_record_of_a_batch(call: Call, org: HubSpotOrg) -> None:
    org.faults.add(Rule(kind="row-lock", record=2, object="contacts"))
    inputs = [
        {"properties": {"email": f"{name}@example.com"}, "objectWriteTraceId": name} for name in ("a", "b")
    ]
    answer = await call("POST", f"{CONTACTS}/batch/create", {"inputs": inputs})
    assert answer.status_code == 207
    assert answer.json()["errors"][0]["context"] == {"objectWriteTraceId": ["b"]}
    assert org.count("contacts") == 1
