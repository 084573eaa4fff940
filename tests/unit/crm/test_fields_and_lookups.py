"""Custom fields of every type, and finding records, in the mock orgs of both CRMs."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any, Literal

import msgspec
import pytest

from ampsandbox.clock import Clock
from ampsandbox.crm.client import CrmClient
from ampsandbox.crm.connect import Connections
from ampsandbox.crm.field_definitions import FieldDefinition
from ampsandbox.engine.crm import CrmRefusedError, Method, Record
from ampsandbox.engine.model import Installation, InstallationState
from ampsandbox.manifest.model import Mode

pytestmark = pytest.mark.anyio

Provider = Literal["salesforce", "hubspot"]
CONTACT = {"salesforce": "Contact", "hubspot": "contacts"}
TYPES: dict[str, dict[str, Any]] = {
    "string": {"stringOptions": {"length": 40}},
    "boolean": {},
    "date": {},
    "datetime": {},
    "singleSelect": {"stringOptions": {"values": ["a", "b"], "defaultValue": "b"}},
    "multiSelect": {"stringOptions": {"values": ["x", "y"], "valuesRestricted": True}},
    "int": {"numericOptions": {"precision": 8}},
    "float": {"numericOptions": {"precision": 8, "scale": 3}},
    "reference": {"association": {"associationType": "lookup", "targetObject": "Account"}},
}


@pytest.fixture(params=["salesforce", "hubspot"])
def provider(request: pytest.FixtureRequest) -> Provider:
    name: Provider = request.param
    return name


@pytest.fixture
async def crm(provider: Provider, clock: Clock) -> AsyncIterator[CrmClient]:
    connections = Connections(clock, 7)
    state = InstallationState.INSTALLED
    installation = Installation("one", "crm", "acme", provider, "mock", clock.now(), state)
    yield connections.connect(installation, lambda exchange: None)
    await connections.aclose()


def define(provider: Provider, kind: str, **more: Any) -> FieldDefinition:
    name = f"Probe{kind}__c" if provider == "salesforce" else f"probe_{kind.lower()}"
    content = {"fieldName": name, "displayName": f"Probe {kind}", "valueType": kind, **TYPES[kind], **more}
    return msgspec.convert(content, FieldDefinition)


async def test_fields_of_every_type_are_created_then_left_alone_then_changed(
    crm: CrmClient, provider: Provider
) -> None:
    name = CONTACT[provider]
    wanted = [define(provider, kind) for kind in TYPES]
    created = await crm.upsert_fields(name, wanted)
    assert [(each.action, each.error) for each in created] == [("create", "")] * len(TYPES)
    again = await crm.upsert_fields(name, wanted)
    assert [(each.name, each.action) for each in again] == [(each.field_name, "none") for each in wanted]
    changed = [define(provider, kind, description="Changed.") for kind in TYPES]
    assert [each.action for each in await crm.upsert_fields(name, changed)] == ["update"] * len(TYPES)


async def test_a_created_field_can_be_seen_and_written(crm: CrmClient, provider: Provider) -> None:
    name = CONTACT[provider]
    (made,) = await crm.upsert_fields(name, [define(provider, "singleSelect")])
    described = await crm.describe(name)
    field = next(each for each in described.fields if each.name.lower() == made.name.lower())
    assert (field.options, field.option_labels, field.is_writable) == (("a", "b"), ("a", "b"), True)
    values = {made.name: "a", "LastName" if provider == "salesforce" else "lastname": "R"}
    (answer,) = await crm.write(name, Mode.INSERT, [Record(None, values)], Method.SINGLE)
    assert not answer.errors


async def test_each_refused_field_says_why(crm: CrmClient, provider: Provider) -> None:
    bad = define(provider, "string", fieldName="no spaces, please")
    (refused,) = await crm.upsert_fields(CONTACT[provider], [bad])
    assert refused.error
    assert refused.action == "none"


async def test_an_object_that_the_org_lacks_is_refused(crm: CrmClient, provider: Provider) -> None:
    with pytest.raises(CrmRefusedError):
        await crm.upsert_fields("Nothing", [define(provider, "string")])


async def test_records_are_found_by_id_and_by_values(crm: CrmClient, provider: Provider) -> None:
    last = "LastName" if provider == "salesforce" else "lastname"
    name = CONTACT[provider]
    ids = []
    for value in ("O'Hara", "Smith \\ Sons", "O'Hara"):
        (answer,) = await crm.write(name, Mode.INSERT, [Record(None, {last: value})], Method.SINGLE)
        ids.append(answer.record_id)
    assert ids[0]
    found = await crm.fetch(name, ids[0], [last])
    assert found is not None
    assert found[last] == "O'Hara"
    missing = "003000000000001AAA" if provider == "salesforce" else "99999999"
    assert await crm.fetch(name, missing, [last]) is None
    await crm.upsert_fields(name, [])  # nothing to do is nothing done
    rows = await crm.search(name, [(last, "O'Hara")])
    assert {row.get("Id", row.get("id")) for row in rows} == {ids[0], ids[2]}
    assert len(await crm.search(name, [(last, "Smith \\ Sons")])) == 1
    assert await crm.search(name, [(last, "nobody")]) == []


async def test_searching_by_a_field_that_is_not_there_is_refused(crm: CrmClient, provider: Provider) -> None:
    with pytest.raises(CrmRefusedError):
        await crm.search(CONTACT[provider], [("nothing_here", "x")])
