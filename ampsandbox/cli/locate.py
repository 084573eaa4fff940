"""`ampsandbox locate`: where things are kept."""

from __future__ import annotations

import argparse
from typing import Any


def add_parser(commands: Any) -> None:
    """Add the command to the command line."""
    parser = commands.add_parser(
        "locate", help="print where state, preferences and the development CA are kept"
    )
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Print one line a place: its name and its path."""
    import platformdirs

    state = platformdirs.user_state_path("ampsandbox")
    places = {"state": state, "preferences": platformdirs.user_config_path("ampsandbox"), "ca": state / "ca"}
    for name, path in places.items():
        print(f"{name}\t{path}")
    return 0
