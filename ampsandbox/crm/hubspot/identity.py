"""Whose HubSpot account a connection reaches."""

from __future__ import annotations

from typing import Final

import msgspec

from ampsandbox.crm.http import segment
from ampsandbox.crm.session import ApiRequest, CrmSession, json_request
from ampsandbox.engine.crm import OrgIdentity

# Accounts that hold nobody's business: anything else may be a customer's.
_HARMLESS: Final = frozenset({"DEVELOPER_TEST", "SANDBOX", "APP_DEVELOPER"})

_PRIVATE_APP_PREFIX: Final = "pat-"
_DETAILS: Final = "/account-info/v3/details"
_USAGE: Final = "/account-info/v3/api-usage/daily/private-apps"


class _Account(msgspec.Struct, frozen=True, rename="camel"):
    portal_id: int
    account_type: str | None = None
    time_zone: str | None = None
    ui_domain: str | None = None


class _TokenInfo(msgspec.Struct, frozen=True):
    hub_domain: str | None = None
    scopes: tuple[str, ...] | None = None


class _Usage(msgspec.Struct, frozen=True, rename="camel"):
    usage_limit: int
    current_usage: int


class _Usages(msgspec.Struct, frozen=True):
    results: tuple[_Usage, ...] = ()


async def identify(session: CrmSession) -> OrgIdentity:
    """Portal id, account type, time zone, requests left today, and the scopes that the token has.

    Raises:
        CrmRefusedError: HubSpot refuses the token.
    """
    account = await session.read(ApiRequest("GET", _DETAILS), _Account)
    token = await _token_info(session)
    # Only private apps have a daily limit of their own; for others HubSpot refuses the question.
    reply = await session.send(ApiRequest("GET", _USAGE))
    usages = session.decode(reply, _Usages).results if reply.is_success else ()
    return OrgIdentity(
        provider="hubspot",
        id=str(account.portal_id),
        name=token.hub_domain or f"Portal {account.portal_id}",
        type=account.account_type or "",
        is_production=account.account_type not in _HARMLESS,
        api_version="v3",
        time_zone=account.time_zone or "",
        remaining_requests=usages[0].usage_limit - usages[0].current_usage if usages else None,
        scopes=token.scopes or (),
    )


async def portal(session: CrmSession) -> tuple[str, str]:
    """The portal id and the host of its pages, which record links need."""
    account = await session.read(ApiRequest("GET", _DETAILS), _Account)
    return str(account.portal_id), account.ui_domain or "app.hubspot.com"


async def scopes(session: CrmSession) -> frozenset[str]:
    """What the token is allowed; empty where HubSpot does not say."""
    return frozenset((await _token_info(session)).scopes or ())


async def _token_info(session: CrmSession) -> _TokenInfo:
    """What HubSpot says of the token: one call for OAuth tokens, another for those of private apps."""
    access = (await session.token()).access.reveal()
    path = "/oauth/v2/private-apps/get/access-token-info"
    of_private_app = json_request("POST", path, {"tokenKey": access}, is_repeatable=True)
    of_oauth = ApiRequest("GET", f"/oauth/v1/access-tokens/{segment(access)}")
    is_private_app = access.startswith(_PRIVATE_APP_PREFIX)
    reply = await session.send(of_private_app if is_private_app else of_oauth)
    return session.decode(reply, _TokenInfo) if reply.is_success else _TokenInfo()
