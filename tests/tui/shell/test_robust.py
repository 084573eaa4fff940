"""Whatever goes wrong behind the screen, the screen says so, lives on, and can be left."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest

from ampsandbox.errors import AmpSandboxError
from ampsandbox.server.runner import Runner, RunnerOptions
from ampsandbox.tui.app import SandboxApp
from ampsandbox.tui.backend.running import RunningBackend
from ampsandbox.tui.screens.dialogs import ErrorDialog

if TYPE_CHECKING:
    from tests.tui.conftest import Read

pytestmark = pytest.mark.anyio


async def until(pilot: Any, check: Callable[[], object]) -> None:
    for _ in range(500):
        if check():
            return
        await pilot.pause(0.02)
    raise AssertionError("it did not happen")


async def test_a_server_that_died_is_told_in_a_dialog_with_the_way_out(lines_of: Read) -> None:
    runner = Runner(RunnerOptions(port=0, watch=False))
    runner.start()
    app = SandboxApp(RunningBackend(runner))
    async with app.run_test(size=(120, 40)) as pilot:
        await until(pilot, lambda: app.state.latest)
        assert runner._loop is not None
        assert runner._stop is not None
        runner._loop.call_soon_threadsafe(runner._stop.set)
        await until(pilot, lambda: isinstance(app.screen, ErrorDialog))
        await pilot.pause()
        shown = "\n".join(lines_of(app))
        assert "The sandbox has stopped." in shown
        assert "leave, and start it again" in shown
        await pilot.press("enter")
        await pilot.pause()
        assert app.screen is app.main
        await pilot.press("ctrl+q")
    assert app.return_value == 0
    runner.stop()


async def test_a_call_under_way_when_the_server_ends_is_not_left_waiting() -> None:
    import asyncio

    runner = Runner(RunnerOptions(port=0, watch=False))
    runner.start()
    call = asyncio.create_task(runner.call(asyncio.sleep(3600)))
    await asyncio.sleep(0)
    await asyncio.to_thread(runner.stop)
    with pytest.raises(AmpSandboxError, match="has stopped"):
        await call
