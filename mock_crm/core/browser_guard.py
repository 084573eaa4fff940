"""Keeps web pages out: what a browser sends on behalf of a page of another site never reaches the mock.

A page that a developer happens to visit can send requests to this machine. Clients of a CRM are programs and
send no `Origin`, and the consent page of the sign-in is reached by following a link, which stays possible.
"""

from __future__ import annotations

from typing import Any, Final

_REFUSAL: Final = b"Pages of other sites may not call this mock. Call it from your program.\n"


class BrowserGuard:
    """An ASGI application that refuses requests of other sites' pages with 403.

    Args:
        app: What is kept from them.
    """

    def __init__(self, app: Any) -> None:
        self._app = app

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Pass the request on, or refuse it."""
        if scope["type"] != "http" or not _is_from_page(scope):
            await self._app(scope, receive, send)
            return
        headers = [
            (b"content-type", b"text/plain; charset=utf-8"),
            (b"content-length", str(len(_REFUSAL)).encode()),
        ]
        await send({"type": "http.response.start", "status": 403, "headers": headers})
        await send({"type": "http.response.body", "body": _REFUSAL})


def _is_from_page(scope: Any) -> bool:
    headers = dict(scope["headers"])
    origin = headers.get(b"origin")
    if origin is not None and origin.partition(b"://")[2] != headers.get(b"host"):
        return True
    is_link = scope["method"] == "GET" and headers.get(b"sec-fetch-mode") == b"navigate"
    return headers.get(b"sec-fetch-site") == b"cross-site" and not is_link
