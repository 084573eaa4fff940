"""Every verb of the service is in every front, and the page that says so is as the code has it."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent
sys.path.insert(0, str(ROOT / "scripts"))

import verbs  # noqa: E402


def test_no_front_lacks_a_verb() -> None:
    assert verbs.missing() == []


def test_a_verb_that_a_front_lacks_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(verbs.OTHER_WAYS, ("clock.settle", "screen"))
    assert verbs.missing() == ["clock.settle: screen"]


def test_other_ways_are_given_only_where_a_front_does_not_call_the_verb(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    given = dict(verbs.OTHER_WAYS)
    monkeypatch.setattr(verbs, "OTHER_WAYS", {})
    lacking = set(verbs.missing())
    assert [f"{verb}: {front}" for verb, front in given if f"{verb}: {front}" not in lacking] == []


def test_the_page_of_verbs_is_as_the_code_has_it() -> None:
    assert verbs.PAGE.read_text(encoding="utf-8") == verbs.page(), "run scripts/verbs.py"
