"""`run --web` shows the screen to whoever has the token, and to no page of another site."""

from __future__ import annotations

import asyncio

import pytest

pytest.importorskip("textual_serve", reason="textual-serve is not installed")

from aiohttp.test_utils import TestClient, TestServer

from ampsandbox.cli.run import without_web
from ampsandbox.cli.web import GuardedServer

OWN = {"Host": "localhost:8000"}


def statuses(*requests: tuple[str, dict[str, str]]) -> list[int]:
    """What the server answers to requests, in order; `TOKEN` stands for its token."""
    server = GuardedServer("true", 8000)

    async def ask() -> list[int]:
        async with TestClient(TestServer(await server._make_app())) as client:
            found = []
            for path, headers in requests:
                given = {name: value.replace("TOKEN", server.token) for name, value in headers.items()}
                answer = await client.get(
                    path.replace("TOKEN", server.token), headers=given, allow_redirects=False
                )
                found.append(answer.status)
            return found

    return asyncio.run(ask())


def test_the_token_is_asked_for_once() -> None:
    cookie = {**OWN, "Cookie": "ampsandbox_web=TOKEN"}
    assert statuses(("/", OWN), ("/?token=nope", OWN), ("/?token=TOKEN", OWN), ("/", cookie)) == [
        403,
        403,
        302,
        200,
    ]


@pytest.mark.parametrize("host", ["evil.example:8000", "127.0.0.1:8000", "localhost"])
def test_another_host_is_refused_whatever_it_brings(host: str) -> None:
    headers = {"Host": host, "Cookie": "ampsandbox_web=TOKEN"}
    assert statuses(("/?token=TOKEN", headers), ("/", headers), ("/ws", headers)) == [403, 403, 403]


@pytest.mark.parametrize(
    "origin", ["http://evil.example", "null", "http://localhost:3000", "https://localhost:8000"]
)
def test_a_page_of_another_origin_is_refused(origin: str) -> None:
    headers = {**OWN, "Origin": origin, "Cookie": "ampsandbox_web=TOKEN"}
    assert statuses(("/", headers), ("/ws", headers)) == [403, 403]


def test_a_socket_without_an_origin_is_refused() -> None:
    assert statuses(("/ws", {**OWN, "Cookie": "ampsandbox_web=TOKEN"})) == [403]


@pytest.mark.parametrize("web", [["--web"], ["--web", "8123"], ["--web=8123"]])
def test_the_visitors_screen_gets_the_other_arguments(web: list[str]) -> None:
    assert without_web(["amp.yaml", *web, "--group", "acme"]) == ["amp.yaml", "--group", "acme"]
