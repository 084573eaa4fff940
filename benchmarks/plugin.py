"""What the pytest plugin costs: runs that do not use it, a reset, a test, and a thousand tests.

Run `python -m benchmarks.plugin`; it takes about a minute. Runs of pytest are given in processor time,
the rest in wall time. The test has one scheduled write, `advance` and an
assertion. Pairs of runs are interleaved, so that what else the machine does strikes both alike.
"""

from __future__ import annotations

import json
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

MANIFEST = Path(__file__).parent.parent / "sample_configs" / "mailmonkey.yaml"

LEAD = {"lastName": "Ann", "company": "Big Co."}

EMPTY_TEST = "def test_it(): pass\n"
THOUSAND_EMPTY = """
import pytest

@pytest.mark.parametrize("number", range(1000))
def test_it(number): pass
"""
THOUSAND = f"""
import pytest

@pytest.mark.parametrize("number", range(1000))
def test_it(amp_sandbox, number):
    amp_sandbox.send("create-lead", {LEAD!r})
    amp_sandbox.advance(minutes=2)
    amp_sandbox.assert_written("lead", {{"lastName": "Ann"}})
"""


def run_pytest(folder: Path, test: str, *options: str) -> float:
    """Processor seconds that a run of one test file takes as a process: the same on a busy machine."""
    (folder / "amp.yaml").write_text(MANIFEST.read_text())
    (folder / "test_it.py").write_text(test)
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "no:asyncio", *options]
    begin = _children_cpu_s()
    subprocess.run(command, cwd=folder, check=True, stdout=subprocess.DEVNULL)
    return _children_cpu_s() - begin


def _children_cpu_s() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def import_cost_ms(folder: Path, pairs: int) -> tuple[float, float]:
    """Median milliseconds of a run of one empty test: without the plugin, and what the plugin adds to it."""
    without, added = [], []
    for number in range(pairs):
        options = [("-p", "no:ampsandbox"), ()]
        measured = {o: run_pytest(folder, EMPTY_TEST, *o) for o in (options if number % 2 else options[::-1])}
        without.append(measured[options[0]])
        added.append(measured[options[1]] - measured[options[0]])
    return statistics.median(without) * 1000, statistics.median(added) * 1000


def module_import_ms(runs: int) -> float:
    """Median milliseconds that importing the plugin's module takes once pytest is imported."""
    program = (
        "import pytest, time; begin = time.perf_counter(); import ampsandbox.pytest_plugin;"
        "print(time.perf_counter() - begin)"
    )
    taken = [float(subprocess.check_output([sys.executable, "-c", program])) for _ in range(runs)]
    return statistics.median(taken) * 1000


def in_process_ms(rounds: int) -> dict[str, float]:
    """Median milliseconds of a reset, and of what a test does with its sandbox."""
    from ampsandbox.testing import Sandbox

    with Sandbox(MANIFEST) as sandbox:

        def test() -> None:
            sandbox.send("create-lead", LEAD)
            sandbox.advance(minutes=2)
            sandbox.assert_written("lead", {"lastName": "Ann"})

        def measure(work: Callable[[], None]) -> float:
            begin = time.perf_counter()
            work()
            return time.perf_counter() - begin

        measured = [(measure(test), measure(sandbox.reset)) for _ in range(rounds)]
    tests, resets = zip(*measured, strict=True)
    return {"reset_ms": statistics.median(resets) * 1000, "test_ms": statistics.median(tests) * 1000}


def main() -> None:
    """Measure all, and print one JSON object."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        without, added = import_cost_ms(folder, 15)
        thousand = run_pytest(folder, THOUSAND)
        empty = run_pytest(folder, THOUSAND_EMPTY)
    figures = {
        "pytest_without_cpu_ms": without,
        "plugin_adds_cpu_ms": added,
        "module_import_ms": module_import_ms(11),
        **in_process_ms(300),
        "thousand_tests_cpu_s": thousand,
        "thousand_empty_tests_cpu_s": empty,
        "own_cpu_ms_per_test": (thousand - empty),
    }
    print(json.dumps({key: round(value, 2) for key, value in figures.items()}, indent=2))


if __name__ == "__main__":
    main()
