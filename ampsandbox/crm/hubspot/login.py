"""HubSpot's OAuth refresh; private app tokens need no login."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from ampsandbox.crm.http import Channel
from ampsandbox.crm.hubspot.errors import HubSpotErrors
from ampsandbox.crm.login import ConnectionCredentials, request_token
from ampsandbox.crm.session import AccessToken
from ampsandbox.settings.credentials import LiveConnection

# HubSpot's documented lifetime, for an answer that does not repeat it.
_LIFETIME_S: Final = 1800


class HubSpotLogin:
    """Refreshes a connection's access token; calling it gives a new token."""

    def __init__(self, live: LiveConnection, credentials: ConnectionCredentials, channel: Channel) -> None:
        self._live = live
        self._credentials = credentials
        self._channel = channel

    async def __call__(self) -> AccessToken:
        """Get an access token.

        Raises:
            CredentialError: A credential cannot be found.
            CrmRefusedError: HubSpot refuses the credentials.
            CrmUnavailableError: HubSpot cannot be reached.
        """
        form = self._credentials.form("client_id", "client_secret", "refresh_token")
        url = f"{self._live.login_url}/oauth/v1/token"
        answer = await request_token(self._channel, HubSpotErrors(), url, "refresh_token", form)
        ends = self._channel.clock.now() + timedelta(seconds=answer.lifetime_s or _LIFETIME_S)
        return AccessToken(answer.access, self._live.base_url, ends)
