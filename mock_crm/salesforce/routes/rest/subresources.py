"""What lies below a record: its parents, its children and its blobs, as `sobjects/X/{id}/{name}`."""

from __future__ import annotations

import base64

from mock_crm.core.http import Request, Response, json_response
from mock_crm.core.store import Row
from mock_crm.salesforce import errors
from mock_crm.salesforce.context import SalesforceContext
from mock_crm.salesforce.ids import to_18
from mock_crm.salesforce.model import ChildRelationship, Field, SObject
from mock_crm.salesforce.routes.rest.sobjects import existing, object_of, shown

_MOST_CHILDREN = 2000
_MOST_PARENTS = 5


def is_below_record(request: Request, sobject: SObject) -> bool:
    """Whether a path of external ids names a record by its id, and something below it."""
    field = request.params["field"]
    return sobject.field(field) is None and to_18(field) is not None


def get_below_record(request: Request, org: SalesforceContext) -> Response:
    """The blob, parent or children that the last segment names; its route is that of external ids.

    Raises:
        SalesforceError: The record does not exist, or has nothing of this name.
    """
    sobject, row, name = _last(request, org)
    field = sobject.field(name)
    if field is not None and field.type == "base64":
        return _blob(row, field)
    if name.lower() in sobject.relationships:
        return json_response(shown(request, org, *_parent(org, sobject, row, name)))
    for child in org.schema.children(sobject.name):
        if child.name and child.name.lower() == name.lower():
            return _children(request, org, row, child)
    raise errors.not_found()


def parent_below(request: Request, org: SalesforceContext) -> tuple[SObject, Row]:
    """The parent that the last segment names, to change or to delete it [D].

    Raises:
        SalesforceError: There is none.
    """
    sobject, row, name = _last(request, org)
    if name.lower() not in sobject.relationships:
        raise errors.external_id_not_found(request.params["field"])
    return _parent(org, sobject, row, name)


def _last(request: Request, org: SalesforceContext) -> tuple[SObject, Row, str]:
    """The record that the path leads to over its parents, and the name of what is wanted of it."""
    sobject = object_of(request, org)
    row = existing(org, sobject, request.params["field"], is_read=True)
    *parents, name = request.params["value"].split("/")
    if len(parents) >= _MOST_PARENTS:
        raise errors.not_found()
    for parent in parents:
        sobject, row = _parent(org, sobject, row, parent)
    return sobject, row, name


def _blob(row: Row, field: Field) -> Response:
    content = base64.b64decode(row.document.get(field.name, ""), validate=False)
    return Response(200, content, str(row.document.get("ContentType", "application/octet-stream")))


def _parent(org: SalesforceContext, sobject: SObject, row: Row, name: str) -> tuple[SObject, Row]:
    reference = sobject.relationships.get(name.lower())
    parent_id = row.document.get(reference.name) if reference else None
    parent = org.schema.by_prefix(parent_id[:3]) if parent_id else None
    if parent is None or parent_id is None:
        raise errors.not_found()
    return parent, existing(org, parent, parent_id, is_read=True)


def _children(request: Request, org: SalesforceContext, row: Row, child: ChildRelationship) -> Response:
    sobject = org.schema.find(child.child)
    if sobject is None:
        raise errors.not_found()
    org.store.declare(sobject.name, (child.field,))
    rows = org.store.lookup(sobject.name, child.field, row.id, limit=_MOST_CHILDREN)
    records = [shown(request, org, sobject, found) for found in rows]
    return json_response({"totalSize": len(records), "done": True, "records": records})
