"""What is answered and shown depends on no version of Python."""

from __future__ import annotations

from http import HTTPStatus

import pytest

from mock_crm.core.status_phrases import status_phrase


@pytest.mark.parametrize(
    ("status", "phrase"),
    [
        (200, "OK"),
        (413, "Request Entity Too Large"),
        (414, "Request-URI Too Long"),
        (416, "Requested Range Not Satisfiable"),
        (422, "Unprocessable Entity"),
        (299, ""),
    ],
)
def test_a_status_has_the_words_of_every_version(status: int, phrase: str) -> None:
    assert status_phrase(status) == phrase


def test_no_other_status_is_called_otherwise_by_this_version() -> None:
    """Fails on a Python that renames one more."""
    renamed = {413, 414, 416, 422}
    assert {each.value for each in HTTPStatus if status_phrase(each) != each.phrase} <= renamed
