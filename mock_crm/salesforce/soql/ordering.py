"""ORDER BY: sort keys that put nulls where the query wants them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from mock_crm.salesforce.soql.catalog import Family
from mock_crm.salesforce.soql.errors import cannot
from mock_crm.salesforce.soql.filters import fold
from mock_crm.salesforce.soql.nodes import Ordering
from mock_crm.salesforce.soql.operand import Operand, Operands

T = TypeVar("T")


class Order:
    """The order that a query asks for.

    Args:
        items: The items of ORDER BY.
        operands: What their expressions mean.

    Raises:
        SoqlError: A name does not exist, or a field cannot be sorted by.
    """

    def __init__(self, items: Sequence[Ordering], operands: Operands) -> None:
        self._items = items
        self._keys = [_key(operands(item.expression)) for item in items]

    def __bool__(self) -> bool:
        return bool(self._items)

    def key(self, record: Any) -> tuple[Any, ...]:
        """The values that a record is sorted by."""
        return tuple(key(record) for key in self._keys)

    def sort(self, keyed: list[tuple[tuple[Any, ...], T]]) -> list[T]:
        """Things in order, given each with its `key`; equal ones stay as they came."""
        for place in range(len(self._items) - 1, -1, -1):
            item = self._items[place]
            nulls = [pair for pair in keyed if pair[0][place] is None]
            others = [pair for pair in keyed if pair[0][place] is not None]
            others.sort(key=lambda pair, place=place: pair[0][place], reverse=item.descending)  # type: ignore[misc]
            keyed = others + nulls if item.nulls_last else nulls + others
        return [thing for _, thing in keyed]


def _key(operand: Operand) -> Callable[[Any], Any]:
    field = operand.field
    if operand.family in (Family.COMPOUND, Family.BINARY) or (field is not None and not field.is_sortable):
        raise cannot(operand.text, "sorted", operand.at)
    read, folded = operand.read, fold(operand.family)
    if field is not None and field.values:
        # Pick lists sort as their values are listed, and what is not listed after them.
        places = {value.lower(): place for place, value in enumerate(field.values)}
        return lambda record: _place(read(record), places)
    if folded is None:
        return read
    return lambda record: None if (value := read(record)) is None else folded(value)


def _place(value: str | None, places: dict[str, int]) -> tuple[int, str] | None:
    return None if value is None else (places.get(value.lower(), len(places)), value.lower())
