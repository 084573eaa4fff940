"""The kinds of associations and their labels."""

from __future__ import annotations

from typing import Any

import msgspec

from mock_crm.core.http import Request, Response
from mock_crm.hubspot import bodies, errors, request_models, responses
from mock_crm.hubspot.context import HubSpotContext
from mock_crm.hubspot.endpoint import V3, V4, Endpoint
from mock_crm.hubspot.model import AssociationType, ObjectType
from mock_crm.hubspot.routes.associations import API, batch_pair

_LABELS = "/{fromObjectType}/{toObjectType}/labels"


def endpoints() -> list[Endpoint]:
    return [
        Endpoint("GET", API, "/{fromObjectType}/{toObjectType}/types", list_types, V3),
        Endpoint("GET", API, _LABELS, list_labels, V4),
        Endpoint("POST", API, _LABELS, create, V4),
        Endpoint("PUT", API, _LABELS, update, V4),
        Endpoint("DELETE", API, f"{_LABELS}/{{associationTypeId}}", delete, V4),
    ]


def list_types(request: Request, org: HubSpotContext) -> Response:
    """The association types between two object types, by their v3 names."""
    source, target = batch_pair(request, org, "read")
    kinds = org.association_types.between(source.id, target.id)
    return responses.answer({"results": [{"id": str(kind.id), "name": kind.name} for kind in kinds]})


def list_labels(request: Request, org: HubSpotContext) -> Response:
    """The association types between two object types, with their labels."""
    source, target = batch_pair(request, org, "read")
    return responses.answer(
        {"results": [_spec(kind) for kind in org.association_types.between(source.id, target.id)]}
    )


def create(request: Request, org: HubSpotContext) -> Response:
    """A new label, in both directions; the answer is 200, not 201 (recorded)."""
    source, target = batch_pair(request, org, "write")
    given = bodies.read(request, request_models.LabelInput)
    existing = org.association_types.between(source.id, target.id)
    if any(kind.label == given.label or kind.name == given.name for kind in existing):
        raise errors.label_exists(given.label)
    if sum(kind.category == "USER_DEFINED" for kind in existing) >= org.edition.labels:
        raise errors.limit_reached("association labels", org.edition.labels)
    here = org.association_types.next_id()
    is_symmetric = source.id == target.id and given.inverse_label is None
    there = here if is_symmetric else org.association_types.next_id()
    inverse = given.inverse_label or given.label
    at = org.now_ms()
    kind = AssociationType(here, source.id, target.id, given.name, given.label, there, "USER_DEFINED")
    back = AssociationType(there, target.id, source.id, given.name, inverse, here, "USER_DEFINED")
    org.association_types.save(back, at)
    org.association_types.save(kind, at)
    return responses.answer({"results": [_spec(kind), _spec(back)]})


def update(request: Request, org: HubSpotContext) -> Response:
    """Change the text of a label."""
    source, target = batch_pair(request, org, "write")
    given = bodies.read(request, request_models.LabelChange)
    kind = _need(org, source, target, str(given.association_type_id))
    at = org.now_ms()
    if given.inverse_label is not None and kind.inverse != kind.id:
        back = org.association_types.by_id(kind.inverse)
        org.association_types.save(msgspec.structs.replace(back, label=given.inverse_label), at)
    org.association_types.save(msgspec.structs.replace(kind, label=given.label), at)
    return responses.no_content()


def delete(request: Request, org: HubSpotContext) -> Response:
    """Remove a label in both directions, and take it from all associations."""
    source, target = batch_pair(request, org, "write")
    kind = _need(org, source, target, request.params["associationTypeId"])
    with org.store.transaction():
        org.associations.forget_kind(kind)
        org.association_types.remove(kind)
    return responses.no_content()


def _need(org: HubSpotContext, source: ObjectType, target: ObjectType, type_id: str) -> AssociationType:
    number = int(type_id) if type_id.isascii() and type_id.isdigit() and len(type_id) < 10 else -1
    kind = org.association_types.of_id("USER_DEFINED", number)
    if kind is None or (kind.source, kind.target) != (source.id, target.id):
        raise errors.invalid_association_spec("USER_DEFINED", number, source.name, target.name)
    return kind


def _spec(kind: AssociationType) -> dict[str, Any]:
    return {"category": kind.category, "typeId": kind.id, "label": kind.label}
