"""An HTTP transport that calls an ASGI application in this process, held to what a socket would do.

`httpx.ASGITransport` hands over whatever the application sent, even half an answer. A mock CRM cuts answers
on purpose, so this one fails as a broken connection does, and times out on the sandbox's clock.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, MutableMapping
from datetime import timedelta
from typing import Any

import httpx

from ampsandbox.clock import Clock

_LOGGER = logging.getLogger("ampsandbox.crm")

Scope = MutableMapping[str, Any]
AsgiMessage = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[AsgiMessage]]
Send = Callable[[AsgiMessage], Awaitable[None]]
AsgiApp = Callable[[Scope, Receive, Send], Awaitable[None]]


class InProcessTransport(httpx.AsyncBaseTransport):
    """Answers requests by calling `app`.

    Args:
        app: The application; an exception that it raises is logged, and answered as a server would: with 500.
        clock: What the read timeout of a request is measured on.
        root_path: The prefix under which the application is mounted, such as `/_crm/demo/acme`; request
            paths start with it.
    """

    def __init__(self, app: AsgiApp, clock: Clock, root_path: str = "") -> None:
        self._app = app
        self._clock = clock
        self._root_path = root_path

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Call the application with the whole request and gather its whole answer.

        Raises:
            httpx.ReadTimeout: The answer was not complete within the read timeout.
            httpx.RemoteProtocolError: The application ended before its answer was complete.
        """
        body = await request.aread()
        answer = _Answer(body)
        try:
            await self._call(_scope(request, self._root_path), answer, request)
        except httpx.TransportError:
            raise
        except Exception:
            _LOGGER.exception("The application failed at %s %s", request.method, request.url.path)
            if answer.is_started:
                raise httpx.RemoteProtocolError("The application failed.", request=request) from None
            return httpx.Response(500, text="Internal Server Error", request=request)
        return answer.response(request)

    async def _call(self, scope: Scope, answer: _Answer, request: httpx.Request) -> None:
        seconds = request.extensions.get("timeout", {}).get("read")
        loop = asyncio.get_running_loop()
        try:
            async with asyncio.timeout(None) as limit:
                if seconds is None:
                    await self._app(scope, answer.receive, answer.send)
                    return
                due = self._clock.now() + timedelta(seconds=seconds)
                timer = self._clock.call_at(due, lambda: limit.reschedule(loop.time()))
                try:
                    await self._app(scope, answer.receive, answer.send)
                finally:
                    timer.cancel()
        except TimeoutError as error:
            raise httpx.ReadTimeout("The answer did not come in time.", request=request) from error


class _Answer:
    """What one call of the application has received and sent so far."""

    def __init__(self, body: bytes) -> None:
        self._body: bytes | None = body
        self._done = asyncio.Event()
        self._status: int | None = None
        self._headers: list[tuple[bytes, bytes]] = []
        self._parts: list[bytes] = []

    @property
    def is_started(self) -> bool:
        """Whether the status was sent, so that it cannot change any more."""
        return self._status is not None

    async def receive(self) -> AsgiMessage:
        if self._body is None:
            await self._done.wait()
            return {"type": "http.disconnect"}
        body, self._body = self._body, None
        return {"type": "http.request", "body": body, "more_body": False}

    async def send(self, message: AsgiMessage) -> None:
        if message["type"] == "http.response.start":
            self._status = message["status"]
            self._headers = [(bytes(name), bytes(value)) for name, value in message.get("headers", ())]
        elif message["type"] == "http.response.body":
            self._parts.append(bytes(message.get("body", b"")))
            if not message.get("more_body", False):
                self._done.set()

    def response(self, request: httpx.Request) -> httpx.Response:
        body = b"".join(self._parts)
        if self._status is None or not self._done.is_set():
            raise httpx.RemoteProtocolError("The connection closed before the answer ended.", request=request)
        declared = httpx.Headers(self._headers).get("content-length")
        has_body = request.method != "HEAD" and self._status not in (204, 304)
        if has_body and declared is not None and declared != str(len(body)):
            raise httpx.RemoteProtocolError(
                f"The answer holds {len(body)} of {declared} bytes.", request=request
            )
        return httpx.Response(
            self._status, headers=self._headers, stream=httpx.ByteStream(body), request=request
        )


def _scope(request: httpx.Request, root_path: str) -> Scope:
    raw_path, _, query = request.url.raw_path.partition(b"?")
    return {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.4"},
        "http_version": "1.1",
        "method": request.method,
        "scheme": request.url.scheme,
        "path": request.url.path,
        "raw_path": raw_path,
        "query_string": query,
        "root_path": root_path,
        "headers": [(name.lower(), value) for name, value in request.headers.raw],
        "client": ("127.0.0.1", 0),
        "server": (request.url.host, request.url.port),
        "extensions": {},
    }
