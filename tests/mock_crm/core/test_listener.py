"""What the listener says of connections that end early: nothing, since that is what a mock is for."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from mock_crm.core.listener import Listener, bind

pytestmark = pytest.mark.anyio


@asynccontextmanager
async def connected(app: Any) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
    listener = Listener(app, bind("127.0.0.1", 0))
    await listener.start()
    reader, writer = await asyncio.open_connection("127.0.0.1", listener.port)
    try:
        yield reader, writer
    finally:
        writer.close()
        await listener.stop()


async def test_a_dropped_answer_is_no_news(org: Any, caplog: pytest.LogCaptureFixture) -> None:
    org.faults.add({"kind": "drop-before"})
    async with connected(org.app) as (reader, writer):
        writer.write(b"GET /big HTTP/1.1\r\nHost: x\r\n\r\n")
        answer = await reader.read()
    assert answer.endswith(b"\r\n\r\n"), "a body was promised and did not come"
    assert caplog.messages == []


async def test_a_client_that_goes_away_in_the_middle_of_its_body_is_no_news(
    org: Any, caplog: pytest.LogCaptureFixture
) -> None:
    async with connected(org.app) as (_, writer):
        writer.write(b"POST /things/a HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\n{")
        await writer.drain()
        await asyncio.sleep(0)
        writer.close()
        await writer.wait_closed()
    assert (org.applied, caplog.messages) == (0, [])


async def test_a_request_that_outlasts_the_grace_of_a_stop_ends_without_a_word(
    caplog: pytest.LogCaptureFixture,
) -> None:
    begun, ended = asyncio.Event(), asyncio.Event()

    async def endless(scope: Any, receive: Any, send: Any) -> None:
        begun.set()
        try:
            await asyncio.Event().wait()
        finally:
            ended.set()

    listener = Listener(endless, bind("127.0.0.1", 0))
    await listener.start()
    reader, writer = await asyncio.open_connection("127.0.0.1", listener.port)
    writer.write(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
    await begun.wait()
    await listener.stop(grace_s=0.01)
    assert await reader.read() == b""
    await ended.wait()
    writer.close()
    assert caplog.messages == []
