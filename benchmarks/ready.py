"""From starting the process to the first 202, cold, beside bare uvicorn in the same rounds.

python -m benchmarks.ready [--rounds 9]
"""

from __future__ import annotations

import argparse
import itertools
import sys
import tempfile
import time
from compileall import compile_dir
from pathlib import Path
from urllib.request import Request, urlopen

from benchmarks.accept import LATER, MANIFEST
from benchmarks.http_load import Requests, root, server
from benchmarks.processor import Slice, alternate, cpu_s_of, line

TARGET_RATIO = 2.0


def main() -> int:
    """Print the figures; 1 when the target is missed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=9)
    rounds = parser.parse_args().rounds
    # An installation has its bytecode; a checkout may not.
    for package in ("ampsandbox", "mock_crm"):
        compile_dir(root() / package, quiet=1)
    with tempfile.TemporaryDirectory() as folder:
        manifest = Path(folder) / "amp.yaml"
        manifest.write_text(MANIFEST)
        numbers = itertools.count()

        def bare() -> Slice:
            return start("", str(root() / "benchmarks" / "bare.py"))

        def serve() -> Slice:
            state = str(Path(folder) / f"state{next(numbers)}")
            command = ("-m", "ampsandbox", "serve", str(manifest), "--port", "0", "--state", state)
            return start("/projects/demo/later", *command)

        bare(), serve()  # which only warms the file cache
        measured = alternate({"bare": bare, "ampsandbox serve": serve}, rounds)
    for row in measured.rows("bare"):
        print(line(row))
    print(f"target: {TARGET_RATIO:g} x bare. {measured.verdict()}")
    return int(measured.cost("ampsandbox serve", "bare").median > TARGET_RATIO)


def start(path: str, *arguments: str) -> Slice:
    """Start a server and have it take its first write; what ending it takes is not counted."""
    began = time.perf_counter()
    with server(*arguments) as running:
        body = Requests.of(path, LATER).once()
        with urlopen(Request(running.url + path, body, {"content-type": "application/json"})) as answer:
            assert answer.status == 202
        return Slice(1, cpu_s_of(running.pid), time.perf_counter() - began)


if __name__ == "__main__":
    sys.exit(main())
