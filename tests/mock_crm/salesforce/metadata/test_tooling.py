"""The Tooling API: components over REST, and queries over what the org consists of."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import httpx
import pytest

if TYPE_CHECKING:
    from tests.mock_crm.salesforce.metadata.conftest import MetadataClient

pytestmark = pytest.mark.anyio

TOOLING = "/services/data/v60.0/tooling"
TEXT = {"type": "Text", "label": "Tier", "length": 20, "externalId": True, "unique": True}


async def make_field(
    metadata: MetadataClient, full_name: str = "Contact.Tier__c", **definition: Any
) -> httpx.Response:
    body = {"FullName": full_name, "Metadata": TEXT | definition}
    answer: httpx.Response = await metadata.http.post(f"{TOOLING}/sobjects/CustomField", json=body)
    return answer


async def query(metadata: MetadataClient, soql: str) -> httpx.Response:
    answer: httpx.Response = await metadata.http.get(f"{TOOLING}/query", params={"q": soql})
    return answer


async def test_a_field_is_made_changed_and_removed(metadata: MetadataClient) -> None:
    made = await make_field(metadata)
    assert made.status_code == 201
    assert made.json() == {
        "id": made.json()["id"],
        "success": True,
        "errors": [],
        "warnings": [],
        "infos": [],
    }
    url = f"{TOOLING}/sobjects/CustomField/{made.json()['id']}"
    assert (await metadata.http.get(url)).json()["Metadata"]["length"] == 20
    changed = await metadata.http.patch(url, json={"Metadata": TEXT | {"length": 80}})
    assert (changed.status_code, changed.content) == (204, b"")
    tier = metadata.field("Contact", "Tier__c")
    assert tier is not None
    assert tier.length == 80
    removed = await metadata.http.delete(url[:-3])
    assert (removed.status_code, (await metadata.http.get(url)).status_code) == (204, 404)


async def test_an_object_is_made(metadata: MetadataClient) -> None:
    definition = {
        "label": "Invoice",
        "pluralLabel": "Invoices",
        "nameField": {"label": "Name", "type": "Text"},
        "deploymentStatus": "Deployed",
        "sharingModel": "ReadWrite",
    }
    body = {"FullName": "Invoice__c", "Metadata": definition}
    made = await metadata.http.post(f"{TOOLING}/sobjects/CustomObject", json=body)
    assert (made.status_code, made.json()["id"][:3]) == (201, "01I")
    assert metadata.org.create("Invoice__c", {"Name": "One"})["Name"] == "One"


@pytest.mark.parametrize(
    ("definition", "code", "message"),
    [
        ({"length": 256}, "FIELD_INTEGRITY_EXCEPTION", "Invalid length, maximum is: 255"),
        ({"type": "Txt"}, "JSON_PARSER_ERROR", "instance of complexvalue from VALUE_STRING value Txt or"),
        ({"nope": 1}, "JSON_PARSER_ERROR", 'Unrecognized field "nope" (Class CustomField)'),
        ({"length": "many"}, "JSON_PARSER_ERROR", "VALUE_STRING value many"),
        ({"length": []}, "JSON_PARSER_ERROR", "from START_ARRAY value"),
    ],
)
async def test_a_definition_is_refused(
    metadata: MetadataClient, definition: dict[str, Any], code: str, message: str
) -> None:
    answer = await make_field(metadata, **definition)
    assert (answer.status_code, answer.json()[0]["errorCode"]) == (400, code)
    assert message in answer.json()[0]["message"]


async def test_a_wrong_value_is_shown_with_the_place_of_its_definition(metadata: MetadataClient) -> None:
    # restforce issue 592
    body = '{"FullName":"Lead.mynamespace__fieldname__c","Metadata":{"type":"Long Text Area"}}'
    answer = await metadata.http.post(f"{TOOLING}/sobjects/CustomField", content=body)
    assert answer.json()[0]["message"] == (
        "Cannot deserialize instance of complexvalue from VALUE_STRING value Long Text Area or request may "
        "be missing a required field at [line:1, column:57]"
    )


async def test_a_record_without_its_definition_is_refused(metadata: MetadataClient) -> None:
    answer = await metadata.http.post(f"{TOOLING}/sobjects/CustomField", json={"FullName": "Contact.A__c"})
    assert answer.json()[0]["message"] == "Required fields are missing: [Metadata]"


async def test_custom_fields_are_found_by_their_names(metadata: MetadataClient) -> None:
    await make_field(metadata)
    soql = "SELECT Id, DeveloperName, TableEnumOrId FROM CustomField WHERE DeveloperName = 'Tier'"
    answer = (await query(metadata, soql)).json()
    record = answer["records"][0]
    assert (answer["totalSize"], answer["size"], answer["done"]) == (1, 1, True)
    assert answer["entityTypeName"] == "CustomField"
    assert (record["DeveloperName"], record["TableEnumOrId"]) == ("Tier", "Contact")
    assert record["attributes"]["url"] == f"{TOOLING}/sobjects/CustomField/{record['Id']}"


async def test_field_definitions_are_found_by_their_object(metadata: MetadataClient) -> None:
    await make_field(metadata)
    soql = (
        "SELECT QualifiedApiName, DataType, EntityDefinition.Label FROM FieldDefinition "
        "WHERE EntityDefinition.QualifiedApiName = 'Contact' ORDER BY QualifiedApiName"
    )
    found = {r["QualifiedApiName"]: r for r in (await query(metadata, soql)).json()["records"]}
    assert found["Tier__c"]["DataType"] == "Text(20)"
    assert found["AccountId"]["DataType"] == "Lookup(Account)"
    assert found["Tier__c"]["EntityDefinition"]["Label"] == "Contact"


async def test_entity_definitions_include_custom_objects(metadata: MetadataClient) -> None:
    soql = (
        "SELECT QualifiedApiName, KeyPrefix FROM EntityDefinition "
        "WHERE QualifiedApiName IN ('Account', 'Lead')"
    )
    found = (await query(metadata, soql)).json()["records"]
    assert {record["QualifiedApiName"]: record["KeyPrefix"] for record in found} == {
        "Account": "001",
        "Lead": "00Q",
    }


async def test_metadata_of_several_rows_is_refused(metadata: MetadataClient) -> None:
    await make_field(metadata)
    await make_field(metadata, "Contact.Other__c")
    answer = await query(metadata, "SELECT Id, Metadata FROM CustomField")
    assert (answer.status_code, answer.json()[0]["errorCode"]) == (400, "MALFORMED_QUERY")
    assert "no more than one row for retrieval. Result size: 2" in answer.json()[0]["message"]


async def test_the_columns_of_a_query_are_told(metadata: MetadataClient) -> None:
    parameters = {"q": "SELECT Label FROM EntityDefinition", "columns": "true"}
    answer = await metadata.http.get(f"{TOOLING}/query", params=parameters)
    assert [column["columnName"] for column in answer.json()["columnMetadata"]] == ["Label"]


async def test_objects_are_described(metadata: MetadataClient) -> None:
    listed = (await metadata.http.get(f"{TOOLING}/sobjects")).json()["sobjects"]
    assert "CustomField" in [item["name"] for item in listed]
    described = (await metadata.http.get(f"{TOOLING}/sobjects/customfield/describe")).json()
    assert (described["name"], described["keyPrefix"]) == ("CustomField", "00N")
    assert "FullName" in [field["name"] for field in described["fields"]]


@pytest.mark.parametrize("path", ["runTestsAsynchronous", "executeAnonymous"])
async def test_what_is_absent_says_so(metadata: MetadataClient, path: str) -> None:
    answer = await metadata.http.get(f"{TOOLING}/{path}")
    assert (answer.status_code, answer.json()[0]["errorCode"]) == (501, "NOT_IMPLEMENTED")


async def test_the_user_interface_api_gives_object_info_and_pick_lists(metadata: MetadataClient) -> None:
    base = "/services/data/v60.0/ui-api/object-info"
    info = (await metadata.http.get(f"{base}/contact")).json()
    assert (info["apiName"], info["nameFields"], info["keyPrefix"]) == ("Contact", ["Name"], "003")
    assert info["fields"]["LastName"]["required"] is True
    assert info["fields"]["AccountId"]["referenceToInfos"] == [{"apiName": "Account", "nameFields": ["Name"]}]
    one = (
        await metadata.http.get(f"{base}/Lead/picklist-values/{info['defaultRecordTypeId']}/status")
    ).json()
    assert one["values"][0]["value"] == "Open - Not Contacted"
    several = (await metadata.http.get(f"{base}/Lead/picklist-values/012000000000000AAA")).json()
    assert "Status" in several["picklistFieldValues"]
    both = (await metadata.http.get(f"{base}/batch/Lead,Nope")).json()["results"]
    assert [result["statusCode"] for result in both] == [200, 404]
    assert (await metadata.http.get("/services/data/v60.0/ui-api/records/1")).status_code == 501


async def test_the_entrances_list_what_is_below_them(metadata: MetadataClient) -> None:
    assert (await metadata.http.get(TOOLING)).json()["query"] == "/services/data/v60.0/tooling/query"
    info = (await metadata.http.get(f"{TOOLING}/sobjects/CustomField")).json()
    assert info["objectDescribe"]["name"] == "CustomField"
    directory = (await metadata.http.get("/services/data/v60.0/ui-api/object-info")).json()["objects"]
    assert directory["Account"]["objectInfoUrl"] == "/services/data/v60.0/ui-api/object-info/Account"
