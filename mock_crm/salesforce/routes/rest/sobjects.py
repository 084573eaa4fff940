"""Describes and single records: `sobjects`, `sobjects/X`, `sobjects/X/describe`, `sobjects/X/{id}`."""

from __future__ import annotations

from base64 import b64encode
from datetime import datetime
from email.utils import format_datetime, parsedate_to_datetime
from functools import lru_cache
from typing import Any

import msgspec

from mock_crm.core.clock import from_epoch_ms
from mock_crm.core.http import JSON, Request, Response, json_response
from mock_crm.core.routing import Route
from mock_crm.core.store import Row
from mock_crm.salesforce import errors, versions
from mock_crm.salesforce.context import SalesforceContext
from mock_crm.salesforce.describe import Described, brief, describe_bytes, global_bytes
from mock_crm.salesforce.dml import DmlOptions, RowResult
from mock_crm.salesforce.errors import SalesforceError
from mock_crm.salesforce.ids import to_18
from mock_crm.salesforce.json_bodies import read_object
from mock_crm.salesforce.model import SObject
from mock_crm.salesforce.multipart import parts
from mock_crm.salesforce.routes.rest.recent import recent_items, remember


def routes() -> list[Route[SalesforceContext]]:
    base = "/services/data/{version}/sobjects"
    one = base + "/{object}/{id}"
    return [
        Route("GET", base, describe_all),
        Route("GET", base + "/{object}", object_info),
        Route("POST", base + "/{object}", create),
        Route(
            "GET", base + "/{object}/describe", describe_one, note="No layouts, actions or supported scopes."
        ),
        Route("GET", one, get),
        Route("PATCH", one, update),
        Route("DELETE", one, delete),
    ]


# -- describes -----------------------------------------------------------------------------------------------


def describe_all(request: Request, org: SalesforceContext) -> Response:
    return _described(request, org, global_bytes(org, version_of(request)))


def describe_one(request: Request, org: SalesforceContext) -> Response:
    return _described(
        request, org, describe_bytes(org, object_of(request, org), version_of(request), request.root)
    )


def object_info(request: Request, org: SalesforceContext) -> Response:
    """One object in brief, and its records that were used last."""
    sobject = object_of(request, org)
    version = version_of(request)
    items = recent_items(org, version, sobject)
    return json_response({"objectDescribe": brief(sobject, version), "recentItems": items})


def _described(request: Request, org: SalesforceContext, found: Described) -> Response:
    """The bytes, or 304 when the client has them already."""
    changed_ms = org.schema.changed_ms
    tag = f'"{found.etag}"'
    headers = [("etag", tag), ("last-modified", _http_date(changed_ms))]
    if known := request.header("if-none-match"):
        is_known = tag in known
    else:
        is_known = _is_unchanged(request, "if-modified-since", from_epoch_ms(changed_ms))
    if is_known:
        return Response(304, headers=headers)
    return Response(200, found.body, JSON, headers)


@lru_cache(maxsize=4096)
def _http_date(epoch_ms: int) -> str:
    return format_datetime(from_epoch_ms(epoch_ms), usegmt=True)


def _is_unchanged(request: Request, header: str, changed: datetime) -> bool:
    """Whether nothing has changed since the moment in a header; a date that cannot be read says nothing."""
    moment = request.header(header)
    if not moment:
        return False
    try:
        return changed <= parsedate_to_datetime(moment)
    except ValueError:
        return False


def _require_unchanged(request: Request, row: Row) -> None:
    """Refuse to touch a record that has changed since the client saw it [D].

    Raises:
        SalesforceError: PRECONDITION_FAILED.
    """
    if request.header("if-unmodified-since") and not _is_unchanged(
        request, "if-unmodified-since", from_epoch_ms(row.modified)
    ):
        raise errors.precondition_failed()


# -- records -------------------------------------------------------------------------------------------------


def create(request: Request, org: SalesforceContext) -> Response:
    """Create a record: 201 with its id and its place."""
    sobject = object_of(request, org)
    result = org.dml.insert(sobject, [record_body(request, sobject)], options_of(request))[0]
    if result.errors:
        return errors.response(result.errors)
    remember(org, result)
    place = record_path(request.params["version"], sobject.name, str(result.id))
    return json_response(saved(result), 201, [("location", place)])


def get(request: Request, org: SalesforceContext) -> Response:
    """A record with all its fields, or those that `fields` names."""
    sobject = object_of(request, org)
    row = existing(org, sobject, request.params["id"], is_read=True)
    _require_unchanged(request, row)
    headers = [("last-modified", _http_date(row.modified))]
    if request.header("if-modified-since") and _is_unchanged(
        request, "if-modified-since", from_epoch_ms(row.modified)
    ):
        return Response(304, headers=headers)
    remember(org, RowResult(id=row.id))
    return json_response(shown(request, org, sobject, row), headers=headers)


def update(request: Request, org: SalesforceContext) -> Response:
    """Change a record: 204."""
    sobject = object_of(request, org)
    row = existing(org, sobject, request.params["id"], absent=errors.unknown_record())
    _require_unchanged(request, row)
    result = org.dml.update(sobject, [(row.id, record_body(request, sobject))], options_of(request))[0]
    if result.errors:
        return errors.response(result.errors)
    remember(org, result)
    return Response(204)


