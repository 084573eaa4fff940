"""`ampsandbox replay`: live through a recorded session again, and compare what became of every write."""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ampsandbox.errors import UsageError

if TYPE_CHECKING:
    from ampsandbox.service.recording import Replay

_NO_OUTCOME = "no outcome"


def add_parser(commands: Any) -> None:
    """Add the command to the command line."""
    parser = commands.add_parser(
        "replay",
        help="do a recorded session again",
        description="Do a session again that 'serve --record FILE' or 'run --record FILE' recorded: "
        "in memory, on mock CRMs, at full speed; and compare the outcome of every write. "
        "Exit code 0: all the same; 1: some differ; 2: the recording cannot be read.",
    )
    parser.add_argument("recording", type=Path, help="the file that was recorded")
    parser.add_argument(
        "--manifest",
        type=Path,
        metavar="PATH",
        help="use this manifest instead of the recorded ones, to see what it changes",
    )
    parser.add_argument(
        "--format", choices=("text", "json"), default="text", help="how to print the result (default: text)"
    )
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    result = _replay(args.recording, args.manifest)
    print(_as_json(result) if args.format == "json" else _as_text(result))
    return 1 if result.differences else 0


def _replay(recording: Path, manifest: Path | None) -> Replay:
    from ampsandbox.manifest.loader import find_manifest, load_manifest
    from ampsandbox.server.runner import Runner, RunnerOptions
    from ampsandbox.service.recording import read_header, replay

    instead = load_manifest(find_manifest(manifest)) if manifest is not None else None
    try:
        file = recording.open("rb")
    except OSError as error:
        raise UsageError(f"Cannot read {recording}: {error.strerror}.") from error
    with file:
        header, lines = read_header(file)
        options = RunnerOptions(
            host=None,
            project=header.project,
            groups=(),
            seed=header.seed,
            start=header.start,
            speed=0,
            watch=False,
            use_environment=False,
        )
        with Runner(options) as runner:
            return runner.run(replay(lines, runner.service, instead))


def _as_text(result: Replay) -> str:
    lines = [
        f"  {each.operation}: was {each.recorded or _NO_OUTCOME}, is {each.replayed or _NO_OUTCOME}"
        for each in result.differences
    ]
    verdict = f"{len(lines)} differ:" if lines else "all as recorded."
    return "\n".join([f"{result.calls} inputs, {result.operations} writes, {verdict}", *lines])


def _as_json(result: Replay) -> str:
    differences = [
        {"operationId": each.operation, "recorded": each.recorded, "replayed": each.replayed}
        for each in result.differences
    ]
    return json.dumps(
        {"inputs": result.calls, "writes": result.operations, "differences": differences}, indent=2
    )
