"""Provisioning on Salesforce: which SOAP and REST requests are sent, and what the plan says."""

from __future__ import annotations

from typing import Any
from xml.etree import ElementTree

import httpx
import pytest
from pytest_httpx import HTTPXMock

from ampsandbox.crm.salesforce.client import SalesforceCrm
from ampsandbox.engine.crm import CrmRefusedError, CrmUnavailableError, Exchange, ProvisioningStep, StepAction
from ampsandbox.manifest.model import WriteObject

pytestmark = pytest.mark.anyio

HOST = "https://acme.my.salesforce.com"
ROOT = f"{HOST}/services/data/v60.0"
SOAP = f"{HOST}/services/Soap/m/60.0"
NS = "{http://soap.sforce.com/2006/04/metadata}"


def soap(operation: str, result: str) -> str:
    return (
        '<?xml version="1.0" encoding="UTF-8"?><soapenv:Envelope '
        'xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/" '
        'xmlns="http://soap.sforce.com/2006/04/metadata"><soapenv:Body>'
        f"<{operation}Response>{result}</{operation}Response></soapenv:Body></soapenv:Envelope>"
    )


def fault(code: str, message: str) -> dict[str, Any]:
    body = (
        '<soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/" '
        'xmlns:sf="http://soap.sforce.com/2006/04/metadata"><soapenv:Body><soapenv:Fault>'
        f"<faultcode>sf:{code}</faultcode><faultstring>{code}: {message}</faultstring>"
        "</soapenv:Fault></soapenv:Body></soapenv:Envelope>"
    )
    return {"status_code": 500, "text": body, "headers": {"Content-Type": "text/xml"}}


class Org:
    """A Salesforce org as far as provisioning looks at it; keeps the SOAP requests."""

    def __init__(self, httpx_mock: HTTPXMock) -> None:
        self.calls: list[ElementTree.Element] = []
        self.metadata: dict[str, str] = {}
        self.errors: dict[str, str] = {}
        self.describes: dict[str, dict[str, Any]] = {}
        self.is_assigned = False
        httpx_mock.add_callback(self.answer, is_reusable=True, is_optional=True)

    def answer(self, request: httpx.Request) -> httpx.Response:
        url = str(request.url)
        if url == SOAP:
            return self.soap(request)
        if url.endswith("/describe"):
            name = url.split("/")[-2]
            found = self.describes.get(name)
            missing = [{"errorCode": "NOT_FOUND", "message": "The requested resource does not exist"}]
            return httpx.Response(200, json=found) if found else httpx.Response(404, json=missing)
        if url.endswith("/userinfo"):
            return httpx.Response(200, json={"user_id": "005u", "organization_id": "00Do"})
        if "FROM%20PermissionSetAssignment" in url:
            rows = [{"Id": "0Pa1"}] if self.is_assigned else []
            return httpx.Response(200, json={"records": rows})
        if "FROM%20PermissionSet%20" in url:
            known = "PermissionSet" in self.metadata
            return httpx.Response(200, json={"records": [{"Id": "0PS1"}] if known else []})
        if url.endswith("/sobjects/PermissionSetAssignment"):
            assert request.read() == b'{"AssigneeId":"005u","PermissionSetId":"0PS1"}'
            if self.is_assigned:
                message = "Duplicate PermissionSetAssignment. Assignee: 005u"
                return httpx.Response(400, json=[{"errorCode": "DUPLICATE_VALUE", "message": message}])
            self.is_assigned = True
            return httpx.Response(201, json={"id": "0Pa1", "success": True, "errors": []})
        raise AssertionError(url)

    def soap(self, request: httpx.Request) -> httpx.Response:
        assert request.headers["SOAPAction"] == '""'
        assert request.headers["Content-Type"] == "text/xml; charset=UTF-8"
        envelope = ElementTree.fromstring(request.read())
        assert envelope.findtext(f".//{NS}sessionId") == "00D!secret-token"
        [body] = envelope[1]
        self.calls.append(body)
        kind = body.tag.removeprefix(NS)
        if kind == "readMetadata":
            records = [self.read(str(item.text)) for item in body.findall(f"{NS}fullNames")]
            return httpx.Response(200, text=soap(kind, f"<result>{''.join(records)}</result>"))
        return httpx.Response(200, text=soap(kind, "".join(map(self.upsert, body))))

    def read(self, name: str) -> str:
        if name == "AmpSandboxFieldVisibility":
            name = "PermissionSet"
        return self.metadata.get(name) or '<records xsi:nil="true" xmlns:xsi="x"/>'

    def upsert(self, component: ElementTree.Element) -> str:
        name = component.findtext(f"{NS}fullName") or ""
        if name in self.errors:
            return (
                f"<result><created>false</created><errors><message>no good</message><statusCode>"
                f"{self.errors[name]}</statusCode></errors><fullName>{name}</fullName>"
                "<success>false</success></result>"
            )
        if name == "AmpSandboxFieldVisibility":
            inner = "".join(
                ElementTree.tostring(part, encoding="unicode").replace("ns0:", "").replace(":ns0", "")
                for part in component
            )
            self.metadata["PermissionSet"] = f"<records>{inner}</records>"
        return f"<result><created>true</created><fullName>{name}</fullName><success>true</success></result>"

    def upserts(self) -> list[list[str]]:
        return [
            [str(item.findtext(f"{NS}fullName")) for item in call]
            for call in self.calls
            if call.tag == f"{NS}upsertMetadata"
        ]


