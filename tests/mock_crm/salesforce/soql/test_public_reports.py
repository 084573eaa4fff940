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


def test_from_goes_on_from_a_parent_by_its_name(org: SalesforceOrg, find: Find) -> None:
    # octoberswimmer/aer-dist issue 56
    account = org.create("Account", {"Name": "Acme", "AccountNumber": "12345"})["Id"]
    org.create("Contact", {"LastName": "Smith", "AccountId": account})
    (record,) = find(
        "SELECT c.LastName, a.AccountNumber, o.Alias, Owner.Alias "
        "FROM Contact c, Contact.Account a, Account.Owner o "
        "WHERE c.LastName = 'Smith' AND a.AccountNumber = '12345' AND o.Alias = 'admin'"
    )
    assert record["Account"] == {"AccountNumber": "12345", "Owner": {"Alias": "admin"}}
    assert record["Owner"] == {"Alias": "admin"}
    with pytest.raises(SoqlError, match="A driving SObject type has already been set"):
        find("SELECT Id FROM Contact, Account.Owner o")


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


@pytest.mark.parametrize(
    ("query", "message"),
    [
        (
            "SELECT Id, Department, AssistantName from Contact where FirstName = 'Anne\\-Marie'",
            "\nfrom Contact where FirstName = 'Anne\\-Marie'\n                              ^\n"
            "ERROR at Row:1:Column:68\n"
            "Invalid string literal 'Anne\\-Marie'. Illegal character sequence '\\-' in string literal.",
        ),  # restforce issue 632
        (
            'SELECT FirstName, LastName FROM CampaignMember WHERE Id = "00v3D000003BjNa"',
            '\nFROM CampaignMember WHERE Id = "00v3D000003BjNa"\n                              ^\n'
            "ERROR at Row:1:Column:58\nline 1:58 no viable alternative at character '\"'",
        ),  # SalesforceMobileSDK-ReactNative issue 82
        (
            "SELECT Name FROM Account\nWHERE LastModifiedDate > 2023-01-01T12:00:00.000 0100",
            "\nLastModifiedDate > 2023-01-01T12:00:00.000 0100\n                                         ^\n"
            "ERROR at Row:2:Column:48\nline 2:48 no viable alternative at character ' '",
        ),  # SwiftlySalesforce issue 138
        (
            "SELECT Id FROM Account WHERE LastModifiedDate >= Thu Dec 27 2018 13:30:16 GMT+0000",
            "\nAccount WHERE LastModifiedDate >= Thu Dec 27 2018 13:30:16 GMT+0000\n"
            "                                 ^\nERROR at Row:1:Column:49\n"
            "Bind variables only allowed in Apex code",
        ),  # jsforce issue 851
        (
            "SELECT COUNT(Id) FROM Opportunity GROUP BY AccountId, Id",
            "\nSELECT COUNT(Id) FROM Opportunity GROUP BY AccountId,\n             ^\n"
            "ERROR at Row:1:Column:14\nGrouped field should not be aggregated: Id",
        ),  # IlluminatedCloud issue 1824
        (
            "SELECT Count(Id) FROM Account WHERE LastModifiedDate>TODAY GROUP BY LastModifiedDate",
            "\nLastModifiedDate>TODAY GROUP BY LastModifiedDate\n                                ^\n"
            "ERROR at Row:1:Column:69\nfield 'LastModifiedDate' can not be grouped in a query call",
        ),  # forcedotcom/cli issue 1356
        ("SELECT Id FROM Case OFFSET 2001", "Maximum SOQL offset allowed for apiName Case is 2000"),
        (
            "SELECT Id FROM FieldDefinition",
            "FieldDefinition: a filter on a reified column is required [EntityDefinitionId,DurableId]",
        ),  # simple-salesforce issue 539
        (
            "SELECT Id FROM FieldDefinition WHERE EntityDefinitionId = 'Account' OR DataType = 'Text'",
            "FieldDefinition: a filter on a reified column is required [EntityDefinitionId,DurableId]",
        ),
    ],
)
def test_refusals_of_queries_as_people_quote_them(find: Find, query: str, message: str) -> None:
    with pytest.raises(SoqlError) as caught:
        find(query)
    assert caught.value.message == message


@pytest.mark.parametrize(
    "condition",
    ["EntityDefinitionId = 'Account'", "EntityDefinition.QualifiedApiName IN ('Account') AND DataType != ''",
     "DurableId = 'Account.Name'"],
)  # fmt: skip
def test_fields_are_listed_by_the_columns_that_they_are_made_of(find: Find, condition: str) -> None:
    assert find(f"SELECT QualifiedApiName FROM FieldDefinition WHERE {condition}")


