#!/usr/bin/env python3
"""Print the lowest versions that pyproject.toml promises to work with, as constraints for pip.

    python -m pip install --constraint <(scripts/lowest_versions.py) ".[capacity]"

CI installs with these and runs the tests, so that a bound which has become too low is noticed.
"""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

PYPROJECT = Path(__file__).resolve().parent.parent / "pyproject.toml"
LOWER_BOUND = re.compile(r"(?P<name>[\w.-]+)(?P<extras>\[[^]]*\])?>=(?P<version>[\w.]+)")


def lowest(requirements: list[str]) -> list[str]:
    """`name==version` for each requirement; one without a lower bound would promise every version."""
    constraints = []
    for requirement in requirements:
        bound = LOWER_BOUND.match(requirement)
        if bound is None:
            raise SystemExit(
                f"{PYPROJECT.name}: {requirement!r} has no lower bound; write it as name>=version."
            )
        constraints.append(f"{bound['name']}=={bound['version']}")
    return constraints


if __name__ == "__main__":
    with PYPROJECT.open("rb") as file:
        project = tomllib.load(file)["project"]
    print("\n".join(lowest(project["dependencies"] + project["optional-dependencies"]["capacity"])))
