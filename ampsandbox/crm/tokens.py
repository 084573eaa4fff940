"""Keeping one access token fresh: fixed ones, and those that a login gives."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Final

from ampsandbox.clock import Clock
from ampsandbox.crm.session import AccessToken
from ampsandbox.secrets import Masker, Secret

# A token is renewed this long before it ends, so that no request is under way when it does.
_HEADROOM: Final = timedelta(seconds=60)

Login = Callable[[], Awaitable[AccessToken]]


class FixedToken:
    """A token that the user gave, or that a mock org always accepts; it is read at the first need."""

    def __init__(self, read: Callable[[], Secret], base_url: str, masker: Masker) -> None:
        self._read = read
        self._base_url = base_url
        self._masker = masker
        self._token: AccessToken | None = None

    async def current(self) -> AccessToken:
        if self._token is None:
            access = self._read()
            self._masker.learn(access)
            self._token = AccessToken(access, self._base_url)
        return self._token

    async def renew(self, stale: AccessToken) -> AccessToken | None:
        """None: a fixed token cannot be renewed."""
        return None


class LoginTokens:
    """A token from a login, which is repeated before the token ends and when the CRM refuses it."""

    def __init__(self, login: Login, clock: Clock, masker: Masker) -> None:
        self._login = login
        self._clock = clock
        self._masker = masker
        self._token: AccessToken | None = None
        self._lock = asyncio.Lock()

    async def current(self) -> AccessToken:
        """The token in use, or a new one when there is none or it is about to end."""
        token = self._token
        if token is None or (token.expires_at and self._clock.now() >= token.expires_at - _HEADROOM):
            return await self._replace(token)
        return token

    async def renew(self, stale: AccessToken) -> AccessToken | None:
        """A newer token than `stale`; one login serves all requests that were refused together."""
        return await self._replace(stale)

    async def _replace(self, stale: AccessToken | None) -> AccessToken:
        with self._clock.waiting():
            await self._lock.acquire()
        try:
            if self._token is None or self._token is stale:
                self._token = await self._login()
                self._masker.learn(self._token.access)
            return self._token
        finally:
            self._lock.release()
