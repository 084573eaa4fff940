"""The tests are the same ones in every process: pytest-xdist compares what its workers collect."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.mark.slow
def test_ids_depend_on_neither_time_nor_process(request: pytest.FixtureRequest) -> None:
    """Another process collects what this one did: what is zipped, random or a set shows here."""
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
        env={**os.environ, "PYTHONHASHSEED": "1"},
        capture_output=True,
        text=True,
        check=True,
    )
    theirs = [line for line in done.stdout.splitlines() if "::" in line]
    ours = {item.nodeid for item in request.session.items}
    assert len(theirs) > 1000
    assert ours - set(theirs) == set()
