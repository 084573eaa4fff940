"""`ampsandbox run`: the sandbox with its screen."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, Any

from ampsandbox.cli.options import add_sandbox_options, guard_exposure, runner_options
from ampsandbox.errors import UsageError
from mock_crm.core.hosts import is_loopback

if TYPE_CHECKING:
    from ampsandbox.manifest.findings import LoadResult
    from ampsandbox.server.runner import Runner


def add_parser(commands: Any) -> None:
    """Add the command to the command line."""
    parser = commands.add_parser(
        "run",
        help="open the sandbox: its screen and its server",
        description="Open the sandbox: the installer's prompts, a form for test writes, waiting batches, "
        "the request log and the CRM's records, with the server running behind them.",
    )
    add_sandbox_options(parser)
    parser.add_argument(
        "--no-tui", action="store_true", help="print what happens as lines instead, as for a screen reader"
    )
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Open the screen, and stay until it is closed."""
    if not args.api_key and not args.no_tui and not is_loopback(args.host):
        raise UsageError(
            f"--host {args.host} is reached from other machines, and nothing says who may call.",
            "Give --api-key, or AMPSANDBOX_API_KEY in the environment; requests carry it as X-Api-Key.",
        )
    guard_exposure(args)
    if args.no_tui:
        from ampsandbox.tui.plain_output import run_lines

        with _runner(args) as runner:
            return run_lines(runner)
    from ampsandbox.tui.run import run_app

    # The screen paints first, and starts the server then: most of the time to start is the server's.
    return run_app(lambda: _manifest(args), lambda: _runner(args))


def _manifest(args: argparse.Namespace) -> LoadResult:
    from ampsandbox.manifest.loader import find_manifest, load_manifest

    return load_manifest(find_manifest(args.manifest))


def _runner(args: argparse.Namespace) -> Runner:
    from ampsandbox.server.runner import Runner

    return Runner(runner_options(args))
