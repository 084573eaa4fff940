"""Which records hang together: what a record's reference fields name, and whose fields name it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from mock_crm.core.browsing import Related
from mock_crm.core.store import Row
from mock_crm.salesforce.context import SalesforceContext
from mock_crm.salesforce.model import SObject

_CHILDREN_SHOWN: Final = 50
"""Of one kind; a query finds the others."""


def parents(org: SalesforceContext, sobject: SObject, row: Row) -> Iterator[Related]:
    """The records that the row's reference fields name."""
    for field in sobject.by_name.values():
        value = row.document.get(field.name)
        if field.type == "reference" and value:
            target = org.schema.by_prefix(str(value)[:3])
            if target is not None:
                yield Related(field.name, target.name, value, name_of(org, target, value))


def children(org: SalesforceContext, sobject: SObject, record_id: str) -> Iterator[Related]:
    """The newest records that point to this one, kind by kind."""
    for relationship in org.schema.children(sobject.name):
        child = org.schema.find(relationship.child)
        if child is None or org.store.is_empty(child.name) or child.field(relationship.field) is None:
            continue
        org.store.declare(child.name, (relationship.field,))
        for row in org.store.lookup(child.name, relationship.field, record_id, limit=_CHILDREN_SHOWN):
            label = relationship.name or f"{child.name}.{relationship.field}"
            yield Related(label, child.name, row.id, name_of(org, child, row.id))


def name_of(org: SalesforceContext, sobject: SObject, record_id: str) -> str:
    """The value of a record's name field; empty where it has none."""
    row = org.store.get(sobject.name, record_id)
    field = sobject.name_field
    return str(row.document.get(field.name, "")) if row is not None and field is not None else ""
