"""HTTP/1.1 for one ASGI application: a connection, and each exchange of a request for an answer on it.

httptools reads the bytes; what is here does the same as uvicorn's protocol around it, with what a mock needs
and uvicorn leaves out: names spelled as the CRMs spell them, and bounds on requests that never end. It takes
22 instead of 33 µs a request (`python -m benchmarks --only accept`). An application with a `FastPath` may
answer what came in one piece without the tasks, messages and coroutines of ASGI.
"""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Awaitable, Callable, Iterable, MutableMapping, Sequence
from functools import lru_cache
from typing import Any, Final, cast
from urllib.parse import unquote

import httptools

from mock_crm.core.http import MAX_URL_BYTES, url_too_long
from mock_crm.core.status_phrases import status_phrase

Message = MutableMapping[str, Any]
Scope = dict[str, Any]
Headers = Iterable[tuple[bytes, bytes]]
AsgiApp = Callable[
    [Scope, Callable[[], Awaitable[Message]], Callable[[Message], Awaitable[None]]], Awaitable[None]
]

FastPath = Callable[["Exchange"], bool]
"""Takes a request that has arrived whole, and calls `Exchange.answer` now or later; or leaves it to ASGI."""

DEADLINE_S: Final = 60.0
CEILING_BYTES: Final = 512 * 2**20
_KEEP_ALIVE_S: Final = 75.0
_LINGER_S: Final = 2.0
_MAX_HEAD_BYTES: Final = 256 * 1024
_HIGH_WATER_BYTES: Final = 64 * 1024
_FOREVER: Final = float("inf")
_ASGI: Final = {"version": "3.0", "spec_version": "2.3"}
_BODY_HEADERS: Final = frozenset({b"content-length", b"transfer-encoding"})
_NO_BODY: Final = frozenset({204, 304})
_TEXT: Final = "text/plain; charset=utf-8"

# Words of header names that the CRMs do not simply capitalise, as nock has recorded them.
_SPELLINGS: Final = {
    b"cf": b"CF", b"etag": b"ETag", b"hubspot": b"HubSpot", b"nel": b"NEL", b"notfound": b"NotFound",
    b"numberofrecords": b"NumberOfRecords", b"ratelimit": b"RateLimit", b"www": b"WWW", b"xss": b"XSS",
}  # fmt: skip

# What clients do wrong is no news, and neither is a connection that a mock breaks on purpose: only
# applications that fail are logged.
_log = logging.getLogger("mock_crm.core.listener")


class ConnectionPool:
    """What the connections of one listener share.

    Args:
        app: Answers the requests.
        deadline_s: How long the head of a request may take to arrive, and how long its body, in seconds.
        ceiling_bytes: How much all bodies that are still arriving may hold together.
        fast_path: Answers some of them with less work; False leaves one to `app`.

    Attributes:
        date: The value of the `Date` header.
        now: The loop's time at the last tick: what deadlines are measured on.
        connections: The open ones, and the closed ones whose application still works.
        held_bytes: What all bodies hold that are arriving or being answered.
        is_over: Whether requests are being given up, since the listener has stopped.
    """

    def __init__(
        self,
        app: AsgiApp,
        deadline_s: float = DEADLINE_S,
        ceiling_bytes: int = CEILING_BYTES,
        fast_path: FastPath | None = None,
    ) -> None:
        self.app = app
        self.fast_path = fast_path
        self.deadline_s = deadline_s
        self.ceiling_bytes = ceiling_bytes
        self.date = b""
        self.now = 0.0
        self.connections: set[HttpConnection] = set()
        self.held_bytes = 0
        self.is_over = False

    def tick(self, now: float, date: bytes) -> None:
        """Close what is idle for too long, and answer what does not arrive; call it about once a second."""
        self.now, self.date = now, date
        for connection in [each for each in self.connections if each.due <= now]:
            connection.expire()


