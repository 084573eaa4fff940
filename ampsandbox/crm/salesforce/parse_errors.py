"""Whose fault it was: the records for which Salesforce could not read a collection at all.

A value of the wrong kind, such as a text for a number, makes Salesforce refuse the request with all its
records. What tells the guilty from the innocent is the place in the request that the error names.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final, NamedTuple

import msgspec

from ampsandbox.events import ErrorDetail

UNREADABLE: Final = "JSON_PARSER_ERROR"

_COMPLAINT: Final = re.compile(r" from (\w+) value ?(.*)\[line:1, column:(\d+)\]$", re.DOTALL)
_RECORDS: Final = '"records":['
_TOKENS: Final = {
    '"': "VALUE_STRING",
    "[": "START_ARRAY",
    "{": "START_OBJECT",
    "t": "VALUE_TRUE",
    "f": "VALUE_FALSE",
    "n": "VALUE_NULL",
}


class _Value(NamedTuple):
    """One value of one record as it stands in the request; `end` is the place right behind it."""

    record: int
    field: str
    text: str
    start: int
    end: int

    @property
    def token(self) -> str:
        """What Salesforce's parser calls it, short of the kind of number."""
        return _TOKENS.get(self.text[0], "VALUE_NUMBER")


class _Body(msgspec.Struct):
    records: list[dict[str, msgspec.Raw]]


def records_at_fault(body: bytes, error: ErrorDetail) -> set[int]:
    """The records that surely have the fault that the error names; none when it cannot be told.

    Args:
        body: The request, as `collection_call` makes it.
        error: What Salesforce said of the request as a whole.
    """
    complaint = _COMPLAINT.search(error.message) if error.code == UNREADABLE else None
    if complaint is None:
        return set()
    token, shown, column = complaint[1], complaint[2], int(complaint[3]) - 1
    # Nothing says whether a column counts bytes or characters.
    places = {column, len(body[:column].decode("utf-8", "ignore"))}
    values = list(_values(body.decode()))
    guilty = [
        value
        for value in values
        if any(value.start <= place <= value.end for place in places) and _is_meant(value, token, shown)
    ]
    return {value.record for value in values if any(_is_alike(value, other) for other in guilty)}


def _values(body: str) -> Iterator[_Value]:
    """Every value with its place: the request is written without spaces, so that lengths add up."""
    at = body.index(_RECORDS) + len(_RECORDS)
    for record, fields in enumerate(msgspec.json.decode(body, type=_Body).records):
        at += len("{")
        for name, raw in fields.items():
            at += len(msgspec.json.encode(name).decode()) + len(":")
            text = bytes(raw).decode()
            yield _Value(record, name, text, at, at + len(text))
            at += len(text) + len(",")
        at += len(",")


def _is_meant(value: _Value, token: str, shown: str) -> bool:
    if not token.startswith(value.token):
        return False
    return value.token != "VALUE_STRING" or shown.startswith(msgspec.json.decode(value.text, type=str))


def _is_alike(value: _Value, guilty: _Value) -> bool:
    """A text may be readable where another is not; an array never is where another one was not."""
    if value.field != guilty.field or value.token != guilty.token:
        return False
    return value.token != "VALUE_STRING" or value.text == guilty.text
