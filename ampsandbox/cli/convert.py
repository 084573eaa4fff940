"""`ampsandbox convert`: a manifest of 2023 in today's format."""

from __future__ import annotations

import argparse
import sys
from typing import Any

from ampsandbox.cli.manifests import add_manifest, read_manifest


def add_parser(commands: Any) -> None:
    """Add the command to the command line."""
    parser = commands.add_parser(
        "convert",
        help="turn an amp.yaml of the 2023 format into specVersion 1.0.0",
        description="Print the manifest in today's format, and on stderr what today's format cannot say.",
        epilog="example: ampsandbox convert old/amp.yaml > amp.yaml\n\n"
        "exit codes: 0 converted; 1 nothing of it can be carried over; 2 the manifest cannot be used",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add_manifest(parser, takes_stdin=True)
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Print the converted manifest to stdout, the losses to stderr."""
    from ampsandbox.manifest.convert import convert
    from ampsandbox.manifest.loader import usable
    from ampsandbox.manifest.model import Dialect
    from ampsandbox.manifest.quoting import visible

    result = read_manifest(args.manifest)
    manifest = usable(result)
    if manifest.dialect is Dialect.V1 and not manifest.endpoints():
        print(result.text, end="")
        print("The manifest is in specVersion 1.0.0 already.", file=sys.stderr)
        return 0
    conversion = convert(manifest)
    print(conversion.text, end="")
    if conversion.losses:
        print("Not carried over:", file=sys.stderr)
    for loss in conversion.losses:
        print(f"  line {loss.line}: {visible(loss.what)}\n    today: {visible(loss.today)}", file=sys.stderr)
    if not conversion.text:
        print(
            f"Nothing of {visible(result.source)} can be carried over: no manifest is written.",
            file=sys.stderr,
        )
        return 1
    return 0
