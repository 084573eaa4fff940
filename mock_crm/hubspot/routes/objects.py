"""Single records: list, read, create, change, archive, merge and delete for good."""

from __future__ import annotations

from typing import Any

import msgspec

from mock_crm.core.http import Request, Response
from mock_crm.core.store import Row
from mock_crm.hubspot import (
    association_pages,
    bodies,
    catalogue,
    errors,
    guards,
    merge,
    query,
    record_bodies,
    request_models,
    responses,
)
from mock_crm.hubspot.context import HubSpotContext
from mock_crm.hubspot.documents import text_of
from mock_crm.hubspot.endpoint import Endpoint
from mock_crm.hubspot.record_bodies import RecordBody
from mock_crm.hubspot.records import Change, Draft
from mock_crm.hubspot.schema import TypeSchema

API = "crm/objects"
_SINGLE = "/{objectType}/{objectId}"


def endpoints() -> list[Endpoint]:
    return [
        Endpoint("GET", API, "/{objectType}", list_records),
        Endpoint("POST", API, "/{objectType}", create),
        Endpoint("GET", API, _SINGLE, read),
        Endpoint("PATCH", API, _SINGLE, update),
        Endpoint("DELETE", API, _SINGLE, archive),
        Endpoint("POST", API, "/{objectType}/merge", merge_records, fidelity="simplified",
                 note="counts of form submissions and the like are the primary record's"),
        Endpoint("POST", API, "/{objectType}/gdpr-delete", purge, fidelity="simplified",
                 note="an email that no contact has is not put on a block list"),
    ]  # fmt: skip


def list_records(request: Request, org: HubSpotContext) -> Response:
    """A page of records in the order of their creation."""
    schema = guards.need_type(request, org, "read")
    with_history = query.names_in(request, "propertiesWithHistory")
    limit = query.limit_in(request, 10, 50 if with_history else 100)
    archived = query.flag_in(request, "archived")
    rows = _page(
        org,
        schema,
        query.parse_cursor(request.query.get("after", "")),
        limit + 1,
        archived=archived,
    )
    body: dict[str, Any] = {"results": _shown(request, org, schema, rows[:limit])}
    if len(rows) > limit:
        body["paging"] = responses.paging_body(request, str(int(rows[limit - 1].id) + 1))
    return responses.answer(body)


def _page(org: HubSpotContext, schema: TypeSchema, after: int, count: int, *, archived: bool) -> list[Row]:
    """Living or archived records from the cursor on, which is one more than the last id seen (recorded)."""
    last = org.store.get(schema.type.id, str(after - 1)) if after else None
    where, start = ("seq > ?", last.seq) if last is not None else ("CAST(id AS INTEGER) >= ?", after)
    return list(
        org.store.scan(schema.type.id, where=where, parameters=(start,), limit=count, archived=archived)
    )


def read(request: Request, org: HubSpotContext) -> Response:
    """One record by its id or a unique property."""
    schema = guards.need_type(request, org, "read")
    row = _need(request, org, schema, archived=query.flag_in(request, "archived"))
    return responses.answer(_shown(request, org, schema, [row])[0])


def create(request: Request, org: HubSpotContext) -> Response:
    schema = guards.need_type(request, org, "write")
    given = bodies.read(request, request_models.RecordInput)
    guards.strike(request, org)
    with org.store.transaction():
        (draft,) = org.records.draft(schema, [(given.properties, given.associations or ())])
        if not isinstance(draft, Draft):
            raise draft
        org.records.insert(schema, [draft])
    (body,) = record_bodies.of_drafts(org, schema, [draft])
    return responses.created(request, body, draft.id)


def update(request: Request, org: HubSpotContext) -> Response:
    schema = guards.need_type(request, org, "write")
    given = bodies.read(request, request_models.RecordInput)
    guards.strike(request, org)
    if not given.properties:
        raise errors.nothing_to_set()  # said of a record that is not there as well (live)
    with org.store.transaction():
        row = _need(request, org, schema, archived=False)
        (change,) = org.records.plan(schema, [(row, given.properties)])
        if not isinstance(change, Change):
            raise change
        (changed,) = org.records.apply(schema, [change])
    return responses.answer(changed_bodies(org, schema, [change], [changed])[0])


