"""How fast the mock HubSpot answers, and whether that stays so with many records.

    python -m benchmarks.mock_hubspot [--records 1000000] [--seconds 2]

Rates are of the processor and taken without a socket, in slices that alternate with slices of a bare ASGI
app that reads the same bodies and answers a few bytes. Growth is measured on keyed access: by id, by email,
search by email, a late page of a list, single creates, with few records and with many.
"""

from __future__ import annotations

import argparse
import asyncio
import itertools
import statistics
import time
from collections.abc import Callable, Iterator
from typing import Any

import msgspec

from benchmarks.bare import app as bare_app
from mock_crm.core.clock import ManualClock
from mock_crm.core.gc_tuning import tune_garbage_collector
from mock_crm.core.org import Org
from mock_crm.core.settings import OrgSettings
from mock_crm.orgs import open_org

_CONTACTS = "/crm/v3/objects/contacts"
_ROUNDS = 5
_FEW = 10_000
_numbers = itertools.count()

Make = Callable[[], bytes]


def _org() -> Org:
    return open_org("hubspot", clock=ManualClock(), settings=OrgSettings(limits=False))


def _person() -> dict[str, Any]:
    number = next(_numbers)
    return {
        "email": f"person{number}@example.com",
        "firstname": "Ada",
        "lastname": f"Number {number}",
        "phone": "+49 30 1234",
        "city": "Berlin",
    }


def _batch() -> bytes:
    return msgspec.json.encode({"inputs": [{"properties": _person()} for _ in range(100)]})


def _single() -> bytes:
    return msgspec.json.encode({"properties": _person()})


def _search(email: str) -> bytes:
    filters = [{"propertyName": "email", "operator": "EQ", "value": email}]
    return msgspec.json.encode({"filterGroups": [{"filters": filters}]})


async def _call(app: Any, token: str, method: str, path: str, body: bytes) -> None:
    path, _, query = path.partition("?")
    scope = {
        "type": "http", "method": method, "path": path, "raw_path": path.encode(), "root_path": "",
        "scheme": "http", "query_string": query.encode(),
        "headers": [(b"host", b"mock"), (b"authorization", f"Bearer {token}".encode())],
    }  # fmt: skip
    statuses: list[int] = []

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": body, "more_body": False}

    async def send(message: Any) -> None:
        if "status" in message:
            statuses.append(message["status"])

    await app(scope, receive, send)
    assert statuses in ([200], [201], [202]), (method, path, statuses)


async def _rates(seconds: float) -> None:
    org = _org()
    for body in (_batch() for _ in range(20)):
        await _call(org.app, org.token, "POST", f"{_CONTACTS}/batch/create", body)
    some = org.records("contacts", limit=1, offset=1000)[0]
    targets: list[tuple[str, str, str, Make, int]] = [
        ("batch create of 100", "POST", f"{_CONTACTS}/batch/create", _batch, 100),
        ("single create", "POST", _CONTACTS, _single, 1),
        ("read by id", "GET", f"{_CONTACTS}/{some['id']}", bytes, 1),
        ("list of 100", "GET", f"{_CONTACTS}?limit=100", bytes, 100),
        ("search by email", "POST", f"{_CONTACTS}/search", lambda: _search(some["email"]), 1),
    ]
    for name, method, path, make, records in targets:
        pairs = []
        for _ in range(_ROUNDS):
            bare = await _rate(bare_app, org.token, method, path, make, seconds / _ROUNDS)
            pairs.append((bare, await _rate(org.app, org.token, method, path, make, seconds / _ROUNDS)))
        rate = statistics.median(found for _, found in pairs)
        ratio = statistics.median(found / bare for bare, found in pairs)
        print(
            f"{name}: {rate * records:,.0f} records/s of CPU, {rate:,.0f} requests/s, "
            f"{ratio:.3f} of a bare app"
        )
    org.close()


async def _rate(app: Any, token: str, method: str, path: str, make: Make, seconds: float) -> float:
    """Requests a second of the processor; making the bodies is not counted."""
    spent = 0.0
    sent = 0
    while spent < seconds:
        bodies = [make() for _ in range(20)]
        start = time.process_time()
        for body in bodies:
            await _call(app, token, method, path, body)
        spent += time.process_time() - start
        sent += len(bodies)
    return sent / spent


async def _growth(records: int) -> None:
    org = _org()
    held = 0
    for size in (_FEW, records):
        start = time.perf_counter()
        while held < size:
            held += len(org.seed("contacts", (_person() for _ in range(10_000))))
        filled = time.perf_counter() - start
        some = [org.records("contacts", limit=1, offset=held * part // 100)[0] for part in range(5, 100, 10)]
        measured = {
            "by id": [await _timed(org, "GET", f"{_CONTACTS}/{one['id']}") for one in some],
            "by email": [
                await _timed(org, "GET", f"{_CONTACTS}/{one['email']}?idProperty=email") for one in some
            ],
            "search": [
                await _timed(org, "POST", f"{_CONTACTS}/search", _search(one["email"])) for one in some
            ],
            "page": [await _timed(org, "GET", f"{_CONTACTS}?limit=10&after={one['id']}") for one in some],
            "create": list(await _creates(org)),
        }
        shown = ", ".join(f"{name} {_us(seconds)}" for name, seconds in measured.items())
        print(f"with {held:,} records: {shown}; filled in {filled:.1f} s")
    org.close()


async def _creates(org: Org) -> Iterator[float]:
    return iter([await _timed(org, "POST", _CONTACTS, _single(), runs=1) for _ in range(100)])


async def _timed(org: Org, method: str, path: str, body: bytes = b"", runs: int = 20) -> float:
    spent = []
    for _ in range(runs):
        start = time.perf_counter()
        await _call(org.app, org.token, method, path, body)
        spent.append(time.perf_counter() - start)
    return min(spent)


def _us(seconds: list[float]) -> str:
    return f"{statistics.median(seconds) * 1e6:.0f} µs"


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--records", type=int, default=1_000_000)
    parser.add_argument("--seconds", type=float, default=2)
    args = parser.parse_args()
    tune_garbage_collector()
    asyncio.run(_rates(args.seconds))
    asyncio.run(_growth(args.records))


if __name__ == "__main__":
    main()
