"""Runs everything that is measured here, one after the other, prints one table and writes JSON.

    python -m benchmarks [--quick] [--only NAME ...] [--json FILE]

Each benchmark is a process of its own, so that none pays for what another left behind. What this machine
cannot run (without wrk, for one) is named and skipped.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import shutil
import subprocess
import sys
import time
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path

ROOT = Path(__file__).parent.parent
_TIMEOUT_S = 1_800.0


@dataclass(frozen=True, slots=True)
class Benchmark:
    """One module of this folder, with its arguments for a thorough run and for a quick one."""

    name: str
    measures: str
    arguments: tuple[str, ...] = ()
    quick: tuple[str, ...] = ()
    needs: tuple[str, ...] = ()


BENCHMARKS = (
    Benchmark(
        "accept",
        "accepting over HTTP, latency, memory",
        quick=("--rounds", "1", "--seconds", "2", "--writes", "20000"),
        needs=("wrk",),
    ),
    Benchmark(
        "write_api",
        "today's Write API: auto-batches and batches of 100",
        quick=("--rounds", "1", "--seconds", "2"),
        needs=("wrk",),
    ),
    Benchmark("ready", "time to ready, cold", quick=("--rounds", "2")),
    Benchmark("journal", "accepting without HTTP, beside bare SQLite", quick=("--writes", "6400")),
    Benchmark("depth", "accepting and flushing on top of a queue", quick=("--deep", "20000")),
    Benchmark(
        "flush", "flushing into a CRM that costs nothing", quick=("--writes", "10000", "--rounds", "1")
    ),
    Benchmark(
        "crm_clients",
        "the clients, and whole flushes into the mocks",
        ("--writes", "100000"),
        ("--writes", "2000", "--rounds", "1"),
    ),
    Benchmark("manifest_check", "checking a manifest, and its start-up"),
    Benchmark("mocks", "the mocks alone", quick=("--rounds", "1", "--requests", "20")),
    Benchmark("mock_growth", "the mocks with a million records", quick=("--records", "20000")),
    Benchmark("footprint", "journal and memory of writes", quick=("--writes", "2000")),
    Benchmark("installations", "a thousand installations", quick=("--many", "20")),
    Benchmark(
        "capacity",
        "simulating groups against the quotas of their CRMs",
        quick=("--groups", "4", "--days", "3", "--rounds", "1"),
    ),
    Benchmark("plugin", "the pytest plugin", quick=("--rounds", "1")),
    Benchmark(
        "startup",
        "time to the first frame",
        ("--cold", "5"),
        quick=("--rounds", "2"),
    ),
    Benchmark("key_to_glyph", "a key press to its glyph in the write form", quick=("--presses", "20")),
    Benchmark("ui_under_load", "the screen under load", quick=("--seconds", "2", "--rounds", "1")),
    Benchmark("ui_memory", "memory after 100,000 requests in the log", quick=("5000",)),
)


@dataclass(slots=True)
class Result:
    """What came of one benchmark: `lines` are its figures as it prints them.

    `status` is `ok`, `failed`, `skipped`, or `missed` for one whose own target was missed.
    """

    name: str
    measures: str
    status: str
    seconds: float = 0.0
    lines: list[str] = field(default_factory=list)


def main() -> int:
    """Run what was asked for; 1 when something failed or missed its target."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", nargs="+", choices=[each.name for each in BENCHMARKS], metavar="NAME")
    parser.add_argument("--quick", action="store_true", help="small sizes: does it run, not what is it worth")
    parser.add_argument("--json", type=Path, metavar="FILE")
    args = parser.parse_args()
    results = []
    for each in BENCHMARKS:
        if args.only is None or each.name in args.only:
            results.append(run(each, quick=args.quick))
            _show(results[-1])
    if args.json:
        report = {
            "machine": _machine(),
            "is_quick": args.quick,
            "results": [asdict(each) for each in results],
        }
        args.json.write_text(json.dumps(report, indent=2) + "\n")
    return int(any(each.status in ("failed", "missed") for each in results))


def run(benchmark: Benchmark, *, quick: bool) -> Result:
    """One benchmark in a process of its own."""
    result = Result(benchmark.name, benchmark.measures, "skipped")
    missing = [tool for tool in benchmark.needs if shutil.which(tool) is None]
    if missing:
        result.lines.append(f"needs {', '.join(missing)}")
        return result
    arguments = benchmark.quick if quick else benchmark.arguments
    command = [sys.executable, "-m", f"benchmarks.{benchmark.name}", *arguments]
    began = time.perf_counter()
    try:
        process = subprocess.run(
            command, cwd=ROOT, capture_output=True, text=True, timeout=_TIMEOUT_S, check=False
        )
    except subprocess.TimeoutExpired:
        result.status = "failed"
        result.lines.append(f"took more than {_TIMEOUT_S:.0f} s")
        return result
    result.seconds = round(time.perf_counter() - began, 1)
    has_crashed = "Traceback" in process.stderr
    result.status = "ok" if process.returncode == 0 else "failed" if has_crashed else "missed"
    said = process.stderr if has_crashed else process.stdout + process.stderr
    lines = [line.rstrip() for line in said.splitlines() if line.strip()]
    result.lines = lines[-1:] if has_crashed else lines
    return result


def _show(result: Result) -> None:
    print(f"{result.name:16} {result.status:8} {result.seconds:7.1f} s  {result.measures}")
    for line in result.lines:
        print(f"{'':16} {line}")
    sys.stdout.flush()


def _machine() -> dict[str, object]:
    """What the figures were taken on; `load` tells how busy others kept it."""
    return {
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "system": platform.platform(),
        "python": platform.python_version(),
        "processors": os.cpu_count(),
        "load": os.getloadavg() if hasattr(os, "getloadavg") else None,
    }


if __name__ == "__main__":
    sys.exit(main())
