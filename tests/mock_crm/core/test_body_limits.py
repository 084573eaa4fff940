"""A request that never ends holds neither a connection nor memory for ever."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from typing import Any

import pytest

from mock_crm.core.http_connection import ConnectionPool
from mock_crm.core.listener import Listener, bind

pytestmark = pytest.mark.anyio

HEAD = b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\n"


async def reading(scope: Any, receive: Any, send: Any) -> None:
    """An application that reads the whole body before it answers."""
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            return
        if not message.get("more_body"):
            break
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"4")]})
    await send({"type": "http.response.body", "body": b"read"})


@asynccontextmanager
async def listening(deadline_s: float = 60.0, ceiling_bytes: int = 1_000_000) -> AsyncIterator[Listener]:
    listener = Listener(reading, bind("127.0.0.1", 0))
    listener.pool = ConnectionPool(reading, deadline_s, ceiling_bytes)
    await listener.start()
    yield listener
    await listener.stop()


async def answer(listener: Listener, pieces: Iterable[bytes]) -> bytes:
    """What is sent to a client that sends these pieces and no more, up to the end of the connection."""
    reader, writer = await asyncio.open_connection("127.0.0.1", listener.port)
    for piece in pieces:
        writer.write(piece)
        await writer.drain()
    answer = await reader.read()
    writer.close()
    return answer


async def test_a_head_that_does_not_end_in_time_is_not_waited_for() -> None:
    async with listening(deadline_s=0.01) as listener:
        assert await answer(listener, [b"POST / HTTP/1.1\r\nHost:"]) == b""


async def test_a_body_that_does_not_end_in_time_is_answered_with_408() -> None:
    async with listening(deadline_s=0.01) as listener:
        head = (await answer(listener, [HEAD, b"some"])).partition(b"\r\n\r\n")[0]
    assert head.startswith(b"HTTP/1.1 408 ")
    assert b"\r\nConnection: close" in head


async def test_bodies_that_hold_too_much_together_are_answered_with_503() -> None:
    async with listening(ceiling_bytes=10) as listener:
        listener.pool.held_bytes = 8
        head = (await answer(listener, [HEAD, b"123"])).partition(b"\r\n\r\n")[0]
    assert head.startswith(b"HTTP/1.1 503 ")
    assert b"\r\nRetry-After: 1\r\n" in head


async def test_what_a_body_held_is_free_once_it_is_answered() -> None:
    async with listening(ceiling_bytes=10) as listener:
        for _ in range(3):
            head = HEAD.replace(b"Host", b"Connection: close\r\nHost")
            assert (await answer(listener, [head, b"1234", b"56789"])).endswith(b"read")
        assert listener.pool.held_bytes == 0
