"""Records by external id: `sobjects/X/{field}/{value}`, to get, upsert and delete."""

from __future__ import annotations

from mock_crm.core.http import Request, Response, json_response
from mock_crm.core.routing import Route
from mock_crm.core.store import Row
from mock_crm.salesforce import errors
from mock_crm.salesforce.context import SalesforceContext
from mock_crm.salesforce.dml import RowResult
from mock_crm.salesforce.json_bodies import read_object
from mock_crm.salesforce.model import Field, SObject
from mock_crm.salesforce.references import find_by_key
from mock_crm.salesforce.routes.rest.recent import remember
from mock_crm.salesforce.routes.rest.sobjects import (
    object_of,
    options_of,
    record_path,
    saved,
    shown,
    update,
    version_of,
)
from mock_crm.salesforce.routes.rest.subresources import get_below_record, is_below_record, parent_below

_MATCHES_SHOWN = 200
# Since this version an update by upsert answers 200 with a body, before it 204 without one [M]; `created` is
# in no recorded answer before it (restforce-db, v29.0).
_BODY_SINCE = 46


def routes() -> list[Route[SalesforceContext]]:
    """The endpoints of this module. The value may hold slashes, encoded or not."""
    path = "/services/data/{version}/sobjects/{object}/{field}/{value...}"
    return [
        Route("GET", path, get),
        Route("PATCH", path, upsert),
        Route("DELETE", path, delete),
        Route("POST", "/services/data/{version}/sobjects/{object}/Id", create_by_id),
        Route("PATCH", "/services/data/{version}/sobjects/{object}/Id", refuse_method),
        Route("DELETE", "/services/data/{version}/sobjects/{object}/Id", refuse_method),
    ]


def get(request: Request, org: SalesforceContext) -> Response:
    """The record that the external id names; or what lies below a record, whose path looks the same."""
    sobject = object_of(request, org)
    if is_below_record(request, sobject):
        return get_below_record(request, org)
    found = _matches(request, org, sobject, _key(request, sobject))
    if not found:
        raise errors.not_found()
    if len(found) > 1:
        return _several(request, sobject, found)
    return json_response(shown(request, org, sobject, found[0]))


def upsert(request: Request, org: SalesforceContext) -> Response:
    """Update the record that the external id names, or create it: 201 created, 200 updated, 300 several."""
    sobject = object_of(request, org)
    if is_below_record(request, sobject):
        parent, row = parent_below(request, org)
        request.params.update(object=parent.name, id=row.id)
        return update(request, org)
    key = _key(request, sobject)
    values = read_object(request)
    if any(name.lower() == key.name.lower() for name in values):
        raise errors.id_in_body(key.name)
    found = _matches(request, org, sobject, key)
    if len(found) > 1:
        return _several(request, sobject, found)
    options = options_of(request)
    if found:
        result = org.dml.update(sobject, [(found[0].id, values)], options)[0]
    elif key.name == "Id" or request.query.get("updateOnly", "").lower() == "true":
        raise errors.not_found()
    else:
        result = org.dml.insert(sobject, [{**values, key.name: request.params["value"]}], options)[0]
    if result.errors:
        return errors.response(result.errors)
    remember(org, result)
    return _answer(request, sobject, result)


def delete(request: Request, org: SalesforceContext) -> Response:
    """Delete the record that the external id names."""
    sobject = object_of(request, org)
    if is_below_record(request, sobject):
        return _deleted(request, org, parent_below(request, org)[1])
    found = _matches(request, org, sobject, _key(request, sobject))
    if not found:
        raise errors.not_found()
    if len(found) > 1:
        return _several(request, sobject, found)
    return _deleted(request, org, found[0])


def _deleted(request: Request, org: SalesforceContext, row: Row) -> Response:
    result = org.dml.delete([row.id], options_of(request))[0]
    return errors.response(result.errors) if result.errors else Response(204)


def create_by_id(request: Request, org: SalesforceContext) -> Response:
    """`POST …/X/Id`: an upsert on the id without one creates a record."""
    sobject = object_of(request, org)
    result = org.dml.insert(sobject, [read_object(request)], options_of(request))[0]
    return errors.response(result.errors) if result.errors else _answer(request, sobject, result)


def refuse_method(request: Request, org: SalesforceContext) -> Response:
    """`PATCH …/X/Id` names no record: 405 (jsforce issue 667, restforce issue 263)."""
    raise errors.method_not_allowed(request.method, ("GET", "HEAD", "POST"))


def _answer(request: Request, sobject: SObject, result: RowResult) -> Response:
    if not result.created and version_of(request) < _BODY_SINCE:
        return Response(204)
    place = record_path(request.params["version"], sobject.name, str(result.id))
    headers = [("location", place)] if result.created else []
    body = saved(result)
    if version_of(request) >= _BODY_SINCE:
        body["created"] = result.created
    return json_response(body, 201 if result.created else 200, headers)


def _key(request: Request, sobject: SObject) -> Field:
    key = sobject.field(request.params["field"])
    if key is None or not key.is_key:
        raise errors.external_id_not_found(request.params["field"])
    return key


def _matches(request: Request, org: SalesforceContext, sobject: SObject, key: Field) -> list[Row]:
    return find_by_key(org.store, sobject, key, request.params["value"], _MATCHES_SHOWN)


def _several(request: Request, sobject: SObject, rows: list[Row]) -> Response:
    """300 Multiple Choices: where the records lie [R]."""
    return json_response([record_path(request.params["version"], sobject.name, row.id) for row in rows], 300)
