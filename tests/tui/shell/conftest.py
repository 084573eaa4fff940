"""An app over the fake backend, and waiting until it is at rest."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any

import pytest
from textual.pilot import Pilot

from ampsandbox.tui.app import SandboxApp

Opened = tuple[SandboxApp, Pilot[int]]


async def _settle(app: SandboxApp, pilot: Pilot[int]) -> None:
    """Wait until every key is handled, every worker is done and the newest state is shown."""
    for _ in range(2):
        await pilot.pause()
        for _ in range(50):
            if all(item.is_finished or item.group == "poll" for item in app.workers):
                break
            await pilot.pause(0.01)
        await app.refresh_state()
    await pilot.pause()


@pytest.fixture
def settle() -> Callable[[SandboxApp, Pilot[int]], Any]:
    return _settle


@pytest.fixture
def opened(backend: Any) -> Callable[..., AbstractAsyncContextManager[Opened]]:
    """Opens the app at a size, with what it remembers at a path."""

    @asynccontextmanager
    async def open_app(
        size: tuple[int, int] = (120, 40), memory_path: Any = None, **more: Any
    ) -> AsyncIterator[Opened]:
        app = SandboxApp(backend, memory_path)
        async with app.run_test(size=size, **more) as pilot:
            await _settle(app, pilot)
            yield app, pilot

    return open_app
