"""The Metadata API: components are made, changed, read and removed as Salesforce does it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.mock_crm.salesforce.metadata.conftest import MetadataClient

pytestmark = pytest.mark.anyio

FIELD = (
    '<metadata xsi:type="CustomField"><fullName>Account.{name}__c</fullName><label>{name}</label>'
    "<type>Text</type><length>{length}</length><required>{required}</required></metadata>"
)
OBJECT = (
    '<metadata xsi:type="CustomObject"><fullName>Invoice__c</fullName><label>Invoice</label>'
    "<pluralLabel>Invoices</pluralLabel><nameField><type>AutoNumber</type><label>Number</label>"
    "<displayFormat>INV-{0000}</displayFormat></nameField><deploymentStatus>Deployed</deploymentStatus>"
    "<sharingModel>ReadWrite</sharingModel>{fields}</metadata>"
)
INVOICE = OBJECT.replace("{fields}", "")
PERMISSION_SET = (
    '<metadata xsi:type="PermissionSet"><fullName>Visibility</fullName><label>Visibility</label>'
    "<fieldPermissions><editable>true</editable><field>{field}</field><readable>true</readable>"
    "</fieldPermissions></metadata>"
)
SHARING_MODEL = "<sharingModel>ReadWrite</sharingModel>"
ROLLED_BACK = (
    "Record rolled back because not all records were valid and the request was using AllOrNone header"
)


def field(name: str = "Tier", *, length: int = 20, required: bool = False) -> str:
    return FIELD.format(name=name, length=length, required=str(required).lower())


def visible(metadata: MetadataClient, object_name: str) -> list[str]:
    return [item["name"] for item in metadata.org.describe(object_name)["fields"] if item["custom"]]


async def test_a_new_field_is_invisible_until_it_is_permitted_and_assigned(metadata: MetadataClient) -> None:
    org = metadata.org
    assert await metadata.call(f"<upsertMetadata>{field()}</upsertMetadata>") == [
        {"created": "true", "fullName": "Account.Tier__c", "success": "true"}
    ]
    assert visible(metadata, "Account") == []
    answer = await metadata.http.post(
        "/services/data/v60.0/sobjects/Account", json={"Name": "A", "Tier__c": "Gold"}
    )
    assert (answer.status_code, answer.json()[0]["errorCode"]) == (400, "INVALID_FIELD")
    permissions = PERMISSION_SET.format(field="Account.Tier__c")
    await metadata.call(f"<upsertMetadata>{permissions}</upsertMetadata>")
    assert visible(metadata, "Account") == []
    found = org.query("SELECT Id FROM PermissionSet WHERE Name = 'Visibility'")
    org.create(
        "PermissionSetAssignment",
        {"AssigneeId": org.identity.user_id, "PermissionSetId": found[0]["Id"]},
    )
    assert visible(metadata, "Account") == ["Tier__c"]
    assert org.create("Account", {"Name": "A", "Tier__c": "Gold"})["Tier__c"] == "Gold"


async def test_a_required_field_is_visible_at_once(metadata: MetadataClient) -> None:
    await metadata.call(f"<createMetadata>{field(required=True)}</createMetadata>")
    assert visible(metadata, "Account") == ["Tier__c"]


async def test_a_field_may_be_permitted_by_the_profile(metadata: MetadataClient) -> None:
    await metadata.call(f"<createMetadata>{field()}</createMetadata>")
    await metadata.call(
        '<updateMetadata><metadata xsi:type="Profile"><fullName>Admin</fullName><fieldPermissions>'
        "<editable>false</editable><field>Account.Tier__c</field><readable>true</readable></fieldPermissions>"
        "</metadata></updateMetadata>"
    )
    described = next(f for f in metadata.org.describe("Account")["fields"] if f["name"] == "Tier__c")
    assert (described["createable"], described["updateable"]) == (False, False)


# [A] amp-labs/connectors, metadata/test/err-bad-request.xml
async def test_all_or_none_rolls_back_what_succeeded(metadata: MetadataClient) -> None:
    bad = field("Bad", length=0)
    results = await metadata.call(f"<upsertMetadata>{field()}{bad}</upsertMetadata>", all_or_none=True)
    assert results == [
        {
            "created": "false",
            "errors": {"message": ROLLED_BACK, "statusCode": "ALL_OR_NONE_OPERATION_ROLLED_BACK"},
            "fullName": "Account.Tier__c",
            "success": "false",
        },
        {
            "created": "false",
            "errors": {
                "message": "Invalid length, minimum is: 1",
                "statusCode": "FIELD_INTEGRITY_EXCEPTION",
            },
            "fullName": "Account.Bad__c",
            "success": "false",
        },
    ]
    assert metadata.field("Account", "Tier__c") is None


async def test_without_all_or_none_the_good_ones_stay(metadata: MetadataClient) -> None:
    await metadata.call(f"<createMetadata>{field('Bad', length=0)}{field()}</createMetadata>")
    assert metadata.field("Account", "Tier__c") is not None


async def test_an_update_replaces_the_definition(metadata: MetadataClient) -> None:
    await metadata.call(f"<createMetadata>{field(length=20)}</createMetadata>")
    assert await metadata.call(f"<updateMetadata>{field(length=80)}</updateMetadata>") == [
        {"fullName": "Account.Tier__c", "success": "true"}
    ]
    read = await metadata.call("<readMetadata><type>CustomField</type><fullNames>account.tier__C</fullNames>"
                               "</readMetadata>")  # fmt: skip
    assert read[0]["records"] == {
        "fullName": "Account.Tier__c",
        "label": "Tier",
        "length": "80",
        "required": "false",
        "type": "Text",
    }


async def test_what_is_not_there_is_read_as_nil(metadata: MetadataClient) -> None:
    read = await metadata.call(
        "<readMetadata><type>PermissionSet</type><fullNames>No</fullNames></readMetadata>"
    )
    assert read == [{"records": None}]


@pytest.mark.parametrize(
    ("body", "code", "message"),
    [
        # [A] delete-field-not-found.xml
        (
            "<deleteMetadata><type>CustomField</type><fullNames>Account.No__c</fullNames></deleteMetadata>",
            "INVALID_CROSS_REFERENCE_KEY",
            "This custom field does not exist or is not accessible",
        ),
        # [A] metadata-create-response.xml
        (
            f"<createMetadata>{field().replace('Account.', 'No__c.')}</createMetadata>",
            "FIELD_INTEGRITY_EXCEPTION",
            "Entity 'No__c' not found.",
        ),
        # [A] permissions-of-unknown-field.xml
        (
            f"<upsertMetadata>{PERMISSION_SET.format(field='Account.No__c')}</upsertMetadata>",
            "INVALID_CROSS_REFERENCE_KEY",
            "In field: field - no CustomField named Account.No__c found",
        ),
        # [A] change-field-permissions-of-required.xml
        (
            f"<upsertMetadata>{PERMISSION_SET.format(field='Account.Name')}</upsertMetadata>",
            "FIELD_INTEGRITY_EXCEPTION",
            "You cannot deploy to a required field: Account.Name",
        ),
        # [P] deployment reports
        (
            '<createMetadata><metadata xsi:type="CustomField"><fullName>Account.L__c</fullName>'
            "<label>L</label><type>Lookup</type><referenceTo>No__c</referenceTo></metadata></createMetadata>",
            "FIELD_INTEGRITY_EXCEPTION",
            "referenceTo value of 'No__c' does not resolve to a valid sObject type",
        ),
        (
            f"<createMetadata>{INVOICE.replace('Invoice__c', 'Invoice')}</createMetadata>",
            "FIELD_INTEGRITY_EXCEPTION",
            "'Invoice' does not resolve to a valid sObject type, fullName must end with: "
            "__as, __b, __c, __dll, __dlm, __e, __kav, __mdt, __mg, __x",
        ),
        (
            f"<createMetadata>{INVOICE.replace(SHARING_MODEL, '')}</createMetadata>",
            "REQUIRED_FIELD_MISSING",
            "Required field is missing: sharingModel",
        ),
        (
            f"<updateMetadata>{field()}</updateMetadata>",
            "INVALID_CROSS_REFERENCE_KEY",
            "no CustomField named Account.Tier__c found",
        ),
        (
            '<createMetadata><metadata xsi:type="CustomField"><fullName>Account.T__c</fullName>'
            "<label>T</label><type>Text</type></metadata></createMetadata>",
            "FIELD_INTEGRITY_EXCEPTION",
            "Must specify 'length' for a CustomField of type Text",
        ),
    ],
)
async def test_a_component_is_refused(metadata: MetadataClient, body: str, code: str, message: str) -> None:
    result = (await metadata.call(body))[0]
    assert result["success"] == "false"
    assert (result["errors"]["statusCode"], result["errors"]["message"]) == (code, message)


# [M] evidence/salesforce.md#errors, DUPLICATE_DEVELOPER_NAME
async def test_a_field_cannot_be_made_twice(metadata: MetadataClient) -> None:
    await metadata.call(f"<createMetadata>{field()}</createMetadata>")
    result = (await metadata.call(f"<createMetadata>{field()}</createMetadata>"))[0]
    assert result["errors"] == {
        "fields": "DeveloperName",
        "message": "There is already a field named Tier on Account.",
        "statusCode": "DUPLICATE_DEVELOPER_NAME",
    }


async def test_more_than_ten_components_are_refused_together(metadata: MetadataClient) -> None:
    body = "".join(field(f"F{number}") for number in range(11))
    assert await metadata.fault(f"<createMetadata>{body}</createMetadata>") == (
        "sf:EXCEEDED_ID_LIMIT",  # [A] record-limit-err.xml
        "EXCEEDED_ID_LIMIT: record limit reached. cannot submit more than 10 records in this operation",
    )


async def test_a_call_without_a_valid_session_is_a_fault(metadata: MetadataClient) -> None:
    code, text = await metadata.fault("<describeMetadata/>", token="00Dwrong")
    assert code == "sf:INVALID_SESSION_ID"  # [A] metadata-create-token-expired.xml
    assert text.startswith("INVALID_SESSION_ID: Invalid Session ID found in SessionHeader: Illegal Session.")


@pytest.mark.parametrize(
    ("body", "text"),
    [
        ("<noSuchCall/>", "No operation available for request"),
        (
            '<createMetadata><metadata xsi:type="CustomField"><nope/></metadata></createMetadata>',
            "invalid at this",
        ),
        (
            f"<createMetadata>{field().replace('<length>20', '<length>x')}</createMetadata>",
            "'x' is not a valid value for the type xsd:int",
        ),
        (
            f"<createMetadata>{field().replace('<type>Text', '<type>Txt')}</createMetadata>",
            "'Txt' is not a valid value for the enum 'FieldType'",
        ),
        ('<createMetadata><metadata xsi:type="Flow"/></createMetadata>', "does not simulate the type Flow"),
    ],
)
async def test_what_no_parser_would_take_is_a_fault(metadata: MetadataClient, body: str, text: str) -> None:
    code, found = await metadata.fault(body)
    assert text in found
    assert code in ("soapenv:Client", "sf:FUNCTIONALITY_NOT_ENABLED")


async def test_a_custom_object_is_made_with_its_fields_and_takes_records(metadata: MetadataClient) -> None:
    lookup = (
        "<fields><fullName>Payer__c</fullName><label>Payer</label><type>Lookup</type><required>false</required>"
        "<referenceTo>Account</referenceTo><relationshipName>Invoices</relationshipName></fields>"
    )
    made = OBJECT.replace("{fields}", lookup)
    assert await metadata.call(f"<createMetadata>{made}</createMetadata>") == [
        {"fullName": "Invoice__c", "success": "true"}
    ]
    org = metadata.org
    record = org.create("Invoice__c", {})
    assert (record["id"][:3], record["Name"]) == ("a00", "INV-0001")
    payer = metadata.field("Invoice__c", "payer__c")
    assert payer is not None
    assert payer.relationship == "Payer__r"
    assert [c.name for c in org.context.schema.children("Account") if c.child == "Invoice__c"] == [
        "Invoices__r"
    ]
    read = await metadata.call(
        "<readMetadata><type>CustomObject</type><fullNames>Invoice__c</fullNames></readMetadata>"
    )
    assert read[0]["records"]["fields"]["relationshipName"] == "Invoices"
    removed = await metadata.call(
        "<deleteMetadata><type>CustomObject</type><fullNames>Invoice__c</fullNames></deleteMetadata>"
    )
    assert removed == [{"fullName": "Invoice__c", "success": "true"}]
    assert "Invoice__c" not in org.objects()


async def test_a_failed_object_leaves_nothing_behind(metadata: MetadataClient) -> None:
    made = OBJECT.replace(
        "{fields}", "<fields><fullName>A__c</fullName><label>A</label><type>Text</type></fields>"
    )
    result = (await metadata.call(f"<createMetadata>{made}</createMetadata>"))[0]
    assert result["success"] == "false"
    assert metadata.org.context.schema.definition("Invoice__c") is None


async def test_two_lookups_cannot_share_a_child_relationship(metadata: MetadataClient) -> None:
    lookup = (
        '<metadata xsi:type="CustomField"><fullName>Contact.{name}__c</fullName><label>{name}</label>'
        "<type>Lookup</type><referenceTo>Account</referenceTo><relationshipName>People</relationshipName></metadata>"
    )
    both = lookup.format(name="A") + lookup.format(name="B")
    results = await metadata.call(f"<createMetadata>{both}</createMetadata>")
    assert results[0]["success"] == "true"
    assert results[1]["errors"] == {  # [P] deployment reports
        "message": "There is already a Child Relationship named People on Account.",
        "statusCode": "DUPLICATE_DEVELOPER_NAME",
    }


async def test_deleting_a_field_takes_its_values_along(metadata: MetadataClient) -> None:
    org = metadata.org
    await metadata.call(f"<createMetadata>{field(required=True)}</createMetadata>")
    account = org.create("Account", {"Name": "A", "Tier__c": "Gold"})
    await metadata.call(
        "<deleteMetadata><type>CustomField</type><fullNames>Account.Tier__c</fullNames></deleteMetadata>"
    )
    await metadata.call(f"<createMetadata>{field(required=True)}</createMetadata>")
    assert (org.record("Account", account["id"]) or {})["Tier__c"] is None


async def test_renaming_a_field_takes_its_values_along(metadata: MetadataClient) -> None:
    org = metadata.org
    await metadata.call(f"<createMetadata>{field(required=True)}</createMetadata>")
    account = org.create("Account", {"Name": "A", "Tier__c": "Gold"})
    renamed = await metadata.call(
        "<renameMetadata><type>CustomField</type><oldFullName>Account.Tier__c</oldFullName>"
        "<newFullName>Account.Level__c</newFullName></renameMetadata>"
    )
    assert renamed == [{"fullName": "Account.Level__c", "success": "true"}]
    assert (org.record("Account", account["id"]) or {})["Level__c"] == "Gold"


async def test_a_permission_set_is_replaced_as_a_whole(metadata: MetadataClient) -> None:
    await metadata.call(f"<createMetadata>{field()}{field('Other')}</createMetadata>")
    for name in ("Tier", "Other"):
        await metadata.call(
            f"<upsertMetadata>{PERMISSION_SET.format(field=f'Account.{name}__c')}</upsertMetadata>"
        )
    read = await metadata.call(
        "<readMetadata><type>PermissionSet</type><fullNames>Visibility</fullNames></readMetadata>"
    )
    assert read[0]["records"]["fieldPermissions"] == {
        "editable": "true",
        "field": "Account.Other__c",
        "readable": "true",
    }


async def test_a_record_type_is_made_with_its_record(metadata: MetadataClient) -> None:
    await metadata.call(
        '<createMetadata><metadata xsi:type="RecordType"><fullName>Account.Partner</fullName>'
        "<active>true</active><label>A partner</label></metadata></createMetadata>"
    )
    kinds = metadata.org.describe("Account")["recordTypeInfos"]
    assert [(kind["developerName"], kind["name"]) for kind in kinds] == [
        ("Partner", "A partner"),
        ("Master", "Master"),
    ]


async def test_a_validation_rule_refuses_writes_in_its_own_words(metadata: MetadataClient) -> None:
    await metadata.call(
        '<createMetadata><metadata xsi:type="ValidationRule"><fullName>Account.Needs_phone</fullName>'
        "<active>true</active><errorConditionFormula>ISBLANK(Phone)</errorConditionFormula>"
        "<errorDisplayField>Phone</errorDisplayField><errorMessage>Call me</errorMessage>"
        "</metadata></createMetadata>"
    )
    answer = await metadata.http.post("/services/data/v60.0/sobjects/Account", json={"Name": "A"})
    assert answer.json() == [
        {"message": "Call me", "errorCode": "FIELD_CUSTOM_VALIDATION_EXCEPTION", "fields": ["Phone"]}
    ]


async def test_components_are_listed_with_their_files(metadata: MetadataClient) -> None:
    await metadata.call(f"<createMetadata>{field()}</createMetadata>")
    listed = await metadata.call("<listMetadata><queries><type>CustomField</type></queries></listMetadata>")
    assert [(item["fullName"], item["fileName"], item["type"], item["id"][:3]) for item in listed] == [
        ("Account.Tier__c", "objects/Account.object", "CustomField", "00N")
    ]
    assert listed[0]["createdDate"] == "2026-01-01T00:00:00.000Z"


async def test_the_api_describes_its_types(metadata: MetadataClient) -> None:
    described = (await metadata.call("<describeMetadata><asOfVersion>60.0</asOfVersion></describeMetadata>"))[
        0
    ]
    assert [item["xmlName"] for item in described["metadataObjects"]] == [
        "CustomObject",
        "PermissionSet",
        "Profile",
    ]
    value_type = (
        await metadata.call(
            "<describeValueType><type>{http://soap.sforce.com/2006/04/metadata}CustomField</type></describeValueType>"
        )
    )[0]
    assert {"apiCreatable": "true", "apiDeletable": "true"}.items() <= value_type.items()
    assert "externalId" in [item["name"] for item in value_type["valueTypeFields"]]
