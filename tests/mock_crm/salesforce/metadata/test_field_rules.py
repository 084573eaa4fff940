"""What Salesforce refuses in the definition of a custom field, text by text."""

from __future__ import annotations

from typing import Any

import pytest

from mock_crm.salesforce.errors import SalesforceError
from mock_crm.salesforce.metadata.field_rules import check_developer_name, check_field

VALID: dict[str, dict[str, Any]] = {
    "AutoNumber": {"displayFormat": "A-{0000}", "startingNumber": 1, "externalId": True},
    "Checkbox": {"defaultValue": "false", "required": False, "unique": False, "indexed": False},
    "Currency": {"precision": 18, "scale": 2, "required": True},
    "Date": {"required": True},
    "DateTime": {},
    "Email": {"unique": True, "externalId": True},
    "EncryptedText": {"length": 20, "maskType": "all", "maskChar": "X"},
    "Html": {"length": 32768, "visibleLines": 25},
    "Location": {"scale": 4, "displayLocationInDecimal": True},
    "LongTextArea": {"length": 256, "visibleLines": 3},
    "Lookup": {"referenceTo": "Account", "relationshipName": "Things", "deleteConstraint": "SetNull"},
    "MasterDetail": {"referenceTo": "Account", "relationshipName": "Things", "relationshipOrder": 0},
    "MultiselectPicklist": {"visibleLines": 4, "valueSet": {}, "required": True},
    "Number": {"precision": 3, "scale": 2, "required": True, "unique": True},
    "Percent": {"precision": 3, "scale": 2},
    "Phone": {},
    "Picklist": {"valueSet": {}},
    "Text": {"length": 255, "unique": True, "externalId": True, "caseSensitive": True},
    "TextArea": {},
    "Time": {},
    "Url": {},
}


def field(kind: str, **changes: Any) -> dict[str, Any]:
    made = {"fullName": "Account.A__c", "label": "A", "type": kind, **VALID.get(kind, {}), **changes}
    return {name: value for name, value in made.items() if value is not None}


@pytest.mark.parametrize("kind", VALID)
def test_a_complete_definition_is_accepted(kind: str) -> None:
    check_field(field(kind))


def test_a_formula_needs_no_length_or_precision() -> None:
    check_field({"label": "A", "type": "Number", "formula": "1 + 1", "precision": 18, "scale": 2})
    check_field({"label": "A", "type": "Text", "formula": "'a'"})


# Each text with its source: [A] amp-labs/connectors recorded answers; [P] public deployment reports;
# [M] not found in public, of the form of the others.
@pytest.mark.parametrize(
    ("definition", "message"),
    [
        (field("LongTextArea", length=255), "Invalid length, minimum is: 256"),  # [A]
        (field("Text", length=0), "Invalid length, minimum is: 1"),  # [M]
        (field("Text", length=256), "Invalid length, maximum is: 255"),  # [M]
        (
            field("Checkbox", required=True),
            "Can not specify 'required' for a CustomField of type Checkbox",
        ),  # [A]
        (
            field("LongTextArea", required=True),
            "Can not specify 'required' for a CustomField of type LongTextArea",
        ),  # [P]
        (field("TextArea", length=10), "Can not specify 'length' for a CustomField of type TextArea"),  # [P]
        (
            field("MasterDetail", deleteConstraint="Cascade"),
            "Can not specify 'deleteConstraint' for a CustomField of type MasterDetail",
        ),  # [P]
        (
            field("Lookup", relationshipOrder=0),
            "Can not specify 'relationshipOrder' for a CustomField of type Lookup",
        ),  # [P]
        (
            field("Hierarchy", referenceTo="User"),
            "Can not specify 'referenceTo' for a CustomField of type Hierarchy",
        ),  # [P]
        (
            field("Checkbox", defaultValue=None),
            "Must specify 'defaultValue' for a CustomField of type Checkbox",
        ),  # [P]
        (
            field("LongTextArea", visibleLines=None),
            "Must specify 'visibleLines' for a CustomField of type LongTextArea",
        ),  # [A], in the connector's own comment
        (field("Text", length=None), "Must specify 'length' for a CustomField of type Text"),  # [P]
        (field("Number", scale=None), "Must specify 'scale' for a CustomField of type Number"),  # [M]
        (field("Date", unique=True), "Can not specify 'unique' for a CustomField of type Date"),  # [M]
        (
            field("MasterDetail", required=True),
            "Master-Detail Relationship Fields Cannot be Optional or Required",
        ),  # [P]
        (
            field("Lookup", required=True),
            "must specify either cascade delete or restrict delete for required lookup foreign key",
        ),  # [P]
        (
            field("Picklist", valueSet=None),
            "You must specify either picklist, globalPicklist, or valueSet",
        ),  # [P] salesforcer#7
        (field("Date", label=None), "Must specify a non-empty label for the CustomField"),  # [M]
    ],
)
def test_a_definition_is_refused_in_salesforce_words(definition: dict[str, Any], message: str) -> None:
    with pytest.raises(SalesforceError) as refused:
        check_field(definition)
    assert (refused.value.code, refused.value.message) == ("FIELD_INTEGRITY_EXCEPTION", message)


@pytest.mark.parametrize("name", ["A", "Warmth_Score", "x1", "A" * 40])
def test_a_developer_name_is_accepted(name: str) -> None:
    check_developer_name(name, "Field Name")


@pytest.mark.parametrize("name", ["", "1a", "_a", "a_", "a__b", "a b", "ä", "a-b"])
def test_a_developer_name_with_other_characters_is_refused(name: str) -> None:
    with pytest.raises(SalesforceError, match="The Field Name field can only contain underscores"):
        check_developer_name(name, "Field Name")


def test_a_long_developer_name_is_refused() -> None:
    with pytest.raises(SalesforceError, match="max length=40") as refused:
        check_developer_name("A" * 41, "Field Name")
    assert refused.value.code == "STRING_TOO_LONG"
