"""Pages that are made from code are as the code has them, and the site knows every page."""

from __future__ import annotations

import re
from pathlib import Path

import architecture
import pytest
import reference
import yaml

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("page", ["commands.md", "control-api.md"])
def test_the_reference_is_as_the_code_has_it(page: str) -> None:
    path = ROOT / "docs" / page
    assert path.read_text(encoding="utf-8") == reference.pages()[path], "Run: scripts/reference.py"


def test_the_picture_is_as_the_imports_have_it() -> None:
    assert architecture.PICTURE.read_text(encoding="utf-8") == architecture.svg(), (
        "Run: scripts/architecture.py"
    )


def test_every_page_is_in_the_navigation() -> None:
    site = yaml.safe_load((ROOT / "mkdocs.yml").read_text(encoding="utf-8"))
    named = set(re.findall(r"[\w/-]+\.md", str(site["nav"])))
    pages = {str(path.relative_to(ROOT / "docs")) for path in (ROOT / "docs").rglob("*.md")}
    assert named == pages


def test_links_of_the_readme_lead_to_files() -> None:
    for document in ("README.md", "CONTRIBUTING.md", "SECURITY.md"):
        text = (ROOT / document).read_text(encoding="utf-8")
        targets = re.findall(r"\]\((?!https?:)([^)#]+)[^)]*\)", text)
        assert [target for target in targets if not (ROOT / target).exists()] == [], document
