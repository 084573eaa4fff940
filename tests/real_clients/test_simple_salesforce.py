"""simple-salesforce against the mock over HTTPS: each operation by what the client returns.

The real login host is reached through the proxy, as a user would with HTTPS_PROXY and REQUESTS_CA_BUNDLE.
"""

from __future__ import annotations

import base64
import datetime
import io
import time
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from simple_salesforce import Salesforce, SalesforceLogin, SFType, format_soql
from simple_salesforce.exceptions import (
    SalesforceError,
    SalesforceExpiredSession,
    SalesforceMalformedRequest,
    SalesforceMoreThanOneRecord,
    SalesforceOperationError,
    SalesforceResourceNotFound,
)

if TYPE_CHECKING:
    from tests.real_clients.conftest import Mock

pytestmark = pytest.mark.client("simple-salesforce")

Client = Any
"""A `Salesforce`, whose attributes are made at run time: its annotations deny most of them."""

LOGIN: dict[str, Any] = {"username": "ann@example.com", "password": "p<ss&", "security_token": "TOKEN"}


def content_of(raised: pytest.ExceptionInfo[SalesforceError]) -> Any:
    """The body of an answer; the client's annotations say that it is bytes or a number."""
    return raised.value.content


@pytest.fixture
def environment(salesforce_mock: Mock, monkeypatch: pytest.MonkeyPatch) -> Mock:
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", salesforce_mock.ca)
    monkeypatch.setenv("HTTPS_PROXY", salesforce_mock.proxy_url)
    monkeypatch.setenv("NO_PROXY", "127.0.0.1,localhost")
    # The client sleeps for five seconds before it looks at a job for the first time.
    for module in ("bulk", "bulk2"):
        monkeypatch.setattr(f"simple_salesforce.{module}.sleep", lambda _: time.sleep(0.01))
    return salesforce_mock


@pytest.fixture
def sf(environment: Mock) -> Client:
    return Salesforce(**LOGIN, version="60.0")


@pytest.fixture
def keyed(sf: Client) -> Client:
    """A client of an org whose accounts have an external id, permitted to it as in the real thing."""
    api = sf.mdapi
    field = api.CustomField(
        fullName="Account.Key__c",
        label="Key",
        type=api.FieldType("Text"),
        length=40,
        externalId=True,
        unique=True,
    )
    api.CustomField.upsert([field])
    permission = {"field": "Account.Key__c", "editable": True, "readable": True}
    api.PermissionSet.upsert(
        [api.PermissionSet(fullName="Keys", label="Keys", fieldPermissions=[permission])]
    )
    held = sf.query("SELECT Id FROM PermissionSet WHERE Name = 'Keys'")["records"][0]["Id"]
    user = sf.oauth2("userinfo")["user_id"]
    assignment = {"AssigneeId": user, "PermissionSetId": held}
    if not sf.query(f"SELECT Id FROM PermissionSetAssignment WHERE PermissionSetId = '{held}'")["totalSize"]:
        sf.PermissionSetAssignment.create(assignment)
    with pytest.raises(SalesforceMalformedRequest, match="Duplicate PermissionSetAssignment"):
        sf.PermissionSetAssignment.create(assignment)
    return sf


def names(records: list[Any]) -> list[str]:
    return sorted(record["Name"] for record in records)


class TestSigningIn:
    def test_with_a_security_token(self, environment: Mock) -> None:
        session_id, instance = SalesforceLogin(**LOGIN)
        assert session_id.startswith("00D")
        assert instance == "login.salesforce.com"

    def test_with_an_organization_id(self, environment: Mock) -> None:
        session_id, _ = SalesforceLogin("ann@example.com", "secret", organizationId="00D000000000001")
        assert session_id.startswith("00D")

    def test_with_the_password_flow(self, environment: Mock) -> None:
        sf = Salesforce(username="a@b.c", password="x", consumer_key="key", consumer_secret="secret")
        assert sf.query("SELECT count() FROM Account")["done"] is True

    def test_with_client_credentials(self, environment: Mock) -> None:
        sf = Salesforce(consumer_key="key", consumer_secret="secret", domain="acme.my")
        assert sf.sf_instance == "acme.my.salesforce.com"
        assert sf.query("SELECT Id FROM User")["totalSize"] >= 1

    def test_with_a_jwt(self, environment: Mock) -> None:
        key = rsa.generate_private_key(public_exponent=65537, key_size=2048).private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        sf = Salesforce(username="a@b.c", consumer_key="key", privatekey=key.decode())
        assert sf.query("SELECT Id FROM Organization")["totalSize"] == 1

    def test_with_a_session_and_a_local_instance(self, environment: Mock) -> None:
        session_id, _ = SalesforceLogin(**LOGIN)
        sf = Salesforce(session_id=session_id, instance=environment.https_host)
        assert sf.query("SELECT Id FROM Organization")["totalSize"] == 1

    def test_an_expired_session_raises(self, environment: Mock) -> None:
        sf = Salesforce(session_id="wrong", instance=environment.https_host)
        with pytest.raises(SalesforceExpiredSession) as raised:
            sf.query("SELECT Id FROM Account")
        assert content_of(raised)[0]["errorCode"] == "INVALID_SESSION_ID"


