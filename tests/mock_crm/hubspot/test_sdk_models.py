"""Every kind of answer, decoded by the official SDK's own models with their validation on.

Where HubSpot contradicts its models (evidence/hubspot.md#contradictions), a test says so, comparing with what
was recorded instead.
"""

from __future__ import annotations

import importlib
import json
from collections.abc import Awaitable, Callable
from typing import Any

import httpx
import pytest

from mock_crm.hubspot.org import HubSpotOrg

Call = Callable[..., Awaitable[httpx.Response]]

pytestmark = [pytest.mark.anyio, pytest.mark.client(name="hubspot-api-client")]

CONTACTS = "/crm/v3/objects/contacts"


def decoded(package: str, model: str, body: Any) -> Any:
    """A body as the SDK's model, which refuses missing members and values that are not allowed."""
    module = importlib.import_module(f"hubspot.{package}")
    configuration = module.Configuration()
    configuration.client_side_validation = True
    client = module.ApiClient(configuration)

    class Answer:
        data = json.dumps(body)

    return client.deserialize(Answer, model)


@pytest.fixture
async def answers(call: Call, org: HubSpotOrg) -> dict[str, Any]:
    """One answer of each kind, by a short name."""
    found: dict[str, Any] = {}

    async def keep(name: str, method: str, path: str, body: Any = None) -> Any:
        answer = await call(method, path, body)
        assert answer.status_code < 300, (name, answer.text)
        found[name] = answer.json()
        return found[name]

    company = org.create("companies", {"name": "Acme"})["id"]
    link = {
        "to": {"id": company},
        "types": [{"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": 279}],
    }
    record = {"properties": {"email": "a@example.com"}, "associations": [link]}
    contact = (await keep("create", "POST", CONTACTS, record))["id"]
    inputs = [{"properties": {"email": f"{name}@example.com"}} for name in "bcd"]
    others = [
        r["id"]
        for r in (await keep("batch", "POST", f"{CONTACTS}/batch/create", {"inputs": inputs}))["results"]
    ]
    await keep("read", "GET", f"{CONTACTS}/{contact}?associations=companies&propertiesWithHistory=email")
    await keep("list", "GET", f"{CONTACTS}?limit=2&associations=companies")
    await keep("update", "PATCH", f"{CONTACTS}/{contact}", {"properties": {"city": "Rome"}})
    upserts = [{"id": "b@example.com", "idProperty": "email", "properties": {"city": "Rome"}}]
    await keep("upsert", "POST", f"{CONTACTS}/batch/upsert", {"inputs": upserts})
    await keep(
        "batch_read", "POST", f"{CONTACTS}/batch/read", {"inputs": [{"id": contact}], "properties": ["email"]}
    )
    await keep("search", "POST", f"{CONTACTS}/search", {"limit": 1})
    base = f"/crm/v4/objects/contacts/{contact}/associations"
    await keep("linked", "GET", f"{base}/companies")
    await keep(
        "default", "PUT", f"/crm/v4/objects/contacts/{others[0]}/associations/default/companies/{company}"
    )
    spec = [{"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": 1}]
    await keep("labelled", "PUT", f"{base}/companies/{company}", spec)
    await keep(
        "linked_batch",
        "POST",
        "/crm/v4/associations/contacts/companies/batch/read",
        {"inputs": [{"id": contact}]},
    )
    await keep("labels", "GET", "/crm/v4/associations/contacts/companies/labels")
    await keep(
        "merge", "POST", f"{CONTACTS}/merge", {"primaryObjectId": others[1], "objectIdToMerge": others[2]}
    )
    await call("DELETE", f"{CONTACTS}/{others[0]}")
    await keep("archived", "GET", f"{CONTACTS}?archived=true")
    await _keep_limits(keep)
    await _keep_version_3(keep, others[1], company)
    await _keep_schema(keep)
    await _keep_account(keep)
    return found


async def _keep_limits(keep: Any) -> None:
    base = "/crm/v4/associations/definitions/configurations"
    limits = {"inputs": [{"category": "HUBSPOT_DEFINED", "typeId": 3, "maxToObjectIds": 5}]}
    await keep("limits_new", "POST", f"{base}/deals/contacts/batch/create", limits)
    await keep("limits_changed", "POST", f"{base}/deals/contacts/batch/update", limits)
    await keep("limits", "GET", f"{base}/deals/contacts")
    await keep("limits_all", "GET", f"{base}/all")
    await keep("usage_report", "POST", "/crm/v4/associations/usage/high-usage-report/7")
    label = {"name": "boss", "label": "Boss", "inverseLabel": "Firm"}
    await keep("labels_new", "POST", "/crm/v4/associations/contacts/companies/labels", label)


