"""What a write costs over HTTP, beside a bare ASGI app in the same rounds; the memory that many of them need.

python -m benchmarks.accept [--rounds 3] [--seconds 6] [--json FILE]
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from pathlib import Path

from benchmarks.http_load import Requests, has_wrk, load, root, server
from benchmarks.processor import Target, alternate, line

MANIFEST = """\
specVersion: 0.1.0
integrations:
  - name: load
    displayName: Load
    api: salesforce
    actions:
      - type: write
        standardObjects:
          - {objectName: account, mode: insert, endpoint: later, schedule: every 1 days}
          - {objectName: contact, mode: insert, endpoint: now}
"""

LATER = {
    "groupId": "demo",
    "fields": {"name": "Company %d", "website": "https://example.com", "industry": "Energy"},
}
_NOW = {"groupId": "demo", "fields": {"lastName": "Person %d", "email": "person@example.com"}}
TARGETS = {"scheduled, normal": 1 / 0.5, "scheduled, full": 1 / 0.45, "immediate, into the mock": 8.0}
"""How many times the processor time of the bare app a write may take."""
MEMORY_WRITES = 300_000
MEMORY_TARGET_MB = 60.0


def main() -> int:
    """Measure, print a table, and write JSON when asked; 1 when a target is missed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=int, default=4)
    parser.add_argument("--writes", type=int, default=MEMORY_WRITES, help="after which memory is told")
    parser.add_argument("--json", type=Path)
    args = parser.parse_args()
    if not has_wrk():
        print("This benchmark needs wrk.", file=sys.stderr)
        return 2
    with tempfile.TemporaryDirectory() as folder:
        rows, is_met = _measure(Path(folder), args.rounds, args.seconds, args.writes)
    if args.json:
        args.json.write_text(json.dumps(rows, indent=2) + "\n")
    return 0 if is_met else 1


def _measure(folder: Path, rounds: int, seconds: int, writes: int) -> tuple[list[dict[str, object]], bool]:
    manifest = folder / "amp.yaml"
    manifest.write_text(MANIFEST)
    settings = folder / "sandbox.yaml"
    # A day's requests to an org are used up within seconds here.
    settings.write_text("mocks: {limits: off}\n")

    def sandbox(name: str, *more: str) -> tuple[str, ...]:
        state = ("--state", str(folder / name), "--settings", str(settings))
        return ("-m", "ampsandbox", "serve", str(manifest), "--port", "0", *state, *more)

    later = Requests.of("/projects/demo/later", LATER)
    now = Requests.of("/projects/demo/now", _NOW)
    with (
        server(str(root() / "benchmarks" / "bare.py")) as bare,
        server(*sandbox("normal")) as normal,
        server(*sandbox("full", "--durability", "full")) as full,
        server(*sandbox("immediate")) as immediate,
    ):
        targets: dict[str, Target] = {
            "bare": lambda: load(bare, later, seconds),
            "scheduled, normal": lambda: load(normal, later, seconds),
            "scheduled, full": lambda: load(full, later, seconds),
            "immediate, into the mock": lambda: load(immediate, now, seconds),
        }
        measured = alternate(targets, rounds)
        rows = measured.rows("bare")
        for row in rows:
            print(line(row))
        costs = {name: measured.cost(name, "bare").median for name in TARGETS}
        is_met = all(costs[name] <= most for name, most in TARGETS.items())
        print("targets: " + ", ".join(f"{name} {most:.2f} x bare" for name, most in TARGETS.items()))
        print(measured.verdict())
    with server(*sandbox("memory")) as filled:
        start_mb = filled.resident_mb()
        handled = 0
        while handled < writes:
            handled += load(filled, later, 2).operations
        memory: dict[str, object] = {
            "target": "memory",
            "writes": handled,
            "start_mb": start_mb,
            "resident_mb": filled.resident_mb(),
            "peak_mb": filled.peak_mb(),
        }
        print(f"{line(memory)}  target: {MEMORY_TARGET_MB:g} MB")
        is_met = is_met and (filled.peak_mb() or 0.0) <= MEMORY_TARGET_MB
    return [*rows, memory], is_met


if __name__ == "__main__":
    sys.exit(main())