class TestRecords:
    def test_create_get_update_delete(self, sf: Client) -> None:
        created = sf.Account.create({"Name": "Acme", "NumberOfEmployees": 3})
        assert created == {"id": created["id"], "success": True, "errors": []}
        record = sf.Account.get(created["id"])
        assert (record["Name"], record["NumberOfEmployees"]) == ("Acme", 3)
        assert record["attributes"]["type"] == "Account"
        assert sf.Account.update(created["id"], {"Name": "Acme Inc."}) == 204
        assert sf.Account.get(created["id"][:15])["Name"] == "Acme Inc."
        assert sf.Account.delete(created["id"]) == 204
        with pytest.raises(SalesforceResourceNotFound):
            sf.Account.get(created["id"])

    def test_upsert_by_external_id(self, keyed: Client) -> None:
        assert keyed.Account.upsert("Key__c/a%2Fb", {"Name": "Slash"}) == 201
        assert keyed.Account.upsert("Key__c/a%2Fb", {"Name": "Slash 2"}) == 200
        assert keyed.Account.get_by_custom_id("Key__c", "a/b")["Name"] == "Slash 2"

    def test_several_matches_raise(self, sf: Client) -> None:
        for _ in range(2):
            sf.Contact.create({"LastName": "Twin", "Email": "twin@example.com"})
        with pytest.raises(SalesforceMoreThanOneRecord):
            sf.Contact.upsert("Email/twin@example.com", {"LastName": "Twin"})

    def test_a_refused_create_raises_with_salesforces_body(self, sf: Client) -> None:
        with pytest.raises(SalesforceMalformedRequest) as raised:
            sf.Contact.create({"FirstName": "Ann"})
        assert content_of(raised) == [
            {
                "message": "Required fields are missing: [LastName]",
                "errorCode": "REQUIRED_FIELD_MISSING",
                "fields": ["LastName"],
            }
        ]

    def test_an_unknown_object_raises(self, sf: Client) -> None:
        with pytest.raises(SalesforceResourceNotFound):
            sf.Nothing__c.create({"Name": "x"})

    def test_changed_and_deleted_records(self, sf: Client) -> None:
        kept = sf.Account.create({"Name": "Kept"})["id"]
        gone = sf.Account.create({"Name": "Gone"})["id"]
        sf.Account.delete(gone)
        end = datetime.datetime.now(datetime.UTC) + datetime.timedelta(minutes=2)
        start = end - datetime.timedelta(minutes=10)
        assert kept in sf.Account.updated(start, end)["ids"]
        assert gone in [record["id"] for record in sf.Account.deleted(start, end)["deletedRecords"]]

    def test_files(self, sf: Client, tmp_path: Path) -> None:
        account = sf.Account.create({"Name": "With a file"})["id"]
        path = tmp_path / "hello.txt"
        path.write_text("hello")
        created = sf.Attachment.create(
            {"Name": "hello.txt", "ParentId": account, "Body": base64.b64encode(b"hello").decode()}
        )
        assert created["success"] is True
        assert sf.Attachment.get_base64(created["id"]) == b"hello"

    def test_the_describe_of_an_object(self, sf: Client) -> None:
        described = sf.Contact.describe()
        assert described["name"] == "Contact"
        assert "LastName" in [field["name"] for field in described["fields"]]
        assert sf.Contact.metadata()["objectDescribe"]["keyPrefix"] == "003"

    def test_an_object_without_a_client(self, sf: Client, environment: Mock) -> None:
        contact = SFType("Contact", sf.session_id, environment.https_host, sf_version="60.0")
        assert contact.create({"LastName": "Alone"})["success"] is True


