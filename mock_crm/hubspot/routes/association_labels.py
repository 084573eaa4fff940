"""The kinds of associations and their labels."""

from __future__ import annotations

from collections.abc import Iterable

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
    return _specs(request, org.association_types.between(source.id, target.id))


def create(request: Request, org: HubSpotContext) -> Response:
    """A new label, in both directions; the answer is 200, not 201 (recorded).

    The empty label makes the association without one, which a first label of a custom object brings along.
    """
    source, target = batch_pair(request, org, "write")
    given = bodies.read(request, request_models.LabelInput)
    existing = org.association_types.between(source.id, target.id)
    if any(kind.name == given.name for kind in org.association_types.own()):
        raise errors.label_name_exists(given.name)
    if any((kind.label or "") == given.label for kind in existing):
        raise errors.label_exists(given.label or '""', source.id, target.id)
    own = [kind for kind in existing if kind.category == "USER_DEFINED" and kind.label is not None]
    if len(own) >= org.edition.labels:
        raise errors.too_many_labels(org.edition.labels, source.id, target.id)
    made = _pair(org, source, target, given)
    if not any(kind.label is None for kind in existing) and given.label:
        name = f"{source.name}_to_{target.name}".lower()
        made += _pair(org, source, target, request_models.LabelInput("", name))
    return _specs(request, made)


def update(request: Request, org: HubSpotContext) -> Response:
    """Change the text of a label, in both directions unless the other one has a text of its own."""
    source, target = batch_pair(request, org, "write")
    given = bodies.read(request, request_models.LabelChange)
    kind = _own(org, source, target, str(given.association_type_id))
    if kind is None:
        raise errors.no_such_label(str(given.association_type_id))
    at = org.now_ms()
    back = org.association_types.by_id(kind.inverse)
    inverse = given.label if given.inverse_label is None else given.inverse_label
    org.association_types.save(msgspec.structs.replace(back, label=inverse), at)
    org.association_types.save(msgspec.structs.replace(kind, label=given.label), at)
    return responses.no_content()


def delete(request: Request, org: HubSpotContext) -> Response:
    """Remove a label in both directions, and take it from all associations."""
    source, target = batch_pair(request, org, "write")
    kind = _own(org, source, target, request.params["associationTypeId"])
    if kind is None:
        raise errors.no_label_to_delete()
    others = org.association_types.between(kind.source, kind.target)
    if kind.label is None and any(each.label is not None for each in others):
        raise errors.labels_remain(kind.id)
    with org.store.transaction():
        org.associations.forget_kind(kind)
        org.association_types.remove(kind)
    return responses.no_content()


def _pair(
    org: HubSpotContext, source: ObjectType, target: ObjectType, given: request_models.LabelInput
) -> list[AssociationType]:
    """A new association type and its way back, kept; without a label when its text is empty."""
    here = org.association_types.next_id()
    is_symmetric = source.id == target.id and given.inverse_label is None
    there = here if is_symmetric else org.association_types.next_id()
    label, inverse = given.label or None, given.inverse_label or given.label or None
    at = org.now_ms()
    kind = AssociationType(here, source.id, target.id, given.name, label, there, "USER_DEFINED")
    back = AssociationType(there, target.id, source.id, given.name, inverse, here, "USER_DEFINED")
    org.association_types.save(back, at)
    org.association_types.save(kind, at)
    return [kind, back]


def _own(org: HubSpotContext, source: ObjectType, target: ObjectType, type_id: str) -> AssociationType | None:
    """The association type of this id that users defined between two object types, in either direction."""
    number = int(type_id) if type_id.isascii() and type_id.isdigit() and len(type_id) < 10 else -1
    kind = org.association_types.of_id("USER_DEFINED", number)
    if kind is None or {kind.source, kind.target} != {source.id, target.id}:
        return None
    return kind


def _specs(request: Request, kinds: Iterable[AssociationType]) -> Response:
    """Association types; since version 2026-09 with the ids of their object types, which are null (live)."""
    more = dict.fromkeys(("fromObjectTypeId", "toObjectTypeId")) if "2026-09" in request.segments else {}
    return responses.answer(
        {"results": [{"category": k.category, "typeId": k.id, "label": k.label} | more for k in kinds]}
    )
