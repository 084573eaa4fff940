"""Roll-up summaries: a number worked out from the children of a record whenever it is read."""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any, Final

import msgspec

from mock_crm.core.store import Row, Store
from mock_crm.salesforce.model import Field


class RollUp(msgspec.Struct, frozen=True):
    """One summary: which children, which of their values, and what is made of these.

    `filters` are (field, operation, value) triples of the definition.
    """

    child: str
    reference: str
    operation: str
    summarized: str
    filters: tuple[tuple[str, str, str], ...]

    @classmethod
    def of(cls, field: Field) -> RollUp:
        """The summary that a field is defined as."""
        definition = field.definition or {}
        child, _, reference = definition["summaryForeignKey"].partition(".")
        summarized = definition.get("summarizedField", "").partition(".")[2]
        filters = tuple(
            (item["field"].partition(".")[2], item.get("operation", "equals"), str(item.get("value", "")))
            for item in definition.get("summaryFilterItems", ())
        )
        return cls(child, reference, definition["summaryOperation"], summarized, filters)

    def value(self, store: Store, record_id: str) -> float | str | None:
        """What a record shows."""
        if store.is_empty(self.child):
            return 0.0 if self.operation in ("count", "sum") else None
        store.declare(self.child, (self.reference,))
        rows = [
            row
            for row in store.lookup(self.child, self.reference, record_id, limit=-1)
            if all(_passes(row, item) for item in self.filters)
        ]
        if self.operation == "count":
            return float(len(rows))
        values: list[Any] = [v for row in rows if (v := row.document.get(self.summarized)) is not None]
        if self.operation == "sum":
            return float(sum(values))
        found: float | str | None = (min if self.operation == "min" else max)(values, default=None)
        return found


def _passes(row: Row, item: tuple[str, str, str]) -> bool:
    """Whether a child counts; a value may be several with commas between them, of which any will do [D]."""
    name, operation, value = item
    found = row.document.get(name)
    text = "" if found is None else str(found).lower()
    wanted = [part.strip().strip('"').lower() for part in value.split(",")]
    if operation in _ORDERS:
        return found is not None and _ORDERS[operation](*_comparable(text, wanted[0]))
    if operation == "startsWith":
        return text.startswith(tuple(wanted))
    if operation in ("contains", "notContain"):
        return any(part in text for part in wanted) == (operation == "contains")
    if operation in ("includes", "excludes"):
        return any(part in text.split(";") for part in wanted) == (operation == "includes")
    is_equal = any(operator.eq(*_comparable(text, part)) for part in wanted)
    return is_equal == (operation != "notEqual")


def _comparable(found: str, wanted: str) -> tuple[float, float] | tuple[str, str]:
    """A value and what it is compared with, as two numbers or as two texts, such as dates."""
    try:
        return float(found), float(wanted)
    except ValueError:
        return found, wanted


_ORDERS: Final[dict[str, Callable[[Any, Any], bool]]] = {
    "lessThan": operator.lt,
    "greaterThan": operator.gt,
    "lessOrEqual": operator.le,
    "greaterOrEqual": operator.ge,
}
