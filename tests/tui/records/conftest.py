"""The Records tab over the fake backend, and waiting until it is at rest."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from typing import TYPE_CHECKING, Any

import pytest
from textual.pilot import Pilot

from ampsandbox.tui.app import SandboxApp
from ampsandbox.tui.widgets.rows import Rows

if TYPE_CHECKING:
    from tests.tui.conftest import FakeBackend
    from tests.tui.conftest import Settle as SettleApp

Settle = Callable[[Pilot[int]], Awaitable[None]]


@pytest.fixture
def settle(settle: SettleApp) -> Settle:
    """Wait as for any screen, given the pilot alone."""

    async def wait(pilot: Pilot[int]) -> None:
        assert isinstance(pilot.app, SandboxApp)
        await settle(pilot.app, pilot)

    return wait


@pytest.fixture
def press(settle: Settle) -> Callable[..., Awaitable[None]]:
    """Press keys one after the other, and wait for what they lead to; "text:…" is typed letter by letter."""

    async def press_keys(pilot: Pilot[int], *keys: str) -> None:
        for key in keys:
            if key.startswith("text:"):
                await pilot.press(*["space" if char == " " else char for char in key[5:]])
            else:
                await pilot.press(key)
            await settle(pilot)

    return press_keys


def account(number: int, **more: Any) -> dict[str, Any]:
    return {"Id": f"001{number}", "Name": f"Big Co. {number}", "NumberOfEmployees": 10 - number, **more}


@pytest.fixture
def fill(backend: FakeBackend) -> Callable[..., None]:
    """Put accounts into the org of the first installation, which is for Salesforce."""

    def put(count: int = 3) -> None:
        backend.store["Account"] = [account(n) for n in range(count)]
        backend.stamp += 1

    return put


@pytest.fixture
async def records(
    backend: FakeBackend, fill: Callable[..., None], settle: Settle, request: pytest.FixtureRequest
) -> AsyncIterator[Pilot[int]]:
    """Three accounts, or as many as a `param` says, in the Records tab; the list has the focus."""
    fill(getattr(request, "param", 3))
    app = SandboxApp(backend)
    async with app.run_test(size=(120, 40)) as pilot:
        await settle(pilot)
        await pilot.press("3")
        await settle(pilot)
        app.screen.query_one("#record-rows", Rows).focus()
        await pilot.pause()
        yield pilot
