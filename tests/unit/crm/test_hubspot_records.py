"""Single records and batches on HubSpot: what is sent, and what each answer means."""

from __future__ import annotations

from typing import Any

import pytest
from pytest_httpx import HTTPXMock

from ampsandbox.crm.hubspot.client import HubSpotCrm
from ampsandbox.engine.crm import (
    Answer,
    AnswerLostError,
    CrmRefusedError,
    CrmUnavailableError,
    Method,
    Record,
    Verdict,
)
from ampsandbox.manifest.model import Mode, ObjectKind, WriteObject

pytestmark = pytest.mark.anyio

OBJECTS = "https://api.hubapi.com/crm/v3/objects"
BAD_VALUES = (
    "Property values were not valid: "
    '[{"isValid":false,"message":"Property \\"x\\" does not exist",'
    '"error":"PROPERTY_DOESNT_EXIST","name":"x"}]'
)


async def insert(crm: HubSpotCrm, values: dict[str, Any]) -> Answer:
    [answer] = await crm.write("contacts", Mode.INSERT, [Record(None, values)], Method.SINGLE)
    return answer


def error(status: int, category: str, **more: Any) -> dict[str, Any]:
    return {"status": "error", "message": "the reason", "correlationId": "c", "category": category} | more


async def test_an_insert_posts_properties_and_returns_the_id(
    hubspot: HubSpotCrm, httpx_mock: HTTPXMock
) -> None:
    httpx_mock.add_response(
        method="POST",
        url=f"{OBJECTS}/contacts",
        match_headers={"Authorization": "Bearer pat-eu1-secret-token", "Content-Type": "application/json"},
        match_json={"properties": {"email": "a@b.c", "fax": ""}},
        status_code=201,
        json={"id": "171", "properties": {}},
    )
    answer = await insert(hubspot, {"email": "a@b.c", "fax": None})
    assert (answer.verdict, answer.record_id) == (Verdict.SUCCEEDED, "171")


async def test_an_update_patches_by_id(hubspot: HubSpotCrm, httpx_mock: HTTPXMock) -> None:
    httpx_mock.add_response(
        method="PATCH",
        url=f"{OBJECTS}/line_items/171",
        match_json={"properties": {"quantity": 2}},
        json={"id": "171", "properties": {}},
    )
    record = Record("171", {"quantity": 2})
    [answer] = await hubspot.write("line_items", Mode.UPDATE, [record], Method.SINGLE)
    assert (answer.verdict, answer.record_id) == (Verdict.SUCCEEDED, "171")


@pytest.mark.parametrize(
    ("status", "body", "code", "fields"),
    [
        (409, error(409, "CONFLICT"), "CONFLICT", ()),
        (
            400,
            {"status": "error", "message": BAD_VALUES, "category": "VALIDATION_ERROR"},
            "PROPERTY_DOESNT_EXIST",
            ("x",),
        ),
        (
            400,
            error(
                400,
                "VALIDATION_ERROR",
                errors=[{"message": "no", "code": "INVALID_EMAIL", "context": {"propertyName": ["email"]}}],
            ),
            "INVALID_EMAIL",
            ("email",),
        ),
        (404, {"status": "error", "message": "resource not found", "correlationId": "c"}, "HTTP_404", ()),
        (404, "<html>Not Found</html>", "HTTP_404", ()),
        (404, error(404, "OBJECT_NOT_FOUND"), "OBJECT_NOT_FOUND", ()),
        (400, {"status": "error", "message": "Unable to infer object type from: x"}, "HTTP_400", ()),
    ],
)
async def test_a_refused_record_says_why(
    hubspot: HubSpotCrm, httpx_mock: HTTPXMock, status: int, body: Any, code: str, fields: tuple[str, ...]
) -> None:
    content = {"text": body} if isinstance(body, str) else {"json": body}
    httpx_mock.add_response(status_code=status, **content)
    answer = await insert(hubspot, {"x": "1"})
    assert answer.verdict is Verdict.REFUSED
    assert (answer.errors[0].code, answer.errors[0].fields) == (code, fields)


async def test_missing_scopes_are_named(hubspot: HubSpotCrm, httpx_mock: HTTPXMock) -> None:
    details = [{"message": "m", "context": {"requiredGranularScopes": ["crm.objects.contacts.write"]}}]
    httpx_mock.add_response(status_code=403, json=error(403, "MISSING_SCOPES", errors=details))
    with pytest.raises(CrmRefusedError, match="MISSING_SCOPES: the reason") as caught:
        await insert(hubspot, {})
    assert caught.value.hint == "Grant the app the scopes crm.objects.contacts.write."


