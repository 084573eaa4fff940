"""Whether a long queue slows anything down: accepting and flushing on top of few and of many waiting writes.

python -m benchmarks.depth [--shallow 10000] [--deep 1000000] [--json FILE]

Both sandboxes live in one process and take turns, so that what disturbs the machine disturbs both.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import tempfile
from functools import partial
from pathlib import Path

import uvloop

from ampsandbox.engine.crm import Limits
from ampsandbox.engine.engine import Engine
from ampsandbox.engine.write_command import WriteCommand
from ampsandbox.manifest.model import Mode
from ampsandbox.settings.engine import Durability
from benchmarks.engine_rig import FIELDS, INTEGRATION, LATER, accept, open_sandbox, peak_mb
from benchmarks.processor import Rounds, Slice, Target, alternate, line, on_loop

_ROUNDS = 5
_WRITES = 6_400


def turn(runner: asyncio.Runner, sandbox: Engine) -> tuple[Slice, Slice]:
    """Writes accepted on top of what waits, and another, smaller batch delivered."""
    accepted = on_loop(runner, _WRITES, lambda: accept(sandbox, LATER, _WRITES))

    async def fill() -> str:
        keys = map(str, range(_WRITES))
        updates = [WriteCommand(INTEGRATION, LATER, Mode.UPDATE, "demo", FIELDS, key) for key in keys]
        await asyncio.gather(*map(sandbox.submit, updates))
        [batch] = [each for each in sandbox.batches.all(0) if each.mode is Mode.UPDATE]
        return batch.id

    batch = runner.run(fill())
    return accepted, on_loop(runner, _WRITES, lambda: sandbox.batches.flush(batch))


def measure(shallow: int, deep: int) -> Rounds:
    """Both sandboxes take turns at accepting and at flushing."""
    flushed: dict[int, Slice] = {}
    with (
        tempfile.TemporaryDirectory(dir=Path.cwd()) as name,
        asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner,
    ):
        sandboxes: dict[int, Engine] = {}
        for waiting in (shallow, deep):
            state = Path(name) / str(waiting)
            sandboxes[waiting] = runner.run(open_sandbox(state, Durability.NORMAL, Limits(collection=200)))
            runner.run(accept(sandboxes[waiting], LATER, waiting))

        def accepting(waiting: int) -> Slice:
            accepted, flushed[waiting] = turn(runner, sandboxes[waiting])
            return accepted

        targets: dict[str, Target] = {}
        for waiting in (shallow, deep):
            targets[f"accept with {waiting:,}"] = partial(accepting, waiting)
            targets[f"flush with {waiting:,}"] = partial(flushed.__getitem__, waiting)
        measured = alternate(targets, _ROUNDS)
        for sandbox in sandboxes.values():
            runner.run(sandbox.stop())
    return measured


def main() -> None:
    """Measure, print, and write JSON when asked."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--shallow", type=int, default=10_000)
    parser.add_argument("--deep", type=int, default=1_000_000)
    parser.add_argument("--json", type=Path)
    args = parser.parse_args()
    measured = measure(args.shallow, args.deep)
    rows = [
        measured.row(f"{what} with {waiting:,}", f"{what} with {args.shallow:,}")
        for what in ("accept", "flush")
        for waiting in (args.shallow, args.deep)
    ]
    for row in rows:
        print(line(row))
    print(f"peak_mb={peak_mb():.1f}. {measured.verdict()}")
    if args.json:
        args.json.write_text(json.dumps(rows, indent=2) + "\n")


if __name__ == "__main__":
    main()
