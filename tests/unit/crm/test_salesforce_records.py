"""Single records and collections on Salesforce: what is sent, and what each answer means."""

from __future__ import annotations

import json
from typing import Any

import httpx
import pytest
from pytest_httpx import HTTPXMock

from ampsandbox.crm.salesforce.client import SalesforceCrm
from ampsandbox.engine.crm import (
    Answer,
    AnswerLostError,
    CrmRefusedError,
    CrmUnavailableError,
    Exchange,
    Method,
    Record,
    Verdict,
)
from ampsandbox.manifest.model import Mode, WriteObject

pytestmark = pytest.mark.anyio

ROOT = "https://acme.my.salesforce.com/services/data/v60.0"


async def insert(crm: SalesforceCrm, values: dict[str, Any]) -> Answer:
    [answer] = await crm.write("Contact", Mode.INSERT, [Record(None, values)], Method.SINGLE)
    return answer


async def test_an_insert_posts_the_record_and_returns_its_id(
    salesforce: SalesforceCrm, httpx_mock: HTTPXMock
) -> None:
    httpx_mock.add_response(
        method="POST",
        url=f"{ROOT}/sobjects/Contact",
        match_headers={"Authorization": "Bearer 00D!secret-token", "Content-Type": "application/json"},
        match_json={"LastName": "Rossi", "Age__c": 7},
        status_code=201,
        json={"id": "003000000000001AAA", "success": True, "errors": []},
    )
    answer = await insert(salesforce, {"LastName": "Rossi", "Age__c": 7})
    assert answer.verdict is Verdict.SUCCEEDED
    assert answer.record_id == "003000000000001AAA"


async def test_an_update_patches_the_record_and_answers_with_its_own_id(
    salesforce: SalesforceCrm, httpx_mock: HTTPXMock
) -> None:
    httpx_mock.add_response(
        method="PATCH",
        url=f"{ROOT}/sobjects/Contact/0031",
        match_json={"LastName": "Rossi"},
        status_code=204,
    )
    record = Record("0031", {"LastName": "Rossi"})
    [answer] = await salesforce.write("Contact", Mode.UPDATE, [record], Method.SINGLE)
    assert (answer.verdict, answer.record_id) == (Verdict.SUCCEEDED, "0031")


@pytest.mark.parametrize(
    ("record_id", "path"),
    [("../Account/1", "..%2FAccount%2F1"), ("..", "%2E%2E"), ("a?b#c d", "a%3Fb%23c%20d"), ("é", "%C3%A9")],
)
async def test_an_id_stays_one_segment_of_the_path(
    salesforce: SalesforceCrm, httpx_mock: HTTPXMock, record_id: str, path: str
) -> None:
    httpx_mock.add_response(status_code=404, json=[{"errorCode": "NOT_FOUND", "message": "no"}])
    record = Record(record_id, {"LastName": "Rossi"})
    await salesforce.write("Contact", Mode.UPDATE, [record], Method.SINGLE)
    request = httpx_mock.get_request()
    assert request is not None
    assert request.url.raw_path.decode() == f"/services/data/v60.0/sobjects/Contact/{path}"


@pytest.mark.parametrize(
    ("status", "code", "fields"),
    [
        (400, "REQUIRED_FIELD_MISSING", ["LastName"]),
        (400, "INVALID_FIELD", None),
        (400, "STRING_TOO_LONG", ["LastName"]),
        (400, "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST", ["CleanStatus"]),
        (400, "DUPLICATE_VALUE", []),
        (400, "DUPLICATES_DETECTED", None),
        (400, "JSON_PARSER_ERROR", None),
        (400, "MALFORMED_ID", ["AccountId"]),
        (404, "NOT_FOUND", None),
        (404, "ENTITY_IS_DELETED", []),
        (405, "METHOD_NOT_ALLOWED", None),
    ],
)
async def test_a_refused_record_says_why(
    salesforce: SalesforceCrm, httpx_mock: HTTPXMock, status: int, code: str, fields: list[str] | None
) -> None:
    error = {"message": "the reason", "errorCode": code} | ({} if fields is None else {"fields": fields})
    httpx_mock.add_response(status_code=status, json=[error])
    answer = await insert(salesforce, {"FirstName": "Ada"})
    assert answer.verdict is Verdict.REFUSED
    [detail] = answer.errors
    assert (detail.code, detail.message, detail.fields) == (code, "the reason", tuple(fields or ()))
    assert json.loads(answer.raw or "") == [error]


