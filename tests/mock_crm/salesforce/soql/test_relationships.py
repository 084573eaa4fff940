"""SELECT: fields, parents, children, polymorphic parents, and how their records look."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from mock_crm.salesforce.org import SalesforceOrg
from mock_crm.salesforce.soql import SoqlError, execute

Find = Callable[..., list[dict[str, Any]]]


def test_records_carry_their_type_and_url(org: SalesforceOrg) -> None:
    account_id = org.records("Account")[0]["id"]
    result = execute(org.context, "select ID, name, bILLINGcity from ACCOUNT where name = 'acme'")
    assert result.total_size == 1
    assert result.records == [
        {
            "attributes": {"type": "Account", "url": f"/services/data/v60.0/sobjects/Account/{account_id}"},
            "Id": account_id,
            "Name": "Acme",
            "BillingCity": "Bonn",
        }
    ]


def test_parents_are_nested_and_null_when_missing(find: Find) -> None:
    found = find(
        "SELECT LastName, Account.Name, Account.Owner.Profile.Name FROM Contact WHERE LastName > 'R'"
    )
    profile = {"Profile": {"Name": "System Administrator"}}
    assert found == [
        {"LastName": "Turing", "Account": {"Name": "Acme", "Owner": profile}},
        {"LastName": "Solo", "Account": None},
    ]


def test_aliases_stand_for_objects_and_parents(find: Find) -> None:
    found = find("SELECT c.LastName, a.Name FROM Contact c, c.Account a WHERE a.Industry = 'Banking'")
    assert found == [{"LastName": "Hopper", "Account": {"Name": "bolt"}}]
    assert find("SELECT Contact.LastName FROM Contact LIMIT 1") == [{"LastName": "Lovelace"}]


def test_children_come_as_results_of_their_own_or_null(find: Find) -> None:
    found = find(
        "SELECT Name, (SELECT LastName, Account.Name FROM contacts ORDER BY LastName DESC LIMIT 1),"
        " (SELECT Id FROM Opportunities WHERE Amount > 50) FROM Account ORDER BY CreatedDate"
    )
    assert [account["Contacts"] for account in found] == [
        {
            "totalSize": 1,
            "done": True,
            "records": [{"LastName": "Turing", "Account": {"Name": "Acme"}}],
        },
        {
            "totalSize": 1,
            "done": True,
            "records": [{"LastName": "Hopper", "Account": {"Name": "bolt"}}],
        },
        None,
    ]
    assert [account["Opportunities"] is None for account in found] == [False, True, True]


def test_a_polymorphic_parent_shows_the_fields_of_names(org: SalesforceOrg, find: Find) -> None:
    found = find("SELECT Subject, What.Name, What.Type, Who.FirstName FROM Task")
    assert found == [
        {"Subject": "Call", "What": {"Name": "Acme", "Type": "Account"}, "Who": {"FirstName": "Ada"}},
        {"Subject": "Mail", "What": {"Name": "Small", "Type": "Opportunity"}, "Who": None},
        {"Subject": "Nap", "What": None, "Who": None},
    ]
    assert find("SELECT Subject FROM Task WHERE What.Type = 'opportunity'") == [{"Subject": "Mail"}]
    attributes = execute(org.context, "SELECT What.Name FROM Task LIMIT 1").records[0]["What"]["attributes"]
    assert attributes["type"] == "Name"
    assert "/sobjects/Account/001" in attributes["url"]


def test_typeof_shows_fields_by_the_parents_type(org: SalesforceOrg, find: Find) -> None:
    text = (
        "SELECT Subject, TYPEOF What WHEN Account THEN Industry, Owner.Name WHEN Case THEN Subject"
        " ELSE Name END FROM Task"
    )
    assert find(text) == [
        {"Subject": "Call", "What": {"Industry": "Energy", "Owner": {"Name": "Admin User"}}},
        {"Subject": "Mail", "What": {"Name": "Small"}},
        {"Subject": "Nap", "What": None},
    ]
    types = [record["What"]["attributes"]["type"] for record in execute(org.context, text).records[:2]]
    assert types == ["Account", "Opportunity"]


def test_compound_fields_are_objects(find: Find) -> None:
    found = find("SELECT BillingAddress, ShippingAddress FROM Account LIMIT 1")
    assert found[0]["BillingAddress"]["city"] == "Bonn"
    assert found[0]["ShippingAddress"] is None
    assert find("SELECT Name FROM Contact LIMIT 1") == [{"Name": "Ada Lovelace"}]


def test_fields_selects_sets_of_fields(org: SalesforceOrg, find: Find) -> None:
    found = find("SELECT FIELDS(ALL) FROM Account LIMIT 1")[0]
    assert set(found) == {field["name"] for field in org.describe("Account")["fields"]}
    assert "BillingCity" in find("SELECT FIELDS(STANDARD) FROM Account")[0]
    with pytest.raises(SoqlError, match="must have a LIMIT of at most 200"):
        find("SELECT FIELDS(ALL) FROM Account")


def test_functions_that_show_a_field(find: Find) -> None:
    found = find("SELECT toLabel(Industry), FORMAT(AnnualRevenue) revenue FROM Account LIMIT 1")
    assert found == [{"Industry": "Energy", "revenue": "$101.00"}]


@pytest.mark.parametrize(
    ("text", "code", "column", "message"),
    [
        ("SELECT Id, Nope FROM Account", "INVALID_FIELD", 12, "No such column 'Nope' on entity 'Account'."),
        ("SELECT Owner.Nope FROM Account", "INVALID_FIELD", 8, "No such column 'Nope' on entity 'User'."),
        ("SELECT What.Amount FROM Task", "INVALID_FIELD", 8, "No such column 'Amount' on entity 'Name'."),
        ("SELECT Id FROM Accout", "INVALID_TYPE", 16, "sObject type 'Accout' is not supported."),
        (
            "SELECT Nope.Name FROM Account",
            "INVALID_FIELD",
            8,
            "Didn't understand relationship 'Nope' in field path.",
        ),
        (
            "SELECT (SELECT Id FROM Nopes) FROM Account",
            "INVALID_TYPE",
            24,
            "Didn't understand relationship 'Nopes' in FROM part of query call.",
        ),
        ("SELECT Id, Name, Id FROM Account", "MALFORMED_QUERY", 18, "duplicate field selected: Id"),
        ("SELECT Name n FROM Account", "MALFORMED_QUERY", 8, "only aggregate expressions use field aliasing"),
        (
            "SELECT Id FROM Account a, Contact c",
            "MALFORMED_QUERY",
            27,
            "A driving SObject type has already been set",
        ),
    ],
)
def test_unknown_names_are_refused_where_they_stand(
    org: SalesforceOrg, text: str, code: str, column: int, message: str
) -> None:
    with pytest.raises(SoqlError) as caught:
        execute(org.context, text)
    assert caught.value.code == code
    assert f"\nERROR at Row:1:Column:{column}\n{message}" in caught.value.message


def test_an_unknown_field_is_told_how_to_name_custom_fields(org: SalesforceOrg) -> None:
    with pytest.raises(SoqlError) as caught:
        execute(org.context, "SELECT Id, Nope FROM Account")
    assert caught.value.message == (
        "\nSELECT Id, Nope FROM Account\n           ^\nERROR at Row:1:Column:12\n"
        "No such column 'Nope' on entity 'Account'. If you are attempting to use a custom field, be sure to "
        "append the '__c' after the custom field name. Please reference your WSDL or the describe call for "
        "the appropriate names."
    )


def test_a_path_climbs_at_most_five_parents(find: Find) -> None:
    assert find("SELECT Parent.Parent.Parent.Parent.Parent.Name FROM Account LIMIT 1") == [{"Parent": None}]
    with pytest.raises(SoqlError, match="more than 5 levels"):
        find("SELECT Parent.Parent.Parent.Parent.Parent.Parent.Name FROM Account")