@pytest.fixture
def org(httpx_mock: HTTPXMock) -> Org:
    org = Org(httpx_mock)
    org.describes["Contact"] = describe("Contact", LastName="string")
    return org


def describe(name: str, **types: str) -> dict[str, Any]:
    fields = [
        {"name": key, "type": kind, "createable": True, "updateable": True} for key, kind in types.items()
    ]
    return {"name": name, "label": name, "custom": name.endswith("__c"), "fields": fields}


def summary(steps: Any) -> list[tuple[str, str, str]]:
    return [(step.action.value, step.kind, step.name) for step in steps]


async def test_the_plan_names_everything_that_is_missing_and_changes_nothing(
    salesforce: SalesforceCrm, org: Org, contact: WriteObject, campaigns: WriteObject
) -> None:
    plan = await salesforce.plan([contact, campaigns])
    assert summary(plan.steps) == [
        ("exists", "object", "Contact"),
        ("create", "field", "Contact.warmthScore__c"),
        ("create", "object", "mailMonkeyCampaigns__c"),
        ("create", "field", "mailMonkeyCampaigns__c.campaign_name__c"),
        ("create", "permission", "mailMonkeyCampaigns__c"),
        ("create", "permission", "Contact.warmthScore__c"),
        ("create", "permission", "mailMonkeyCampaigns__c.campaign_name__c"),
        ("create", "assignment", "AmpSandboxFieldVisibility"),
    ]
    assert org.upserts() == []


async def test_objects_come_before_fields_before_permissions(
    salesforce: SalesforceCrm, org: Org, contact: WriteObject, campaigns: WriteObject
) -> None:
    done: list[ProvisioningStep] = []
    await salesforce.provision([contact, campaigns], done.append)
    assert org.upserts() == [
        ["mailMonkeyCampaigns__c"],
        ["Contact.warmthScore__c", "mailMonkeyCampaigns__c.campaign_name__c"],
        ["AmpSandboxFieldVisibility"],
    ]
    assert org.is_assigned
    assert len(done) == 8
    created = [call for call in org.calls if call.tag == f"{NS}upsertMetadata"]
    custom_object, field, permission_set = created[0][0], created[1][0], created[2][0]
    assert values(custom_object) == {
        "fullName": "mailMonkeyCampaigns__c",
        "deploymentStatus": "Deployed",
        "description": "We sync campaigns.",
        "label": "MailMonkey <Campaigns> & co",
        "nameField": {"label": "MailMonkey <Campaigns> & co Name", "type": "Text"},
        "pluralLabel": "MailMonkey <Campaigns> & cos",
        "sharingModel": "ReadWrite",
    }
    assert values(field) == {
        "fullName": "Contact.warmthScore__c",
        "description": "How warm it is.",
        "label": "Warmth Score",
        "length": "255",
        "type": "Text",
    }
    assert values(permission_set[1]) == {
        "editable": "true",
        "field": "Contact.warmthScore__c",
        "readable": "true",
    }
    kind = "{http://www.w3.org/2001/XMLSchema-instance}type"
    assert [part.get(kind) for part in (custom_object, field, permission_set)] == [
        "CustomObject",
        "CustomField",
        "PermissionSet",
    ]