async def test_a_locked_row_is_tried_again(salesforce: SalesforceCrm, httpx_mock: HTTPXMock) -> None:
    httpx_mock.add_response(status_code=400, json=[{"message": "busy", "errorCode": "UNABLE_TO_LOCK_ROW"}])
    assert (await insert(salesforce, {"LastName": "Rossi"})).verdict is Verdict.TRY_AGAIN


@pytest.mark.parametrize(
    ("status", "code", "hint"),
    [
        (401, "INVALID_SESSION_ID", "Sign in again"),
        (403, "INSUFFICIENT_ACCESS_OR_READONLY", "Create and Edit"),
        (403, "API_DISABLED_FOR_ORG", "API Enabled"),
    ],
)
async def test_what_the_user_may_not_do_at_all_is_refused_with_the_missing_permission(
    salesforce: SalesforceCrm, httpx_mock: HTTPXMock, status: int, code: str, hint: str
) -> None:
    httpx_mock.add_response(status_code=status, json=[{"message": "no", "errorCode": code}])
    with pytest.raises(CrmRefusedError, match=code) as caught:
        await insert(salesforce, {"LastName": "Rossi"})
    assert hint in caught.value.hint


@pytest.mark.parametrize("status", [408, 423, 425, 429, 500, 503, 521])
async def test_an_outage_is_safe_to_repeat(
    salesforce: SalesforceCrm, httpx_mock: HTTPXMock, status: int
) -> None:
    httpx_mock.add_response(
        status_code=status, text="<html>down</html>", headers={"Content-Type": "text/html"}
    )
    with pytest.raises(CrmUnavailableError) as caught:
        await insert(salesforce, {"LastName": "Rossi"})
    assert caught.value.detail.code == f"HTTP_{status}"
    assert caught.value.raw == "<html>down</html>"


async def test_a_spent_quota_is_an_outage_although_it_comes_as_403(
    salesforce: SalesforceCrm, httpx_mock: HTTPXMock
) -> None:
    error = {"message": "TotalRequests Limit exceeded.", "errorCode": "REQUEST_LIMIT_EXCEEDED"}
    httpx_mock.add_response(status_code=403, json=[error])
    with pytest.raises(CrmUnavailableError, match="REQUEST_LIMIT_EXCEEDED"):
        await insert(salesforce, {"LastName": "Rossi"})


@pytest.mark.parametrize(
    ("value", "seconds"),
    [("17", 17.0), ("Mon, 02 Mar 2026 10:00:30 GMT", 30.0), ("soon", None), ("", None)],
)
async def test_the_wish_of_the_crm_to_wait_is_passed_on(
    salesforce: SalesforceCrm, httpx_mock: HTTPXMock, value: str, seconds: float | None
) -> None:
    httpx_mock.add_response(
        status_code=503, headers={"Retry-After": value, "Date": "Mon, 02 Mar 2026 10:00:00 GMT"}
    )
    with pytest.raises(CrmUnavailableError) as caught:
        await insert(salesforce, {"LastName": "Rossi"})
    assert caught.value.retry_after_s == seconds


@pytest.mark.parametrize("status", [502, 504, 520, 524])
async def test_a_gateway_that_gave_up_leaves_the_write_in_doubt(
    salesforce: SalesforceCrm, httpx_mock: HTTPXMock, status: int
) -> None:
    httpx_mock.add_response(status_code=status)
    with pytest.raises(AnswerLostError):
        await insert(salesforce, {"LastName": "Rossi"})


@pytest.mark.parametrize(
    "error", [httpx.ReadTimeout("slow"), httpx.RemoteProtocolError("cut"), httpx.ReadError("reset")]
)
async def test_an_answer_that_never_came_leaves_the_write_in_doubt(
    salesforce: SalesforceCrm, httpx_mock: HTTPXMock, exchanges: list[Exchange], error: httpx.RequestError
) -> None:
    httpx_mock.add_exception(error)
    with pytest.raises(AnswerLostError):
        await insert(salesforce, {"LastName": "Rossi"})
    assert exchanges[0].status is None


@pytest.mark.parametrize("error", [httpx.ConnectError("refused"), httpx.ConnectTimeout("slow")])
async def test_a_request_that_never_left_is_safe_to_repeat(
    salesforce: SalesforceCrm, httpx_mock: HTTPXMock, error: httpx.RequestError
) -> None:
    httpx_mock.add_exception(error)
    with pytest.raises(CrmUnavailableError):
        await insert(salesforce, {"LastName": "Rossi"})


@pytest.mark.parametrize("body", ["", "<html/>", "[]", "{}", '{"id": null}'])
async def test_a_success_that_names_no_record_leaves_the_write_in_doubt(
    salesforce: SalesforceCrm, httpx_mock: HTTPXMock, body: str
) -> None:
    httpx_mock.add_response(status_code=201, text=body)
    with pytest.raises(AnswerLostError):
        await insert(salesforce, {"LastName": "Rossi"})


