"""What the listener says of connections that end early: nothing, since that is what a mock is for."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

import pytest

from mock_crm.core.listener import Listener, bind

if TYPE_CHECKING:
    from tests.mock_crm.core.conftest import TinyOrg

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


async def test_a_dropped_answer_is_no_news(org: TinyOrg, caplog: pytest.LogCaptureFixture) -> None:
    org.faults.add({"kind": "drop-before"})
    async with connected(org.app) as (reader, writer):
        writer.write(b"GET /big HTTP/1.1\r\nHost: x\r\n\r\n")
        answer = await reader.read()
    assert answer.endswith(b"\r\n\r\n"), "a body was promised and did not come"
    assert caplog.messages == []


async def test_a_client_that_goes_away_in_the_middle_of_its_body_is_no_news(
    org: TinyOrg, caplog: pytest.LogCaptureFixture
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


async def test_header_names_are_spelled_as_on_the_wire_of_the_crms(org: TinyOrg) -> None:
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
async def test_a_url_that_is_too_long_is_refused_by_the_web_server_in_front(
    org: TinyOrg, length: int
) -> None:
    # jsforce issue 1134; the limit stands in the REST guide under status codes
    async with connected(org.app) as (reader, writer):
        writer.write(b"GET /big?q=" + b"x" * length + b" HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        head, _, body = (await reader.read()).partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 414 ")
    assert body == b"<h1>Bad Message 414</h1><pre>reason: URI Too Long</pre>"
    assert org.quota["daily"].used == 0


async def test_a_url_and_headers_that_are_too_large_together_are_refused_too(org: TinyOrg) -> None:
    # sfdx-hardis issue 1743, and the REST guide under status codes
    async with connected(org.app) as (reader, writer):
        head = b"GET /big?q=" + b"x" * 16_000 + b" HTTP/1.1\r\nHost: x\r\nCookie: " + b"c" * 500
        writer.write(head + b"\r\nConnection: close\r\n\r\n")
        head, _, body = (await reader.read()).partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 431 ")
    assert b"<title>Error 431 Request Header Fields Too Large</title>" in body
    assert b"<tr><th>URI:</th><td>/big</td></tr>" in body


async def test_a_header_carries_what_latin_1_cannot(org: TinyOrg) -> None:
    async with connected(org.app) as (reader, writer):
        writer.write(
            b"GET /placed HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer open-sesame\r\n"
            b"Connection: close\r\n\r\n"
        )
        head = await reader.read()
    assert b"Location: /things/%E4%BA%AC%0D%0A/%C3%BC?a=b%20\r\n" in head


async def echo(scope: Any, receive: Any, send: Any) -> None:
    """Answers with the method, the path and the body, as long as it says or in chunks."""
    body, more = b"", True
    while more:
        message = await receive()
        body += message["body"]
        more = message["more_body"]
    answer = f"{scope['method']} {scope['path']} ".encode() + body
    headers = [] if scope["path"] == "/stream" else [(b"content-length", b"%d" % len(answer))]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": answer})


async def exchanged(sent: bytes, app: Any = echo) -> bytes:
    """All that comes back until the connection is closed."""
    async with connected(app) as (reader, writer):
        writer.write(sent)
        return await reader.read()


LAST = b"GET /last HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"


async def test_a_request_that_asks_for_http_2_is_answered_on_http_1_with_its_body() -> None:
    head = (
        b"POST /a HTTP/1.1\r\nHost: x\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\n"
        b"HTTP2-Settings: AAEAAEAA\r\n"
    )
    for body in (
        b"Content-Length: 4\r\n\r\nbody",
        b"Transfer-Encoding: chunked\r\n\r\n4\r\nbody\r\n0\r\n\r\n",
    ):
        answers = await exchanged(head + body + LAST)
        assert b"POST /a body" in answers
        assert answers.endswith(b"GET /last ")


async def test_requests_that_come_at_once_are_answered_in_their_order() -> None:
    sent = b"".join(b"POST /%d HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\n\r\nx" % n for n in range(5))
    answers = await exchanged(sent + LAST)
    assert re.findall(rb"POST /(\d)", answers) == [b"0", b"1", b"2", b"3", b"4"]
    assert answers.endswith(b"GET /last ")


async def test_a_client_is_told_to_go_on_with_a_body_that_it_holds_back() -> None:
    async with connected(echo) as (reader, writer):
        writer.write(b"POST /a HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n")
        assert await reader.readuntil(b"\r\n\r\n") == b"HTTP/1.1 100 Continue\r\n\r\n"
        writer.write(b"hi" + LAST)
        assert b"POST /a hi" in await reader.read()


@pytest.mark.parametrize(
    ("request_line", "expected"),
    [
        (b"HEAD /a HTTP/1.1", b"Content-Length: 8\r\nConnection: close\r\n\r\n"),
        (b"GET /stream HTTP/1.1", b"c\r\nGET /stream \r\n0\r\n\r\n"),
        (b"GET /stream HTTP/1.0", b"Connection: close\r\n\r\nGET /stream "),
        (b"GET http://x:1/p%61th?q HTTP/1.1", b"\r\n\r\nGET /path "),
        (b"OPTIONS * HTTP/1.1", b"\r\n\r\nOPTIONS * "),
    ],
)
async def test_an_answer_ends_as_its_request_asks(request_line: bytes, expected: bytes) -> None:
    answer = await exchanged(request_line + b"\r\nHost: x\r\nConnection: close\r\n\r\n")
    assert answer.endswith(expected)


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        (b"\x16\x03\x01 hello\r\n\r\n", 400),
        (b"POST / HTTP/1.1\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n", 400),
        ("GET /ü HTTP/1.1\r\nHost: x\r\n\r\n".encode(), 400),
        (b"GET / HTTP/1.1\r\nA: " + b"x" * 300_000 + b"\r\n\r\n", 431),
        (b"GET /" + b"x" * 300_000 + b" HTTP/1.1\r\n\r\n", 414),
    ],
)
async def test_what_is_no_request_is_refused(sent: bytes, status: int) -> None:
    answer = await exchanged(sent)
    assert answer.startswith(b"HTTP/1.1 %d " % status)
    assert b"\r\nConnection: close\r\n" in answer


async def test_a_refusal_reaches_who_is_still_sending() -> None:
    answer = await exchanged(b"GET /" + b"x" * 8_000_000)
    assert answer.startswith(b"HTTP/1.1 414 ")


@pytest.mark.parametrize("value", [b"a\r\nSet-Cookie: b", b"a\nb", b"a\rb", b"a\0b"])
async def test_a_value_cannot_forge_headers(value: bytes, caplog: pytest.LogCaptureFixture) -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": [(b"a", value)]})

    assert (await exchanged(LAST, app)).startswith(b"HTTP/1.1 500 ")
    assert "The application failed" in caplog.text


async def test_an_answer_that_is_not_as_long_as_it_says_is_cut_off(caplog: pytest.LogCaptureFixture) -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        headers = [(b"content-length", b"2")]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": b"three"})

    assert b"three" not in await exchanged(LAST, app)
    assert "not as long as its Content-Length" in caplog.text
