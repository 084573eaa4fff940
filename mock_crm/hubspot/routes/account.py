"""What the account says of itself: details, and use of the API."""

from __future__ import annotations

from typing import Any

from mock_crm.core.http import Request, Response
from mock_crm.hubspot import responses
from mock_crm.hubspot.context import HubSpotContext
from mock_crm.hubspot.endpoint import DATED, Endpoint
from mock_crm.hubspot.portal import CURRENCY, TIME_ZONE, UI_DOMAIN, USER_ID
from mock_crm.hubspot.timestamps import iso_ms

_VERSIONS = ("v3", *DATED)


def endpoints() -> list[Endpoint]:
    return [
        Endpoint("GET", "account-info", "/details", details, _VERSIONS),
        Endpoint("GET", "account-info", "/api-usage/daily", daily_usage, _VERSIONS),
        Endpoint("GET", "account-info", "/api-usage/daily/private-apps", daily_usage, _VERSIONS),
        Endpoint("GET", "integrations", "/me", legacy_details, ("v1",), "simplified", "the common members"),
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
