"""Associations, version 3, in which a kind of association has a name."""

from __future__ import annotations

from typing import Any

from mock_crm.core.http import Request, Response
from mock_crm.hubspot import (
    association_pages,
    bodies,
    errors,
    guards,
    query,
    record_bodies,
    request_models,
    responses,
)
from mock_crm.hubspot.associations import Link
from mock_crm.hubspot.context import HubSpotContext
from mock_crm.hubspot.endpoint import V3, Endpoint
from mock_crm.hubspot.errors import HubSpotError
from mock_crm.hubspot.model import AssociationType, ObjectType
from mock_crm.hubspot.routes.associations import (
    API,
    MOST_READ,
    OBJECTS,
    batch_pair,
    check_ends,
    linked_types,
    need_record,
    single_pair,
)

_FROM = "/{objectType}/{objectId}/associations/{toObjectType}"
_ONE = f"{_FROM}/{{toObjectId}}/{{associationType}}"
_PAIR = "/{fromObjectType}/{toObjectType}/batch"


def endpoints() -> list[Endpoint]:
    return [
        Endpoint("GET", OBJECTS, _FROM, list_linked, V3),
        Endpoint("PUT", OBJECTS, _ONE, link, V3),
        Endpoint("DELETE", OBJECTS, _ONE, unlink, V3),
        Endpoint("POST", API, f"{_PAIR}/create", link_batch, V3),
        Endpoint("POST", API, f"{_PAIR}/read", read_batch, V3),
        Endpoint("POST", API, f"{_PAIR}/archive", unlink_batch, V3),
    ]


def list_linked(request: Request, org: HubSpotContext) -> Response:
    """The records of one type linked with a record."""
    source = guards.need_type(request, org, "read").type
    targets = [target.id for target in linked_types(org, request.params["toObjectType"])]
    source_id = need_record(org, source, request.params["objectId"])
    limit = query.limit_in(request, association_pages.PAGE_OF_RECORD, association_pages.PAGE_OF_RECORD)
    after = association_pages.place_in(request)
    found = association_pages.entries(org, source.id, source_id, *targets, after=after)
    body: dict[str, Any] = {"results": [entry for _, entry in found[:limit]]}
    if len(found) > limit:
        body["paging"] = responses.paging_body(request, found[limit - 1][0].cursor())
    return responses.answer(body)


def link(request: Request, org: HubSpotContext) -> Response:
    """Associate two records; the answer is the first of them."""
    source, target = single_pair(request, org, "write")
    source_id, target_id = request.params["objectId"], request.params["toObjectId"]
    kind = _named(request, org, source, target, request.params["associationType"])
    check_ends(org, source, source_id, target, target_id)
    with org.store.transaction():
        org.associations.add([Link(kind, source_id, target_id)], org.now_ms())
    schema = org.schema.need(source.id)
    row = org.records.get(schema, source_id)
    if row is None:
        raise errors.not_found()
    body = record_bodies.of_rows(org, schema, [row], record_bodies.shown_names(schema, None))[0]
    linked = association_pages.among_others(request, org, source.id, source_id, target.id)
    body.associations = {target.plural: linked}
    return responses.answer(body)


def unlink(request: Request, org: HubSpotContext) -> Response:
    """Take one kind of association away; a missing one is no error."""
    source, target = single_pair(request, org, "write")
    kind = _named(request, org, source, target, request.params["associationType"])
    with org.store.transaction():
        org.associations.remove(
            source.id,
            request.params["objectId"],
            target.id,
            request.params["toObjectId"],
            [kind.id],
            org.now_ms(),
        )
    return responses.no_content()


def link_batch(request: Request, org: HubSpotContext) -> Response:
    source, target = batch_pair(request, org, "write")
    inputs = bodies.need_at_most(bodies.read(request, request_models.TypedPairBatch).inputs)
    results = []
    refused = []
    with org.store.transaction():
        for item in inputs:
            source_id, target_id = str(item.source.id), str(item.target.id)
            try:
                kind = _named(request, org, source, target, str(item.type))
                check_ends(org, source, source_id, target, target_id)
                org.associations.add([Link(kind, source_id, target_id)], org.now_ms())
            except HubSpotError as error:
                refused.append(error.item())
            else:
                # Both directions, the way back first (recorded).
                back = org.association_types.by_id(kind.inverse)
                here, there = {"id": source_id}, {"id": target_id}
                results.append({"from": there, "to": here, "type": back.name})
                results.append({"from": here, "to": there, "type": kind.name})
    return responses.batch_body(org, results, refused, status=201)


def read_batch(request: Request, org: HubSpotContext) -> Response:
    """The records of one type linked with each of several records."""
    source, target = batch_pair(request, org, "read")
    inputs = bodies.need_at_most(bodies.read(request, request_models.IdBatch).inputs, MOST_READ)
    results = []
    refused = []
    for item in inputs:
        source_id = str(item.id)
        linked = association_pages.among_others(request, org, source.id, source_id, target.id)
        if linked:
            results.append({"from": {"id": source_id}, "to": linked.pop("results"), **linked})
        else:
            refused.append(errors.nothing_associated(source.singular, source_id, target.singular).item())
    return responses.batch_body(org, results, refused)


def unlink_batch(request: Request, org: HubSpotContext) -> Response:
    source, target = batch_pair(request, org, "write")
    given = bodies.read(request, request_models.TypedPairBatch)
    with org.store.transaction():
        for item in given.inputs:
            kind = _named(request, org, source, target, str(item.type))
            org.associations.remove(
                source.id, str(item.source.id), target.id, str(item.target.id), [kind.id], org.now_ms()
            )
    return responses.no_content()


def _named(
    request: Request, org: HubSpotContext, source: ObjectType, target: ObjectType, name: str
) -> AssociationType:
    """The association type of a name or id.

    Raises:
        HubSpotError: There is none between the two object types.
    """
    for kind in org.association_types.between(source.id, target.id):
        if name.lower() in (kind.name.lower(), str(kind.id)):
            return kind
    raise errors.invalid_association_type(name, request.params["objectType"], request.params["toObjectType"])
