"""The functions of formulas, and how their values compare, add up and count as true."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any

import msgspec

from mock_crm.salesforce.values import format_moment

_ANY_NUMBER = 100


class FormulaScope(msgspec.Struct, frozen=True):
    """What a formula is evaluated over: the record's values by lower-case name, the old ones, the moment."""

    values: Mapping[str, Any]
    old: Mapping[str, Any] | None
    now: datetime


_Node = Callable[[FormulaScope], Any]


class FormulaError(Exception):
    """A formula cannot be read or worked out; the message is meant for people."""


class Function(msgspec.Struct, frozen=True):
    """One function: how many arguments it takes, and what calls it with them unevaluated."""

    arity: tuple[int, int]
    call: Callable[[FormulaScope, Sequence[_Node]], Any]


def truth(value: Any) -> bool:
    """Whether a value counts as true."""
    return value is True


def compare(sign: str, left: Any, right: Any) -> bool:
    """Compare two values; nothing equals an empty text, and is neither less nor more than anything."""
    left, right = ("" if value is None else value for value in (left, right))
    if sign in ("=", "=="):
        return bool(left == right)
    if sign in ("<>", "!="):
        return bool(left != right)
    if left == "" or right == "":
        return False
    try:
        return bool({"<": left < right, "<=": left <= right, ">": left > right, ">=": left >= right}[sign])
    except TypeError as error:
        raise FormulaError(f"Incorrect parameter types for '{sign}'") from error


def add(left: Any, right: Any) -> Any:
    """The sum of numbers, the join of texts, or a date some days later."""
    if left is None or right is None:
        return left if right is None and isinstance(left, str) else right if isinstance(right, str) else None
    if _is_date(left) and isinstance(right, (int, float)):
        return _shifted(left, right)
    try:
        return left + right
    except TypeError as error:
        raise FormulaError("Incorrect parameter types for '+'") from error


def subtract(left: Any, right: Any) -> Any:
    """The difference of numbers, the days between dates, or a date some days earlier."""
    if left is None or right is None:
        return None
    if _is_date(left):
        return _days(left, right) if _is_date(right) else _shifted(left, -right)
    try:
        return left - right
    except TypeError as error:
        raise FormulaError("Incorrect parameter types for '-'") from error


def _is_date(value: Any) -> bool:
    return isinstance(value, str) and bool(re.fullmatch(r"\d{4}-\d\d-\d\d(T.*)?", value))


def _shifted(value: str, days: float) -> str:
    if "T" in value:
        return format_moment(datetime.fromisoformat(value) + timedelta(days=days))
    return (date.fromisoformat(value) + timedelta(days=int(days))).isoformat()


def _days(left: str, right: str) -> float:
    return (datetime.fromisoformat(left[:19]) - datetime.fromisoformat(right[:19])) / timedelta(days=1)


def _is_blank(value: Any) -> bool:
    return value is None or (isinstance(value, str) and not value.strip())


def _plain(function: Callable[..., Any]) -> Callable[[FormulaScope, Sequence[_Node]], Any]:
    """A function of values, as one of unevaluated arguments."""

    def call(scope: FormulaScope, arguments: Sequence[_Node]) -> Any:
        try:
            return function(*(argument(scope) for argument in arguments))
        except (TypeError, ValueError, AttributeError, re.error, OverflowError) as error:
            raise FormulaError(f"Incorrect parameter: {error}") from error

    return call


def _if(scope: FormulaScope, arguments: Sequence[_Node]) -> Any:
    return arguments[1](scope) if truth(arguments[0](scope)) else arguments[2](scope)


def _case(scope: FormulaScope, arguments: Sequence[_Node]) -> Any:
    subject = arguments[0](scope)
    pairs = arguments[1:-1]
    for wanted, value in zip(pairs[::2], pairs[1::2], strict=False):
        if compare("=", subject, wanted(scope)):
            return value(scope)
    return arguments[-1](scope)


def _is_changed(scope: FormulaScope, arguments: Sequence[_Node]) -> bool:
    if scope.old is None:
        return False
    name = arguments[0].__name__
    return bool(scope.values.get(name) != scope.old.get(name))


def _prior_value(scope: FormulaScope, arguments: Sequence[_Node]) -> Any:
    name = arguments[0].__name__
    return (scope.values if scope.old is None else scope.old).get(name)


def _text(value: Any) -> str:
    if value is None:
        return ""
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)


