"""docs/conformance/salesforce.md says what the code does, and which tests show it."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest

from mock_crm.salesforce import conformance

pytestmark = pytest.mark.skipif(os.environ.get("CONFORMANCE") == "write", reason="the page is being written")

HERE = Path(__file__).parent


@pytest.fixture
def page() -> str:
    return conformance.PATH.read_text(encoding="utf-8")


def test_the_page_is_in_step_with_the_code(page: str) -> None:
    rewritten = conformance.document(conformance.read_shown(page))
    assert page == rewritten, "Run: CONFORMANCE=write pytest tests/mock_crm/salesforce"


def test_every_endpoint_and_every_refusal_is_shown_by_a_test(page: str) -> None:
    rows = [line for line in page.splitlines() if line.startswith("| ")]
    assert [row for row in rows if row.endswith(" |  |")] == []


def test_the_tests_that_the_page_names_exist(page: str) -> None:
    for name in sorted(set(re.findall(r"[\w/]+\.py(?:::\w+)?", page))):
        file, _, function = name.partition("::")
        assert f"def {function}" in (HERE / file).read_text(encoding="utf-8"), name
