"""OAuth 2.0 grants: what a client has to show, and what it gets (evidence/salesforce.md#signing-in).

Any credentials are accepted, unless the org's settings name some.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from typing import Any

import msgspec

from mock_crm.core.http import Request, Response, json_response
from mock_crm.salesforce.context import SalesforceContext
from mock_crm.salesforce.sessions import Session

DEFAULT_SCOPE = "refresh_token api web full"
"""What a grant is for that does not say it."""


class OAuthError(Exception):
    """A refusal in OAuth's own form."""

    def __init__(self, error: str, description: str, status: int = 400) -> None:
        super().__init__(description)
        self.error = error
        self.description = description
        self.status = status

    def response(self) -> Response:
        return json_response({"error": self.error, "error_description": self.description}, self.status)


def client_of(request: Request, form: dict[str, str]) -> tuple[str, str | None]:
    """Client id and secret, from HTTP Basic or from the form; the secret is None when it was not sent."""
    scheme, _, encoded = request.header("authorization").partition(" ")
    if scheme.lower() == "basic":
        try:
            name, _, secret = base64.b64decode(encoded).decode().partition(":")
        except (binascii.Error, UnicodeDecodeError) as error:
            raise OAuthError("invalid_client", "invalid client credentials") from error
        return name, secret
    return form.get("client_id", ""), form.get("client_secret")


def check_client(org: SalesforceContext, client_id: str, secret: str | None, *, needs_secret: bool) -> None:
    """Make sure that the client may ask at all.

    Raises:
        OAuthError: It is not known, or shows a wrong secret.
    """
    if not client_id:
        raise OAuthError("invalid_client_id", "client identifier invalid")
    clients = org.settings.clients
    if not clients:
        return
    expected = clients.get(client_id)
    if expected is None:
        raise OAuthError("invalid_client_id", "client identifier invalid")
    if (needs_secret or secret is not None) and expected and not _is_same(expected, secret or ""):
        raise OAuthError("invalid_client", "invalid client credentials")


def log_in(org: SalesforceContext, username: str, password: str) -> None:
    """Make sure that a password (with the security token appended) is right, and that the user is found.

    Raises:
        OAuthError: It is not.
    """
    expected = org.settings.logins.get(username)
    is_known = not org.settings.logins or (expected is not None and _is_same(expected, password))
    if not username or not password or not is_known:
        raise OAuthError("invalid_grant", "authentication failure - Invalid Password")
    _name_user(org, username)


def _name_user(org: SalesforceContext, username: str) -> None:
    """The API user goes by the first user name that signs in: clients look themselves up by it."""
    user = org.store.get("User", org.identity.user_id)
    if user is None or user.document["Username"] != org.identity.username or "@" not in username:
        return
    org.store.declare("User", ("Username",))
    if not org.store.lookup("User", "Username", username):
        org.store.update("User", user.id, {**user.document, "Username": username}, org.now_ms())


def _is_same(expected: str, given: str) -> bool:
    return hmac.compare_digest(expected.encode(), given.encode())


def password_grant(request: Request, org: SalesforceContext, form: dict[str, str]) -> Response:
    """`grant_type=password`."""
    client_id, secret = client_of(request, form)
    check_client(org, client_id, secret, needs_secret=True)
    log_in(org, form.get("username", ""), form.get("password", ""))
    # Of 3,372 recorded answers only those to a refresh token have a scope (openstax/accounts, tutor-server).
    return token_response(request, org, org.sessions.issue(client_id), secret, has_scope=False)


def client_credentials_grant(request: Request, org: SalesforceContext, form: dict[str, str]) -> Response:
    """`grant_type=client_credentials`."""
    client_id, secret = client_of(request, form)
    check_client(org, client_id, secret, needs_secret=True)
    if not secret:
        raise OAuthError("invalid_client", "invalid client credentials")
    return token_response(request, org, org.sessions.issue(client_id), secret)


def refresh_grant(request: Request, org: SalesforceContext, form: dict[str, str]) -> Response:
    """`grant_type=refresh_token`; the refresh token stays as it is, and is not sent again."""
    client_id, secret = client_of(request, form)
    check_client(org, client_id, secret, needs_secret=False)
    text = form.get("refresh_token", "")
    grant = org.sessions.refresh_grant(text)
    if grant is None and (not text or org.settings.names_credentials or org.sessions.is_revoked(text)):
        raise OAuthError("invalid_grant", "expired access/refresh token")
    scope = grant["scope"] if grant else DEFAULT_SCOPE
    return token_response(request, org, org.sessions.issue(client_id, scope), secret)


