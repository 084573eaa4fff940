"""Fields that hang on others: geolocations, dependent pick lists, roll-up summaries, rich text."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from typing import Any

import httpx
import pytest

from mock_crm.core.clock import ManualClock
from mock_crm.core.settings import OrgSettings
from mock_crm.salesforce.org import SalesforceOrg

pytestmark = pytest.mark.anyio

DATA = "/services/data/v60.0"


@pytest.fixture
def org() -> Iterator[SalesforceOrg]:
    opened = SalesforceOrg("fields", 1, ManualClock(), None, OrgSettings())
    yield opened
    opened.close()


@pytest.fixture
async def client(org: SalesforceOrg) -> AsyncIterator[httpx.AsyncClient]:
    headers = {"authorization": f"Bearer {org.token}"}
    transport = httpx.ASGITransport(org.app)
    async with httpx.AsyncClient(
        transport=transport, base_url=f"http://sf.test{DATA}", headers=headers
    ) as made:
        yield made


async def define(client: httpx.AsyncClient, org: SalesforceOrg, name: str, metadata: dict[str, Any]) -> None:
    """Make a field of Account and let the administrator see it."""
    field = {"FullName": f"Account.{name}", "Metadata": metadata}
    made = await client.post("/tooling/sobjects/CustomField", json=field)
    assert made.status_code == 201, made.text
    granted = org.query("SELECT Id FROM PermissionSet WHERE IsOwnedByProfile = true")[0]["Id"]
    grant = {
        "ParentId": granted,
        "SobjectType": "Account",
        "Field": f"Account.{name}",
        "PermissionsRead": True,
    }
    org.create("FieldPermissions", {**grant, "PermissionsEdit": metadata["type"] not in ("Summary",)})


def described(org: SalesforceOrg, name: str) -> dict[str, Any]:
    found: dict[str, Any] = next(f for f in org.describe("Account")["fields"] if f["name"] == name)
    return found


async def test_a_geolocation_is_read_whole_and_written_by_its_coordinates(
    client: httpx.AsyncClient, org: SalesforceOrg
) -> None:
    # The developer documentation on compound fields
    location = {"type": "Location", "label": "Loc", "scale": 5, "displayLocationInDecimal": True}
    await define(client, org, "Loc__c", location)
    org.create("Account", {"Name": "G", "Loc__Latitude__s": 10.5, "Loc__Longitude__s": 20.25})
    found = org.query("SELECT Loc__c, Loc__Latitude__s FROM Account")[0]
    assert (found["Loc__c"], found["Loc__Latitude__s"]) == ({"latitude": 10.5, "longitude": 20.25}, 10.5)
    near = "DISTANCE(Loc__c, GEOLOCATION(10.5, 20.25), 'km') < 5"
    assert len(org.query(f"SELECT Id FROM Account WHERE {near}")) == 1
    body = {"Name": "G2", "Loc__c": {"latitude": 1, "longitude": 2}}
    assert (await client.post("/sobjects/Account", json=body)).status_code == 400
    assert described(org, "Loc__Latitude__s")["compoundFieldName"] == "Loc__c"


async def test_a_dependent_pick_list_says_what_its_values_go_with(
    client: httpx.AsyncClient, org: SalesforceOrg
) -> None:
    # Reported in jsforce issue 677, SalesforceSharp issue 31 and restforce issue 53, which decodes validFor
    def values(*names: str) -> dict[str, Any]:
        return {"sorted": False, "value": [{"fullName": n, "label": n, "default": False} for n in names]}

    controlling = {"type": "Picklist", "label": "C", "valueSet": {"valueSetDefinition": values("us", "de")}}
    await define(client, org, "Ctry__c", controlling)
    settings = [
        {"controllingFieldValue": ["us"], "valueName": "nyc"},
        {"controllingFieldValue": ["de"], "valueName": "ber"},
    ]
    dependent = {
        "controllingField": "Ctry__c", "valueSetDefinition": values("nyc", "ber"), "valueSettings": settings,
    }  # fmt: skip
    await define(client, org, "City__c", {"type": "Picklist", "label": "City", "valueSet": dependent})
    field = described(org, "City__c")
    assert (field["dependentPicklist"], field["controllerName"]) == (True, "Ctry__c")
    assert [value["validFor"] for value in field["picklistValues"]] == ["gAAA", "QAAA"]
    place = "/ui-api/object-info/Account/picklist-values/012000000000000AAA/City__c"
    shown = (await client.get(place)).json()
    assert shown["controllerValues"] == {"us": 0, "de": 1}
    assert [value["validFor"] for value in shown["values"]] == [[0], [1]]


@pytest.mark.parametrize(
    ("operation", "expected"), [("sum", 12.0), ("min", 5.0), ("max", 7.0), ("count", 2.0)]
)
async def test_a_roll_up_summary_follows_the_children(
    client: httpx.AsyncClient, org: SalesforceOrg, operation: str, expected: float
) -> None:
    metadata = {
        "type": "Summary", "label": "Sum", "summaryForeignKey": "Opportunity.AccountId",
        "summaryOperation": operation,
        "summaryFilterItems": [
            {"field": "Opportunity.StageName", "operation": "notEqual", "value": "Closed Lost"},
        ],
        **({} if operation == "count" else {"summarizedField": "Opportunity.Amount"}),
    }  # fmt: skip
    await define(client, org, "Sum__c", metadata)
    account = org.create("Account", {"Name": "S"})["id"]
    deal = {"Name": "o", "StageName": "Prospecting", "CloseDate": "2025-01-01", "AccountId": account}
    org.seed("Opportunity", [{**deal, "Amount": 7}, {**deal, "Amount": 5}])
    org.create("Opportunity", {**deal, "StageName": "Closed Lost", "Amount": 1})
    assert org.query("SELECT Sum__c FROM Account")[0]["Sum__c"] == expected
    assert len(org.query(f"SELECT Id FROM Account WHERE Sum__c = {expected}")) == 1
    field = described(org, "Sum__c")
    is_amount = operation != "count"
    assert (field["calculated"], field["type"]) == (True, "currency" if is_amount else "double")


@pytest.mark.parametrize(
    ("field", "operation", "value", "expected"),
    [
        ("StageName", "equals", "Prospecting, Closed Won", 2.0),
        ("StageName", "notEqual", "Prospecting,Closed Won", 1.0),
        ("StageName", "contains", "closed", 2.0),
        ("StageName", "notContain", "closed", 1.0),
        ("StageName", "startsWith", "Pro", 1.0),
        ("Amount", "lessThan", "7", 1.0),
        ("Amount", "lessOrEqual", "7", 2.0),
        ("Amount", "greaterThan", "7", 1.0),
        ("Amount", "greaterOrEqual", "7", 2.0),
        ("Amount", "equals", "7", 1.0),
        ("CloseDate", "greaterThan", "2025-01-01", 2.0),
        ("IsWon", "equals", "True", 1.0),
        ("NextStep", "equals", "", 2.0),
        ("NextStep", "includes", "b", 1.0),
        ("NextStep", "excludes", "b", 2.0),
    ],
)
async def test_a_roll_up_summary_counts_whom_its_filter_takes(
    client: httpx.AsyncClient, org: SalesforceOrg, field: str, operation: str, value: str, expected: float
) -> None:
    # The Metadata API guide on FilterItem
    item = {"field": f"Opportunity.{field}", "operation": operation, "value": value}
    metadata = {"type": "Summary", "label": "N", "summaryForeignKey": "Opportunity.AccountId",
                "summaryOperation": "count", "summaryFilterItems": [item]}  # fmt: skip
    await define(client, org, "N__c", metadata)
    account = org.create("Account", {"Name": "S"})["id"]
    org.seed("Opportunity", [
        {"Name": "o", "AccountId": account, "StageName": stage, "Amount": amount, "CloseDate": day,
         "NextStep": step}
        for stage, amount, day, step in (
            ("Prospecting", 5, "2025-01-01", "a;b"), ("Closed Won", 7, "2025-01-02", None),
            ("Closed Lost", 10, "2025-01-03", None),
        )
    ])  # fmt: skip
    assert org.query("SELECT N__c FROM Account")[0]["N__c"] == expected


async def test_rich_text_says_so(client: httpx.AsyncClient, org: SalesforceOrg) -> None:
    await define(client, org, "Rich__c", {"type": "Html", "label": "R", "length": 32768, "visibleLines": 10})
    field = described(org, "Rich__c")
    assert (field["htmlFormatted"], field["extraTypeInfo"]) == (True, "richtextarea")
