"""Literals as values of a field's type, ready to be compared with what records hold."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from typing import TypeAlias

from mock_crm.salesforce.ids import to_18
from mock_crm.salesforce.soql.catalog import Family
from mock_crm.salesforce.soql.dates import day_range
from mock_crm.salesforce.soql.errors import SoqlError, malformed, unexpected_token, wrong_literal
from mock_crm.salesforce.soql.nodes import Literal, LiteralKind
from mock_crm.salesforce.soql.operand import Operand
from mock_crm.salesforce.soql.tokens import unescape

Scalar: TypeAlias = str | int | float | bool | None

_ID_LIKE = re.compile(r"[A-Za-z0-9]{18}")

STRING_LIMIT = 4000
"""Characters of a string literal in a condition."""

_QUOTED = frozenset((Family.TEXT, Family.MULTI, Family.ID, Family.BINARY))


@dataclass(frozen=True, slots=True)
class DateRange:
    """A date literal's range as text in the field's own form: `start` belongs to it, `end` does not."""

    start: str
    end: str


def constant(literal: Literal, operand: Operand, now: datetime) -> Scalar | DateRange:
    """What a literal means next to `operand`: text in lower case, ids in 18 characters, moments as text.

    Raises:
        SoqlError: The literal does not suit the operand's type.
    """
    if literal.kind is LiteralKind.NULL:
        return None
    family = operand.family
    if family in _QUOTED:
        return _quoted(literal, operand)
    if family is Family.BOOLEAN and literal.kind is LiteralKind.BOOLEAN:
        return literal.text.lower() == "true"
    if family is Family.NUMBER and literal.kind in (LiteralKind.NUMBER, LiteralKind.CURRENCY):
        return _number(literal)
    if family in (Family.DATE, Family.DATETIME) and literal.kind is LiteralKind.DATE_RANGE:
        return _span(literal, family, now)
    if family.value == literal.kind.value:
        return _moment(literal, operand)
    raise _unsuitable(operand)


def _unsuitable(operand: Operand) -> SoqlError:
    kind = operand.field.type if operand.field and operand.field.type == "int" else operand.family.value
    return wrong_literal(operand.text, kind, quoted=operand.family in _QUOTED, at=operand.at)


def _quoted(literal: Literal, operand: Operand) -> str:
    if literal.kind is not LiteralKind.STRING:
        raise _unsuitable(operand)
    text = unescape(literal.text)
    if len(text) > STRING_LIMIT:
        raise malformed(f"String literals can not be longer than {STRING_LIMIT} characters", literal.at)
    if operand.family is not Family.ID:
        return text.lower()
    if text == "":
        return text
    full = to_18(text)
    if full is None and _ID_LIKE.fullmatch(text):
        return text  # Recorded: an id with a wrong checksum finds nothing, and is no error (sf-dahlia-lap).
    if full is None:
        raise SoqlError("INVALID_QUERY_FILTER_OPERATOR", f"invalid ID field: {text}", operand.at)
    return full


def _number(literal: Literal) -> float:
    text = literal.text[3:] if literal.kind is LiteralKind.CURRENCY else literal.text
    value = float(text)
    return int(value) if value.is_integer() and abs(value) < 1e15 else value


def _span(literal: Literal, family: Family, now: datetime) -> DateRange:
    try:
        days = day_range(literal.text, now.date())
    except OverflowError:
        raise malformed(f"Invalid date: {literal.text}", literal.at) from None
    if days is None:
        raise unexpected_token(literal.text, literal.at)
    if family is Family.DATE:
        return DateRange(days[0].isoformat(), days[1].isoformat())
    return DateRange(*(moment_text(datetime.combine(day, time(), UTC)) for day in days))


def _moment(literal: Literal, operand: Operand) -> str:
    text = literal.text.upper()
    try:
        if operand.family is Family.DATE:
            return date.fromisoformat(text).isoformat()
        if operand.family is Family.TIME:
            return time.fromisoformat(text).replace(tzinfo=None).isoformat("milliseconds") + "Z"
        return moment_text(datetime.fromisoformat(text).astimezone(UTC))
    except (ValueError, OverflowError):
        raise SoqlError(
            "MALFORMED_QUERY", f"Invalid {operand.family.value}: {literal.text}", literal.at
        ) from None


def moment_text(moment: datetime) -> str:
    """A moment in UTC as records hold it: `2026-01-31T09:00:00.000+0000`."""
    return moment.replace(tzinfo=None).isoformat(timespec="milliseconds") + "+0000"
