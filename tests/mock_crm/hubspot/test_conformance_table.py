"""docs/conformance/hubspot.md says what the code does."""

from __future__ import annotations

import re
from pathlib import Path

from mock_crm.hubspot import conformance
from mock_crm.hubspot.routes import all_endpoints

HERE = Path(__file__).parent


def test_the_table_is_in_step_with_the_code() -> None:
    assert conformance.PATH.read_text(encoding="utf-8") == conformance.document(), (
        "Run: python -m mock_crm.hubspot.conformance"
    )


def test_whatever_is_not_simulated_in_full_says_why() -> None:
    assert [e.path for e in all_endpoints() if (e.fidelity == "simplified") != bool(e.note)] == []


def test_every_refusal_of_the_table_is_provoked_by_some_test() -> None:
    page = conformance.document()
    tests = "".join(path.read_text(encoding="utf-8") for path in HERE.glob("test_*.py"))
    codes = set(re.findall(r"^\| [^|]+ \| \d{3} \| (\w+) \|", page, re.MULTILINE))
    assert {code for code in codes if code.isupper() and code not in tests} <= {"CODE"}
