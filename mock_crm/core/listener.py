"""A small HTTP server for one ASGI app on an event loop that already runs.

It uses uvicorn's protocol, without the process around it: uvicorn's own `Server` ends the process when a
port is taken, takes over the signals, and needs 200 ms to stop.
"""

from __future__ import annotations

import asyncio
import logging
import secrets
import socket
import ssl
from email.utils import formatdate
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from mock_crm.core.body_limits import BodyLimits
from mock_crm.core.http import MAX_URL_BYTES, url_too_long

if TYPE_CHECKING:
    from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

_DATE_REFRESH_S = 1.0
# Stands first in every head that uvicorn writes, so that no body can pass for one; it is never sent.
_HEAD = secrets.token_hex(8).encode()
_HEAD_WITHIN = 64
# Words of header names that the CRMs do not simply capitalise, as nock has recorded them.
_SPELLINGS = {
    b"cf": b"CF", b"etag": b"ETag", b"hubspot": b"HubSpot", b"nel": b"NEL", b"notfound": b"NotFound",
    b"numberofrecords": b"NumberOfRecords", b"ratelimit": b"RateLimit", b"www": b"WWW", b"xss": b"XSS",
}  # fmt: skip
_CUT_SHORT = "ASGI callable returned without completing response."

# uvicorn warns of what clients do wrong, which is no news; and it takes it for a defect when a mock breaks a
# connection on purpose.
_log = logging.getLogger(__name__)
_log.setLevel(logging.ERROR)
_log.addFilter(lambda record: record.msg != _CUT_SHORT)


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


class _GatheringTransport:
    """A transport that sends what is written in one pass of the loop with one system call.

    uvicorn writes the head and the body of an answer apart, and a system call that wakes the reader costs
    as much as everything else that a small answer takes.
    """

    __slots__ = ("_loop", "_pieces", "_transport")

    def __init__(self, transport: asyncio.Transport, loop: asyncio.AbstractEventLoop) -> None:
        self._transport = transport
        self._loop = loop
        self._pieces: list[bytes] = []

    def __getattr__(self, name: str) -> Any:
        return getattr(self._transport, name)

    def write(self, data: bytes) -> None:
        """Send `data` at the next pass of the loop; a head with the names spelled as the CRMs spell them."""
        if _HEAD in data[:_HEAD_WITHIN]:
            data = _spelled_head(data)
        if not self._pieces:
            self._loop.call_soon(self._send)
        self._pieces.append(data)

    def close(self) -> None:
        """Send what waits, and close."""
        self._send()
        self._transport.close()

    def _send(self) -> None:
        pieces, self._pieces = self._pieces, []
        if pieces and not self._transport.is_closing():
            self._transport.write(b"".join(pieces))


def _spelled_head(head: bytes) -> bytes:
    status, _, rest = head.partition(b"\r\n")
    headers, end, body = rest.partition(b"\r\n\r\n")
    lines = [status]
    for line in headers.split(b"\r\n")[1:]:
        name, colon, value = line.partition(b": ")
        lines.append(spelled(name) + colon + value)
    return b"\r\n".join(lines) + end + body


@lru_cache(maxsize=256)
def spelled(name: bytes) -> bytes:
    """A header's name as the CRMs spell it on HTTP/1.1; some clients look for the exact spelling."""
    return b"-".join(_SPELLINGS.get(word, word.capitalize()) for word in name.lower().split(b"-"))