async def _keep_version_3(keep: Any, contact: str, company: str) -> None:
    link = {"from": {"id": contact}, "to": {"id": company}, "type": "contact_to_company"}
    base = "/crm/v3/associations/contacts/companies/batch"
    await keep("linked_v3_new", "POST", f"{base}/create", {"inputs": [link]})
    await keep("linked_v3", "POST", f"{base}/read", {"inputs": [{"id": contact}]})
    types = [{"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": 279}]
    pair = {"from": {"id": contact}, "to": {"id": company}, "types": types}
    v4 = "/crm/v4/associations/contacts/companies/batch/create"
    await keep("labelled_batch", "POST", v4, {"inputs": [pair]})


async def _keep_schema(keep: Any) -> None:
    await keep("group", "POST", "/crm/v3/properties/contacts/groups", {"name": "mine", "label": "Mine"})
    await keep("groups", "GET", "/crm/v3/properties/contacts/groups")
    prop = {"name": "p1", "label": "P", "type": "string", "fieldType": "text", "groupName": "mine"}
    await keep("property", "POST", "/crm/v3/properties/contacts", prop)
    await keep("properties", "GET", "/crm/v3/properties/contacts")
    await keep(
        "property_batch",
        "POST",
        "/crm/v3/properties/contacts/batch/create",
        {"inputs": [prop | {"name": "p2"}]},
    )
    schema = {
        "name": "pet",
        "labels": {"singular": "Pet", "plural": "Pets"},
        "requiredProperties": ["title"],
        "primaryDisplayProperty": "title",
        "associatedObjects": ["contacts"],
        "properties": [{"name": "title", "label": "T", "type": "string", "fieldType": "text"}],
    }
    await keep("schema", "POST", "/crm-object-schemas/v3/schemas", schema)
    await keep("schemas", "GET", "/crm-object-schemas/v3/schemas")
    await keep("standard_schema", "GET", "/crm-object-schemas/v3/schemas/deals")
    await keep("definition", "PATCH", "/crm-object-schemas/v3/schemas/p_pet",
               {"labels": {"plural": "Animals"}})  # fmt: skip
    await keep("pipelines", "GET", "/crm/v3/pipelines/deals")
    await keep("schema_link", "POST", "/crm-object-schemas/v3/schemas/p_pet/associations",
               {"fromObjectTypeId": "p_pet", "toObjectTypeId": "deal", "name": "pet_to_deal"})  # fmt: skip
    await keep("pipeline", "GET", "/crm/v3/pipelines/deals/default")
    await keep("pipeline_audit", "GET", "/crm/v3/pipelines/deals/default/audit")
    await keep("stages", "GET", "/crm/v3/pipelines/deals/default/stages")


async def _keep_account(keep: Any) -> None:
    await keep("owners", "GET", "/crm/v3/owners?limit=1")
    await keep("access_token", "GET", "/oauth/v1/access-tokens/some-token")
    await keep("refresh_token", "GET", "/oauth/v1/refresh-tokens/some-token")
    await keep("lists", "POST", "/crm/v3/lists/search", {})


