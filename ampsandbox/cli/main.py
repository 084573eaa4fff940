"""The `ampsandbox` command: finds the subcommand, runs it, and says once what went wrong."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from contextlib import suppress
from importlib import import_module
from io import TextIOWrapper

from ampsandbox import __version__
from ampsandbox.cli.parsing import CommandParser
from ampsandbox.cli.terminal import harmless
from ampsandbox.errors import AmpSandboxError, UsageError

COMMANDS = (
    "run",
    "serve",
    "check",
    "preview",
    "convert",
    "schema",
    "init",
    "send",
    "ctl",
    "plan",
    "replay",
    "simulate",
    "mock",
    "locate",
    "completion",
)

_INTERRUPTED = 130


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line and return its exit code.

    0 is success, 1 what the command found wrong, 2 a wrong call or unreadable input, 3 a taken port,
    4 an unusable state directory, 130 an interrupt.
    """
    for stream in (sys.stdout, sys.stderr):
        # Not every terminal has every character of a manifest or a record.
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    arguments = list(sys.argv[1:] if argv is None else argv)
    args = build_parser(arguments[:1]).parse_args(arguments)
    try:
        code = int(args.run(args))
        sys.stdout.flush()
        return code
    except AmpSandboxError as error:
        print(harmless(f"ampsandbox: {error.message}"), file=sys.stderr)
        if error.hint:
            print(harmless(f"  {error.hint}"), file=sys.stderr)
        return error.exit_code
    except KeyboardInterrupt:
        return _INTERRUPTED
    except BrokenPipeError:
        _give_up_output()  # its reader has gone, as that of `| head` does
        return 0
    except OSError as error:
        if error.filename is not None:
            raise
        _give_up_output()
        with suppress(OSError):
            print(f"ampsandbox: The output cannot be written: {error.strerror}.", file=sys.stderr)
        return UsageError.exit_code


def _give_up_output() -> None:
    """Let the interpreter not complain on its way out about what nobody takes."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def build_parser(only: Sequence[str] = ()) -> argparse.ArgumentParser:
    """The parser of all commands, or of the one in `only`, whose module alone is then imported."""
    parser = CommandParser(
        prog="ampsandbox",
        description="Try out an Ampersand integration on this machine: "
        "its prompts, its write endpoints, its batches and the CRM records they make.",
        epilog="Every command explains itself: ampsandbox COMMAND --help",
    )
    parser.add_argument("--version", action="version", version=f"ampsandbox {__version__}")
    commands = parser.add_subparsers(metavar="COMMAND", required=True, parser_class=CommandParser)
    # `--help` imports the modules of all commands, in a tenth of a second: what only running one of them
    # needs, such as the reader of manifests or a server, is imported in its functions.
    for name in [name for name in COMMANDS if name in only] or COMMANDS:
        import_module(f"ampsandbox.cli.{name}").add_parser(commands)
    return parser


if __name__ == "__main__":
    sys.exit(main())
