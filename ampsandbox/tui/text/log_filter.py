"""The filter language of the log: words, and `key:value` terms that all must hold.

`method:post`, `endpoint:create`, `group:acme`, `provider:hubspot`, `text:"big co"`, `status:422`,
`status:4xx`, `status:>=400`, `status:400-499`, `ms:>100`, `size:>=1000`, `marked`; a comma gives
alternatives (`status:202,5xx`), a minus before a term turns it around, quotes keep spaces together. A word is
looked for in everything that is shown.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Collection, Iterator
from typing import TYPE_CHECKING, Final

from ampsandbox.errors import UsageError

if TYPE_CHECKING:
    from ampsandbox.tui.backend.views import LogRow

Test = Callable[["LogRow"], bool]
_Numbers = Callable[[float], bool]

_OPERATORS: Final[dict[str, Callable[[float, float], bool]]] = {
    ">=": operator.ge, "<=": operator.le, ">": operator.gt, "<": operator.lt, "": operator.eq,
}  # fmt: skip
_NUMBER: Final = re.compile(r"(>=|<=|>|<|)(\d+(?:\.\d+)?)")
_RANGE: Final = re.compile(r"(\d+(?:\.\d+)?)(?:-|\.\.)(\d+(?:\.\d+)?)")
_HUNDRED: Final = re.compile(r"([1-5])xx")
_TERM: Final = re.compile(r'(?:"[^"]*"|[^\s"])+|"')
_TEXTS: Final[dict[str, Callable[[LogRow], str]]] = {
    "method": lambda row: row.method,
    "endpoint": lambda row: row.endpoint or row.path,
    "path": lambda row: row.path,
    "group": lambda row: row.group,
    "provider": lambda row: row.provider,
    "operation": lambda row: row.operation_id,
    "text": lambda row: row.text,
}
_COUNTS: Final[dict[str, Callable[[LogRow], float]]] = {
    "ms": lambda row: row.elapsed_ms,
    "size": lambda row: row.size,
}
KEYS: Final = (*_TEXTS, "status", *_COUNTS)
"""What may stand before a colon."""


def parse_filter(text: str, marked: Collection[int] = ()) -> Test:
    """The test that a row must pass.

    Args:
        text: The filter; an empty one lets everything through.
        marked: The sequence numbers that count as marked; read at every test.

    Raises:
        UsageError: A key is unknown, a status or time is not one, a quote stays open; it names the place.
    """
    tests = [_term(term, at, marked) for term, at in _terms(text)]
    if len(tests) == 1:
        return tests[0]
    return lambda row: all(test(row) for test in tests)


def _terms(text: str) -> Iterator[tuple[str, int]]:
    """The terms, each with the number of its first character."""
    for match in _TERM.finditer(text):
        if match[0] == '"':
            raise _wrong(text[match.start() :], match.start() + 1, "opens a quote that is not closed")
        yield match[0], match.start() + 1


def _term(term: str, at: int, marked: Collection[int]) -> Test:
    if len(term) > 1 and term.startswith(("-", "!")):
        inner = _term(term[1:], at + 1, marked)
        return lambda row: not inner(row)
    if term.lower() == "marked":
        return lambda row: row.seq in marked
    key, colon, value = term.partition(":")
    if not colon or term.startswith('"'):
        return _anywhere(term.replace('"', "").lower())
    key, wanted = key.lower(), value.replace('"', "").lower()
    if key in _TEXTS:
        return _any_text(_TEXTS[key], [wanted] if '"' in value else wanted.split(","))
    if key == "status":
        statuses = _numbers(wanted, term, at)
        is_none = "none" in wanted.split(",")
        return lambda row: is_none if row.status is None else statuses(row.status)
    if key in _COUNTS:
        read, holds = _COUNTS[key], _numbers(wanted, term, at)
        return lambda row: holds(read(row))
    raise _wrong(f"{key}:", at, "is not a key", "Keys: " + ", ".join(KEYS) + ".")


def _any_text(read: Callable[[LogRow], str], wanted: list[str]) -> Test:
    def test(row: LogRow) -> bool:
        text = read(row).lower()
        return any(word in text for word in wanted)

    return test


def _anywhere(word: str) -> Test:
    def test(row: LogRow) -> bool:
        status = "" if row.status is None else str(row.status)
        shown = (row.method, row.path, row.endpoint, row.group, row.provider, row.operation_id, status)
        return any(word in part.lower() for part in (*shown, row.text))

    return test


def _numbers(wanted: str, term: str, at: int) -> _Numbers:
    """A test of numbers: one of some alternatives."""
    tests = [_number(part, term, at) for part in wanted.split(",") if part != "none"]
    return lambda value: any(test(value) for test in tests)


def _number(part: str, term: str, at: int) -> _Numbers:
    if match := _HUNDRED.fullmatch(part):
        hundred = int(match[1])
        return lambda value: value // 100 == hundred
    if match := _RANGE.fullmatch(part):
        low, high = float(match[1]), float(match[2])
        return lambda value: low <= value <= high
    if match := _NUMBER.fullmatch(part):
        compare, limit = _OPERATORS[match[1]], float(match[2])
        return lambda value: compare(value, limit)
    raise _wrong(term, at, "has no number", "Such as status:422, status:4xx, status:>=400 or ms:10-50.")


def _wrong(what: str, at: int, why: str, hint: str = "") -> UsageError:
    return UsageError(f"“{what}” at character {at} {why}.", hint)
