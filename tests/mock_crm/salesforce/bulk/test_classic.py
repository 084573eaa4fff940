"""Bulk API 1.0: jobs, batches and results in CSV, JSON and XML (evidence/salesforce.md#bulk-10)."""

from __future__ import annotations

import re
from typing import Any
from xml.etree.ElementTree import fromstring

import httpx
import pytest

from mock_crm.salesforce.org import SalesforceOrg

pytestmark = pytest.mark.anyio

NAMESPACE = "http://www.force.com/2009/06/asyncapi/dataload"
JSON = {"content-type": "application/json"}
XML = {"content-type": "application/xml; charset=UTF-8"}


def _xml(answer: httpx.Response) -> dict[str, str]:
    root = fromstring(answer.content)
    assert root.tag.startswith(f"{{{NAMESPACE}}}")
    return {child.tag.rpartition("}")[2]: child.text or "" for child in root}


async def _create(classic: httpx.AsyncClient, **job: Any) -> str:
    body = {"operation": "insert", "object": "Account", "contentType": "CSV", **job}
    answer = await classic.post("/job", json=body)
    assert answer.status_code == 201, answer.text
    return str(answer.json()["id"])


async def _batch(classic: httpx.AsyncClient, job_id: str, content: str) -> str:
    """Send a batch of a CSV or XML job, and return its id."""
    answer = await classic.post(f"/job/{job_id}/batch", content=content, headers={"content-type": "text/csv"})
    assert answer.status_code == 201, answer.text
    assert answer.headers["content-type"] == "application/xml"
    assert _xml(answer)["state"] == "Queued"
    return _xml(answer)["id"]


async def test_jobs_are_answered_in_the_form_of_the_request(classic: httpx.AsyncClient) -> None:
    body = (
        f'\n<?xml version="1.0" encoding="UTF-8"?><jobInfo xmlns="{NAMESPACE}"><operation>insert</operation>'
        "<object>account</object><concurrencyMode>Serial</concurrencyMode><contentType>CSV</contentType></jobInfo>"
    )
    answer = await classic.post("/job", content=body, headers=XML)
    assert (answer.status_code, answer.headers["content-type"]) == (201, "application/xml")
    job = _xml(answer)
    assert (job["state"], job["object"], job["apiVersion"], job["concurrencyMode"]) == (
        "Open",
        "Account",
        "60.0",
        "Serial",
    )
    as_json = await classic.get(f"/job/{job['id']}", headers=JSON)
    assert as_json.headers["content-type"] == "application/json"
    assert as_json.json()["numberBatchesTotal"] == 0
    closed = await classic.post(f"/job/{job['id']}", json={"state": "Closed"})
    assert closed.json()["state"] == "Closed"
    late = await classic.post(
        f"/job/{job['id']}/batch", content="Name\nA\n", headers={"content-type": "text/csv"}
    )
    assert (late.status_code, _xml(late)["exceptionCode"]) == (400, "InvalidJobState")


@pytest.mark.parametrize(("mode", "shown"), [(0, "Parallel"), (1, "Serial"), ("Serial", "Serial")])
async def test_the_concurrency_mode_may_be_a_number(
    classic: httpx.AsyncClient, mode: Any, shown: str
) -> None:
    job_id = await _create(classic, concurrencyMode=mode)
    assert (await classic.get(f"/job/{job_id}", headers=JSON)).json()["concurrencyMode"] == shown


