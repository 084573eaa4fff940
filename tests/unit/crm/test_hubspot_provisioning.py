"""Provisioning on HubSpot: which requests are sent, and what the plan says."""

from __future__ import annotations

from typing import Any

import pytest
from pytest_httpx import HTTPXMock

from ampsandbox.crm.hubspot.client import HubSpotCrm
from ampsandbox.engine.crm import CrmRefusedError, ProvisioningStep, StepAction
from ampsandbox.manifest.model import WriteObject

pytestmark = pytest.mark.anyio

HOST = "https://api.hubapi.com"
CONTACTS = f"{HOST}/crm/v3/properties/contacts"
GROUP = f"{CONTACTS}/groups/integrationcreatedproperties"
SCHEMAS = f"{HOST}/crm-object-schemas/v3/schemas"
PROPERTY = {
    "name": "warmthscore",
    "label": "Warmth Score",
    "description": "How warm it is.",
    "type": "string",
    "fieldType": "text",
    "groupName": "integrationcreatedproperties",
}


def properties(**types: str) -> dict[str, Any]:
    results = [
        {"name": name, "label": name, "type": kind, "hubspotDefined": True} for name, kind in types.items()
    ]
    return {"results": results}


def missing() -> dict[str, Any]:
    return {"status_code": 404, "json": {"status": "error", "message": "no", "category": "OBJECT_NOT_FOUND"}}


def summary(steps: Any) -> list[tuple[str, str, str]]:
    return [(step.action.value, step.kind, step.name) for step in steps]


async def test_a_property_is_created_in_its_group(
    hubspot: HubSpotCrm, httpx_mock: HTTPXMock, contact: WriteObject
) -> None:
    httpx_mock.add_response(url=CONTACTS, method="GET", json=properties(email="string"))
    httpx_mock.add_response(url=GROUP, method="GET", **missing())
    group = {
        "name": "integrationcreatedproperties",
        "label": "Integration Created Properties",
        "displayOrder": -1,
    }
    httpx_mock.add_response(
        url=f"{CONTACTS}/groups", method="POST", match_json=group, status_code=201, json={}
    )
    httpx_mock.add_response(
        url=f"{CONTACTS}/batch/create",
        method="POST",
        match_json={"inputs": [PROPERTY]},
        status_code=201,
        json={},
    )
    done: list[ProvisioningStep] = []
    await hubspot.provision([contact], done.append)
    assert summary(done) == [
        ("exists", "object", "contacts"),
        ("create", "property group", "contacts.integrationcreatedproperties"),
        ("create", "field", "contacts.warmthscore"),
    ]


async def test_the_plan_names_the_scopes_that_the_app_lacks(
    hubspot: HubSpotCrm, httpx_mock: HTTPXMock, contact: WriteObject
) -> None:
    httpx_mock.add_response(url=CONTACTS, method="GET", json=properties(email="string"))
    httpx_mock.add_response(url=GROUP, method="GET", **missing())
    httpx_mock.add_response(
        url=f"{HOST}/oauth/v2/private-apps/get/access-token-info",
        method="POST",
        match_json={"tokenKey": "pat-eu1-secret-token"},
        json={"hubId": 7, "scopes": ["crm.objects.contacts.write"]},
    )
    plan = await hubspot.plan([contact])
    assert summary(plan.problems) == [("missing_permission", "scope", "crm.schemas.contacts.write")]


async def test_what_exists_is_left_alone(
    hubspot: HubSpotCrm, httpx_mock: HTTPXMock, contact: WriteObject
) -> None:
    httpx_mock.add_response(url=CONTACTS, method="GET", json=properties(warmthscore="string"))
    done: list[ProvisioningStep] = []
    await hubspot.provision([contact], done.append)
    assert {step.action for step in done} == {StepAction.EXISTS}


@pytest.mark.parametrize(
    "answer",
    [
        {
            "status_code": 207,
            "json": {
                "errors": [
                    {
                        "category": "OBJECT_ALREADY_EXISTS",
                        "message": "A property named 'warmthscore' already exists.",
                        "context": {"name": ["warmthscore"]},
                    }
                ]
            },
        },
        {
            "status_code": 409,
            "json": {"status": "error", "category": "OBJECT_ALREADY_EXISTS", "message": "already exists"},
        },
    ],
)
async def test_a_property_that_appeared_meanwhile_is_success(
    hubspot: HubSpotCrm, httpx_mock: HTTPXMock, contact: WriteObject, answer: dict[str, Any]
) -> None:
    httpx_mock.add_response(url=CONTACTS, method="GET", json=properties(email="string"))
    httpx_mock.add_response(url=GROUP, method="GET", json={"name": "integrationcreatedproperties"})
    httpx_mock.add_response(url=f"{CONTACTS}/batch/create", method="POST", **answer)
    await hubspot.provision([contact], lambda step: None)


