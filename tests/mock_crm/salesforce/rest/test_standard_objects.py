"""The standard objects that clients ask for: those that are there, and those that say that they are not."""

from __future__ import annotations

import base64
from typing import Any

import pytest

from mock_crm.salesforce.org import SalesforceOrg

from .conftest import BASE, Ask

pytestmark = pytest.mark.anyio

MET = (
    "AccountContactRelation", "AccountContactRole", "AccountHistory", "AsyncApexJob", "BusinessHours",
    "CaseStatus", "ContentDocument", "ContentDocumentLink", "ContentVersion", "CronTrigger", "EmailMessage",
    "FeedItem", "LeadStatus", "LoginHistory", "OpportunityFieldHistory", "OpportunityHistory",
    "OpportunityStage", "Quote", "RecordType", "Topic",
)  # fmt: skip


@pytest.mark.parametrize("name", MET)
async def test_an_object_that_projects_meet_is_queried_and_described(ask: Ask, name: str) -> None:
    # simple-salesforce issues 583 and 704, restforce issue 377, airbyte issue 30819
    where = " WHERE LinkedEntityId = '001000000000001AAA'" if name == "ContentDocumentLink" else ""
    assert (await ask("GET", "query", params={"q": f"SELECT Id FROM {name}{where}"})).status_code == 200
    assert (await ask("GET", f"sobjects/{name}/describe")).json()["name"] == name


async def test_an_absent_standard_object_is_not_taken_for_a_typing_error(ask: Ask) -> None:
    message = "ampsandbox does not simulate the standard object Report."
    answers = [
        await ask("GET", "query", params={"q": "SELECT Id FROM Report"}),
        await ask("GET", "sobjects/Report"),
        await ask("POST", "sobjects/Report", {"Name": "x"}),
        await ask("GET", "sobjects/report/describe"),
    ]
    assert {answer.json()[0]["errorCode"] for answer in answers} == {"NOT_IMPLEMENTED"}
    assert [answer.status_code for answer in answers] == [501] * 4
    assert answers[0].json()[0]["message"] == message
    bulk = await ask("POST", "jobs/ingest", {"object": "Report", "operation": "insert"})
    assert message in bulk.json()[0]["message"]
    unknown = await ask("GET", "query", params={"q": "SELECT Id FROM Reprot"})
    assert unknown.json()[0]["errorCode"] == "INVALID_TYPE"


async def test_definitions_are_read_by_a_plain_query(ask: Ask) -> None:
    query = "SELECT QualifiedApiName FROM EntityDefinition WHERE QualifiedApiName = 'Account'"
    found = (await ask("GET", "query", params={"q": query})).json()
    assert found["records"][0]["QualifiedApiName"] == "Account"
    fields = (
        "SELECT QualifiedApiName FROM FieldDefinition WHERE EntityDefinition.QualifiedApiName = 'Account'"
    )
    assert (await ask("GET", "query", params={"q": fields})).json()["totalSize"] > 20


async def test_a_file_is_a_document_with_versions_and_links(ask: Ask, org: SalesforceOrg) -> None:
    account = org.create("Account", {"Name": "A"})["id"]
    content = base64.b64encode(b"hi").decode()
    body = {"PathOnClient": "a.txt", "VersionData": content, "FirstPublishLocationId": account}
    made = (await ask("POST", "sobjects/ContentVersion", body)).json()
    version = org.record("ContentVersion", made["id"])
    assert version is not None
    assert (version["Title"], version["FileExtension"], version["ContentSize"]) == ("a", "txt", 2)
    links = org.query(f"SELECT ContentDocumentId FROM ContentDocumentLink WHERE LinkedEntityId = '{account}'")
    assert [link["ContentDocumentId"] for link in links] == [version["ContentDocumentId"]]
    document = org.record("ContentDocument", version["ContentDocumentId"])
    assert document is not None
    assert document["LatestPublishedVersionId"] == made["id"]
    # A query shows where a file lies, as a record does (simple-salesforce issue 583, django-salesforce)
    query = {"q": f"SELECT VersionData FROM ContentVersion WHERE Id = '{made['id']}'"}
    place = (await ask("GET", "query", params=query)).json()["records"][0]["VersionData"]
    assert place == f"{BASE}/sobjects/ContentVersion/{made['id']}/VersionData"
    assert (await ask("GET", place)).content == b"hi"
    later = {
        "PathOnClient": "a.txt",
        "VersionData": content,
        "ContentDocumentId": version["ContentDocumentId"],
    }
    second = org.create("ContentVersion", later)
    assert (second["VersionNumber"], second["IsLatest"]) == ("2", True)
    assert [v["IsLatest"] for v in org.records("ContentVersion")] == [False, True]


async def test_an_update_that_changes_nothing_is_no_second_assignment(ask: Ask, org: SalesforceOrg) -> None:
    # Reported by django-salesforce's suite
    held = org.records("PermissionSetAssignment")[0]["id"]
    assert (await ask("PATCH", f"sobjects/PermissionSetAssignment/{held}", {})).status_code == 204


