"""What the engine takes to accept a scheduled write, beside bare SQLite in the same rounds.

python -m benchmarks.journal [--writes 64000] [--rounds 3] [--waiting 0] [--json FILE]

`--waiting 1000000` measures on top of that many queued writes: it should make no difference.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import sqlite3
import tempfile
from pathlib import Path

import uvloop

from ampsandbox.engine.crm import Limits
from ampsandbox.settings.engine import Durability
from benchmarks.engine_rig import FIELDS, LATER, accept, open_sandbox
from benchmarks.processor import Rounds, alternate, line, on_loop, timed

_GROUP = 64


def bare(folder: Path, durability: Durability, count: int) -> None:
    """Rows into bare SQLite, 64 a transaction, with one index."""
    connection = sqlite3.connect(folder / "bare.sqlite", isolation_level=None)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute(f"PRAGMA synchronous = {durability.name}")
    connection.execute("CREATE TABLE IF NOT EXISTS t(n INTEGER PRIMARY KEY, batch INTEGER, body BLOB)")
    connection.execute("CREATE INDEX IF NOT EXISTS i ON t(batch)")
    body = json.dumps(FIELDS).encode()
    for _ in range(count // _GROUP):
        connection.execute("BEGIN IMMEDIATE")
        connection.executemany("INSERT INTO t(batch, body) VALUES (?, ?)", [(1, body)] * _GROUP)
        connection.execute("COMMIT")
    connection.close()


def measure(durability: Durability, writes: int, rounds: int, waiting: int) -> Rounds:
    """Alternate both; the engine through its facade, with 64 callers."""
    with (
        tempfile.TemporaryDirectory(dir=Path.cwd()) as name,
        asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner,
    ):
        folder = Path(name)
        sandbox = runner.run(open_sandbox(folder / "state", durability, Limits(collection=200)))
        if waiting:
            runner.run(accept(sandbox, LATER, waiting))
        measured = alternate(
            {
                "sqlite": lambda: timed(writes, lambda: bare(folder, durability, writes)),
                f"engine, {durability.value}": lambda: on_loop(
                    runner, writes, lambda: accept(sandbox, LATER, writes)
                ),
            },
            rounds,
        )
        runner.run(sandbox.stop())
    return measured


def main() -> None:
    """Measure both durabilities, print, and write JSON when asked."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--writes", type=int, default=64_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--waiting", type=int, default=0)
    parser.add_argument("--json", type=Path)
    args = parser.parse_args()
    rows: list[dict[str, object]] = []
    for durability in Durability:
        measured = measure(durability, args.writes, args.rounds, args.waiting)
        for row in measured.rows("sqlite"):
            print(line(row), flush=True)
            rows.append(row)
        print(measured.verdict())
    if args.json:
        args.json.write_text(json.dumps(rows, indent=2) + "\n")


if __name__ == "__main__":
    main()