class Listener:
    """Serves `app` on a bound socket until `stop`."""

    def __init__(
        self,
        app: Any,
        sock: socket.socket,
        tls: ssl.SSLContext | None = None,
        limits: BodyLimits | None = None,
    ) -> None:
        from uvicorn.config import Config
        from uvicorn.server import ServerState

        self.app = app
        self.sock = sock
        self._tls = tls
        self._limits = limits or BodyLimits()
        self._state = ServerState()
        self._is_over = False
        self._config = Config(
            self._answer,
            interface="asgi3",
            log_config=None,
            access_log=False,
            lifespan="off",
            ws="none",
            server_header=False,
            proxy_headers=False,
            timeout_keep_alive=75,
        )
        self._server: asyncio.Server | None = None
        self._date: asyncio.TimerHandle | None = None

    @property
    def port(self) -> int:
        """The port that the socket is bound to."""
        return int(self.sock.getsockname()[1])

    async def start(self) -> None:
        """Take requests from now on."""
        self._config.load()
        self._protocol_class = _gathering(self._config.http_protocol_class, self._limits.deadline_s)
        loop = asyncio.get_running_loop()
        self._refresh_date()
        self._server = await loop.create_server(self._protocol, sock=self.sock, ssl=self._tls)

    async def stop(self, grace_s: float = 5.0) -> None:
        """Refuse new connections, let requests in flight finish for `grace_s` seconds, close the rest."""
        if self._server is None:
            return
        self._server.close()
        for connection in list(self._state.connections):
            connection.shutdown()
        if self._state.tasks:
            await asyncio.wait(set(self._state.tasks), timeout=grace_s)
        for connection in list(self._state.connections):
            if connection.transport is not None:
                connection.transport.close()
        self._is_over = True
        # The connections hear that they are closed before the late requests end, so nothing is logged.
        await asyncio.sleep(0)
        for task in set(self._state.tasks):
            task.cancel()
        if self._date is not None:
            self._date.cancel()
        self._server = None

    async def _answer(self, scope: Any, receive: Any, send: Any) -> None:
        try:
            await self._limits.serve(self.app, scope, receive, send)
        except asyncio.CancelledError:
            if not self._is_over:
                raise

    def _protocol(self) -> HttpToolsProtocol:
        return self._protocol_class(config=self._config, server_state=self._state, app_state={})

    def _refresh_date(self) -> None:
        self._state.default_headers = [(_HEAD, b""), (b"date", formatdate(usegmt=True).encode())]
        self._date = asyncio.get_running_loop().call_later(_DATE_REFRESH_S, self._refresh_date)


def _gathering(base: Any, deadline_s: float) -> type[HttpToolsProtocol]:
    """uvicorn's protocol class, over transports that gather what they send, and with a log of our own.

    A connection whose request's head is not complete in time is closed: nobody is there to be answered.
    """

    class Protocol(base):  # type: ignore[misc]
        def __init__(self, *args: Any, **options: Any) -> None:
            super().__init__(*args, **options)
            self.logger = _log
            self._head_deadline: asyncio.TimerHandle | None = None

        def connection_made(self, transport: asyncio.Transport) -> None:
            super().connection_made(_GatheringTransport(transport, asyncio.get_running_loop()))
            self._expect_head()

        def data_received(self, data: bytes) -> None:
            if self._head_deadline is None and (self.cycle is None or self.cycle.response_complete):
                self._expect_head()
            super().data_received(data)

        def on_headers_complete(self) -> None:
            self._forget_deadline()
            super().on_headers_complete()

        def connection_lost(self, exc: Exception | None) -> None:
            self._forget_deadline()
            super().connection_lost(exc)

        def _expect_head(self) -> None:
            loop = asyncio.get_running_loop()
            self._head_deadline = loop.call_later(deadline_s, self.transport.close)

        def _forget_deadline(self) -> None:
            if self._head_deadline is not None:
                self._head_deadline.cancel()
                self._head_deadline = None

        def send_400_response(self, msg: str) -> None:
            if len(self.url) <= MAX_URL_BYTES:
                super().send_400_response(msg)
                return
            # The parser takes no URL of more than 65,535 bytes, so that the app is never asked.
            head = b"HTTP/1.1 414 URI Too Long\r\nContent-Type: %b\r\nContent-Length: %d\r\nConnection: close"
            answer = url_too_long()
            length = len(answer.body)
            self.transport.write(head % (answer.content_type.encode(), length) + b"\r\n\r\n" + answer.body)
            self.transport.close()

    return Protocol
