"""Time from starting the process to the first 202, cold, as a ratio to bare uvicorn in the same run.

python -m benchmarks.ready [--rounds 9]
"""

from __future__ import annotations

import argparse
import os
import statistics
import sys
import tempfile
import time
from compileall import compile_dir
from pathlib import Path
from urllib.request import Request, urlopen

from benchmarks.accept import LATER, MANIFEST
from benchmarks.http_load import encoded, root, server

TARGET_MS = 400.0
TARGET_RATIO = 2.0


def main() -> int:
    """Print medians; 1 when neither the time nor the ratio is within its target."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=9)
    rounds = parser.parse_args().rounds
    # An installation has its bytecode; a checkout may not.
    for package in ("ampsandbox", "mock_crm"):
        compile_dir(root() / package, quiet=1)
    bare, ours = [], []
    with tempfile.TemporaryDirectory() as folder:
        manifest = Path(folder) / "amp.yaml"
        manifest.write_text(MANIFEST)
        for number in range(rounds + 1):
            state = ("--port", "0", "--state", str(Path(folder) / f"state{number}"))
            one = measure("", str(root() / "benchmarks" / "bare.py"))
            two = measure("/projects/demo/later", "-m", "ampsandbox", "serve", str(manifest), *state)
            if number:  # The first round only warms the file cache.
                bare.append(one)
                ours.append(two)
    ratios = []
    for what, index in (("elapsed", 0), ("processor", 1)):
        middle = [statistics.median(each[index] for each in found) * 1e3 for found in (bare, ours)]
        ratios.append(middle[1] / middle[0])
        print(f"{what}: bare {middle[0]:.0f} ms, ampsandbox serve {middle[1]:.0f} ms, {ratios[-1]:.2f} x")
    print(f"target: {TARGET_MS:.0f} ms, or {TARGET_RATIO:g} x")
    return int(statistics.median(each[0] for each in ours) * 1e3 > TARGET_MS and ratios[0] > TARGET_RATIO)


def measure(path: str, *arguments: str) -> tuple[float, float]:
    """Seconds until a server took its first write, and seconds of processor that it has used at its end."""
    before = os.times()
    began = time.perf_counter()
    with server(*arguments) as url:
        headers = {"content-type": "application/json"}
        with urlopen(Request(url + path, encoded(LATER), headers)) as answer:
            assert answer.status == 202
        elapsed = time.perf_counter() - began
    after = os.times()
    used = after.children_user + after.children_system - before.children_user - before.children_system
    return elapsed, used


if __name__ == "__main__":
    sys.exit(main())
