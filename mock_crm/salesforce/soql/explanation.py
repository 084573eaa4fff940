"""The answer to `query?explain=`: whether a filter finds its records through an index or reads them all."""

from __future__ import annotations

from typing import Any

from mock_crm.salesforce.soql.catalog import RecordSource
from mock_crm.salesforce.soql.evaluate import narrowing_of
from mock_crm.salesforce.soql.nodes import Query
from mock_crm.salesforce.soql.scope import driving_entity

_INDEXED_SHARE = 0.1
"""The share of records that Salesforce takes an indexed filter to leave, where it has no statistics."""


def explanation(source: RecordSource, query: Query) -> dict[str, Any]:
    """One plan, in the form of Salesforce's query plan tool.

    Raises:
        SoqlError: A name, an operator or a literal does not fit.
    """
    entity = driving_entity(source, query)
    narrowing = narrowing_of(source, query)
    total = source.count(entity, include_deleted=False)
    is_indexed = narrowing is not None and narrowing.is_indexed
    plan = {
        "cardinality": max(1, int(total * _INDEXED_SHARE)) if is_indexed else total,
        "fields": list(narrowing.keys) if narrowing else [],
        "leadingOperationType": "Index" if is_indexed else "TableScan",
        "notes": [],
        "relativeCost": _INDEXED_SHARE if is_indexed else 1.0,
        "sobjectCardinality": total,
        "sobjectType": entity.name,
    }
    return {"plans": [plan]}