def jwt_grant(request: Request, org: SalesforceContext, form: dict[str, str]) -> Response:
    """`grant_type=…:jwt-bearer`; the signature is not checked, since the mock knows no certificates."""
    claims = _claims(form.get("assertion", ""))
    check_client(org, str(claims.get("iss", "")), None, needs_secret=False)
    if not claims.get("sub"):
        raise OAuthError("invalid_grant", "user hasn't approved this consumer")
    if org.settings.logins and claims["sub"] not in org.settings.logins:
        raise OAuthError("invalid_grant", "user hasn't approved this consumer")
    if _expiry(claims) < org.clock.now().timestamp():
        raise OAuthError("invalid_grant", "expired authorization code")
    _name_user(org, str(claims["sub"]))
    return token_response(request, org, org.sessions.issue(str(claims["iss"])), None)


def _expiry(claims: dict[str, Any]) -> float:
    """When an assertion expires, in epoch seconds; simple-salesforce sends the number as text [K]."""
    try:
        return float(claims.get("exp") or 0)
    except (TypeError, ValueError) as error:
        raise OAuthError("invalid_grant", "invalid assertion") from error


def _claims(assertion: str) -> dict[str, Any]:
    parts = assertion.split(".")
    try:
        payload = base64.urlsafe_b64decode(parts[1] + "=" * (-len(parts[1]) % 4))
        claims = msgspec.json.decode(payload)
    except (IndexError, ValueError, msgspec.DecodeError) as error:
        raise OAuthError("invalid_grant", "invalid assertion") from error
    if not isinstance(claims, dict):
        raise OAuthError("invalid_grant", "invalid assertion")
    return claims


def code_grant(request: Request, org: SalesforceContext, form: dict[str, str]) -> Response:
    """`grant_type=authorization_code`, with `code_verifier` where the code was asked for with a challenge."""
    client_id, secret = client_of(request, form)
    check_client(org, client_id, secret, needs_secret=False)
    grant = org.sessions.redeem_code(form.get("code", ""))
    if grant is None:
        raise OAuthError("invalid_grant", "expired authorization code")
    if grant["client_id"] != client_id:
        raise OAuthError("invalid_client_id", "client identifier does not match")
    if grant["redirect_uri"] != form.get("redirect_uri", ""):
        raise OAuthError("redirect_uri_mismatch", "redirect_uri must match configuration")
    if grant["code_challenge"] and not _is_verified(grant["code_challenge"], form.get("code_verifier", "")):
        raise OAuthError("invalid_grant", "invalid code verifier")
    scope = grant["scope"] or DEFAULT_SCOPE
    return token_response(
        request,
        org,
        org.sessions.issue(client_id, scope),
        secret,
        refresh_token=org.sessions.issue_refresh(client_id, scope),
    )


def _is_verified(challenge: str, verifier: str) -> bool:
    digest = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).decode().rstrip("=")
    return hmac.compare_digest(digest, challenge.rstrip("="))


def token_response(
    request: Request,
    org: SalesforceContext,
    session: Session,
    secret: str | None,
    *,
    refresh_token: str | None = None,
    has_scope: bool = True,
) -> Response:
    """The answer to a grant; all its URLs lead back to this mock."""
    identity = request.url(f"/id/{org.identity.org_id}/{org.identity.user_id}")
    issued_at = str(int(org.clock.now().timestamp() * 1000))
    body = {
        "access_token": session.token,
        "signature": signature(identity + issued_at, secret),
        "instance_url": request.url(""),
        "id": identity,
        "token_type": "Bearer",
        "issued_at": issued_at,
    }
    if has_scope:
        body["scope"] = session.scope
    if refresh_token is not None:
        body["refresh_token"] = refresh_token
    return json_response(body, headers=[("cache-control", "no-store"), ("pragma", "no-cache")])


def signature(text: str, secret: str | None) -> str:
    """The proof, keyed with the client's secret, that the identity URL was not changed on its way."""
    digest = hmac.new((secret or "").encode(), text.encode(), hashlib.sha256).digest()
    return base64.b64encode(digest).decode()
