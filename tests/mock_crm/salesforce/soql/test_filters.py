"""WHERE: operators, types and nulls, as the SOQL reference tells them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from mock_crm.core.clock import ManualClock
from mock_crm.salesforce.model import Field, PicklistValue
from mock_crm.salesforce.org import SalesforceOrg
from mock_crm.salesforce.soql import SoqlError, execute

Names = Callable[[str], list[str]]
Find = Callable[..., list[dict[str, Any]]]
ODD = "C'est 50%_off"


@pytest.mark.parametrize(
    ("condition", "found"),
    [
        ("Name = 'ACME'", ["Acme"]),
        ("name != 'acme'", ["bolt", ODD]),
        ("Name <> 'acme' AND Industry != null", ["bolt"]),
        ("Name LIKE '%O%'", ["bolt", ODD]),
        (r"Name LIKE '%50\%\_%'", [ODD]),
        (r"Name = 'c\'EST 50%_OFF'", [ODD]),
        ("Name IN ('acme', 'BOLT', 'nobody')", ["Acme", "bolt"]),
        ("Industry NOT IN ('Energy')", ["bolt", ODD]),
        ("Industry IN ('Energy', null)", ["Acme", ODD]),
        ("Industry = null", [ODD]),
        ("Industry = ''", [ODD]),
        ("Industry != 'Energy'", ["bolt", ODD]),
        ("NOT Industry = 'Energy'", ["bolt", ODD]),
        ("NOT (Industry = 'Energy' OR Industry = 'Banking')", [ODD]),
        ("AnnualRevenue > 100", ["Acme", "bolt"]),
        ("AnnualRevenue <= 101", ["Acme"]),
        ("AnnualRevenue < 1e9 AND AnnualRevenue >= 3E2", ["bolt"]),
        ("NumberOfEmployees = 10.0", ["Acme"]),
        ("Name < 'B'", ["Acme"]),
        ("Name >= 'b'", ["bolt", ODD]),
        ("IsDeleted = false", ["Acme", "bolt", ODD]),
        ("IsDeleted != FALSE", []),
        ("BillingCity = 'bonn' OR Name = 'bolt'", ["Acme", "bolt"]),
        ("Owner.Name = 'nobody'", []),
        ("Account.Name = 'bolt'", ["bolt"]),
    ],
)
def test_conditions_on_accounts(names: Names, condition: str, found: list[str]) -> None:
    assert names(condition) == found


@pytest.mark.parametrize(
    ("condition", "found"),
    [
        ("CloseDate = TODAY", ["Small"]),
        ("CloseDate > TODAY", ["Big"]),
        ("CloseDate >= TODAY", ["Small", "Big"]),
        ("CloseDate < TODAY", ["Old"]),
        ("CloseDate <= TODAY", ["Small", "Old"]),
        ("CloseDate != TODAY", ["Big", "Old"]),
        ("CloseDate = THIS_MONTH", ["Small"]),
        ("CloseDate = NEXT_MONTH", ["Big"]),
        ("CloseDate = LAST_YEAR", ["Old"]),
        ("CloseDate IN (TODAY, LAST_YEAR)", ["Small", "Old"]),
        ("CloseDate = LAST_N_DAYS:0", ["Small"]),
        ("CloseDate = NEXT_N_DAYS:12", ["Big"]),
        ("CloseDate = 2026-06-01", ["Big"]),
        ("CloseDate > 2026-01-01 AND CloseDate < 2026-06-01", ["Small"]),
        ("CALENDAR_YEAR(CloseDate) = 2025", ["Old"]),
        ("CALENDAR_MONTH(CloseDate) IN (5, 6)", ["Small", "Big"]),
        ("DAY_ONLY(CreatedDate) = TODAY", ["Small", "Big", "Old"]),
        ("HOUR_IN_DAY(CreatedDate) = 12", ["Small", "Big", "Old"]),
        ("CreatedDate = 2026-05-20T14:00:00+02:00", ["Small", "Big", "Old"]),
        ("CreatedDate > 2026-05-20T12:00:00Z", []),
        ("CreatedDate = TODAY AND LastModifiedDate >= YESTERDAY", ["Small", "Big", "Old"]),
        ("SystemModstamp < TODAY", []),
        ("Amount = null", ["Old"]),
        ("IsWon = true", ["Big"]),
    ],
)
def test_conditions_on_dates(find: Find, condition: str, found: list[str]) -> None:
    assert [record["Name"] for record in find(f"SELECT Name FROM Opportunity WHERE {condition}")] == found


def test_ids_are_taken_with_15_and_with_18_characters(org: SalesforceOrg, names: Names) -> None:
    account_id = str(org.records("Account")[0]["id"])
    assert names(f"Id = '{account_id}'") == names(f"Id IN ('{account_id[:15]}')") == ["Acme"]


def test_a_condition_on_a_missing_parent_meets_null(find: Find) -> None:
    assert find("SELECT LastName FROM Contact WHERE Account.Name = null") == [{"LastName": "Solo"}]
    assert len(find("SELECT Id FROM Contact WHERE Account.Name != 'Acme'")) == 2


def test_semi_joins_and_anti_joins(names: Names) -> None:
    assert names("Id IN (SELECT AccountId FROM Contact WHERE FirstName LIKE 'a%')") == ["Acme"]
    assert names("Id NOT IN (SELECT AccountId FROM Opportunity WHERE AccountId != null)") == [ODD]


def test_choices_of_a_multi_select_picklist(org: SalesforceOrg, names: Names) -> None:
    values = tuple(PicklistValue(value) for value in ("Red", "Green", "Blue"))
    field = Field(name="Colours__c", label="Colours", type="multipicklist", values=values, custom=True)
    org.context.schema.put_fields("Account", [field])
    acme, bolt, _ = (record["id"] for record in org.records("Account"))
    org.update("Account", acme, {"Colours__c": "Red;Green"})
    org.update("Account", bolt, {"Colours__c": "Blue"})
    assert names("Colours__c INCLUDES ('green')") == ["Acme"]
    assert names("Colours__c INCLUDES ('Red;Blue', 'Blue')") == ["bolt"]
    assert names("Colours__c EXCLUDES ('Red')") == ["bolt", ODD]
    assert names("Colours__c = 'green;red'") == ["Acme"]
    with pytest.raises(
        SoqlError, match="invalid operator on multipicklist field"
    ):  # simple-salesforce issue 73
        names("Colours__c LIKE 'Red%'")


def test_deleted_records_are_seen_only_when_asked_for(org: SalesforceOrg, find: Find) -> None:
    org.delete("Account", org.records("Account")[2]["id"])
    assert len(find("SELECT Id FROM Account")) == 2
    assert len(find("SELECT Id FROM Account", include_deleted=True)) == 3
    assert len(find("SELECT Id FROM Account ALL ROWS")) == 3
    assert find("SELECT Name FROM Account WHERE IsDeleted = true ALL ROWS") == [{"Name": ODD}]


def test_scope_mine_leaves_the_users_own_records(org: SalesforceOrg, find: Find) -> None:
    user = {"Username": "o@x.y", "LastName": "Other", "Email": "o@x.y", "Alias": "o"}
    locale = {"TimeZoneSidKey": "GMT", "LocaleSidKey": "en_US", "LanguageLocaleKey": "en_US"}
    other = org.create(
        "User", {**user, **locale, "EmailEncodingKey": "UTF-8", "ProfileId": org.identity.profile_id}
    )
    org.update("Account", org.records("Account")[0]["id"], {"OwnerId": other["id"]})
    assert len(find("SELECT Id FROM Account USING SCOPE mine")) == 2
    assert len(find("SELECT Id FROM Account USING SCOPE everything")) == 3


_CRITERION = "value of filter criterion for field '{}' must be of type {} and should{} be enclosed in quotes"


@pytest.mark.parametrize(
    ("condition", "field", "kind", "negation"),
    [
        ("Name = 5", "Name", "string", ""),
        ("Id = 5", "Id", "id", ""),
        ("AnnualRevenue = '5'", "AnnualRevenue", "double", " not"),
        ("NumberOfEmployees = '5'", "NumberOfEmployees", "int", " not"),
        ("IsDeleted = 'true'", "IsDeleted", "boolean", " not"),
        ("CreatedDate = 2020-01-01", "CreatedDate", "dateTime", " not"),
    ],
)
def test_a_literal_of_another_type_is_refused(
    org: SalesforceOrg, condition: str, field: str, kind: str, negation: str
) -> None:
    with pytest.raises(SoqlError) as caught:
        execute(org.context, f"SELECT Id FROM Account WHERE {condition}")
    assert caught.value.code == "INVALID_FIELD"
    assert caught.value.message.split("\n")[-1] == _CRITERION.format(field, kind, negation)


@pytest.mark.parametrize(
    ("condition", "code", "message"),
    [
        ("Id = 'abc'", "INVALID_QUERY_FILTER_OPERATOR", "invalid ID field: abc"),
        ("Id LIKE '001%'", "INVALID_QUERY_FILTER_OPERATOR", "invalid operator on id field"),
        ("IsDeleted > true", "INVALID_QUERY_FILTER_OPERATOR", "invalid operator on boolean field"),
        ("Name INCLUDES ('a')", "INVALID_QUERY_FILTER_OPERATOR", "invalid operator on string field"),
        ("Description = 'a'", "INVALID_FIELD", "field 'Description' can not be filtered in a query call"),
        (
            "BillingAddress = null",
            "INVALID_FIELD",
            "field 'BillingAddress' can not be filtered in a query call",
        ),
        ("CreatedDate = SOMEDAY", "MALFORMED_QUERY", "Bind variables only allowed in Apex code"),
        ("CreatedDate = LAST_N_YEARS:999999", "MALFORMED_QUERY", "Invalid date: LAST_N_YEARS:999999"),
        (
            "CreatedDate = 2020-13-45T00:00:00Z",
            "MALFORMED_QUERY",
            "Invalid dateTime: 2020-13-45T00:00:00Z",
        ),
        (
            "Id IN (SELECT AccountId FROM Contact) OR Name = 'x'",
            "MALFORMED_QUERY",
            "Semi join sub-selects are only allowed at the top level WHERE expressions and not in nested "
            "WHERE expressions.",
        ),
        (
            "Id IN (SELECT ParentId FROM Account)",
            "MALFORMED_QUERY",
            "The inner and outer selects should not be on the same object type",
        ),
        (
            "Id IN (SELECT Name FROM Contact)",
            "MALFORMED_QUERY",
            "The selected field 'Name' in the subquery and the left operand field in the where expression in "
            "the outer query 'Id' should point to the same object type",
        ),
        ("COUNT(Id) = 1", "MALFORMED_QUERY", "Aggregate functions can not be used here: COUNT"),
    ],
)
def test_what_does_not_fit_is_refused(org: SalesforceOrg, condition: str, code: str, message: str) -> None:
    with pytest.raises(SoqlError) as caught:
        execute(org.context, f"SELECT Id FROM Account WHERE {condition}")
    assert caught.value.code == code
    assert caught.value.message.split("\n")[-1] == message


def test_keyed_filters_read_only_what_they_need(
    org: SalesforceOrg, clock: ManualClock, find: Find, monkeypatch: pytest.MonkeyPatch
) -> None:
    org.seed("Contact", [{"LastName": f"Bulk {n}", "Email": f"b{n}@x.y"} for n in range(3000)])
    clock.advance(hours=1)
    first = org.records("Contact")[0]
    org.update("Contact", first["id"], {"Title": "changed"})
    read = 0
    scan = org.store.scan

    def counting(*arguments: Any, **options: Any) -> Any:
        nonlocal read
        for row in scan(*arguments, **options):
            read += 1
            yield row

    monkeypatch.setattr(org.store, "scan", counting)
    for condition in (
        f"Id = '{first['id']}'",
        "Email = 'B77@x.y'",
        "Email IN ('b1@x.y') AND LastName != null",
        "Email = 'b1@x.y' OR Email = 'b2@x.y'",
        f"AccountId = '{first['AccountId']}' AND FirstName = 'Ada'",
        "SystemModstamp > 2026-05-20T12:30:00Z",
    ):
        assert 1 <= len(find(f"SELECT Id FROM Contact WHERE {condition}")) <= 2
    assert read <= 12
