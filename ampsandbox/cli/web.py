"""`ampsandbox run --web`: the screen in a browser of this machine, for whoever has the token of its address.

What types on the screen can do all that its user can. So a page of another site must not reach it: the Host
must be ours, the Origin too, and a token that only the terminal tells comes with the first visit and stays in
a cookie, as Jupyter does it.
"""

from __future__ import annotations

import os
import secrets
import shlex
import sys
from collections.abc import Awaitable, Callable, Sequence
from hmac import compare_digest
from typing import Any, Final

from aiohttp import web
from textual_serve.server import Server

from ampsandbox.tui.run import GUARDED

_COOKIE: Final = "ampsandbox_web"
_HOST: Final = "localhost"

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class GuardedServer(Server):
    """Serves the screen to those who bring the token.

    Args:
        command: Starts the screen; each visitor gets one.
        port: Where to listen, on this machine only.
    """

    def __init__(self, command: str, port: int) -> None:
        super().__init__(command, host=_HOST, port=port, title="ampsandbox")
        self.token = secrets.token_urlsafe(24)

    @property
    def address(self) -> str:
        """What to open in the browser."""
        return f"{self.public_url}/?token={self.token}"

    async def _make_app(self) -> web.Application:
        app: web.Application = await super()._make_app()
        app.middlewares.append(self._guard)
        return app

    async def on_startup(self, app: web.Application) -> None:
        """The address is told once somebody listens there."""

    def announce(self, _: str) -> None:
        print(f"The screen is at {self.address}\nLeave with ctrl+c.", file=sys.stderr, flush=True)

    @web.middleware
    async def _guard(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        own = self.public_url.partition("://")[2]
        if request.host != own:
            raise web.HTTPForbidden(
                text=f"The Host {request.host!r} is not the screen's. Open {self.public_url}.\n"
            )
        origin = request.headers.get("Origin")
        if origin != self.public_url and (origin is not None or request.path == "/ws"):
            raise web.HTTPForbidden(text="Pages of other sites may not use the screen.\n")
        given = request.query.get("token", "")
        if request.path == "/" and self._is_token(given):
            answer = web.HTTPFound("/")
            answer.set_cookie(_COOKIE, self.token, httponly=True, samesite="Strict")
            raise answer
        if not self._is_token(request.cookies.get(_COOKIE, "")):
            raise web.HTTPForbidden(text="Open the address that the terminal shows, with its token.\n")
        return await handler(request)

    def _is_token(self, text: str) -> bool:
        return compare_digest(text.encode(), self.token.encode())


def serve_in_browser(arguments: Sequence[str], port: int) -> int:
    """Serve the screen of `ampsandbox run` with these arguments until ctrl+c."""
    command = [sys.executable, "-m", "ampsandbox", "run", *arguments, "--port", "0"]
    if not {"--state", "--ephemeral"} & {each.partition("=")[0] for each in arguments}:
        command.append("--ephemeral")  # visitors cannot share a state folder
    os.environ[GUARDED] = "1"
    server: Any = GuardedServer(shlex.join(command), port)
    web.run_app(server._make_app(), host=_HOST, port=port, print=server.announce)
    return 0
