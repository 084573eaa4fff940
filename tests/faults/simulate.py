"""Runs many random histories: `python tests/faults/simulate.py --histories 10000 [--first SEED]`.

Prints a failing seed, which `--first SEED --histories 1` runs again.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

from simulation.history import live


async def run(root: Path, first: int, histories: int, steps: int) -> int:
    """Run the histories and print what they went through; the number of those that broke a promise."""
    began = time.perf_counter()
    failures = 0
    total: Counter[str] = Counter()
    for seed in range(first, first + histories):
        try:
            books = await asyncio.wait_for(live(seed, root / str(seed), steps), 60)
        except (AssertionError, TimeoutError) as error:
            failures += 1
            print(f"FAILED seed {seed}: {type(error).__name__} {error}", flush=True)
            continue
        total["writes"] += len(books.sent)
        total["crashes"] += books.crashes
        total["restarts"] += books.restarts
        total["events"] += len(books.log)
        if (seed - first + 1) % 500 == 0:
            print(f"{seed - first + 1} histories, {time.perf_counter() - began:.0f} s", flush=True)
    took = time.perf_counter() - began
    print(f"{histories} histories in {took:.1f} s, {failures} failed; {dict(total)}")
    return failures


def main() -> None:
    """Read the command line and run."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--histories", type=int, default=10_000)
    parser.add_argument("--first", type=int, default=1)
    parser.add_argument("--steps", type=int, default=30)
    arguments = parser.parse_args()
    memory = Path("/dev/shm")
    with tempfile.TemporaryDirectory(dir=memory if memory.is_dir() else None) as root:
        failures = asyncio.run(run(Path(root), arguments.first, arguments.histories, arguments.steps))
    sys.exit(bool(failures))


if __name__ == "__main__":
    main()
