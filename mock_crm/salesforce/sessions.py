"""Access tokens and what leads to them: who is signed in, until when, and what was revoked.

Every session acts as the org's API user. Unless the org's settings name credentials, a token that looks like
a session id (`00D…!…`) is accepted even when the mock has not issued it, so that a client can start from a
made-up one; any other text is refused as Salesforce refuses it.
"""

from __future__ import annotations

import re
from typing import Any, NamedTuple

from mock_crm.core.clock import Clock, epoch_ms
from mock_crm.core.http import Request
from mock_crm.core.ids import stable_text
from mock_crm.core.settings import OrgSettings
from mock_crm.core.store import Store

_SESSIONS, _CODES, _REFRESH = "~session", "~code", "~refresh"
_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._"
_PLAIN = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"
_SESSION_ID = re.compile(r"00D\w{12,15}!\S+")
_LIFETIME_S = 7200.0
_CODE_LIFETIME_S = 900.0


class Session(NamedTuple):
    """An access token that was issued: to which client, for what, until when (epoch milliseconds)."""

    token: str
    client_id: str
    scope: str
    expires: int


class Sessions:
    """The sessions of one org.

    Args:
        store: Keeps them.
        clock: The time that they expire by.
        settings: Which credentials are accepted.
        org_id: What tokens begin with.
        seed: The seed and the name of the org, which they are drawn from.

    Attributes:
        own_token: Always accepted.
        lifetime_s: How long a session lives after its last use.
    """

    def __init__(
        self, store: Store, clock: Clock, settings: OrgSettings, org_id: str, seed: tuple[int | str, str]
    ) -> None:
        self._store = store
        self._clock = clock
        self._settings = settings
        self._org_id = org_id
        self._seed = seed
        self.lifetime_s = settings.token_lifetime_s or _LIFETIME_S
        self.own_token = self._token("own")
        self.reload()

    def reload(self) -> None:
        """Read the issued sessions again from the store."""
        self._issued = {
            row.id: Session(row.id, row.document["client"], row.document["scope"], row.document["expires"])
            for row in self._store.scan(_SESSIONS)
        }
        self._revoked: set[str] = set(self._store.meta("revoked", []))
        self._strangers: set[str] = set()

    def accepts(self, token: str) -> bool:
        """Whether a request with this access token is let in; using a session prolongs it."""
        if token == self.own_token:
            return True
        session = self._issued.get(token)
        if session is not None:
            now = epoch_ms(self._clock.now())
            if session.expires <= now:
                return False
            self._issued[token] = session._replace(expires=now + int(self.lifetime_s * 1000))
            return True
        return self._accepts_stranger(token)

    def find(self, token: str) -> Session | None:
        """An issued session that is still alive."""
        session = self._issued.get(token)
        return session if session and session.expires > epoch_ms(self._clock.now()) else None

    def issue(self, client_id: str, scope: str = "full") -> Session:
        now = epoch_ms(self._clock.now())
        token = self._token(str(self._store.next_number("token")))
        session = Session(token, client_id, scope, now + int(self.lifetime_s * 1000))
        self._issued[token] = session
        document = {"client": client_id, "scope": scope, "expires": session.expires}
        self._store.insert(_SESSIONS, token, document, now)
        return session

    def issue_refresh(self, client_id: str, scope: str) -> str:
        """A refresh token, which lives until it is revoked."""
        return self._keep(_REFRESH, "5Aep861", {"client": client_id, "scope": scope})

    def issue_code(self, grant: dict[str, Any]) -> str:
        """An authorization code for a grant: client id, redirect URI, scope, code challenge."""
        expires = epoch_ms(self._clock.now()) + int(_CODE_LIFETIME_S * 1000)
        return self._keep(_CODES, "aPrx", {**grant, "expires": expires})

    def redeem_code(self, code: str) -> dict[str, Any] | None:
        """The grant of a code, once; None when it is unknown, used or too old."""
        row = self._store.get(_CODES, code)
        if row is None:
            return None
        self._store.delete(_CODES, [code])
        return row.document if row.document["expires"] > epoch_ms(self._clock.now()) else None

    def issue_device_code(self, client_id: str, scope: str) -> tuple[str, str]:
        """A code for a device, and the short one by which a person approves it."""
        user_code = stable_text(
            *self._seed, "user code", str(self._store.next_number("user code")), length=8, alphabet=_PLAIN
        )
        grant = {"client_id": client_id, "scope": scope, "user_code": user_code, "is_approved": False}
        return self.issue_code(grant), user_code

    def approve_device(self, user_code: str) -> bool:
        """Approve the device with this short code; False when there is none."""
        for row in self._store.scan(_CODES):
            if row.document.get("user_code") == user_code:
                self._store.amend(_CODES, row.id, {**row.document, "is_approved": True})
                return True
        return False

    def device_grant(self, code: str) -> dict[str, Any] | None:
        """What a device code was given for, and whether it is approved; None when it is none, or too old."""
        row = self._store.get(_CODES, code)
        is_alive = row is not None and row.document["expires"] > epoch_ms(self._clock.now())
        return row.document if row and is_alive and "user_code" in row.document else None

    def refresh_grant(self, token: str) -> dict[str, Any] | None:
        """Client and scope of a refresh token."""
        row = self._store.get(_REFRESH, token)
        return row.document if row else None

    def revoke(self, token: str) -> bool:
        """End a session, or forget a refresh token with its client's sessions; False for an unknown one."""
        refresh = self.refresh_grant(token)
        if refresh is not None:
            self._store.delete(_REFRESH, [token])
            self._revoked.add(token)
            mine = [t for t, session in self._issued.items() if session.client_id == refresh["client"]]
            self._end(mine)
            return True
        known = token in self._issued or token in self._strangers
        self._end([token])
        return known

    def is_revoked(self, token: str) -> bool:
        """Whether a token was ended on purpose."""
        return token in self._revoked

    def revoke_all(self) -> None:
        """End all sessions that anyone has used; the org's own token stays."""
        self._end([*self._issued, *self._strangers])

    # -- inside ----------------------------------------------------------------------------------------------

    def _accepts_stranger(self, token: str) -> bool:
        if token in self._settings.tokens:
            return True
        if self._settings.names_credentials or token in self._revoked:
            return False
        if not _SESSION_ID.fullmatch(token):
            return False
        self._strangers.add(token)
        return True

    def _end(self, tokens: list[str]) -> None:
        for token in tokens:
            self._issued.pop(token, None)
            self._revoked.add(token)
        self._strangers.difference_update(tokens)
        self._store.delete(_SESSIONS, tokens)
        self._store.set_meta("revoked", sorted(self._revoked))

    def _keep(self, table: str, prefix: str, document: dict[str, Any]) -> str:
        number = self._store.next_number(table)
        text = stable_text(*self._seed, table, str(number), length=60, alphabet=_LETTERS)
        self._store.insert(table, prefix + text, document, epoch_ms(self._clock.now()))
        return prefix + text

    def _token(self, purpose: str) -> str:
        text = stable_text(*self._seed, "token", purpose, length=90, alphabet=_LETTERS)
        return f"{self._org_id[:15]}!AQ{text}"


def bearer(request: Request) -> str:
    """The access token of a request, or an empty text."""
    scheme, _, token = request.header("authorization").partition(" ")
    return token.strip() if scheme.lower() in ("bearer", "oauth") else ""
