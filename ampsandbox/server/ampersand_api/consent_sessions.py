"""The consents that are asked for, and where their pages are."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from typing import Final

from ampsandbox.engine.authorizations import Authorization

CONSENT_ROOT: Final = "/_consent"
_OPEN_AT_MOST: Final = 200


@dataclass(slots=True)
class ConsentSession:
    """One consent that is asked for; `origin` is that of the page that asked, empty where none did."""

    authorization: Authorization
    origin: str


class ConsentSessions:
    """The consent pages that were handed out and not answered yet."""

    def __init__(self) -> None:
        self._open: dict[str, ConsentSession] = {}

    def open(self, authorization: Authorization, origin: str) -> str:
        """The path of a new page."""
        while len(self._open) >= _OPEN_AT_MOST:
            del self._open[next(iter(self._open))]
        # Not of the seed: whoever guesses it could consent in the customer's place.
        token = secrets.token_urlsafe(24)
        self._open[token] = ConsentSession(authorization, origin)
        return f"{CONSENT_ROOT}/{token}"

    def find(self, token: str) -> ConsentSession | None:
        return self._open.get(token)

    def close(self, token: str) -> None:
        """Forget a page that was answered."""
        self._open.pop(token, None)
