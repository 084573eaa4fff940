"""Bulk API 2.0 ingest (evidence/salesforce.md#bulk-20-ingest): from creation to the outcome of each row."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import Any

import httpx
import pytest

from mock_crm.core.clock import ManualClock
from mock_crm.core.settings import OrgSettings
from mock_crm.salesforce.bulk.ingest import BATCH, Ingest
from mock_crm.salesforce.model import Field
from mock_crm.salesforce.org import SalesforceOrg

pytestmark = pytest.mark.anyio


async def _create(client: httpx.AsyncClient, **job: Any) -> dict[str, Any]:
    answer = await client.post("/ingest", json={"object": "Contact", "operation": "insert", **job})
    assert answer.status_code == 200, answer.text
    created: dict[str, Any] = answer.json()
    return created


async def _run(client: httpx.AsyncClient, content: str | bytes, **job: Any) -> dict[str, Any]:
    """Create, fill and close a job, and return its state."""
    created = await _create(client, **job)
    path = f"/ingest/{created['id']}"
    uploaded = await client.put(f"{path}/batches", content=content, headers={"content-type": "text/csv"})
    assert (uploaded.status_code, uploaded.content) == (201, b"")
    closed = await client.patch(path, json={"state": "UploadComplete"})
    assert closed.status_code == 200, closed.text
    assert closed.json()["state"] == "UploadComplete"
    state: dict[str, Any] = (await client.get(path)).json()
    return state


async def _rows(client: httpx.AsyncClient, job: dict[str, Any], part: str) -> list[list[str]]:
    answer = await client.get(f"/ingest/{job['id']}/{part}")
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/csv")
    return list(csv.reader(io.StringIO(answer.text)))


async def test_a_new_job_says_where_its_rows_go(client: httpx.AsyncClient, org: SalesforceOrg) -> None:
    job = await _create(client)
    assert job == {
        "id": job["id"],
        "operation": "insert",
        "object": "Contact",
        "createdById": org.identity.user_id,
        "createdDate": "2026-05-20T12:00:00.000+0000",
        "systemModstamp": "2026-05-20T12:00:00.000+0000",
        "state": "Open",
        "concurrencyMode": "Parallel",
        "contentType": "CSV",
        "apiVersion": 60.0,
        "lineEnding": "LF",
        "columnDelimiter": "COMMA",
        "contentUrl": f"services/data/v60.0/jobs/ingest/{job['id']}/batches",
    }
    assert job["id"].startswith("750")


async def test_rows_succeed_or_fail_by_themselves(client: httpx.AsyncClient, org: SalesforceOrg) -> None:
    content = 'LastName,Email\nLovelace,ada@x.y\n,no@name.org\n"Turing, ""A""",alan@x.y\nHopper,nonsense\n'
    job = await _run(client, content)
    assert (job["state"], job["numberRecordsProcessed"], job["numberRecordsFailed"]) == ("JobComplete", 4, 2)
    assert job["jobType"] == "V2Ingest"
    records = org.records("Contact")
    assert await _rows(client, job, "successfulResults") == [
        ["sf__Id", "sf__Created", "LastName", "Email"],
        [records[0]["id"], "true", "Lovelace", "ada@x.y"],
        [records[1]["id"], "true", 'Turing, "A"', "alan@x.y"],
    ]
    assert await _rows(client, job, "failedResults") == [
        ["sf__Id", "sf__Error", "LastName", "Email"],
        [
            "",
            "REQUIRED_FIELD_MISSING:Required fields are missing: [LastName]:LastName --",
            "",
            "no@name.org",
        ],
        ["", "INVALID_EMAIL_ADDRESS:Email: invalid email address: nonsense:Email --", "Hopper", "nonsense"],
    ]
    assert await _rows(client, job, "unprocessedrecords") == [["LastName", "Email"]]


async def test_an_unknown_column_fails_the_whole_job(client: httpx.AsyncClient, org: SalesforceOrg) -> None:
    job = await _run(client, "LastName,Nope__c\nA,1\nB,2\n")
    assert (job["state"], job["numberRecordsProcessed"]) == ("Failed", 0)
    assert job["errorMessage"] == "InvalidBatch : Field name not found : Nope__c"
    assert org.count("Contact") == 0
    rows = await _rows(client, job, "unprocessedrecords")
    assert rows == [["LastName", "Nope__c"], ["A", "1"], ["B", "2"]]


