"""`ampsandbox run`: the sandbox with its screen."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from ampsandbox.cli.options import add_sandbox_options, guard_exposure, make_runner, mask_log_lines
from ampsandbox.errors import UsageError
from mock_crm.core.hosts import is_loopback

if TYPE_CHECKING:
    from ampsandbox.manifest.findings import LoadResult


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
    parser.add_argument(
        "--web",
        nargs="?",
        type=int,
        const=8000,
        metavar="PORT",
        help="show the screen in a browser of this machine instead; each visitor gets a sandbox in memory "
        "(port: 8000)",
    )
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Open the screen, and stay until it is closed."""
    if args.web is not None:
        return _run_in_browser(args.web)
    if not args.api_key and not args.no_tui and not is_loopback(args.host):
        raise UsageError(
            f"--host {args.host} is reached from other machines, and nothing says who may call.",
            "Give --api-key, or AMPSANDBOX_API_KEY in the environment; requests carry it as X-Api-Key.",
        )
    guard_exposure(args)
    mask_log_lines()
    if args.no_tui:
        from ampsandbox.tui.plain_output import run_lines

        with make_runner(args) as runner:
            return run_lines(runner)
    from ampsandbox.tui.run import run_app

    # The screen paints first, and starts the server then: most of the time to start is the server's.
    return run_app(lambda: _manifest(args), lambda: make_runner(args))


def _run_in_browser(port: int) -> int:
    try:
        from ampsandbox.cli.web import serve_in_browser
    except ImportError as error:
        raise UsageError(
            f"--web needs a package that is not installed: {error.name}.", "pip install 'ampsandbox[web]'"
        ) from error
    return serve_in_browser(without_web(sys.argv[2:]), port)


def without_web(arguments: Sequence[str]) -> list[str]:
    """The arguments of `run` for the screen that a visitor gets."""
    rest = list(arguments)
    for index, each in enumerate(rest):
        if each == "--web":
            has_port = rest[index + 1 : index + 2] and rest[index + 1].isdigit()
            return rest[:index] + rest[index + (2 if has_port else 1) :]
        if each.startswith("--web="):
            return rest[:index] + rest[index + 1 :]
    return rest


def _manifest(args: argparse.Namespace) -> LoadResult:
    from ampsandbox.manifest.loader import find_manifest, load_manifest

    return load_manifest(find_manifest(args.manifest))
