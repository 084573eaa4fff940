"""Batches: which answer, what is written, and in which order."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import httpx
import pytest

from mock_crm.hubspot.org import HubSpotOrg

Call = Callable[..., Awaitable[httpx.Response]]
New = Callable[..., Awaitable[str]]

pytestmark = pytest.mark.anyio

BATCH = "/crm/objects/2026-03/contacts/batch"
KEY = {
    "name": "customer_key", "label": "Key", "type": "string", "fieldType": "text",
    "groupName": "contactinformation", "hasUniqueValue": True,
}  # fmt: skip


def _new(*emails: str, traced: bool = False, **more: str) -> dict[str, Any]:
    inputs: list[dict[str, Any]] = [{"properties": {"email": email} | more} for email in emails]
    if traced:
        for number, item in enumerate(inputs):
            item["objectWriteTraceId"] = str(number)
    return {"inputs": inputs}


async def test_a_batch_that_went_well_is_201_in_another_order_than_its_inputs(call: Call) -> None:
    answer = await call("POST", f"{BATCH}/create", _new("c@example.com", "a@example.com", "b@example.com"))
    body = answer.json()
    assert answer.status_code == 201
    assert list(body) == ["completedAt", "status", "startedAt", "results"]
    assert body["status"] == "COMPLETE"
    emails = [record["properties"]["email"] for record in body["results"]]
    assert emails != ["c@example.com", "a@example.com", "b@example.com"]
    assert sorted(emails) == ["a@example.com", "b@example.com", "c@example.com"]


async def test_without_trace_ids_one_bad_record_stops_all(call: Call, org: HubSpotOrg) -> None:
    await call("POST", f"{BATCH}/create", _new("a@example.com"))
    answer = await call("POST", f"{BATCH}/create", _new("b@example.com", "A@example.com"))
    assert answer.status_code == 409
    body = answer.json()
    # amp-labs/connectors: providers/hubspot/test/batch/create/contacts/err-conflict.json
    assert (body["message"], body["category"]) == ("Contact already exists", "CONFLICT")
    assert org.count("contacts") == 1


async def test_with_trace_ids_the_others_are_written(call: Call, org: HubSpotOrg) -> None:
    existing = (await call("POST", f"{BATCH}/create", _new("a@example.com"))).json()["results"][0]["id"]
    answer = await call("POST", f"{BATCH}/create", _new("a@example.com", "b@example.com", traced=True))
    body = answer.json()
    assert answer.status_code == 207
    assert [record["properties"]["email"] for record in body["results"]] == ["b@example.com"]
    assert body["numErrors"] == 1
    # amp-labs/connectors: providers/hubspot/test/batch/create/contacts/err-partial-success.json
    assert body["errors"] == [
        {
            "status": "error",
            "category": "CONFLICT",
            "message": f"Contact already exists. Existing ID: {existing}",
            "context": {"objectWriteTraceId": ["0"], "existingId": [existing]},
        }
    ]
    assert org.count("contacts") == 2


async def test_an_invalid_record_of_a_traced_batch_is_told_with_its_trace_id(call: Call) -> None:
    inputs = _new("a@example.com", "not an address", traced=True)
    body = (await call("POST", f"{BATCH}/create", inputs)).json()
    assert body["errors"][0]["context"] == {"objectWriteTraceId": ["1"]}
    assert body["errors"][0]["category"] == "VALIDATION_ERROR"


async def test_the_first_of_two_equal_emails_in_one_batch_wins(call: Call) -> None:
    inputs = _new("a@example.com", "A@Example.com", traced=True)
    body = (await call("POST", f"{BATCH}/create", inputs)).json()
    assert len(body["results"]) == 1
    assert body["errors"][0]["context"]["existingId"] == [body["results"][0]["id"]]


async def test_changing_unknown_records_is_207_and_changes_the_others(
    call: Call, new: New, org: HubSpotOrg
) -> None:
    contact = await new("contacts", email="a@example.com")
    inputs = [{"id": contact, "properties": {"city": "Rome"}}, {"id": "42", "properties": {"city": "Rome"}}]
    answer = await call("POST", f"{BATCH}/update", {"inputs": inputs})
    body = answer.json()
    assert answer.status_code == 207
    # amp-labs/connectors: providers/hubspot/test/batch/update/contacts/err-partial-success.json
    assert body["errors"] == [
        {
            "status": "error",
            "category": "OBJECT_NOT_FOUND",
            "message": "Could not get some CONTACT objects, they may be deleted or not exist. "
            "Check that ids are valid.",
            "context": {"ids": ["42"]},
        }
    ]
    assert (org.record("contacts", contact) or {})["city"] == "Rome"


async def test_records_are_changed_by_a_unique_property(call: Call, new: New, org: HubSpotOrg) -> None:
    await call("POST", "/crm/v3/properties/contacts", KEY)
    contact = await new("contacts", customer_key="a1")
    inputs = [{"id": "A1", "idProperty": "customer_key", "properties": {"city": "Rome"}}]
    answer = await call("POST", f"{BATCH}/update", {"inputs": inputs})
    assert answer.status_code == 200
    assert (org.record("contacts", contact) or {})["city"] == "Rome"


async def test_an_upsert_says_which_records_are_new(call: Call, new: New) -> None:
    contact = await new("contacts", email="a@example.com")
    inputs = [
        {"id": email, "idProperty": "email", "properties": {"city": "Rome"}}
        for email in ("b@example.com", "a@example.com")
    ]
    answer = await call("POST", f"{BATCH}/upsert", {"inputs": inputs})
    results = answer.json()["results"]
    assert answer.status_code == 200
    assert {record["id"] == contact: record["new"] for record in results} == {True: False, False: True}


async def test_reading_tells_unknown_ids_apart(call: Call, new: New) -> None:
    contact = await new("contacts", email="a@example.com")
    inputs = {"inputs": [{"id": contact}, {"id": "42"}], "properties": ["email"]}
    answer = await call("POST", f"{BATCH}/read", inputs)
    assert answer.status_code == 207
    assert answer.json()["results"][0]["properties"]["email"] == "a@example.com"
    assert answer.json()["errors"][0]["context"] == {"ids": ["42"]}


async def test_archiving_takes_unknown_ids_in_silence(call: Call, new: New, org: HubSpotOrg) -> None:
    contact = await new("contacts", email="a@example.com")
    answer = await call("POST", f"{BATCH}/archive", {"inputs": [{"id": contact}, {"id": "42"}]})
    assert (answer.status_code, answer.content) == (204, b"")
    assert org.count("contacts") == 0


async def test_new_records_are_associated_inline(call: Call, new: New) -> None:
    company = await new("companies", name="Acme")
    link = {
        "to": {"id": company},
        "types": [{"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": 279}],
    }
    inputs = {"inputs": [{"properties": {"email": "a@example.com"}, "associations": [link]}]}
    contact = (await call("POST", f"{BATCH}/create", inputs)).json()["results"][0]["id"]
    linked = await call("GET", f"/crm/v4/objects/companies/{company}/associations/contacts")
    assert [other["toObjectId"] for other in linked.json()["results"]] == [int(contact)]
