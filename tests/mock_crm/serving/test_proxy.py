"""The proxy: the real host names lead to the mock, everything else is refused."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from mock_crm.core.hosts import DOMAINS
from mock_crm.core.listener import Listener, bind
from mock_crm.core.proxy import ConnectProxy
from mock_crm.core.tls import development_authority

pytestmark = pytest.mark.anyio


async def echo(scope: Any, receive: Any, send: Any) -> None:
    """Answer with the scheme, host and path that the mock saw."""
    headers = dict(scope["headers"])
    body = f"{scope['scheme']} {headers[b'host'].decode()} {scope['path']}".encode()
    await send(
        {"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"%d" % len(body))]}
    )
    await send({"type": "http.response.body", "body": body})


@dataclass
class Started:
    """The mock's parts that a test speaks to."""

    client: httpx.AsyncClient
    proxy_port: int


@asynccontextmanager
async def proxied(directory: Path) -> AsyncIterator[Started]:
    authority = development_authority(directory)
    plain, tls, front = (bind("127.0.0.1", 0) for _ in range(3))
    listeners = Listener(echo, plain), Listener(echo, tls, authority.server_context())
    proxy = ConnectProxy(
        "a mock salesforce", DOMAINS["salesforce"], plain=plain.getsockname(), tls=tls.getsockname()
    )
    for listener in listeners:
        await listener.start()
    await proxy.start(front)
    context = ssl.create_default_context(cafile=str(authority.certificate_path))
    port = front.getsockname()[1]
    async with httpx.AsyncClient(
        proxy=f"http://127.0.0.1:{port}", verify=context, trust_env=False, timeout=10
    ) as client:
        yield Started(client, port)
    await proxy.stop()
    for listener in listeners:
        await listener.stop()


async def test_an_https_call_to_the_login_host_reaches_the_mock(tmp_path: Path) -> None:
    async with proxied(tmp_path) as started:
        answer = await started.client.get("https://login.salesforce.com/services/data")
    assert answer.text == "https login.salesforce.com /services/data"


async def test_a_plain_http_call_reaches_the_mock_with_its_path(tmp_path: Path) -> None:
    async with proxied(tmp_path) as started:
        first = await started.client.get("http://acme.my.salesforce.com/a/b?c=d")
        second = await started.client.get("http://acme.my.salesforce.com")
    assert first.text == "http acme.my.salesforce.com /a/b"
    assert second.text == "http acme.my.salesforce.com /"


async def test_another_host_is_refused_over_https(tmp_path: Path) -> None:
    async with proxied(tmp_path) as started:
        with pytest.raises(httpx.ProxyError, match="403"):
            await started.client.get("https://example.com/")


@pytest.mark.parametrize(
    "host", ["example.com", "salesforce.com.example.com", "notsalesforce.com", "127.0.0.1"]
)
async def test_another_host_is_refused_with_a_reason(tmp_path: Path, host: str) -> None:
    async with proxied(tmp_path) as started:
        answer = await started.client.get(f"http://{host}/")
    assert answer.status_code == 403
    assert answer.text == (
        "This proxy leads to a mock salesforce and takes only *.salesforce.com and *.force.com; "
        f"it refuses {host}.\n"
        "List other hosts in NO_PROXY.\n"
    )


@pytest.mark.parametrize(
    "hello", [b"\r\n\r\n", b"\x16\x03\x01\r\n\r\n", b"GET http://[::bad/ HTTP/1.1\r\n\r\n"]
)
async def test_what_is_no_proxy_request_is_refused(tmp_path: Path, hello: bytes) -> None:
    async with proxied(tmp_path) as started:
        reader, writer = await asyncio.open_connection("127.0.0.1", started.proxy_port)
        writer.write(hello)
        answer = await reader.read()
        writer.close()
    assert answer.startswith(b"HTTP/1.1 403 ")


async def test_stopping_closes_open_connections(tmp_path: Path) -> None:
    async with proxied(tmp_path) as started:
        reader, writer = await asyncio.open_connection("127.0.0.1", started.proxy_port)
        await started.client.get("http://login.salesforce.com/")
    assert await reader.read() == b""
    writer.close()
