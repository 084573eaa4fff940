"""The in-process transport fails as a socket does."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import httpx
import pytest

from ampsandbox.clock import Clock
from ampsandbox.crm.transport import InProcessTransport

pytestmark = pytest.mark.anyio


def client(app: Any, clock: Clock, root_path: str = "", timeout: float = 5) -> httpx.AsyncClient:
    return httpx.AsyncClient(transport=InProcessTransport(app, clock, root_path), timeout=timeout)


async def test_the_application_sees_the_request_as_from_a_server(clock: Clock) -> None:
    seen: dict[str, Any] = {}

    async def app(scope: Any, receive: Any, send: Any) -> None:
        seen.update(scope, message=await receive())
        await send({"type": "http.response.start", "status": 201, "headers": [(b"x-one", b"1")]})
        await send({"type": "http.response.body", "body": b"a", "more_body": True})
        await send({"type": "http.response.body", "body": b"b"})

    async with client(app, clock, "/_crm/x/y") as http:
        answer = await http.post("http://crm.invalid:81/_crm/x/y/a%2Fb/%C3%A9?q=1%202", content=b"body")
    assert (answer.status_code, answer.text, answer.headers["x-one"]) == (201, "ab", "1")
    assert seen["root_path"] == "/_crm/x/y"
    assert seen["path"] == "/_crm/x/y/a/b/é"
    assert seen["raw_path"] == b"/_crm/x/y/a%2Fb/%C3%A9"
    assert seen["query_string"] == b"q=1%202"
    assert seen["message"] == {"type": "http.request", "body": b"body", "more_body": False}
    assert dict(seen["headers"])[b"host"] == b"crm.invalid:81"


@pytest.mark.parametrize(
    "messages",
    [
        [],
        [{"type": "http.response.start", "status": 200, "headers": []}],
        [
            {"type": "http.response.start", "status": 200, "headers": []},
            {"type": "http.response.body", "body": b"half", "more_body": True},
        ],
        [
            {"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"9")]},
            {"type": "http.response.body", "body": b"half"},
        ],
    ],
)
async def test_an_answer_cut_short_is_a_broken_connection(clock: Clock, messages: list[Any]) -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        for message in messages:
            await send(message)

    async with client(app, clock) as http:
        with pytest.raises(httpx.RemoteProtocolError):
            await http.get("http://crm.invalid/")


@pytest.mark.parametrize("is_started", [False, True])
async def test_an_application_that_fails_is_a_server_that_fails(
    clock: Clock, caplog: pytest.LogCaptureFixture, is_started: bool
) -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        if is_started:
            await send({"type": "http.response.start", "status": 200, "headers": []})
        raise RuntimeError("a bug")

    async with client(app, clock) as http:
        if is_started:
            with pytest.raises(httpx.RemoteProtocolError):
                await http.get("http://crm.invalid/")
        else:
            assert (await http.get("http://crm.invalid/")).status_code == 500
    assert "a bug" in caplog.text


async def test_an_answer_without_a_body_needs_none(clock: Clock) -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 204, "headers": []})
        await send({"type": "http.response.body"})

    async with client(app, clock) as http:
        assert (await http.delete("http://crm.invalid/")).status_code == 204


async def test_the_read_timeout_runs_on_the_clock(clock: Clock) -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        await clock.sleep(60)

    async with client(app, clock, timeout=30) as http:
        task = clock.spawn(http.get("http://crm.invalid/"))
        await clock.advance(clock.now() + timedelta(seconds=29))
        assert not task.done()
        await clock.advance(clock.now() + timedelta(seconds=1))
        with pytest.raises(httpx.ReadTimeout):
            await task