class TestOrg:
    def test_describe(self, sf: Client) -> None:
        assert "Account" in [item["name"] for item in sf.describe()["sobjects"]]

    def test_limits_and_usage(self, sf: Client) -> None:
        assert sf.limits()["DailyApiRequests"]["Max"] == 15000
        assert sf.api_usage["api-usage"].used > 0

    def test_is_sandbox(self, sf: Client) -> None:
        assert sf.is_sandbox() in (True, False)

    def test_restful(self, sf: Client) -> None:
        assert "DailyApiRequests" in sf.restful("limits")

    def test_user_info(self, sf: Client) -> None:
        assert sf.oauth2("userinfo")["organization_id"].startswith("00D")

    def test_apex_rest_is_absent(self, sf: Client) -> None:
        with pytest.raises(SalesforceError):
            sf.apexecute("MyClass")


class TestQueries:
    def test_query(self, sf: Client) -> None:
        sf.Account.create({"Name": "O'Brien"})
        found = sf.query(format_soql("SELECT Id, Name FROM Account WHERE Name = {}", "O'Brien"))
        assert (found["done"], found["records"][0]["Name"]) == (True, "O'Brien")

    def test_query_all_follows_the_pages(self, sf: Client) -> None:
        sf.bulk2.Lead.insert(records=[{"LastName": f"L{n}", "Company": "Paged"} for n in range(2100)])
        soql = "SELECT Id, LastName FROM Lead WHERE Company = 'Paged'"
        first = sf.query(soql)
        assert (first["totalSize"], len(first["records"]), first["done"]) == (2100, 2000, False)
        rest = sf.query_more(first["nextRecordsUrl"], identifier_is_url=True)
        assert (len(rest["records"]), rest["done"]) == (100, True)
        assert len(list(sf.query_all_iter(soql))) == 2100
        assert len(sf.query_all(soql)["records"]) == 2100

    def test_query_with_deleted(self, sf: Client) -> None:
        gone = sf.Account.create({"Name": "Deleted for good"})["id"]
        sf.Account.delete(gone)
        soql = f"SELECT Id FROM Account WHERE Id = '{gone}'"
        assert sf.query(soql)["totalSize"] == 0
        assert sf.query(soql, include_deleted=True)["totalSize"] == 1

    def test_parents_and_children(self, sf: Client) -> None:
        account = sf.Account.create({"Name": "Parent"})["id"]
        sf.Contact.create({"LastName": "Child", "AccountId": account})
        contact = sf.query(f"SELECT LastName, Account.Name FROM Contact WHERE AccountId = '{account}'")
        assert contact["records"][0]["Account"]["Name"] == "Parent"
        parent = sf.query(f"SELECT Name, (SELECT LastName FROM Contacts) FROM Account WHERE Id = '{account}'")
        assert parent["records"][0]["Contacts"]["records"][0]["LastName"] == "Child"

    def test_a_wrong_query_raises(self, sf: Client) -> None:
        with pytest.raises(SalesforceMalformedRequest) as raised:
            sf.query("SELECT Nope FROM Account")
        assert content_of(raised)[0]["errorCode"] == "INVALID_FIELD"

    def test_search(self, sf: Client) -> None:
        sf.Account.create({"Name": "Zanzibar Ltd"})
        found = sf.search("FIND {Zanzibar} RETURNING Account(Id, Name)")
        assert names(found["searchRecords"]) == ["Zanzibar Ltd"]
        assert sf.quick_search("Zanzibar")["searchRecords"]

    def test_tooling(self, sf: Client) -> None:
        found = sf.toolingexecute(
            "query?q=SELECT+QualifiedApiName+FROM+EntityDefinition+WHERE+Label='Account'"
        )
        assert [record["QualifiedApiName"] for record in found["records"]] == ["Account"]
        body = {"FullName": "Lead.Mood__c", "Metadata": {"type": "Text", "label": "Mood", "length": 9}}
        assert sf.toolingexecute("sobjects/CustomField", method="POST", data=body)["success"] is True