async def test_csv_batches(classic: httpx.AsyncClient, org: SalesforceOrg) -> None:
    job_id = await _create(classic)
    batch_id = await _batch(classic, job_id, 'Name,Industry\n"Acme, Inc",Energy\n,None\n\n')
    info = _xml(await classic.get(f"/job/{job_id}/batch/{batch_id}"))
    assert (info["state"], info["numberRecordsProcessed"], info["numberRecordsFailed"]) == (
        "Completed",
        "2",
        "1",
    )
    result = await classic.get(f"/job/{job_id}/batch/{batch_id}/result")
    assert result.headers["content-type"] == "text/csv"
    assert result.text == (
        '"Id","Success","Created","Error"\n'
        f'"{org.records("Account")[0]["id"]}","true","true",""\n'
        '"","false","false","REQUIRED_FIELD_MISSING:Required fields are missing: [Name]:Name --"\n'
    )
    listed = fromstring((await classic.get(f"/job/{job_id}/batch")).content)
    assert [child.tag for child in listed] == [f"{{{NAMESPACE}}}batchInfo"]
    request = await classic.get(f"/job/{job_id}/batch/{batch_id}/request")
    assert request.text.startswith("Name,Industry")


async def test_an_empty_id_column_of_an_upsert_is_ignored(
    classic: httpx.AsyncClient, org: SalesforceOrg
) -> None:
    job_id = await _create(classic, object="Contact", operation="upsert", externalIdFieldName="Email")
    batch_id = await _batch(classic, job_id, "Id,Email,LastName\n,a@x.y,A\n")
    result = await classic.get(f"/job/{job_id}/batch/{batch_id}/result")
    assert '"true","true",""' in result.text
    assert org.records("Contact")[0]["Email"] == "a@x.y"


async def test_json_batches(classic: httpx.AsyncClient, org: SalesforceOrg) -> None:
    job_id = await _create(classic, contentType="JSON")
    answer = await classic.post(
        f"/job/{job_id}/batch", json=[{"Name": "A", "NumberOfEmployees": 3}, {"NumberOfEmployees": "x"}]
    )
    assert (answer.status_code, answer.headers["content-type"]) == (201, "application/json")
    batch = f"/job/{job_id}/batch/{answer.json()['id']}"
    assert (await classic.get(batch)).json()["state"] == "Completed"
    result = await classic.get(f"{batch}/result")
    assert result.headers["content-type"] == "application/json"
    first, second = result.json()
    assert first == {"success": True, "created": True, "id": org.records("Account")[0]["id"], "errors": []}
    assert second["success"] is False
    assert set(second["errors"][0]) == {"statusCode", "message", "fields"}


async def test_xml_batches(classic: httpx.AsyncClient, org: SalesforceOrg) -> None:
    job_id = await _create(classic, contentType="XML")
    xsi = "http://www.w3.org/2001/XMLSchema-instance"
    batch_id = await _batch(
        classic,
        job_id,
        f'<sObjects xmlns="{NAMESPACE}" xmlns:xsi="{xsi}"><sObject><Name>X &amp; Y</Name>'
        '<Industry xsi:nil="true"/></sObject><sObject><Site>s</Site></sObject></sObjects>',
    )
    result = await classic.get(f"/job/{job_id}/batch/{batch_id}/result")
    assert result.headers["content-type"] == "application/xml"
    first, second = fromstring(result.content)
    assert first.findtext(f"{{{NAMESPACE}}}success") == "true"
    assert second.findtext(f"{{{NAMESPACE}}}errors/{{{NAMESPACE}}}statusCode") == "REQUIRED_FIELD_MISSING"
    assert org.records("Account")[0]["Name"] == "X & Y"


@pytest.mark.parametrize(
    ("content_type", "content", "message"),
    [
        ("CSV", "Name,Nope\nA,1\n", "Field name not found : Nope"),
        ("XML", "<!DOCTYPE a [<!ENTITY b 'c'>]><sObjects>&b;</sObjects>", "a document type is not allowed"),
        ("CSV", "", "The content has no header"),
        ("CSV", "Name\n" + "A\n" * 10_001, "Records number exceeded"),
    ],
)
async def test_a_batch_fails_as_a_whole(
    classic: httpx.AsyncClient, org: SalesforceOrg, content_type: str, content: str, message: str
) -> None:
    job_id = await _create(classic, contentType=content_type)
    batch_id = await _batch(classic, job_id, content)
    info = _xml(await classic.get(f"/job/{job_id}/batch/{batch_id}"))
    assert info["state"] == "Failed"
    assert info["stateMessage"].startswith("InvalidBatch : ")
    assert message in info["stateMessage"]
    assert org.count("Account") == 0