async def test_a_collection_inserts_up_to_200_records_each_on_its_own(
    salesforce: SalesforceCrm, httpx_mock: HTTPXMock, exchanges: list[Exchange]
) -> None:
    httpx_mock.add_response(
        method="POST",
        url=f"{ROOT}/composite/sobjects",
        match_json={
            "allOrNone": False,
            "records": [
                {"attributes": {"type": "Contact"}, "LastName": "A"},
                {"attributes": {"type": "Contact"}, "FirstName": "B"},
                {"attributes": {"type": "Contact"}, "LastName": "C"},
            ],
        },
        json=[
            {"id": "0031", "success": True, "errors": []},
            {
                "success": False,
                "errors": [
                    {
                        "statusCode": "REQUIRED_FIELD_MISSING",
                        "message": "Required fields are missing: [LastName]",
                        "fields": ["LastName"],
                    }
                ],
            },
            {"success": False, "errors": [{"statusCode": "UNABLE_TO_LOCK_ROW", "message": "busy"}]},
        ],
    )
    records = [
        Record(None, {"LastName": "A"}),
        Record(None, {"FirstName": "B"}),
        Record(None, {"LastName": "C"}),
    ]
    answers = await salesforce.write("Contact", Mode.INSERT, records, Method.COLLECTION)
    assert [a.verdict for a in answers] == [Verdict.SUCCEEDED, Verdict.REFUSED, Verdict.TRY_AGAIN]
    assert answers[0].record_id == "0031"
    assert answers[1].errors[0].fields == ("LastName",)
    assert exchanges[0].records == 3


async def test_a_collection_updates_by_id_and_a_field_cannot_replace_it(
    salesforce: SalesforceCrm, httpx_mock: HTTPXMock
) -> None:
    httpx_mock.add_response(
        method="PATCH",
        url=f"{ROOT}/composite/sobjects",
        match_json={
            "allOrNone": False,
            "records": [{"attributes": {"type": "Contact"}, "id": "0031", "LastName": "A"}],
        },
        json=[{"id": "0031", "success": True, "errors": []}],
    )
    record = Record("0031", {"LastName": "A", "Id": "0039", "attributes": {"type": "Account"}})
    [answer] = await salesforce.write("Contact", Mode.UPDATE, [record], Method.COLLECTION)
    assert answer.record_id == "0031"


async def test_rows_that_come_with_status_400_still_answer_for_the_records(
    salesforce: SalesforceCrm, httpx_mock: HTTPXMock
) -> None:
    httpx_mock.add_response(
        status_code=400,
        json=[
            {"success": False, "errors": [{"statusCode": "MISSING_ARGUMENT", "message": "Id not specified"}]}
        ],
    )
    [answer] = await salesforce.write("Contact", Mode.UPDATE, [Record("1", {})], Method.COLLECTION)
    assert answer.errors[0].code == "MISSING_ARGUMENT"


async def test_a_collection_that_is_refused_whole_raises(
    salesforce: SalesforceCrm, httpx_mock: HTTPXMock
) -> None:
    httpx_mock.add_response(status_code=400, json=[{"errorCode": "EXCEEDED_ID_LIMIT", "message": "too many"}])
    with pytest.raises(CrmRefusedError, match="EXCEEDED_ID_LIMIT"):
        await salesforce.write("Contact", Mode.INSERT, [Record(None, {})], Method.COLLECTION)


@pytest.mark.parametrize(
    ("values", "complaint", "guilty"),
    [
        ('"lots"', "int from VALUE_STRING value lots or request may be missing a required field", {1}),
        ("[1]", "string from START_ARRAY value", {1, 3}),
        ("true", "string from VALUE_TRUE value true", {1, 3}),
    ],
)
@pytest.mark.parametrize("counts", ["characters", "bytes"])
async def test_a_collection_that_one_record_makes_unreadable_spares_the_others(
    salesforce: SalesforceCrm,
    httpx_mock: HTTPXMock,
    values: str,
    complaint: str,
    guilty: set[int],
    counts: str,
) -> None:
    def refuse(request: httpx.Request) -> httpx.Response:
        text = request.content.decode() if counts == "characters" else request.content.decode("latin-1")
        column = text.index(values.replace(" ", "")) + 1
        message = f"Cannot deserialize instance of {complaint} at [line:1, column:{column}]"
        return httpx.Response(400, json=[{"message": message, "errorCode": "JSON_PARSER_ERROR"}])

    httpx_mock.add_callback(refuse)
    wrong, other = json.loads(values), {"lots": "few", "[1]": [2], "true": True}[values.strip('"')]
    fields = [
        {"LastName": "Müller 東京", "N": "12"},
        {"N": wrong},
        {"LastName": "Ann"},
        {"N": other},
        {"M": wrong},
    ]
    answers = await salesforce.write(
        "Lead", Mode.INSERT, [Record(None, each) for each in fields], Method.COLLECTION
    )
    assert {index for index, answer in enumerate(answers) if answer.verdict is Verdict.REFUSED} == guilty
    assert {answer.verdict for index, answer in enumerate(answers) if index not in guilty} == {Verdict.SPARED}
    assert answers[1].errors[0].code == "JSON_PARSER_ERROR"


