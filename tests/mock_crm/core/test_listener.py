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


async def test_header_names_are_spelled_as_on_the_wire_of_the_crms(org: Any) -> None:
    # nock's recordings of both CRMs keep the spelling: grouparoo, plugins/@grouparoo/*/__tests__/fixtures
    names = (
        "sforce-limit-info",
        "x-hubspot-ratelimit-daily",
        "sforce-numberofrecords",
        "etag",
        "www-authenticate",
    )

    async def app(scope: Any, receive: Any, send: Any) -> None:
        headers = [(name.encode(), b"v") for name in names]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": b"HTTP/1.1 200 OK\r\netag: a body stays\r\n\r\n"})

    async with connected(app) as (reader, writer):
        writer.write(b"GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        head, _, body = (await reader.read()).partition(b"\r\n\r\n")
    spelled = [line.partition(":")[0] for line in head.decode().split("\r\n")[1:]]
    assert spelled == [
        "Date", "Sforce-Limit-Info", "X-HubSpot-RateLimit-Daily", "Sforce-NumberOfRecords", "ETag",
        "WWW-Authenticate", "Connection", "Transfer-Encoding",
    ]  # fmt: skip
    assert b"etag: a body stays" in body


@pytest.mark.parametrize("length", [20_000, 70_000])
async def test_a_url_that_is_too_long_is_refused_by_the_web_server_in_front(org: Any, length: int) -> None:
    # jsforce issue 1134; the limit stands in the REST guide under status codes
    async with connected(org.app) as (reader, writer):
        writer.write(b"GET /big?q=" + b"x" * length + b" HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        head, _, body = (await reader.read()).partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 414 ")
    assert body == b"<h1>Bad Message 414</h1><pre>reason: URI Too Long</pre>"
    assert org.quota["daily"].used == 0


async def test_a_url_and_headers_that_are_too_large_together_are_refused_too(org: Any) -> None:
    # sfdx-hardis issue 1743, and the REST guide under status codes
    async with connected(org.app) as (reader, writer):
        head = b"GET /big?q=" + b"x" * 16_000 + b" HTTP/1.1\r\nHost: x\r\nCookie: " + b"c" * 500
        writer.write(head + b"\r\nConnection: close\r\n\r\n")
        head, _, body = (await reader.read()).partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 431 ")
    assert b"<title>Error 431 Request Header Fields Too Large</title>" in body
    assert b"<tr><th>URI:</th><td>/big</td></tr>" in body


async def test_a_header_carries_what_latin_1_cannot(org: Any) -> None:
    async with connected(org.app) as (reader, writer):
        writer.write(
            b"GET /placed HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer open-sesame\r\n"
            b"Connection: close\r\n\r\n"
        )
        head = await reader.read()
    assert b"Location: /things/%E4%BA%AC%0D%0A/%C3%BC?a=b%20\r\n" in head
