"""Queries that public bug reports are about; each test names the report."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from mock_crm.salesforce.model import Field, PicklistValue
from mock_crm.salesforce.org import SalesforceOrg
from mock_crm.salesforce.soql import SoqlError, execute

from .conftest import Find

CONTACTS = "SELECT AccountId FROM Contact"
COUNTRY = Field(
    name="Country__c", label="Country", type="picklist", length=255, custom=True, is_required_always=True,
    values=(PicklistValue("us", "United States"), PicklistValue("de", "Germany")),
)  # fmt: skip


def test_the_owner_of_a_lead_leads_to_profile_and_role(org: SalesforceOrg, find: Find) -> None:
    # The plug-in of the sf CLI for data runs such a query against real orgs (query.nut.ts)
    org.create("Lead", {"LastName": "L", "Company": "C"})
    record = find("SELECT Owner.Profile.Name, Owner.UserRole.Name, Name FROM Lead")[0]
    assert record["Owner"] == {"Profile": {"Name": "System Administrator"}, "UserRole": None}
    assert len(find("SELECT Id FROM Lead WHERE Owner.Profile.Name = 'System Administrator'")) == 1
    assert find("SELECT Id FROM Lead WHERE Owner.Profile.Name = 'Other'") == []
    with pytest.raises(SoqlError, match="Didn't understand relationship 'Manager'"):
        find("SELECT Owner.Manager.Name FROM Lead")


@pytest.mark.parametrize(
    ("condition", "message"),
    [
        (f"Name = 'x' AND (Site = 'y' AND Id IN ({CONTACTS}))", "only allowed at the top level"),
        (f"NOT (Id IN ({CONTACTS}))", "only allowed at the top level"),
        (f"Name = 'x' OR Id IN ({CONTACTS})", "only allowed at the top level"),
        (
            f"Id IN ({CONTACTS}) AND Id IN (SELECT AccountId FROM Opportunity) "
            "AND Id NOT IN (SELECT AccountId FROM Case)",
            "at most two",
        ),
        (
            "Id IN (SELECT AccountId FROM Contact WHERE Id IN (SELECT ContactId FROM Case))",
            "Nesting of semi join",
        ),
        (f"Id IN ({CONTACTS} LIMIT 1)", "ORDER BY or LIMIT"),
        (f"Id IN ({CONTACTS} ORDER BY Name)", "ORDER BY or LIMIT"),
    ],
)
def test_a_semi_join_stands_at_the_top_alone_and_plain(find: Find, condition: str, message: str) -> None:
    # The SOQL reference on semi-joins; the first message is quoted in Apsona's documentation
    with pytest.raises(SoqlError, match=message):
        find(f"SELECT Id FROM Account WHERE {condition}")


def test_two_semi_joins_may_stand_at_the_top(find: Find) -> None:
    both = f"Id IN ({CONTACTS}) AND Id NOT IN (SELECT AccountId FROM Case)"
    assert len(find(f"SELECT Id FROM Account WHERE {both}")) == 2


def test_labels_of_a_pick_list(org: SalesforceOrg, find: Find) -> None:
    # The SOQL reference on toLabel
    org.context.schema.put_fields("Account", [COUNTRY])
    org.create("Account", {"Name": "L", "Country__c": "us"})
    where = "WHERE toLabel(Country__c) = 'united states'"
    assert find(f"SELECT toLabel(Country__c) FROM Account {where}") == [{"Country__c": "United States"}]
    assert find(f"SELECT toLabel(Country__c) land FROM Account {where}") == [{"land": "United States"}]
    assert find("SELECT Id FROM Account WHERE toLabel(Country__c) = 'us'") == []


def test_format_writes_as_people_do(find: Find) -> None:
    # The SOQL reference on FORMAT, with the examples of an American user
    query = "SELECT FORMAT(AnnualRevenue) r, FORMAT(CreatedDate) d, FORMAT(NumberOfEmployees) n FROM Account"
    shown = find(f"{query} WHERE Name = 'Acme'")
    assert shown == [{"r": "$101.00", "d": "5/20/2026, 12:00 PM", "n": "10"}]
    assert find("SELECT FORMAT(MIN(CloseDate)) first FROM Opportunity") == [{"first": "12/31/2025"}]
    assert find("SELECT FORMAT(SUM(Amount)) all FROM Opportunity")[0] == {"all": "$100.00"}


@pytest.mark.anyio
@pytest.mark.parametrize(("parents", "shown"), [(1, 499), (2, 199)])
async def test_long_lists_of_children_come_in_pages(org: SalesforceOrg, parents: int, shown: int) -> None:
    # simple-salesforce issue 311, jsforce issues 577 and 1752
    accounts = org.seed("Account", [{"Name": f"Kids{n}"} for n in range(parents)])
    org.seed("Contact", [{"LastName": f"K{n}", "AccountId": a} for a in accounts for n in range(600)])
    query = "SELECT Id, (SELECT LastName FROM Contacts) FROM Account WHERE Name LIKE 'Kids%'"
    headers = {"authorization": f"Bearer {org.token}"}
    transport = httpx.ASGITransport(org.app)
    async with httpx.AsyncClient(transport=transport, base_url="http://sf.test", headers=headers) as client:
        answer = (await client.get("/services/data/v60.0/query", params={"q": query})).json()
        page: dict[str, Any] = answer["records"][-1]["Contacts"]
        assert (page["totalSize"], page["done"], len(page["records"])) == (600, False, shown)
        assert page["nextRecordsUrl"].endswith(f"-{shown}")
        names = [record["LastName"] for record in page["records"]]
        while not page["done"]:
            page = (await client.get(page["nextRecordsUrl"])).json()
            names += [record["LastName"] for record in page["records"]]
    assert names == [f"K{n}" for n in range(600)]
    complete = execute(org.context, query).records[0]["Contacts"]
    assert len(complete["records"]) == 600
