"""Only programs of this machine reach the sandbox, never a page in its browser."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from ampsandbox.server.guard import Guard

pytestmark = pytest.mark.anyio


async def _hello(scope: Any, receive: Any, send: Any) -> None:
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": b"hello"})


async def _status(headers: dict[str, str], method: str = "POST", hosts: tuple[str, ...] = ()) -> int:
    transport = httpx.ASGITransport(Guard(_hello, hosts))
    async with httpx.AsyncClient(transport=transport, base_url="http://localhost:4001") as client:
        return (await client.request(method, "/projects/demo/x", headers=headers)).status_code


@pytest.mark.parametrize(
    "host", ["localhost", "localhost:4001", "127.0.0.1:4001", "[::1]:4001", "acme.localhost:4001"]
)
async def test_names_of_this_machine_are_let_in(host: str) -> None:
    assert await _status({"Host": host}) == 200


@pytest.mark.parametrize(
    "host", ["evil.example", "evil.example:4001", "127.0.0.1.evil.example", "localhost.evil.example"]
)
async def test_another_name_that_points_here_is_refused(host: str) -> None:
    assert await _status({"Host": host}) == 403


async def test_the_refusal_says_how_to_let_a_name_in() -> None:
    transport = httpx.ASGITransport(Guard(_hello))
    async with httpx.AsyncClient(transport=transport, base_url="http://sandbox:4001") as client:
        assert "--allow-host sandbox" in (await client.get("/")).json()["remedy"]


async def test_the_host_that_the_server_was_given_is_let_in() -> None:
    assert await _status({"Host": "build-box:4001"}, hosts=("build-box",)) == 200


@pytest.mark.parametrize(
    "origin", ["https://evil.example", "null", "http://localhost:3000", "https://localhost:4001"]
)
async def test_a_page_of_another_origin_is_refused(origin: str) -> None:
    assert await _status({"Host": "localhost:4001", "Origin": origin}) == 403


async def test_a_page_of_the_sandbox_itself_is_let_in() -> None:
    assert await _status({"Host": "localhost:4001", "Origin": "http://localhost:4001"}) == 200


async def test_a_cross_site_request_without_origin_is_refused() -> None:
    assert await _status({"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "no-cors"}, "GET") == 403


async def test_following_a_link_to_a_consent_page_is_let_in() -> None:
    assert await _status({"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate"}, "GET") == 200
