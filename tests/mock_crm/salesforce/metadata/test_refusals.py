"""What the Metadata API refuses of components that parse well: code and text, [M] all of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.mock_crm.salesforce.metadata.conftest import MetadataClient

pytestmark = pytest.mark.anyio

NAME_FIELD = "<nameField><type>Text</type><label>Name</label></nameField>"
LABELS = "<label>Thing</label><pluralLabel>Things</pluralLabel>"
SHARING = "<deploymentStatus>Deployed</deploymentStatus><sharingModel>ReadWrite</sharingModel>"
TEXT = "<label>A</label><type>Text</type><length>20</length>"
DETAIL = (
    "<label>A</label><type>MasterDetail</type><referenceTo>Account</referenceTo>"
    "<relationshipName>As</relationshipName>"
)
LISTED = "<label>A</label><type>Picklist</type><valueSet><valueSetName>Colours</valueSetName></valueSet>"


def created(kind: str, name: str, body: str) -> str:
    component = f'<metadata xsi:type="{kind}"><fullName>{name}</fullName>{body}</metadata>'
    return f"<createMetadata>{component}</createMetadata>"


def thing(body: str = f"{LABELS}{NAME_FIELD}{SHARING}") -> str:
    return created("CustomObject", "Thing__c", body)


def field(name: str, body: str = TEXT) -> str:
    return created("CustomField", name, body)


def changed(call: str) -> str:
    return call.replace("createMetadata", "updateMetadata")


SET = created("PermissionSet", "Sales", "<label>Sales</label>")
LOOKUP = field(
    "Contact.Thing__c", DETAIL.replace("MasterDetail", "Lookup").replace(">Account<", ">Thing__c<")
)
RENAME = "<renameMetadata><type>CustomField</type>{names}</renameMetadata>"
MOVE = RENAME.format(names="<oldFullName>Account.A__c</oldFullName><newFullName>Contact.A__c</newFullName>")
REMOVE = "<deleteMetadata><type>CustomObject</type><fullNames>Thing__c</fullNames></deleteMetadata>"


@pytest.mark.parametrize(
    ("before", "call", "code", "message"),
    [
        ([thing()], thing(), "DUPLICATE_DEVELOPER_NAME", "There is already an object named Thing."),
        ([SET], SET, "DUPLICATE_DEVELOPER_NAME", "The permission set name Sales is already in use."),
        ([thing(), LOOKUP], REMOVE, "DELETE_FAILED", "referenced elsewhere: Contact.Thing__c"),
        ([field("Account.A__c")], MOVE, "FIELD_INTEGRITY_EXCEPTION", "cannot be moved to another object"),
        (
            [field("Account.A__c")],
            changed(field("Account.A__c", "<label>A</label><type>Date</type>")),
            "FIELD_INTEGRITY_EXCEPTION",
            "Cannot change the field type from Text to Date",
        ),
        ([], field("Account.Nope"), "FIELD_INTEGRITY_EXCEPTION", "Could not resolve standard field's name."),
        ([], field("Account.A__c", "<label>A</label>"), "FIELD_INTEGRITY_EXCEPTION", "Must specify 'type'"),
        ([], field("Contact.A__c", DETAIL), "FIELD_INTEGRITY_EXCEPTION", "Contact cannot be the detail"),
        ([], field("Account.A__c", LISTED), "INVALID_CROSS_REFERENCE_KEY", "no GlobalValueSet named Colours"),
        ([], thing(f"{NAME_FIELD}{SHARING}"), "FIELD_INTEGRITY_EXCEPTION", "a non-empty label for"),
        ([], thing(f"{LABELS}{SHARING}"), "FIELD_INTEGRITY_EXCEPTION", "Must specify a nameField"),
        ([], created("PermissionSet", "X", ""), "REQUIRED_FIELD_MISSING", "Required field is missing: label"),
    ],
)
async def test_a_component_is_refused(
    metadata: MetadataClient, before: list[str], call: str, code: str, message: str
) -> None:
    for step in before:
        assert (await metadata.call(step))[0]["success"] == "true"
    result = (await metadata.call(call))[0]
    assert (result["success"], result["errors"]["statusCode"]) == ("false", code)
    assert message in result["errors"]["message"]


async def test_an_object_with_records_cannot_become_a_detail(metadata: MetadataClient) -> None:
    await metadata.call(thing())
    metadata.org.create("Thing__c", {"Name": "x"})
    result = (await metadata.call(field("Thing__c.A__c", DETAIL)))[0]
    assert "an object that already contains records" in result["errors"]["message"]


async def test_a_definition_that_cannot_be_changed_is_read_only(metadata: MetadataClient) -> None:
    path = "/services/data/v60.0/tooling/sobjects/EntityDefinition"
    refusal = (await metadata.http.post(path, json={})).json()[0]
    expected = ("CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY", "entity type EntityDefinition is read-only")
    assert (refusal["errorCode"], refusal["message"]) == expected
