"""What the CRM clients cost: beside bare httpx over the same in-process mock, and as part of whole flushes.

python -m benchmarks.crm_clients [--writes 20000] [--rounds 3] [--json FILE]

The figures hold the mock's work too. The garbage collector is set as the program sets it for itself.
"""

from __future__ import annotations

import argparse
import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import uvloop

from ampsandbox.clock import Clock
from ampsandbox.crm.connect import Connections
from ampsandbox.crm.transport import InProcessTransport
from ampsandbox.engine.crm import Method, Record, Verdict
from ampsandbox.engine.engine import Engine
from ampsandbox.engine.model import Installation, InstallationState, OperationState
from ampsandbox.engine.write_command import WriteCommand
from ampsandbox.manifest.findings import LoadResult
from ampsandbox.manifest.model import Dialect, Integration, Manifest, Mode, ObjectKind, WriteObject
from ampsandbox.settings.engine import EngineSettings
from benchmarks.processor import Slice, Stopwatch, Target, alternate, line
from mock_crm.core.gc_tuning import tune_garbage_collector
from mock_crm.core.settings import OrgSettings

_LATER = WriteObject("contact", ObjectKind.STANDARD, Mode.INSERT, "later", "every 1 days")
_NOW = WriteObject("contact", ObjectKind.STANDARD, Mode.INSERT, "now")
_SIZES = {"salesforce": 200, "hubspot": 100}
_NAMES = {"salesforce": "Contact", "hubspot": "contacts"}
_START = datetime(2026, 3, 2, tzinfo=UTC)
_CALLERS = 32
TARGET_PER_CPU_S = 40_000

Fields = dict[str, str]


def person(provider: str, number: int) -> Fields:
    """Someone new, under the names of the CRM."""
    names = ("FirstName", "LastName", "Email", "Phone")
    values = ("Ada", f"Lovelace {number}", f"ada{number}@example.com", "555 0100")
    fields = dict(zip(names, values, strict=True))
    return {name.lower(): value for name, value in fields.items()} if provider == "hubspot" else fields


@asynccontextmanager
async def connections() -> AsyncIterator[Connections]:
    """Mock orgs in memory, without limits."""
    opened = Connections(Clock(_START, speed=0), 0, org_settings=OrgSettings(limits=False))
    yield opened
    await opened.aclose()


def installation(provider: str) -> Installation:
    """An installation of that provider."""
    return Installation("i1", "load", "demo", provider, "mock", _START, InstallationState.INSTALLED)


async def client(provider: str, size: int, count: int) -> Slice:
    """What it takes for that many records in requests of that size through our client."""
    method = Method.SINGLE if size == 1 else Method.COLLECTION
    async with connections() as opened:
        crm = opened.connect(installation(provider), lambda exchange: None)

        async def write(first: int) -> None:
            records = [Record(None, person(provider, n)) for n in range(first, first + size)]
            answers = await crm.write(_NAMES[provider], Mode.INSERT, records, method)
            assert answers[-1].verdict is Verdict.SUCCEEDED

        return await timed(write, size, count)


async def bare(provider: str, size: int, count: int) -> Slice:
    """The same through httpx alone, which decodes the answer and looks at nothing."""
    async with connections() as opened:
        opened.connect(installation(provider), lambda exchange: None)
        org = opened.org("i1")
        assert org is not None
        transport = InProcessTransport(org.app, opened.clock)
        headers = {"Authorization": f"Bearer {org.token}"}
        async with httpx.AsyncClient(
            transport=transport, base_url="http://crm.invalid", headers=headers
        ) as http:

            async def write(first: int) -> None:
                path, content = body(provider, [person(provider, n) for n in range(first, first + size)])
                answer = await http.post(path, json=content)
                assert answer.is_success
                answer.json()

            return await timed(write, size, count)


def body(provider: str, people: list[Fields]) -> tuple[str, Any]:
    """Path and content of the request that writes them."""
    if provider == "hubspot":
        path, inputs = "/crm/v3/objects/contacts", [{"properties": each} for each in people]
        return (path, inputs[0]) if len(people) == 1 else (f"{path}/batch/create", {"inputs": inputs})
    root = "/services/data/v60.0"
    if len(people) == 1:
        return f"{root}/sobjects/Contact", people[0]
    records = [{"attributes": {"type": "Contact"}, **each} for each in people]
    return f"{root}/composite/sobjects", {"allOrNone": False, "records": records}


async def timed(write: Callable[[int], Awaitable[None]], size: int, count: int) -> Slice:
    """What `count` records take, after a first request that opens what is opened once."""
    await write(0)
    watch = Stopwatch()
    for first in range(size, size + count, size):
        await write(first)
    return watch.slice(count)


async def whole(provider: str, way: str, count: int) -> Slice:
    """What the records take through engine, client and mock: `immediate`, `flush`, or `bulk flush`."""
    manifest = Manifest(Dialect.V2023, (Integration("load", "Load", provider, (_LATER, _NOW)),))
    integration = manifest.integrations[0]
    async with connections() as opened:
        settings = EngineSettings(bulk_threshold=2_000 if way == "bulk flush" else count + 1)
        sandbox = Engine("load", opened.clock, opened.connect, settings, None, 0)
        await sandbox.start()
        await sandbox.load(LoadResult(manifest, (), "", "amp.yaml"))
        await sandbox.installations.install("demo")
        item = _NOW if way == "immediate" else _LATER

        async def call(caller: int) -> None:
            for number in range(caller, count, _CALLERS):
                fields = person(provider, number)
                done = await sandbox.submit(WriteCommand(integration, item, Mode.INSERT, "demo", fields))
                assert done.state in (OperationState.SUCCEEDED, OperationState.QUEUED)

        watch = Stopwatch()
        await asyncio.gather(*map(call, range(_CALLERS)))
        if way != "immediate":
            watch = Stopwatch()
            [batch] = await sandbox.batches.flush()
            assert batch.succeeded == count
        taken = watch.slice(count)
        await sandbox.stop()
        return taken


def measure(runner: asyncio.Runner, writes: int, rounds: int) -> tuple[list[dict[str, object]], str]:
    """The rows, and whether the machine was quiet enough."""
    targets: dict[str, Target] = {}
    bases: dict[str, str] = {}

    def add(what: str, work: Callable[..., Coroutine[Any, Any, Slice]], *arguments: Any) -> str:
        targets[what] = lambda: runner.run(work(*arguments))
        return what

    for provider, size in _SIZES.items():
        for each, count in ((1, max(writes // 10, 100)), (size, writes // size * size)):
            base = add(f"{provider}: bare httpx, requests of {each}", bare, provider, each, count)
            bases[add(f"{provider}: client, requests of {each}", client, provider, each, count)] = base
        for way in ["immediate", "flush"] + ["bulk flush"] * (provider == "salesforce"):
            count = writes // 10 if way == "immediate" else writes
            add(f"{provider}: {way}, engine included", whole, provider, way, count)
    measured = alternate(targets, rounds)
    return [measured.row(name, bases.get(name)) for name in targets], measured.verdict()


def main() -> None:
    """Measure, print, and write JSON when asked."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--writes", type=int, default=20_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--json", type=Path)
    args = parser.parse_args()
    tune_garbage_collector()
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        rows, verdict = measure(runner, args.writes, args.rounds)
    for row in rows:
        print(line(row))
    print(f"target: {TARGET_PER_CPU_S:,} records a second of the processor for whole flushes. {verdict}")
    if args.json:
        args.json.write_text(json.dumps(rows, indent=2) + "\n")


if __name__ == "__main__":
    main()
