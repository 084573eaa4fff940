"""How fast the mock Salesforce answers, and whether that stays so with a million records.

    python -m benchmarks.mock_salesforce [--records 1000000] [--seconds 4]

Rates are measured by wrk over HTTP, as a ratio to the bare app of `benchmarks/bare.py` given the same
requests in alternating slices. Growth is measured without a socket, on keyed access: by id, by external id,
and single creates, with few records and with many.
"""

from __future__ import annotations

import argparse
import asyncio
import re
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator
from typing import Any

import msgspec

from benchmarks.http_load import has_wrk, server
from mock_crm.core.clock import ManualClock
from mock_crm.core.settings import OrgSettings
from mock_crm.orgs import open_org
from mock_crm.salesforce.model import Field
from mock_crm.salesforce.org import SalesforceOrg

_BASE = "/services/data/v60.0"
_ROUNDS = 3
_FEW = 10_000
_KEY = Field(
    name="Ext__c", label="Ext", type="string", length=40, custom=True, external_id=True, unique=True,
    is_required_always=True,
)  # fmt: skip


def _org() -> SalesforceOrg:
    org = open_org("salesforce", clock=ManualClock(), settings=OrgSettings(limits=False))
    assert isinstance(org, SalesforceOrg)
    org.context.schema.put_fields("Contact", [_KEY])
    return org


async def _call(app: Any, token: str, method: str, path: str, body: bytes) -> bytes:
    scope = {
        "type": "http", "method": method, "path": path, "raw_path": path.encode(), "root_path": "",
        "scheme": "http", "query_string": b"",
        "headers": [(b"host", b"mock"), (b"authorization", f"Bearer {token}".encode())],
    }  # fmt: skip
    sent: list[Any] = []

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": body, "more_body": False}

    async def send(message: Any) -> None:
        sent.append(message)

    await app(scope, receive, send)
    return b"".join(message.get("body", b"") for message in sent)


def _people(count: int) -> Iterator[dict[str, Any]]:
    for number in range(count):
        yield {
            "attributes": {"type": "Contact"}, "LastName": f"Last {number}", "FirstName": "First",
            "Email": f"p{number}@example.com",
        }  # fmt: skip


async def _seconds(app: Any, token: str, method: str, path: str, bodies: Iterable[bytes]) -> float:
    start = time.perf_counter()
    for body in bodies:
        await _call(app, token, method, path, body)
    return time.perf_counter() - start


def _rates(seconds: float) -> None:
    """Requests over a socket, in slices that alternate with slices of the bare app."""
    token = _org().token
    collection = msgspec.json.encode({"records": list(_people(200))}).decode()
    single = msgspec.json.encode(next(iter(_people(1)))).decode()
    targets = [
        ("collections of 200", "POST", "/composite/sobjects", collection, 200),
        ("single create", "POST", "/sobjects/Contact", single, 1),
        ("describe", "GET", "/sobjects/Contact/describe", "", 0),
    ]
    mock = ("-m", "mock_crm", "salesforce", "--limits", "off")
    with server(*mock) as url, server("-m", "benchmarks.bare") as bare_url:
        for name, method, path, body, records in targets:
            pairs = [
                (
                    _wrk(bare_url, token, method, body, seconds),
                    _wrk(url + _BASE + path, token, method, body, seconds),
                )
                for _ in range(_ROUNDS)
            ]
            rate = statistics.median(found for _, found in pairs)
            ratio = statistics.median(found / bare for bare, found in pairs)
            shown = f"{rate * records:,.0f} records/s, " if records else ""
            print(f"{name}: {shown}{rate:,.0f} requests/s, {ratio:.2f} of a bare app with the same body")


def _wrk(url: str, token: str, method: str, body: str, seconds: float) -> float:
    """Requests a second."""
    quoted = body.replace("\\", "\\\\").replace("'", "\\'")
    script = (
        f"wrk.method = '{method}'\nwrk.body = '{quoted}'\n"
        f"wrk.headers['Content-Type'] = 'application/json'\nwrk.headers['Authorization'] = 'Bearer {token}'\n"
    )
    with tempfile.NamedTemporaryFile("w", suffix=".lua") as file:
        file.write(script)
        file.flush()
        command = ["wrk", "-t1", "-c16", f"-d{seconds:g}s", "-s", file.name, url]
        output = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    assert "Non-2xx" not in output, output
    found = re.search(r"Requests/sec:\s+([\d.]+)", output)
    assert found, output
    return float(found[1])


async def _growth(records: int) -> None:
    org = _org()
    held = 0
    for size in (_FEW, records):
        start = time.perf_counter()
        while held < size:
            rows = ({"LastName": f"L{n}", "Ext__c": f"key-{n}"} for n in range(held, held + 10_000))
            held += len(org.seed("Contact", rows))
        filled = time.perf_counter() - start
        found = [org.records("Contact", limit=1, offset=held * part // 100)[0] for part in range(0, 100, 10)]
        by_id = [await _timed(org, "GET", f"{_BASE}/sobjects/Contact/{row['id']}") for row in found]
        by_key = [
            await _timed(org, "GET", f"{_BASE}/sobjects/Contact/Ext__c/{row['Ext__c']}") for row in found
        ]
        creates = [await _timed(org, "POST", f"{_BASE}/sobjects/Contact", _one(n)) for n in range(100)]
        print(
            f"with {held:,} records: get by id {_us(by_id)}, by external id {_us(by_key)}, "
            f"create {_us(creates)}; filled in {filled:.1f} s"
        )
    org.close()


def _one(number: int) -> bytes:
    return msgspec.json.encode({"LastName": "x", "Ext__c": f"new-{time.perf_counter_ns()}-{number}"})


async def _timed(org: SalesforceOrg, method: str, path: str, body: bytes = b"") -> float:
    runs = [await _seconds(org.app, org.token, method, path, [body]) for _ in range(1 if body else 20)]
    return min(runs)


def _us(seconds: list[float]) -> str:
    return f"{statistics.median(seconds) * 1e6:.0f} µs"


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--records", type=int, default=1_000_000)
    parser.add_argument("--seconds", type=float, default=4)
    args = parser.parse_args()
    if has_wrk():
        _rates(args.seconds)
    else:
        print("Rates need wrk.", file=sys.stderr)
    asyncio.run(_growth(args.records))


if __name__ == "__main__":
    main()