@pytest.mark.parametrize("name", ["COMMA", "TAB", "PIPE", "SEMICOLON", "CARET", "BACKQUOTE"])
@pytest.mark.parametrize(("ending", "eol"), [("LF", "\n"), ("CRLF", "\r\n")])
async def test_delimiters_and_line_endings(
    client: httpx.AsyncClient, org: SalesforceOrg, name: str, ending: str, eol: str
) -> None:
    sign = {"COMMA": ",", "TAB": "\t", "PIPE": "|", "SEMICOLON": ";", "CARET": "^", "BACKQUOTE": "`"}[name]
    content = f"LastName{sign}Description{eol}A{sign}one{eol}{eol}"
    job = await _run(client, content, columnDelimiter=name, lineEnding=ending)
    assert job["state"] == "JobComplete"
    assert org.records("Contact")[0]["Description"] == "one"
    text = (await client.get(f"/ingest/{job['id']}/successfulResults")).text
    # Only what Bulk adds is quoted: recorded in amp-labs/connectors, partial-failure.csv.
    assert text.startswith(f'"sf__Id"{sign}"sf__Created"{sign}LastName{sign}Description{eol}')


async def test_the_line_ending_has_to_be_the_announced_one(client: httpx.AsyncClient) -> None:
    job = await _run(client, "LastName\r\nA\r\n")
    assert (job["state"], job["errorMessage"]) == (
        "Failed",
        "ClientInputError : LineEnding is invalid on user data. Current LineEnding setting is LF",
    )


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (
            b'LastName\n"A"x\n',
            "Failed to parse CSV. Found unescaped quote. A value with quote should be within a quote",
        ),
        (b"LastName\nA,B\n", "Failed to parse CSV. Row 1 has 2 columns, but the header has 1"),
        (b"LastName,lastname\nA,B\n", "Duplicate column name : lastname"),
        (b"LastName\n\xff\n", "Failed to parse CSV. The content is not UTF-8: invalid start byte"),
    ],
)  # fmt: skip
async def test_what_is_no_csv_fails_the_whole_job(
    client: httpx.AsyncClient, org: SalesforceOrg, content: bytes, message: str
) -> None:
    job = await _run(client, content)
    assert (job["state"], job["errorMessage"]) == ("Failed", f"InvalidBatch : {message}")
    assert org.count("Contact") == 0


async def test_a_byte_order_mark_is_no_part_of_the_header(
    client: httpx.AsyncClient, org: SalesforceOrg
) -> None:
    job = await _run(client, "\ufeffLastName\nGödel\n".encode())
    assert job["state"] == "JobComplete"
    assert org.records("Contact")[0]["LastName"] == "Gödel"


async def test_an_update_leaves_blank_cells_alone_and_clears_with_na(
    client: httpx.AsyncClient, org: SalesforceOrg
) -> None:
    first, second = org.seed(
        "Contact", [{"LastName": "A", "Phone": "1", "Title": "t"}, {"LastName": "B", "Phone": "2"}]
    )
    content = f"Id,Phone,Title\n{first},,#N/A\n{second[:15]},3,\n003000000000000AAA,1,\n,1,\n"
    job = await _run(client, content, operation="update")
    assert (job["numberRecordsProcessed"], job["numberRecordsFailed"]) == (4, 2)
    assert (org.records("Contact")[0]["Phone"], org.records("Contact")[0]["Title"]) == ("1", None)
    assert org.records("Contact")[1]["Phone"] == "3"
    failed = await _rows(client, job, "failedResults")
    assert failed[2][1] == "MISSING_ARGUMENT:Id not specified in an update call: --"


async def test_an_upsert_creates_and_updates_by_its_key(
    client: httpx.AsyncClient, org: SalesforceOrg
) -> None:
    known = org.seed("Contact", [{"LastName": "A", "Email": "a@x.y"}])[0]
    content = "email,LASTNAME\nA@X.Y,Changed\nb@x.y,New\n"
    job = await _run(client, content, operation="upsert", externalIdFieldName="email")
    assert job["externalIdFieldName"] == "Email"
    rows = await _rows(client, job, "successfulResults")
    assert [row[1] for row in rows[1:]] == ["false", "true"]
    assert rows[1][0] == known
    assert [record["LastName"] for record in org.records("Contact")] == ["Changed", "New"]


