"""How HubSpot words errors: one JSON object, with details in `errors` or folded into its message."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import msgspec

from ampsandbox.crm.http import HttpResponse
from ampsandbox.crm.json_access import decode_json, mapping, mappings, texts
from ampsandbox.events import ErrorDetail

_FOLDED: Final = "Property values were not valid: "
_HINTS: Final = {
    "BAD_CLIENT_ID": "Check the client id of the app.",
    "BAD_CLIENT_SECRET": "Check the client secret of the app.",
    "BAD_REFRESH_TOKEN": "Install the app again: its refresh token was revoked, or belongs to another app.",
}
_WINDOWS_S: Final = {"TEN_SECONDLY_ROLLING": 10.0, "SECONDLY": 1.0}


class HubSpotErrors:
    """HubSpot's errors as the write path knows them; implements `ampsandbox.crm.session.ErrorFormat`."""

    def details(self, reply: HttpResponse) -> tuple[ErrorDetail, ...]:
        """The errors of an answer, at least one."""
        content = reply.json
        if isinstance(content, Mapping):
            return details(content, reply.status)
        return (ErrorDetail(reply.summary, f"HTTP_{reply.status}"),)

    def is_expired(self, reply: HttpResponse) -> bool:
        """Whether HubSpot refused the access token."""
        return reply.status == 401

    def is_final(self, reply: HttpResponse) -> bool:
        """False: HubSpot's statuses mean what they say."""
        return False

    def is_limit(self, reply: HttpResponse) -> bool:
        """Always false, as HubSpot says every limit by the status 429."""
        return False

    def pause_s(self, reply: HttpResponse) -> float | None:
        """How long until the window of the limit has passed: ten seconds, or one for search."""
        if reply.status != 429:
            return None
        return _WINDOWS_S.get(str(mapping(reply.json).get("policyName", "")))

    def hint(self, reply: HttpResponse) -> str:
        """Which scopes are missing, or what to do about the token."""
        if reply.status == 401:
            return "The token is wrong, expired or revoked: create or rotate it in HubSpot's app settings."
        if reply.status != 403:
            return _HINTS.get(self.details(reply)[0].code, "")
        scopes = required_scopes(reply.json)
        if scopes:
            return f"Grant the app the scopes {', '.join(scopes)}."
        return "Grant the app the scopes that this call needs, or use an account whose tier has the feature."


def details(content: Mapping[str, Any], status: int) -> tuple[ErrorDetail, ...]:
    """The errors in a body, or in one item of a 207 answer."""
    items = mappings(content.get("errors")) or _folded(str(content.get("message", "")))
    found = tuple(_detail(item) for item in items)
    if found and content.get("category") != "MISSING_SCOPES":
        return found
    code = content.get("category") or content.get("errorType") or content.get("status")
    fallback = f"HTTP_{status}"
    message = str(content.get("message") or fallback)
    missing = texts(mapping(content.get("context")).get("properties"))
    return (ErrorDetail(message, fallback if code in (None, "error") else str(code), missing),)


def required_scopes(content: Any) -> list[str]:
    """The scopes that a MISSING_SCOPES answer names."""
    places = [mapping(content), *mappings(mapping(content).get("errors"))]
    contexts = [mapping(place.get("context")) for place in places]
    return [scope for context in contexts for scope in texts(context.get("requiredGranularScopes"))]


def _folded(message: str) -> list[Mapping[str, Any]]:
    """HubSpot writes the list of bad values as JSON text into its message."""
    if not message.startswith(_FOLDED):
        return []
    try:
        return mappings(decode_json(message.removeprefix(_FOLDED), object))
    except msgspec.DecodeError:
        return []


def _detail(item: Mapping[str, Any]) -> ErrorDetail:
    names = texts(mapping(item.get("context")).get("propertyName"))
    if not names and "name" in item:
        names = (str(item["name"]),)
    code = item.get("code") or item.get("error") or item.get("subCategory") or "VALIDATION_ERROR"
    message = str(item.get("message") or code)
    return ErrorDetail(message, str(code), names)