@pytest.mark.parametrize("content_type", ["CSV", "JSON", "XML"])
async def test_queries(classic: httpx.AsyncClient, org: SalesforceOrg, content_type: str) -> None:
    record_id = org.seed("Account", [{"Name": "A"}])[0]
    job_id = await _create(classic, operation="query", contentType=content_type)
    answer = await classic.post(
        f"/job/{job_id}/batch", content="SELECT Id, CreatedDate, Site, Owner.Name FROM Account", headers=JSON
    )
    is_json = content_type == "JSON"
    batch = f"/job/{job_id}/batch/{answer.json()['id'] if is_json else _xml(answer)['id']}"
    listed = await classic.get(f"{batch}/result")
    result_id = listed.json()[0] if is_json else _xml(listed)["result"]
    assert result_id.startswith("752")
    result = await classic.get(f"{batch}/result/{result_id}")
    if is_json:
        assert result.json()[0]["Id"] == record_id
        assert result.json()[0]["CreatedDate"] == 1779278400000
        assert result.json()[0]["Owner"]["Name"] == "Admin User"
    elif content_type == "CSV":
        assert result.text == (
            '"Id","CreatedDate","Site","Owner.Name"\n'
            f'"{record_id}","2026-05-20T12:00:00.000Z","","Admin User"\n'
        )
    else:
        record = fromstring(result.content)[0]
        assert record.findtext(f"{{{NAMESPACE}}}Id") == record_id
        assert record.findtext(f"{{{NAMESPACE}}}Owner/{{{NAMESPACE}}}Name") == "Admin User"


async def test_a_wrong_query_fails_its_batch(classic: httpx.AsyncClient) -> None:
    job_id = await _create(classic, operation="query")
    batch_id = await _batch(classic, job_id, "SELECT Nope FROM Account")
    info = _xml(await classic.get(f"/job/{job_id}/batch/{batch_id}"))
    assert info["state"] == "Failed"
    assert info["stateMessage"].startswith("InvalidBatch : Failed to process query: INVALID_FIELD: ")


@pytest.mark.parametrize("headers", [JSON, XML])
async def test_a_wrong_session_is_refused_in_the_form_of_the_request(
    classic: httpx.AsyncClient, headers: dict[str, str]
) -> None:
    answer = await classic.get("/job/750", headers={**headers, "X-SFDC-Session": "nonsense"})
    found = answer.json() if headers is JSON else _xml(answer)
    assert answer.status_code == 400
    assert found == {"exceptionCode": "InvalidSessionId", "exceptionMessage": "Invalid session id"}


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"operation": "insert", "object": "Nope"}, "InvalidEntity"),
        ({"operation": "explode", "object": "Account"}, "InvalidJob"),
        ({"operation": "insert", "object": "Account", "contentType": "YAML"}, "InvalidJob"),
        ({"operation": "insert", "object": "Account", "concurrencyMode": "Sometimes"}, "InvalidJob"),
    ],
)
async def test_a_job_that_cannot_work_is_refused(
    classic: httpx.AsyncClient, body: dict[str, str], code: str
) -> None:
    answer = await classic.post("/job", json=body)
    assert (answer.status_code, answer.json()["exceptionCode"]) == (400, code)


