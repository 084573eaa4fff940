"""`ampsandbox serve`: the sandbox without a screen, for test suites in any language."""

from __future__ import annotations

import argparse
import json
import os
import signal
import sys
from queue import SimpleQueue
from typing import TYPE_CHECKING, Any

from ampsandbox.cli.options import add_sandbox_options, runner_options
from ampsandbox.errors import ManifestError
from ampsandbox.server.process import calm_garbage_collector

if TYPE_CHECKING:
    from ampsandbox.server.runner import Runner


def add_parser(commands: Any) -> None:
    """Add the command to the command line."""
    parser = commands.add_parser(
        "serve",
        help="run the sandbox as a server, without a screen",
        description="Run the sandbox as a server. The first line on stdout is "
        '{"event":"ready","url":…,"pid":…}; stop it with SIGTERM or ctrl+c, and it exits with 0.',
    )
    add_sandbox_options(parser)
    parser.add_argument(
        "--log", choices=("json", "none"), default="none", help="json: one line an event on stdout"
    )
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Serve until a signal says stop."""
    from ampsandbox.server.runner import Runner

    # The lines are written by this thread, so that a slow reader of our output never holds up the server.
    lines: SimpleQueue[str | None] = SimpleQueue()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: lines.put(None))
    with Runner(runner_options(args)) as runner:
        _report(runner)
        if runner.sandbox.manifest is None:
            raise ManifestError("The manifest cannot be used; see above.", "Mend it, and start again.")
        calm_garbage_collector()
        lines.put(
            json.dumps({"event": "ready", "url": runner.url, "pid": os.getpid()}, separators=(",", ":"))
        )
        if args.log == "json":
            runner.run(_collect_events(runner, lines))
        while (line := lines.get()) is not None:
            print(line, flush=True)
    return 0


def _report(runner: Runner) -> None:
    """Tell people, on stderr, what the machine-readable lines do not."""
    for finding in runner.sandbox.findings:
        place = f"{runner.options.manifest}:{finding.position.line}:{finding.position.column}"
        print(f"{place}: {finding.severity.value} [{finding.rule}] {finding.message}", file=sys.stderr)
    for problem in runner.service.problems:
        print(f"ampsandbox: {problem.message}", file=sys.stderr)


async def _collect_events(runner: Runner, lines: SimpleQueue[str | None]) -> None:
    from ampsandbox.events import encode_event

    log = runner.sandbox.events
    for event in log.since(0):
        lines.put(encode_event(event).decode())
    log.subscribe(lambda event: lines.put(encode_event(event).decode()))
