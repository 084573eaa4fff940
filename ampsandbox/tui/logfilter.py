"""The filter language of the log: words, and `key:value` terms that all must hold.

`method:post`, `endpoint:create`, `group:acme`, `provider:hubspot`, `status:422`, `status:4xx`,
`status:>=400`, `ms:>100`, `marked`; a minus before a term turns it around; a word is looked for in
everything that is shown.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Collection
from typing import TYPE_CHECKING, Final

from ampsandbox.errors import UsageError

if TYPE_CHECKING:
    from ampsandbox.tui.views import LogRow

Test = Callable[["LogRow"], bool]

_OPERATORS: Final[dict[str, Callable[[float, float], bool]]] = {
    ">=": operator.ge, "<=": operator.le, ">": operator.gt, "<": operator.lt, "": operator.eq,
}  # fmt: skip
_NUMBER: Final = re.compile(r"(>=|<=|>|<|)(\d+(?:\.\d+)?)")
_TEXTS: Final[dict[str, Callable[[LogRow], str]]] = {
    "method": lambda row: row.method,
    "endpoint": lambda row: row.endpoint or row.path,
    "path": lambda row: row.path,
    "group": lambda row: row.group,
    "provider": lambda row: row.provider,
    "operation": lambda row: row.operation_id,
    "text": lambda row: row.text,
}


def parse_filter(text: str, marked: Collection[int] = ()) -> Test:
    """The test that a row must pass.

    Args:
        text: The filter; an empty one lets everything through.
        marked: The sequence numbers that count as marked; read at every test.

    Raises:
        UsageError: A key is unknown, or a status or time is not one.
    """
    tests = [_term(term, marked) for term in text.split()]
    return lambda row: all(test(row) for test in tests)


def _term(term: str, marked: Collection[int]) -> Test:
    if len(term) > 1 and term.startswith(("-", "!")):
        inner = _term(term[1:], marked)
        return lambda row: not inner(row)
    if term.lower() == "marked":
        return lambda row: row.seq in marked
    key, colon, value = term.partition(":")
    key, wanted = key.lower(), value.lower()
    if not colon:
        return _anywhere(term.lower())
    if key in _TEXTS:
        read = _TEXTS[key]
        return lambda row: wanted in read(row).lower()
    if key == "status":
        return _status(wanted)
    if key == "ms":
        compare, limit = _comparison(wanted, term)
        return lambda row: compare(row.elapsed_ms, limit)
    raise UsageError(
        f"“{key}:” is not a key of the filter.", "Keys: " + ", ".join([*_TEXTS, "status", "ms"]) + "."
    )


def _anywhere(word: str) -> Test:
    def test(row: LogRow) -> bool:
        status = "" if row.status is None else str(row.status)
        shown = (
            row.method,
            row.path,
            row.endpoint,
            row.group,
            row.provider,
            row.operation_id,
            row.text,
            status,
        )
        return any(word in part.lower() for part in shown)

    return test


def _status(wanted: str) -> Test:
    if re.fullmatch(r"[1-5]xx", wanted):
        hundred = int(wanted[0])
        return lambda row: row.status is not None and row.status // 100 == hundred
    if wanted == "none":
        return lambda row: row.status is None
    compare, limit = _comparison(wanted, f"status:{wanted}")
    return lambda row: row.status is not None and compare(row.status, limit)


def _comparison(wanted: str, term: str) -> tuple[Callable[[float, float], bool], float]:
    match = _NUMBER.fullmatch(wanted)
    if match is None:
        raise UsageError(
            f"“{term}” has no number.", "Such as status:422, status:4xx, status:>=400 or ms:>100."
        )
    return _OPERATORS[match[1]], float(match[2])
