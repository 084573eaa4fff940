"""Records per second through the mock Salesforce's Bulk API 2.0, as a client sees it but without a socket.

    python benchmarks/mock_bulk.py [rows]

Measured from the upload to the last byte of the successful results, in CPU seconds, since a shared machine
says little by the wall clock. Beside it the bare cost of the same: reading the CSV, inserting a JSON document
for each row into SQLite, and writing the CSV again. The garbage collector is set as a mock
on its own sets it.
"""

from __future__ import annotations

import asyncio
import csv
import io
import sqlite3
import sys
import time

import httpx
import msgspec

from mock_crm.core.clock import ManualClock
from mock_crm.core.gc_tuning import tune_garbage_collector
from mock_crm.orgs import open_org

_JOBS = "/services/data/v60.0/jobs/ingest"
_RUNS = 5


def _content(rows: int) -> bytes:
    lines = (f"Last {n},person{n}@example.com,555-{n},First {n}" for n in range(rows))
    return ("LastName,Email,Phone,FirstName\n" + "\n".join(lines) + "\n").encode()


def _bare(content: bytes) -> float:
    """CPU seconds that the same takes without Salesforce's rules."""
    start = time.process_time()
    rows = csv.reader(io.StringIO(content.decode()))
    header = next(rows)
    kept = list(rows)
    encode = msgspec.json.Encoder().encode
    database = sqlite3.connect(":memory:")
    database.execute("CREATE TABLE records (seq INTEGER PRIMARY KEY, id TEXT UNIQUE, document TEXT)")
    documents = ((str(n), encode(dict(zip(header, row, strict=True))).decode()) for n, row in enumerate(kept))
    database.executemany("INSERT INTO records (id, document) VALUES (?, ?)", documents)
    database.close()
    csv.writer(io.StringIO(), quoting=csv.QUOTE_ALL).writerows(kept)
    return time.process_time() - start


async def _job(client: httpx.AsyncClient, content: bytes) -> float:
    """CPU seconds that a job takes."""
    created = await client.post(_JOBS, json={"object": "Contact", "operation": "insert"})
    job = f"{_JOBS}/{created.json()['id']}"
    start = time.process_time()
    await client.put(f"{job}/batches", content=content, headers={"content-type": "text/csv"})
    await client.patch(job, json={"state": "UploadComplete"})
    state = (await client.get(job)).json()
    results = await client.get(f"{job}/successfulResults")
    seconds = time.process_time() - start
    assert state["state"] == "JobComplete", state
    assert state["numberRecordsFailed"] == 0
    assert results.status_code == 200
    return seconds


async def _measure(rows: int) -> None:
    content = _content(rows)
    bare, taken = [], []
    for _ in range(_RUNS):
        bare.append(_bare(content))
        org = open_org("salesforce", clock=ManualClock())
        headers = {"authorization": f"Bearer {org.token}", "accept-encoding": "identity"}
        transport = httpx.ASGITransport(org.app)
        async with httpx.AsyncClient(transport=transport, base_url="http://mock", headers=headers) as client:
            taken.append(await _job(client, content))
        org.close()
    best, least = min(taken), min(bare)
    print(
        f"{rows:,} rows: {rows / best:,.0f} records/s of CPU; "
        f"bare CSV and SQLite {rows / least:,.0f}/s, {best / least:.1f} times faster"
    )


if __name__ == "__main__":
    tune_garbage_collector()
    asyncio.run(_measure(int(sys.argv[1]) if len(sys.argv) > 1 else 100_000))
