"""Keeps web pages out: what a browser sends on behalf of a page of another site never reaches the mock.

A page that a developer happens to visit can send requests to this machine, and read the answers once it has
rebound its own name to this machine's address. So the Host must be a name of this machine or of the CRM.
Clients of a CRM are programs and send no `Origin`; the consent page of the sign-in is reached by following a
link, which stays possible.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

from mock_crm.core.hosts import is_provider_host

_REFUSAL: Final = "Pages of other sites may not call this mock. Call it from your program.\n"
_NAMES: Final = frozenset({"localhost", "127.0.0.1", "[::1]"})


class BrowserGuard:
    """An ASGI application that refuses requests of other sites' pages with 403.

    Args:
        app: What is kept from them.
        provider: Whose real host names are let in, as through the proxy.
        hosts: Further names under which the mock may be called.
    """

    def __init__(self, app: Any, provider: str, hosts: Iterable[str] = ()) -> None:
        self._app = app
        self._provider = provider
        self._names = _NAMES | {host.lower() for host in hosts}

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Pass the request on, or refuse it."""
        refusal = self._objection(scope) if scope["type"] == "http" else ""
        if not refusal:
            await self._app(scope, receive, send)
            return
        body = refusal.encode()
        headers = [
            (b"content-type", b"text/plain; charset=utf-8"),
            (b"content-length", str(len(body)).encode()),
        ]
        await send({"type": "http.response.start", "status": 403, "headers": headers})
        await send({"type": "http.response.body", "body": body})

    def _objection(self, scope: Any) -> str:
        hosts = [value for name, value in scope["headers"] if name == b"host"]
        host = hosts[0].decode("latin-1") if len(hosts) == 1 else ""
        name = host_name(host)
        is_local = name in self._names or name.endswith(".localhost")
        if not is_local and not is_provider_host(self._provider, name):
            return (
                f"The Host {host!r} is not a name of this mock. Call it as localhost, or --allow-host it.\n"
            )
        return _REFUSAL if _is_from_page(scope) else ""


def host_name(host: str) -> str:
    """The name in a Host header, without the port, in lower case."""
    name, colon, port = host.rpartition(":")
    return (name if colon and port.isdigit() else host).lower()


def _is_from_page(scope: Any) -> bool:
    headers = dict(scope["headers"])
    origin = headers.get(b"origin")
    if origin is not None and origin.partition(b"://")[2] != headers.get(b"host"):
        return True
    is_link = scope["method"] == "GET" and headers.get(b"sec-fetch-mode") == b"navigate"
    return headers.get(b"sec-fetch-site") == b"cross-site" and not is_link
