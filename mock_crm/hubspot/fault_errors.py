"""The refusals that spent quota windows and fault rules answer with."""

from __future__ import annotations

from mock_crm.core.faults import Rule
from mock_crm.hubspot import errors
from mock_crm.hubspot.errors import HubSpotError
from mock_crm.hubspot.timestamps import iso_ms

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