class TestComposite:
    def test_collections(self, sf: Client) -> None:
        rows = [{"attributes": {"type": "Account"}, "Name": name} for name in ("One", "Two")]
        created = sf.restful("composite/sobjects", method="POST", json={"allOrNone": False, "records": rows})
        assert [row["success"] for row in created] == [True, True]

    def test_composite_with_references(self, sf: Client) -> None:
        base = "/services/data/v60.0/sobjects"
        requests = [
            {"method": "POST", "url": f"{base}/Account", "referenceId": "a", "body": {"Name": "Ref"}},
            {
                "method": "POST",
                "url": f"{base}/Contact",
                "referenceId": "c",
                "body": {"LastName": "Ref", "AccountId": "@{a.id}"},
            },
        ]
        answer = sf.restful(
            "composite", method="POST", json={"allOrNone": True, "compositeRequest": requests}
        )
        assert [part["httpStatusCode"] for part in answer["compositeResponse"]] == [201, 201]

    def test_trees(self, sf: Client) -> None:
        tree = {
            "attributes": {"type": "Account", "referenceId": "r1"},
            "Name": "Tree",
            "Contacts": {
                "records": [{"attributes": {"type": "Contact", "referenceId": "r2"}, "LastName": "Leaf"}]
            },
        }
        answer = sf.restful("composite/tree/Account", method="POST", json={"records": [tree]})
        assert (answer["hasErrors"], [row["referenceId"] for row in answer["results"]]) == (
            False,
            ["r1", "r2"],
        )


class TestBulk:
    def test_insert_update_upsert_delete(self, keyed: Client) -> None:
        inserted = keyed.bulk.Account.insert([{"Name": "B1", "Key__c": "b1"}, {"Name": "B2", "Key__c": "b2"}])
        assert [(row["success"], row["created"]) for row in inserted] == [(True, True)] * 2
        changes = [{"Id": row["id"], "Site": "North"} for row in inserted]
        assert all(row["success"] for row in keyed.bulk.Account.update(changes))
        upserted = keyed.bulk.Account.upsert(
            [{"Key__c": "b1", "Name": "B1 again"}, {"Key__c": "b3", "Name": "B3"}], "Key__c"
        )
        assert [row["created"] for row in upserted] == [False, True]
        deleted = keyed.bulk.Account.delete([{"Id": row["id"]} for row in inserted])
        assert [row["success"] for row in deleted] == [True, True]

    def test_a_failed_row_is_reported_beside_the_others(self, sf: Client) -> None:
        rows = sf.bulk.Contact.insert([{"LastName": "Good"}, {"FirstName": "Bad"}])
        assert [row["success"] for row in rows] == [True, False]
        assert rows[1]["errors"][0]["statusCode"] == "REQUIRED_FIELD_MISSING"

    def test_query(self, sf: Client) -> None:
        sf.bulk.Account.insert([{"Name": "Bulk query"}])
        found = sf.bulk.Account.query("SELECT Id, Name FROM Account WHERE Name = 'Bulk query'")
        assert names(found) == ["Bulk query"]
        lazily = sf.bulk.Account.query_all(
            "SELECT Name FROM Account WHERE Name = 'Bulk query'", lazy_operation=True
        )
        assert names([row for batch in lazily for row in batch]) == ["Bulk query"]

    def test_submit_dml_in_batches(self, sf: Client) -> None:
        rows = [{"LastName": f"S{n}", "Company": "Serial"} for n in range(5)]
        results = sf.bulk.submit_dml("Lead", "insert", rows, batch_size=2, use_serial=True)
        assert len(results) == 5
        assert all(row["success"] for row in results)


class TestBulk2:
    def test_insert_and_results(self, sf: Client) -> None:
        jobs = sf.bulk2.Account.insert(records=[{"Name": "T1"}, {"Name": "T2"}])
        assert (jobs[0]["numberRecordsProcessed"], jobs[0]["numberRecordsFailed"]) == (2, 0)
        successful = sf.bulk2.Account.get_successful_records(jobs[0]["job_id"])
        assert '"sf__Id","sf__Created",Name' in successful.splitlines()[0]
        assert len(successful.splitlines()) == 3

    def test_failed_rows(self, sf: Client) -> None:
        jobs = sf.bulk2.Contact.insert(records=[{"LastName": "Fine", "Email": "x"}])
        assert jobs[0]["numberRecordsFailed"] == 1
        failed = sf.bulk2.Contact.get_failed_records(jobs[0]["job_id"])
        assert "INVALID_EMAIL_ADDRESS:Email: invalid email address: x:Email --" in failed

    def test_upsert_update_delete(self, keyed: Client) -> None:
        job = keyed.bulk2.Account.upsert(records=[{"Key__c": "t1", "Name": "U"}], external_id_field="Key__c")[
            0
        ]
        assert job["numberRecordsProcessed"] == 1
        record = keyed.query("SELECT Id FROM Account WHERE Key__c = 't1'")["records"][0]["Id"]
        keyed.bulk2.Account.update(records=[{"Id": record, "Name": "Updated"}])
        assert keyed.Account.get(record)["Name"] == "Updated"
        assert keyed.bulk2.Account.delete(records=[{"Id": record}])[0]["numberRecordsFailed"] == 0

    def test_query_and_download(self, sf: Client, tmp_path: Path) -> None:
        sf.bulk2.Account.insert(records=[{"Name": f"Q{n}"} for n in range(5)])
        soql = "SELECT Id, Name FROM Account WHERE Name LIKE 'Q_'"
        pages = list(sf.bulk2.Account.query(soql, max_records=2))
        assert sum(len(page.splitlines()) - 1 for page in pages) == 5
        files = sf.bulk2.Account.download(soql, path=str(tmp_path))
        assert sum(file["number_of_records"] for file in files) == 5

    def test_a_wrong_column_fails_the_job(self, sf: Client) -> None:
        with pytest.raises(SalesforceOperationError, match="Field name not found : Nope"):
            sf.bulk2.Account.insert(records=[{"Name": "x", "Nope": "y"}])


