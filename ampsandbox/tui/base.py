"""The running application without its actions: polls the backend and carries out commands for the panels."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Coroutine
from pathlib import Path
from traceback import extract_tb
from typing import TYPE_CHECKING, Any, Final, cast

from rich.segment import Segments
from textual._context import active_message_pump
from textual.app import App
from textual.message_pump import MessagePump
from textual.screen import Screen
from textual.scrollbar import ScrollBar
from textual.widget import Widget
from textual.worker import NoActiveWorker, WorkerFailed, get_current_worker

from ampsandbox.errors import AmpSandboxError, DefectError
from ampsandbox.tui import preferences, signals
from ampsandbox.tui.actions.http_sender import HttpSender
from ampsandbox.tui.backend.protocol import Backend, NotYet
from ampsandbox.tui.dialogue import MESSAGES_KEPT, Dialogue
from ampsandbox.tui.screens.main import MainScreen
from ampsandbox.tui.styles.themes import DARK, THEMES, derived
from ampsandbox.tui.ui import Said
from ampsandbox.tui.widgets.header_bar import HeaderBar
from ampsandbox.tui.widgets.integrations import IntegrationsPanel
from ampsandbox.tui.widgets.thin_bar import ThinBar

if TYPE_CHECKING:
    from ampsandbox.manifest.findings import LoadResult
    from ampsandbox.tui.backend.views import InstallationView, SchemaView, Snapshot
    from ampsandbox.tui.forms.target import Target
    from ampsandbox.tui.widgets.write import WritePane

POLL_S: Final = 0.2
"""How often the screen asks for the state: often enough for a clock, rare enough to cost nothing."""

_FRAME_S: Final = 1 / 60
"""For how long the thread that writes the first frame has the interpreter to itself."""

_SETTLED_S: Final = 2.0


class SandboxBase(Dialogue, inherit_bindings=False):
    """What every part of the interface may ask of the application.

    Args:
        backend: What is shown and commanded; None when `starter` makes it.
        preferences_path: Where choices are remembered; None forgets them.
        starter: Makes the backend on another thread, once the first frame is painted.
    """

    TITLE = "ampsandbox"
    CSS_PATH = "styles/frame.tcss"
    ENABLE_COMMAND_PALETTE = True
    COMMAND_PALETTE_BINDING = "ctrl+p"

    def __init__(
        self,
        backend: Backend | None = None,
        preferences_path: Path | None = None,
        *,
        starter: Callable[[], Backend] | None = None,
    ) -> None:
        super().__init__(watch_css=False)
        ScrollBar.renderer = ThinBar
        self.preferences_path = preferences_path
        self.preferences = (
            preferences.load(preferences_path) if preferences_path else preferences.Preferences()
        )
        for theme in THEMES:
            self.register_theme(theme)
        self._start_in_theme(
            self.preferences.theme if self.preferences.theme in self.available_themes else DARK.name
        )
        self.backend: Backend = backend if backend is not None else cast("Backend", NotYet())
        self.starter = starter
        self.start_error: BaseException | None = None
        self.http = HttpSender()
        self.latest: Snapshot | None = None
        self.said: deque[Said] = deque(maxlen=MESSAGES_KEPT)
        self.schemas: dict[tuple[str, str], SchemaView] = {}
        self.warnings: list[AmpSandboxError] = []
        self.defects: dict[str, BaseException] = {}
        self._seen = 0
        self._version: object = None

    # -- life ------------------------------------------------------------------------------------------

    def _start_in_theme(self, theme: str) -> None:
        """Be of a theme from the start: setting it as it is set later has all styles read a second time."""
        self.set_reactive(App.theme, theme)
        is_dark = self.current_theme.dark
        self.set_class(is_dark, "-dark-mode", update=False)
        self.set_class(not is_dark, "-light-mode", update=False)
        self._refresh_truecolor_filter(self.ansi_theme)
        self.stylesheet.set_variables(self.get_css_variables())

    def get_default_screen(self) -> Screen[Any]:
        """The main screen."""
        return MainScreen(self.backend.project, self.backend.url)

    def on_mount(self) -> None:
        """Start polling once the first frame is out, and be ready to be stopped and resumed."""
        self.app_resume_signal.subscribe(self, self.paint_all)
        if self.starter is not None:
            signals.take(self, self.paint_all)
        self.call_after_refresh(self._begin)

    def paint_all(self, _: object = None) -> None:
        """Draw everything: while the program was suspended, the terminal forgot what it showed."""
        for node in self.screen.walk_children(Widget, with_self=True):
            node.refresh()

    def _begin(self) -> None:
        if self.starter is None:
            self._go_on()
        else:
            self.run_worker(self._start(self.starter), group="start")

    async def _start(self, starter: Callable[[], Backend]) -> None:
        await asyncio.sleep(_FRAME_S)
        starting = asyncio.create_task(asyncio.to_thread(starter))
        if self.main is not None:
            await self.main.fill()
        try:
            self.backend = await starting
        except BaseException as error:  # noqa: BLE001 - raised again by whoever runs the app
            self.start_error = error
            self.exit(1)
            return
        self._go_on()

    def show_manifest(self, loaded: LoadResult) -> None:
        """Show the tree while the sandbox is starting: it is known long before the rest is."""
        if self.main is not None and self.latest is None:
            self.main.query_one(IntegrationsPanel).show(loaded.manifest, None)

    def _go_on(self) -> None:
        if self.main is not None:
            self.main.query_one(HeaderBar).name_server(self.backend.project, self.backend.url)
        for warning in self.warnings:
            self.tell_error(warning)
        self.run_worker(self._poll(), group="poll", exclusive=True)
        if self.starter is not None:  # then the process is this app's, and not one that runs tests
            self.set_timer(_SETTLED_S, _calm)

    async def on_unmount(self) -> None:
        """Remember the choices and close the HTTP client."""
        if self.preferences_path is not None:
            preferences.save(self.preferences, self.preferences_path)
        await self.http.aclose()

    async def _poll(self) -> None:
        is_down = False
        while self.is_running:
            try:
                await self.refresh_state()
                is_down = False
            except AmpSandboxError as error:
                if not is_down:
                    self.show_error(error)
                is_down = True
            except Exception as error:  # noqa: BLE001 - a defect in one part leaves the others going
                self.show_defect(error)
            await asyncio.sleep(POLL_S)

    async def refresh_state(self) -> None:
        """Read the state once and show it."""
        if self.main is not None:
            await self.main.fill()
        snapshot = await self.backend.snapshot(self._seen)
        if snapshot.log:
            self._seen = snapshot.log[-1].seq
        before, self.latest = self.latest, snapshot
        screen = self.main
        if screen is None or not self.is_running:
            return  # The screen is being taken down while the last answer arrives.
        screen.show(snapshot)
        if before is not None and before.version != snapshot.version and not snapshot.loaded.errors:
            self.say(f"✓ Read {Path(snapshot.loaded.source).name} again: it is in force", "$text-success")
        version = (
            snapshot.version,
            [
                (item.id, item.state, item.connection, item.needs_credentials)
                for item in snapshot.installations
            ],
        )
        if version != self._version:
            self._version = version
            self.schemas.clear()
            await screen.follow_manifest(snapshot)

    def show_defect(self, error: BaseException) -> None:
        """Show a defect of the program, once, and go on; its traceback is printed when the user has left."""
        if self.main is None:
            return  # While the screen is taken down, parts of it are missing.
        frames = extract_tb(error.__traceback__)
        place = f"{Path(frames[-1].filename).name}:{frames[-1].lineno}" if frames else "an unknown place"
        if place not in self.defects:
            self.defects[place] = error
            self.show_error(DefectError(f"{type(error).__name__} at {place}."))

    def _handle_exception(self, error: Exception) -> None:
        """Go on after a defect in a worker, which leaves every part of the screen as it was."""
        if self._is_going():
            self.log.error(error)
        elif isinstance(error, WorkerFailed):
            if isinstance(error.error, AmpSandboxError):
                self.tell_error(error.error)
            else:
                self.show_defect(error.error)
        else:
            super()._handle_exception(error)

    def _is_going(self) -> bool:
        """Whether what runs belongs to a widget that is being taken down, and may miss parts already."""
        try:
            node: MessagePump = get_current_worker().node
        except NoActiveWorker:
            node = active_message_pump.get()
        is_closed = isinstance(node, Widget) and node.screen not in self.screen_stack
        return self._exit or is_closed or not node.is_running

    def _fatal_error(self) -> None:
        """Show a defect without the values of variables, which Textual shows: some may be secret."""
        import textual
        from rich.console import Group
        from rich.traceback import Traceback

        words = "This is a defect of ampsandbox. What was accepted is in the journal."
        shown = Group(Traceback(show_locals=False, suppress=[textual]), words)
        self._exit_renderables.append(Segments(self.console.render(shown, self.console.options)))
        self._close_messages_no_wait()

    def get_theme_variable_defaults(self) -> dict[str, str]:
        """Values for the colours that `get_css_variables` derives, while there is no theme yet."""
        return {"muted": "#888888", "faint": "#444444", "cursor": "#224466", "cursor-blurred": "#222222"}

    def get_css_variables(self) -> dict[str, str]:
        """The theme's colours, and those made from them."""
        variables = super().get_css_variables()
        return {**variables, **derived(variables)}

    # -- what panels ask -------------------------------------------------------------------------------

    @property
    def main(self) -> MainScreen | None:
        """The main screen, while it is there."""
        screens = (item for item in self.screen_stack if isinstance(item, MainScreen))
        return next((screen for screen in screens if screen.is_running and screen.display), None)

    @property
    def installations(self) -> tuple[InstallationView, ...]:
        """Every installation at the last look."""
        return self.latest.installations if self.latest else ()

    @property
    def app_name(self) -> str:
        """What end users call the app."""
        manifest = self.latest.loaded.manifest if self.latest else None
        return (manifest and manifest.app_name) or "This app"

    def installation_for(self, target: Target, group: str | None = None) -> InstallationView | None:
        """The installation that takes a target's writes: that of the form's group, else the first one."""
        wanted = group or self.form.group
        mine = [item for item in self.installations if item.integration == target.integration.name]
        return next(
            (item for item in mine if item.group == wanted), mine[0] if mine and group is None else None
        )

    async def read_schema(self, target: Target) -> SchemaView | None:
        """The fields of the target's object in its CRM; None when there is no installation to ask."""
        installation = self.installation_for(target)
        if installation is None or installation.needs_credentials:
            return None
        key = (installation.id, target.item.name)
        if key not in self.schemas:
            try:
                self.schemas[key] = await self.backend.schema(installation.id, target.item)
            except AmpSandboxError as error:
                self.tell_error(error)
                return None
        return self.schemas[key]

    @property
    def target(self) -> Target | None:
        """The selected endpoint."""
        return self.main.target if self.main is not None else None

    @property
    def group(self) -> str:
        """The group that the write form is for."""
        return self.form.group

    @property
    def form(self) -> WritePane:
        """The write form; it is there from the start."""
        assert self.main is not None
        return self.main.form

    def command(
        self, work: Coroutine[Any, Any, Any], done: str = "", then: Callable[[], Any] | None = None
    ) -> None:
        """Carry out a command in the background, say when it is done, and show what went wrong."""
        self.run_worker(self._carry_out(work, done, then), group="commands")

    async def _carry_out(
        self, work: Coroutine[Any, Any, Any], done: str, then: Callable[[], Any] | None
    ) -> None:
        try:
            await work
        except AmpSandboxError as error:
            self.tell_error(error)
            return
        if done:
            self.say(f"✓ {done}", "$text-success")
        await self.refresh_state()
        if then is not None:
            result = then()
            if asyncio.iscoroutine(result):
                await result


def _calm() -> None:
    """Keep full garbage collections away from the keyboard: what was built at the start stays anyway."""
    from mock_crm.core.gc_tuning import tune_garbage_collector

    tune_garbage_collector()
