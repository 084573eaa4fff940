"""Pointers to docs/evidence lead to a section that exists."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]
FOLDERS = ("ampsandbox", "mock_crm", "tests", "docs", "scripts", "benchmarks")
SUFFIXES = {".py", ".md", ".json", ".yaml", ".mjs"}
POINTER = re.compile(r"evidence/(\w+\.md)(#[\w-]+)?")
# What the pages were distilled from is not in the repository: a section number of it tells a reader nothing.
BLIND = re.compile(r"\b(?:salesforce|hubspot|ampersand(?:_api)?)\.md,? sections?\b|\bsections? \d|§")


def texts() -> Iterator[tuple[str, str]]:
    files = [path for folder in FOLDERS for path in (ROOT / folder).rglob("*") if path.suffix in SUFFIXES]
    for path in sorted([*files, *ROOT.glob("*.md")]):
        if path != Path(__file__):
            yield str(path.relative_to(ROOT)), path.read_text(encoding="utf-8")


def anchors(page: Path) -> set[str]:
    """The anchors of a page's headings, as GitHub and MkDocs make them."""
    headings = re.findall(r"^#+ (.+)$", page.read_text(encoding="utf-8"), re.MULTILINE)
    return {"#" + re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def test_every_pointer_leads_to_a_section() -> None:
    pages = {page.name: anchors(page) for page in (ROOT / "docs" / "evidence").glob("*.md")}
    pointers = [(file, *match.groups()) for file, text in texts() for match in POINTER.finditer(text)]
    assert len(pointers) > 40
    assert [p for p in pointers if p[1] not in pages or (p[2] and p[2] not in pages[p[1]])] == []


def test_no_text_points_to_a_page_that_is_not_here() -> None:
    blind = [
        f"{file}: {match.group()}"
        for file, text in texts()
        if not file.startswith("docs/evidence/")
        for match in BLIND.finditer(text)
    ]
    assert blind == []
