"""OAuth: the consent page, tokens, what is known of them, and taking them back."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from mock_crm.core.http import Request, Response
from mock_crm.hubspot import bodies, errors, request_models, responses
from mock_crm.hubspot.context import HubSpotContext
from mock_crm.hubspot.endpoint import DATED, Endpoint
from mock_crm.hubspot.errors import HubSpotError
from mock_crm.hubspot.portal import HUB_DOMAIN, USER_EMAIL, USER_ID
from mock_crm.hubspot.scopes import all_scopes
from mock_crm.hubspot.tokens import Caller, OAuthToken

_VERSIONS = ("v1", "v3", *DATED)


def endpoints() -> list[Endpoint]:
    found = [
        Endpoint("POST", "oauth", "/token", token, _VERSIONS, is_open=True),
        Endpoint("GET", "oauth", "/access-tokens/{token}", access_token, _VERSIONS, is_open=True),
        Endpoint("GET", "oauth", "/refresh-tokens/{token}", refresh_token, _VERSIONS, is_open=True),
        Endpoint("DELETE", "oauth", "/refresh-tokens/{token}", delete_refresh_token, _VERSIONS, is_open=True),
        Endpoint("POST", "oauth", "/token/introspect", introspect, _VERSIONS, "simplified",
                 "answers for access and refresh tokens alike", is_open=True),
        Endpoint("POST", "oauth", "/token/revoke", revoke, _VERSIONS, "simplified",
                 "takes any token", is_open=True),
        Endpoint("POST", "oauth", "/private-apps/get/access-token-info", private_app, ("v2",), is_open=True),
        Endpoint("POST", "localdevauth", "/auth/refresh", personal_access_key, ("v1",), "simplified",
                 "takes any key", is_open=True),
    ]  # fmt: skip
    return [*found, *_consent_pages()]


def _consent_pages() -> list[Endpoint]:
    note = "approves at once, without a page"
    return [
        Endpoint("GET", "oauth", path, authorize, ("authorize",), "simplified", note, is_open=True)
        for path in ("",)
    ] + [Endpoint("GET", "oauth", "/authorize", authorize, ("{portalId}",), "simplified", note, is_open=True)]


def authorize(request: Request, org: HubSpotContext) -> Response:
    """Approve an app at once, and send the browser back to it with a code."""
    query = request.query
    client_id, target = query.get("client_id", ""), query.get("redirect_uri", "")
    if not org.tokens.accepts_client(client_id, "any")[0]:
        raise errors.oauth(400, "BAD_CLIENT_ID", "missing or invalid client id")
    if "://" not in target or any(not 0x20 < ord(character) < 0x7F for character in target):
        raise errors.oauth(400, "BAD_REDIRECT_URI", "missing or invalid redirect uri")
    listed = " ".join((query.get("scope", ""), query.get("optional_scope", "")))
    granted = OAuthToken(kind="code", scopes=listed.split() or None, client_id=client_id, redirect_uri=target)
    answer = {"code": org.tokens.issue("code", granted)}
    if "state" in query:
        answer["state"] = query["state"]
    separator = "&" if "?" in target else "?"
    return Response(302, b"", responses.JSON, [("location", f"{target}{separator}{urlencode(answer)}")])


def token(request: Request, org: HubSpotContext) -> Response:
    """Exchange a code or a refresh token for an access token."""
    given = request.form() | (request.query if not request.body else {})
    client_known, secret_known = org.tokens.accepts_client(
        given.get("client_id", ""), given.get("client_secret", "")
    )
    if not client_known:
        raise errors.oauth(400, "BAD_CLIENT_ID", "missing or invalid client id")
    if not secret_known:
        raise errors.oauth(400, "BAD_CLIENT_SECRET", "missing or invalid client secret")
    grant = given.get("grant_type", "")
    if grant == "authorization_code":
        refresh = _redeem(org, given)
    elif grant == "refresh_token":
        refresh = _known_refresh_token(org, given.get("refresh_token", ""))
    elif grant == "client_credentials":
        raise errors.not_simulated("The token of an app's own, without a user,")
    else:
        raise errors.oauth(400, "BAD_GRANT_TYPE", "missing or unknown grant type")
    access, seconds = org.tokens.issue_access(refresh)
    body = {
        "token_type": "bearer",
        "refresh_token": refresh,
        "hub_id": org.portal_id,  # this and the scopes since August 2025 (developer changelog)
        "scopes": _refresh_scopes(org, refresh),
        "access_token": access,
        "expires_in": seconds,
    }
    if "v1" not in request.segments:
        body |= {"user_id": USER_ID, "token_use": "access_token"}
    return responses.answer(body)


def _redeem(org: HubSpotContext, given: dict[str, str]) -> str:
    """A refresh token for a code, which works once."""
    code = given.get("code", "")
    known = org.tokens.known(code, "code")
    if known is None or known.client_id != given.get("client_id"):
        raise errors.oauth(400, "BAD_AUTH_CODE", "missing or unknown auth code")
    if known.redirect_uri != given.get("redirect_uri", ""):
        raise errors.oauth(
            400,
            "MISMATCH_REDIRECT_URI_AUTH_CODE",
            "redirect URI passed does not match the redirect URI used for the auth code",
        )
    org.tokens.revoke(code)
    return org.tokens.issue(
        "refresh", OAuthToken(kind="refresh", scopes=known.scopes, client_id=known.client_id)
    )


def _known_refresh_token(org: HubSpotContext, refresh: str) -> str:
    """A refresh token that may be used: an issued one, or any while no credentials are named."""
    is_foreign = bool(refresh) and not org.settings.names_credentials and not org.tokens.is_revoked(refresh)
    if org.tokens.known(refresh, "refresh") is None and not is_foreign:
        raise errors.oauth(400, "BAD_REFRESH_TOKEN", "refresh token is invalid, expired or revoked")
    return refresh


# -- what is known of a token --------------------------------------------------------------------------------


def access_token(request: Request, org: HubSpotContext) -> Response:
    """Whose access token this is, and what it may do."""
    text = request.params["token"]
    caller = org.tokens.caller(f"Bearer {text}")
    return responses.answer(_access_body(org, text, caller))


def refresh_token(request: Request, org: HubSpotContext) -> Response:
    text = request.params["token"]
    _known_refresh_token_or_404(org, text)
    return responses.answer(_refresh_body(org, text))


def delete_refresh_token(request: Request, org: HubSpotContext) -> Response:
    """Take a refresh token back, with the access tokens made from it."""
    org.tokens.revoke(request.params["token"])
    return responses.no_content()


def introspect(request: Request, org: HubSpotContext) -> Response:
    """Whether a token is good, and what it may do."""
    given = request.form()
    text = given.get("token", "")
    if org.tokens.known(text, "refresh") is not None:
        use = {"app_id": int(org.app_id), "token_use": "refresh_token"}
        return responses.answer({"active": True, **_refresh_body(org, text), **use})
    try:
        caller = org.tokens.caller(f"Bearer {text}")
    except HubSpotError:
        return responses.answer({"active": False})
    use = {"client_id": given.get("client_id", ""), "token_use": "access_token"}
    return responses.answer({"active": True, **_access_body(org, text, caller), **use})


def revoke(request: Request, org: HubSpotContext) -> Response:
    """Take a token back; an unknown one is no error."""
    text = request.form().get("token", "")
    if text:
        org.tokens.revoke(text)
    return responses.no_content()


def private_app(request: Request, org: HubSpotContext) -> Response:
    """What a private app's token may do."""
    text = bodies.read(request, request_models.TokenKey).token_key
    caller = org.tokens.caller(f"Bearer {text}")
    return responses.answer(
        {
            "userId": USER_ID,
            "hubId": org.portal_id,
            "appId": int(org.app_id),
            "scopes": _scopes(caller),
        }
    )


