"""Refusals that come before any endpoint: rate limits, faults, unknown paths, and the headers around."""

from __future__ import annotations

from html import escape

from mock_crm.core.faults import Rule
from mock_crm.core.http import Response
from mock_crm.core.quota import Quota
from mock_crm.hubspot import errors
from mock_crm.hubspot.errors import HubSpotError
from mock_crm.hubspot.timestamps import iso_ms

ABSENT_APIS = {
    "/automation": "The automation API",
    "/broadcast": "The social media API",
    "/business-units": "The business units API",
    "/calendar": "The calendar API",
    "/cms": "The CMS API",
    "/communication-preferences": "The communication preferences API",
    "/content": "The content API",
    "/contacts": "The legacy contacts API",
    "/conversations": "The conversations API",
    "/crm/exports": "The exports API",
    "/crm/extensions": "The CRM extensions API",
    "/crm/imports": "The imports API",
    "/crm/lists": "This part of the lists API",
    "/crm/object-library": "The object library API",
    "/crm/timeline": "The timeline API",
    "/crm-pipelines": "This part of the legacy pipelines API",
    "/deals": "This part of the legacy deals API",
    "/email": "The email API",
    "/events": "The events API",
    "/filemanager": "The file manager API",
    "/files": "The files API",
    "/form-integrations": "The form integrations API",
    "/forms": "The forms API",
    "/integrators": "The integrators API",
    "/marketing": "The marketing API",
    "/scheduler": "The scheduler API",
    "/settings": "The settings API",
    "/tax-rates": "The tax rates API",
    "/visitor-identification": "The visitor identification API",
    "/webhooks": "The webhooks API",
}
"""APIs that HubSpot has and this mock has not, by the start of their path."""

_RULE_STATUS = {"PARTNER_TIMEOUT": 504, "MIGRATION": 477}
_STATUS_TEXTS = {
    400: "The request is not valid.",
    414: "HTTP 414 URI Too Long",
    477: "This account is being moved to another data center. Please try again later.",
    502: "Bad Gateway",
    503: "Service Unavailable",
    504: "Gateway Timeout",
    521: "Web Server Is Down",
}
"""What a fault rule without a message says; the statuses are documented, the texts unverified."""


_EXPIRED_S = 75


def absent_api(path: str) -> str:
    """The name of the API that HubSpot has under a path and the mock has not; empty for unknown paths.

    A version in front of or behind an API's name makes no difference.
    """
    parts = path.strip("/").split("/")
    if parts[0] != "crm":
        return ABSENT_APIS.get(f"/{parts[0]}", "")
    return next((ABSENT_APIS[f"/crm/{part}"] for part in parts[1:3] if f"/crm/{part}" in ABSENT_APIS), "")


def of_window(name: str) -> HubSpotError:
    """What a spent quota window answers with."""
    if name == "search":
        return errors.search_limited()
    if name == "daily":
        return errors.rate_limited("You have reached your daily limit.", "DAILY")
    return errors.rate_limited("You have reached your ten_secondly_rolling limit.", "TEN_SECONDLY_ROLLING")


def of_rule(rule: Rule, now_ms: int) -> HubSpotError:
    """What a fault rule answers with at a moment, in epoch milliseconds."""
    if rule.kind == "rate-limit":
        return of_window("daily" if rule.code == "DAILY" else "burst")
    if rule.kind == "expired-token":
        return errors.expired_token(_EXPIRED_S, iso_ms(now_ms - _EXPIRED_S * 1000))
    if rule.kind == "row-lock":
        return errors.locked()
    if not rule.message and (known := _known_refusal(rule)) is not None:
        return known
    code = rule.code or ("VALIDATION_ERROR" if rule.kind == "record-error" else "")
    default = 503 if rule.kind == "outage" else 400 if code else 500
    status = rule.status or _RULE_STATUS.get(code, default)
    message = rule.message or _STATUS_TEXTS.get(status, "internal error")
    if code in errors.ADMIN_RULE_CODES:
        return errors.broken_admin_rule(code, message)
    return HubSpotError(status, message, code)


def _known_refusal(rule: Rule) -> HubSpotError | None:
    """The refusal that a rule without a text means by its code or status, where the mock has one."""
    if rule.code == "LOCKED" or (rule.status == 423 and not rule.code):
        return errors.locked()
    if rule.code == "RATE_LIMITS":
        return errors.search_limited()
    return errors.unsupported_media_type() if rule.status == 415 and not rule.code else None


def rate_headers(quota: Quota, *, is_private_app: bool) -> list[tuple[str, str]]:
    """What is left of the limits; those of the day are told to private apps only (recorded)."""
    burst = quota["burst" if is_private_app else "oauth"]
    left = burst.remaining
    headers = [
        ("x-hubspot-ratelimit-interval-milliseconds", f"{burst.seconds * 1000:.0f}"),
        ("x-hubspot-ratelimit-max", str(burst.limit)),
        ("x-hubspot-ratelimit-remaining", str(left)),
        ("x-hubspot-ratelimit-secondly", str(burst.limit // 10)),
        ("x-hubspot-ratelimit-secondly-remaining", str(min(left, burst.limit // 10))),
    ]
    if is_private_app:
        daily = quota["daily"]
        headers.append(("x-hubspot-ratelimit-daily", str(daily.limit)))
        headers.append(("x-hubspot-ratelimit-daily-remaining", str(daily.remaining)))
    return headers


def html_page(status: int, reason: str, path: str) -> Response:
    """The page of the web server in front of HubSpot's API, which is not JSON (recorded)."""
    page = (
        '<html>\n<head>\n<meta http-equiv="Content-Type" content="text/html;charset=ISO-8859-1"/>\n'
        f"<title>Error {status} {reason}</title>\n</head>\n<body>\n<h2>HTTP ERROR {status} {reason}</h2>\n"
        f"<table>\n<tr><th>URI:</th><td>{escape(path)}</td></tr>\n<tr><th>STATUS:</th><td>{status}</td></tr>\n"
        f"<tr><th>MESSAGE:</th><td>{reason}</td></tr>\n</table>\n\n</body>\n</html>\n"
    )
    return Response(status, page.encode("ascii", "xmlcharrefreplace"), "text/html;charset=iso-8859-1")
