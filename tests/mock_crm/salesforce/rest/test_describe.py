"""Describes, and who sees which fields."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Any

import httpx
import pytest

from mock_crm.core.clock import ManualClock
from mock_crm.core.settings import OrgSettings
from mock_crm.salesforce.model import Field
from mock_crm.salesforce.org import SalesforceOrg

Ask = Callable[..., Coroutine[Any, Any, httpx.Response]]
AddField = Callable[..., None]

pytestmark = pytest.mark.anyio

WARMTH = Field(name="Warmth__c", label="Warmth", type="string", length=80, custom=True)


async def test_a_describe_has_the_members_of_recorded_ones(ask: Ask) -> None:
    described = (await ask("GET", "sobjects/account/describe")).json()
    assert len(described["fields"][0]) == 57
    assert described["name"] == "Account"
    assert {"recordTypeInfos", "childRelationships", "urls", "supportedScopes"} <= set(described)
    listed = (await ask("GET", "sobjects")).json()
    assert (listed["encoding"], listed["maxBatchSize"]) == ("UTF-8", 200)
    assert {len(brief) for brief in listed["sobjects"]} == {28}


async def test_a_describe_is_not_sent_again_to_those_who_have_it(ask: Ask, org: SalesforceOrg) -> None:
    first = await ask("GET", "sobjects/Account/describe")
    for header, value in (
        ("if-modified-since", first.headers["last-modified"]),
        ("if-none-match", first.headers["etag"]),
    ):
        again = await ask("GET", "sobjects/Account/describe", headers={header: value})
        assert (again.status_code, again.content) == (304, b"")
    assert isinstance(org.clock, ManualClock)
    org.clock.advance(60)
    org.context.schema.put_fields("Account", [WARMTH])
    changed = await ask("GET", "sobjects", headers={"if-modified-since": first.headers["last-modified"]})
    assert changed.status_code == 200


async def names(ask: Any, object_name: str) -> set[str]:
    return {
        field["name"] for field in (await ask("GET", f"sobjects/{object_name}/describe")).json()["fields"]
    }


async def test_a_new_field_is_invisible_until_it_is_permitted(ask: Ask, org: SalesforceOrg) -> None:
    org.context.schema.put_fields("Contact", [WARMTH])
    body = {"LastName": "x", "Warmth__c": "hot"}
    assert "Warmth__c" not in await names(ask, "Contact")
    refused = await ask("POST", "sobjects/Contact", body)
    assert refused.json()[0]["message"] == "No such column 'Warmth__c' on sobject of type Contact"
    granted = org.create("PermissionSet", {"Name": "Set", "Label": "Set"})["id"]
    grant = {
        "ParentId": granted, "SobjectType": "Contact", "Field": "Contact.Warmth__c",
        "PermissionsRead": True, "PermissionsEdit": True,
    }  # fmt: skip
    permission = org.create("FieldPermissions", grant)["id"]
    assert "Warmth__c" not in await names(ask, "Contact")
    org.create("PermissionSetAssignment", {"AssigneeId": org.identity.user_id, "PermissionSetId": granted})
    assert "Warmth__c" in await names(ask, "Contact")
    assert (await ask("POST", "sobjects/Contact", body)).status_code == 201
    org.update("FieldPermissions", permission, {"PermissionsEdit": False})
    refused = await ask("POST", "sobjects/Contact", body)
    assert refused.json()[0]["errorCode"] == "INVALID_FIELD_FOR_INSERT_UPDATE"


async def test_a_field_that_is_always_required_is_always_visible(ask: Ask, org: SalesforceOrg) -> None:
    from msgspec.structs import replace

    org.context.schema.put_fields("Contact", [replace(WARMTH, nillable=False, is_required_always=True)])
    assert "Warmth__c" in await names(ask, "Contact")


class TestRelaxed:
    @pytest.fixture
    def settings(self) -> OrgSettings:
        return OrgSettings(permissions="open")

    async def test_a_relaxed_org_shows_new_fields_at_once(self, ask: Ask, org: SalesforceOrg) -> None:
        org.context.schema.put_fields("Contact", [WARMTH])
        assert "Warmth__c" in await names(ask, "Contact")


async def test_record_types_and_children_are_described(ask: Ask, org: SalesforceOrg) -> None:
    from mock_crm.salesforce.model import MASTER_RECORD_TYPE

    described = (await ask("GET", "sobjects/Account/describe")).json()
    assert [info["recordTypeId"] for info in described["recordTypeInfos"]] == [MASTER_RECORD_TYPE]
    children = {child["relationshipName"]: child["childSObject"] for child in described["childRelationships"]}
    assert (children["Contacts"], children["ChildAccounts"]) == ("Contact", "Account")


def test_a_field_that_is_dropped_takes_its_values_along(org: SalesforceOrg, custom_field: AddField) -> None:
    custom_field("Account", "Extra__c")
    record_id = org.create("Account", {"Name": "x", "Extra__c": "y"})["id"]
    assert org.context.schema.drop_field("Account", "extra__c")
    assert "Extra__c" not in (org.record("Account", record_id) or {"Extra__c": None})


def test_custom_objects_survive_a_snapshot_and_leave_with_a_reset(org: SalesforceOrg) -> None:
    from mock_crm.salesforce.model import SObject

    prefix = org.context.schema.next_prefix()
    id_field = Field(name="Id", label="Record ID", type="id", length=18, createable=False, nillable=False)
    name_field = Field(name="Name", label="Name", type="string", length=80, name_field=True, id_lookup=True)
    org.context.schema.put_object(
        SObject("Campaign__c", prefix, "Mail", "Mails", [id_field, name_field], custom=True)
    )
    record_id = org.create("campaign__c", {"Name": "x"})["id"]
    assert (prefix, record_id[:3]) == ("a00", "a00")
    snapshot = org.snapshot()
    org.reset()
    assert "Campaign__c" not in org.objects()
    org.restore(snapshot)
    assert org.records("Campaign__c")[0]["id"] == record_id


@pytest.mark.parametrize(
    ("version", "lacks"),
    [
        (42, {"associateEntityType", "associateParentEntity", "deepCloneable", "isInterface"}),
        (49, {"associateEntityType", "associateParentEntity"}),
        (59, set()),
    ],
)
async def test_members_of_describes_came_with_versions(ask: Ask, version: int, lacks: set[str]) -> None:
    # Recorded by grouparoo (v42.0), SFDO-Tooling/CumulusCI (v49.0) and NangoHQ/integration-templates (v59.0)
    newest = {"associateEntityType", "associateParentEntity", "deepCloneable", "isInterface"}
    base = f"/services/data/v{version}.0/sobjects"
    listed = (await ask("GET", base)).json()["sobjects"][0]
    one = (await ask("GET", f"{base}/Account/describe")).json()
    assert (newest - set(listed), newest - set(one)) == (lacks, lacks)