async def test_references_by_external_id(client: httpx.AsyncClient, org: SalesforceOrg) -> None:
    key = Field(
        name="Key__c", label="Key", type="string", length=20, custom=True, external_id=True, unique=True
    )
    org.context.schema.put_fields("Account", [key])
    account_id = org.create("Account", {"Name": "A", "Key__c": "k1"})["id"]
    job = await _run(client, "LastName,Account.Key__c\nA,K1\nB,k2\n")
    assert (job["numberRecordsProcessed"], job["numberRecordsFailed"]) == (2, 1)
    assert org.records("Contact")[0]["AccountId"] == account_id
    failed = await _rows(client, job, "failedResults")
    assert failed[1][1] == (
        "INVALID_FIELD:Foreign key external ID: k2 not found for field Key__c in entity Account: --"
    )
    unknown = await _run(client, "LastName,Account.Nope\nA,x\n")
    assert unknown["errorMessage"] == "InvalidBatch : Field name not found : Account.Nope"


@pytest.mark.parametrize(("operation", "left"), [("delete", 1), ("hardDelete", 0)])
async def test_deleting(client: httpx.AsyncClient, org: SalesforceOrg, operation: str, left: int) -> None:
    record_id = org.seed("Contact", [{"LastName": "A"}])[0]
    job = await _run(client, f"Id\n{record_id}\n{record_id}\n", operation=operation)
    assert (job["numberRecordsProcessed"], job["numberRecordsFailed"]) == (2, 1)
    assert org.count("Contact") == 0
    assert len(org.records("Contact", archived=True)) == left


async def test_a_job_deletes_records_of_its_own_object_only(
    client: httpx.AsyncClient, org: SalesforceOrg
) -> None:
    account_id = org.seed("Account", [{"Name": "A"}])[0]
    job = await _run(client, f'Id\n{account_id}\n""\nnonsense\n', operation="delete")
    assert job["numberRecordsFailed"] == 3
    assert org.count("Account") == 1
    named = await _run(client, f"Id,LastName\n{account_id},x\n", operation="delete")
    # Quoted with its answer in the script of a public client of PowerShell
    assert (named["state"], named["errorMessage"]) == (
        "Failed", "InvalidBatch : The 'delete' batch must contain only ids",
    )  # fmt: skip


async def test_rows_may_come_with_the_job(client: httpx.AsyncClient, org: SalesforceOrg) -> None:
    job = '{"object": "Contact", "operation": "insert", "lineEnding": "CRLF"}'
    body = (
        "--xyz\r\nContent-Type: application/json\r\nContent-Disposition: form-data; name=\"job\"\r\n\r\n"
        f"{job}\r\n--xyz\r\nContent-Type: text/csv\r\n"
        'Content-Disposition: form-data; filename="rows.csv"; name="content"\r\n\r\n'
        "LastName\r\nA\r\n\r\n--xyz--\r\n"
    )  # fmt: skip
    headers = {"content-type": 'multipart/form-data; boundary="xyz"'}
    answer = await client.post("/ingest", content=body, headers=headers)
    assert (answer.status_code, answer.json()["state"]) == (200, "UploadComplete")
    state = (await client.get(f"/ingest/{answer.json()['id']}")).json()
    assert (state["state"], state["numberRecordsProcessed"]) == ("JobComplete", 1)
    assert org.count("Contact") == 1


async def test_an_open_job_can_be_aborted_and_then_deleted(client: httpx.AsyncClient) -> None:
    job = await _create(client)
    path = f"/ingest/{job['id']}"
    assert (await client.delete(path)).json()[0]["errorCode"] == "INVALIDJOBSTATE"
    aborted = await client.patch(path, json={"state": "Aborted"})
    assert aborted.json()["state"] == "Aborted"
    upload = await client.put(f"{path}/batches", content="LastName\nA\n")
    assert (upload.status_code, upload.json()[0]["errorCode"]) == (400, "INVALIDJOBSTATE")
    assert (await client.delete(path)).status_code == 204
    assert (await client.get(path)).status_code == 404


async def test_a_job_is_filled_and_closed_once(client: httpx.AsyncClient) -> None:
    job = await _run(client, "LastName\nA\n")
    path = f"/ingest/{job['id']}"
    assert (await client.patch(path, json={"state": "UploadComplete"})).status_code == 400
    open_job = await _create(client)
    batches = f"/ingest/{open_job['id']}/batches"
    assert (await client.put(batches, content="LastName\nA\n")).status_code == 201
    assert (await client.put(batches, content="LastName\nB\n")).status_code == 400


