"""The few lines of plain ASGI that the hot path needs."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from ampsandbox.server.problems import PROBLEM_JSON, Problem

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
ASGIApp = Callable[[Scope, Receive, Send], Awaitable[None]]

JSON = b"application/json"


class BodyTooLargeError(Exception):
    """The request's body is over the limit."""


class DisconnectedError(Exception):
    """The client went away before its request was complete."""


def header(scope: Scope, name: bytes) -> str:
    """The value of a request header, by its lower-case name; empty when it is absent."""
    for key, value in scope["headers"]:
        if key == name:
            return str(value, "latin-1")
    return ""


def target_of(scope: Scope) -> bytes:
    """What was asked for, as it was sent: the path, not decoded, and the query."""
    path: bytes = scope["raw_path"]
    query: bytes = scope["query_string"]
    return path + b"?" + query if query else path


async def read_body(receive: Receive, limit: int) -> bytes:
    """The whole body, at most `limit` bytes.

    Raises:
        BodyTooLargeError: There is more.
        DisconnectedError: The client went away; nothing may be done for a request that is not complete.
    """
    body = b""
    more = True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise DisconnectedError
        chunk = message.get("body", b"")
        body = body + chunk if body else chunk
        if len(body) > limit:
            raise BodyTooLargeError
        more = message.get("more_body", False)
    return body


def response_headers(
    body: bytes, content_type: bytes = JSON, headers: tuple[tuple[str, str], ...] = ()
) -> list[tuple[bytes, bytes]]:
    """The headers of an answer with a complete body."""
    raw = [(b"content-type", content_type), (b"content-length", b"%d" % len(body))]
    if headers:
        raw += [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in headers]
    return raw


async def send_response(
    send: Send,
    status: int,
    body: bytes,
    content_type: bytes = JSON,
    headers: tuple[tuple[str, str], ...] = (),
) -> list[tuple[bytes, bytes]]:
    """Answer with a complete body; gives the headers that were sent."""
    raw = response_headers(body, content_type, headers)
    await send({"type": "http.response.start", "status": status, "headers": raw})
    await send({"type": "http.response.body", "body": body})
    return raw


async def send_problem(send: Send, problem: Problem) -> list[tuple[bytes, bytes]]:
    """Answer with a problem; gives the headers that were sent."""
    return await send_response(send, problem.status, problem.body(), PROBLEM_JSON, problem.headers)
