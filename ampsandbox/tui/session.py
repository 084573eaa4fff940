"""The time between start and end: makes the backend, reads its state again and again, shows it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

from ampsandbox.errors import AmpSandboxError
from ampsandbox.tui.screens.main import main_screen
from ampsandbox.tui.widgets.header_bar import HeaderBar
from mock_crm.core.gc_tuning import tune_garbage_collector

if TYPE_CHECKING:
    from ampsandbox.manifest.findings import LoadResult
    from ampsandbox.tui.backend.protocol import Backend
    from ampsandbox.tui.defects import Defects
    from ampsandbox.tui.ui import Ui

POLL_S: Final = 0.2
"""How often the screen asks for the state: often enough for a clock, rare enough to cost nothing."""

_FRAME_S: Final = 1 / 60
"""For how long the thread that writes the first frame has the interpreter to itself."""

_SETTLED_S: Final = 2.0


class Starter(NamedTuple):
    """What is done on another thread once the first frame is painted."""

    read_manifest: Callable[[], LoadResult]
    """Reads the manifest, which is shown before the sandbox has started."""
    make_backend: Callable[[], Backend]
    """Starts the sandbox."""


class Session:
    """What goes on in the background.

    Args:
        ui: The app.
        defects: Where what goes wrong in the program itself is shown.
        starter: Makes the backend; None where the app has its backend already.
    """

    def __init__(self, ui: Ui, defects: Defects, starter: Starter | None) -> None:
        self._ui = ui
        self._defects = defects
        self.starter = starter
        self.start_error: BaseException | None = None
        """Why there is no backend; raised again by whoever runs the app."""
        self.warnings: list[AmpSandboxError] = []
        """What is wrong with what was read at the start; shown once there is a screen to show it on."""

    def begin(self) -> None:
        """Start the sandbox, or go on with the one that there is. Called once the first frame is out."""
        if self.starter is None:
            self._go_on()
        else:
            self._ui.run_worker(self._start(self.starter), group="start")

    async def _start(self, starter: Starter) -> None:
        """Show the form of the first endpoint as soon as the manifest is read, and then start the sandbox.

        One after the other: threads share the interpreter, and the sandbox takes longer than the form.
        """
        await asyncio.sleep(_FRAME_S)
        reading = asyncio.create_task(asyncio.to_thread(starter.read_manifest))
        try:
            if (main := main_screen(self._ui)) is not None:
                manifest = (await reading).manifest
                with main.app.batch_update():  # tree and form are laid out and painted once, not three times
                    await main.fill()
                    await main.show_manifest(manifest)
                await asyncio.sleep(_FRAME_S)
            self._ui.backend = await asyncio.to_thread(starter.make_backend)
        except asyncio.CancelledError:
            raise  # The user left while it was starting.
        except BaseException as error:  # noqa: BLE001 - raised again by whoever runs the app
            self.start_error = error
            self._ui.exit(1)
            return
        self._go_on()

    def name_server(self, project: str, url: str) -> None:
        """Say where the server listens; it takes requests while the groups are still being installed."""
        if (main := main_screen(self._ui)) is not None:
            main.query_one(HeaderBar).name_server(project, url)

    def _go_on(self) -> None:
        self.name_server(self._ui.backend.project, self._ui.backend.url)
        for warning in self.warnings:
            self._ui.tell_error(warning)
        self._ui.run_worker(self._poll(), group="poll", exclusive=True)
        if self.starter is not None:  # then the process is this app's, and not one that runs tests
            self._ui.set_timer(_SETTLED_S, tune_garbage_collector)

    async def _poll(self) -> None:
        is_down = False
        while self._ui.is_running:
            try:
                await self.refresh()
                is_down = False
            except AmpSandboxError as error:
                if not is_down:
                    self._ui.show_error(error)
                is_down = True
            except Exception as error:  # noqa: BLE001 - a defect in one part leaves the others going
                if main_screen(self._ui) is not None:  # While it is taken down, parts of it are missing.
                    self._defects.show(error)
            await asyncio.sleep(POLL_S)

    async def refresh(self) -> None:
        """Read the state once and show it."""
        if (main := main_screen(self._ui)) is not None:
            await main.fill()
        before, snapshot = await self._ui.state.read(self._ui.backend)
        main = main_screen(self._ui)
        if main is None or not self._ui.is_running:
            return  # The screen is being taken down while the last answer arrives.
        main.show(snapshot)
        if before is not None and before.version != snapshot.version and not snapshot.loaded.errors:
            self._ui.say(f"✓ Read {Path(snapshot.loaded.source).name} again: it is in force", "$text-success")
        if self._ui.state.take_change():
            await main.follow_manifest(snapshot)
