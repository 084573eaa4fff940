"""Only programs of this machine, and clients that call the CRM by its own names, reach a mock."""

from __future__ import annotations

from typing import Any

import pytest

from mock_crm.core.browser_guard import BrowserGuard

pytestmark = pytest.mark.anyio


async def _app(scope: Any, receive: Any, send: Any) -> None:
    await send({"type": "http.response.start", "status": 200, "headers": []})


async def _status(**headers: str) -> int:
    guard = BrowserGuard(_app, "salesforce", ["box.example"])
    raw = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
    statuses: list[int] = []

    async def send(message: Any) -> None:
        if "status" in message:
            statuses.append(message["status"])

    await guard({"type": "http", "method": "GET", "headers": raw}, None, send)
    return statuses[0]


@pytest.mark.parametrize(
    "host",
    ["localhost:1", "127.0.0.1", "[::1]:80", "acme.localhost:1", "acme.my.salesforce.com", "BOX.example:7"],
)
async def test_names_of_this_machine_and_of_the_crm_are_let_in(host: str) -> None:
    assert await _status(host=host) == 200


@pytest.mark.parametrize(
    "host", ["evil.example:1", "evilsalesforce.com", "api.hubapi.com", "localhost.evil", ""]
)
async def test_a_name_that_was_rebound_is_refused(host: str) -> None:
    assert await _status(host=host) == 403


async def test_a_request_without_a_host_is_refused() -> None:
    assert await _status() == 403


async def test_a_page_of_another_origin_is_refused() -> None:
    assert await _status(host="localhost:1", origin="http://evil.example") == 403
