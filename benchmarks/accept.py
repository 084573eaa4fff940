"""How fast writes are accepted over HTTP, as a ratio to a bare ASGI app in the same run.

python -m benchmarks.accept [--rounds 3] [--seconds 6] [--json FILE]
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from pathlib import Path

from benchmarks.http_load import has_wrk, interleaved, peak_mb, root, server, table

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


def main() -> int:
    """Measure, print a table, and write JSON when asked."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=6)
    parser.add_argument("--json", type=Path)
    args = parser.parse_args()
    if not has_wrk():
        print("This benchmark needs wrk.", file=sys.stderr)
        return 2
    with tempfile.TemporaryDirectory() as folder:
        rows = _measure(Path(folder), args.rounds, args.seconds)
    for row in rows:
        print("  ".join(f"{name}={value}" for name, value in row.items()))
    if args.json:
        args.json.write_text(json.dumps(rows, indent=2) + "\n")
    return 0


def _measure(folder: Path, rounds: int, seconds: float) -> list[dict[str, object]]:
    manifest = folder / "amp.yaml"
    manifest.write_text(MANIFEST)
    settings = folder / "sandbox.yaml"
    # A day's requests to an org are used up within seconds here.
    settings.write_text("mocks: {limits: off}\n")

    def sandbox(name: str, *more: str) -> tuple[str, ...]:
        state = ("--state", str(folder / name), "--settings", str(settings))
        return ("-m", "ampsandbox", "serve", str(manifest), "--port", "0", *state, *more)

    with (
        server(str(root() / "benchmarks" / "bare.py")) as bare,
        server(*sandbox("normal")) as normal,
        server(*sandbox("full", "--durability", "full")) as full,
    ):
        targets = {
            "bare": (bare, LATER),
            "scheduled, normal": (normal + "/projects/demo/later", LATER),
            "scheduled, full": (full + "/projects/demo/later", LATER),
            "immediate, into the mock": (normal + "/projects/demo/now", _NOW),
        }
        rows = table(interleaved(targets, rounds, seconds), "bare")
        served = {"bare": bare, "scheduled, normal": normal, "scheduled, full": full}
        for row in rows:
            if (url := served.get(str(row["target"]))) is not None:
                row["peak_mb"] = peak_mb(url)
        return rows


if __name__ == "__main__":
    sys.exit(main())
