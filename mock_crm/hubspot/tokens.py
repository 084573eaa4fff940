"""Who may call: private app tokens, OAuth tokens, their scopes, expiry and revocation.

Every token is accepted unless the org's settings name some; what was issued, expired or revoked is kept in
the store, so that it survives restarts and snapshots.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import msgspec

from mock_crm.core.clock import Clock, epoch_ms
from mock_crm.core.ids import stable_text
from mock_crm.core.settings import OrgSettings
from mock_crm.core.store import Store
from mock_crm.hubspot import errors
from mock_crm.hubspot.timestamps import iso_ms

TABLE = "~tokens"
# HubSpot's access tokens live for half an hour.
LIFETIME_S = 1800
_ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"


class OAuthToken(msgspec.Struct, rename="camel"):
    """What is known of one token.

    Attributes:
        kind: `access`, `refresh` or `code`.
        scopes: What it allows; None for everything.
        expires_at: Epoch milliseconds; None for never.
        revoked: Whether it was taken back.
        client_id: The app that it was given to.
        redirect_uri: Where its authorization was sent, for codes.
        refresh_token: What it was made from, for access tokens.
    """

    kind: str
    scopes: list[str] | None = None
    expires_at: int | None = None
    revoked: bool = False
    client_id: str = ""
    redirect_uri: str = ""
    refresh_token: str = ""


class Caller(msgspec.Struct):
    """Who sent a request: its token and what that allows; `scopes` None allows everything."""

    token: str
    scopes: frozenset[str] | None = None

    @property
    def is_private_app(self) -> bool:
        """Whether a private app calls, whose requests count against the day."""
        return self.token.startswith("pat-")

    def may(self, scopes: Sequence[str]) -> bool:
        """Whether one of `scopes` is granted."""
        return self.scopes is None or not scopes or not self.scopes.isdisjoint(scopes)


class Tokens:
    """The tokens of one account.

    Args:
        store: Where they are kept.
        clock: When they expire.
        settings: Which tokens and clients are accepted, and what they are allowed.
        seed: What issued tokens are drawn from.
    """

    def __init__(self, store: Store, clock: Clock, settings: OrgSettings, seed: str) -> None:
        self._store = store
        self._clock = clock
        self._settings = settings
        self._seed = seed
        self.private_token = "pat-na1-" + "-".join(
            stable_text(seed, "private app", str(part), length=length, alphabet="0123456789abcdef")
            for part, length in enumerate((8, 4, 4, 4, 12))
        )
        self.forget()

    def forget(self) -> None:
        """Read the kept tokens anew."""
        self._store.declare(TABLE)
        self._known = {row.id: msgspec.convert(row.document, OAuthToken) for row in self._store.scan(TABLE)}
        self._callers: dict[str, Caller] = {}

    # -- checking --------------------------------------------------------------------------------------------

    def caller(self, authorization: str) -> Caller:
        """Who sent a request with this `Authorization` header.

        Raises:
            HubSpotError: There is no token, or it is unknown, revoked or expired.
        """
        scheme, _, value = authorization.partition(" ")
        token = value.strip()
        if scheme.lower() != "bearer" or not token:
            raise errors.no_credentials()
        known = self._known.get(token)
        if known is not None:
            self._check(known)
        elif not self._accepts(token):
            raise errors.no_credentials()
        caller = self._callers.get(token)
        if caller is None:
            granted = known.scopes if known is not None else None
            scopes = self._settings.scopes if granted is None else granted
            caller = self._callers[token] = Caller(token, frozenset(scopes) if scopes else None)
        return caller

    def _accepts(self, token: str) -> bool:
        settings = self._settings
        return token == self.private_token or not settings.names_credentials or token in settings.tokens

    def _check(self, known: OAuthToken) -> None:
        if known.revoked or known.kind != "access":
            raise errors.no_credentials()
        if known.expires_at is None:
            return
        over_ms = epoch_ms(self._clock.now()) - known.expires_at
        if over_ms >= 0:
            raise errors.expired_token(over_ms // 1000, iso_ms(known.expires_at))

    # -- issuing ---------------------------------------------------------------------------------------------

    def issue(self, kind: str, token: OAuthToken) -> str:
        """Draw a token and keep what is known of it."""
        number = self._store.next_number(f"tokens {kind}")
        length = {"access": 120, "refresh": 36, "code": 36}[kind]
        text = stable_text(self._seed, kind, str(number), length=length, alphabet=_ALPHABET)
        if kind == "access":
            text = "C" + text[1:]
        self._keep(text, token)
        return text

    def issue_access(self, refresh_token: str) -> tuple[str, int]:
        """A new access token for a refresh token, and its lifetime in seconds."""
        lifetime = self._settings.token_lifetime_s
        seconds = LIFETIME_S if lifetime is None else lifetime
        source = self._known.get(refresh_token)
        token = OAuthToken(
            kind="access",
            scopes=source.scopes if source else None,
            expires_at=epoch_ms(self._clock.now() + timedelta(seconds=seconds)),
            client_id=source.client_id if source else "",
            refresh_token=refresh_token,
        )
        return self.issue("access", token), int(seconds)

    def known(self, token: str, kind: str) -> OAuthToken | None:
        """What is known of an issued token of this kind that was not revoked."""
        found = self._known.get(token)
        return found if found is not None and found.kind == kind and not found.revoked else None

    def seconds_left(self, token: str) -> int:
        """How long an access token is good for; a whole lifetime for one that does not expire."""
        found = self._known.get(token)
        if found is None or found.expires_at is None:
            return LIFETIME_S
        return max((found.expires_at - epoch_ms(self._clock.now())) // 1000, 0)

    def is_revoked(self, token: str) -> bool:
        """Whether a token was taken back."""
        found = self._known.get(token)
        return found is not None and found.revoked

    def accepts_client(self, client_id: str, secret: str) -> tuple[bool, bool]:
        """Whether an app's id and its secret are accepted."""
        clients = self._settings.clients
        if not clients:
            return bool(client_id), bool(secret)
        return client_id in clients, clients.get(client_id) == secret

    # -- forcing ---------------------------------------------------------------------------------------------

    def revoke(self, token: str) -> None:
        """Take a token back; an access token made from a refresh token goes with it."""
        self._change(token, revoked=True)
        for text, known in list(self._known.items()):
            if known.refresh_token == token:
                self._change(text, revoked=True)

    def expire(self, token: str, at: datetime | None = None) -> None:
        """Let an access token end now, or at `at`."""
        self._change(token, expires_at=epoch_ms(at or self._clock.now()))

    def _change(self, token: str, **changes: Any) -> None:
        known = self._known.get(token) or OAuthToken(kind="access")
        self._keep(token, msgspec.structs.replace(known, **changes))

    def _keep(self, text: str, token: OAuthToken) -> None:
        document = msgspec.to_builtins(token)
        at = epoch_ms(self._clock.now())
        if text in self._known:
            self._store.update(TABLE, text, document, at)
        else:
            self._store.insert(TABLE, text, document, at)
        self._known[text] = token
        self._callers.pop(text, None)
