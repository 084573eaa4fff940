"""Where the members of a JSON text stand, for refusals that name a line and a column.

Values are walked over and never built: a body may be refused for the very number or nesting that Python's own
decoder does not take either.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

_TOKEN = re.compile(r'\s*("(?:[^"\\]|\\.)*"|[\[\]{}:,]|[^\s\[\]{}:,"]+)', re.DOTALL)
_KINDS = {"{": "object", "[": "array", '"': "str", "t": "bool", "f": "bool", "n": "null"}


class Member(NamedTuple):
    """A member of an object or element of an array: its key or index, start and end of its value."""

    key: str | int
    start: int
    end: int


def skip_whitespace(text: str, at: int) -> int:
    """Where the next token after `at` starts."""
    found = _TOKEN.match(text, at)
    return found.start(1) if found else len(text)


def value_end(text: str, at: int) -> int:
    """Where the value that starts at `at` ends; where the text does, when it ends too early."""
    depth = 0
    for token in _TOKEN.finditer(text, at):
        depth += token[1] in "[{"
        depth -= token[1] in "]}"
        if depth <= 0:
            return token.end()
    return len(text)


def members(text: str, at: int) -> Iterator[Member]:
    """The members of the object or array that starts at `at`, in order; those of a scalar are none.

    A key is taken as it is written, without its quotes.
    """
    opening = text[at : at + 1]
    position, index = at + 1, 0
    while opening in ("{", "[") and (token := _TOKEN.match(text, position)) and token[1] not in "]}":
        key: str | int = index
        start = token.start(1)
        if opening == "{":
            key = token[1].strip('"')
            start = skip_whitespace(text, skip_whitespace(text, token.end()) + 1)
        end = value_end(text, start)
        yield Member(key, start, end)
        comma = skip_whitespace(text, end)
        position, index = comma + (text[comma : comma + 1] == ","), index + 1


def kind_at(text: str, at: int) -> str:
    """The kind of the value that starts at `at`, as msgspec calls it: `object`, `array`, `str`, `int` …"""
    kind = _KINDS.get(text[at : at + 1])
    if kind is not None:
        return kind
    return "float" if re.search(r"[.eE]", text[at : value_end(text, at)]) else "int"