async def test_a_property_of_another_type_is_a_conflict(
    hubspot: HubSpotCrm, httpx_mock: HTTPXMock, contact: WriteObject
) -> None:
    httpx_mock.add_response(
        url=CONTACTS, method="GET", json=properties(warmthscore="number"), is_reusable=True
    )
    plan = await hubspot.plan([contact])
    assert summary(plan.problems) == [("conflict", "field", "contacts.warmthscore")]
    with pytest.raises(CrmRefusedError, match="exists with type number"):
        await hubspot.provision([contact], lambda step: None)


async def test_a_custom_object_is_created_with_its_properties(
    hubspot: HubSpotCrm, httpx_mock: HTTPXMock, campaigns: WriteObject
) -> None:
    httpx_mock.add_response(url=SCHEMAS, method="GET", json={"results": []})
    httpx_mock.add_response(
        url=SCHEMAS,
        method="POST",
        match_json={
            "name": "mailmonkeycampaigns",
            "labels": {"singular": "MailMonkey <Campaigns> & co", "plural": "MailMonkey <Campaigns> & cos"},
            "description": "We sync campaigns.",
            "primaryDisplayProperty": "campaign_name",
            "requiredProperties": [],
            "searchableProperties": [],
            "properties": [
                {
                    "name": "campaign_name",
                    "label": "Campaign Name",
                    "description": "",
                    "type": "string",
                    "fieldType": "text",
                }
            ],
            "associatedObjects": [],
        },
        status_code=201,
        json={"objectTypeId": "2-1"},
    )
    done: list[ProvisioningStep] = []
    await hubspot.provision([campaigns], done.append)
    assert summary(done) == [
        ("create", "object", "mailmonkeycampaigns"),
        ("create", "field", "mailmonkeycampaigns.campaign_name"),
    ]


@pytest.mark.parametrize("method", ["GET", "POST"])
async def test_an_account_without_custom_objects_says_what_it_takes(
    hubspot: HubSpotCrm, httpx_mock: HTTPXMock, campaigns: WriteObject, method: str
) -> None:
    refusal = {"status": "error", "category": "MISSING_SCOPES", "message": "not granted"}
    if method == "POST":
        httpx_mock.add_response(url=SCHEMAS, method="GET", json={"results": []})
    httpx_mock.add_response(url=SCHEMAS, method=method, status_code=403, json=refusal)
    with pytest.raises(CrmRefusedError) as caught:
        await hubspot.provision([campaigns], lambda step: None)
    assert "Enterprise" in caught.value.hint + caught.value.message


async def test_names_are_resolved_against_the_properties(
    hubspot: HubSpotCrm, httpx_mock: HTTPXMock, contact: WriteObject
) -> None:
    httpx_mock.add_response(url=CONTACTS, json=properties(firstname="string", warmthscore="string"))
    target = await hubspot.resolve(contact)
    assert target.object_name == "contacts"
    assert target.translate({"firstName": 1, "warmthScore": 2, "Bogus": 3}) == {
        "firstname": 1,
        "warmthscore": 2,
        "Bogus": 3,
    }


async def test_a_custom_object_is_addressed_by_its_full_name(
    hubspot: HubSpotCrm, httpx_mock: HTTPXMock, campaigns: WriteObject
) -> None:
    schema = {
        "name": "mailmonkeycampaigns",
        "fullyQualifiedName": "p7_mailmonkeycampaigns",
        "labels": {"singular": "Campaign"},
        "requiredProperties": ["campaign_name"],
    }
    httpx_mock.add_response(url=SCHEMAS, json={"results": [schema]})
    httpx_mock.add_response(
        url=f"{HOST}/crm/v3/properties/p7_mailmonkeycampaigns", json=properties(campaign_name="string")
    )
    target = await hubspot.resolve(campaigns)
    assert target.object_name == "p7_mailmonkeycampaigns"
    assert target.translate({"campaign-name": 1}) == {"campaign_name": 1}
    described = await hubspot.describe("p7_mailmonkeycampaigns")
    assert described.fields[0].name == "campaign_name"


async def test_an_unknown_object_type_is_left_to_hubspot_to_refuse(
    hubspot: HubSpotCrm, httpx_mock: HTTPXMock, contact: WriteObject
) -> None:
    body = {"status": "error", "message": "Unable to infer object type from: contacts"}
    httpx_mock.add_response(url=CONTACTS, status_code=400, json=body)
    target = await hubspot.resolve(contact)
    assert target.object_name == "contacts"
    assert target.translate({"warmthScore": 1}) == {"warmthscore": 1}