def personal_access_key(request: Request, org: HubSpotContext) -> Response:
    """The access token that HubSpot's command line tool works with."""
    key = bodies.read(request, request_models.PersonalAccessKey).key
    text, seconds = org.tokens.issue_access(key)
    return responses.answer(
        {
            "hubId": org.portal_id,
            "userId": USER_ID,
            "oauthAccessToken": text,
            "expiresAtMillis": org.now_ms() + seconds * 1000,
            "enabledFeatures": {},
            "scopeGroups": all_scopes(),
            "encodedOAuthRefreshToken": key,
            "hubName": org.name,
            "accountType": org.edition.account_type,
        }
    )


def _known_refresh_token_or_404(org: HubSpotContext, text: str) -> None:
    try:
        _known_refresh_token(org, text)
    except HubSpotError as error:
        raise errors.not_found() from error


def _scopes(caller: Caller) -> list[str]:
    return all_scopes() if caller.scopes is None else sorted(caller.scopes)


def _access_body(org: HubSpotContext, text: str, caller: Caller) -> dict[str, Any]:
    return {
        "token": text,
        "user": USER_EMAIL,
        "hub_domain": HUB_DOMAIN,
        "scopes": _scopes(caller),
        "hub_id": org.portal_id,
        "app_id": int(org.app_id),
        "expires_in": org.tokens.seconds_left(text),
        "user_id": USER_ID,
        "token_type": "access",
        "is_private_distribution": caller.is_private_app,
        "signed_access_token": {
            "appId": int(org.app_id),
            "appInstallId": "",
            "audience": "",
            "expiresAt": org.now_ms() + org.tokens.seconds_left(text) * 1000,
            "hubId": org.portal_id,
            "hublet": "na1",
            "installingUserId": USER_ID,
            "isPrivateDistribution": caller.is_private_app,
            "isServiceAccount": False,
            "isUserLevel": False,
            "newSignature": "",
            "scopeToScopeGroupPks": "",
            "scopes": "",
            "signature": "",
            "trialScopeToScopeGroupPks": "",
            "trialScopes": "",
            "userId": USER_ID,
        },
    }


def _refresh_scopes(org: HubSpotContext, text: str) -> list[str]:
    known = org.tokens.known(text, "refresh")
    return all_scopes() if known is None or known.scopes is None else sorted(known.scopes)


def _refresh_body(org: HubSpotContext, text: str) -> dict[str, Any]:
    known = org.tokens.known(text, "refresh")
    return {
        "token": text,
        "user": USER_EMAIL,
        "hub_domain": HUB_DOMAIN,
        "scopes": _refresh_scopes(org, text),
        "hub_id": org.portal_id,
        "client_id": known.client_id if known is not None else "",
        "user_id": USER_ID,
        "token_type": "refresh",
    }