async def test_a_new_user_is_of_the_type_of_its_licence(org: SalesforceOrg) -> None:
    locale = {"TimeZoneSidKey": "GMT", "LocaleSidKey": "en_US", "LanguageLocaleKey": "en_US"}
    user: dict[str, Any] = {"LastName": "U", "Alias": "u", "Email": "u@x.co", "Username": "u@x.co", **locale}
    profile = org.identity.profile_id
    made = org.create("User", {**user, "EmailEncodingKey": "UTF-8", "ProfileId": profile})
    assert (made["UserType"], made["CommunityNickname"]) == ("Standard", "u")


async def test_the_statuses_of_a_new_org_are_records(org: SalesforceOrg) -> None:
    won = org.query("SELECT MasterLabel, DefaultProbability FROM OpportunityStage WHERE IsWon = true")
    assert [(stage["MasterLabel"], stage["DefaultProbability"]) for stage in won] == [("Closed Won", 100.0)]
    converted = org.query("SELECT MasterLabel FROM LeadStatus WHERE IsConverted = true")
    assert [status["MasterLabel"] for status in converted] == ["Closed - Converted"]


@pytest.mark.parametrize("moment", ["2020-09-02T00:00:00.000Z", "2020-09-02T21:53:52Z"])
async def test_a_moment_in_utc_is_taken_for_a_date(org: SalesforceOrg, moment: str) -> None:
    # Recorded by openstax_salesforce_api, retry_opportunity (2020), and tutor-server (2018, 2021)
    deal = {"Name": "d", "StageName": "Prospecting", "CloseDate": moment}
    assert org.create("Opportunity", deal)["CloseDate"] == "2020-09-02"


@pytest.mark.parametrize("type_", ["Picklist", "MultiselectPicklist"])
async def test_the_tooling_api_names_values_by_value_name(ask: Ask, org: SalesforceOrg, type_: str) -> None:
    # Seen in supaglue issue 2041
    value = {"valueName": "gold", "label": "Gold", "description": "", "default": False}
    metadata = {
        "type": type_, "label": "Tier", **({} if type_ == "Picklist" else {"visibleLines": 4}),
        "valueSet": {"valueSetDefinition": {"sorted": False, "value": [value]}},
    }  # fmt: skip
    field = {"FullName": "Account.Tier__c", "Metadata": metadata}
    assert (await ask("POST", "tooling/sobjects/CustomField", field)).status_code == 201
    item = org.context.schema.definition("Account")
    assert item is not None
    made = item.field("Tier__c")
    assert made is not None
    assert [(v.value, v.label) for v in made.values] == [("gold", "Gold")]


async def test_files_and_activities_belong_to_custom_objects(ask: Ask, org: SalesforceOrg) -> None:
    # Seen in django-salesforce's suite (test_simple_custom_object) and jsforce's schema test
    metadata = {
        "label": "Trip", "pluralLabel": "Trips", "enableActivities": True, "deploymentStatus": "Deployed",
        "nameField": {"type": "Text", "label": "Trip Name"}, "sharingModel": "ReadWrite",
    }  # fmt: skip
    made = {"FullName": "Trip__c", "Metadata": metadata}
    assert (await ask("POST", "tooling/sobjects/CustomObject", made)).status_code == 201
    trip = org.create("Trip__c", {"Name": "t"})["id"]
    org.create("Attachment", {"Name": "a.txt", "ParentId": trip, "Body": "aGk="})
    org.create("Note", {"Title": "n", "ParentId": trip})
    org.create("Task", {"Subject": "s", "WhatId": trip})
    event = {"Subject": "s", "WhatId": trip, "DurationInMinutes": 5}
    org.create("Event", {**event, "ActivityDateTime": "2024-01-01T10:00:00Z"})
    named = {child["relationshipName"] for child in org.describe("Trip__c")["childRelationships"]}
    assert {"Attachments", "Notes", "Tasks", "Events", "ActivityHistories", "NotesAndAttachments"} <= named
    found = org.query("SELECT Id, (SELECT Name FROM Attachments) FROM Trip__c")
    assert found[0]["Attachments"]["totalSize"] == 1
    assert "OpenActivities" in {c["relationshipName"] for c in org.describe("Account")["childRelationships"]}


async def test_deleting_the_id_of_no_record_is_a_cross_reference_that_is_not_valid(ask: Ask) -> None:
    # django-salesforce takes this refusal with 404 for a record that is gone
    answer = await ask("DELETE", "sobjects/Contact/003000000000000AAA")
    assert (answer.status_code, answer.json()[0]["errorCode"]) == (404, "INVALID_CROSS_REFERENCE_KEY")


async def test_a_case_knows_whether_it_was_closed_from_the_start(ask: Ask, org: SalesforceOrg) -> None:
    # formie issue 1981
    answer = await ask("POST", "sobjects/Case", {"IsClosedOnCreate": True})
    assert answer.json()[0]["errorCode"] == "INVALID_FIELD_FOR_INSERT_UPDATE"
    assert [org.create("Case", {"Status": s})["IsClosedOnCreate"] for s in ("New", "Closed")] == [False, True]