@pytest.mark.anyio
@pytest.mark.parametrize(
    ("search", "message"),
    [
        (
            "FIND {John|jane_gray@uoa.edu} RETURNING Contact",
            "\nFIND {John|jane_gray@uoa.edu} RETURNING Contact\n         ^\nERROR at Row:1:Column:10\n"
            "line 1:10 mismatched character '|' expecting '}'",
        ),  # restforce issue 688
        (
            "FIND {Marie-Pier Martin}",
            "\nFIND {Marie-Pier Martin}\n          ^\nERROR at Row:1:Column:11\n"
            "line 1:11 mismatched character '-' expecting '}'",
        ),  # simple-salesforce issue 415
        (
            "FIND {name} IN ALL TYPE RETURNING Account(name)",
            "\nFIND {name} IN ALL TYPE RETURNING Account(name)\n                  ^\n"
            "ERROR at Row:1:Column:19\nMalformed search token: TYPE",
        ),  # force-rest-api pull request 92
        ("FIND jane RETURNING Contact", "No search term found. The search term must be enclosed in braces."),
    ],
)
async def test_refusals_of_searches_as_people_quote_them(
    client: httpx.AsyncClient, search: str, message: str
) -> None:
    answer = await client.get("/search", params={"q": search})
    assert answer.json() == [{"message": message, "errorCode": "MALFORMED_SEARCH"}]


@pytest.mark.anyio
async def test_reserved_characters_are_found_behind_a_backslash(
    client: httpx.AsyncClient, org: SalesforceOrg
) -> None:
    # restforce issue 203, jsforce issue 427; a search by parameters takes the term as it is
    found = org.create("Lead", {"LastName": "L", "Company": "C", "Email": "a+b-c@example.com"})
    for term, ids in (("a\\+b\\-c@example.com", [found["id"]]), ("a+b\\-c@example.com", [])):
        answer = await client.get("/search", params={"q": f"FIND {{{term}}} RETURNING Lead"})
        assert [record["Id"] for record in answer.json()["searchRecords"]] == ids
    plain = await client.get("/parameterizedSearch", params={"q": "a+b-c@example.com", "sobject": "Lead"})
    assert [record["Id"] for record in plain.json()["searchRecords"]] == [found["id"]]


@pytest.mark.anyio
async def test_fields_sets_are_as_old_as_v51(org: SalesforceOrg) -> None:
    # spark-salesforce issue 86
    transport = httpx.ASGITransport(org.app)
    headers = {"authorization": f"Bearer {org.token}"}
    query = {"q": "SELECT FIELDS(ALL) FROM Account LIMIT 1"}
    async with httpx.AsyncClient(transport=transport, base_url="http://sf.test", headers=headers) as client:
        old = (await client.get("/services/data/v50.0/query", params=query)).json()[0]
        new = await client.get("/services/data/v51.0/query", params=query)
    assert old["errorCode"] == "UNSUPPORTED_API_VERSION"
    assert old["message"].endswith("The SOQL FIELDS function is not supported in this version of the API")
    assert new.status_code == 200


@pytest.mark.anyio
@pytest.mark.parametrize("term", ["5551234", "555-1234"])
async def test_a_phone_number_is_found_by_its_digits(
    client: httpx.AsyncClient, org: SalesforceOrg, term: str
) -> None:
    # The SOSL reference on PHONE FIELDS
    found = org.create("Account", {"Name": "Zebra", "Phone": "555-1234"})["id"]
    query = f'FIND {{"{term}"}} IN PHONE FIELDS RETURNING Account'
    answer = await client.get("/search", params={"q": query})
    assert [record["Id"] for record in answer.json()["searchRecords"]] == [found]


def test_the_activities_of_a_record_are_listed_below_it(org: SalesforceOrg, find: Find) -> None:
    # The Object Reference on ActivityHistory and OpenActivity; asked for in simple-salesforce and jsforce
    account = org.create("Account", {"Name": "Busy"})["id"]
    contact = org.create("Contact", {"LastName": "C", "AccountId": account})["id"]
    org.create("Task", {"Subject": "done", "WhatId": account, "Status": "Completed"})
    org.create("Task", {"Subject": "open", "WhoId": contact})
    times = {"StartDateTime": "2020-01-01T10:00:00Z", "DurationInMinutes": 30}
    org.create("Event", {"Subject": "met", "WhoId": contact, **times})
    query = (
        "SELECT (SELECT Subject, ActivityType, IsTask FROM ActivityHistories ORDER BY Subject), "
        "(SELECT Subject, Owner.Name FROM OpenActivities) FROM Account WHERE Name = 'Busy'"
    )
    (record,) = find(query)
    history = [
        (item["Subject"], item["ActivityType"], item["IsTask"])
        for item in record["ActivityHistories"]["records"]
    ]
    assert history == [("done", "Task", True), ("met", "Event", False)]
    (item,) = record["OpenActivities"]["records"]
    assert (item["Subject"], item["Owner"]["Name"]) == ("open", "Admin User")
    (person,) = find("SELECT (SELECT Id FROM ActivityHistories) FROM Contact WHERE LastName = 'C'")
    assert person["ActivityHistories"]["totalSize"] == 1
    with pytest.raises(SoqlError, match="entity type ActivityHistory does not support query"):
        find("SELECT Id FROM ActivityHistory")