def delete(request: Request, org: SalesforceContext) -> Response:
    """Move a record to the recycle bin: 204."""
    sobject = object_of(request, org)
    row = existing(org, sobject, request.params["id"], absent=errors.unknown_record())
    _require_unchanged(request, row)
    result = org.dml.delete([row.id], options_of(request))[0]
    return errors.response(result.errors) if result.errors else Response(204)


# -- shared with the other record resources ------------------------------------------------------------------


def record_body(request: Request, sobject: SObject) -> dict[str, Any]:
    """The values of one record: a JSON object, or one part of a multipart body beside its files.

    Raises:
        SalesforceError: The body is something else.
        BodyError: It cannot be read.
    """
    if request.content_type() != "multipart/form-data":
        return read_object(request)
    values: dict[str, Any] | None = None
    files: dict[str, str] = {}
    for name, content in parts(request.header("content-type"), request.body).items():
        field = sobject.field(name)
        if field is not None and field.type == "base64":
            files[field.name] = b64encode(content).decode()
        elif values is not None:
            raise errors.second_binary_part()
        else:
            request.body = content
            values = read_object(request)
    if values is None:
        raise errors.no_plain_part()
    return {**values, **files}


def version_of(request: Request) -> int:
    """The number of the API version that the request speaks."""
    return versions.number(request.params["version"]) or versions.NEWEST


def object_of(request: Request, org: SalesforceContext) -> SObject:
    """The object that the path names, in any case.

    Raises:
        SalesforceError: There is no such object.
    """
    found = org.schema.find(request.params["object"])
    if found is None:
        raise errors.no_such_resource(request.params["object"])
    return found


def options_of(request: Request, *, all_or_none: bool = False, is_collection: bool = False) -> DmlOptions:
    """How the request wants its rows saved, by its headers."""
    bypass = request.header("sforce-duplicate-rule-header").replace(" ", "").lower()
    return DmlOptions(
        all_or_none=all_or_none,
        allow_duplicates="allowsave=true" in bypass,
        is_collection=is_collection,
        strike=request.strike,
    )


def existing(
    org: SalesforceContext,
    sobject: SObject,
    given: str,
    *,
    is_read: bool = False,
    absent: SalesforceError | None = None,
) -> Row:
    """The record that an id of 15 or 18 characters in a path names.

    What does not look like an id is taken for the name of an external id field, as which it stands in such a
    path (restforce issue 376, nforce issue 192). A row of a collection has no such second meaning.

    Raises:
        SalesforceError: MALFORMED_ID [A], NOT_FOUND [C R], or `absent`, or ENTITY_IS_DELETED [A].
    """
    record_id = to_18(given)
    if record_id is None:
        if len(given) in (15, 18) and given[:3] == sobject.prefix:
            raise errors.malformed_id(given)
        raise errors.external_id_not_found(given)
    row = org.store.get(sobject.name, record_id)
    if row is None:
        raise absent or errors.not_found()
    if row.archived:
        # Recorded: reading a deleted record is NOT_FOUND, changing it ENTITY_IS_DELETED (grouparoo).
        raise errors.not_found() if is_read else errors.entity_is_deleted()
    return row


def shown(request: Request, org: SalesforceContext, sobject: SObject, row: Row) -> dict[str, Any]:
    """A record as the API gives it, cut to the fields that the query names.

    Raises:
        SalesforceError: One of the named fields does not exist.
    """
    record = org.reader.whole(sobject, row)
    wanted = request.query.get("fields")
    if wanted:
        record = chosen(sobject, record, [name.strip() for name in wanted.split(",") if name.strip()])
    elif any(field.type == "base64" for field in sobject.by_name.values()):
        record = _with_blob_links(request, sobject, record)
    return {**attributes(request.params["version"], sobject.name, row.id), **record}


def chosen(sobject: SObject, record: dict[str, Any], names: list[str]) -> dict[str, Any]:
    """The named fields of a record, in the order of the names; the id always, at the end unless named.

    Raises:
        SalesforceError: One of them does not exist.
    """
    found: dict[str, Any] = {}
    for name in names:
        field = sobject.field(name)
        if field is None:
            raise errors.no_such_column(name, sobject.name)
        found[field.name] = record[field.name]
    found.setdefault("Id", record["Id"])
    return found


def _with_blob_links(request: Request, sobject: SObject, record: dict[str, Any]) -> dict[str, Any]:
    """Blobs are not inlined: the record carries the path where they lie."""
    place = record_path(request.params["version"], sobject.name, record["Id"])
    blobs = {f.name: f"{place}/{f.name}" for f in sobject.by_name.values() if f.type == "base64"}
    return {**record, **{name: path for name, path in blobs.items() if record[name] is not None}}


def attributes(version: str, object_name: str, record_id: str) -> dict[str, Any]:
    """The `attributes` member that every record begins with."""
    return {"attributes": {"type": object_name, "url": record_path(version, object_name, record_id)}}


def record_path(version: str, object_name: str, record_id: str) -> str:
    """Where a record lies; `version` as in the path, `v60.0`."""
    return f"/services/data/{version}/sobjects/{object_name}/{record_id}"


def saved(result: RowResult) -> dict[str, Any]:
    """The answer for a row that was saved."""
    return {"id": result.id, "success": True, "errors": []}


class SavedRow(msgspec.Struct, frozen=True):
    """The same for collections, as a type that encodes faster than a dict."""

    id: str
    success: bool = True
    errors: tuple[()] = ()
