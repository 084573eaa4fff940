"""docs/ampersand.md says what the tests of this folder show."""

from __future__ import annotations

from tests.ampersand.conformance import PAGE, ROWS, page


def test_the_page_has_the_rows_of_the_tests() -> None:
    assert PAGE.read_text("utf-8") == page(), "run: python -m tests.ampersand.conformance"
    assert len(ROWS) > 20


def test_what_is_not_as_there_has_a_note() -> None:
    assert [each for each in ROWS.values() if each.status != "same" and not each.note] == []