def changed_bodies(
    org: HubSpotContext, schema: TypeSchema, changes: list[Change], rows: list[Row]
) -> list[RecordBody]:
    """Changed records with the values that were changed and those that always come."""
    return [
        record_bodies.of_row(org, schema, row, msgspec.Raw(text_of(change.shown)))
        for row, change in zip(rows, changes, strict=True)
    ]


def archive(request: Request, org: HubSpotContext) -> Response:
    """Move one record to the recycle bin; an unknown id is no error."""
    schema = guards.need_type(request, org, "write")
    guards.strike(request, org)
    _numeric(request.params["objectId"])
    org.archive_records(schema, [request.params["objectId"]])
    return responses.no_content()


def merge_records(request: Request, org: HubSpotContext) -> Response:
    """Make one record of two; the answer is the record that remains."""
    schema = guards.need_type(request, org, "write")
    given = bodies.read(request, request_models.MergeInput)
    row = merge.merge(org, schema, str(given.primary_object_id), str(given.object_id_to_merge))
    return responses.answer(record_bodies.of_row(org, schema, row, dict(sorted(row.document.items()))))


def purge(request: Request, org: HubSpotContext) -> Response:
    """Delete a record for good, with its history and links."""
    schema = guards.need_type(request, org, "write")
    given = bodies.read(request, request_models.PurgeInput)
    with org.store.transaction():
        row = org.records.get(schema, str(given.object_id), given.id_property or "")
        if row is not None:
            org.associations.remove_all(schema.type.id, row.id)
            org.store.delete(schema.type.id, [row.id])
    return responses.no_content()


def _need(request: Request, org: HubSpotContext, schema: TypeSchema, *, archived: bool) -> Row:
    """The record that the path names.

    Raises:
        HubSpotError: There is none.
    """
    identifier = request.params["objectId"]
    id_property = request.query.get("idProperty", "")
    if not id_property:
        _numeric(identifier)
    row = org.records.get(schema, identifier, id_property, archived=archived)
    if row is None:
        raise errors.not_found()
    return row


def _numeric(identifier: str) -> None:
    if not (identifier.isascii() and identifier.lstrip("-").isdigit()):
        raise errors.not_numeric(identifier)
    if int(identifier) <= 0:
        raise errors.not_positive(identifier)


def _shown(request: Request, org: HubSpotContext, schema: TypeSchema, rows: list[Row]) -> list[RecordBody]:
    """Records with the properties, histories and associations that the query asks for."""
    history = query.names_in(request, "propertiesWithHistory")
    asked = query.names_in(request, "properties")
    found = record_bodies.of_rows(org, schema, rows, record_bodies.shown_names(schema, [*asked, *history]))
    targets = _targets(org, query.names_in(request, "associations"))
    for body in found:
        if history:
            body.properties_with_history = record_bodies.history(org, schema, body.id, history)
        linked = {
            name: among
            for name, target, kinds in targets
            if (
                among := association_pages.among_others(request, org, schema.type.id, body.id, target, *kinds)
            )
        }
        if linked:
            body.associations = linked
    return found


def _targets(org: HubSpotContext, names: list[str]) -> list[tuple[str, str, list[str]]]:
    """The types whose associations are asked for: by which name, by which in paths, and the ids of several.

    Raises:
        HubSpotError: HubSpot has no such type; live (cesc1989/apuntes, 2024), other than documented.
    """
    found: list[tuple[str, str, list[str]]] = []
    for name in names:
        if name.lower() in catalogue.ENGAGEMENTS:
            kinds = [org.schema.need(activity).type.id for activity in catalogue.ACTIVITIES]
            found.append(("engagements", "engagements", kinds))
        elif name.lower() not in catalogue.UNSIMULATED_TYPES:
            kind = org.schema.need(name).type
            found.append((kind.plural, kind.id, []))
    return found
