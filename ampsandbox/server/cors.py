"""Lets pages of the origins that the user named call Ampersand's API (the Fetch standard's CORS protocol).

Nobody else is answered, and nothing else is opened: not the control API, the endpoints or the mock CRMs.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from ampsandbox.server.asgi import ASGIApp, Receive, Scope, Send, header
from ampsandbox.server.guard import is_for_pages

_METHODS: Final = b"GET, POST, PUT, PATCH, DELETE"
_HEADERS: Final = b"x-api-key, authorization, content-type, x-amp-client, x-amp-client-version"
_MAX_AGE_S: Final = b"600"

Headers = list[tuple[bytes, bytes]]


class Cors:
    """ASGI middleware that answers preflights, and marks answers that an allowed page may read."""

    def __init__(self, app: ASGIApp, origins: Iterable[str]) -> None:
        self._app = app
        self._origins = frozenset(origins)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a preflight, or pass the request on."""
        is_allowed = header(scope, b"origin") in self._origins and is_for_pages(scope)
        if scope["type"] != "http" or not is_allowed:
            await self._app(scope, receive, send)
            return
        origin = [
            (b"access-control-allow-origin", header(scope, b"origin").encode("latin-1")),
            (b"vary", b"Origin"),
        ]
        if scope["method"] == "OPTIONS" and header(scope, b"access-control-request-method"):
            await send({"type": "http.response.start", "status": 204, "headers": origin + _preflight(scope)})
            await send({"type": "http.response.body", "body": b""})
            return

        async def marking(message: Scope) -> None:
            if message["type"] == "http.response.start":
                message = {**message, "headers": [*message["headers"], *origin]}
            await send(message)

        await self._app(scope, receive, marking)


def _preflight(scope: Scope) -> Headers:
    headers = [
        (b"access-control-allow-methods", _METHODS),
        (b"access-control-allow-headers", _HEADERS),
        (b"access-control-max-age", _MAX_AGE_S),
    ]
    if header(scope, b"access-control-request-private-network"):
        headers.append((b"access-control-allow-private-network", b"true"))
    return headers