async def test_what_is_not_there_is_refused_by_its_kind(
    classic: httpx.AsyncClient, org: SalesforceOrg
) -> None:
    job_id = await _create(classic)
    unknown = await classic.get(f"/job/{job_id}/batch/751000000000000AAA")
    broken = await _batch(classic, job_id, "Nope\nA\n")
    unfinished = await classic.get(f"/job/{job_id}/batch/{broken}/result")
    query_id = await _create(classic, operation="query", object="Account")
    query = await _batch(classic, query_id, "SELECT Id FROM Account")
    no_result = await classic.get(f"/job/{query_id}/batch/{query}/result/752000000000000AAA")
    old = await classic.get(f"http://mock/services/async/12.0/job/{job_id}")
    found = [
        (_xml(a)["exceptionCode"], _xml(a)["exceptionMessage"]) for a in (unknown, unfinished, no_result, old)
    ]
    assert found == [
        ("InvalidBatch", "Unable to find batch for id: 751000000000000AAA"),
        ("InvalidBatch", "Batch not completed: InvalidBatch : Field name not found : Nope"),
        ("InvalidBatch", "Unable to find result: 752000000000000AAA"),
        ("InvalidVersion", "Invalid API version: 12.0"),
    ]


async def test_the_batches_of_a_day_run_out(classic: httpx.AsyncClient, org: SalesforceOrg) -> None:
    job_id = await _create(classic)
    window = org.quota["bulk-batches"]
    while not window.is_spent():
        window.count()
    answer = await classic.post(
        f"/job/{job_id}/batch", content="Name\nA\n", headers={"content-type": "text/csv"}
    )
    assert (answer.status_code, _xml(answer)["exceptionCode"]) == (400, "ExceededQuota")


async def test_what_never_reaches_a_handler_has_the_form_of_this_api(
    classic: httpx.AsyncClient, org: SalesforceOrg
) -> None:
    unknown = await classic.get("/nonsense")
    assert (unknown.status_code, _xml(unknown)["exceptionCode"]) == (400, "InvalidUrl")
    org.faults.add({"kind": "expired-token"})
    expired = await classic.get("/job/750000000000000AAA")
    assert (expired.status_code, _xml(expired)["exceptionCode"]) == (400, "InvalidSessionId")
    fault = await classic.post("http://mock/services/Soap/m/60.0", content=b"<x/>")
    assert (fault.status_code, "sf:INVALID_SESSION_ID" in fault.text) == (500, True)


@pytest.mark.parametrize(
    ("query", "chunks"),
    [
        ("SELECT Name FROM Account", [["A", "B"], ["C", "D"], ["E"]]),
        (
            "SELECT Name FROM Account WHERE Name != 'WHERE (' ORDER BY Name DESC",
            [["B", "A"], ["D", "C"], ["E"]],
        ),
    ],
)
async def test_a_query_is_cut_into_chunks_of_ids(
    classic: httpx.AsyncClient, org: SalesforceOrg, query: str, chunks: list[list[str]]
) -> None:
    # The Bulk API guide on PK chunking, as Singer's tap and salesforce-bulk ask for it
    org.seed("Account", [{"Name": name} for name in "ABCDE"])
    job = {"operation": "query", "object": "Account", "contentType": "CSV"}
    made = await classic.post("/job", json=job, headers={"sforce-enable-pkchunking": "chunkSize=2"})
    job_id = made.json()["id"]
    first = await _batch(classic, job_id, query)
    listed = (await classic.get(f"/job/{job_id}/batch")).text
    batches = re.findall(r"<id>(\w+)</id>.*?<state>(\w+)</state>", listed)
    assert batches[0] == (first, "NotProcessed")
    assert {state for _, state in batches[1:]} == {"Completed"}
    found = []
    for batch_id, _ in batches[1:]:
        result = re.search(r"752\w+", (await classic.get(f"/job/{job_id}/batch/{batch_id}/result")).text)
        assert result is not None
        rows = await classic.get(f"/job/{job_id}/batch/{batch_id}/result/{result.group()}")
        found.append(re.findall(r'^"(\w)"', rows.text, re.MULTILINE))
    assert found == chunks
    assert _xml(await classic.get(f"/job/{job_id}"))["numberRecordsProcessed"] == "5"
    refused = await classic.get(f"/job/{job_id}/batch/{first}/result")
    assert "Batch not completed: NotProcessed" in refused.text