class TestMetadata:
    def test_custom_objects(self, sf: Client) -> None:
        api = sf.mdapi
        custom = api.CustomObject(
            fullName="Parcel__c",
            label="Parcel",
            pluralLabel="Parcels",
            nameField=api.CustomField(label="Name", type=api.FieldType("Text")),
            deploymentStatus=api.DeploymentStatus("Deployed"),
            sharingModel=api.SharingModel("ReadWrite"),
        )
        api.CustomObject.create([custom])
        read = api.CustomObject.read("Parcel__c")
        assert (read.fullName, read.label, read.nameField.type) == ("Parcel__c", "Parcel", "Text")
        assert sf.Parcel__c.create({"Name": "P"})["id"][:2] == "a0"
        read.label = "Package"
        api.CustomObject.update(read)
        assert sf.Parcel__c.describe()["label"] == "Package"
        with pytest.raises(Exception, match="DUPLICATE_DEVELOPER_NAME"):
            api.CustomObject.create([custom])
        api.CustomObject.delete(["Parcel__c"])
        with pytest.raises(SalesforceResourceNotFound):
            sf.Parcel__c.describe()

    def test_fields_and_their_errors(self, sf: Client) -> None:
        api = sf.mdapi
        field = api.CustomField(
            fullName="Contact.Nick__c", label="Nick", type=api.FieldType("Text"), length=9
        )
        api.CustomField.create(field)
        assert api.CustomField.read("Contact.Nick__c").length == 9
        api.CustomField.rename("Contact.Nick__c", "Contact.Handle__c")
        assert api.CustomField.read("Contact.Handle__c").label == "Nick"
        with pytest.raises(Exception, match="FIELD_INTEGRITY_EXCEPTION, Must specify 'length'"):
            api.CustomField.create(
                api.CustomField(fullName="Contact.Bad__c", label="Bad", type=api.FieldType("Text"))
            )
        api.CustomField.delete(["Contact.Handle__c"])

    def test_describe_and_list(self, sf: Client) -> None:
        described = sf.mdapi.describe_metadata()
        assert "CustomObject" in [item.xmlName for item in described.metadataObjects]
        assert sf.mdapi.CustomField.describe().apiCreatable is True
        listed = sf.mdapi.list_metadata([sf.mdapi.ListMetadataQuery(type="CustomObject")])
        assert "Account" in [item.fullName for item in listed]

    def test_permission_sets(self, keyed: Client) -> None:
        read = keyed.mdapi.PermissionSet.read("Keys")
        assert [permission.field for permission in read.fieldPermissions] == ["Account.Key__c"]

    def test_deploy(self, sf: Client) -> None:
        package = io.BytesIO()
        namespace = 'xmlns="http://soap.sforce.com/2006/04/metadata"'
        with zipfile.ZipFile(package, "w") as archive:
            archive.writestr("package.xml", f"<Package {namespace}><version>60.0</version></Package>")
            archive.writestr(
                "objects/Lead.object",
                f"<CustomObject {namespace}><fields><fullName>Deployed__c</fullName><label>D</label>"
                "<type>Checkbox</type><defaultValue>false</defaultValue></fields></CustomObject>",
            )
        result = sf.deploy(package, sandbox=False)
        state = sf.checkDeployStatus(result["asyncId"])
        assert (state["state"], state["deployment_detail"]["deployed_count"]) == ("Succeeded", "1")


def test_a_password_is_set_unless_it_is_short(sf: Client) -> None:
    user = sf.oauth2("userinfo")["user_id"]
    sf.set_password(user, "new-password")
    with pytest.raises(SalesforceMalformedRequest, match="at least 8 characters"):
        sf.set_password(user, "new")
