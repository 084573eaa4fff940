"""Which rows of Ampersand's API a sandbox keeps: each is stated by the test that shows it.

`python -m tests.ampersand.conformance` writes docs/ampersand.md anew.
"""

from __future__ import annotations

import importlib
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, Literal, NamedTuple, TypeVar

HERE = Path(__file__).parent
PAGE = HERE.parents[1] / "docs" / "ampersand.md"
WRITES = ("tests.server.test_write_api_v1", "tests.server.test_webhooks")
"""The write half is tested beside the other endpoints that take writes."""

BEGIN, END = "<!-- rows: begin -->", "<!-- rows: end -->"

Status = Literal["same", "simplified", "not public", "not served"]
Test = TypeVar("Test", bound=Callable[..., Any])


class Row(NamedTuple):
    """One thing that Ampersand's API does, and how a sandbox does it."""

    area: str
    what: str
    status: Status
    note: str
    test: str
    module: str


ROWS: dict[tuple[str, str], Row] = {}


def row(area: str, what: str, status: Status, note: str = "") -> Callable[[Test], Test]:
    """Let a test stand for a row of the page."""

    def keep(test: Test) -> Test:
        ROWS[(area, what)] = Row(area, what, status, note, test.__name__, test.__module__)
        return test

    return keep


def table() -> str:
    """All rows as Markdown, by area, in the order of the tests."""
    modules = [*WRITES, *(f"tests.ampersand.{path.stem}" for path in sorted(HERE.glob("test_*.py")))]
    for module in modules:
        importlib.import_module(module)
    # Whoever runs the tests may have imported some of the modules before, in an order of its own.
    rows = sorted(ROWS.values(), key=lambda each: modules.index(each.module))
    lines: list[str] = []
    for area in dict.fromkeys(each.area for each in rows):
        lines += [f"\n### {area}\n", "| what | here | note |", "| --- | --- | --- |"]
        lines += [f"| {e.what} | {e.status} | {e.note} |" for e in rows if e.area == area]
    return "\n".join(lines) + "\n"


def page() -> str:
    """The page with the rows as the tests state them."""
    before, _, rest = PAGE.read_text("utf-8").partition(BEGIN)
    return f"{before}{BEGIN}\n{table()}\n{END}{rest.partition(END)[2]}"


if __name__ == "__main__":
    # As `tests.ampersand.conformance`, so that the tests' rows and these are the same.
    from tests.ampersand import conformance

    PAGE.write_text(conformance.page(), "utf-8")
    sys.stdout.write(f"{PAGE}\n")
