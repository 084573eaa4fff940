"""Records per second through the mock Salesforce's Bulk API 2.0, as a client sees it but without a socket.

    python benchmarks/mock_bulk.py [rows]

Measured from the upload to the last byte of the successful results, beside the bare cost of reading and
writing the same CSV with the csv module.
"""

from __future__ import annotations

import asyncio
import csv
import io
import sys
import time

import httpx

from mock_crm.clock import ManualClock
from mock_crm.orgs import open_org

_JOBS = "/services/data/v60.0/jobs/ingest"
_RUNS = 3


def _content(rows: int) -> bytes:
    lines = (f"Last {n},person{n}@example.com,555-{n},First {n}" for n in range(rows))
    return ("LastName,Email,Phone,FirstName\n" + "\n".join(lines) + "\n").encode()


def _bare(content: bytes) -> float:
    """Seconds that reading and writing the CSV takes by itself."""
    start = time.perf_counter()
    out = csv.writer(io.StringIO(), quoting=csv.QUOTE_ALL)
    out.writerows(csv.reader(io.StringIO(content.decode())))
    return time.perf_counter() - start


async def _job(client: httpx.AsyncClient, content: bytes) -> float:
    """Seconds that a job takes."""
    created = await client.post(_JOBS, json={"object": "Contact", "operation": "insert"})
    job = f"{_JOBS}/{created.json()['id']}"
    start = time.perf_counter()
    await client.put(f"{job}/batches", content=content, headers={"content-type": "text/csv"})
    await client.patch(job, json={"state": "UploadComplete"})
    state = (await client.get(job)).json()
    results = await client.get(f"{job}/successfulResults")
    seconds = time.perf_counter() - start
    assert state["state"] == "JobComplete", state
    assert state["numberRecordsFailed"] == 0
    assert results.status_code == 200
    return seconds


async def _measure(rows: int) -> None:
    content = _content(rows)
    bare = min(_bare(content) for _ in range(_RUNS))
    taken = []
    for _ in range(_RUNS):
        org = open_org("salesforce", clock=ManualClock())
        headers = {"authorization": f"Bearer {org.token}", "accept-encoding": "identity"}
        transport = httpx.ASGITransport(org.app)
        async with httpx.AsyncClient(transport=transport, base_url="http://mock", headers=headers) as client:
            taken.append(await _job(client, content))
        org.close()
    best = min(taken)
    print(
        f"{rows} rows: {rows / best:,.0f} records/s; bare CSV {rows / bare:,.0f}/s; ratio {best / bare:.1f}"
    )


if __name__ == "__main__":
    asyncio.run(_measure(int(sys.argv[1]) if len(sys.argv) > 1 else 100_000))
