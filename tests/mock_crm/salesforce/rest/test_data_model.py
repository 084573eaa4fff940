"""What is kept of a write: types, defaults, derived fields, rules (evidence/salesforce.md#objects)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from mock_crm.core.clock import ManualClock
from mock_crm.core.errors import CrmError
from mock_crm.core.org import SnapshotError
from mock_crm.orgs import open_org
from mock_crm.salesforce.formula import compile_formula
from mock_crm.salesforce.formula_functions import FormulaError
from mock_crm.salesforce.metadata.object_model import object_from
from mock_crm.salesforce.org import SalesforceOrg
from mock_crm.salesforce.rules import ValidationRule

AddField = Callable[..., None]


@pytest.mark.parametrize(
    ("type_", "facts", "given", "kept"),
    [
        ("string", {}, "", None),
        ("boolean", {"nillable": False, "defaulted": True}, None, False),
        ("boolean", {"nillable": False, "defaulted": True}, "TRUE", True),
        ("int", {"digits": 9}, "12", 12),
        ("double", {"precision": 18, "scale": 2}, 1.005, 1.01),
        ("currency", {"precision": 18, "scale": 2}, 7, 7.0),
        ("datetime", {}, "2026-02-03T04:05:06.789+02:00", "2026-02-03T02:05:06.789+0000"),
        ("time", {}, "10:11:12", "10:11:12.000Z"),
        ("multipicklist", {"length": 4099}, "a; b;a", "a;b"),
    ],
)
def test_values_are_kept_in_the_form_of_their_type(
    org: SalesforceOrg, custom_field: AddField, type_: str, facts: dict[str, Any], given: Any, kept: Any
) -> None:
    custom_field("Account", "Value__c", type_, **facts)
    assert org.create("Account", {"Name": "x", "Value__c": given})["Value__c"] == kept


@pytest.mark.parametrize(
    ("type_", "given"),
    [
        ("int", 1.5), ("int", "x"), ("double", True), ("double", "1_0"), ("double", "NaN"), ("date", 5),
        ("date", "2026-02-30"), ("datetime", "noon"), ("boolean", "maybe"), ("string", ["a"]),
        ("time", "25:00"),
        # restforce issue 897, qore issue 3908, Force.com-Toolkit-for-NET issues 127 and 128
        ("datetime", "2017-10-17 00:00:00"), ("datetime", "2017-10-17T00:00:00"), ("datetime", "2017-10-17"),
        ("date", "2020-04-30T13:19:18.000000+02:00"), ("date", "20150723"), ("date", "2020-W18-4"),
    ],
)  # fmt: skip
def test_values_of_another_kind_are_refused(
    org: SalesforceOrg, custom_field: AddField, type_: str, given: Any
) -> None:
    custom_field("Account", "Value__c", type_)
    with pytest.raises(CrmError):
        org.create("Account", {"Name": "x", "Value__c": given})


def test_hostile_text_comes_back_as_it_was(org: SalesforceOrg) -> None:
    hostile = "\x00\x1b[31m<script>‮'; DROP TABLE--[bold]😀" + "x" * 20_000
    assert org.create("Account", {"Name": "x", "Description": hostile})["Description"] == hostile


def test_an_opportunity_follows_its_stage(org: SalesforceOrg) -> None:
    values = {"Name": "x", "CloseDate": "2026-05-06", "StageName": "Needs Analysis", "Amount": 200}
    record = org.create("Opportunity", values)
    assert (record["Probability"], record["ExpectedRevenue"], record["IsClosed"]) == (20.0, 40.0, False)
    assert (record["Fiscal"], record["ForecastCategoryName"]) == ("2026 2", "Pipeline")
    won = org.update("Opportunity", record["id"], {"StageName": "Closed Won"})
    assert (won["IsClosed"], won["IsWon"], won["Probability"], won["ForecastCategory"]) == (
        True, True, 100.0, "Closed",
    )  # fmt: skip


def test_new_records_get_their_defaults(org: SalesforceOrg) -> None:
    case = org.create("Case", {"Subject": "x"})
    assert (case["Status"], case["CaseNumber"], case["IsClosed"]) == ("New", "00000001", False)
    assert case["OwnerId"] == org.identity.user_id
    assert org.create("Lead", {"LastName": "x", "Company": "y"})["Status"] == "Open - Not Contacted"
    assert org.create("Task", {})["Status"] == "Not Started"


def test_a_case_takes_over_what_its_contact_has(org: SalesforceOrg) -> None:
    account = org.create("Account", {"Name": "x"})["id"]
    contact = org.create("Contact", {"LastName": "y", "AccountId": account, "Email": "a@b.co"})["id"]
    case = org.create("Case", {"ContactId": contact})
    assert (case["ContactEmail"], case["AccountId"]) == ("a@b.co", account)


def test_a_line_item_takes_its_price_from_the_price_book(org: SalesforceOrg) -> None:
    product = org.create("Product2", {"Name": "p", "ProductCode": "c"})["id"]
    custom_book = org.create("Pricebook2", {"Name": "own"})["id"]
    price = {"Product2Id": product, "UnitPrice": 10, "Pricebook2Id": custom_book, "IsActive": True}
    with pytest.raises(CrmError, match="create a standard price"):
        org.create("PricebookEntry", price)
    entry = org.create("PricebookEntry", {**price, "Pricebook2Id": org.identity.standard_pricebook_id})
    assert entry["Name"] == "p"
    deal = {"Name": "x", "CloseDate": "2026-05-06", "StageName": "Prospecting"}
    opportunity = org.create("Opportunity", deal)["id"]
    item = {"OpportunityId": opportunity, "PricebookEntryId": entry["id"], "Quantity": 3}
    line = org.create("OpportunityLineItem", item)
    assert (line["UnitPrice"], line["TotalPrice"], line["ProductCode"]) == (10.0, 30.0, "c")


@pytest.mark.parametrize(
    ("object_name", "values", "message"),
    [
        ("Asset", {"Name": "x"}, "Every asset needs an account, a contact, or both."),
        ("Event", {"Subject": "x"}, "DurationInMinutes, ActivityDateTime"),
        ("User", {"Username": "x"}, "Required fields are missing"),
    ],
)
def test_some_objects_ask_more_than_their_describe_says(
    org: SalesforceOrg, object_name: str, values: dict[str, Any], message: str
) -> None:
    with pytest.raises(CrmError, match=message):
        org.create(object_name, values)


def test_addresses_and_names_are_read_as_compounds(org: SalesforceOrg) -> None:
    record_id = org.create("Contact", {"LastName": "x", "MailingCity": "Bonn"})["id"]
    sobject = org.context.schema.find("Contact")
    row = org.store.get("Contact", record_id)
    assert sobject is not None
    assert row is not None
    whole = org.context.reader.whole(sobject, row)
    assert whole["MailingAddress"]["city"] == "Bonn"
    assert set(whole["MailingAddress"]) == {
        "city", "country", "geocodeAccuracy", "latitude", "longitude", "postalCode", "state", "street",
    }  # fmt: skip
    assert whole["OtherAddress"] is None


def test_what_hangs_on_a_deleted_record_goes_too_or_lets_go(org: SalesforceOrg) -> None:
    account = org.create("Account", {"Name": "x"})["id"]
    contact = org.create("Contact", {"LastName": "y", "AccountId": account})["id"]
    boss = org.create("Contact", {"LastName": "boss"})["id"]
    report = org.create("Contact", {"LastName": "z", "ReportsToId": boss})["id"]
    task = org.create("Task", {"WhoId": contact})["id"]
    org.delete("Account", account)
    assert org.record("Contact", contact) is None
    assert org.record("Task", task) is None
    org.delete("Contact", boss)
    assert (org.record("Contact", report) or {})["ReportsToId"] is None
    assert len(org.records("Contact", archived=True)) == 2


def test_history_tells_what_a_record_was(org: SalesforceOrg) -> None:
    record_id = org.create("Account", {"Name": "x"})["id"]
    assert isinstance(org.clock, ManualClock)
    org.clock.advance(60)
    org.update("Account", record_id, {"Name": "y"})
    versions = org.history("accounts", record_id)
    assert [(v["at"], v["fields"]["Name"]) for v in versions] == [
        ("2026-01-01T00:00:00.000+0000", "x"),
        ("2026-01-01T00:01:00.000+0000", "y"),
    ]


def test_seeds_are_all_or_nothing_and_say_which_row_is_wrong(org: SalesforceOrg) -> None:
    with pytest.raises(CrmError, match="row 2: Required fields are missing"):
        org.seed("Contact", [{"LastName": "x"}, {"FirstName": "y"}])
    assert org.count("Contact") == 0
    assert len(org.seed("contacts", ({"LastName": str(n)} for n in range(300)))) == 300


def test_a_snapshot_of_something_else_is_refused(org: SalesforceOrg) -> None:
    org.create("Account", {"Name": "x"})
    with pytest.raises(SnapshotError):
        org.restore(b"no snapshot")
    assert org.count("Account") == 1


def test_an_org_in_a_file_is_as_it_was_when_it_opens_again(tmp_path: Path, org: SalesforceOrg) -> None:
    path = tmp_path / "deep" / "org.db"
    first = open_org("salesforce", seed=1, clock=org.clock, path=path)
    record_id = first.create("Account", {"Name": "x"})["id"]
    first.close()
    second = open_org("salesforce", seed=1, clock=org.clock, path=path)
    assert second.record("Account", record_id) is not None
    assert second.create("Account", {"Name": "y"})["id"] != record_id
    second.reset()
    assert second.count("Account") == 0
    second.close()


def test_unknown_objects_and_providers_are_refused(org: SalesforceOrg) -> None:
    with pytest.raises(CrmError):
        org.records("Nope")
    with pytest.raises(ValueError, match="no mock of"):
        open_org("siebel")


def test_auto_numbers_follow_their_format(org: SalesforceOrg, custom_field: AddField) -> None:
    custom_field(
        "Account", "No__c", auto_number=True, display_format="A-{YYYY}-{000}", createable=False,
        updateable=False,
    )  # fmt: skip
    assert [org.create("Account", {"Name": "x"})["No__c"] for _ in range(2)] == ["A-2026-001", "A-2026-002"]


def test_calculated_fields_are_worked_out_when_read(org: SalesforceOrg, custom_field: AddField) -> None:
    custom_field("Account", "Double__c", "double", formula="AnnualRevenue * 2", createable=False)
    custom_field("Account", "Broken__c", "double", formula="$User.Id", createable=False)
    record = org.create("Account", {"Name": "x", "AnnualRevenue": 21})
    assert (record["Double__c"], record["Broken__c"]) == (42.0, None)


NOW = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
VALUES = {"Name": "Ann", "Amount": 10.0, "Stage": "Won", "Empty": None, "Day": "2026-01-05", "Flag": True}


@pytest.mark.parametrize(
    ("formula", "value"),
    [
        ("1 + 2 * 3 - 4 / 2", 5.0),
        ("-(2 ^ 3)", -8.0),
        ("Amount >= 10 && NOT(Flag = FALSE)", True),
        ("ISBLANK(Empty) || ISBLANK(Name)", True),
        ('IF(ISPICKVAL(Stage, "Won"), "yes", "no")', "yes"),
        ('CASE(Stage, "Lost", 1, "Won", 2, 3)', 2.0),
        ('Name & "-" & TEXT(Amount)', "Ann-10"),
        ('REGEX(Name, "[A-Z][a-z]+")', True),
        ("Day - TODAY()", 3.0),
        ("TODAY() + 3 = Day", True),
        ("ISCHANGED(Name)", True),
        ("PRIORVALUE(Name)", "Bob"),
        ("ISNEW()", False),
        ("ROUND(2.5, 0)", 3.0),
        ("/* comment */ CONTAINS(\"abc\", 'b')", True),
        ("Empty > 5", False),
        ('Empty = ""', True),
        ("MAX(1, Amount, 3)", 10.0),
        ('AND(TRUE, OR(FALSE, name = "Ann"))', True),
    ],
)
def test_formulas_are_worked_out(formula: str, value: Any) -> None:
    assert compile_formula(formula).evaluate(VALUES, {"Name": "Bob"}, NOW) == value


@pytest.mark.parametrize(
    "formula", ["", "1 +", "(1", "FOO(1)", "LEN()", "Owner.Name", "$Profile.Name", "1 2", "#", "(" * 500]
)
def test_formulas_that_cannot_be_read_say_so(formula: str) -> None:
    with pytest.raises(FormulaError):
        compile_formula(formula)


@pytest.mark.parametrize("formula", ["Nope = 1", '"a" - 1', "1 / 0", 'VALUE("x")', '1 < "a"'])
def test_formulas_that_fail_say_so(formula: str) -> None:
    with pytest.raises(FormulaError):
        compile_formula(formula).evaluate(VALUES, None, NOW)


def test_an_inactive_validation_rule_refuses_nothing(org: SalesforceOrg) -> None:
    rule = ValidationRule(name="Never", condition="TRUE", message="no", is_active=False)
    org.context.rules.put_validation_rule("Account", rule)
    org.create("Account", {"Name": "x"})
    assert org.context.rules.drop_validation_rule("Account", "never")
    assert org.context.rules.validation_rules("Account") == []


def test_a_custom_object_s_record_is_named_by_its_id_when_nobody_names_it(org: SalesforceOrg) -> None:
    nameless = {"label": "Thing", "pluralLabel": "Things", "nameField": {"label": "Name", "type": "Text"}}
    org.context.schema.put_object(object_from(nameless, "Thing__c", "a00", "01I000000000001AAA"))
    record = org.create("Thing__c", {})
    assert record["Name"] == record["id"][:15]
    assert org.update("Thing__c", record["id"], {"Name": "x"})["Name"] == "x"
    assert org.update("Thing__c", record["id"], {"Name": None})["Name"] == record["id"][:15]
