"""Bulk API 2.0 query jobs."""

from __future__ import annotations

import csv
import io
from typing import Any

import httpx
import pytest

from mock_crm.salesforce.org import SalesforceOrg

pytestmark = pytest.mark.anyio


@pytest.fixture(autouse=True)
def contacts(org: SalesforceOrg) -> None:
    account = org.seed("Account", [{"Name": 'A "B"'}])[0]
    rows: list[dict[str, Any]] = [{"LastName": f"L{n}", "DoNotCall": True} for n in range(5)]
    fields = {field["name"] for field in org.describe("Contact")["fields"]}
    rows = [{name: value for name, value in row.items() if name in fields} for row in rows]
    rows[0]["AccountId"] = account
    org.seed("Contact", rows)


async def _job(client: httpx.AsyncClient, query: str, **job: Any) -> dict[str, Any]:
    answer = await client.post("/query", json={"operation": "query", "query": query, **job})
    assert answer.status_code == 200, answer.text
    created: dict[str, Any] = answer.json()
    return created


async def test_a_query_job_completes(client: httpx.AsyncClient) -> None:
    job = await _job(client, "SELECT Id FROM Contact")
    assert (job["state"], job["object"]) == ("UploadComplete", "Contact")
    info = (await client.get(f"/query/{job['id']}")).json()
    assert (info["state"], info["numberRecordsProcessed"], info["jobType"]) == ("JobComplete", 5, "V2Query")


async def test_results_are_csv_with_dots_for_parents(client: httpx.AsyncClient) -> None:
    job = await _job(client, "SELECT LastName, Account.Name, CreatedDate, IsDeleted FROM Contact LIMIT 2")
    answer = await client.get(f"/query/{job['id']}/results")
    assert answer.headers["content-type"] == "text/csv"
    assert answer.headers["sforce-locator"] == "null"
    assert answer.headers["sforce-numberofrecords"] == "2"
    assert list(csv.reader(io.StringIO(answer.text))) == [
        ["LastName", "Account.Name", "CreatedDate", "IsDeleted"],
        ["L0", 'A "B"', "2026-05-20T12:00:00.000Z", "false"],
        ["L1", "", "2026-05-20T12:00:00.000Z", "false"],
    ]


async def test_results_come_in_pages_of_max_records(client: httpx.AsyncClient, org: SalesforceOrg) -> None:
    job = await _job(client, "SELECT LastName FROM Contact")
    found: list[str] = []
    locator = ""
    while locator != "null":
        parameters = {"maxRecords": "2", **({"locator": locator} if locator else {})}
        answer = await client.get(f"/query/{job['id']}/results", params=parameters)
        found += answer.text.splitlines()[1:]
        locator = answer.headers["sforce-locator"]
        # A restart loses the result, which is then read again.
        org.context.caches.clear()
    assert found == [f'"L{n}"' for n in range(5)]


async def test_an_empty_result_has_a_header(client: httpx.AsyncClient) -> None:
    job = await _job(client, "SELECT Id FROM Contact WHERE LastName = 'nobody'", columnDelimiter="PIPE")
    assert (await client.get(f"/query/{job['id']}/results")).text == '"Id"\n'


async def test_query_all_sees_deleted_records(client: httpx.AsyncClient, org: SalesforceOrg) -> None:
    org.delete("Contact", org.records("Contact")[0]["id"])
    job = await _job(client, "SELECT Id FROM Contact", operation="queryAll")
    assert (await client.get(f"/query/{job['id']}")).json()["numberRecordsProcessed"] == 5


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("SELECT Nope FROM Contact", "INVALID_FIELD"),
        ("SELECT FROM", "MALFORMED_QUERY"),
        ("SELECT COUNT(Id) FROM Contact", "API_ERROR"),
        ("SELECT Id, (SELECT Id FROM Cases) FROM Contact", "API_ERROR"),
    ],
)
async def test_what_bulk_cannot_query_is_refused(client: httpx.AsyncClient, query: str, code: str) -> None:
    answer = await client.post("/query", json={"operation": "query", "query": query})
    assert (answer.status_code, answer.json()[0]["errorCode"]) == (400, code)


async def test_jobs_are_listed_and_deleted(client: httpx.AsyncClient) -> None:
    job = await _job(client, "SELECT Id FROM Contact")
    assert [each["id"] for each in (await client.get("/query")).json()["records"]] == [job["id"]]
    assert (await client.delete(f"/query/{job['id']}")).status_code == 204
    assert (await client.get(f"/query/{job['id']}")).status_code == 404


async def test_an_offset_is_refused(client: httpx.AsyncClient) -> None:
    query = "SELECT Id FROM Contact LIMIT 1 OFFSET 1"
    answer = await client.post("/query", json={"operation": "query", "query": query})
    assert answer.json()[0]["message"] == "OFFSET not supported in Bulk V2 Query"