_MODELS = {
    "create": ("crm.contacts", "SimplePublicObject"),
    "update": ("crm.contacts", "SimplePublicObject"),
    "merge": ("crm.contacts", "SimplePublicObject"),
    "read": ("crm.contacts", "SimplePublicObjectWithAssociations"),
    "list": ("crm.contacts", "CollectionResponseSimplePublicObjectWithAssociationsForwardPaging"),
    "archived": ("crm.contacts", "CollectionResponseSimplePublicObjectWithAssociationsForwardPaging"),
    "batch": ("crm.contacts", "BatchResponseSimplePublicObject"),
    "batch_read": ("crm.contacts", "BatchResponseSimplePublicObject"),
    "upsert": ("crm.contacts", "BatchResponseSimplePublicUpsertObject"),
    "search": ("crm.contacts", "CollectionResponseWithTotalSimplePublicObjectForwardPaging"),
    "linked": ("crm.associations.v4", "CollectionResponseMultiAssociatedObjectWithLabelForwardPaging"),
    "default": ("crm.associations.v4", "BatchResponsePublicDefaultAssociation"),
    "labelled": ("crm.associations.v4", "LabelsBetweenObjectPair"),
    "linked_batch": ("crm.associations.v4", "BatchResponsePublicAssociationMultiWithLabel"),
    "labels_new": (
        "crm.associations.v4.schema",
        "CollectionResponseAssociationSpecWithLabelNoPaging",
    ),
    "limits_new": (
        "crm.associations.v4.schema",
        "BatchResponsePublicAssociationDefinitionUserConfiguration",
    ),
    "limits_changed": (
        "crm.associations.v4.schema",
        "BatchResponsePublicAssociationDefinitionConfigurationUpdateResult",
    ),
    "limits": (
        "crm.associations.v4.schema",
        "CollectionResponsePublicAssociationDefinitionUserConfigurationNoPaging",
    ),
    "limits_all": (
        "crm.associations.v4.schema",
        "CollectionResponsePublicAssociationDefinitionUserConfigurationNoPaging",
    ),
    "usage_report": ("crm.associations.v4", "ReportCreationResponse"),
    "labelled_batch": ("crm.associations.v4", "BatchResponseLabelsBetweenObjectPair"),
    "linked_v3_new": ("crm.associations", "BatchResponsePublicAssociation"),
    "linked_v3": ("crm.associations", "BatchResponsePublicAssociationMulti"),
    "schema_link": ("crm.schemas", "AssociationDefinition"),
    "pipeline": ("crm.pipelines", "Pipeline"),
    "pipeline_audit": ("crm.pipelines", "CollectionResponsePublicAuditInfoNoPaging"),
    "labels": (
        "crm.associations.v4.schema",
        "CollectionResponseAssociationSpecWithLabelNoPaging",
    ),
    "group": ("crm.properties", "PropertyGroup"),
    "groups": ("crm.properties", "CollectionResponsePropertyGroupNoPaging"),
    "property": ("crm.properties", "ModelProperty"),
    "properties": ("crm.properties", "CollectionResponsePropertyNoPaging"),
    "property_batch": ("crm.properties", "BatchResponseProperty"),
    "schema": ("crm.schemas", "ObjectSchema"),
    "standard_schema": ("crm.schemas", "ObjectSchema"),
    "schemas": ("crm.schemas", "CollectionResponseObjectSchemaNoPaging"),
    "definition": ("crm.schemas", "ObjectTypeDefinition"),
    "pipelines": ("crm.pipelines", "CollectionResponsePipelineNoPaging"),
    "stages": ("crm.pipelines", "CollectionResponsePipelineStageNoPaging"),
    "owners": ("crm.owners", "CollectionResponsePublicOwnerForwardPaging"),
    "access_token": ("oauth", "AccessTokenInfoResponse"),
    "refresh_token": ("oauth", "RefreshTokenInfoResponse"),
    "lists": ("crm.lists", "ListSearchResponse"),
}


def test_the_sdks_models_refuse_what_is_incomplete() -> None:
    with pytest.raises(ValueError, match="must not be `None`"):
        decoded("crm.contacts", "SimplePublicObject", {"id": "1"})


async def test_the_sdks_models_take_every_answer(answers: dict[str, Any]) -> None:
    assert _MODELS.keys() == answers.keys()
    for name, (package, model) in _MODELS.items():
        assert decoded(package, model, answers[name]) is not None, name


async def test_members_are_present_absent_and_null_as_hubspot_has_them(answers: dict[str, Any]) -> None:
    assert "associations" not in answers["create"]
    assert "paging" not in answers["archived"]
    assert set(answers["list"]["paging"]["next"]) == {"after", "link"}
    assert set(answers["search"]["paging"]["next"]) == {"after"}
    assert set(answers["batch"]) == {"completedAt", "status", "startedAt", "results"}
    assert set(answers["create"]) == {"id", "properties", "createdAt", "updatedAt", "archived", "url"}
    first, second = answers["list"]["results"]
    assert "associations" in first
    assert "associations" not in second
    assert answers["standard_schema"]["createdByUserId"] is None
    assert answers["linked"]["results"][0]["associationTypes"][-1]["label"] is None
    assert isinstance(answers["labelled"]["toObjectId"], int)
    assert all(isinstance(record["new"], bool) for record in answers["upsert"]["results"])
    for record in (answers["create"], answers["merge"]):
        assert all(value is None or isinstance(value, str) for value in record["properties"].values())


async def test_the_sdks_error_model_takes_refusals_that_have_a_category(call: Call) -> None:
    body = (await call("POST", CONTACTS, {"properties": {"nope": "x"}})).json()
    error = decoded("crm.contacts", "Error", body)
    assert (error.category, error.correlation_id) == ("VALIDATION_ERROR", body["correlationId"])
    assert error.errors[0].code == "PROPERTY_DOESNT_EXIST"


async def test_errors_of_a_batch_are_shorter_than_the_model_says(call: Call) -> None:
    # In reality they carry neither links nor errors (evidence/hubspot.md#contradictions).
    body = (await call("POST", f"{CONTACTS}/batch/read", {"inputs": [{"id": "42"}], "properties": []})).json()
    assert set(body["errors"][0]) == {"status", "category", "message", "context"}
    full = body | {"errors": [body["errors"][0] | {"links": {}, "errors": []}]}
    assert decoded("crm.contacts", "BatchResponseSimplePublicObjectWithErrors", full).num_errors == 1
