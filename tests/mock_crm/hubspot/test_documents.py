"""How new records are put together: what all share, what is their own, and the JSON that both become."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from typing import Any

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


CREATED = {
    "contacts": [
        {"email": "{}@Example.com", "firstname": "Ada", "lastname": "Number {}"},
        {"email": "{}@example.com", "phone": "+49 30 1234567{}", "mobilephone": "030 {}"},
        {"phone": "(555) 123-456{}", "company": 'The "{}"', "num_notes": "{}"},
        {"firstname": " ", "lastname": "\t", "mobilephone": "none"},
        {"lifecyclestage": "customer", "firstname": "{}"},
        {"associatedcompanyid": "{}", "lastname": "x"},
        {"hs_additional_emails": "{}@example.net", "email": "{}@example.com"},
        {"annualrevenue": "{}", "city": "Köln"},
        {},
    ],
    "companies": [
        {"name": "{}", "domain": "https://www.{}.example.com/about", "phone": "+1 555 123 456{}"},
        {"website": "{}.example.com", "city": "x"},
        {"website": "www.", "numberofemployees": "{}"},
        {"city": "{}"},
        {"domain": "www.", "name": "{}"},
    ],
    "products": [{"name": "{}", "price": "1{}"}],
    "deals": [{"dealname": "{}", "amount": "{}", "dealstage": "closedwon"}],
    "line_items": [{"name": "{}", "price": "{}", "quantity": "2"}],
    "notes": [{"hs_timestamp": NOW, "hs_note_body": "<p>{}</p>"}],
}  # fmt: skip


@pytest.mark.parametrize(
    ("plural", "texts"), [(plural, texts) for plural, each in CREATED.items() for texts in each]
)
async def test_a_record_is_the_same_whether_it_came_in_a_batch_or_alone(
    call: Call, org: HubSpotOrg, plural: str, texts: dict[str, str]
) -> None:
    inputs = [{name: text.format(number) for name, text in texts.items()} for number in range(1, 4)]
    before = org.snapshot()
    path = f"/crm/v3/objects/{plural}"
    answer = await call("POST", f"{path}/batch/create", {"inputs": [{"properties": each} for each in inputs]})
    together = org.records(plural)
    org.restore(before)
    alone = [await call("POST", path, {"properties": each}) for each in inputs]
    assert together == org.records(plural)
    if answer.status_code == 201:
        shown = {record["id"]: record for record in answer.json()["results"]}
        assert shown == {record["id"]: record for record in (each.json() for each in alone)}
        assert [list(shown[each]["properties"]) for each in shown] == [
            sorted(shown[each]["properties"]) for each in shown
        ]
    else:
        assert {each.status_code for each in alone} == {answer.status_code}


@pytest.mark.parametrize(
    ("plural", "inputs", "together"),
    [
        ("contacts", [{"email": "a@example.com"}, {"email": "b@example.com"}], True),
        ("companies", [{"numberofemployees": "1"}, {"numberofemployees": "2"}], True),
        ("companies", [{"name": "x", "domain": "a.com"}, {"name": "x", "domain": "a.com"}], True),
        ("contacts", [{"email": "a@example.com"}, {"email": "A@example.com"}], False),
        ("contacts", [{"email": "ada@example.com"}, {"email": "b@example.com"}], False),
        ("contacts", [{"lastname": "x"}, {"firstname": "x"}], False),
        ("contacts", [{"lastname": "x"}, {"lastname": ""}], False),
        ("contacts", [{"lastname": "x"}, {"lastname": None}], False),
        ("contacts", [{"lastname": "x"}, {"lastname": 5}], False),
        ("contacts", [{"lastname": "x"}, {"lastname": "x" * 65_537}], False),
        ("companies", [{"numberofemployees": "1"}, {"numberofemployees": "many"}], False),
        ("contacts", [{"nonsense": "x"}, {"nonsense": "x"}], False),
        ("contacts", [{"lifecyclestage": "lead"}, {"lifecyclestage": "lead"}], False),
        ("contacts", [{}, {}], False),
        ("companies", [{"domain": "a.com"}, {"domain": "www."}], False),
        ("deals", [{"dealname": "x"}, {"dealname": "y"}], False),
    ],
)
def test_records_that_are_not_alike_or_will_not_do_are_checked_one_by_one(
    org: HubSpotOrg, plural: str, inputs: list[dict[str, Any]], together: bool
) -> None:
    org.create("contacts", {"email": "ada@example.com"})
    schema = org.context.schema.need(plural)
    assert (org.context.records.draft_sheet(schema, inputs) is not None) == together


def test_the_last_property_by_name_is_one_that_each_new_record_has(org: HubSpotOrg) -> None:
    """Documents of several records need one behind each that some of them may lack."""
    for plural, calculated in (
        ("contacts", "hs_searchable_calculated_phone_number"),
        ("companies", "hs_task_label"),
    ):
        schema = org.context.schema.need(plural)
        assert max(blank(schema.type, _derivation(org)).shared) > calculated


@pytest.mark.parametrize(
    "own", [{"b": "1"}, {"a": "1", "z": "2"}, {"c": "1", "d": "2"}, {"m": "1", "y": "2"}]
)
def test_a_document_has_what_is_shared_and_what_is_own_in_order(own: dict[str, str]) -> None:
    shared = {"y": "shared", "c": 'quo"ted', "d": "shared"}
    kept, shown = documents.Frames(shared, lambda _: None).fill(own)
    assert kept == shown
    assert json.loads(kept) == shared | own
    assert list(json.loads(kept)) == sorted(shared | own)


def test_documents_of_several_records_are_those_of_each() -> None:
    frames = documents.Frames({"b": "shared", "z": "shared"}, lambda _: ("c", "restated"))
    texts = [*HOSTILE, "plain", ""]
    columns = {"c": ["x"] * len(texts), "a": texts, "b": texts[::-1]}
    kept, shown = frames.fill_all(columns)
    each = [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]
    # An empty text is no value, so that the record has no entry.
    own = [{name: value for name, value in values.items() if value} for values in each]
    assert list(kept) == [documents.text_of({"z": "shared"} | values) for values in own]
    assert list(shown) == [documents.text_of({"z": "shared"} | values | {"c": "restated"}) for values in own]


def test_more_combinations_of_names_than_are_remembered_are_all_right() -> None:
    frames = documents.Frames({"shared": "s"}, lambda _: None)
    for number in range(600):
        assert json.loads(frames.fill({f"n{number}": "v"})[0]) == {"shared": "s", f"n{number}": "v"}