def values(element: ElementTree.Element) -> Any:
    if not len(element):
        return element.text
    return {child.tag.removeprefix(NS): values(child) for child in element}


async def test_what_exists_and_is_visible_needs_no_request_to_the_metadata_api(
    salesforce: SalesforceCrm, org: Org, contact: WriteObject
) -> None:
    org.describes["Contact"] = describe("Contact", WARMTHSCORE__C="textarea")
    org.describes["Contact"]["fields"][0]["name"] = "warmthScore__c"
    done: list[ProvisioningStep] = []
    await salesforce.provision([contact], done.append)
    assert {step.action for step in done} == {StepAction.EXISTS}
    assert org.calls == []


async def test_a_hidden_field_is_made_visible_but_not_created_again(
    salesforce: SalesforceCrm, org: Org, contact: WriteObject
) -> None:
    name = "Contact.warmthScore__c"
    org.metadata[name] = f"<records><fullName>{name}</fullName><type>Text</type></records>"
    await salesforce.provision([contact], lambda step: None)
    assert org.upserts() == [["AmpSandboxFieldVisibility"]]


async def test_the_permission_set_keeps_what_it_grants_already(
    salesforce: SalesforceCrm, org: Org, contact: WriteObject
) -> None:
    org.metadata["PermissionSet"] = (
        "<records><fullName>AmpSandboxFieldVisibility</fullName><fieldPermissions><editable>true</editable>"
        "<field>Lead.old__c</field><readable>true</readable></fieldPermissions></records>"
    )
    org.is_assigned = True
    await salesforce.provision([contact], lambda step: None)
    fields = [item.text for item in org.calls[-1].iter(f"{NS}field")]
    assert fields == ["Lead.old__c", "Contact.warmthScore__c"]


async def test_a_field_of_another_type_is_a_conflict_and_nothing_is_created(
    salesforce: SalesforceCrm, org: Org, contact: WriteObject, campaigns: WriteObject
) -> None:
    org.describes["Contact"] = describe("Contact", warmthScore__c="double")
    plan = await salesforce.plan([contact, campaigns])
    assert summary(plan.problems) == [("conflict", "field", "Contact.warmthScore__c")]
    with pytest.raises(CrmRefusedError, match="exists with type double"):
        await salesforce.provision([contact, campaigns], lambda step: None)
    assert org.upserts() == []


async def test_a_standard_object_that_the_org_lacks_is_a_conflict(
    salesforce: SalesforceCrm, org: Org, contact: WriteObject
) -> None:
    del org.describes["Contact"]
    assert summary((await salesforce.plan([contact])).steps) == [("conflict", "object", "Contact")]


async def test_a_user_without_the_permission_is_told_which_one(
    salesforce: SalesforceCrm, httpx_mock: HTTPXMock, contact: WriteObject
) -> None:
    httpx_mock.add_response(url=f"{ROOT}/sobjects/Contact/describe", json=describe("Contact"))
    httpx_mock.add_response(url=SOAP, **fault("INSUFFICIENT_ACCESS", "use of the Metadata API requires…"))
    [step] = (await salesforce.plan([contact])).problems
    assert step.action is StepAction.MISSING_PERMISSION
    assert "Modify Metadata" in step.name