class HttpConnection(asyncio.Protocol):
    """One connection of a client.

    Attributes:
        drained: Set once the client has read enough of what was written; None while it has.
        due: When it is given up, on the loop's clock: what it waits for is the client's to send.
        exchange: The one that is being answered; None between two requests.
        loop: What it runs on.
    """

    __slots__ = (
        "_arriving", "_client", "_head_bytes", "_headers", "_is_lost", "_is_reading", "_is_refused",
        "_is_resuming", "_parser", "_pool", "_scheme", "_server", "_url", "_waiting", "_wants_continue",
        "drained", "due", "exchange", "loop", "transport",
    )  # fmt: skip

    def __init__(self, pool: ConnectionPool, loop: asyncio.AbstractEventLoop) -> None:
        self._pool = pool
        self.loop = loop
        self._parser = httptools.HttpRequestParser(self)
        self._url = b""
        self._headers: list[tuple[bytes, bytes]] | None = None
        self._head_bytes = 0
        self._wants_continue = False
        self._arriving: Exchange | None = None
        self._waiting: deque[Exchange] = deque()
        self._is_reading = True
        self._is_lost = False
        self._is_refused = False
        self._is_resuming = False
        self.drained: asyncio.Event | None = None
        self.exchange: Exchange | None = None
        self.due = _FOREVER

    # -- the transport's calls ---------------------------------------------------------------------------

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """A client is there."""
        self.transport = cast(asyncio.Transport, transport)  # uvloop's are none by inheritance
        self._scheme = "https" if transport.get_extra_info("sslcontext") else "http"
        self._server = _address(transport.get_extra_info("sockname"))
        self._client = _address(transport.get_extra_info("peername"))
        self._pool.connections.add(self)
        self.due = self._pool.now + self._pool.deadline_s

    def connection_lost(self, exc: Exception | None) -> None:
        """The client is gone, or was sent away."""
        self._is_lost = True
        del self._parser  # which refers back: thousands of short connections would wait for the collector
        self.due = _FOREVER
        self._waiting.clear()
        self.resume_writing()
        if self.exchange is None:
            self._pool.connections.discard(self)
        else:
            self.exchange.leave()

    def data_received(self, data: bytes) -> None:
        """Some bytes came."""
        if self._is_refused:
            return
        if self._headers is None and self._arriving is None:
            self.due = self._pool.now + self._pool.deadline_s
        try:
            while data:
                try:
                    self._parser.feed_data(data)
                    break
                except httptools.HttpParserUpgrade as upgrade:
                    data = data[upgrade.args[0] :]
                    self._stay_with_http()
        except httptools.HttpParserError:
            self._refuse_head()
        if self._arriving is None:
            return
        if self._arriving is self.exchange:
            self.exchange.begin()
        if self._pool.held_bytes > self._pool.ceiling_bytes:
            words = b"Too many large requests are arriving at once. Try again in a moment.\n"
            self._arriving.refuse(503, words, ((b"retry-after", b"1"),))

    def _stay_with_http(self) -> None:
        """Go on after the head of a request that asks for another protocol, as if it had not asked.

        Java's HttpClient asks so for HTTP/2 with its first request, and sends the body with it. The parser
        takes the request for complete; another one, told of the body's length alone, reads on.
        """
        self._parser = httptools.HttpRequestParser(self)
        if self._arriving is not None:
            told = [each for each in self._arriving.scope["headers"] if each[0] in _BODY_HEADERS]
            lines = [b"POST / HTTP/1.1", *(name + b": " + value for name, value in told)]
            self._is_resuming = True
            self._parser.feed_data(b"\r\n".join(lines) + b"\r\n\r\n")

    def pause_writing(self) -> None:
        """The client reads more slowly than the application writes."""
        self.drained = self.drained or asyncio.Event()

    def resume_writing(self) -> None:
        """It has caught up."""
        if self.drained is not None:
            self.drained.set()
            self.drained = None

    # -- the parser's calls ------------------------------------------------------------------------------

    def on_message_begin(self) -> None:
        """The first bytes of a request."""
        if self._is_resuming:
            return
        self._url = b""
        self._headers = []
        self._head_bytes = 0
        self._wants_continue = False

    def on_url(self, url: bytes) -> None:
        """A part of its target."""
        if not self._is_resuming:
            self._url += url
            self._head_bytes = len(self._url)
            if self._head_bytes > _MAX_HEAD_BYTES:
                raise ValueError("the head is too large")

    def on_header(self, name: bytes, value: bytes) -> None:
        """A header; or a trailer, which nobody asks for."""
        if self._headers is None:
            return
        self._head_bytes += len(name) + len(value)
        if self._head_bytes > _MAX_HEAD_BYTES:
            raise ValueError("the head is too large")
        name = name.lower()
        if name == b"expect" and value.lower() == b"100-continue":
            self._wants_continue = True
        self._headers.append((name, value))

    def on_headers_complete(self) -> None:
        """The head is complete: the application may begin."""
        if self._is_resuming:
            self._is_resuming = False
            return
        url = self._url
        # Nearly all spare the parser's work. `in` would try a number first, for twenty times as long.
        if url[:1] == b"/" and url.find(b"#") < 0:
            raw_path, _, query = url.partition(b"?")
        else:
            parsed = httptools.parse_url(url)
            raw_path, query = parsed.path, parsed.query or b""
        path = raw_path.decode("ascii")
        version = self._parser.get_http_version()
        scope = {
            "type": "http",
            "asgi": _ASGI,
            "http_version": version,
            "method": self._parser.get_method().decode("ascii"),
            "scheme": self._scheme,
            "path": unquote(path) if "%" in path else path,
            "raw_path": raw_path,
            "query_string": query,
            "root_path": "",
            "headers": self._headers,
            "server": self._server,
            "client": self._client,
        }
        self._headers = None
        is_kept = version != "1.0" and self._parser.should_keep_alive()
        exchange = Exchange(self, self._pool, scope, is_kept=is_kept, wants_continue=self._wants_continue)
        self._arriving = exchange
        if self.exchange is None:
            self.exchange = exchange
        else:
            self._waiting.append(exchange)
            self.read(False)

    def on_body(self, body: bytes) -> None:
        """A part of the body."""
        if self._arriving is not None:
            self._arriving.take(body)

    def on_message_complete(self) -> None:
        """The request is complete; see `_stay_with_http` for when it is not."""
        if self._parser.should_upgrade():
            return
        arrived, self._arriving = self._arriving, None
        if arrived is not None:
            self.due = _FOREVER if self.exchange is not None else self._pool.now + _KEEP_ALIVE_S
            arrived.end()
            if arrived is self.exchange:
                arrived.begin()

    # -- exchanges ---------------------------------------------------------------------------------------

    def answered(self, exchange: Exchange) -> None:
        """The application is done with an exchange: go on with the next request."""
        self.exchange = None
        if self._is_lost:
            self._pool.connections.discard(self)
        elif not exchange.is_kept:
            self.due = _FOREVER
            self.transport.close()
        elif self._waiting:
            self.exchange = self._waiting.popleft()
            self.exchange.begin()
            self.read(not self._waiting)
        else:
            self.read(True)
            if self._arriving is None and self._headers is None:
                self.due = self._pool.now + _KEEP_ALIVE_S

    def read(self, is_wanted: bool) -> None:
        """Take bytes from the client, or leave them where they are."""
        if is_wanted is not self._is_reading and not self.transport.is_closing():
            self._is_reading = is_wanted
            if is_wanted:
                self.transport.resume_reading()
            else:
                self.transport.pause_reading()

    def expire(self) -> None:
        """What was waited for did not come in time."""
        self.due = _FOREVER
        if self._arriving is None or self._is_refused:
            self.transport.close()  # nobody is there to be answered
        else:
            self._arriving.refuse(408, b"The request did not arrive in time.\n")

    def shut_down(self) -> None:
        """Take no more requests; close as soon as the one in work is answered."""
        if self.exchange is None:
            self.transport.close()
        else:
            self.exchange.is_kept = False

    def _refuse_head(self) -> None:
        """Answer what is no HTTP, or more of it than anybody means."""
        if len(self._url) > MAX_URL_BYTES:
            answer = url_too_long()
            status, content_type, words = 414, answer.content_type, answer.body
        elif self._head_bytes > _MAX_HEAD_BYTES:
            status, content_type, words = 431, _TEXT, b"The head of the request is too large.\n"
        else:
            status, content_type, words = 400, _TEXT, b"Invalid HTTP request received."
        self.due = _FOREVER
        self.transport.write(_whole(status, content_type.encode(), words))
        if self.exchange is None and self.transport.can_write_eof():
            # Its system would throw the answer away if the connection were closed while it still sends.
            self._is_refused = True
            self.transport.write_eof()
            self.due = self._pool.now + _LINGER_S
        else:
            self.transport.close()


