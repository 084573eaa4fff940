"""How new records are put together: what all share, what is their own, and the JSON that both become."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable

import httpx
import pytest

from mock_crm.hubspot import documents
from mock_crm.hubspot.derivation import Blank, Derivation, blank, on_create
from mock_crm.hubspot.org import HubSpotOrg

Call = Callable[..., Awaitable[httpx.Response]]

pytestmark = pytest.mark.anyio

NOW = "2026-01-01T00:00:00Z"
HOSTILE = ('",', '"', "\\", "a\nb", "\x00", "\x7f", "ü", "\u2028", "\x85", "{}", "%s", "</script>", "😀")


def _derivation(org: HubSpotOrg) -> Derivation:
    return org.context.derivation()


@pytest.mark.parametrize(
    ("type_id", "given"),
    [
        ("0-1", {}),
        ("0-1", {"email": "ada@example.com", "firstname": "Ada", "phone": "+49 30 123456"}),
        ("0-1", {"lifecyclestage": "lead"}),
        ("0-1", {"lifecyclestage": "customer", "num_notes": "3"}),
        ("0-2", {"lifecyclestage": "opportunity", "domain": "example.com"}),
        ("0-3", {"dealname": "Ten", "amount": "10"}),
        ("0-3", {"dealname": "Ten", "createdate": "2025-01-01T00:00:00Z", "closedate": NOW}),
        ("0-3", {"dealstage": "closedwon", "pipeline": "default", "amount": "10"}),
        ("0-5", {"subject": "Help", "hs_pipeline_stage": "4", "createdate": "2025-01-01T00:00:00Z"}),
        ("0-7", {}),
        ("0-8", {"price": "10", "quantity": "2"}),
        ("0-27", {"hs_timestamp": NOW}),
        ("0-27", {"hs_timestamp": NOW, "hs_task_status": "COMPLETED", "hs_task_type": "CALL"}),
        ("0-27", {"hs_timestamp": NOW, "hs_createdate": "2025-01-01T00:00:00Z"}),
        ("0-46", {"hs_timestamp": NOW, "hs_note_body": "<p>Hello</p>"}),
    ],
)
def test_a_new_record_has_the_same_values_whether_or_not_what_all_share_is_kept_apart(
    org: HubSpotOrg, type_id: str, given: dict[str, str]
) -> None:
    context = _derivation(org)
    kind = org.context.schema.need(type_id).type
    start = blank(kind, context)
    own = on_create(kind, start, given, "17", context)
    whole = on_create(kind, Blank({}, start.shared | start.own), given, "17", context)
    assert start.shared | own == whole


async def test_texts_come_back_as_they_were_sent_whatever_json_makes_of_them(call: Call) -> None:
    inputs = [{"properties": {"firstname": text, "lastname": "x"}} for text in HOSTILE]
    answer = await call("POST", "/crm/v3/objects/contacts/batch/create", {"inputs": inputs})
    shown = answer.json()["results"]
    assert {record["properties"]["firstname"] for record in shown} == set(HOSTILE)
    ids = [{"id": record["id"]} for record in shown]
    again = await call("POST", "/crm/v3/objects/contacts/batch/read", {"inputs": ids})
    assert {record["properties"]["firstname"] for record in again.json()["results"]} == set(HOSTILE)


async def test_a_new_record_is_shown_and_kept_by_name(call: Call, org: HubSpotOrg) -> None:
    answer = await call("POST", "/crm/v3/objects/deals", {"properties": {"dealname": "Ten", "amount": "10"}})
    record = answer.json()
    row = org.store.get("0-3", record["id"])
    assert row is not None
    assert list(record["properties"]) == list(row.document) == sorted(record["properties"])
    assert record["properties"] == row.document


@pytest.mark.parametrize(
    "own", [{"b": "1"}, {"a": "1", "z": "2"}, {"c": "1", "d": "2"}, {"m": "1", "y": "2"}]
)
def test_a_document_has_what_is_shared_and_what_is_own_in_order(own: dict[str, str]) -> None:
    shared = {"y": "shared", "c": 'quo"ted', "d": "shared"}
    kept, shown = documents.Frames(shared, lambda _: None).fill(own)
    assert kept == shown
    assert json.loads(kept) == shared | own
    assert list(json.loads(kept)) == sorted(shared | own)


def test_more_combinations_of_names_than_are_remembered_are_all_right() -> None:
    frames = documents.Frames({"shared": "s"}, lambda _: None)
    for number in range(600):
        assert json.loads(frames.fill({f"n{number}": "v"})[0]) == {"shared": "s", f"n{number}": "v"}
