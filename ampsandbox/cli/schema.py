"""`ampsandbox schema`: the JSON Schema of amp.yaml, or of a traffic file."""

from __future__ import annotations

import argparse
from typing import Any

_EPILOG = """\
In an editor with the YAML language server, save the schema beside the manifest:
  ampsandbox schema > amp.schema.json
and make this the first line of amp.yaml:
  # yaml-language-server: $schema=amp.schema.json
The same with --traffic for the files of `ampsandbox simulate --traffic FILE`.
"""


def add_parser(commands: Any) -> None:
    """Add the command to the command line."""
    parser = commands.add_parser(
        "schema",
        help="print the JSON Schema of amp.yaml, or of traffic files, for editors",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--traffic", action="store_true", help="that of the traffic files of 'simulate'")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    import json

    if args.traffic:
        from ampsandbox.capacity.traffic_model import json_schema
    else:
        from ampsandbox.manifest.schema import json_schema
    print(json.dumps(json_schema(), indent=2))
    return 0
