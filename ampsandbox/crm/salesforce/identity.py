"""Whose Salesforce org a connection reaches."""

from __future__ import annotations

from typing import Final
from urllib.parse import quote

import msgspec

from ampsandbox.crm.session import ApiRequest, CrmSession
from ampsandbox.engine.crm import CrmRefusedError, OrgIdentity
from ampsandbox.events import ErrorDetail

_SOQL: Final = "SELECT Id, Name, OrganizationType, IsSandbox, TimeZoneSidKey FROM Organization LIMIT 1"

# Free for development by Salesforce's terms, so not a customer's org; trial orgs may well be.
_DEVELOPER: Final = "Developer Edition"


class _Organization(msgspec.Struct, frozen=True, rename="pascal"):
    id: str
    name: str | None = None
    organization_type: str | None = None
    is_sandbox: bool | None = None
    time_zone_sid_key: str | None = None


class _Organizations(msgspec.Struct, frozen=True):
    records: tuple[_Organization, ...]


class _Limit(msgspec.Struct, frozen=True, rename="pascal"):
    remaining: int


class _Limits(msgspec.Struct, frozen=True, rename="pascal"):
    daily_api_requests: _Limit | None = None


async def identify(session: CrmSession, root: str) -> OrgIdentity:
    """Name, id and type of the org, and what is left of its requests of the last 24 hours.

    Raises:
        CrmRefusedError: The user may not read the organization.
    """
    found = await session.read(ApiRequest("GET", f"{root}/query?q={quote(_SOQL, safe='')}"), _Organizations)
    if not found.records:
        raise CrmRefusedError(ErrorDetail("The org does not say who it is.", "NO_ORGANIZATION"))
    organization = found.records[0]
    kind = organization.organization_type or ""
    return OrgIdentity(
        provider="salesforce",
        id=organization.id,
        name=organization.name or organization.id,
        type=f"{kind} (sandbox)" if organization.is_sandbox else kind,
        is_production=not organization.is_sandbox and kind != _DEVELOPER,
        api_version=root.rpartition("/v")[2],
        time_zone=organization.time_zone_sid_key or "",
        remaining_requests=await _remaining(session, root),
    )


async def _remaining(session: CrmSession, root: str) -> int | None:
    reply = await session.send(ApiRequest("GET", f"{root}/limits"))
    if not reply.is_success:
        return None
    daily = session.decode(reply, _Limits).daily_api_requests
    return daily.remaining if daily else None
