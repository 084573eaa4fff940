"""What the engine takes to deliver a batch, from the journal to a CRM that costs nothing and back.

python -m benchmarks.flush [--writes 100000] [--rounds 3] [--profile] [--json FILE]
"""

from __future__ import annotations

import argparse
import asyncio
import cProfile
import json
import pstats
import tempfile
from contextlib import nullcontext
from functools import partial
from pathlib import Path

import uvloop

from ampsandbox.engine.crm import Limits
from ampsandbox.settings.engine import Durability
from benchmarks.engine_rig import LATER, accept, open_sandbox
from benchmarks.processor import Slice, Target, alternate, line, on_loop

TARGET_PER_CPU_S = 40_000

_WAYS = {
    "collections of 200": Limits(collection=200),
    "batches of 100": Limits(collection=100),
    "bulk of 10,000": Limits(collection=200, bulk=10_000),
}


def flush(way: str, writes: int, profile: cProfile.Profile | None) -> Slice:
    """Accept the writes, then flush them."""
    with (
        tempfile.TemporaryDirectory(dir=Path.cwd()) as name,
        asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner,
    ):
        sandbox = runner.run(open_sandbox(Path(name), Durability.NORMAL, _WAYS[way]))
        runner.run(accept(sandbox, LATER, writes))
        [batch] = sandbox.batches.all()
        with profile or nullcontext():
            taken = on_loop(runner, batch.count, sandbox.batches.flush)
        assert sandbox.batches.next_flush() is None
        runner.run(sandbox.stop())
    return taken


def main() -> None:
    """Measure the three ways, print, and write JSON when asked."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--writes", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--profile", action="store_true")
    parser.add_argument("--json", type=Path)
    args = parser.parse_args()
    profiles = {way: cProfile.Profile() if args.profile else None for way in _WAYS}
    targets: dict[str, Target] = {
        way: partial(flush, way, args.writes, profile) for way, profile in profiles.items()
    }
    measured = alternate(targets, 1 if args.profile else args.rounds)
    rows = measured.rows()
    for row in rows:
        print(line(row))
    print(f"target: {TARGET_PER_CPU_S:,} writes a second of the processor. {measured.verdict()}")
    for profile in profiles.values():
        if profile is not None:
            pstats.Stats(profile).sort_stats("tottime").print_stats(18)
    if args.json:
        args.json.write_text(json.dumps(rows, indent=2) + "\n")


if __name__ == "__main__":
    main()
