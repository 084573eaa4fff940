"""What lies below a record: its parents, its children and its blobs, as `sobjects/X/{id}/{name}`."""

from __future__ import annotations

import base64

from mock_crm.core.http import Request, Response, json_response
from mock_crm.core.store import Row
from mock_crm.salesforce import errors
from mock_crm.salesforce.context import SalesforceContext
from mock_crm.salesforce.model import ChildRelationship, Field
from mock_crm.salesforce.routes.rest.sobjects import existing, object_of, shown

_MOST_CHILDREN = 2000


def get_below_record(request: Request, org: SalesforceContext) -> Response:
    """The blob, parent or children that the last segment names; its route is that of external ids.

    Raises:
        SalesforceError: The record does not exist, or has nothing of this name.
    """
    sobject = object_of(request, org)
    name = request.params["value"]
    row = existing(org, sobject, request.params["field"], is_read=True)
    field = sobject.field(name)
    if field is not None and field.type == "base64":
        return _blob(row, field)
    parent = sobject.relationships.get(name.lower())
    if parent is not None:
        return _parent(request, org, row, parent)
    for child in org.schema.children(sobject.name):
        if child.name and child.name.lower() == name.lower():
            return _children(request, org, row, child)
    raise errors.not_found()


def _blob(row: Row, field: Field) -> Response:
    content = base64.b64decode(row.document.get(field.name, ""), validate=False)
    return Response(200, content, str(row.document.get("ContentType", "application/octet-stream")))


def _parent(request: Request, org: SalesforceContext, row: Row, reference: Field) -> Response:
    parent_id = row.document.get(reference.name)
    sobject = org.schema.by_prefix(parent_id[:3]) if parent_id else None
    if sobject is None or parent_id is None:
        raise errors.not_found()
    return json_response(shown(request, org, sobject, existing(org, sobject, parent_id, is_read=True)))


def _children(request: Request, org: SalesforceContext, row: Row, child: ChildRelationship) -> Response:
    sobject = org.schema.find(child.child)
    if sobject is None:
        raise errors.not_found()
    org.store.declare(sobject.name, (child.field,))
    rows = org.store.lookup(sobject.name, child.field, row.id, limit=_MOST_CHILDREN)
    records = [shown(request, org, sobject, found) for found in rows]
    return json_response({"totalSize": len(records), "done": True, "records": records})
