"""What the command line needs beyond `argparse` as it comes."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from typing import Any


class CommandParser(argparse.ArgumentParser):
    """The parser of one command.

    Attributes:
        mixes: Whether options may stand between the positional arguments of a list, which `argparse` takes
            for its end otherwise.
    """

    mixes = False

    def parse_known_args(self, args: Sequence[str] | None = None, namespace: Any = None) -> tuple[Any, Any]:  # type: ignore[override]
        """Parse, with options anywhere where the command says so."""
        if not self.mixes:
            return super().parse_known_args(args, namespace)
        self.mixes = False  # the method below comes back here for options and positional arguments
        try:
            return self.parse_known_intermixed_args(args, namespace)
        finally:
            self.mixes = True