@pytest.mark.parametrize("category", ["INVALID_AUTHENTICATION", "EXPIRED_AUTHENTICATION"])
async def test_a_bad_token_is_refused(hubspot: HubSpotCrm, httpx_mock: HTTPXMock, category: str) -> None:
    httpx_mock.add_response(status_code=401, json=error(401, category))
    with pytest.raises(CrmRefusedError, match=category):
        await insert(hubspot, {})


@pytest.mark.parametrize(
    ("policy", "seconds"), [("TEN_SECONDLY_ROLLING", 10.0), ("SECONDLY", 1.0), ("DAILY", None)]
)
async def test_a_rate_limit_is_waited_out(
    hubspot: HubSpotCrm, httpx_mock: HTTPXMock, policy: str, seconds: float | None
) -> None:
    body = {"status": "error", "message": "limit", "errorType": "RATE_LIMIT", "policyName": policy}
    httpx_mock.add_response(status_code=429, json=body)
    with pytest.raises(CrmUnavailableError) as caught:
        await insert(hubspot, {})
    assert (caught.value.detail.code, caught.value.retry_after_s) == ("RATE_LIMIT", seconds)


@pytest.mark.parametrize("status", [423, 477, 500, 503, 521])
async def test_an_outage_is_safe_to_repeat(hubspot: HubSpotCrm, httpx_mock: HTTPXMock, status: int) -> None:
    httpx_mock.add_response(status_code=status, headers={"Retry-After": "3"})
    with pytest.raises(CrmUnavailableError) as caught:
        await insert(hubspot, {})
    assert caught.value.retry_after_s == 3


async def test_a_batch_insert_traces_its_records_so_that_good_ones_are_written(
    hubspot: HubSpotCrm, httpx_mock: HTTPXMock
) -> None:
    httpx_mock.add_response(
        method="POST",
        url=f"{OBJECTS}/contacts/batch/create",
        match_json={
            "inputs": [
                {"objectWriteTraceId": "0", "properties": {"email": "a@b.c"}},
                {"objectWriteTraceId": "1", "properties": {"email": "b@b.c"}},
                {"objectWriteTraceId": "2", "properties": {"email": "c@b.c"}},
            ]
        },
        status_code=207,
        json={
            "status": "COMPLETE",
            "results": [
                {"id": "12", "properties": {"email": "c@b.c", "hs_object_id": "12"}},
                {"id": "10", "properties": {"email": "a@b.c", "hs_object_id": "10"}},
            ],
            "errors": [
                {
                    "status": "error",
                    "category": "CONFLICT",
                    "message": "Contact already exists",
                    "context": {"objectWriteTraceId": ["1"], "existingId": ["9"]},
                }
            ],
        },
    )
    records = [Record(None, {"email": f"{name}@b.c"}) for name in "abc"]
    answers = await hubspot.write("contacts", Mode.INSERT, records, Method.COLLECTION)
    assert [a.record_id for a in answers] == ["10", None, "12"]
    assert answers[1].errors[0].message == "Contact already exists"


async def test_results_without_a_trace_id_are_told_apart_by_their_values(
    hubspot: HubSpotCrm, httpx_mock: HTTPXMock
) -> None:
    """HubSpot answers in no order of the inputs (HubSpot/hubspot-api-nodejs#190)."""
    results = [
        {"id": "12", "properties": {"email": "b@b.c", "city": "Rome", "numberofemployees": "5"}},
        {"id": "11", "properties": {"email": "a@b.c", "city": "Rome"}},
        {"id": "10", "properties": {"email": "c@b.c", "city": "", "hs_object_id": "10"}},
    ]
    httpx_mock.add_response(
        url=f"{OBJECTS}/contacts/batch/create", status_code=201, json={"results": results}
    )
    records = [
        Record(None, {"email": "A@b.c", "city": "Rome"}),
        Record(None, {"email": "b@b.c", "numberofemployees": 5}),
        Record(None, {"email": "c@b.c", "city": None}),
    ]
    answers = await hubspot.write("contacts", Mode.INSERT, records, Method.COLLECTION)
    assert [a.record_id for a in answers] == ["11", "12", "10"]


async def test_results_that_carry_a_trace_id_may_come_in_any_order(
    hubspot: HubSpotCrm, httpx_mock: HTTPXMock
) -> None:
    results = [{"id": "11", "objectWriteTraceId": "1"}, {"id": "10", "objectWriteTraceId": "0"}]
    httpx_mock.add_response(status_code=201, json={"status": "COMPLETE", "results": results})
    answers = await hubspot.write("contacts", Mode.INSERT, [Record(None, {})] * 2, Method.COLLECTION)
    assert [a.record_id for a in answers] == ["10", "11"]


