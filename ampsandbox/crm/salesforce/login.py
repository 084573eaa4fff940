"""The OAuth flows that get a token of Salesforce: client credentials, refresh token, JWT bearer."""

from __future__ import annotations

import time
from collections.abc import Mapping
from datetime import timedelta
from typing import Final
from urllib.parse import urlsplit

from ampsandbox.crm.http import Channel
from ampsandbox.crm.login import ConnectionCredentials, CredentialError, request_token
from ampsandbox.crm.salesforce.errors import SalesforceErrors
from ampsandbox.crm.session import AccessToken
from ampsandbox.events import ErrorDetail
from ampsandbox.secrets import Secret
from ampsandbox.settings.credentials import Grant, LiveConnection

_JWT: Final = "urn:ietf:params:oauth:grant-type:jwt-bearer"

# Salesforce takes assertions that end within three minutes, and allows for skewed clocks itself.
_ASSERTION_S: Final = 180


class SalesforceLogin:
    """Logs a connection in by the flow that its settings name; calling it gives a new token."""

    def __init__(self, live: LiveConnection, credentials: ConnectionCredentials, channel: Channel) -> None:
        self._live = live
        self._credentials = credentials
        self._channel = channel
        self._rotated: Secret | None = None

    async def __call__(self) -> AccessToken:
        """Get an access token.

        Raises:
            CredentialError: A credential cannot be found or read.
            CrmRefusedError: Salesforce refuses the credentials.
            CrmUnavailableError: Salesforce cannot be reached.
        """
        grant_type, form = self._request()
        url = f"{self._live.login_url}/services/oauth2/token"
        answer = await request_token(self._channel, SalesforceErrors(), url, grant_type, form)
        # With rotation switched on in the connected app, the old refresh token ends here.
        self._rotated = answer.refresh or self._rotated
        # Salesforce rarely says when a session ends; then the 401 does.
        lifetime = None if answer.lifetime_s is None else timedelta(seconds=answer.lifetime_s)
        ends = self._channel.clock.now() + lifetime if lifetime else None
        base_url = self._live.base_url or answer.instance_url or self._live.login_url
        return AccessToken(answer.access, base_url, ends)

    def _request(self) -> tuple[str, Mapping[str, Secret]]:
        form = self._credentials.form
        if self._live.grant is Grant.REFRESH_TOKEN:
            rotated = {"refresh_token": self._rotated} if self._rotated else {}
            return "refresh_token", form("client_id", "client_secret", "refresh_token") | rotated
        if self._live.grant is Grant.CLIENT_CREDENTIALS:
            return "client_credentials", form("client_id", "client_secret")
        if self._live.grant is Grant.JWT_BEARER:
            return _JWT, {"assertion": self._assertion()}
        values = form("client_id", "client_secret", "username", "password")
        if self._credentials.has("security_token"):
            token = self._credentials.get("security_token").reveal()
            values["password"] = Secret(values["password"].reveal() + token)
            self._channel.masker.learn(values["password"])
        return "password", values

    def _assertion(self) -> Secret:
        import jwt

        claims = {
            "iss": self._credentials.get("client_id").reveal(),
            "sub": self._credentials.get("username").reveal(),
            "aud": _audience(self._live.login_url),
            # Checked against Salesforce's own clock, so the sandbox's, which may be anywhere, does not do.
            "exp": int(time.time()) + _ASSERTION_S,
        }
        key = self._credentials.get("private_key").reveal()
        try:
            assertion = Secret(jwt.encode(claims, key, algorithm="RS256"))
        except (jwt.PyJWTError, ValueError, TypeError):
            reason = "The private key for the JWT bearer flow is not an RSA key in PEM form."
            raise CredentialError(ErrorDetail(reason, "CREDENTIAL")) from None
        self._channel.masker.learn(assertion)
        return assertion


def _audience(login_url: str) -> str:
    """Who the assertion is for: the login host, also when the request goes to a My Domain of it."""
    host = urlsplit(login_url).hostname or ""
    if not host.endswith(".salesforce.com"):
        return login_url
    is_sandbox = host == "test.salesforce.com" or ".sandbox." in host
    return "https://test.salesforce.com" if is_sandbox else "https://login.salesforce.com"
