"""Deployments: a package is carried out, tried out, or refused as a whole."""

from __future__ import annotations

import io
import zipfile
from base64 import b64decode, b64encode
from typing import TYPE_CHECKING, Any

import pytest

from mock_crm.salesforce.metadata import package
from mock_crm.salesforce.metadata.package import PackageError, read_package

if TYPE_CHECKING:
    from tests.mock_crm.salesforce.metadata.conftest import MetadataClient

pytestmark = pytest.mark.anyio

MANIFEST = '<Package xmlns="http://soap.sforce.com/2006/04/metadata"><version>60.0</version></Package>'
FIELDS = (
    '<CustomObject xmlns="http://soap.sforce.com/2006/04/metadata"><fields><fullName>Tier__c</fullName>'
    "<label>Tier</label><type>Text</type><length>20</length></fields><listViews><fullName>All</fullName>"
    "</listViews></CustomObject>"
)
PERMISSIONS = (
    '<PermissionSet xmlns="http://soap.sforce.com/2006/04/metadata"><label>Sales</label><fieldPermissions>'
    "<editable>true</editable><field>Account.Tier__c</field><readable>true</readable></fieldPermissions>"
    "</PermissionSet>"
)


def zipped(files: dict[str, str]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return buffer.getvalue()


async def deploy(metadata: MetadataClient, files: dict[str, str], **options: bool) -> dict[str, Any]:
    chosen = {"rollbackOnError": True, "singlePackage": True} | options
    rendered = "".join(f"<{name}>{str(value).lower()}</{name}>" for name, value in chosen.items())
    encoded = b64encode(zipped(files)).decode()
    started = await metadata.call(
        f"<deploy><ZipFile>{encoded}</ZipFile><DeployOptions>{rendered}</DeployOptions></deploy>"
    )
    assert started[0]["id"][:3] == "0Af"
    status = await metadata.call(
        f"<checkDeployStatus><asyncProcessId>{started[0]['id']}</asyncProcessId>"
        "<includeDetails>true</includeDetails></checkDeployStatus>"
    )
    found: dict[str, Any] = status[0]
    return found


async def test_a_package_is_carried_out_objects_first(metadata: MetadataClient) -> None:
    result = await deploy(
        metadata,
        {
            "unpackaged/package.xml": MANIFEST,
            "unpackaged/permissionsets/Sales.permissionset": PERMISSIONS,
            "unpackaged/objects/Account.object": FIELDS,
        },
    )
    assert (result["done"], result["success"], result["status"]) == ("true", "true", "Succeeded")
    assert [m["fullName"] for m in result["details"]["componentSuccesses"]] == ["Account.Tier__c", "Sales"]
    assert metadata.field("Account", "Tier__c") is not None


async def test_a_failure_undoes_the_whole_package(metadata: MetadataClient) -> None:
    broken = FIELDS.replace("<length>20</length>", "")
    files = {"package.xml": MANIFEST, "objects/Account.object": FIELDS, "objects/Contact.object": broken}
    result = await deploy(metadata, files)
    assert (result["success"], result["status"], result["numberComponentErrors"]) == ("false", "Failed", "1")
    failure = result["details"]["componentFailures"]
    assert (failure["fullName"], failure["problem"]) == (
        "Contact.Tier__c",
        "Must specify 'length' for a CustomField of type Text",
    )
    assert result["details"]["componentSuccesses"]["fullName"] == "Account.Tier__c"
    assert metadata.field("Account", "Tier__c") is None


async def test_a_check_changes_nothing(metadata: MetadataClient) -> None:
    result = await deploy(
        metadata, {"package.xml": MANIFEST, "objects/Account.object": FIELDS}, checkOnly=True
    )
    assert (result["success"], result["checkOnly"]) == ("true", "true")
    assert metadata.field("Account", "Tier__c") is None


async def test_a_deletion_is_carried_out(metadata: MetadataClient) -> None:
    await deploy(metadata, {"package.xml": MANIFEST, "objects/Account.object": FIELDS})
    deletion = (
        '<Package xmlns="http://soap.sforce.com/2006/04/metadata"><types><members>Account.Tier__c</members>'
        "<name>CustomField</name></types></Package>"
    )
    result = await deploy(metadata, {"package.xml": MANIFEST, "destructiveChanges.xml": deletion})
    assert result["details"]["componentSuccesses"]["deleted"] == "true"
    assert metadata.field("Account", "Tier__c") is None


async def test_a_type_that_is_not_simulated_is_named(metadata: MetadataClient) -> None:
    result = await deploy(metadata, {"package.xml": MANIFEST, "classes/A.cls": "public class A {}"})
    failure = result["details"]["componentFailures"]
    assert (failure["fullName"], result["success"]) == ("A", "false")
    assert "does not simulate components of classes" in failure["problem"]


async def test_an_unknown_deployment_is_a_fault(metadata: MetadataClient) -> None:
    code, _ = await metadata.fault(
        "<checkDeployStatus><asyncProcessId>0Af000000000001</asyncProcessId></checkDeployStatus>"
    )
    assert code == "sf:INVALID_CROSS_REFERENCE_KEY"


@pytest.mark.parametrize("content", [b"", b"no zip", zipped({"a/b": "x"}), zipped({"package.xml": "<a"})])
async def test_what_is_no_package_is_refused(content: bytes) -> None:
    with pytest.raises(PackageError):
        read_package(content)


async def test_a_package_that_unpacks_to_too_much_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(package, "MAX_UNPACKED_BYTES", 1000)
    with pytest.raises(PackageError, match="too large"):
        read_package(zipped({"package.xml": " " * 1001}))


async def retrieve(metadata: MetadataClient, types: str) -> tuple[dict[str, Any], dict[str, str]]:
    started = await metadata.call(
        "<retrieve><retrieveRequest><apiVersion>60.0</apiVersion><singlePackage>true</singlePackage><unpackaged>"
        f"{types}<version>60.0</version></unpackaged></retrieveRequest></retrieve>"
    )
    result = await metadata.call(
        f"<checkRetrieveStatus><asyncProcessId>{started[0]['id']}</asyncProcessId></checkRetrieveStatus>"
    )
    with zipfile.ZipFile(io.BytesIO(b64decode(result[0]["zipFile"]))) as archive:
        return result[0], {name: archive.read(name).decode() for name in archive.namelist()}


async def test_what_was_deployed_can_be_retrieved_and_deployed_again(metadata: MetadataClient) -> None:
    sources = {"objects/Account.object": FIELDS, "permissionsets/Sales.permissionset": PERMISSIONS}
    await deploy(metadata, {"package.xml": MANIFEST} | sources)
    _, files = await retrieve(
        metadata,
        "<types><members>Account.Tier__c</members><name>CustomField</name></types>"
        "<types><members>*</members><name>PermissionSet</name></types>",
    )
    assert files.keys() == {"package.xml", *sources}
    assert "<fields><fullName>Tier__c</fullName><label>Tier</label>" in files["objects/Account.object"]
    assert "<types><members>Account.Tier__c</members><name>CustomField</name></types>" in files["package.xml"]
    again = await deploy(metadata, files)
    assert again["success"] == "true"


async def test_a_missing_component_is_reported_beside_the_others(metadata: MetadataClient) -> None:
    result, files = await retrieve(
        metadata, "<types><members>No__c</members><members>Account</members><name>CustomObject</name></types>"
    )
    assert result["messages"]["problem"] == "Entity of type 'CustomObject' named 'No__c' cannot be found"
    assert files.keys() == {"package.xml", "objects/Account.object"}


async def test_a_deployment_cannot_be_cancelled_any_more(metadata: MetadataClient) -> None:
    await deploy(metadata, {"package.xml": MANIFEST})
    started = await metadata.call(
        f"<deploy><ZipFile>{b64encode(zipped({'package.xml': MANIFEST})).decode()}</ZipFile></deploy>"
    )
    body = f"<cancelDeploy><id>{started[0]['id']}</id></cancelDeploy>"
    assert await metadata.fault(body) == (
        "sf:INVALID_ID_FIELD",
        "INVALID_ID_FIELD: Deployment already completed",
    )


async def test_a_retrieval_says_what_it_wants(metadata: MetadataClient) -> None:
    code, text = await metadata.fault("<retrieve/>")
    assert (code, "Must specify a retrieveRequest" in text) == ("sf:INVALID_TYPE", True)


async def test_the_org_may_stand_in_the_path(metadata: MetadataClient) -> None:
    answer = await metadata.http.post("/services/Soap/m/60.0/00D000000000001", content=b"<x/>")
    assert (answer.status_code, "Fault" in answer.text) == (500, True)


async def test_a_file_that_is_no_xml_fails_by_itself(metadata: MetadataClient) -> None:
    result = await deploy(metadata, {"package.xml": MANIFEST, "objects/Account.object": "<CustomObject>"})
    assert result["details"]["componentFailures"]["problem"].startswith("Error parsing file: ")
