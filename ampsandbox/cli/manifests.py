"""The manifest that a command line names."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import argparse

    from ampsandbox.manifest.findings import LoadResult


def add_manifest(parser: argparse.ArgumentParser, *, takes_stdin: bool = False) -> None:
    """Add the manifest, which may be left out, to a command's arguments."""
    what = "an amp.yaml, or a folder that holds one"
    if takes_stdin:
        what = "an amp.yaml, a folder that holds one, or '-' for stdin"
    parser.add_argument("manifest", nargs="?", type=Path, help=f"{what} (default: this folder)")


def read_manifest(path: Path | None) -> LoadResult:
    """The manifest in a file, in a folder, or on standard input for `-`.

    Raises:
        ManifestError: There is no such file, or it cannot be opened.
    """
    from ampsandbox.manifest.loader import STDIN, find_manifest, load_manifest, parse_manifest

    if path == Path("-"):
        return parse_manifest(sys.stdin.buffer.read(), STDIN)
    return load_manifest(find_manifest(path))
