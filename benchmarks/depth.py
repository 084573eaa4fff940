"""Whether a long queue slows anything down: accepting and flushing on top of few and of many waiting writes.

python -m benchmarks.depth [--shallow 10000] [--deep 1000000] [--json FILE]

Both sandboxes live in one process and take turns, so that what disturbs the machine disturbs both.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import statistics
import tempfile
import time
from pathlib import Path

import uvloop

from ampsandbox.engine.crm import Limits
from ampsandbox.engine.engine import Engine
from ampsandbox.engine.write_command import WriteCommand
from ampsandbox.manifest.model import Mode
from ampsandbox.settings.engine import Durability
from benchmarks.engine_rig import FIELDS, INTEGRATION, LATER, accept, open_sandbox, peak_mb

_ROUNDS = 5
_WRITES = 6_400


async def rates(sandbox: Engine) -> tuple[float, float]:
    """Writes accepted a second on top of what waits, and delivered a second of another, smaller batch."""
    began = time.perf_counter()
    await accept(sandbox, LATER, _WRITES)
    accepted = _WRITES / (time.perf_counter() - began)
    await asyncio.gather(
        *(
            sandbox.submit(WriteCommand(INTEGRATION, LATER, Mode.UPDATE, "demo", FIELDS, str(n)))
            for n in range(_WRITES)
        )
    )
    [batch] = [each for each in sandbox.batches(0) if each.mode is Mode.UPDATE]
    began = time.perf_counter()
    await sandbox.flush(batch.id)
    return accepted, _WRITES / (time.perf_counter() - began)


async def measure(shallow: int, deep: int) -> list[dict[str, object]]:
    """Interleave both, and take medians."""
    with tempfile.TemporaryDirectory(dir=Path.cwd()) as name:
        sandboxes = []
        for waiting in (shallow, deep):
            sandbox = await open_sandbox(Path(name) / str(waiting), Durability.NORMAL, Limits(collection=200))
            await accept(sandbox, LATER, waiting)
            sandboxes.append(sandbox)
        rounds = [[await rates(sandbox) for sandbox in sandboxes] for _ in range(_ROUNDS)]
        for sandbox in sandboxes:
            await sandbox.stop()
    rows: list[dict[str, object]] = []
    for what, index in (("accept", 0), ("flush", 1)):
        few = statistics.median(pair[0][index] for pair in rounds)
        many = statistics.median(pair[1][index] for pair in rounds)
        ratio = statistics.median(pair[1][index] / pair[0][index] for pair in rounds)
        rows.append(
            {
                "what": what,
                f"with_{shallow}_s": round(few),
                f"with_{deep}_s": round(many),
                "ratio": round(ratio, 2),
                "peak_mb": round(peak_mb(), 1),
            }
        )
    return rows


def main() -> None:
    """Measure, print, and write JSON when asked."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--shallow", type=int, default=10_000)
    parser.add_argument("--deep", type=int, default=1_000_000)
    parser.add_argument("--json", type=Path)
    args = parser.parse_args()
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        rows = runner.run(measure(args.shallow, args.deep))
    for row in rows:
        print("  ".join(f"{name}={value}" for name, value in row.items()))
    if args.json:
        args.json.write_text(json.dumps(rows, indent=2) + "\n")


if __name__ == "__main__":
    main()
