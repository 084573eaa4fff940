"""The device flow: a code to show to people, a page that takes it, and the grant that waits for it [D]."""

from __future__ import annotations

from html import escape

from mock_crm.core.http import Request, Response, json_response
from mock_crm.core.routing import Route
from mock_crm.salesforce.context import SalesforceContext
from mock_crm.salesforce.routes.oauth.grants import (
    DEFAULT_SCOPE,
    OAuthError,
    check_client,
    client_of,
    token_response,
)

_PAGE = "/setup/connect"
_SECONDS_BETWEEN_POLLS = 5
_HTML = """<!doctype html><meta charset="utf-8"><title>Connect Device</title>
<form method="post">{said} <input name="user_code" placeholder="Code"> <button>Connect</button></form>
"""


def routes() -> list[Route[SalesforceContext]]:
    return [
        Route(method, _PAGE, connect, is_open=True, is_counted=False, note="Approves by itself.")
        for method in ("GET", "POST")
    ]


def codes(request: Request, org: SalesforceContext, form: dict[str, str]) -> Response:
    """`response_type=device_code`: a code for the device, and one for the person who uses it."""
    client_id, secret = client_of(request, form)
    check_client(org, client_id, secret, needs_secret=False)
    device_code, user_code = org.sessions.issue_device_code(client_id, form.get("scope", ""))
    return json_response(
        {
            "device_code": device_code,
            "user_code": user_code,
            "verification_uri": request.url(_PAGE),
            "interval": _SECONDS_BETWEEN_POLLS,
        }
    )


def device_grant(request: Request, org: SalesforceContext, form: dict[str, str]) -> Response:
    """`grant_type=device`: refused as pending until somebody has given the code on the page."""
    client_id, secret = client_of(request, form)
    check_client(org, client_id, secret, needs_secret=False)
    grant = org.sessions.device_grant(form.get("code", ""))
    if grant is None or grant["client_id"] != client_id:
        raise OAuthError("invalid_grant", "invalid device code")
    if not grant["is_approved"]:
        raise OAuthError(
            "authorization_pending", "User has not yet approved this device. Please try again later"
        )
    scope = grant["scope"] or DEFAULT_SCOPE
    org.sessions.redeem_code(form["code"])
    refresh = org.sessions.issue_refresh(client_id, scope)
    return token_response(request, org, org.sessions.issue(client_id, scope), secret, refresh_token=refresh)


def connect(request: Request, org: SalesforceContext) -> Response:
    """Approve the device whose code is given."""
    user_code = {**request.query, **request.form()}.get("user_code", "")
    said = ""
    if user_code:
        is_known = org.sessions.approve_device(user_code.strip().upper())
        said = "The device is connected." if is_known else f"There is no code {escape(user_code)}."
    return Response(200, _HTML.format(said=said).encode(), "text/html;charset=UTF-8")
