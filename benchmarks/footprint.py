"""What writes take of disk and memory, for the forecasts of `ampsandbox simulate`.

python -m benchmarks.footprint [--writes 50000]

The journal is measured as its folder on disk once SQLite has taken the write-ahead log over. Scheduled
writes are measured while they wait and once they are flushed; immediate ones, one request each, tell what a
request adds.
`ampsandbox/capacity/footprint.py` has the figures that were taken last.
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import json
import os
import tempfile
from pathlib import Path

from ampsandbox.engine.crm import Limits
from ampsandbox.settings.engine import Durability
from benchmarks.engine_rig import FIELDS, LATER, NOW, accept, open_sandbox

_FIELDS_BYTES = len(json.dumps(FIELDS, separators=(",", ":")))


def resident_bytes() -> int:
    """The memory that this process holds now (Linux)."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE")


async def disk_bytes(folder: Path, writes: int, *, immediate: bool) -> tuple[float, float]:
    """Bytes of the journal for each write, and of memory for each one that waits."""
    sandbox = await open_sandbox(folder, Durability.NORMAL, Limits(collection=200))
    await accept(sandbox, NOW if immediate else LATER, 64)  # which imports and opens what comes once
    gc.collect()
    empty, at_rest = _size(folder), resident_bytes()
    await accept(sandbox, NOW if immediate else LATER, writes)
    gc.collect()
    waiting = resident_bytes() - at_rest
    if not immediate:
        await sandbox.batches.flush()
    await sandbox.stop()
    return (_size(folder) - empty) / writes, waiting / writes


def _size(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def main() -> None:
    """Measure, and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--writes", type=int, default=50_000)
    writes = parser.parse_args().writes
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        flushed, waiting = asyncio.run(disk_bytes(folder / "later", writes, immediate=False))
        single, _ = asyncio.run(disk_bytes(folder / "now", writes, immediate=True))
    print(f"journal, a write beyond its fields: {flushed - _FIELDS_BYTES:,.0f} bytes")
    print(f"journal, a request beyond its write: {single - flushed:,.0f} bytes")
    print(f"memory, a write that waits: {waiting:,.0f} bytes")


if __name__ == "__main__":
    main()
