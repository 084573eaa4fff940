"""Whose HubSpot account a connection reaches."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from ampsandbox.crm.http import segment
from ampsandbox.crm.session import Call, Session, json_call
from ampsandbox.engine.crm import OrgIdentity

# Accounts that hold nobody's business: anything else may be a customer's.
_HARMLESS: Final = frozenset({"DEVELOPER_TEST", "SANDBOX", "APP_DEVELOPER"})

_PRIVATE_APP_PREFIX: Final = "pat-"
_DETAILS: Final = "/account-info/v3/details"
_USAGE: Final = "/account-info/v3/api-usage/daily/private-apps"


async def identify(session: Session) -> OrgIdentity:
    """Portal id, account type, time zone, requests left today, and the scopes that the token has.

    Raises:
        CrmRefusedError: HubSpot refuses the token.
    """
    account = _mapping((await session.fetch(Call("GET", _DETAILS))).json)
    portal, kind = str(account.get("portalId", "")), str(account.get("accountType", ""))
    token = await _token_info(session)
    return OrgIdentity(
        provider="hubspot",
        id=portal,
        name=str(token.get("hub_domain") or f"Portal {portal}"),
        type=kind,
        is_production=kind not in _HARMLESS,
        api_version="v3",
        time_zone=str(account.get("timeZone", "")),
        remaining_requests=await _remaining(session),
        scopes=tuple(str(scope) for scope in token.get("scopes") or ()),
    )


async def portal(session: Session) -> tuple[str, str]:
    """The portal id and the host of its pages, which record links need."""
    reply = await session.fetch(Call("GET", _DETAILS))
    account = _mapping(reply.json)
    return str(account.get("portalId", "")), str(account.get("uiDomain") or "app.hubspot.com")


async def scopes(session: Session) -> frozenset[str]:
    """What the token is allowed; empty where HubSpot does not say."""
    return frozenset(str(scope) for scope in (await _token_info(session)).get("scopes") or ())


async def _token_info(session: Session) -> Mapping[str, Any]:
    """What HubSpot says of the token: one call for OAuth tokens, another for those of private apps."""
    access = (await session.token()).access.reveal()
    path = "/oauth/v2/private-apps/get/access-token-info"
    of_private_app = json_call("POST", path, {"tokenKey": access}, is_repeatable=True)
    of_oauth = Call("GET", f"/oauth/v1/access-tokens/{segment(access)}")
    is_private_app = access.startswith(_PRIVATE_APP_PREFIX)
    reply = await session.send(of_private_app if is_private_app else of_oauth)
    return _mapping(reply.json) if reply.is_success else {}


async def _remaining(session: Session) -> int | None:
    reply = await session.send(Call("GET", _USAGE))
    rows = _mapping(reply.json).get("results") if reply.is_success else None
    for row in rows or ():
        if "usageLimit" in row and "currentUsage" in row:
            return int(row["usageLimit"]) - int(row["currentUsage"])
    return None


def _mapping(content: Any) -> Mapping[str, Any]:
    return content if isinstance(content, Mapping) else {}
