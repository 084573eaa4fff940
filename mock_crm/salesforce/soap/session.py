"""Who calls a SOAP API: the session header, and what answers say of the user and of time."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from mock_crm.salesforce import versions
from mock_crm.salesforce.context import SalesforceContext
from mock_crm.salesforce.soap.envelope import Envelope, SoapFaultError


def require_session(org: SalesforceContext, call: Envelope) -> None:
    """Refuse a call without a valid session.

    Raises:
        SoapFaultError: INVALID_SESSION_ID [A].
    """
    if not org.sessions.accepts(call.session_id):
        raise SoapFaultError(
            "INVALID_SESSION_ID",
            "Invalid Session ID found in SessionHeader: Illegal Session. Session not found, missing session "
            "hash",
        )


def require_version(given: str) -> None:
    """Refuse an API version, `52.0` or `v52.0` (CumulusCI), that the org does not have, or has no more.

    Raises:
        SoapFaultError: UNSUPPORTED_API_VERSION [P] (salesforcer issue 24).
    """
    whole, _, fraction = given.removeprefix("v").partition(".")
    if versions.number(f"v{whole}.{fraction or 0}") is None:
        raise SoapFaultError("UNSUPPORTED_API_VERSION", "Invalid Api version specified on URL")


def user_record(org: SalesforceContext) -> dict[str, Any]:
    """The stored fields of the user in whose name every session acts."""
    row = org.store.get("User", org.identity.user_id)
    assert row is not None
    return row.document


def soap_moment(moment: datetime) -> str:
    """A moment as SOAP answers write it: UTC, with milliseconds."""
    return moment.strftime("%Y-%m-%dT%H:%M:%S.") + f"{moment.microsecond // 1000:03d}Z"
