"""Associations, version 4 and dated: default, labelled and in batches."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from mock_crm.core.http import Request, Response
from mock_crm.hubspot import (
    association_pages,
    bodies,
    catalogue,
    errors,
    guards,
    query,
    request_models,
    responses,
)
from mock_crm.hubspot.associations import Link, Neighbour, Spec
from mock_crm.hubspot.context import HubSpotContext
from mock_crm.hubspot.endpoint import V4, Endpoint
from mock_crm.hubspot.errors import HubSpotError
from mock_crm.hubspot.model import AssociationType, ObjectType

OBJECTS = "crm/objects"
API = "crm/associations"
_FROM = "/{objectType}/{objectId}/associations"
_PAIR = "/{fromObjectType}/{toObjectType}/batch"
_MOST_CREATED = 2000
MOST_READ = 1000


def endpoints() -> list[Endpoint]:
    return [
        Endpoint("GET", OBJECTS, f"{_FROM}/{{toObjectType}}", list_linked, V4),
        Endpoint("PUT", OBJECTS, f"{_FROM}/{{toObjectType}}/{{toObjectId}}", link, V4),
        Endpoint("DELETE", OBJECTS, f"{_FROM}/{{toObjectType}}/{{toObjectId}}", unlink, V4),
        Endpoint("PUT", OBJECTS, f"{_FROM}/default/{{toObjectType}}/{{toObjectId}}", link_default, V4),
        Endpoint("POST", API, f"{_PAIR}/associate/default", link_default_batch, V4),
        Endpoint("POST", API, f"{_PAIR}/create", link_batch, V4),
        Endpoint("POST", API, f"{_PAIR}/read", read_batch, V4),
        Endpoint("POST", API, f"{_PAIR}/archive", unlink_batch, V4),
        Endpoint("POST", API, f"{_PAIR}/labels/archive", unlabel_batch, V4),
    ]


# -- one record ----------------------------------------------------------------------------------------------


def list_linked(request: Request, org: HubSpotContext) -> Response:
    """The records of one type linked with a record."""
    source = guards.need_type(request, org, "read").type
    targets = [target.id for target in linked_types(org, request.params["toObjectType"])]
    source_id = need_record(org, source, request.params["objectId"])
    limit = query.limit_in(request, association_pages.PAGE_OF_RECORD, association_pages.PAGE_OF_RECORD)
    after = association_pages.place_in(request)
    found = association_pages.neighbours(org, source.id, source_id, *targets, after=after)
    body: dict[str, Any] = {"results": [_neighbour_body(other) for _, other in found[:limit]]}
    if len(found) > limit:
        body["paging"] = responses.paging_body(request, found[limit - 1][0].cursor())
    return responses.answer(body)


def link(request: Request, org: HubSpotContext) -> Response:
    """Associate two records by the given kinds."""
    source, target = single_pair(request, org, "write")
    specs = bodies.read(request, list[request_models.SpecInput])
    if not specs:
        raise errors.no_association_types()
    source_id, target_id = request.params["objectId"], request.params["toObjectId"]
    links = []
    for spec in specs:
        # The ids are those of the types that the kind of association leads between, whatever the path says
        # (HubSpot/hubspot-api-nodejs, issue 646).
        kind = org.association_types.of_id(spec.association_category, spec.association_type_id)
        if kind is None:
            raise errors.unknown_association_type(spec.association_category, spec.association_type_id)
        _check_single(org, kind.source, source_id, kind.target, target_id)
        links.append(Link(kind, source_id, target_id))
    with org.store.transaction():
        org.associations.add(links, org.now_ms())
        org.associations.keep_labels(links, org.now_ms())
    return responses.answer(_pair_body(source, target, links), 201)


def unlink(request: Request, org: HubSpotContext) -> Response:
    """Part two records; those that are not associated are no error."""
    source, target = single_pair(request, org, "write")
    with org.store.transaction():
        org.associations.remove(
            source.id, request.params["objectId"], target.id, request.params["toObjectId"], None, org.now_ms()
        )
    return responses.no_content()


def link_default(request: Request, org: HubSpotContext) -> Response:
    """Associate two records without a label."""
    source, target = single_pair(request, org, "write")
    source_id, target_id = request.params["objectId"], request.params["toObjectId"]
    _check_single(org, source.id, source_id, target.id, target_id)
    made = _default_links(org, source, target, [(source_id, target_id)])
    with org.store.transaction():
        org.associations.add(made, org.now_ms())
    return responses.batch_body(org, [body for item in made for body in _both_ways(org, item)])


# -- batches -------------------------------------------------------------------------------------------------


def link_default_batch(request: Request, org: HubSpotContext) -> Response:
    """Associate pairs of records without a label."""
    source, target = batch_pair(request, org, "write")
    inputs = bodies.need_at_most(bodies.read(request, request_models.PairBatch).inputs, _MOST_CREATED)

    def make(item: request_models.Pair) -> list[Link]:
        return _default_links(org, source, target, [(str(item.source.id), str(item.target.id))])

    made, refused = _each(org, inputs, make)
    results = [body for links in made for item in links for body in _both_ways(org, item)]
    return responses.batch_body(org, results, refused)


def link_batch(request: Request, org: HubSpotContext) -> Response:
    """Associate pairs of records by the given kinds."""
    source, target = batch_pair(request, org, "write")
    inputs = bodies.need_at_most(bodies.read(request, request_models.LabelledPairBatch).inputs, _MOST_CREATED)

    def make(item: request_models.LabelledPair) -> list[Link]:
        return _links(org, source, target, str(item.source.id), str(item.target.id), item.types)

    made, refused = _each(org, inputs, make)
    return responses.batch_body(
        org, [_pair_body(source, target, links) for links in made], refused, status=201
    )


def read_batch(request: Request, org: HubSpotContext) -> Response:
    """The records of one type linked with each of several records."""
    source, target = batch_pair(request, org, "read")
    inputs = bodies.need_at_most(bodies.read(request, request_models.IdBatch).inputs, MOST_READ)
    results = []
    refused = []
    for item in inputs:
        source_id = str(item.id)
        if not (source_id.isascii() and source_id.isdigit()):
            refused.append(errors.invalid_identifier(source_id).item())
            continue
        found = association_pages.neighbours(org, source.id, source_id, target.id)
        if found:
            others = [_neighbour_body(other) for _, other in found]
            results.append({"from": {"id": source_id}, "to": others})
        else:
            refused.append(errors.nothing_associated(source.singular, source_id, target.singular).item())
    return responses.batch_body(org, results, refused)


def unlink_batch(request: Request, org: HubSpotContext) -> Response:
    source, target = batch_pair(request, org, "write")
    given = bodies.read(request, request_models.ManyTargetsBatch)
    with org.store.transaction():
        for item in given.inputs:
            for other in item.targets:
                org.associations.remove(
                    source.id, str(item.source.id), target.id, str(other.id), None, org.now_ms()
                )
    return responses.no_content()


def unlabel_batch(request: Request, org: HubSpotContext) -> Response:
    """Take kinds away from associations; without any left, the records are parted."""
    source, target = batch_pair(request, org, "write")
    given = bodies.read(request, request_models.LabelledPairBatch)
    with org.store.transaction():
        for item in given.inputs:
            kinds = [
                kind_of(org, source, target, spec.association_category, spec.association_type_id).id
                for spec in item.types
            ]
            org.associations.remove(
                source.id, str(item.source.id), target.id, str(item.target.id), kinds, org.now_ms()
            )
    return responses.no_content()


# -- what the endpoints of both versions share ---------------------------------------------------------------


def single_pair(request: Request, org: HubSpotContext, access: str) -> tuple[ObjectType, ObjectType]:
    """The object types of a path that names one record."""
    source = guards.need_type(request, org, access).type
    return source, org.schema.need(request.params["toObjectType"]).type


def linked_types(org: HubSpotContext, name: str) -> list[ObjectType]:
    """The object types that a name means where associations are read: `engagements` are all activities."""
    names = catalogue.ACTIVITIES if name.lower() in catalogue.ENGAGEMENTS else (name,)
    return [org.schema.need(each).type for each in names]


def batch_pair(request: Request, org: HubSpotContext, access: str) -> tuple[ObjectType, ObjectType]:
    """The object types of a path that names two types."""
    request.params["objectType"] = request.params["fromObjectType"]
    return single_pair(request, org, access)


def need_record(org: HubSpotContext, kind: ObjectType, record_id: str) -> str:
    """The id of a living record.

    Raises:
        HubSpotError: There is none.
    """
    if not org.associations.exists(kind.id, record_id):
        raise errors.not_found()
    return record_id


def check_ends(
    org: HubSpotContext, source: ObjectType, source_id: str, target: ObjectType, target_id: str
) -> None:
    """Refuse an association with a record that does not exist, or with itself.

    Raises:
        HubSpotError: It is one.
    """
    if source.id == target.id and source_id == target_id:
        raise errors.associated_with_itself(source_id)
    for kind, record_id in ((source, source_id), (target, target_id)):
        if not (record_id.isascii() and record_id.isdigit()):
            raise errors.invalid_identifier(record_id)
        if not org.associations.exists(kind.id, record_id):
            raise errors.invalid_end(kind.name, record_id)


def need_default(org: HubSpotContext, source: ObjectType, target: ObjectType) -> AssociationType:
    """The unlabelled association type between two object types.

    Raises:
        HubSpotError: There is none.
    """
    kind = org.association_types.default(source.id, target.id)
    if kind is None:
        raise errors.no_association_allowed(source.singular, target.singular)
    return kind


def kind_of(
    org: HubSpotContext, source: ObjectType, target: ObjectType, category: str, type_id: int
) -> AssociationType:
    """The association type that a body names.

    Raises:
        HubSpotError: It does not lead from one object type to the other.
    """
    return org.associations.kind(source.id, target.id, Spec(category, type_id))


# -- inside --------------------------------------------------------------------------------------------------


def _check_single(org: HubSpotContext, source: str, source_id: str, target: str, target_id: str) -> None:
    """Refuse an association, of two types by their ids, with a record that does not exist, or with itself."""
    if source == target and source_id == target_id:
        raise errors.associated_with_itself(source_id)
    for type_id, record_id in ((source, source_id), (target, target_id)):
        if not org.associations.exists(type_id, record_id):
            name = org.schema.need(type_id).type.name
            raise errors.invalid_single(name, record_id)


def _each(
    org: HubSpotContext, inputs: Sequence[Any], make: Callable[[Any], list[Link]]
) -> tuple[list[list[Link]], list[dict[str, Any]]]:
    """Make the links of each input, and say which inputs were refused."""
    made = []
    refused = []
    with org.store.transaction():
        for item in inputs:
            try:
                links = make(item)
                org.associations.add(links, org.now_ms())
            except HubSpotError as error:
                refused.append(error.item())
            else:
                made.append(links)
        org.associations.keep_labels([link for links in made for link in links], org.now_ms())
    return made, refused


def _links(
    org: HubSpotContext,
    source: ObjectType,
    target: ObjectType,
    source_id: str,
    target_id: str,
    specs: Sequence[request_models.SpecInput],
) -> list[Link]:
    check_ends(org, source, source_id, target, target_id)
    if not specs:
        raise errors.no_association_types()
    return [
        Link(
            kind_of(org, source, target, spec.association_category, spec.association_type_id),
            source_id,
            target_id,
        )
        for spec in specs
    ]


def _default_links(
    org: HubSpotContext, source: ObjectType, target: ObjectType, pairs: Sequence[tuple[str, str]]
) -> list[Link]:
    kind = need_default(org, source, target)
    for source_id, target_id in pairs:
        check_ends(org, source, source_id, target, target_id)
    return [Link(kind, source_id, target_id) for source_id, target_id in pairs]


def _both_ways(org: HubSpotContext, item: Link) -> list[dict[str, Any]]:
    back = org.association_types.by_id(item.type.inverse)
    return [
        _default_body(item.source_id, item.target_id, item.type),
        _default_body(item.target_id, item.source_id, back),
    ]


def _default_body(source_id: str, target_id: str, kind: AssociationType) -> dict[str, Any]:
    return {
        "from": {"id": source_id},
        "to": {"id": target_id},
        "associationSpec": {"associationCategory": kind.category, "associationTypeId": kind.id},
    }


def _pair_body(source: ObjectType, target: ObjectType, links: Sequence[Link]) -> dict[str, Any]:
    """A labelled association; ids are numbers here (recorded)."""
    return {
        "fromObjectTypeId": source.id,
        "fromObjectId": int(links[0].source_id),
        "toObjectTypeId": target.id,
        "toObjectId": int(links[0].target_id),
        "labels": [item.type.label for item in links if item.type.label is not None],
    }


def _neighbour_body(other: Neighbour) -> dict[str, Any]:
    kinds = sorted(other.types, key=lambda kind: (kind.label is None, kind.id))
    return {
        "toObjectId": int(other.id),
        "associationTypes": [
            {"category": kind.category, "typeId": kind.id, "label": kind.label} for kind in kinds
        ],
    }
