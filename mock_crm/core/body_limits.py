"""Requests that never end: how long one may take to arrive, and how much all that are arriving may hold."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any, Final

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]

DEADLINE_S: Final = 60.0
CEILING_BYTES: Final = 512 * 2**20

_TOO_SLOW: Final = b"The request did not arrive in time.\n"
_TOO_MUCH: Final = b"Too many large requests are arriving at once. Try again in a moment.\n"


class BodyLimits:
    """Bounds what unfinished request bodies take, over all connections of a server.

    Args:
        deadline_s: How long a request's body may take, in seconds.
        ceiling_bytes: How much all unfinished bodies may hold together.
    """

    def __init__(self, deadline_s: float = DEADLINE_S, ceiling_bytes: int = CEILING_BYTES) -> None:
        self.deadline_s = deadline_s
        self.ceiling_bytes = ceiling_bytes
        self.held_bytes = 0

    async def serve(self, app: Any, scope: Any, receive: Receive, send: Send) -> None:
        """Let an ASGI application answer a request whose body arrives within the limits.

        A request that does not is answered here; the application hears that its client has left.
        """
        arrival = _Arrival(self, receive, send)
        try:
            await app(scope, arrival.receive, arrival.send)
        finally:
            self.held_bytes -= arrival.held


class _Arrival:
    """One request on its way in."""

    __slots__ = ("_deadline", "_is_complete", "_is_refused", "_limits", "_receive", "_send", "held")

    def __init__(self, limits: BodyLimits, receive: Receive, send: Send) -> None:
        self._limits = limits
        self._receive = receive
        self._send = send
        self._deadline = asyncio.get_running_loop().time() + limits.deadline_s
        self._is_complete = False
        self._is_refused = False
        self.held = 0

    async def receive(self) -> Message:
        if self._is_complete:
            return await self._receive()
        try:
            async with asyncio.timeout_at(self._deadline):
                message = await self._receive()
        except TimeoutError:
            return await self._refuse(408, _TOO_SLOW)
        size = len(message.get("body", b""))
        self.held += size
        self._limits.held_bytes += size
        if not message.get("more_body", False):
            self._is_complete = True
        elif self._limits.held_bytes > self._limits.ceiling_bytes:
            return await self._refuse(503, _TOO_MUCH)
        return message

    async def send(self, message: Message) -> None:
        if not self._is_refused:
            await self._send(message)

    async def _refuse(self, status: int, words: bytes) -> Message:
        self._is_complete = True
        headers = [
            (b"content-type", b"text/plain; charset=utf-8"),
            (b"content-length", b"%d" % len(words)),
            (b"connection", b"close"),
        ]
        if status == 503:
            headers.append((b"retry-after", b"1"))
        await self.send({"type": "http.response.start", "status": status, "headers": headers})
        await self.send({"type": "http.response.body", "body": words})
        self._is_refused = True
        return {"type": "http.disconnect"}
