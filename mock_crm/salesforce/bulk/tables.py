"""Query results as flat tables, the way the Bulk APIs give them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from mock_crm.salesforce.errors import SalesforceError
from mock_crm.salesforce.soql.aggregates import is_aggregate
from mock_crm.salesforce.soql.nodes import Column, Query, TypeOf
from mock_crm.salesforce.soql.parser import parse

_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}\+0000")


class Table:
    """Turns records into rows of cells.

    Args:
        names: The columns, fields of parents with dots.
    """

    def __init__(self, names: Sequence[str]) -> None:
        self.names = list(names)
        self._paths = [name.split(".") for name in names]

    def cells(self, record: dict[str, Any]) -> list[str]:
        """The record's values as text; null is an empty one, moments end in Z."""
        return [cell_text(_at(record, path)) for path in self._paths]


def _at(record: Any, path: Sequence[str]) -> Any:
    for name in path:
        if record is None:
            return None
        record = record.get(name)
    return record


def cell_text(value: Any) -> str:
    """A value as a cell of CSV or as the text of an XML element."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    text = str(value)
    return text[:23] + "Z" if len(text) == 28 and _MOMENT.fullmatch(text) else text


def check_bulk_query(text: str) -> None:
    """Refuse what REST queries can do and bulk queries cannot.

    Raises:
        SoqlError: The text is not SOQL.
        SalesforceError: It has functions over groups, subqueries, TYPEOF or OFFSET.
    """
    query = parse(text)
    if query.grouping is not None or any(_is_unsupported(item) for item in query.select):
        raise SalesforceError(
            "API_ERROR", "Aggregate Relationships not supported in Bulk V2 Query with CSV content type"
        )
    if query.offset is not None:
        raise SalesforceError("API_ERROR", "OFFSET not supported in Bulk V2 Query")


def _is_unsupported(item: Column | TypeOf | Query) -> bool:
    return not isinstance(item, Column) or is_aggregate(item.expression)
