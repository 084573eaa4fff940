"""Whose Salesforce org a connection reaches."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import quote

from ampsandbox.crm.session import Call, Session
from ampsandbox.engine.crm import CrmErrorDetail, CrmRefusedError, OrgIdentity

_SOQL: Final = "SELECT Id, Name, OrganizationType, IsSandbox, TimeZoneSidKey FROM Organization LIMIT 1"

# Free for development by Salesforce's terms, so not a customer's org; trial orgs may well be.
_DEVELOPER: Final = "Developer Edition"


async def identify(session: Session, root: str) -> OrgIdentity:
    """Name, id and type of the org, and what is left of its requests of the last 24 hours.

    Raises:
        CrmRefusedError: The user may not read the organization.
    """
    reply = await session.fetch(Call("GET", f"{root}/query?q={quote(_SOQL, safe='')}"))
    records = reply.json.get("records") if isinstance(reply.json, Mapping) else None
    if not records:
        raise CrmRefusedError(CrmErrorDetail("The org does not say who it is.", "NO_ORGANIZATION"))
    organization = records[0]
    kind = str(organization.get("OrganizationType") or "")
    is_sandbox = bool(organization.get("IsSandbox"))
    return OrgIdentity(
        provider="salesforce",
        id=str(organization["Id"]),
        name=str(organization.get("Name") or organization["Id"]),
        type=f"{kind} (sandbox)" if is_sandbox else kind,
        is_production=not is_sandbox and kind != _DEVELOPER,
        api_version=root.rpartition("/v")[2],
        time_zone=str(organization.get("TimeZoneSidKey") or ""),
        remaining_requests=await _remaining(session, root),
    )


async def _remaining(session: Session, root: str) -> int | None:
    reply = await session.send(Call("GET", f"{root}/limits"))
    limits: Any = reply.json if reply.is_success else None
    if not isinstance(limits, Mapping) or "DailyApiRequests" not in limits:
        return None
    return int(limits["DailyApiRequests"]["Remaining"])