@pytest.mark.parametrize(
    ("job", "code", "message"),
    [
        ({"object": "Nope"}, "INVALIDENTITY", "InvalidEntity : Unable to find object: Nope"),
        ({"operation": "explode"}, "INVALIDJOB", "InvalidJob : Unsupported operation: explode"),
        (
            {"operation": "upsert"},
            "INVALIDJOB",
            "InvalidJob : External ID was blank for Contact. An External ID must be specified for upsert.",
        ),
        (
            {"operation": "upsert", "externalIdFieldName": "Phone"},
            "INVALIDJOB",
            "InvalidJob : Field name provided, Phone does not match an External ID, Salesforce Id, or "
            "indexed field for Contact",
        ),
        ({"contentType": "XML"}, "INVALIDJOB", "InvalidJob : Unsupported content type: XML"),
        ({"columnDelimiter": "DASH"}, "INVALIDJOB", "InvalidJob : Unsupported column delimiter: DASH"),
    ],
)
async def test_a_job_that_cannot_work_is_refused(
    client: httpx.AsyncClient, job: dict[str, str], code: str, message: str
) -> None:
    answer = await client.post("/ingest", json={"object": "Contact", "operation": "insert", **job})
    assert (answer.status_code, answer.json()) == (400, [{"errorCode": code, "message": message}])


async def test_jobs_are_listed_newest_first_for_seven_days(
    client: httpx.AsyncClient, clock: ManualClock
) -> None:
    first = await _create(client)
    clock.advance(days=6)
    second = await _create(client)
    listed = (await client.get("/ingest")).json()
    assert [job["id"] for job in listed["records"]] == [second["id"], first["id"]]
    clock.advance(days=2)
    assert [job["id"] for job in (await client.get("/ingest")).json()["records"]] == [second["id"]]
    await _create(client)
    assert (await client.get(f"/ingest/{first['id']}")).status_code == 404


async def test_batches_of_10_000_rows_count_against_the_days_quota(
    client: httpx.AsyncClient, org: SalesforceOrg
) -> None:
    await _run(client, "LastName\n" + "A\n" * (BATCH + 1))
    assert org.quota["bulk-batches"].used == 2
    assert org.count("Contact") == BATCH + 1


async def test_a_fault_rule_strikes_single_rows(client: httpx.AsyncClient, org: SalesforceOrg) -> None:
    org.faults.add({"kind": "row-lock", "method": "PATCH", "path": "*/jobs/ingest/*", "record": 2})
    job = await _run(client, "LastName\nA\nB\nC\n")
    failed = await _rows(client, job, "failedResults")
    assert failed[1][1].startswith("UNABLE_TO_LOCK_ROW:unable to obtain exclusive access")
    assert failed[1][2:] == ["B"]


async def test_a_job_outlives_its_process(tmp_path: Path, clock: ManualClock) -> None:
    path = tmp_path / "org.sqlite"
    org = SalesforceOrg("bulk", 7, clock, path, OrgSettings())
    headers = {"authorization": f"Bearer {org.token}"}
    base = "http://mock/services/data/v60.0/jobs"
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(org.app), base_url=base, headers=headers
    ) as client:
        job = await _create(client)
        await client.put(f"/ingest/{job['id']}/batches", content="LastName\nA\nB\n")
    found = Ingest(org.context).jobs.find(job["id"], "V2Ingest")
    assert found is not None
    found.state = "InProgress"
    Ingest(org.context).jobs.save(found)
    org.close()
    reopened = SalesforceOrg("bulk", 7, clock, path, OrgSettings())
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(reopened.app), base_url=base, headers=headers
    ) as client:
        state = (await client.get(f"/ingest/{job['id']}")).json()
        assert (state["state"], state["numberRecordsProcessed"]) == ("JobComplete", 2)
        assert len(await _rows(client, job, "successfulResults")) == 3
    assert reopened.count("Contact") == 2
    reopened.close()


@pytest.mark.parametrize("part", ["unprocessedRecords", "unprocessedrecords"])
async def test_unprocessed_rows_are_found_under_both_spellings(client: httpx.AsyncClient, part: str) -> None:
    job = await _run(client, "LastName\nx\n")
    assert await _rows(client, job, part) == [["LastName"]]


async def test_a_job_takes_one_upload(client: httpx.AsyncClient) -> None:
    # jsforce issue 1370; salesforce.stackexchange.com/questions/231917
    job_id = (await client.post("/ingest", json={"object": "Account", "operation": "insert"})).json()["id"]
    path = f"/ingest/{job_id}/batches"
    assert (await client.put(path, content="Name\na\n")).status_code == 201
    again = await client.put(path, content="Name\nb\n")
    message = (
        f"Found multiple contents for job: <{job_id[:15]}>, please 'Close' / 'Abort' / 'Delete' the current "
        "Job then create a new Job and make sure you only do 'PUT' once on a given Job."
    )
    assert (again.status_code, again.json()) == (400, [{"message": message, "errorCode": "INVALIDJOB"}])
