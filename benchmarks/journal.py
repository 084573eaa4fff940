"""How fast the engine accepts scheduled writes, as a ratio to bare SQLite in the same run.

python -m benchmarks.journal [--writes 64000] [--rounds 3] [--waiting 0] [--json FILE]

`--waiting 1000000` measures on top of that many queued writes: it should make no difference.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import sqlite3
import statistics
import tempfile
import time
from pathlib import Path

import uvloop

from ampsandbox.engine.crm import Limits
from ampsandbox.engine.engine import Engine
from ampsandbox.settings.engine import Durability
from benchmarks.engine_rig import FIELDS, LATER, accept, open_sandbox, peak_mb

_GROUP = 64


def bare(folder: Path, durability: Durability, count: int) -> float:
    """Rows a second of bare SQLite, 64 rows a transaction, with one index."""
    connection = sqlite3.connect(folder / "bare.sqlite", isolation_level=None)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute(f"PRAGMA synchronous = {durability.name}")
    connection.execute("CREATE TABLE IF NOT EXISTS t(n INTEGER PRIMARY KEY, batch INTEGER, body BLOB)")
    connection.execute("CREATE INDEX IF NOT EXISTS i ON t(batch)")
    body = json.dumps(FIELDS).encode()
    began = time.perf_counter()
    for _ in range(count // _GROUP):
        connection.execute("BEGIN IMMEDIATE")
        connection.executemany("INSERT INTO t(batch, body) VALUES (?, ?)", [(1, body)] * _GROUP)
        connection.execute("COMMIT")
    took = time.perf_counter() - began
    connection.close()
    return count / took


async def engine(sandbox: Engine, count: int) -> float:
    """Writes a second through the engine's facade, 64 callers."""
    began = time.perf_counter()
    await accept(sandbox, LATER, count)
    return count / (time.perf_counter() - began)


async def measure(durability: Durability, writes: int, rounds: int, waiting: int) -> dict[str, object]:
    """Interleave both, and take medians."""
    with tempfile.TemporaryDirectory(dir=Path.cwd()) as name:
        folder = Path(name)
        sandbox = await open_sandbox(folder / "state", durability, Limits(collection=200))
        if waiting:
            await accept(sandbox, LATER, waiting)
        pairs = [(bare(folder, durability, writes), await engine(sandbox, writes)) for _ in range(rounds)]
        await sandbox.stop()
    return {
        "durability": durability.value,
        "waiting": waiting,
        "sqlite_rows_s": round(statistics.median(first for first, _ in pairs)),
        "writes_s": round(statistics.median(second for _, second in pairs)),
        "ratio": round(statistics.median(second / first for first, second in pairs), 3),
        "peak_mb": round(peak_mb(), 1),
    }


def main() -> None:
    """Measure both durabilities, print, and write JSON when asked."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--writes", type=int, default=64_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--waiting", type=int, default=0)
    parser.add_argument("--json", type=Path)
    args = parser.parse_args()
    rows = []
    for durability in Durability:
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            rows.append(runner.run(measure(durability, args.writes, args.rounds, args.waiting)))
        print("  ".join(f"{name}={value}" for name, value in rows[-1].items()), flush=True)
    if args.json:
        args.json.write_text(json.dumps(rows, indent=2) + "\n")


if __name__ == "__main__":
    main()
