"""What the account says of itself: details, use of the API, limits; and segments, of which there are none."""

from __future__ import annotations

from typing import Any

from mock_crm.core.http import Request, Response
from mock_crm.hubspot import guards, responses
from mock_crm.hubspot.context import HubSpotContext
from mock_crm.hubspot.endpoint import DATED, Endpoint
from mock_crm.hubspot.portal import CURRENCY, TIME_ZONE, UI_DOMAIN, USER_ID
from mock_crm.hubspot.timestamps import iso_ms

_VERSIONS = ("v3", *DATED)
_LISTS = "crm/lists"
_LIMITS = "crm/limits"


def endpoints() -> list[Endpoint]:
    no_lists = "there are no segments"
    return [
        Endpoint("GET", "account-info", "/details", details, _VERSIONS),
        Endpoint("GET", "account-info", "/api-usage/daily", daily_usage, _VERSIONS),
        Endpoint("GET", "account-info", "/api-usage/daily/private-apps", daily_usage, _VERSIONS),
        Endpoint("GET", "integrations", "/me", legacy_details, ("v1",), "simplified", "the common members"),
        Endpoint("GET", _LIMITS, "/custom-object-types", custom_object_limit),
        Endpoint("GET", _LIMITS, "/custom-properties", custom_property_limit),
        Endpoint("GET", _LISTS, "", list_lists, fidelity="simplified", note=no_lists),
        Endpoint("POST", _LISTS, "/search", search_lists, fidelity="simplified", note=no_lists),
    ]


def details(request: Request, org: HubSpotContext) -> Response:
    return responses.answer(_details(org))


def _details(org: HubSpotContext) -> dict[str, Any]:
    offset = org.clock.now().astimezone(org.time_zone).utcoffset()
    seconds = 0 if offset is None else int(offset.total_seconds())
    hours, minutes = divmod(abs(seconds) // 60, 60)
    return {
        "portalId": org.portal_id,
        "accountType": org.edition.account_type,
        "timeZone": TIME_ZONE,
        "companyCurrency": CURRENCY,
        "additionalCurrencies": [],
        "utcOffset": f"{'-' if seconds < 0 else '+'}{hours:02d}:{minutes:02d}",
        "utcOffsetMilliseconds": seconds * 1000,
        "uiDomain": UI_DOMAIN,
        "dataHostingLocation": "na1",
    }


def legacy_details(request: Request, org: HubSpotContext) -> Response:
    """Which account this is, as old tools ask."""
    known = _details(org)
    return responses.answer(
        {
            "portalId": known["portalId"],
            "timeZone": known["timeZone"],
            "accountType": known["accountType"],
            "currency": known["companyCurrency"],
            "utcOffset": known["utcOffset"],
            "utcOffsetMilliseconds": known["utcOffsetMilliseconds"],
            "userId": USER_ID,
        }
    )


def daily_usage(request: Request, org: HubSpotContext) -> Response:
    """How many requests the account's private apps have sent today."""
    daily = org.quota["daily"]
    usage = {
        "name": "private-apps-api-calls-daily",
        "usageLimit": daily.limit,
        "currentUsage": daily.used,
        "collectedAt": iso_ms(org.now_ms()),
        "fetchStatus": "SUCCESS",
        "resetsAt": iso_ms(int(daily.resets_at().timestamp() * 1000)),
    }
    return responses.answer({"results": [usage]})


def custom_object_limit(request: Request, org: HubSpotContext) -> Response:
    """How many custom objects there are and may be."""
    used = sum(kind.is_custom for kind in org.schema.types())
    return responses.answer(_limit(org.edition.custom_objects, used))


def custom_property_limit(request: Request, org: HubSpotContext) -> Response:
    """How many custom properties there are and may be, in all and by object type."""
    by_type = []
    in_all = 0
    for kind in org.schema.types():
        custom = [p for p in org.schema.of(kind).properties.values() if not p.hubspot_defined]
        in_all += len(custom)
        entry = {"objectTypeId": kind.id, "singularLabel": kind.labels[0], "pluralLabel": kind.labels[1]}
        by_type.append(entry | _limit(org.edition.properties_per_object, len(custom)))
    return responses.answer(
        {"overallUsage": in_all, "overallLimit": org.edition.properties, "byObjectType": by_type}
    )


def _limit(limit: int, used: int) -> dict[str, Any]:
    return {"limit": limit, "usage": used, "percentage": round(100 * used / limit, 2) if limit else 0}


def list_lists(request: Request, org: HubSpotContext) -> Response:
    """Segments by id; there are none."""
    guards.need_scope(request, ("crm.lists.read",))
    return responses.answer({"lists": []})


def search_lists(request: Request, org: HubSpotContext) -> Response:
    """Segments that match a search; there are none."""
    guards.need_scope(request, ("crm.lists.read",))
    return responses.answer({"offset": 0, "hasMore": False, "lists": [], "total": 0})
