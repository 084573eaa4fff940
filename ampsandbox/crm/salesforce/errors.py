"""How Salesforce words errors: REST lists, collection rows, SOAP faults and OAuth answers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from ampsandbox.crm.http import HttpResponse
from ampsandbox.crm.json_access import mappings, texts
from ampsandbox.engine.crm import Answer, CrmRefusedError, Verdict
from ampsandbox.events import ErrorDetail

EXPIRED: Final = "INVALID_SESSION_ID"

# Codes of limits and outages that come with a status of their own kind, such as 403.
_LIMITS: Final = frozenset({"REQUEST_LIMIT_EXCEEDED", "SERVER_UNAVAILABLE", "CONCURRENT_REQUEST_LIMIT"})

# One row lost a race for a lock; Salesforce wrote nothing of it.
_RACES: Final = frozenset({"UNABLE_TO_LOCK_ROW"})

_HINTS: Final = {
    EXPIRED: "Sign in again: the access token has expired or was revoked.",
    "API_DISABLED_FOR_ORG": (
        "The org's edition has no API, or the user lacks the permission “API Enabled” "
        "(profile or permission set)."
    ),
    "API_CURRENTLY_DISABLED": "The user lacks the permission “API Enabled” (profile or permission set).",
    "INSUFFICIENT_ACCESS": (
        "The user needs the permissions “Customize Application” and "
        "“Modify Metadata Through Metadata API Functions”."
    ),
    "INSUFFICIENT_ACCESS_OR_READONLY": (
        "The user needs Create and Edit on the object and on the record (object permissions and sharing)."
    ),
    "INSUFFICIENT_ACCESS_ON_CROSS_REFERENCE_ENTITY": "The user cannot read a record that this one refers to.",
    "CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY": "A trigger or flow of the org refused the record.",
    "INVALID_FIELD_FOR_INSERT_UPDATE": (
        "The user needs Edit on the field (field-level security in a profile or permission set)."
    ),
    "INVALID_FIELD": "The field does not exist, or field-level security hides it from the user.",
    "NOT_FOUND": "It does not exist, or the user's profile and permission sets hide it.",
    "INVALID_TYPE": "The object does not exist, or the user's profile and permission sets hide it.",
    "REQUEST_LIMIT_EXCEEDED": "The org's API requests of the last 24 hours are used up.",
    "Bad_OAuth_Token": "Sign in again; the connected app needs the scopes “api” and “id”.",
    "invalid_grant": (
        "Check user name, password and token; for JWT also the certificate, the pre-authorised user "
        "and the login host."
    ),
    "invalid_client": "Check the client id and secret of the connected app.",
    "invalid_client_id": "Check the client id of the connected app.",
    "unsupported_grant_type": "Enable this OAuth flow in the connected app, and in the org's OAuth settings.",
    "CANNOT_CREATE_PERMISSION_SET": "The user needs the permission “Manage Profiles and Permission Sets”.",
}


class SalesforceErrors:
    """Salesforce's errors as the write path knows them; implements `ampsandbox.crm.session.ErrorFormat`."""

    def details(self, reply: HttpResponse) -> tuple[ErrorDetail, ...]:
        """The errors of an answer, at least one."""
        if reply.is_xml and (fault := _fault(reply)) is not None:
            return (fault,)
        content = reply.json
        found = tuple(detail(item) for item in mappings(content if isinstance(content, list) else [content]))
        return found or (ErrorDetail(reply.summary, f"HTTP_{reply.status}"),)

    def is_expired(self, reply: HttpResponse) -> bool:
        """Whether Salesforce refused the session: 401, or a SOAP fault of that kind."""
        if reply.status == 401:
            return True
        return reply.status in (403, 500) and reply.is_xml and self.details(reply)[0].code == EXPIRED

    def is_final(self, reply: HttpResponse) -> bool:
        """A SOAP fault comes with status 500 and is a verdict all the same, unless it is an outage."""
        if not reply.is_xml or (fault := _fault(reply)) is None:
            return False
        return fault.code not in _LIMITS | {"UNKNOWN_EXCEPTION", "SERVER_ERROR"}

    def is_limit(self, reply: HttpResponse) -> bool:
        """Whether the daily or the concurrent limit is reached, which comes as 403."""
        return not reply.is_success and any(item.code in _LIMITS for item in self.details(reply))

    def pause_s(self, reply: HttpResponse) -> float | None:
        """None: Salesforce has no way of its own to say how long to wait."""
        return None

    def hint(self, reply: HttpResponse) -> str:
        """Which permission, scope or setting is missing, as far as the code tells."""
        return _HINTS.get(self.details(reply)[0].code, "")


def detail(item: Mapping[str, Any]) -> ErrorDetail:
    """One error: `errorCode` in REST answers, `statusCode` in collection rows, `error` in OAuth answers."""
    code = item.get("errorCode") or item.get("statusCode") or item.get("error") or "UNKNOWN"
    message = item.get("message") or item.get("error_description") or code
    return ErrorDetail(message=str(message), code=str(code), fields=texts(item.get("fields")))


def refused(error: ErrorDetail, raw: str | None = None) -> CrmRefusedError:
    """The error for a whole request, with the hint that its code allows."""
    result = CrmRefusedError(error, raw)
    result.hint = _HINTS.get(error.code, "")
    return result


def verdict(errors: tuple[ErrorDetail, ...], raw: str, status: int | None = None) -> Answer:
    """The answer for a record that was not written."""
    is_race = any(error.code in _RACES for error in errors)
    return Answer(Verdict.TRY_AGAIN if is_race else Verdict.REFUSED, errors=errors, raw=raw, status=status)


def _fault(reply: HttpResponse) -> ErrorDetail | None:
    from ampsandbox.crm.salesforce import xml  # which few sandboxes ever need

    try:
        fault = xml.parse(reply.body).find("Body/Fault")
    except xml.XmlError:
        return None
    if fault is None:
        return None
    code = (fault.findtext("faultcode") or "UNKNOWN").rpartition(":")[2]
    message = fault.findtext("faultstring") or code
    return ErrorDetail(message.removeprefix(f"{code}: "), code)
