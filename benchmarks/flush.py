"""How fast the engine delivers a batch, from the journal to a CRM that costs nothing and back.

python -m benchmarks.flush [--writes 100000] [--json FILE]
"""

from __future__ import annotations

import argparse
import asyncio
import cProfile
import json
import pstats
import tempfile
import time
from pathlib import Path

import uvloop

from ampsandbox.engine.crm import Limits
from ampsandbox.settings.engine import Durability
from benchmarks.engine_rig import LATER, accept, open_sandbox, peak_mb

_WAYS = {
    "collections of 200": Limits(collection=200),
    "batches of 100": Limits(collection=100),
    "bulk of 10,000": Limits(collection=200, bulk=10_000),
}


async def measure(way: str, writes: int, profile: cProfile.Profile | None) -> dict[str, object]:
    """Accept the writes, then time their flush."""
    with tempfile.TemporaryDirectory(dir=Path.cwd()) as name:
        sandbox = await open_sandbox(Path(name), Durability.NORMAL, _WAYS[way])
        await accept(sandbox, LATER, writes)
        [batch] = sandbox.batches()
        if profile is not None:
            profile.enable()
        began = time.perf_counter()
        [flushed] = await sandbox.flush()
        took = time.perf_counter() - began
        if profile is not None:
            profile.disable()
        assert flushed.succeeded == batch.count
        await sandbox.stop()
    return {
        "way": way,
        "writes": batch.count,
        "seconds": round(took, 2),
        "writes_s": round(batch.count / took),
        "peak_mb": round(peak_mb(), 1),
    }


def main() -> None:
    """Measure the three ways, print, and write JSON when asked."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--writes", type=int, default=100_000)
    parser.add_argument("--profile", action="store_true")
    parser.add_argument("--json", type=Path)
    args = parser.parse_args()
    rows = []
    for way in _WAYS:
        profile = cProfile.Profile() if args.profile else None
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            rows.append(runner.run(measure(way, args.writes, profile)))
        print("  ".join(f"{name}={value}" for name, value in rows[-1].items()), flush=True)
        if profile is not None:
            pstats.Stats(profile).sort_stats("tottime").print_stats(18)
    if args.json:
        args.json.write_text(json.dumps(rows, indent=2) + "\n")


if __name__ == "__main__":
    main()