def _includes(value: str | None, wanted: str) -> bool:
    return wanted in (value or "").split(";")


def _round(value: float | None, digits: float) -> float | None:
    """Halves go away from zero, unlike Python's own rounding."""
    if value is None:
        return None
    scaled = abs(value) * 10**digits
    return math.copysign(math.floor(scaled + 0.5) / 10**digits, value)


_P = _plain
FUNCTIONS: dict[str, Function] = {
    "ABS": Function((1, 1), _P(abs)),
    "AND": Function((1, _ANY_NUMBER), lambda s, a: all(truth(x(s)) for x in a)),
    "BEGINS": Function((2, 2), _P(lambda text, start: (text or "").startswith(start))),
    "BLANKVALUE": Function((2, 2), _P(lambda value, other: other if _is_blank(value) else value)),
    "CASE": Function((4, _ANY_NUMBER), _case),
    "CEILING": Function((1, 1), _P(lambda n: float(math.ceil(n)))),
    "CONTAINS": Function((2, 2), _P(lambda text, part: part in (text or ""))),
    "DATE": Function((3, 3), _P(lambda y, m, d: date(int(y), int(m), int(d)).isoformat())),
    "DATEVALUE": Function((1, 1), _P(lambda moment: moment[:10] if moment else None)),
    "DAY": Function((1, 1), _P(lambda day: float(day[8:10]) if day else None)),
    "FIND": Function((2, 2), _P(lambda part, text: float((text or "").find(part) + 1))),
    "FLOOR": Function((1, 1), _P(lambda n: float(math.floor(n)))),
    "IF": Function((3, 3), _if),
    "INCLUDES": Function((2, 2), _P(_includes)),
    "ISBLANK": Function((1, 1), _P(_is_blank)),
    "ISCHANGED": Function((1, 1), _is_changed),
    "ISNEW": Function((0, 0), lambda s, a: s.old is None),
    "ISNULL": Function((1, 1), _P(lambda value: value is None)),
    "ISNUMBER": Function((1, 1), _P(lambda text: bool(re.fullmatch(r"-?\d+(\.\d+)?", str(text or ""))))),
    "ISPICKVAL": Function((2, 2), _P(lambda value, wanted: (value or "") == wanted)),
    "LEFT": Function((2, 2), _P(lambda text, n: (text or "")[: int(n)])),
    "LEN": Function((1, 1), _P(lambda text: float(len(text or "")))),
    "LOWER": Function((1, 1), _P(lambda text: (text or "").lower())),
    "MAX": Function((1, _ANY_NUMBER), _P(max)),
    "MID": Function(
        (3, 3), _P(lambda text, start, n: (text or "")[int(start) - 1 : int(start) - 1 + int(n)])
    ),
    "MIN": Function((1, _ANY_NUMBER), _P(min)),
    "MOD": Function((2, 2), _P(lambda n, by: float(math.fmod(n, by)))),
    "MONTH": Function((1, 1), _P(lambda day: float(day[5:7]) if day else None)),
    "NOT": Function((1, 1), lambda s, a: not truth(a[0](s))),
    "NOW": Function((0, 0), lambda s, a: format_moment(s.now)),
    "NULLVALUE": Function((2, 2), _P(lambda value, other: other if value is None else value)),
    "OR": Function((1, _ANY_NUMBER), lambda s, a: any(truth(x(s)) for x in a)),
    "PRIORVALUE": Function((1, 1), _prior_value),
    "REGEX": Function((2, 2), _P(lambda text, pattern: bool(re.fullmatch(pattern, text or "")))),
    "RIGHT": Function((2, 2), _P(lambda text, n: (text or "")[-int(n) :] if n else "")),
    "ROUND": Function((2, 2), _P(_round)),
    "SQRT": Function((1, 1), _P(math.sqrt)),
    "SUBSTITUTE": Function((3, 3), _P(lambda text, old, new: (text or "").replace(old, new))),
    "TEXT": Function((1, 1), _P(_text)),
    "TODAY": Function((0, 0), lambda s, a: f"{s.now:%Y-%m-%d}"),
    "TRIM": Function((1, 1), _P(lambda text: (text or "").strip())),
    "UPPER": Function((1, 1), _P(lambda text: (text or "").upper())),
    "VALUE": Function((1, 1), _P(lambda text: float(text) if text else None)),
    "YEAR": Function((1, 1), _P(lambda day: float(day[:4]) if day else None)),
}
"""The functions by upper-case name."""
