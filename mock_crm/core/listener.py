"""A small HTTP server for one ASGI app on an event loop that already runs."""

from __future__ import annotations

import asyncio
import socket
import ssl
from email.utils import formatdate

from mock_crm.core.http_connection import AsgiApp, ConnectionPool, FastPath, HttpConnection

_TICK_S = 1.0


def bind(host: str, port: int) -> socket.socket:
    """Open a listening socket; port 0 takes a free one.

    The protocol is named because asyncio only turns off Nagle's algorithm for sockets that name it: without
    that, every answer on a kept-alive connection takes 40 ms.

    Raises:
        OSError: The port is taken or not allowed.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    sock = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        sock.bind((host, port))
        sock.listen(2048)
        sock.setblocking(False)
    except OSError:
        sock.close()
        raise
    return sock


class Listener:
    """Serves an application, and its fast path if it has one, on a bound socket until `stop`."""

    def __init__(
        self,
        app: AsgiApp,
        sock: socket.socket,
        tls: ssl.SSLContext | None = None,
        fast_path: FastPath | None = None,
    ) -> None:
        self.app = app
        self.sock = sock
        self.pool = ConnectionPool(app, fast_path=fast_path)
        self._tls = tls
        self._server: asyncio.Server | None = None
        self._ticking: asyncio.TimerHandle | None = None

    @property
    def port(self) -> int:
        """The port that the socket is bound to."""
        return int(self.sock.getsockname()[1])

    async def start(self) -> None:
        """Take requests from now on."""
        loop = asyncio.get_running_loop()
        self._tick(loop)
        self._server = await loop.create_server(
            lambda: HttpConnection(self.pool, loop), sock=self.sock, ssl=self._tls
        )

    async def stop(self, grace_s: float = 5.0) -> None:
        """Refuse new connections, let requests in flight finish for `grace_s` seconds, close the rest."""
        if self._server is None:
            return
        self._server.close()
        self._server = None
        for connection in list(self.pool.connections):
            connection.shut_down()
        if unanswered := self._unanswered():
            await asyncio.wait(unanswered, timeout=grace_s)
        for connection in list(self.pool.connections):
            connection.transport.close()
        self.pool.is_over = True
        # The connections hear that they are closed before the late requests end, so nothing is logged.
        await asyncio.sleep(0)
        for each in self._unanswered():
            each.cancel()
        if self._ticking is not None:
            self._ticking.cancel()

    def _unanswered(self) -> list[asyncio.Future[None]]:
        exchanges = [connection.exchange for connection in self.pool.connections]
        return [each.ended() for each in exchanges if each is not None]

    def _tick(self, loop: asyncio.AbstractEventLoop) -> None:
        # One timer for all connections instead of two for each request, which took a tenth of a write's time.
        self.pool.tick(loop.time(), formatdate(usegmt=True).encode())
        self._ticking = loop.call_later(min(_TICK_S, self.pool.deadline_s), self._tick, loop)
