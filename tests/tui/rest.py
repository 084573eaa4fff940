"""When a screen is at rest: nothing can run, everything is painted, and what keys set going has ended."""

from __future__ import annotations

import asyncio
from typing import Any

from textual._context import visible_screen_stack
from textual.app import App
from textual.pilot import Pilot
from textual.strip import Strip
from textual.timer import Timer

from ampsandbox.tui.app import SandboxApp


async def until_nothing_can_run(*_: float) -> None:
    """Wait until all that could go on is waiting for a timer or a thread."""
    loop: Any = asyncio.get_running_loop()
    await asyncio.sleep(0)
    while loop._ready:  # noqa: ASYNC110 - an event would be one more thing that can run
        await asyncio.sleep(0)


async def until_painted(pilot: Pilot[int], delay: float = 0) -> None:
    """Wait until nothing can run, and what has changed is laid out and painted."""
    await asyncio.sleep(delay)
    # Three are the most that it takes; what draws itself again and again is not waited for.
    for _ in range(10):
        await until_nothing_can_run()
        screen = pilot.app.screen
        screen._on_timer_update()
        await until_nothing_can_run()
        if not _is_running(screen._update_timer) and not _ends_soon(pilot.app, 0.05):
            break
        await asyncio.sleep(0.001)


def painted(app: App[Any]) -> list[Strip]:
    """The lines of the screen, with what shows through it of those below, as the terminal gets them."""
    visible_screen_stack.set(app._background_screens)
    return app.screen._compositor.render_strips()


async def at_rest(pilot: Pilot[int]) -> None:
    """Wait until every key is handled, what it set going has ended, and the newest state is shown."""
    app = pilot.app
    assert isinstance(app, SandboxApp)
    await pilot._wait_for_screen()  # Of what waits for a thread nothing can run, but it goes on.
    for _ in range(2):
        async with asyncio.timeout(60):
            await until_painted(pilot)
            while _goes_on(app):
                await until_painted(pilot, 0.01)
        await app.refresh_state()
    await until_painted(pilot)


def _goes_on(app: App[Any]) -> bool:
    """Whether a worker has not ended yet, or a timer ends soon, as that of a search while typing."""
    return _ends_soon(app, 0.3) or any(not item.is_finished and item.group != "poll" for item in app.workers)


def _ends_soon(app: App[Any], seconds: float) -> bool:
    """Whether a timer that was set once, for less than this, runs."""
    nodes = [app, *(node for screen in app.screen_stack for node in screen.walk_children(with_self=True))]
    timers = [timer for node in nodes for timer in list(node._timers)]
    return any(each._repeat == 0 and each._interval < seconds and _is_running(each) for each in timers)


def _is_running(timer: Timer) -> bool:
    return timer._task is not None and not timer._task.done() and timer._active.is_set()