async def test_a_component_that_is_refused_stops_with_its_reason(
    salesforce: SalesforceCrm, org: Org, contact: WriteObject
) -> None:
    org.errors["Contact.warmthScore__c"] = "INSUFFICIENT_ACCESS"
    with pytest.raises(CrmRefusedError, match="INSUFFICIENT_ACCESS: no good") as caught:
        await salesforce.provision([contact], lambda step: None)
    assert "Customize Application" in caught.value.hint


async def test_more_than_ten_components_travel_in_several_calls(
    salesforce: SalesforceCrm, org: Org, contact: WriteObject
) -> None:
    from dataclasses import replace

    from ampsandbox.manifest.model import CustomField

    many = tuple(CustomField(f"field{letter}", letter) for letter in "ABCDEFGHIJKLM")
    await salesforce.provision([replace(contact, custom_fields=many)], lambda step: None)
    assert [len(call) for call in org.upserts()] == [10, 3, 1]


@pytest.mark.parametrize("code", ["UNKNOWN_EXCEPTION", "SERVER_UNAVAILABLE"])
async def test_a_fault_that_is_an_outage_is_one(
    salesforce: SalesforceCrm, httpx_mock: HTTPXMock, contact: WriteObject, code: str
) -> None:
    httpx_mock.add_response(url=f"{ROOT}/sobjects/Contact/describe", json=describe("Contact"))
    httpx_mock.add_response(url=SOAP, **fault(code, "later"))
    with pytest.raises(CrmUnavailableError, match=code):
        await salesforce.plan([contact])


async def test_an_answer_that_declares_entities_is_not_read(
    salesforce: SalesforceCrm, httpx_mock: HTTPXMock, contact: WriteObject
) -> None:
    httpx_mock.add_response(url=f"{ROOT}/sobjects/Contact/describe", json=describe("Contact"))
    httpx_mock.add_response(
        url=SOAP, text='<!DOCTYPE x [<!ENTITY a "aaaa">]><x>&a;</x>', headers={"Content-Type": "text/xml"}
    )
    with pytest.raises(CrmUnavailableError, match="document type"):
        await salesforce.plan([contact])


async def test_the_session_id_stays_out_of_the_log(
    salesforce: SalesforceCrm, org: Org, exchanges: list[Exchange], contact: WriteObject
) -> None:
    await salesforce.plan([contact])
    assert "secret-token" not in repr(exchanges)
    assert any("<sessionId>***</sessionId>" in exchange.request_body for exchange in exchanges)


async def test_names_are_resolved_against_the_describe_whatever_their_case(
    salesforce: SalesforceCrm, org: Org, contact: WriteObject
) -> None:
    target = await salesforce.resolve(contact)
    assert target.object_name == "Contact"
    assert target.translate({"lastname": 1, "warmthScore": 2, "WARMTHSCORE__C": 3, "Bogus": 4}) == {
        "LastName": 1,
        "warmthScore__c": 3,
        "Bogus": 4,
    }


async def test_the_schema_is_read_once_until_it_is_forgotten(
    salesforce: SalesforceCrm, org: Org, exchanges: list[Exchange], contact: WriteObject
) -> None:
    for _ in range(3):
        await salesforce.resolve(contact)
        await salesforce.describe("contact")
    assert len(exchanges) == 1
    salesforce.forget_schema()
    await salesforce.resolve(contact)
    assert len(exchanges) == 2


async def test_an_object_that_the_org_lacks_is_left_to_salesforce_to_refuse(
    salesforce: SalesforceCrm, org: Org, campaigns: WriteObject
) -> None:
    target = await salesforce.resolve(campaigns)
    assert target.object_name == "mailMonkeyCampaigns__c"
    assert target.translate({"campaign-name": 1}) == {"campaign_name__c": 1}
    with pytest.raises(CrmRefusedError, match="NOT_FOUND"):
        await salesforce.describe("mailMonkeyCampaigns__c")
