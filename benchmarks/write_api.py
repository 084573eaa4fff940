"""Today's Write API: an auto-batched write beside a scheduled endpoint's, and a synchronous batch of 100.

All in one run, beside the bare app. Every hundredth auto-batched write fills a batch, so the flush is part of
its cost; a synchronous batch goes through the engine and the HubSpot client into the mock and back.

python -m benchmarks.write_api [--rounds 3] [--seconds 4] [--json FILE]
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from pathlib import Path

from benchmarks.accept import LATER, MANIFEST
from benchmarks.http_load import Requests, has_wrk, load, root, server
from benchmarks.processor import Target, alternate, line

TODAY = """\
specVersion: 1.0.0
integrations:
  - name: load
    displayName: Load
    provider: hubspot
    write:
      objects:
        - objectName: companies
"""
BATCH = 100
_PATH = "/v1/projects/demo/integrations/load/objects/companies"
_RECORD = {"name": "Company %d", "domain": "example.com", "city": "Turin"}
_AUTO_BATCH = {
    "groupRef": "demo",
    "type": "create",
    "mode": "asynchronous",
    "autoBatchPolicy": {"maxDelayMinutes": 1440},
    "record": _RECORD,
}
# The same records again and again: HubSpot takes companies of one name.
_SYNC_BATCH = {
    "groupRef": "demo",
    "type": "create",
    "batch": [{"record": {**_RECORD, "name": f"Company {number}"}} for number in range(BATCH)],
}


def main() -> int:
    """Measure, print a table, and write JSON when asked."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=int, default=4)
    parser.add_argument("--json", type=Path)
    args = parser.parse_args()
    if not has_wrk():
        print("This benchmark needs wrk.", file=sys.stderr)
        return 2
    with tempfile.TemporaryDirectory() as folder:
        rows = _measure(Path(folder), args.rounds, args.seconds)
    if args.json:
        args.json.write_text(json.dumps(rows, indent=2) + "\n")
    return 0


def _measure(folder: Path, rounds: int, seconds: int) -> list[dict[str, object]]:
    settings = folder / "sandbox.yaml"
    settings.write_text("mocks: {limits: off}\n")

    def sandbox(name: str, manifest: str) -> tuple[str, ...]:
        path = folder / f"{name}.yaml"
        path.write_text(manifest)
        state = ("--state", str(folder / name), "--settings", str(settings))
        return ("-m", "ampsandbox", "serve", str(path), "--port", "0", *state)

    with (
        server(str(root() / "benchmarks" / "bare.py")) as bare,
        server(*sandbox("endpoint", MANIFEST)) as endpoint,
        server(*sandbox("auto-batch", TODAY)) as auto_batch,
        server(*sandbox("batch", TODAY)) as batch,
    ):
        later = Requests.of("/projects/demo/later", LATER)
        targets: dict[str, Target] = {
            "bare": lambda: load(bare, later, seconds),
            "scheduled endpoint": lambda: load(endpoint, later, seconds),
            "auto-batched": lambda: load(auto_batch, Requests.of(_PATH, _AUTO_BATCH), seconds),
            f"synchronous batch of {BATCH}": lambda: load(batch, Requests.of(_PATH, _SYNC_BATCH), seconds, 4),
        }
        measured = alternate(targets, rounds)
    rows = measured.rows("bare")
    for row in rows:
        print(line(row))
    print(measured.verdict())
    return rows


if __name__ == "__main__":
    sys.exit(main())
