"""Whether an installation takes the same where there are a thousand of them as where there is one.

    python -m benchmarks.installations [--many 1000] [--rounds 3] [--json FILE]

Each round is a process that installs a manifest of two objects for so many groups, with its state on disk,
and ends; takes its state up again; flushes a first write of each; begins a batch for each; accepts 2,000
writes to all of them in turn, twice, of which the second time counts, and 2,000 to one of them; lets 200
seconds pass one by one; asks for the state, as a screen or `ampsandbox ctl state` does; and flushes one more
write of each.

Writes come 64 at a time, as many as the load over HTTP has connections. 2,000 at a time measure something
else: what they need at once comes from gaps all over the memory of a thousand installations, and takes 1.4
times as long even when all of them go to one.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import subprocess
import sys
import tempfile
from collections.abc import Coroutine, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

import uvloop

from benchmarks.http_load import root
from benchmarks.processor import Bystanders, Spread, Stopwatch

_WRITES = 2_000
_AT_ONCE = 64
_STATES = 20
_TICKS = 200
_GROWTH = 1.5
"""How many times the cost with few an installation may take with many."""


async def measure(count: int) -> dict[str, float]:
    """Microseconds of processor time for an installation, and its kilobytes."""
    from ampsandbox.engine.write_command import WriteCommand
    from ampsandbox.server.runner_options import RunnerOptions
    from ampsandbox.server.sandbox_server import SandboxServer
    from benchmarks.accept import MANIFEST
    from mock_crm.core.gc_tuning import tune_garbage_collector

    tune_garbage_collector()
    figures: dict[str, float] = {}

    async def timed(name: str, operations: int, work: Coroutine[Any, Any, object]) -> None:
        watch = Stopwatch()
        await work
        figures[f"{name}_us"] = watch.slice(operations).cpu_us

    with tempfile.TemporaryDirectory() as folder:
        manifest = Path(folder) / "amp.yaml"
        manifest.write_text(MANIFEST)

        def server(groups: tuple[str, ...]) -> SandboxServer:
            state = Path(folder) / "state"
            return SandboxServer(
                RunnerOptions(manifest=manifest, groups=groups, state=state, watch=False, host=None, speed=0)
            )

        first = server(("first",))  # which imports what is imported once
        await first.start()
        await first.stop()
        groups = tuple(f"g{number}" for number in range(count))
        sandbox = server(groups)
        before = _resident_kb()
        await timed("install", count, sandbox.start())
        figures["memory_kb"] = (_resident_kb() - before) / count
        await timed("stop", count, sandbox.stop())
        sandbox = server(())
        await timed("restart", count, sandbox.start())
        engine = sandbox.engine
        assert engine.manifest is not None
        integration, item = engine.manifest.endpoints()["later"]
        mode = item.mode
        assert mode is not None
        fields = {"name": "Company"}

        def writes(to: Sequence[str]) -> list[WriteCommand]:
            return [WriteCommand(integration, item, mode, group, fields) for group in to]

        in_turn = writes([groups[number % count] for number in range(_WRITES)])
        to_one = writes([groups[0]] * _WRITES)

        async def accept(some: list[WriteCommand]) -> None:
            for start in range(0, len(some), _AT_ONCE):
                await asyncio.gather(*map(engine.submit, some[start : start + _AT_ONCE]))

        async def flush() -> None:
            await engine.clock.advance(
                max(batch.flush_at for batch in engine.batches.all() if batch.flush_at is not None)
            )
            assert engine.batches.next_flush() is None

        async def tick() -> None:
            for _ in range(_TICKS):
                await engine.clock.advance(engine.clock.now() + timedelta(seconds=1))

        one_each = writes(groups)
        await accept(one_each)
        await timed("first_flush", count, flush())  # which reads the schema of each org
        await timed("begun_batch", count, accept(one_each))
        await accept(in_turn)  # since what was not touched for long takes twice as long, once
        await timed("write", _WRITES, accept(in_turn))
        await timed("write_to_one", _WRITES, accept(to_one))
        await timed("tick", _TICKS, tick())  # whatever the number: nothing is due

        async def states() -> None:
            for _ in range(_STATES):
                await sandbox.service.overview.state()

        await timed("state", _STATES * count, states())
        await flush()
        await accept(one_each)
        await timed("flush", count, flush())
        await sandbox.stop()
    return figures


def _resident_kb() -> float:
    status = Path("/proc/self/status").read_text()
    return float(status.partition("VmRSS:")[2].split()[0])


def main() -> int:
    """Measure few and many in turn; 1 when a cost grows."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--many", type=int, default=1_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--one", type=int, help=argparse.SUPPRESS)
    parser.add_argument("--json", type=Path)
    args = parser.parse_args()
    if args.one is not None:
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            print(json.dumps(runner.run(measure(args.one))))
        return 0
    found: dict[int, list[dict[str, float]]] = {10: [], args.many: []}
    with Bystanders() as bystanders:
        for _ in range(args.rounds):
            for count, rounds in found.items():
                command = [sys.executable, "-m", "benchmarks.installations", "--one", str(count)]
                told = subprocess.run(command, cwd=root(), stdout=subprocess.PIPE, check=True).stdout
                rounds.append(json.loads(told))
    is_flat = True
    rows = []
    for name in found[10][0]:
        few, many = (Spread.of(each[name] for each in rounds) for rounds in found.values())
        growth = many.median / few.median
        is_flat = is_flat and growth <= _GROWTH
        print(f"{name}: {few.text(1)} each with 10, {many.text(1)} each with {args.many:,}: {growth:.2f} x")
        rows.append({"name": name, "few": few.median, "many": many.median, "growth": round(growth, 2)})
    print(bystanders.verdict())
    if args.json:
        args.json.write_text(json.dumps(rows, indent=2) + "\n")
    return 0 if is_flat else 1


if __name__ == "__main__":
    sys.exit(main())
