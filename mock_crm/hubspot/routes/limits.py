"""The limits of the account, and how much of them is used, as far as the mock keeps them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from mock_crm.core.http import Request, Response
from mock_crm.hubspot import guards, responses
from mock_crm.hubspot.context import HubSpotContext
from mock_crm.hubspot.endpoint import Endpoint
from mock_crm.hubspot.model import ObjectType

API = "crm/limits"
# What HubSpot documents for all editions; the mock does not enforce these.
_CALCULATED_PROPERTIES = 200
_RECORDS = 15_000_000
_ASSOCIATED_RECORDS = 50_000


def endpoints() -> list[Endpoint]:
    note = "the numbers of records and associations are counted, but not limited"
    return [
        Endpoint("GET", API, "/custom-object-types", custom_object_types),
        Endpoint("GET", API, "/custom-properties", custom_properties),
        Endpoint("GET", API, "/calculated-properties", calculated_properties,
                 fidelity="simplified", note=note),
        Endpoint("GET", API, "/pipelines", pipelines),
        Endpoint("GET", API, "/records", records, fidelity="simplified", note=note),
        Endpoint("GET", API, "/associations/labels", labels),
        Endpoint("GET", API, "/associations/records/from", near_limits, fidelity="simplified", note=note),
        Endpoint("GET", API, "/associations/records/{fromObjectTypeId}/to", near_limits,
                 fidelity="simplified", note=note),
        Endpoint("GET", API, "/associations/records/{fromObjectTypeId}/{toObjectTypeId}", near_limits_of_pair,
                 fidelity="simplified", note=note),
    ]  # fmt: skip


def custom_object_types(request: Request, org: HubSpotContext) -> Response:
    """How many custom objects there are and may be."""
    used = sum(kind.is_custom for kind in org.schema.types())
    return responses.answer(_limit(org.edition.custom_objects, used))


def custom_properties(request: Request, org: HubSpotContext) -> Response:
    """How many custom properties there are and may be, in all and by object type."""
    used = {
        kind.id: sum(not prop.hubspot_defined for prop in org.schema.of(kind).properties.values())
        for kind in org.schema.types()
    }
    in_all, limit = sum(used.values()), org.edition.properties
    return responses.answer(
        {
            "overallUsage": in_all,
            "overallLimit": limit,
            "overallPercentage": _percentage(limit, in_all),
            "byObjectType": [
                _type_body(kind) | _limit(org.edition.properties_per_object, used[kind.id])
                for kind in org.schema.types()
            ],
        }
    )


def calculated_properties(request: Request, org: HubSpotContext) -> Response:
    """How many calculated properties users have made."""
    used = {
        kind.id: sum(
            prop.calculated and not prop.hubspot_defined for prop in org.schema.of(kind).properties.values()
        )
        for kind in org.schema.types()
    }
    in_all = sum(used.values())
    return responses.answer(
        {
            "overallUsage": in_all,
            "overallLimit": _CALCULATED_PROPERTIES,
            "overallPercentage": _percentage(_CALCULATED_PROPERTIES, in_all),
            "byObjectType": [
                _type_body(kind) | _limit(_CALCULATED_PROPERTIES, used[kind.id])
                for kind in org.schema.types()
                if used[kind.id]
            ],
        }
    )


def pipelines(request: Request, org: HubSpotContext) -> Response:
    """How many pipelines each object type has and may have."""

    def body(kind: ObjectType) -> dict[str, Any]:
        return _type_body(kind) | _limit(org.edition.pipelines, len(org.pipelines.of(kind.id)))

    kinds = org.schema.types()
    return responses.answer(
        {
            "hubspotDefinedObjectTypes": [
                body(kind) for kind in kinds if kind.pipeline and not kind.is_custom
            ],
            "customObjectTypes": _shared_limit(
                org.edition.pipelines, [(k, len(org.pipelines.of(k.id))) for k in kinds if k.is_custom]
            ),
        }
    )


def records(request: Request, org: HubSpotContext) -> Response:
    """How many records each object type has."""

    def body(kind: ObjectType) -> dict[str, Any]:
        return _type_body(kind) | _limit(_RECORDS, org.store.count(kind.id))

    kinds = org.schema.types()
    return responses.answer(
        {
            "hubspotDefinedObjectTypes": [body(kind) for kind in kinds if not kind.is_custom],
            "customObjectTypes": _shared_limit(
                _RECORDS, [(kind, org.store.count(kind.id)) for kind in kinds if kind.is_custom]
            ),
        }
    )


def labels(request: Request, org: HubSpotContext) -> Response:
    """How many labels users have made between object types."""
    wanted = (request.query.get("fromObjectTypeId"), request.query.get("toObjectTypeId"))
    kinds = org.schema.types()
    results = []
    for source in kinds:
        for target in kinds:
            if any(name not in (None, kind.id) for name, kind in zip(wanted, (source, target), strict=True)):
                continue
            made = [
                kind for kind in org.association_types.touching(source.id)
                if (kind.source, kind.target, kind.category) == (source.id, target.id, "USER_DEFINED")
            ]  # fmt: skip
            if made:
                pair = {"fromObjectType": _type_body(source), "toObjectType": _type_body(target)}
                more = {"allLabels": [kind.label for kind in made if kind.label]}
                results.append(pair | _limit(org.edition.labels, len(made)) | more)
    return responses.answer({"results": results})


def near_limits(request: Request, org: HubSpotContext) -> Response:
    """Object types whose records have nearly as many associations as they may; none reaches 50,000 here."""
    _check_types(request, org)
    return responses.answer({"results": []})


def near_limits_of_pair(request: Request, org: HubSpotContext) -> Response:
    """Records with nearly as many associations to another type as they may have."""
    _check_types(request, org)
    return responses.answer(
        {
            "totalRecordsAtLimit": 0,
            "totalRecordsNearLimit": 0,
            "limit": _ASSOCIATED_RECORDS,
            "atLimitFromRecordSamples": [],
            "nearLimitFromRecordSamples": [],
        }
    )


def _check_types(request: Request, org: HubSpotContext) -> None:
    guards.need_scope(request, ("crm.objects.contacts.read",))
    for name in request.params.values():
        org.schema.need(name)


def _type_body(kind: ObjectType) -> dict[str, Any]:
    singular, plural = kind.labels
    return {"objectTypeId": kind.id, "singularLabel": singular, "pluralLabel": plural}


def _shared_limit(limit: int, used: Sequence[tuple[ObjectType, int]]) -> dict[str, Any]:
    """A limit that all custom objects have together, and what each of them takes of it."""
    in_all = sum(count for _, count in used)
    return {
        "byObjectType": [_type_body(kind) | {"usage": count} for kind, count in used],
        "overallLimit": limit,
        "overallPercentage": _percentage(limit, in_all),
        "overallUsage": in_all,
    }


def _limit(limit: int, used: int) -> dict[str, Any]:
    return {"limit": limit, "usage": used, "percentage": _percentage(limit, used)}


def _percentage(limit: int, used: int) -> float:
    return round(100 * used / limit, 2) if limit else 0
