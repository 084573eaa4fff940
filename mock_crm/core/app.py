"""The ASGI application of an org: what both providers do around their handlers, once.

In order: read and unzip the body, find the route, let fault rules strike, check the access token, count
against the quota, run the handler, add the provider's headers, zip the answer. How refusals look is the
business of the provider's `Middleware`, so no provider's wire format appears here.
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, MutableMapping
from functools import cache, lru_cache
from inspect import iscoroutinefunction
from itertools import chain
from typing import Any
from urllib.parse import quote, unquote

from mock_crm.core.context import OrgContext
from mock_crm.core.errors import CrmError
from mock_crm.core.http import (
    MAX_URL_BYTES,
    BodyError,
    Request,
    Response,
    deflate,
    encoded_headers,
    head_too_large,
    inflate,
    split_path,
    url_too_long,
)
from mock_crm.core.middleware import Middleware
from mock_crm.core.routing import Route, Router

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
Headers = list[tuple[bytes, bytes]]

_GZIP_FROM_BYTES = 1024
_SLOW_PIECES = 10
_BODILESS = frozenset({204, 304})


_log = logging.getLogger(__name__)


class Refused(Exception):  # noqa: N818 - it carries an answer, it is not a failure of the mock
    """Raised by a handler to answer with a refusal instead."""

    def __init__(self, response: Response) -> None:
        super().__init__(response.status)
        self.response = response


class ClientGoneError(Exception):
    """The client went away before its request was complete; there is nobody to answer."""


class App:
    """Serves one org over ASGI.

    Args:
        context: What handlers are called with; its faults strike.
        router: The endpoints.
        middleware: What happens around them.

    Attributes:
        served: How many requests came so far.
    """

    def __init__(self, context: OrgContext, router: Router[Any], middleware: Middleware) -> None:
        self._context = context
        self._router = router
        self._middleware = middleware
        self.served = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request; other protocols are declined."""
        if scope["type"] == "lifespan":
            await _lifespan(receive, send)
            return
        if scope["type"] != "http":
            return
        self.served += 1
        if (refusal := self._oversized(scope)) is not None:
            await self._send(Request(scope["method"], []), refusal, _Delivery(), send, is_head=False)
            return
        delivery = _Delivery()
        max_bytes = self._middleware.max_body_bytes
        try:
            request = read_request(scope, await _read_body(receive, max_bytes), max_bytes)
        except ClientGoneError:
            return
        except BodyError as error:
            request = Request(scope["method"], [], headers=scope["headers"])
            response: Response | None = self._middleware.unreadable(request, error)
        else:
            response = await self._respond(request, delivery)
        await self._send(request, response, delivery, send, is_head=scope["method"] == "HEAD")

    def answer(self, scope: Scope, body: bytes) -> tuple[int, Headers, bytes] | None:
        """Answer a request that is here whole, without the coroutines and messages of ASGI.

        Returns:
            Status, headers and body, as they would be sent; None, with nothing done, for what may take time
            or is refused before it is read: that is the application's to answer.
        """
        middleware = self._middleware
        if self._context.faults or self._oversized(scope) is not None:
            return None
        try:
            request = read_request(scope, body, middleware.max_body_bytes)
        except BodyError:
            return None
        request.answer_inner = self.answer_inner
        try:
            middleware.prepare(request)
            found = self._router.find(request.method, request.segments)
            if found is not None and _may_wait(found[0].handler):
                return None
            self.served += 1
            response = self._dispatch(request, found)
            assert isinstance(response, Response)
        except Exception as error:  # noqa: BLE001 - what it is, is told
            response = self._refusal(request, error)
        headers, body = _as_sent(request, middleware.finish(request, response))
        return response.status, headers, b"" if response.status in _BODILESS else body

    def _oversized(self, scope: Scope) -> Response | None:
        """What the web server in front says to a URL, or URL and headers together, that are too long."""
        size = len(scope["query_string"]) + len(scope.get("raw_path") or scope["path"])
        if size > MAX_URL_BYTES:
            return url_too_long()
        size += sum(map(len, chain.from_iterable(scope["headers"])))
        return head_too_large(scope["path"]) if size > self._middleware.max_head_bytes else None

    async def _respond(self, request: Request, delivery: _Delivery) -> Response | None:
        """The answer; None when the connection is cut before anything was applied."""
        middleware = self._middleware
        request.answer_inner = self.answer_inner
        try:
            middleware.prepare(request)
            if self._context.faults and (stopped := await self._strike(request, delivery)) is not None:
                return None if delivery.is_cut else middleware.finish(request, stopped)
            response = self._dispatch(request, self._router.find(request.method, request.segments))
            if not isinstance(response, Response):
                response = await response
        except Exception as error:  # noqa: BLE001 - the last place where the client can still be answered
            response = self._refusal(request, error)
        return middleware.finish(request, response)

    def _refusal(self, request: Request, error: Exception) -> Response:
        """The answer for what was raised, while it is being handled."""
        middleware = self._middleware
        if isinstance(error, Refused):
            return error.response
        if isinstance(error, CrmError):
            return middleware.refused(request, error)
        if isinstance(error, RecursionError):
            # The decoder takes more nesting than what a handler does with a value afterwards.
            error = BodyError("The body is nested too deep")
        if isinstance(error, BodyError):
            return middleware.unreadable(request, error)
        # A client must see what the CRM would send, and whoever runs the mock what went wrong.
        _log.exception("The mock failed on %s %s", request.method, request.path)
        return middleware.failed(request)

    def _dispatch(
        self, request: Request, found: tuple[Route[Any], dict[str, str]] | None
    ) -> Response | Awaitable[Response]:
        """Check the token and the quota, and run the handler that was found."""
        middleware = self._middleware
        if found is None:
            return middleware.no_route(request, self._router.allowed(request.segments))
        route, request.params = found
        if not route.is_open and (refusal := middleware.guard(request, route)) is not None:
            return refusal
        if route.is_counted and (window := middleware.spend(request, route)) is not None:
            return middleware.limited(request, window)
        return route.handler(request, self._context)

    def answer_inner(self, request: Request) -> Response | Awaitable[Response]:
        """Answer a request that came inside another one, whose session and count it shares."""
        middleware = self._middleware
        request.is_inner = True
        try:
            middleware.prepare(request)
            found = self._router.find(request.method, request.segments)
            if found is None:
                return middleware.no_route(request, self._router.allowed(request.segments))
            route, request.params = found
            return route.handler(request, self._context)
        except (Refused, CrmError, BodyError) as error:
            return self._refusal(request, error)

    async def _strike(self, request: Request, delivery: _Delivery) -> Response | None:
        """Let the fault rules do their part; an answer means that the request goes no further."""
        faults = self._context.faults
        about = self._middleware.object_of(request) if faults.needs_object else None
        strike = faults.strike(request.method, request.path, about)
        if strike is None:
            return None
        request.strike = strike
        for rule in strike.whole:
            if rule.kind == "latency":
                await self._context.clock.sleep(rule.seconds)
            elif rule.kind == "slow-body":
                delivery.slow_s = rule.seconds
            elif rule.kind == "drop-after":
                delivery.is_cut = True
            elif rule.kind == "drop-before":
                delivery.is_cut = True
                return Response()
            else:
                answer = self._middleware.fault(request, rule)
                if rule.retry_after_s is not None:
                    answer.headers.append(("retry-after", f"{rule.retry_after_s:g}"))
                return answer
        return None

    async def _send(
        self, request: Request, response: Response | None, delivery: _Delivery, send: Send, *, is_head: bool
    ) -> None:
        if delivery.is_cut or response is None:
            # The only way to break a connection in ASGI: promise a body and end without it.
            await send(_start(200, [(b"content-length", b"1")]))
            return
        headers, body = _as_sent(request, response)
        await send(_start(response.status, headers))
        if is_head or response.status in _BODILESS:
            body = b""
        if delivery.slow_s and body:
            body = await self._send_slowly(body, delivery.slow_s, send)
        await send({"type": "http.response.body", "body": body})

    async def _send_slowly(self, body: bytes, seconds: float, send: Send) -> bytes:
        """Send all but the last piece of a body, waiting after each; returns the last piece."""
        size = max(len(body) // _SLOW_PIECES, 1)
        while len(body) > size:
            await send({"type": "http.response.body", "body": body[:size], "more_body": True})
            await self._context.clock.sleep(seconds / _SLOW_PIECES)
            body = body[size:]
        return body


class _Delivery:
    """What happens to an answer on its way out."""

    __slots__ = ("is_cut", "slow_s")

    def __init__(self) -> None:
        self.is_cut = False
        self.slow_s = 0.0


def _as_sent(request: Request, response: Response) -> tuple[Headers, bytes]:
    """The headers and the body of an answer, zipped where the client takes that."""
    body = response.body
    headers = encoded_headers(response.headers)
    if response.status not in _BODILESS:
        if len(body) >= _GZIP_FROM_BYTES and "gzip" in request.header("accept-encoding"):
            body = deflate(body)
            headers += [(b"content-encoding", b"gzip"), (b"vary", b"accept-encoding")]
        headers.append((b"content-type", response.content_type.encode("latin-1")))
        headers.append((b"content-length", str(len(body)).encode()))
    return headers, body


async def _read_body(receive: Receive, limit: int) -> bytes:
    message = await receive()
    body: bytes = message.get("body", b"")
    return await _rest_of_body(body, receive, limit) if message.get("more_body") else body


def read_request(scope: Scope, body: bytes, max_body_bytes: int) -> Request:
    """The request of an ASGI scope, with its whole body.

    Raises:
        BodyError: The body is too long or cannot be unzipped.
    """
    if len(body) > max_body_bytes:
        raise BodyError(f"body is longer than {max_body_bytes} bytes")
    headers = dict(scope["headers"])
    segments, prefix = _split_root(scope.get("raw_path"), scope["path"], scope.get("root_path", ""))
    method = scope["method"]
    request = Request(
        "GET" if method == "HEAD" else method,
        [*segments],
        root=_root(scope, headers, prefix),
        query_string=scope["query_string"].decode("latin-1"),
        headers=headers.items(),
        body=body,
    )
    encoding = request.header("content-encoding") if body else ""
    if encoding:
        request.body = inflate(body, encoding.lower(), max_body_bytes)
    return request


async def _rest_of_body(first: bytes, receive: Receive, limit: int) -> bytes:
    pieces = [first]
    size = len(first)
    more = True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise ClientGoneError
        piece = message.get("body", b"")
        size += len(piece)
        if size > limit:
            raise BodyError(f"body is longer than {limit} bytes")
        pieces.append(piece)
        more = message.get("more_body", False)
    return b"".join(pieces)


@lru_cache(maxsize=512)  # as most paths come again and again
def _split_root(raw_path: bytes | None, decoded_path: str, root: str) -> tuple[list[str], str]:
    """The decoded segments of the path below the app's root, and the undecoded root itself."""
    path = raw_path.decode("latin-1") if raw_path else quote(decoded_path)
    path = path.partition("?")[0]
    if not root or not decoded_path.startswith(root):
        return split_path(path), quote(root)
    decoded = end = 0
    for segment in path.split("/")[1:]:
        if decoded >= len(root):
            break
        decoded += 1 + len(unquote(segment))
        end += 1 + len(segment)
    return split_path(path[end:]), path[:end]


def _root(scope: Scope, headers: dict[bytes, bytes], prefix: str) -> str:
    """Scheme, host and prefix as the client wrote them, also behind a proxy that ended the encryption."""
    host, forwarded = headers.get(b"host", b""), headers.get(b"x-forwarded-proto", b"")
    scheme = forwarded.decode("latin-1").partition(",")[0].strip() or scope.get("scheme", "http")
    if not host and scope.get("server"):
        name, port = scope["server"]
        return f"{scheme}://{name}:{port}{prefix}" if port else f"{scheme}://{name}{prefix}"
    return f"{scheme}://{host.decode('latin-1')}{prefix}"


@cache
def _may_wait(handler: Callable[..., Any]) -> bool:
    return iscoroutinefunction(handler)


def _start(status: int, headers: Headers) -> dict[str, Any]:
    return {"type": "http.response.start", "status": status, "headers": headers}


async def _lifespan(receive: Receive, send: Send) -> None:
    while True:
        message = await receive()
        await send({"type": message["type"] + ".complete"})
        if message["type"] == "lifespan.shutdown":
            return


__all__ = ["App", "ClientGoneError", "Refused", "read_request"]
