"""`ampsandbox completion`: what a shell needs to complete commands and options."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from pathlib import Path
from typing import Any

_SHELLS = ("bash", "zsh")
_EPILOG = """\
examples:
  eval "$(ampsandbox completion bash)"                          now, or in ~/.bashrc
  ampsandbox completion zsh > "${fpath[1]}/_ampsandbox"         zsh, for all sessions from the next on
"""


def add_parser(commands: Any) -> None:
    """Add the command to the command line."""
    parser = commands.add_parser(
        "completion",
        help="print a script that completes commands in your shell",
        description="Print a script that lets your shell complete commands, options, choices and files.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("shell", choices=_SHELLS, help="your shell")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    import shtab

    from ampsandbox.cli.main import build_parser

    parser = build_parser()
    for each in _parsers(parser):
        for action in each._actions:
            if action.type is Path or action.metavar in ("FILE", "manifest"):
                action.complete = shtab.FILE  # type: ignore[attr-defined]
            elif action.metavar == "DIR":
                action.complete = shtab.DIRECTORY  # type: ignore[attr-defined]
    print(shtab.complete(parser, shell=args.shell))
    return 0


def _parsers(parser: argparse.ArgumentParser) -> Iterator[argparse.ArgumentParser]:
    yield parser
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            for each in action.choices.values():
                yield from _parsers(each)