class Exchange:
    """One request and its answer, as the application sees it by `receive` and `send`.

    Attributes:
        is_kept: Whether the connection is used again afterwards.
        body: What has arrived of the body, and was not received yet.
    """

    __slots__ = (
        "_connection", "_ended", "_head", "_is_arriving", "_is_begun", "_is_chunked", "_is_ended", "_is_left",
        "_is_over", "_is_started", "_left_bytes", "_news", "_pool", "_task", "_wants_continue", "body",
        "held_bytes", "is_kept", "scope",
    )  # fmt: skip

    def __init__(
        self,
        connection: HttpConnection,
        pool: ConnectionPool,
        scope: Scope,
        *,
        is_kept: bool,
        wants_continue: bool,
    ) -> None:
        self._connection = connection
        self._pool = pool
        self.scope = scope
        self.is_kept = is_kept
        self.body = b""
        self.held_bytes = 0
        self._wants_continue = wants_continue
        self._is_begun = False
        self._task: asyncio.Task[None] | None = None
        self._ended: asyncio.Future[None] | None = None
        self._is_arriving = True
        self._is_ended = False
        self._is_left = False
        self._news: asyncio.Future[None] | None = None
        self._head = b""
        self._is_started = False
        self._is_over = False
        self._is_chunked = False
        self._left_bytes = 0

    def begin(self) -> None:
        """Have it answered, now that its turn has come; what was begun already goes on."""
        if self._is_begun:
            return
        self._is_begun = True
        fast_path, connection = self._pool.fast_path, self._connection
        is_simple = not (self._is_arriving or self._wants_continue or connection.drained)
        if fast_path is None or not is_simple or not fast_path(self):
            self._task = connection.loop.create_task(self.run())

    def ended(self) -> asyncio.Future[None]:
        """Done when it is answered; cancelling it gives it up."""
        if self._task is not None:
            return self._task
        if self._ended is None:
            self._ended = self._connection.loop.create_future()
        return self._ended

    # -- the request -------------------------------------------------------------------------------------

    def take(self, body: bytes) -> None:
        """A part of the body came; after the answer nobody wants it."""
        if self._is_over:
            return
        self.body = self.body + body if self.body else body
        size = len(body)
        self.held_bytes += size
        self._pool.held_bytes += size
        if len(self.body) > _HIGH_WATER_BYTES:
            self._connection.read(False)
        if self._news is not None:
            self._wake()

    def end(self) -> None:
        """The body is complete."""
        self._is_arriving = False
        if self._news is not None:
            self._wake()

    def leave(self) -> None:
        """The client is gone."""
        self._is_left = True
        self._wake()

    def _wake(self) -> None:
        if self._news is not None and not self._news.done():
            self._news.set_result(None)

    async def receive(self) -> Message:
        """What comes next of the request; `http.disconnect` once it is answered, or nobody is there."""
        if self._wants_continue and not self._is_started:
            self._wants_continue = False
            self._connection.transport.write(b"HTTP/1.1 100 Continue\r\n\r\n")
        while not self._is_left and not self._is_over:
            if self.body or not (self._is_arriving or self._is_ended):
                body, self.body = self.body, b""
                self._is_ended = not self._is_arriving
                return {"type": "http.request", "body": body, "more_body": self._is_arriving}
            self._connection.read(True)
            self._news = asyncio.get_running_loop().create_future()
            await self._news
        return {"type": "http.disconnect"}

    # -- the answer --------------------------------------------------------------------------------------

    async def send(self, message: Message) -> None:
        """Take a part of the answer.

        Raises:
            RuntimeError: It is not one, or the headers do not fit it.
        """
        if (drained := self._connection.drained) is not None:
            await drained.wait()
        if self._is_left:
            return
        kind = message["type"]
        if kind == "http.response.start" and not self._is_started:
            self._start(message["status"], message.get("headers", ()))
        elif kind == "http.response.body" and self._is_started and not self._is_over:
            self._write(message.get("body", b""), is_last=not message.get("more_body", False))
        else:
            raise RuntimeError(f"An answer cannot go on with {kind!r} here.")

    def _start(self, status: int, headers: Headers) -> None:
        """Put the head together. It is sent with the first bytes of the body: one system call for both."""
        lines = [_status_line(status), b"Date: " + self._pool.date]
        is_chunked, closes = True, False
        for name, value in headers:
            start = _line_start(name)
            if start == b"Content-Length: ":
                is_chunked, self._left_bytes = False, int(value)
            elif start == b"Transfer-Encoding: ":
                continue
            elif start == b"Connection: ":
                closes = b"close" in value.lower()
            lines.append(start + value)
        has_body = self.scope["method"] != "HEAD" and status not in _NO_BODY
        if is_chunked and has_body and self.scope["http_version"] == "1.0":
            self.is_kept = is_chunked = False
            self._left_bytes = -1
        if closes:
            self.is_kept = False
        elif not self.is_kept:
            lines.append(b"Connection: close")
        self._is_chunked = is_chunked and has_body
        if not has_body:
            self._left_bytes = 0
        if self._is_chunked:
            lines.append(b"Transfer-Encoding: chunked")
        head = b"\r\n".join(lines)
        # A line's end within a header would let its value forge others.
        if head.count(b"\n") != len(lines) - 1 or head.count(b"\r") != len(lines) - 1 or head.count(b"\0"):
            raise RuntimeError("A header of the answer holds what no header may.")
        self._is_started = True
        self._head = head + b"\r\n\r\n"
        if self._is_chunked:  # a stream, whose first bytes may be long in coming
            self._flush_head()

    def _flush_head(self) -> None:
        if self._head:
            self._connection.transport.write(self._head)
            self._head = b""

    def _write(self, body: bytes, *, is_last: bool) -> None:
        if self._is_chunked:
            data = b"%x\r\n%b\r\n" % (len(body), body) if body else b""
            if is_last:
                data += b"0\r\n\r\n"
        elif self.scope["method"] == "HEAD":
            data = b""
        else:
            data = body
            if self._left_bytes >= 0:
                self._left_bytes -= len(body)
                if self._left_bytes < 0 or (is_last and self._left_bytes):
                    raise RuntimeError("The body of the answer is not as long as its Content-Length.")
        if self._head or data:
            self._connection.transport.write(self._head + data)
            self._head = b""
        if is_last:
            self._is_over = True
            self._wake()

    def refuse(self, status: int, words: bytes, headers: tuple[tuple[bytes, bytes], ...] = ()) -> None:
        """Answer instead of the application, which hears that its client has left."""
        is_its_turn = self._connection.exchange is self
        if is_its_turn and not self._is_started:
            self._connection.transport.write(_whole(status, _TEXT.encode(), words, headers))
        self._is_started = True
        self._connection.transport.close()
        self.leave()

    async def run(self) -> None:
        """Have the application answer, and see to it that the client is not left waiting."""
        try:
            await self._pool.app(self.scope, self.receive, self.send)
        except asyncio.CancelledError:
            if not self._pool.is_over:
                raise
        except Exception as error:  # noqa: BLE001 - whatever it is, no client is left waiting
            self._log_failure(error)
            self._break_off()
        else:
            if not self._is_started and not self._is_left:
                _log.error(
                    "The application gave no answer to %s %s", self.scope["method"], self.scope["path"]
                )
            if not self._is_over:
                self._break_off()
        finally:
            self._end()

    def answer(self, status: int, headers: Sequence[tuple[bytes, bytes]], body: bytes) -> None:
        """Answer at once and whole, on the fast path."""
        if self._is_left:
            pass
        elif self.is_kept and len(headers) == 2 and self.scope["method"] != "HEAD":
            # Type and length, as nearly all have them: in a sixth of the steps below.
            (_, content_type), (_, length) = headers
            start = _status_line(status)
            date = self._pool.date
            head = b"%b\r\nDate: %b\r\nContent-Type: %b\r\nContent-Length: %b\r\n\r\n"
            self._connection.transport.write(head % (start, date, content_type, length) + body)
        else:
            self._start(status, headers)
            self._write(body, is_last=True)
        self._end()

    def fail(self, error: Exception) -> None:
        """Answer that the application failed, on the fast path."""
        self._log_failure(error)
        self._break_off()
        self._end()

    def _log_failure(self, error: Exception) -> None:
        method, path = self.scope["method"], self.scope["path"]
        _log.error("The application failed at %s %s", method, path, exc_info=error)

    def _end(self) -> None:
        self._pool.held_bytes -= self.held_bytes
        self._is_over = True
        if self._ended is not None and not self._ended.done():
            self._ended.set_result(None)
        self._connection.answered(self)

    def _break_off(self) -> None:
        """The answer is not complete: say so where nothing was sent yet, and close."""
        self.is_kept = False
        if self._is_left:
            return
        if self._is_started:
            self._flush_head()
        else:
            words = b"Internal Server Error"
            self._connection.transport.write(_whole(500, _TEXT.encode(), words))


def _whole(
    status: int, content_type: bytes, words: bytes, headers: tuple[tuple[bytes, bytes], ...] = ()
) -> bytes:
    """A complete answer after which the connection is closed."""
    lines = [
        _status_line(status),
        b"Content-Type: " + content_type,
        b"Content-Length: %d" % len(words),
        *(_line_start(name) + value for name, value in headers),
        b"Connection: close",
    ]
    return b"\r\n".join(lines) + b"\r\n\r\n" + words


@lru_cache(maxsize=128)
def _status_line(status: int) -> bytes:
    return f"HTTP/1.1 {status} {status_phrase(status)}".encode()


@lru_cache(maxsize=512)
def _line_start(name: bytes) -> bytes:
    return spelled(name) + b": "


def spelled(name: bytes) -> bytes:
    """A header's name as the CRMs spell it on HTTP/1.1; some clients look for the exact spelling."""
    return b"-".join(_SPELLINGS.get(word, word.capitalize()) for word in name.lower().split(b"-"))


def _address(name: Any) -> tuple[str, int] | None:
    """Host and port of a socket's name; None where it has none."""
    return (str(name[0]), int(name[1])) if isinstance(name, tuple | list) and len(name) >= 2 else None
