"""The limits that an account sets on its own associations, and the report of their use."""

from __future__ import annotations

from typing import Any

import msgspec

from mock_crm.core.http import Request, Response
from mock_crm.hubspot import bodies, errors, request_models, responses
from mock_crm.hubspot.context import HubSpotContext
from mock_crm.hubspot.endpoint import V4, Endpoint
from mock_crm.hubspot.model import AssociationType
from mock_crm.hubspot.portal import USER_EMAIL
from mock_crm.hubspot.routes.associations import API, batch_pair, kind_of
from mock_crm.hubspot.timestamps import iso_ms

_LIMITS = "/definitions/configurations"
_PAIR = f"{_LIMITS}/{{fromObjectType}}/{{toObjectType}}"


def endpoints() -> list[Endpoint]:
    return [
        Endpoint("GET", API, f"{_LIMITS}/all", list_all, V4),
        Endpoint("GET", API, _PAIR, list_limits, V4),
        Endpoint("POST", API, f"{_PAIR}/batch/create", create, V4),
        Endpoint("POST", API, f"{_PAIR}/batch/update", update, V4),
        Endpoint("POST", API, f"{_PAIR}/batch/purge", purge, V4),
        Endpoint("POST", API, "/usage/high-usage-report/{userId}", report, V4, "simplified",
                 "no report is sent"),
    ]  # fmt: skip


def list_all(request: Request, org: HubSpotContext) -> Response:
    return responses.answer({"results": [_body(kind) for kind in org.association_types.limited()]})


def list_limits(request: Request, org: HubSpotContext) -> Response:
    """The limits on associations from one object type to another."""
    source, target = batch_pair(request, org, "read")
    kinds = org.association_types.between(source.id, target.id)
    return responses.answer({"results": [_body(kind) for kind in kinds if kind.most is not None]})


def create(request: Request, org: HubSpotContext) -> Response:
    return responses.batch_body(org, [_body(kind) for kind in _set_all(request, org)], status=201)


def update(request: Request, org: HubSpotContext) -> Response:
    results = [_body(kind) for kind in _set_all(request, org)]
    for body in results:
        body.pop("label")
    return responses.batch_body(org, results)


def purge(request: Request, org: HubSpotContext) -> Response:
    source, target = batch_pair(request, org, "write")
    inputs = bodies.read(request, request_models.KindBatch).inputs
    for kind in [kind_of(org, source, target, item.category, item.type_id) for item in inputs]:
        _save(org, kind, None)
    return responses.no_content()


def report(request: Request, org: HubSpotContext) -> Response:
    """Ask for a report on records near their limits, which HubSpot sends to a user by mail."""
    user = request.params["userId"]
    if not (user.isascii() and user.isdigit()) or len(user) > 9:
        raise errors.not_numeric(user)
    at: Any = iso_ms(org.now_ms())
    if "v4" not in request.segments:
        at = {"value": org.now_ms(), "dateOnly": False, "timeZoneShift": 0}  # in the dated specifications
    return responses.answer({"userId": int(user), "userEmail": USER_EMAIL, "enqueueTime": at})


def _set_all(request: Request, org: HubSpotContext) -> list[AssociationType]:
    """Set the limits that a body asks for, all or none."""
    source, target = batch_pair(request, org, "write")
    inputs = bodies.need_at_most(bodies.read(request, request_models.LimitBatch).inputs)
    if any(item.max_to_object_ids < 1 for item in inputs):
        raise errors.invalid("maxToObjectIds must be at least 1.")
    kinds = [kind_of(org, source, target, item.category, item.type_id) for item in inputs]
    pairs = zip(kinds, inputs, strict=True)
    return [_save(org, kind, item.max_to_object_ids) for kind, item in pairs]


def _save(org: HubSpotContext, kind: AssociationType, most: int | None) -> AssociationType:
    changed = msgspec.structs.replace(kind, most=most)
    org.association_types.save(changed, org.now_ms())
    return changed


def _body(kind: AssociationType) -> dict[str, Any]:
    return {
        "category": kind.category,
        "typeId": kind.id,
        "userEnforcedMaxToObjectIds": kind.most,
        "label": kind.label,
    }
