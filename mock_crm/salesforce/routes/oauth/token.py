"""`/services/oauth2/token`, `introspect` and `revoke`."""

from __future__ import annotations

from collections.abc import Callable
from html import escape
from urllib.parse import urlencode

import msgspec

from mock_crm.core.http import Request, Response, json_response
from mock_crm.core.routing import Route
from mock_crm.salesforce.context import SalesforceContext
from mock_crm.salesforce.routes.oauth import device, grants
from mock_crm.salesforce.routes.oauth.grants import OAuthError

_GRANTS: dict[str, Callable[[Request, SalesforceContext, dict[str, str]], Response]] = {
    "authorization_code": grants.code_grant,
    "client_credentials": grants.client_credentials_grant,
    "device": device.device_grant,
    "password": grants.password_grant,
    "refresh_token": grants.refresh_grant,
    "urn:ietf:params:oauth:grant-type:jwt-bearer": grants.jwt_grant,
}

_FORM = "application/x-www-form-urlencoded"
_TOKEN = "The signature of a JWT is not checked; no SAML or token exchange flows."


def routes() -> list[Route[SalesforceContext]]:
    """The endpoints of this module; signing in does not count against the quota."""
    base = "/services/oauth2"
    return [
        Route("POST", base + "/token", token, is_open=True, is_counted=False, note=_TOKEN),
        Route("POST", base + "/introspect", introspect, is_open=True, is_counted=False),
        Route("POST", base + "/revoke", revoke, is_open=True, is_counted=False),
        Route("GET", base + "/revoke", revoke, is_open=True, is_counted=False),
    ]


def token(request: Request, org: SalesforceContext) -> Response:
    """Give an access token for a grant; parameters may stand in the body or in the query."""
    form = {**request.query, **request.form()}
    grant = _GRANTS.get(form.get("grant_type", ""))
    if "grant_type" not in form and form.get("response_type") == "device_code":
        grant = device.codes
    try:
        if grant is None:
            raise OAuthError("unsupported_grant_type", "grant type not supported")
        response = grant(request, org, form)
    except OAuthError as error:
        response = error.response()
    return _formatted(response, form.get("format") or request.header("accept"))


def _formatted(response: Response, wanted: str) -> Response:
    """The answer as XML or as a form, where `format` or the Accept header asks for that [D]."""
    members = msgspec.json.decode(response.body)
    if wanted == "urlencoded" or wanted.startswith(_FORM):
        return Response(response.status, urlencode(members).encode(), _FORM, response.headers)
    if wanted == "xml" or wanted.startswith("application/xml"):
        inside = "".join(f"<{name}>{escape(str(value))}</{name}>" for name, value in members.items())
        text = f'<?xml version="1.0" encoding="UTF-8"?><OAuth>{inside}</OAuth>'
        return Response(response.status, text.encode(), "application/xml;charset=UTF-8", response.headers)
    return response


def introspect(request: Request, org: SalesforceContext) -> Response:
    """Say whether a token is alive, and whose it is."""
    form = request.form()
    try:
        client_id, secret = grants.client_of(request, form)
        grants.check_client(org, client_id, secret, needs_secret=True)
    except OAuthError as error:
        return error.response()
    session = org.sessions.find(form.get("token", ""))
    refresh = org.sessions.refresh_grant(form.get("token", ""))
    if session is None and refresh is None:
        return json_response({"active": False})
    user = org.store.get("User", org.identity.user_id)
    known = {
        "username": user.document["Username"] if user else org.identity.username,
        "sub": request.url(f"/id/{org.identity.org_id}/{org.identity.user_id}"),
        "active": True,
    }
    if session is None or refresh is not None:
        found = refresh or {}
        scope, client = found.get("scope", ""), found.get("client", "")
        return json_response({**known, "scope": scope, "client_id": client, "token_type": "refresh_token"})
    return json_response(
        {
            **known,
            "scope": session.scope,
            "client_id": session.client_id,
            "token_type": "access_token",
            "exp": session.expires // 1000,
        }
    )


def revoke(request: Request, org: SalesforceContext) -> Response:
    """End a token: 200 without a body, or 400 for one that is not alive."""
    text = {**request.query, **request.form()}.get("token", "")
    if org.sessions.revoke(text):
        return Response(200, b"", "text/html")
    return OAuthError("unsupported_token_type", "this token type is not supported").response()
