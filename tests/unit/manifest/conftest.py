"""What the tests of the manifest share."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from textwrap import dedent

import pytest

from ampsandbox.manifest.findings import Finding, LoadResult
from ampsandbox.manifest.loader import parse_manifest

Load = Callable[[str], LoadResult]


@pytest.fixture
def samples() -> Path:
    return Path(__file__).parents[3] / "sample_configs"


@pytest.fixture
def load() -> Load:
    """Loads a text written in place, with its own indentation removed."""
    return lambda text: parse_manifest(dedent(text), "amp.yaml")


@pytest.fixture
def only(load: Load) -> Callable[[str, str], Finding]:
    """Loads a text and gives the one finding of a rule."""

    def find(rule: str, text: str) -> Finding:
        findings = [finding for finding in load(text).findings if finding.rule == rule]
        assert len(findings) == 1, load(text).findings
        return findings[0]

    return find
