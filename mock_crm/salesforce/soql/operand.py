"""The left side of a comparison, the items of GROUP BY and ORDER BY: a field or a function of fields."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, TypeAlias

from mock_crm.core.store import Row
from mock_crm.salesforce.soql.catalog import EntityField, Family, Reader
from mock_crm.salesforce.soql.dates import DATE_FUNCTIONS
from mock_crm.salesforce.soql.errors import malformed
from mock_crm.salesforce.soql.nodes import Call, Expression, FieldPath, Literal, LiteralKind
from mock_crm.salesforce.soql.scope import Scope

AGGREGATES = frozenset(("COUNT", "COUNT_DISTINCT", "SUM", "AVG", "MIN", "MAX", "GROUPING"))

_PASSING = frozenset(("CONVERTCURRENCY", "CONVERTTIMEZONE"))
"""Functions that show their field as it is: there is one currency and one time zone."""

_EARTH_RADIUS_KM = 6371.0
_KM_PER_MILE = 1.609344


@dataclass(frozen=True, slots=True)
class Operand:
    """Something with a value for every record.

    Attributes:
        read: Gives the value.
        family: How the values compare.
        text: What was written, for error messages.
        at: Where it was written.
        field: The field when it is one, directly or inside a function that shows it as it is.
        is_own: Whether the field belongs to the object of FROM itself.
    """

    read: Reader
    family: Family
    text: str
    at: int
    field: EntityField | None = None
    is_own: bool = False


Operands: TypeAlias = Callable[[Expression], Operand]


def record_operand(expression: Expression, scope: Scope) -> Operand:
    """What an expression means for one record.

    Raises:
        SoqlError: A name does not exist, or a function does not belong here.
    """
    if isinstance(expression, FieldPath):
        place = scope.place(expression)
        return Operand(
            scope.reader(place),
            place.field.family,
            expression.text,
            expression.at,
            place.field,
            not place.hops,
        )
    function = expression.function
    if function in DATE_FUNCTIONS or function in ("DAY_ONLY", "HOUR_IN_DAY"):
        return _date_operand(expression, scope)
    if function == "TOLABEL":
        return labelled(record_operand(_only_field(expression), scope))
    if function == "FORMAT":
        return formatted(record_operand(_only_field(expression), scope))
    if function in _PASSING:
        return record_operand(_only_field(expression), scope)
    if function == "DISTANCE":
        return _distance_operand(expression, scope)
    if function in AGGREGATES:
        raise malformed(f"Aggregate functions can not be used here: {expression.name}", expression.at)
    raise malformed(f"Invalid function name: {expression.name}", expression.at)


def labelled(inner: Operand) -> Operand:
    """The labels of a pick list in place of its values; anything else as it is."""
    if inner.field is None or not inner.field.values:
        return inner
    labels = inner.field.values

    def label(text: str) -> str:
        return ";".join(labels.get(part, part) for part in text.split(";"))

    return replace(inner, read=_of_text(inner.read, label), field=replace(inner.field, stored=None))


def formatted(inner: Operand) -> Operand:
    """Numbers and moments as people in the United States write them; anything else as it is [D]."""
    kind = inner.field.type if inner.field else ""

    def read(row: Row) -> Any:
        value = inner.read(row)
        return value if value is None else _localized(value, inner.family, kind)

    return Operand(read, Family.TEXT, inner.text, inner.at)


def _localized(value: Any, family: Family, kind: str) -> Any:
    if family is Family.NUMBER:
        if kind == "currency":
            return f"-${-value:,.2f}" if value < 0 else f"${value:,.2f}"
        number = f"{value:,.10f}".rstrip("0").rstrip(".") if isinstance(value, float) else f"{value:,}"
        return f"{number}%" if kind == "percent" else number
    if family not in (Family.DATE, Family.DATETIME, Family.TIME):
        return value
    text = str(value)
    day = f"{int(text[5:7])}/{int(text[8:10])}/{text[:4]}"
    if family is Family.DATE:
        return day
    clock = text if family is Family.TIME else text[11:]
    hour = int(clock[:2])
    moment = f"{hour % 12 or 12}:{clock[3:5]} {'PM' if hour >= 12 else 'AM'}"
    return moment if family is Family.TIME else f"{day}, {moment}"


def _only_field(call: Call) -> Expression:
    if len(call.arguments) != 1 or isinstance(call.arguments[0], Literal):
        raise malformed(f"{call.name} takes one field", call.at)
    return call.arguments[0]


def _date_operand(call: Call, scope: Scope) -> Operand:
    inner = record_operand(_only_field(call), scope)
    if inner.family not in (Family.DATE, Family.DATETIME):
        raise malformed(f"{call.name} takes a date or a dateTime field", call.at)
    read = inner.read
    if call.function == "DAY_ONLY":
        return Operand(_of_text(read, lambda text: text[:10]), Family.DATE, call.name, call.at)
    if call.function == "HOUR_IN_DAY":
        return Operand(_of_text(read, lambda text: int(text[11:13] or 0)), Family.NUMBER, call.name, call.at)
    compute = DATE_FUNCTIONS[call.function]
    return Operand(
        _of_text(read, lambda text: compute(date.fromisoformat(text[:10]))), Family.NUMBER, call.name, call.at
    )


def _of_text(read: Reader, compute: Callable[[str], Any]) -> Reader:
    def value(row: Row) -> Any:
        text = read(row)
        return None if text is None else compute(text)

    return value


def _distance_operand(call: Call, scope: Scope) -> Operand:
    if len(call.arguments) != 3:
        raise malformed("DISTANCE takes two locations and a unit", call.at)
    unit = call.arguments[2]
    if not (isinstance(unit, Literal) and unit.kind is LiteralKind.STRING and unit.text in ("mi", "km")):
        raise malformed("The unit of DISTANCE is 'mi' or 'km'", call.at)
    first, second = (_location(argument, call, scope) for argument in call.arguments[:2])
    scale = 1.0 if unit.text == "km" else 1 / _KM_PER_MILE

    def read(row: Row) -> float | None:
        here, there = first(row), second(row)
        return None if here is None or there is None else _distance_km(here, there) * scale

    return Operand(read, Family.NUMBER, call.name, call.at)


_Point: TypeAlias = tuple[float, float]


def _location(argument: Expression | Literal, call: Call, scope: Scope) -> Callable[[Row], _Point | None]:
    if isinstance(argument, Call) and argument.function == "GEOLOCATION":
        numbers = [
            float(part.text)
            for part in argument.arguments
            if isinstance(part, Literal) and part.kind is LiteralKind.NUMBER
        ]
        if len(numbers) != 2 or len(argument.arguments) != 2:
            raise malformed("GEOLOCATION takes a latitude and a longitude", argument.at)
        point = (numbers[0], numbers[1])
        return lambda row: point
    if isinstance(argument, FieldPath):
        operand = record_operand(argument, scope)
        if operand.family is Family.COMPOUND:
            return lambda row: _point(operand.read(row))
    raise malformed("DISTANCE takes two locations and a unit", call.at)


def _point(value: Any) -> _Point | None:
    if not isinstance(value, dict) or value.get("latitude") is None or value.get("longitude") is None:
        return None
    return value["latitude"], value["longitude"]


def _distance_km(here: _Point, there: _Point) -> float:
    """The haversine formula, as Salesforce computes it."""
    latitude, longitude, other_latitude, other_longitude = map(math.radians, (*here, *there))
    half = (
        math.sin((other_latitude - latitude) / 2) ** 2
        + math.cos(latitude) * math.cos(other_latitude) * math.sin((other_longitude - longitude) / 2) ** 2
    )
    return 2 * _EARTH_RADIUS_KM * math.asin(math.sqrt(min(half, 1.0)))
