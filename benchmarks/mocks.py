"""What the mocks alone take for a record and for a request, beside Salesforce's collections.

    python -m benchmarks.mocks [--rounds 5] [--requests 100] [--json FILE]

Without sockets and clients; making the bodies is not counted. The bulk job is measured from the upload to the
last byte of the successful results, and beside it what nothing can do without: reading the CSV, inserting a
JSON document for each row into SQLite, and writing the CSV again. The garbage collector is set as a mock on
its own sets it.
"""

from __future__ import annotations

import argparse
import asyncio
import csv
import io
import itertools
import json
import sqlite3
import sys
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import msgspec
import uvloop

from benchmarks.mock_calls import call, org_of
from benchmarks.processor import Slice, Stopwatch, Target, alternate, line, timed
from mock_crm.core.gc_tuning import tune_garbage_collector
from mock_crm.core.org import Org

TARGET_COST = 1.3
"""How many times the processor time of Salesforce's collections a record may take elsewhere."""
_SF = "/services/data/v60.0"
_HS = "/crm/v3/objects/contacts"
_BASE = "salesforce: collections of 200"
_COMPARED = ("hubspot: batches of 100", "salesforce: bulk job")
_BULK_ROWS = 20_000
_numbers = itertools.count()

Request = tuple[str, str, bytes]


def _person() -> dict[str, Any]:
    number = next(_numbers)
    return {
        "email": f"person{number}@example.com",
        "firstname": "Ada",
        "lastname": f"Number {number}",
        "phone": "+49 30 1234",
    }


def _contact() -> dict[str, Any]:
    names = {"email": "Email", "firstname": "FirstName", "lastname": "LastName", "phone": "Phone"}
    return {names[name]: value for name, value in _person().items()}


def _collection() -> Request:
    records = [{"attributes": {"type": "Contact"}, **_contact()} for _ in range(200)]
    return "POST", f"{_SF}/composite/sobjects", msgspec.json.encode({"allOrNone": False, "records": records})


def _create() -> Request:
    return "POST", f"{_SF}/sobjects/Contact", msgspec.json.encode(_contact())


def _describe() -> Request:
    return "GET", f"{_SF}/sobjects/Contact/describe", b""


def _batch() -> Request:
    inputs = [{"properties": _person()} for _ in range(100)]
    return "POST", f"{_HS}/batch/create", msgspec.json.encode({"inputs": inputs})


def _single() -> Request:
    return "POST", _HS, msgspec.json.encode({"properties": _person()})


def _list() -> Request:
    return "GET", f"{_HS}?limit=100", b""


def _search() -> Request:
    filters = [{"propertyName": "email", "operator": "EQ", "value": "person7@example.com"}]
    return "POST", f"{_HS}/search", msgspec.json.encode({"filterGroups": [{"filters": filters}]})


def requests(
    runner: asyncio.Runner, org: Org, make: Callable[[], Request], count: int, records: int
) -> Slice:
    """So many requests; an operation is a record."""
    made = [make() for _ in range(count)]

    async def send() -> Slice:
        watch = Stopwatch()
        for method, path, body in made:
            await call(org, method, path, body)
        return watch.slice(count * records)

    return runner.run(send())


def _csv(rows: int) -> bytes:
    people = (_contact().values() for _ in range(rows))
    return ("Email,FirstName,LastName,Phone\n" + "\n".join(map(",".join, people)) + "\n").encode()


def bulk(runner: asyncio.Runner, org: Org, rows: int) -> Slice:
    """One job of the Bulk API 2.0."""
    content = _csv(rows)

    async def job() -> Slice:
        jobs = f"{_SF}/jobs/ingest"
        created = await call(org, "POST", jobs, b'{"object": "Contact", "operation": "insert"}')
        path = f"{jobs}/{json.loads(created)['id']}"
        watch = Stopwatch()
        await call(org, "PUT", f"{path}/batches", content, "text/csv")
        await call(org, "PATCH", path, b'{"state": "UploadComplete"}')
        state = json.loads(await call(org, "GET", path))
        await call(org, "GET", f"{path}/successfulResults")
        taken = watch.slice(rows)
        assert (state["state"], state["numberRecordsFailed"]) == ("JobComplete", 0), state
        return taken

    return runner.run(job())


def bare_bulk(rows: int) -> Slice:
    """The same without Salesforce's rules."""
    content = _csv(rows)

    def work() -> None:
        read = csv.reader(io.StringIO(content.decode()))
        header = next(read)
        kept = list(read)
        encode = msgspec.json.Encoder().encode
        database = sqlite3.connect(":memory:")
        database.execute("CREATE TABLE records (seq INTEGER PRIMARY KEY, id TEXT UNIQUE, document TEXT)")
        documents = (
            (str(n), encode(dict(zip(header, row, strict=True))).decode()) for n, row in enumerate(kept)
        )
        database.executemany("INSERT INTO records (id, document) VALUES (?, ?)", documents)
        database.close()
        csv.writer(io.StringIO(), quoting=csv.QUOTE_ALL).writerows(kept)

    return timed(rows, work)


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, print, and write JSON when asked; 1 when a target is missed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--requests", type=int, default=100)
    parser.add_argument("--json", type=Path)
    args = parser.parse_args(arguments)
    tune_garbage_collector()
    count = args.requests
    salesforce, hubspot = org_of("salesforce"), org_of("hubspot")
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        made = partial(requests, runner)
        targets: dict[str, Target] = {
            _BASE: lambda: made(salesforce, _collection, max(count // 2, 1), 200),
            "hubspot: batches of 100": lambda: made(hubspot, _batch, count, 100),
            "salesforce: bulk job": lambda: bulk(runner, salesforce, _BULK_ROWS),
            "bare CSV and SQLite": lambda: bare_bulk(_BULK_ROWS),
            "salesforce: single create": lambda: made(salesforce, _create, count * 5, 1),
            "salesforce: describe": lambda: made(salesforce, _describe, count * 5, 1),
            "hubspot: single create": lambda: made(hubspot, _single, count * 5, 1),
            "hubspot: list of 100": lambda: made(hubspot, _list, count, 100),
            "hubspot: search by email": lambda: made(hubspot, _search, count, 1),
        }
        for target in targets.values():
            target()  # which opens what is opened once
        measured = alternate(targets, args.rounds)
    rows = measured.rows(_BASE)
    for row in rows:
        print(line(row))
    print(f"target: {' and '.join(_COMPARED)} {TARGET_COST} x {_BASE}. {measured.verdict()}")
    if args.json:
        args.json.write_text(json.dumps(rows, indent=2) + "\n")
    return int(any(measured.cost(name, _BASE).median > TARGET_COST for name in _COMPARED))


if __name__ == "__main__":
    sys.exit(main())
