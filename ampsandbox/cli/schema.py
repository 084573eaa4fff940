"""`ampsandbox schema`: the JSON Schema of amp.yaml."""

from __future__ import annotations

import argparse
from typing import Any

_EPILOG = """\
In an editor with the YAML language server, save the schema beside the manifest:
  ampsandbox schema > amp.schema.json
and make this the first line of amp.yaml:
  # yaml-language-server: $schema=amp.schema.json
"""


def add_parser(commands: Any) -> None:
    """Add the command to the command line."""
    parser = commands.add_parser(
        "schema",
        help="print the JSON Schema of amp.yaml, for editors",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    import json

    from ampsandbox.manifest.schema import json_schema

    print(json.dumps(json_schema(), indent=2))
    return 0
