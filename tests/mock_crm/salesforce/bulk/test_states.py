"""Bulk jobs take the time that the org's settings give them, on the org's clock."""

from __future__ import annotations

import httpx
import pytest

from mock_crm.core.clock import ManualClock
from mock_crm.core.settings import OrgSettings
from mock_crm.salesforce.org import SalesforceOrg

pytestmark = pytest.mark.anyio


@pytest.fixture
def settings() -> OrgSettings:
    return OrgSettings(permissions="open", bulk_job_s=10)


async def _closed(client: httpx.AsyncClient) -> str:
    job = (await client.post("/ingest", json={"object": "Account", "operation": "insert"})).json()
    path = f"/ingest/{job['id']}"
    await client.put(f"{path}/batches", content="Name\na\nb\nc\n")
    assert (await client.patch(path, json={"state": "UploadComplete"})).status_code == 200
    return path


async def test_an_ingest_job_waits_works_and_completes(client: httpx.AsyncClient, clock: ManualClock) -> None:
    path = await _closed(client)
    seen = []
    for _ in range(3):
        job = (await client.get(path)).json()
        listed = (await client.get("/ingest")).json()["records"][0]["state"]
        results = (await client.get(f"{path}/successfulResults")).text.count("\n")
        seen.append((job["state"], listed, job["numberRecordsProcessed"], results))
        clock.advance(5)
    assert seen == [
        ("UploadComplete", "UploadComplete", 0, 1),
        ("InProgress", "InProgress", 1, 1),
        ("JobComplete", "JobComplete", 3, 4),
    ]


async def test_a_job_in_progress_can_be_aborted_but_not_deleted(
    client: httpx.AsyncClient, clock: ManualClock
) -> None:
    path = await _closed(client)
    clock.advance(5)
    assert (await client.delete(path)).json()[0]["errorCode"] == "INVALIDJOBSTATE"
    assert (await client.patch(path, json={"state": "Aborted"})).json()["state"] == "Aborted"
    clock.advance(10)
    assert (await client.get(path)).json()["state"] == "Aborted"


async def test_a_query_job_has_its_results_when_it_is_complete(
    client: httpx.AsyncClient, clock: ManualClock
) -> None:
    body = {"operation": "query", "query": "SELECT Id FROM Account"}
    job = (await client.post("/query", json=body)).json()
    path = f"/query/{job['id']}"
    clock.advance(5)
    assert (await client.get(path)).json()["state"] == "InProgress"
    assert (await client.get(f"{path}/results")).json()[0]["errorCode"] == "INVALIDJOBSTATE"
    clock.advance(5)
    assert (await client.get(f"{path}/results")).text == '"Id"\n'


async def test_a_query_job_in_progress_can_be_aborted(client: httpx.AsyncClient, clock: ManualClock) -> None:
    body = {"operation": "query", "query": "SELECT Id FROM Account"}
    path = f"/query/{(await client.post('/query', json=body)).json()['id']}"
    assert (await client.patch(path, json={"state": "Aborted"})).json()["state"] == "Aborted"
    clock.advance(10)
    assert (await client.get(path)).json()["state"] == "Aborted"


async def test_a_classic_batch_is_queued_works_and_completes(
    classic: httpx.AsyncClient, clock: ManualClock
) -> None:
    new = {"object": "Account", "operation": "insert", "contentType": "JSON"}
    job = (await classic.post("/job", json=new)).json()
    path = f"/job/{job['id']}/batch"
    batch = (await classic.post(path, json=[{"Name": "a"}])).json()
    states = []
    for _ in range(3):
        states.append((await classic.get(f"{path}/{batch['id']}")).json()["state"])
        clock.advance(5)
    assert states == ["Queued", "InProgress", "Completed"]


async def test_fault_rules_for_an_object_strike_its_jobs(
    client: httpx.AsyncClient, classic: httpx.AsyncClient, org: SalesforceOrg
) -> None:
    path = await _closed(client)
    job = (await classic.post("/job", json={"object": "Lead", "operation": "insert"})).json()
    org.faults.add({"kind": "outage", "object": "account"})
    assert (await client.get(path)).status_code == 503
    assert (await classic.get(f"/job/{job['id']}")).status_code == 200
    org.faults.add({"kind": "outage", "object": "lead"})
    assert (await classic.get(f"/job/{job['id']}")).status_code == 503
    assert (await classic.post("/job", content="<jobInfo><object>Lead</object></jobInfo>")).status_code == 503
