"""What keeps local things local: only this machine's programs get in, never a page in its browser.

A page that a developer happens to visit could otherwise send writes to the sandbox, or read it by rebinding
its own name to 127.0.0.1. So the Host must be a name of this machine, and a request that a browser made for
another site is refused.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable
from functools import lru_cache

from ampsandbox.server.asgi import ASGIApp, Receive, Scope, Send, header, send_problem
from ampsandbox.server.problems import Problem

Refuse = Callable[[Scope, Send, Problem], Awaitable[None]]
_LOCAL_NAMES = frozenset({"localhost", "127.0.0.1", "[::1]"})


class Guard:
    """ASGI middleware that refuses requests from elsewhere.

    Args:
        app: What is guarded.
        hosts: Further names under which the server may be called, such as the `--host` it was given.
        origins: Origins whose pages may call Ampersand's API, and nothing else.
        refuse: Answers what is refused.
    """

    def __init__(
        self,
        app: ASGIApp,
        hosts: Iterable[str] = (),
        origins: Iterable[str] = (),
        refuse: Refuse | None = None,
    ) -> None:
        self.app = app
        self._refuse = refuse or _refuse
        self._names = _LOCAL_NAMES | frozenset(hosts)
        self._origins = frozenset(origins)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, or refuse it with 403."""
        problem = self.objection(scope)
        if problem is None:
            await self.app(scope, receive, send)
        else:
            await self._refuse(scope, send, problem)

    def objection(self, scope: Scope) -> Problem | None:
        """Why a request is refused, if it is."""
        host = origin = site = ""
        for key, value in scope["headers"]:  # one pass for the three: each request comes by here
            if key == b"host" and not host:
                host = str(value, "latin-1")
            elif key == b"origin" and not origin:
                origin = str(value, "latin-1")
            elif key == b"sec-fetch-site":
                site = str(value, "latin-1")
        name = _host_name(host)
        if name not in self._names and not name.endswith(".localhost"):
            return Problem(
                403,
                f"The Host {host!r} is not a name of this sandbox.",
                f"Call it as localhost or 127.0.0.1, or start it with {_allow_option(name)}.",
            )
        if origin in self._origins and is_for_pages(scope):
            return None
        if origin and origin != f"{scope['scheme']}://{host}":
            return Problem(
                403, f"Pages of {origin!r} may not call the sandbox.", "Call it from your server's code."
            )
        # Following a link, as to the consent page of a mock CRM, is only a GET, so harmless.
        is_link = scope["method"] == "GET" and header(scope, b"sec-fetch-mode") == "navigate"
        if site == "cross-site" and not is_link:
            return Problem(
                403, "Pages of other sites may not call the sandbox.", "Call it from your server's code."
            )
        return None


async def _refuse(_: Scope, send: Send, problem: Problem) -> None:
    await send_problem(send, problem)


@lru_cache(maxsize=64)
def _host_name(host: str) -> str:
    return host.rpartition(":")[0].lower() if host[-1:].isdigit() and ":" in host else host.lower()


def _allow_option(name: str) -> str:
    is_plain = name.replace("-", "").replace(".", "").replace("_", "").isalnum() and name.isascii()
    return f"--allow-host {name}" if is_plain else "--allow-host"


def is_for_pages(scope: Scope) -> bool:
    """Whether a page of an allowed origin may ask for this: Ampersand's API, and the consent page."""
    path: str = scope["path"]
    return path.startswith(("/v1/", "/_consent/"))