@pytest.mark.parametrize("column", [1, 40, 99_999])
async def test_a_collection_that_cannot_be_read_anywhere_else_is_refused_whole(
    salesforce: SalesforceCrm, httpx_mock: HTTPXMock, column: int
) -> None:
    message = f"Cannot deserialize instance of int from VALUE_STRING value x at [line:1, column:{column}]"
    httpx_mock.add_response(status_code=400, json=[{"message": message, "errorCode": "JSON_PARSER_ERROR"}])
    with pytest.raises(CrmRefusedError):
        await salesforce.write("Lead", Mode.INSERT, [Record(None, {"A": 1})] * 2, Method.COLLECTION)


@pytest.mark.parametrize("body", [[], [{"id": "1", "success": True}] * 3, {"id": "1"}, "x"])
async def test_a_list_that_does_not_cover_the_records_leaves_them_in_doubt(
    salesforce: SalesforceCrm, httpx_mock: HTTPXMock, body: Any
) -> None:
    httpx_mock.add_response(json=body)
    with pytest.raises(AnswerLostError):
        await salesforce.write("Contact", Mode.INSERT, [Record(None, {})] * 2, Method.COLLECTION)


async def test_secrets_stay_out_of_what_is_observed(
    salesforce: SalesforceCrm, httpx_mock: HTTPXMock, exchanges: list[Exchange]
) -> None:
    httpx_mock.add_response(status_code=400, json=[{"errorCode": "X", "message": "saw 00D!secret-token"}])
    answer = await insert(salesforce, {"LastName": "00D!secret-token"})
    assert "secret-token" not in repr(exchanges) + repr(answer)
    assert ("authorization", "Bearer ***") in exchanges[0].request_headers


async def test_a_field_that_is_called_like_a_secret_is_shown(
    salesforce: SalesforceCrm, httpx_mock: HTTPXMock, exchanges: list[Exchange]
) -> None:
    httpx_mock.add_response(status_code=201, json={"id": "1"})
    await insert(salesforce, {"Signature": "Ada", "Token": "a=1&password=2"})
    assert exchanges[0].request_body == '{"Signature":"Ada","Token":"a=1&password=2"}'


async def test_long_bodies_are_cut_for_the_log(
    salesforce: SalesforceCrm, httpx_mock: HTTPXMock, exchanges: list[Exchange]
) -> None:
    httpx_mock.add_response(status_code=400, text="y" * 200_000)
    await insert(salesforce, {"LastName": "é" * 200_000})
    assert len(exchanges[0].request_body.encode()) <= 64 * 1024
    assert exchanges[0].response_body == "y" * 64 * 1024


async def test_deleting_what_is_gone_already_is_no_error(
    salesforce: SalesforceCrm, httpx_mock: HTTPXMock
) -> None:
    httpx_mock.add_response(
        method="DELETE",
        url=f"{ROOT}/composite/sobjects?ids=0031,0032,0033&allOrNone=false",
        json=[
            {"id": "0031", "success": True, "errors": []},
            {"success": False, "errors": [{"statusCode": "ENTITY_IS_DELETED", "message": "gone"}]},
            {"success": False, "errors": [{"statusCode": "DELETE_FAILED", "message": "in use"}]},
        ],
    )
    answers = await salesforce.delete("Contact", ["0031", "0032", "0033"])
    assert [a.verdict for a in answers] == [Verdict.SUCCEEDED, Verdict.SUCCEEDED, Verdict.REFUSED]


async def test_a_record_is_found_in_lightning(salesforce: SalesforceCrm) -> None:
    url = await salesforce.record_url("Contact", "0031")
    assert url == "https://acme.lightning.force.com/lightning/r/Contact/0031/view"


async def test_both_spellings_of_an_id_are_one_record(
    salesforce: SalesforceCrm, contact: WriteObject
) -> None:
    short, long = "0030g00000RtWv1", "0030g00000RtWv1AAF"
    assert salesforce.record_key(contact, short) == salesforce.record_key(contact, long)
