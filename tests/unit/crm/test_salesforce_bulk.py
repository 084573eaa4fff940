"""Bulk API 2.0: the steps of a job, and whose result is whose."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pytest_httpx import HTTPXMock

from ampsandbox.crm.salesforce.bulk_rows import CsvTable, RowResults
from ampsandbox.crm.salesforce.client import SalesforceCrm
from ampsandbox.engine.crm import (
    Answer,
    AnswerLostError,
    CrmRefusedError,
    CrmUnavailableError,
    Method,
    Record,
    Verdict,
)
from ampsandbox.manifest.model import Mode

pytestmark = pytest.mark.anyio

JOBS = "https://acme.my.salesforce.com/services/data/v60.0/jobs/ingest"
JOB = f"{JOBS}/750x"


def start(httpx_mock: HTTPXMock, operation: str = "insert", body: str | None = None) -> None:
    httpx_mock.add_response(
        method="POST",
        url=JOBS,
        match_json={
            "object": "Contact",
            "operation": operation,
            "contentType": "CSV",
            "lineEnding": "LF",
            "columnDelimiter": "COMMA",
        },
        json={"id": "750x", "state": "Open", "contentUrl": "services/data/v60.0/jobs/ingest/750x/batches"},
    )
    httpx_mock.add_response(
        method="PUT",
        url=f"{JOB}/batches",
        match_headers={"Content-Type": "text/csv"},
        match_content=None if body is None else body.encode(),
        status_code=201,
    )
    httpx_mock.add_response(method="PATCH", url=JOB, match_json={"state": "UploadComplete"}, json={})


def finish(httpx_mock: HTTPXMock, good: str = "", bad: str = "", rest: str = "", **state: Any) -> None:
    httpx_mock.add_response(
        method="GET", url=JOB, json={"state": "JobComplete", "numberRecordsProcessed": 1} | state
    )
    for kind, text in (("successfulResults", good), ("failedResults", bad), ("unprocessedrecords", rest)):
        httpx_mock.add_response(method="GET", url=f"{JOB}/{kind}", text=text)


async def write(crm: SalesforceCrm, mode: Mode, *records: Record) -> list[Answer]:
    return await crm.write("Contact", mode, records, Method.BULK)


async def test_a_job_is_created_filled_closed_polled_and_its_results_matched(
    salesforce: SalesforceCrm, httpx_mock: HTTPXMock, frozen_sleep: Callable[[], float]
) -> None:
    start(httpx_mock, body='LastName,Title\nA,\n"B,""x""\ny",#N/A\nC,\n')
    httpx_mock.add_response(method="GET", url=JOB, json={"state": "InProgress"})
    finish(
        httpx_mock,
        good='"sf__Id","sf__Created",LastName,Title\n"0032","true","B,""x""\r\ny","#N/A"\n',
        bad=(
            '"sf__Id","sf__Error",LastName,Title\n'
            '"","STRING_TOO_LONG:Last Name: data value too large: A (max length=1):LastName --","A",""\n'
        ),
        rest='"LastName","Title"\n"C",""\n',
    )
    answers = await write(
        salesforce,
        Mode.INSERT,
        Record(None, {"LastName": "A"}),
        Record(None, {"LastName": 'B,"x"\ny', "Title": None}),
        Record(None, {"LastName": "C"}),
    )
    assert [a.verdict for a in answers] == [Verdict.REFUSED, Verdict.SUCCEEDED, Verdict.TRY_AGAIN]
    assert answers[1].record_id == "0032"
    [error] = answers[0].errors
    assert error.code == "STRING_TOO_LONG"
    assert error.message == "Last Name: data value too large: A (max length=1)"
    assert error.fields == ("LastName",)
    assert frozen_sleep() == 1.0


async def test_updates_are_matched_by_their_id(salesforce: SalesforceCrm, httpx_mock: HTTPXMock) -> None:
    start(httpx_mock, "update", "Id,LastName\n0031,A\n0032,A\n")
    finish(
        httpx_mock,
        good='"sf__Id","sf__Created","Id","LastName"\n"0032","false","0032","A"\n"0031","false","0031","A"\n',
    )
    answers = await write(
        salesforce, Mode.UPDATE, Record("0031", {"LastName": "A"}), Record("0032", {"LastName": "A"})
    )
    assert [a.record_id for a in answers] == ["0031", "0032"]


async def test_an_unknown_column_refuses_the_rows_that_fill_it_and_sends_the_others_again(
    salesforce: SalesforceCrm, httpx_mock: HTTPXMock
) -> None:
    start(httpx_mock)
    httpx_mock.add_response(
        method="GET",
        url=JOB,
        json={
            "state": "Failed",
            "numberRecordsProcessed": 0,
            "errorMessage": "InvalidBatch : Field name not found : Bogus__c",
        },
    )
    answers = await write(
        salesforce, Mode.INSERT, Record(None, {"Bogus__c": "1"}), Record(None, {"LastName": "A"})
    )
    assert [a.verdict for a in answers] == [Verdict.REFUSED, Verdict.SPARED]
    assert (answers[0].errors[0].code, answers[0].errors[0].fields) == ("INVALID_FIELD", ("Bogus__c",))


async def test_a_job_that_fails_before_its_first_row_is_refused_whole(
    salesforce: SalesforceCrm, httpx_mock: HTTPXMock
) -> None:
    start(httpx_mock)
    httpx_mock.add_response(
        method="GET",
        url=JOB,
        json={"state": "Failed", "numberRecordsProcessed": 0, "errorMessage": "InvalidBatch : Bad CSV"},
    )
    with pytest.raises(CrmRefusedError) as caught:
        await write(salesforce, Mode.INSERT, Record(None, {"LastName": "1"}))
    assert caught.value.detail.code == "InvalidBatch"
    assert caught.value.detail.message == "Bad CSV"


async def test_an_upload_that_fails_leaves_no_open_job_and_is_safe_to_repeat(
    salesforce: SalesforceCrm, httpx_mock: HTTPXMock
) -> None:
    httpx_mock.add_response(method="POST", url=JOBS, json={"id": "750x", "state": "Open"})
    httpx_mock.add_exception(httpx.ReadTimeout("slow"), method="PUT", url=f"{JOB}/batches")
    httpx_mock.add_response(method="PATCH", url=JOB, match_json={"state": "Aborted"}, json={})
    with pytest.raises(CrmUnavailableError):
        await write(salesforce, Mode.INSERT, Record(None, {"LastName": "A"}))


async def test_a_lost_answer_to_the_closing_is_settled_by_asking_for_the_state(
    salesforce: SalesforceCrm, httpx_mock: HTTPXMock, frozen_sleep: Callable[[], float]
) -> None:
    httpx_mock.add_response(method="POST", url=JOBS, json={"id": "750x", "state": "Open"})
    httpx_mock.add_response(method="PUT", url=f"{JOB}/batches", status_code=201)
    httpx_mock.add_exception(httpx.ReadTimeout("slow"), method="PATCH", url=JOB)
    httpx_mock.add_response(
        method="PATCH", url=JOB, status_code=400, json=[{"errorCode": "INVALIDJOBSTATE", "message": "closed"}]
    )
    httpx_mock.add_response(method="GET", url=JOB, json={"state": "InProgress"})
    finish(httpx_mock, good='"sf__Id","sf__Created","LastName"\n"0031","true","A"\n')
    [answer] = await write(salesforce, Mode.INSERT, Record(None, {"LastName": "A"}))
    assert answer.record_id == "0031"


async def test_a_job_that_cannot_be_followed_is_in_doubt(
    salesforce: SalesforceCrm, httpx_mock: HTTPXMock, frozen_sleep: Callable[[], float]
) -> None:
    start(httpx_mock)
    httpx_mock.add_response(method="GET", url=JOB, status_code=503, is_reusable=True)
    with pytest.raises(AnswerLostError):
        await write(salesforce, Mode.INSERT, Record(None, {"LastName": "A"}))
    assert frozen_sleep() >= 3600


async def test_a_row_without_a_result_is_in_doubt(salesforce: SalesforceCrm, httpx_mock: HTTPXMock) -> None:
    start(httpx_mock)
    finish(httpx_mock, good='"sf__Id","sf__Created","LastName"\n"0031","true","A"\n')
    with pytest.raises(AnswerLostError, match="1 of 2"):
        await write(salesforce, Mode.INSERT, Record(None, {"LastName": "A"}), Record(None, {"LastName": "B"}))


VALUES = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00\r"), max_size=8)


@given(
    st.lists(
        st.dictionaries(st.sampled_from(["A", "B", "C"]), VALUES | st.integers(), min_size=1), max_size=12
    ),
    st.randoms(),
)
def test_whatever_the_order_of_the_results_each_row_gets_one_of_its_own_value(
    values: list[dict[str, Any]], random: Any
) -> None:
    sent = CsvTable.of(Mode.INSERT, [Record(None, item) for item in values])
    returned = list(csv.DictReader(io.StringIO(sent.to_csv().decode(), newline="")))
    assert len(returned) == len(sent.rows)
    random.shuffle(returned)
    text = io.StringIO()
    writer = csv.DictWriter(text, ["sf__Id", *sent.columns])
    writer.writeheader()
    writer.writerows(row | {"sf__Id": named(row)} for row in returned)
    results = RowResults(sent.columns)
    results.read("successfulResults", text.getvalue())
    assert [answer.record_id for answer in results.match(sent)] == [
        named(dict(zip(sent.columns, row, strict=True))) for row in sent.rows
    ]


def named(row: dict[str, str]) -> str:
    return "|".join(f"{k}={v}" for k, v in sorted(row.items()) if v)


def test_a_reference_by_external_id_becomes_a_dotted_column() -> None:
    values = {"Account": {"Key__c": "7"}, "Active__c": True}
    table = CsvTable.of(Mode.INSERT, [Record(None, values)])
    assert (table.columns, table.rows) == (["Account.Key__c", "Active__c"], [["7", "true"]])


def test_of_a_success_its_id_alone_is_kept() -> None:
    sent = CsvTable(["LastName"], [["Ray"]])
    results = RowResults(sent.columns)
    results.read("successfulResults", "sf__Id,sf__Created,LastName\n003A,true,Ray\n")
    assert results.match(sent) == [Answer(Verdict.SUCCEEDED, "003A")]
