"""`python -m mock_crm salesforce|hubspot`: one mock CRM, without the sandbox around it."""

from __future__ import annotations

import argparse
import sys

from mock_crm.options import add_arguments, options_from
from mock_crm.serve import ServeError, run_until_stopped


def main() -> int:
    """Read the command line, serve, and return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m mock_crm", description=__doc__)
    add_arguments(parser)
    options = options_from(parser.parse_args())
    try:
        return run_until_stopped(options)
    except ServeError as error:
        print(f"{error.message}\n{error.hint}", file=sys.stderr)
        return error.exit_code


if __name__ == "__main__":
    sys.exit(main())
