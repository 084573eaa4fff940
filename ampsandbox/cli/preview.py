"""`ampsandbox preview`: what the customer sees at installation."""

from __future__ import annotations

import argparse
import sys
from typing import Any

from ampsandbox.cli.manifests import add_manifest, read_manifest

_FORMATS = ("text", "html", "json")


def add_parser(commands: Any) -> None:
    """Add the command to the command line."""
    parser = commands.add_parser(
        "preview",
        help="show what your customer sees at installation",
        description="Show the installer's prompts: the card of 2023, or for 1.0.0 today's tabs.",
        epilog="example: ampsandbox preview --format html amp.yaml > preview.html",
    )
    add_manifest(parser, takes_stdin=True)
    parser.add_argument("--format", choices=_FORMATS, default="text", help="how to show it (default: text)")
    parser.add_argument("--group", default="demo", help="the customer who installs (default: demo)")
    parser.add_argument(
        "--app-name", metavar="NAME", help="your app's name (default: the manifest's appName)"
    )
    parser.add_argument("--integration", metavar="NAME", help="show this integration only (default: all)")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Print the screens of the manifest's integrations."""
    from importlib import import_module

    from ampsandbox.errors import NotFoundError
    from ampsandbox.manifest.loader import usable
    from ampsandbox.manifest.preview import previews

    manifest = usable(read_manifest(args.manifest))
    chosen = [item for item in manifest.integrations if args.integration in (None, item.name)]
    if not chosen:
        names = ", ".join(item.name for item in manifest.integrations)
        raise NotFoundError(f"No integration {args.integration!r}.", f"There is: {names}.")
    documents = [
        document
        for item in chosen
        for document in previews(item, manifest, app_name=args.app_name, group=args.group)
    ]
    renderer = import_module(f"ampsandbox.manifest.preview.{args.format}")
    print(renderer.render(documents), file=sys.stdout)
    return 0
