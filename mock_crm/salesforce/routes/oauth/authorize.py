"""`/services/oauth2/authorize`: a consent page that approves by itself and goes back to the client."""

from __future__ import annotations

from html import escape
from urllib.parse import urlencode, urlsplit

from mock_crm.core.http import Request, Response
from mock_crm.core.routing import Route
from mock_crm.salesforce.context import SalesforceContext
from mock_crm.salesforce.routes.oauth.grants import OAuthError, check_client, signature

_PAGE = """<!doctype html><meta charset="utf-8"><title>Allow Access?</title>
<p>The mock Salesforce org {org} allows the access that was asked for. <a href="{url}">Go on</a></p>
"""

_NOTE = "Approves by itself, without a page."


def routes() -> list[Route[SalesforceContext]]:
    path = "/services/oauth2/authorize"
    return [
        Route("GET", path, authorize, is_open=True, is_counted=False, note=_NOTE),
        Route("POST", path, authorize, is_open=True, is_counted=False, note=_NOTE),
    ]


def authorize(request: Request, org: SalesforceContext) -> Response:
    """Approve, and lead back with a code (`response_type=code`) or a token (`token`)."""
    form = {**request.query, **request.form()}
    redirect = form.get("redirect_uri", "")
    try:
        check_client(org, form.get("client_id", ""), None, needs_secret=False)
        if urlsplit(redirect).scheme in ("", "javascript", "data"):
            raise OAuthError("redirect_uri_mismatch", "redirect_uri must match configuration")
    except OAuthError as error:
        return error.response()
    kind = form.get("response_type", "")
    if kind == "code":
        names = ("client_id", "redirect_uri", "scope", "code_challenge")
        code = org.sessions.issue_code({name: form.get(name, "") for name in names})
        return _redirected(org, redirect, "?", _with_state({"code": code}, form))
    if kind == "token":
        return _redirected(org, redirect, "#", _token(request, org, form))
    refusal = {"error": "unsupported_response_type", "error_description": "response type not supported"}
    return _redirected(org, redirect, "?", _with_state(refusal, form))


def _token(request: Request, org: SalesforceContext, form: dict[str, str]) -> dict[str, str]:
    session = org.sessions.issue(form["client_id"], form.get("scope") or "full")
    identity = request.url(f"/id/{org.identity.org_id}/{org.identity.user_id}")
    issued_at = str(int(org.clock.now().timestamp() * 1000))
    found = {
        "access_token": session.token,
        "instance_url": request.url(""),
        "id": identity,
        "issued_at": issued_at,
        "signature": signature(identity + issued_at, None),
        "scope": session.scope,
        "token_type": "Bearer",
    }
    return _with_state(found, form)


def _with_state(found: dict[str, str], form: dict[str, str]) -> dict[str, str]:
    return {**found, "state": form["state"]} if "state" in form else found


def _redirected(org: SalesforceContext, redirect: str, sign: str, parameters: dict[str, str]) -> Response:
    joint = "&" if sign == "?" and "?" in redirect else sign
    url = f"{redirect}{joint}{urlencode(parameters)}".replace("\r", "").replace("\n", "")
    page = _PAGE.format(org=escape(org.name), url=escape(url, quote=True))
    return Response(302, page.encode(), "text/html;charset=UTF-8", [("location", url)])
