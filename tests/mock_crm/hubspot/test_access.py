"""Signing in: tokens, scopes, expiry, revocation, and the OAuth flow (evidence/hubspot.md#errors)."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from mock_crm.core.clock import ManualClock
from mock_crm.core.settings import OrgSettings
from mock_crm.hubspot.org import HubSpotOrg
from mock_crm.orgs import open_org

Call = Callable[..., Awaitable[httpx.Response]]

pytestmark = pytest.mark.anyio

CONTACTS = "/crm/v3/objects/contacts"
CLIENT = {"client_id": "app", "client_secret": "secret"}
BACK = "http://localhost:9/callback"


async def sign_in(call: Any, scope: str = "oauth crm.objects.contacts.read") -> dict[str, Any]:
    """Go through the whole flow, and return the tokens."""
    query = {"client_id": "app", "redirect_uri": BACK, "scope": scope, "state": "s1"}
    consent = await call("GET", "/oauth/authorize", params=query)
    assert consent.status_code == 302
    target = urlsplit(consent.headers["location"])
    answer = parse_qs(target.query)
    assert (f"{target.scheme}://{target.netloc}{target.path}", answer["state"]) == (BACK, ["s1"])
    form = {"grant_type": "authorization_code", "code": answer["code"][0], "redirect_uri": BACK, **CLIENT}
    tokens = await call("POST", "/oauth/v1/token", data=form)
    assert tokens.status_code == 200
    again = await call("POST", "/oauth/v1/token", data=form)
    assert (again.status_code, again.json()["status"]) == (400, "BAD_AUTH_CODE")
    return dict(tokens.json())


def bearer(token: str) -> dict[str, Any]:
    return {"headers": {"authorization": f"Bearer {token}"}}


@pytest.mark.parametrize("header", ["", "Basic abc", "Bearer ", "pat-na1-x"])
async def test_a_request_without_a_token_is_refused(call: Call, header: str) -> None:
    answer = await call("GET", CONTACTS, headers={"authorization": header})
    body = answer.json()
    assert answer.status_code == 401
    assert body["category"] == "INVALID_AUTHENTICATION"
    assert body["message"] == (
        "Authentication credentials not found. This API supports OAuth 2.0 authentication and you can find "
        "more details at https://developers.hubspot.com/docs/methods/auth/oauth-overview"
    )


async def test_any_token_is_accepted_until_settings_name_some(call: Call, clock: ManualClock) -> None:
    assert (await call("GET", CONTACTS, **bearer("anything"))).status_code == 200
    strict = open_org("hubspot", clock=clock, settings=OrgSettings(tokens=("pat-mine",)))
    tokens = strict.context.tokens  # type: ignore[attr-defined]
    assert tokens.caller("Bearer pat-mine").token == "pat-mine"
    assert tokens.caller(f"Bearer {strict.token}").token == strict.token
    with pytest.raises(Exception, match="Authentication credentials not found"):
        tokens.caller("Bearer anything")
    strict.close()


async def test_an_access_token_ends_after_half_an_hour(call: Call, clock: ManualClock) -> None:
    tokens = await sign_in(call)
    assert (tokens["token_type"], tokens["expires_in"]) == ("bearer", 1800)
    clock.advance(1799)
    assert (await call("GET", CONTACTS, **bearer(tokens["access_token"]))).status_code == 200
    clock.advance(76)
    answer = await call("GET", CONTACTS, **bearer(tokens["access_token"]))
    assert answer.status_code == 401
    assert answer.json()["message"] == ("The OAuth token used to make this call expired 75 second(s) ago.")
    assert answer.json()["context"] == {"expire time": ["2026-01-01T00:30:00.000Z"]}
    assert answer.json()["category"] == "EXPIRED_AUTHENTICATION"


async def test_expiry_and_revocation_can_be_forced(call: Call, org: HubSpotOrg) -> None:
    org.expire_token("some-token")
    expired = await call("GET", CONTACTS, **bearer("some-token"))
    assert expired.json()["category"] == "EXPIRED_AUTHENTICATION"
    org.revoke_token(org.token)
    assert (await call("GET", CONTACTS)).json()["category"] == "INVALID_AUTHENTICATION"


@pytest.mark.parametrize("path", ["/oauth/v1/token", "/oauth/v3/token", "/oauth/2026-03/token"])
async def test_a_refresh_gives_a_new_access_token_and_the_same_refresh_token(call: Call, path: str) -> None:
    tokens = await sign_in(call)
    form = {"grant_type": "refresh_token", "refresh_token": tokens["refresh_token"], **CLIENT}
    fresh = (await call("POST", path, data=form)).json()
    assert fresh["refresh_token"] == tokens["refresh_token"]
    assert fresh["access_token"] != tokens["access_token"]


async def test_a_missing_scope_is_named(call: Call) -> None:
    tokens = await sign_in(call)
    token = bearer(tokens["access_token"])
    assert (await call("GET", CONTACTS, **token)).status_code == 200
    answer = await call("POST", CONTACTS, {"properties": {"email": "a@example.com"}}, **token)
    body = answer.json()
    assert (answer.status_code, body["category"]) == (403, "MISSING_SCOPES")
    assert body["errors"][0]["context"] == {"requiredGranularScopes": ["crm.objects.contacts.write"]}
    assert body["links"] == {"scopes": "https://developers.hubspot.com/scopes"}
    # Recorded in metadata-err-schemas-scope.json
    dated = (await call("GET", "/crm-object-schemas/2026-03/schemas", **token)).json()
    assert dated["context"]["requiredGranularScopes"] == ["crm.schemas.custom.read"]


async def test_what_a_token_may_do_is_told(call: Call, org: HubSpotOrg) -> None:
    tokens = await sign_in(call)
    info = (await call("GET", f"/oauth/v1/access-tokens/{tokens['access_token']}")).json()
    assert info["scopes"] == tokens["scopes"] == ["crm.objects.contacts.read", "oauth"]
    assert info["hub_id"] == tokens["hub_id"]
    assert (info["hub_id"], info["token_type"], info["expires_in"]) == (org.portal_id, "access", 1800)
    refresh = (await call("GET", f"/oauth/v1/refresh-tokens/{tokens['refresh_token']}")).json()
    assert (refresh["client_id"], refresh["token_type"]) == ("app", "refresh")
    private = await call("POST", "/oauth/v2/private-apps/get/access-token-info", {"tokenKey": org.token})
    assert private.json()["hubId"] == org.portal_id


async def test_deleting_a_refresh_token_ends_its_access_tokens(call: Call) -> None:
    tokens = await sign_in(call)
    gone = await call("DELETE", f"/oauth/v1/refresh-tokens/{tokens['refresh_token']}")
    assert gone.status_code == 204
    assert (await call("GET", CONTACTS, **bearer(tokens["access_token"]))).status_code == 401
    form = {"grant_type": "refresh_token", "refresh_token": tokens["refresh_token"], **CLIENT}
    answer = await call("POST", "/oauth/v1/token", data=form)
    assert (answer.status_code, answer.json()["status"]) == (400, "BAD_REFRESH_TOKEN")


async def test_a_redirect_that_would_split_headers_is_refused(call: Call) -> None:
    query = {"client_id": "app", "redirect_uri": "http://localhost/\r\nx: y"}
    assert (await call("GET", "/oauth/authorize", params=query)).status_code == 400


async def test_the_command_line_tools_key_becomes_a_token(call: Call, org: HubSpotOrg) -> None:
    answer = await call("POST", "/localdevauth/v1/auth/refresh?portalId=1", {"encodedOAuthRefreshToken": "k"})
    token = answer.json()["oauthAccessToken"]
    assert answer.json()["hubId"] == org.portal_id
    assert (await call("GET", CONTACTS, **bearer(token))).status_code == 200


async def test_the_dated_oauth_api_says_what_a_token_is_for(call: Call) -> None:
    """Required members of HubSpot's specification of 2026-03; v1 has none of them."""
    grant = {"grant_type": "refresh_token", "refresh_token": "r", "client_id": "c", "client_secret": "s"}
    made = (await call("POST", "/oauth/2026-03/token", data=grant)).json()
    assert made["token_use"] == "access_token"
    assert "token_use" not in (await call("POST", "/oauth/v1/token", data=grant)).json()
    question = {"token": made["access_token"], "client_id": "c", "client_secret": "s"}
    told = (await call("POST", "/oauth/2026-03/token/introspect", data=question)).json()
    assert (told["active"], told["token_use"], told["client_id"]) == (True, "access_token", "c")
