"""`ampsandbox serve`: the sandbox without a screen, for test suites in any language."""

from __future__ import annotations

import argparse
import json
import os
import signal
import sys
from collections.abc import Callable, Iterator
from queue import SimpleQueue
from typing import TYPE_CHECKING, Any

from ampsandbox.cli.options import add_sandbox_options, guard_exposure, make_runner, mask_log_lines
from ampsandbox.cli.terminal import harmless, harmless_json
from ampsandbox.errors import ManifestError
from mock_crm.core.gc_tuning import put_off_garbage_collection, tune_garbage_collector

if TYPE_CHECKING:
    from ampsandbox.server.runner import Runner


def add_parser(commands: Any) -> None:
    """Add the command to the command line."""
    parser = commands.add_parser(
        "serve",
        help="run the sandbox as a server, without a screen",
        description="Run the sandbox as a server. The first line on stdout is "
        '{"event":"ready","url":…,"pid":…}; stop it with SIGTERM or ctrl+c, and it exits with 0 '
        "once the requests on their way are answered; a second time ends it at once.",
    )
    add_sandbox_options(parser)
    parser.add_argument(
        "--log", choices=("json", "none"), default="none", help="json: one line an event on stdout"
    )
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Serve until a signal says stop."""
    put_off_garbage_collection()

    # The lines are written by this thread, so that a slow reader of our output never holds up the server.
    lines: SimpleQueue[str | None] = SimpleQueue()
    _stop_on_signals(lambda: lines.put(None))
    guard_exposure(args)
    mask_log_lines()
    with make_runner(args) as runner:
        runner.server.connections.on_dry_run = _show_dry_run
        _report(runner)
        if runner.engine.manifest is None:
            raise ManifestError("The manifest cannot be used; see above.", "Mend it, and start again.")
        tune_garbage_collector()
        lines.put(json.dumps(_ready(runner), separators=(",", ":")))
        if args.log == "json":
            runner.run(_collect_events(runner, lines))
        while (line := lines.get()) is not None:
            print(line, flush=True)
    return 0


def _ready(runner: Runner) -> dict[str, Any]:
    """The first line: where the sandbox is reached."""
    ready: dict[str, Any] = {"event": "ready", "url": runner.url, "pid": os.getpid()}
    if (secure := runner.server.secure) is not None:
        ready |= {"https_url": secure.https_url, "ca": str(secure.ca)}
        ready |= {"proxy_url": secure.proxy_url} if secure.proxy_url else {}
    return ready


def _stop_on_signals(stop: Callable[[], None]) -> None:
    """Stop at the first signal, and end at once at the second: the journal is made for sudden ends."""
    heard: list[int] = []

    def hear(number: int, _frame: object) -> None:
        if heard:
            os._exit(128 + number)
        heard.append(number)
        stop()

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, hear)


def _report(runner: Runner) -> None:
    """Tell people, on stderr, what the machine-readable lines do not."""
    for finding in runner.engine.findings:
        place = f"{runner.options.manifest}:{finding.position.line}:{finding.position.column}"
        print(f"{place}: {finding.severity.value} [{finding.rule}] {finding.message}", file=sys.stderr)
    for problem in runner.server.problems:
        hint = f" {problem.hint}" if problem.hint else ""
        print(harmless(f"ampsandbox: {problem.message}{hint}"), file=sys.stderr)
    for line in _destinations(runner):
        print(harmless(f"ampsandbox: {line}"), file=sys.stderr)


def _destinations(runner: Runner) -> Iterator[str]:
    """Where each installation writes to, as soon as some of them may write to real orgs."""
    from ampsandbox.crm.org_summary import describe_org

    for each in runner.engine.installations.all():
        if each.connection == "live":
            org = runner.server.connections.identity(each.id)
            words = describe_org(org) if org else "an org that did not tell whose it is"
            effect = "DRY RUN of writes to" if runner.options.dry_run else "LIVE: writes go to"
            yield f"{each.integration} for {each.group}: {effect} {words}"
        elif runner.options.settings is not None:
            yield f"{each.integration} for {each.group}: writes go to a mock"


def _show_dry_run(requests: str) -> None:
    """Show what would go to a real org; stdout is for machines."""
    print(f"ampsandbox: not sent, because of --dry-run:\n{requests}\n", file=sys.stderr, flush=True)


async def _collect_events(runner: Runner, lines: SimpleQueue[str | None]) -> None:
    from ampsandbox.events import encode_event

    log = runner.engine.events
    for event in log.since(0):
        lines.put(harmless_json(encode_event(event).decode()))
    log.subscribe(lambda event: lines.put(harmless_json(encode_event(event).decode())))
