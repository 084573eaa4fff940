"""The tests are the same ones in every process: pytest-xdist compares what its workers collect."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


def collected(hash_seed: str) -> list[str]:
    command = [
        sys.executable,
        "-m",
        "pytest",
        "--collect-only",
        "-q",
        "-p",
        "no:cacheprovider",
        "-p",
        "no:xdist",
    ]
    done = subprocess.run(
        command,
        cwd=ROOT,
        env={**os.environ, "PYTHONHASHSEED": hash_seed},
        capture_output=True,
        text=True,
        check=True,
    )
    return [line for line in done.stdout.splitlines() if "::" in line]


@pytest.mark.slow
def test_ids_depend_on_neither_time_nor_process() -> None:
    """Two collections, seconds apart and with other hashes: what is zipped, random or a set shows here."""
    first, second = collected("1"), collected("2")
    assert len(first) > 1000
    assert first == second
