"""`ampsandbox mock`: one mock CRM alone, for any client."""

from __future__ import annotations

import argparse
from typing import Any

from ampsandbox.errors import AmpSandboxError
from mock_crm.options import add_arguments, options_from


class MockStartError(AmpSandboxError):
    """The mock CRM cannot be started as asked; the exit code tells a port (3) from a directory (4)."""

    def __init__(self, message: str, hint: str, exit_code: int) -> None:
        super().__init__(message, hint)
        self.exit_code = exit_code


def add_parser(subparsers: Any) -> None:
    """Add the `mock` command to the program's subcommands."""
    parser = subparsers.add_parser(
        "mock",
        help="serve one mock CRM alone",
        description="Serve a mock Salesforce or HubSpot for any client; print one JSON line once ready.",
    )
    add_arguments(parser)
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Serve until stopped by SIGTERM or SIGINT.

    Raises:
        MockStartError: a port is taken, or a directory cannot be used.
    """
    from mock_crm.serve import ServeError, run_until_stopped

    try:
        return run_until_stopped(options_from(args))
    except ServeError as error:
        raise MockStartError(error.message, error.hint, error.exit_code) from error
