"""sObject collections: up to 200 records in one request, each with a result of its own [A D C]."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby
from typing import Any

import msgspec

from mock_crm.core.http import Request, Response, json_response
from mock_crm.core.routing import Route
from mock_crm.salesforce import errors
from mock_crm.salesforce.context import SalesforceContext
from mock_crm.salesforce.dml import DmlOptions, RowResult, ids_of, without_id
from mock_crm.salesforce.dml_call import Atomic
from mock_crm.salesforce.errors import SalesforceError
from mock_crm.salesforce.ids import to_18
from mock_crm.salesforce.json_bodies import read_object
from mock_crm.salesforce.model import SObject
from mock_crm.salesforce.routes.rest.sobjects import SavedRow, attributes, chosen, object_of, options_of

_MAX_RECORDS = 200
_MAX_RETRIEVED = 2000
_MAX_CHUNKS = 10

Row = dict[str, Any]


class _Retrieval(msgspec.Struct):
    ids: list[str] = []
    fields: list[str] = []


def routes() -> list[Route[SalesforceContext]]:
    base = "/services/data/{version}/composite/sobjects"
    return [
        Route("POST", base, create),
        Route("PATCH", base, update),
        Route("DELETE", base, delete),
        Route("GET", base + "/{object}", retrieve_by_query),
        Route("POST", base + "/{object}", retrieve),
        Route("PATCH", base + "/{object}/{field}", upsert),
    ]


def create(request: Request, org: SalesforceContext) -> Response:
    rows, options = _read(request)

    def insert(sobject: SObject, chunk: list[Row], plain: DmlOptions) -> list[RowResult]:
        return org.dml.insert(sobject, chunk, plain)

    return _saved(_by_chunks(org, rows, options, insert))


def update(request: Request, org: SalesforceContext) -> Response:
    """Update records, each by the id in its row."""
    rows, options = _read(request)

    def change(sobject: SObject, chunk: list[Row], plain: DmlOptions) -> list[RowResult]:
        pairs = zip(ids_of(chunk), (without_id(row) for row in chunk), strict=True)
        return org.dml.update(sobject, list(pairs), plain)

    return _saved(_by_chunks(org, rows, options, change))


def upsert(request: Request, org: SalesforceContext) -> Response:
    """Update or create records of one object, by the external id in each row; results say which."""
    sobject = object_of(request, org)
    key = sobject.field(request.params["field"])
    if key is None or not key.is_key:
        raise errors.external_id_not_found(request.params["field"])
    rows, options = _read(request)
    results = [RowResult(errors=[errors.no_attributes()]) for _ in rows]
    with Atomic(org.store, results, is_strict=options.all_or_none):
        typed = [at for at, row in enumerate(rows) if "attributes" in row]
        saved = org.dml.upsert(sobject, key, [rows[at] for at in typed], options)
        for at, result in zip(typed, saved, strict=True):
            results[at] = result
    return json_response(
        [
            {"id": r.id, "success": True, "errors": [], "created": r.created}
            if r.success
            else {"success": False, "errors": [error.item() for error in r.errors], "created": False}
            for r in results
        ]
    )


def delete(request: Request, org: SalesforceContext) -> Response:
    """Delete records of any objects: `?ids=a,b&allOrNone=false`."""
    ids = [text.strip() for text in request.query.get("ids", "").split(",") if text.strip()]
    if not ids:
        raise errors.empty_collection()
    if len(ids) > _MAX_RECORDS:
        raise errors.too_many_records()
    strict = request.query.get("allOrNone", "").lower() == "true"
    return _saved(org.dml.delete(ids, options_of(request, all_or_none=strict)))


def retrieve(request: Request, org: SalesforceContext) -> Response:
    """Records of one object by `ids`, with `fields`; null for those that do not exist."""
    body: _Retrieval = request.json(_Retrieval)
    return _retrieved(request, org, body.ids, body.fields)


def retrieve_by_query(request: Request, org: SalesforceContext) -> Response:
    lists = [[t for t in request.query.get(name, "").split(",") if t] for name in ("ids", "fields")]
    return _retrieved(request, org, lists[0], lists[1])


def _retrieved(request: Request, org: SalesforceContext, ids: list[str], fields: list[str]) -> Response:
    sobject = object_of(request, org)
    if not ids:
        raise errors.empty_collection()
    if not fields:
        raise SalesforceError("MISSING_ARGUMENT", "The 'fields' parameter is required")
    if len(ids) > _MAX_RETRIEVED:
        raise errors.too_many_records(_MAX_RETRIEVED)
    found: list[Row | None] = []
    for given in ids:
        row = org.store.get(sobject.name, to_18(given) or "")
        if row is None or row.archived:
            found.append(None)
            continue
        record = chosen(sobject, org.reader.whole(sobject, row), fields)
        found.append({**attributes(request.params["version"], sobject.name, row.id), **record})
    return json_response(found)


# -- reading and answering -----------------------------------------------------------------------------------


def _read(request: Request) -> tuple[list[Row], DmlOptions]:
    body = read_object(request, "SObjectCollection")
    rows = body.get("records")
    if not isinstance(rows, list) or not rows:
        raise errors.empty_collection()
    if len(rows) > _MAX_RECORDS:
        raise errors.too_many_records()
    if not all(isinstance(row, dict) for row in rows):
        raise errors.json_parser(
            "Can not deserialize SObject out of VALUE_STRING token at [line:1, column:1]"
        )
    return rows, options_of(request, all_or_none=body.get("allOrNone") is True, is_collection=True)


def _chunks(rows: list[Row]) -> Iterator[tuple[str, list[Row]]]:
    """Neighbouring rows of one type: Salesforce saves a collection chunk by chunk."""
    for name, chunk in groupby(rows, key=_type_of):
        yield name, list(chunk)


def _type_of(row: Row) -> str:
    given = row.get("attributes")
    return str(given.get("type", "")).lower() if isinstance(given, dict) else ""


def _by_chunks(org: SalesforceContext, rows: list[Row], options: DmlOptions, save: Any) -> list[RowResult]:
    """Save neighbouring rows of one type together, all chunks or none when that is asked for."""
    chunks = list(_chunks(rows))
    if len(chunks) > _MAX_CHUNKS:
        raise errors.too_many_chunks()
    results: list[RowResult] = []
    with Atomic(org.store, results, is_strict=options.all_or_none):
        for name, chunk in chunks:
            sobject = org.schema.find(name) if name else None
            if sobject is None:
                results += [RowResult(errors=[_no_type(name, chunk[0])]) for _ in chunk]
                continue
            plain = DmlOptions(
                allow_duplicates=options.allow_duplicates,
                is_collection=options.is_collection,
                strike=options.strike,
                first_position=len(results) + 1,
            )
            results += save(sobject, chunk, plain)
    return results


def _no_type(name: str, row: Row) -> SalesforceError:
    if not name:
        return SalesforceError("INVALID_TYPE", "Type not specified for sObject in collection", ())
    shown = row["attributes"]["type"]
    return SalesforceError("INVALID_TYPE", f"sObject type '{shown}' is not supported.", ())


def _saved(results: list[RowResult]) -> Response:
    return json_response([SavedRow(str(row.id)) if row.success else _failed(row) for row in results])


def _failed(result: RowResult) -> dict[str, Any]:
    """A row that was not saved; one that existed and was rolled back keeps its id (jsforce issue 1067)."""
    answer = {"success": False, "errors": [error.item() for error in result.errors]}
    return {"id": result.id, **answer} if result.id else answer