async def test_a_batch_update_matches_results_and_errors_by_id(
    hubspot: HubSpotCrm, httpx_mock: HTTPXMock
) -> None:
    httpx_mock.add_response(
        method="POST",
        url=f"{OBJECTS}/contacts/batch/update",
        match_json={
            "inputs": [
                {"objectWriteTraceId": "0", "id": "1", "properties": {}},
                {"objectWriteTraceId": "1", "id": "2", "properties": {}},
            ]
        },
        status_code=207,
        json={
            "results": [{"id": "2"}],
            "errors": [{"category": "OBJECT_NOT_FOUND", "message": "gone", "context": {"ids": ["1"]}}],
        },
    )
    records = [Record("1", {}), Record("2", {})]
    answers = await hubspot.write("contacts", Mode.UPDATE, records, Method.COLLECTION)
    assert answers[0].errors[0].code == "OBJECT_NOT_FOUND"
    assert answers[1].record_id == "2"


@pytest.mark.parametrize(
    "body", [{}, {"results": []}, {"results": [{"id": "1"}] * 3}, {"results": [{"id": "1"}]}, [], "x"]
)
async def test_an_answer_that_does_not_cover_the_records_leaves_them_in_doubt(
    hubspot: HubSpotCrm, httpx_mock: HTTPXMock, body: Any
) -> None:
    httpx_mock.add_response(status_code=201, json=body)
    with pytest.raises(AnswerLostError):
        await hubspot.write("contacts", Mode.INSERT, [Record(None, {})] * 2, Method.COLLECTION)


async def test_a_batch_that_one_record_spoils_refuses_that_one_and_sends_the_others_again(
    hubspot: HubSpotCrm, httpx_mock: HTTPXMock
) -> None:
    wrong = {
        "message": "nope was not one of the allowed options",
        "code": "INVALID_OPTION",
        "context": {"propertyName": ["stage"]},
    }
    httpx_mock.add_response(status_code=400, json=error(400, "VALIDATION_ERROR", errors=[wrong]))
    records = [Record("1", {"stage": "nope"}), Record("2", {"stage": "lead"}), Record("3", {"city": "Ulm"})]
    answers = await hubspot.write("contacts", Mode.UPDATE, records, Method.COLLECTION)
    assert [a.verdict for a in answers] == [Verdict.REFUSED, Verdict.SPARED, Verdict.SPARED]
    assert answers[0].errors[0].fields == ("stage",)


async def test_a_batch_that_is_refused_for_no_record_raises(
    hubspot: HubSpotCrm, httpx_mock: HTTPXMock
) -> None:
    body = error(
        400, "VALIDATION_ERROR", message="Duplicate IDs found in batch input: [1]. IDs must be unique"
    )
    httpx_mock.add_response(status_code=400, json=body)
    with pytest.raises(CrmRefusedError, match="Duplicate IDs"):
        await hubspot.write("contacts", Mode.UPDATE, [Record("1", {}), Record("1", {})], Method.COLLECTION)


async def test_a_record_is_found_in_the_portal(hubspot: HubSpotCrm, httpx_mock: HTTPXMock) -> None:
    httpx_mock.add_response(
        url="https://api.hubapi.com/account-info/v3/details",
        json={"portalId": 4711, "uiDomain": "app-eu1.hubspot.com"},
    )
    url = await hubspot.record_url("contacts", "171")
    assert url == "https://app-eu1.hubspot.com/contacts/4711/record/0-1/171"


async def test_deleting_archives_the_records(hubspot: HubSpotCrm, httpx_mock: HTTPXMock) -> None:
    httpx_mock.add_response(
        url=f"{OBJECTS}/contacts/batch/archive",
        match_json={"inputs": [{"id": "171"}, {"id": "172"}]},
        status_code=204,
    )
    answers = await hubspot.delete("contacts", ["171", "172"])
    assert [answer.verdict for answer in answers] == [Verdict.SUCCEEDED] * 2


async def test_required_properties_that_are_missing_are_named(
    hubspot: HubSpotCrm, httpx_mock: HTTPXMock
) -> None:
    httpx_mock.add_response(
        status_code=400,
        json={
            "status": "error",
            "message": "Error creating CALL. Some required properties were not set.",
            "context": {"properties": ["hs_timestamp"]},
            "category": "VALIDATION_ERROR",
        },
    )
    [answer] = await hubspot.write("calls", Mode.INSERT, [Record(None, {"x": "1"})], Method.SINGLE)
    assert answer.errors[0].fields == ("hs_timestamp",)


async def test_an_id_of_one_object_type_is_not_that_of_another(hubspot: HubSpotCrm) -> None:
    contact, deal = (
        WriteObject(name, ObjectKind.STANDARD, Mode.UPDATE, name) for name in ("contact", "deal")
    )
    assert hubspot.record_key(contact, "1") != hubspot.record_key(deal, "1")
