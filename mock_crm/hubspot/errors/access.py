"""Refusals of who is asking: tokens, scopes, rate limits, OAuth."""

from __future__ import annotations

from collections.abc import Sequence

from mock_crm.hubspot.errors.refusal import HubSpotError

AUTH_HELP = "https://developers.hubspot.com/docs/methods/auth/oauth-overview"
SCOPES_HELP = "https://developers.hubspot.com/scopes"


def no_credentials() -> HubSpotError:
    """No token, or one that HubSpot does not know (live)."""
    return HubSpotError(
        401,
        "Authentication credentials not found. This API supports OAuth 2.0 authentication and you can find "
        f"more details at {AUTH_HELP}",
        "INVALID_AUTHENTICATION",
    )


def expired_token(seconds: int, expired_at: str) -> HubSpotError:
    """The token was good until `seconds` ago (live)."""
    # The largest unit of which there are two: 75 seconds are on record, and 3 minutes, 6 hours, 20,336 days.
    size, unit = next(
        (part for part in ((86_400, "day"), (3600, "hour"), (60, "minute")) if seconds >= 2 * part[0]),
        (1, "second"),
    )
    return HubSpotError(
        401,
        f"The OAuth token used to make this call expired {seconds // size} {unit}(s) ago.",
        "EXPIRED_AUTHENTICATION",
        context={"expire time": [expired_at]},
    )


def missing_scopes(scopes: Sequence[str], *, in_context: bool = False) -> HubSpotError:
    """The token has none of `scopes` (live; the dated schemas API uses `context`)."""
    if in_context:
        return HubSpotError(
            403,
            "One or more of the following scopes are required.",
            "MISSING_SCOPES",
            context={"requiredGranularScopes": list(scopes), "links": [SCOPES_HELP]},
        )
    detail = {
        "message": "One or more of the following scopes are required.",
        "context": {"requiredGranularScopes": list(scopes)},
    }
    return HubSpotError(
        403,
        "This app hasn't been granted all required scopes to make this call. Read more about required scopes "
        f"here: {SCOPES_HELP}.",
        "MISSING_SCOPES",
        errors=[detail],
        links={"scopes": SCOPES_HELP},
    )


def rate_limited(message: str, policy: str) -> HubSpotError:
    """Too many requests in ten seconds or in a day (documented, live)."""
    return HubSpotError(429, message, error_type="RATE_LIMIT", policy=policy)


def search_limited() -> HubSpotError:
    """Too many searches in a second; clients retry on exactly this text (live)."""
    return HubSpotError(
        429, "You have reached your secondly limit.", error_type="RATE_LIMIT", policy="SECONDLY"
    )


def oauth(status: int, code: str, message: str) -> HubSpotError:
    """The OAuth endpoints put their code into `status`, beside RFC 6749's members (texts unverified)."""
    standard = {"error": _STANDARD.get(code, "invalid_grant"), "error_description": message}
    return HubSpotError(status, message, word=code, more=standard)


_STANDARD = {
    "BAD_CLIENT_ID": "invalid_client",
    "BAD_CLIENT_SECRET": "invalid_client",
    "BAD_GRANT_TYPE": "unsupported_grant_type",
}
