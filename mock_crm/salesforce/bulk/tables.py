"""Query results as flat tables, the way the Bulk APIs give them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from mock_crm.salesforce.bulk.refusals import check_entity, feature_not_enabled
from mock_crm.salesforce.errors import SalesforceError
from mock_crm.salesforce.soql.aggregates import is_aggregate
from mock_crm.salesforce.soql.nodes import Query, SelectItem, TypeOf
from mock_crm.salesforce.soql.parser import parse
from mock_crm.salesforce.soql.result import QueryResult

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
    """Refuse what REST queries can do and bulk queries of version 2.0 cannot.

    Raises:
        SoqlError: The text is not SOQL.
        SalesforceError: It has functions over groups, subqueries, TYPEOF or OFFSET.
    """
    query = parse(text)
    check_entity(query.sources[0].path.text)
    is_plain = all(
        isinstance(item, SelectItem) and not is_aggregate(item.expression) for item in query.select
    )
    if query.grouping is not None or not is_plain:
        raise SalesforceError(
            "API_ERROR", "Aggregate Relationships not supported in Bulk V2 Query with CSV content type"
        )
    if query.offset is not None:
        raise SalesforceError("API_ERROR", "OFFSET not supported in Bulk V2 Query")


def check_bulk_v1_query(text: str, object_name: str, content_type: str) -> None:
    """Refuse what a batch of Bulk 1.0 cannot query [P]: another object than the job's, children in CSV.

    Raises:
        SoqlError: The text is not SOQL.
        BulkError: It has children, and the job's content is CSV.
        SalesforceError: It is about another object, or has functions over groups or OFFSET.
    """
    query = parse(text)
    root = query.sources[0].path.text
    if root.lower() != object_name.lower():
        raise SalesforceError(
            "INVALID_TYPE_FOR_OPERATION",
            f"The root entity of the requested query ({root}) does not match the entity of the requested "
            f"Bulk API Job ({object_name}).",
        )
    if content_type == "CSV" and any(isinstance(item, Query) for item in query.select):
        raise feature_not_enabled("Aggregate Relationships not supported in Bulk Query with CSV content type")
    columns = [item for item in query.select if isinstance(item, SelectItem)]
    if query.grouping is not None or any(is_aggregate(item.expression) for item in columns):
        raise SalesforceError("FUNCTIONALITY_NOT_ENABLED", "Aggregate functions not supported in Bulk Query")
    if query.offset is not None:
        raise SalesforceError("FUNCTIONALITY_NOT_ENABLED", "OFFSET not supported in Bulk Query")
    if content_type == "CSV" and any(isinstance(item, TypeOf) for item in query.select):
        raise SalesforceError(
            "FUNCTIONALITY_NOT_ENABLED", "TYPEOF not supported in Bulk Query with CSV content type"
        )


def check_bulk_result(result: QueryResult, code: str) -> None:
    """Refuse addresses and locations, which have no form in CSV (salesforcer's tests, airbyte issue 8206).

    Raises:
        SalesforceError: With `code`: the result shows one.
    """
    if result.shows_compound:
        raise SalesforceError(code, "Selecting compound data not supported in Bulk Query")
