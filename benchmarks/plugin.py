"""What the pytest plugin costs in processor time: runs that do not use it, a first start, a test, a reset.

    python -m benchmarks.plugin [--rounds 7] [--json FILE]

The test has one scheduled write, `advance` and an assertion.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from benchmarks.processor import Rounds, Slice, Spread, Target, alternate, line, timed

MANIFEST = Path(__file__).parent.parent / "sample_configs" / "mailmonkey.yaml"
TARGETS_MS = {"first start": 1_000.0, "write, advance, assertion": 5.0, "reset": 1.0}

LEAD = {"lastName": "Ann", "company": "Big Co."}

EMPTY_TEST = "def test_it(): pass\n"
FIRST_TEST = "def test_it(amp_sandbox): pass\n"
THOUSAND = f"""
import pytest

@pytest.mark.parametrize("number", range(1000))
def test_it(amp_sandbox, number):
    amp_sandbox.send("create-lead", {LEAD!r})
    amp_sandbox.advance(minutes=2)
    amp_sandbox.assert_written("lead", {{"lastName": "Ann"}})
"""
THOUSAND_EMPTY = """
import pytest

@pytest.mark.parametrize("number", range(1000))
def test_it(number): pass
"""


def run_pytest(folder: Path, test: str, operations: int, *options: str) -> Slice:
    """What a run of one test file takes as a process."""
    (folder / "amp.yaml").write_text(MANIFEST.read_text())
    (folder / "test_it.py").write_text(test)
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "no:asyncio", *options]
    before, began = _children_cpu_s(), time.perf_counter()
    subprocess.run(command, cwd=folder, check=True, stdout=subprocess.DEVNULL)
    return Slice(operations, _children_cpu_s() - before, time.perf_counter() - began)


def _children_cpu_s() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def runs(folder: Path, rounds: int) -> Rounds:
    """Whole runs of pytest."""

    def run(test: str, operations: int, *options: str) -> Target:
        return lambda: run_pytest(folder, test, operations, *options)

    return alternate(
        {
            "pytest without the plugin": run(EMPTY_TEST, 1, "-p", "no:ampsandbox"),
            "pytest with it, not used": run(EMPTY_TEST, 1),
            "pytest with one test that uses it": run(FIRST_TEST, 1),
            "a thousand empty tests, each": run(THOUSAND_EMPTY, 1_000),
            "a thousand tests, each": run(THOUSAND, 1_000),
        },
        rounds,
    )


def in_process(rounds: int) -> Rounds:
    """What a test does with its sandbox, and a reset, without pytest around them."""
    from ampsandbox.testing import Sandbox

    with Sandbox(MANIFEST) as sandbox:

        def test() -> None:
            sandbox.send("create-lead", LEAD)
            sandbox.advance(minutes=2)
            sandbox.assert_written("lead", {"lastName": "Ann"})

        return alternate(
            {"write, advance, assertion": lambda: timed(1, test), "reset": lambda: timed(1, sandbox.reset)},
            rounds,
        )


def main() -> int:
    """Measure all; 1 when a target is missed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--json", type=Path)
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        ran = runs(Path(name), args.rounds)
    within = in_process(args.rounds * 40)
    rows = ran.rows("pytest without the plugin") + within.rows()
    for row in rows:
        print(line(row))
    first = Spread.of(
        (used.cpu_us - empty.cpu_us) / 1e3
        for used, empty in zip(
            ran.slices["pytest with one test that uses it"],
            ran.slices["pytest with it, not used"],
            strict=True,
        )
    )
    figures = {
        "first start": first.median,
        **{name: within.cpu_us(name).median / 1e3 for name in within.slices},
    }
    print(", ".join(f"{name} {figures[name]:.1f} ms (target {most:g})" for name, most in TARGETS_MS.items()))
    print(ran.verdict())
    if args.json:
        args.json.write_text(json.dumps({"rows": rows, "ms": figures}, indent=2) + "\n")
    return int(any(figures[name] > most for name, most in TARGETS_MS.items()))


if __name__ == "__main__":
    sys.exit(main())
