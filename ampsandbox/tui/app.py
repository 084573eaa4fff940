"""The Textual application: polls the backend, carries out commands, and owns the actions that work everywhere."""

from __future__ import annotations

import asyncio
import gc
from collections.abc import Callable, Coroutine, Sequence
from typing import Any, ClassVar, Final

from textual.app import App
from textual.binding import BindingType
from textual.screen import Screen
from textual.widget import Widget

from ampsandbox.errors import AmpSandboxError
from ampsandbox.tui.actions import ACTIONS, actions_of, bindings
from ampsandbox.tui.backend import Backend
from ampsandbox.tui.plain import line
from ampsandbox.tui.screens.main import TABS, MainScreen
from ampsandbox.tui.target import Target
from ampsandbox.tui.themes import DARK, THEMES, derived
from ampsandbox.tui.views import InstallationView, SchemaView, Snapshot
from ampsandbox.tui.widgets.header_bar import HeaderBar
from ampsandbox.tui.widgets.status_line import StatusLine
from ampsandbox.tui.widgets.tab_bar import TabBar
from ampsandbox.tui.widgets.write import WritePane, headline
from ampsandbox.tui.wire import Wire

POLL_S: Final = 0.2
"""How often the screen asks for the state: often enough for a clock, rare enough to cost nothing."""


class SandboxApp(App[int], inherit_bindings=False):
    """The interface of one running sandbox.

    Args:
        backend: What is shown and commanded.
    """

    TITLE = "ampsandbox"
    CSS_PATH = "styles/app.tcss"
    ENABLE_COMMAND_PALETTE = True
    COMMAND_PALETTE_BINDING = "ctrl+p"
    BINDINGS: ClassVar[list[BindingType]] = [*bindings("app")]

    def __init__(self, backend: Backend) -> None:
        super().__init__(watch_css=False)
        for theme in THEMES:
            self.register_theme(theme)
        self.theme = DARK.name
        self.backend = backend
        self.wire = Wire()
        self.latest: Snapshot | None = None
        self.schemas: dict[tuple[str, str], SchemaView] = {}
        self._seen = 0
        self._version: object = None

    # -- life ------------------------------------------------------------------------------------------

    def get_default_screen(self) -> Screen[Any]:
        """The main screen."""
        return MainScreen(self.backend.project, self.backend.url)

    def on_mount(self) -> None:
        """Start polling once the first frame is out."""
        self.call_after_refresh(self._begin)

    def _begin(self) -> None:
        self.run_worker(self._poll(), group="poll", exclusive=True)
        self.set_timer(2, _calm_collector)

    async def on_unmount(self) -> None:
        """Close the HTTP client."""
        await self.wire.aclose()

    async def _poll(self) -> None:
        is_down = False
        while True:
            try:
                await self.refresh_state()
                is_down = False
            except AmpSandboxError as error:
                if not is_down:
                    self.tell_error(error)
                is_down = True
            await asyncio.sleep(POLL_S)

    async def refresh_state(self) -> None:
        """Read the state once and show it."""
        snapshot = await self.backend.snapshot(self._seen)
        if snapshot.log:
            self._seen = snapshot.log[-1].seq
        self.latest = snapshot
        screen = self.main
        if screen is None:
            return
        screen.show(snapshot)
        version = (
            snapshot.version,
            [(item.id, item.state, item.connection) for item in snapshot.installations],
        )
        if version != self._version:
            self._version = version
            self.schemas.clear()
            await screen.follow_manifest(snapshot)

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
        """The main screen, once it is there."""
        return next((screen for screen in self.screen_stack if isinstance(screen, MainScreen)), None)

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
        wanted = group or self._write.group
        mine = [item for item in self.installations if item.integration == target.integration.name]
        return next(
            (item for item in mine if item.group == wanted), mine[0] if mine and group is None else None
        )

    async def read_schema(self, target: Target) -> SchemaView | None:
        """The fields of the target's object in its CRM; None when there is no installation to ask."""
        installation = self.installation_for(target)
        if installation is None:
            return None
        key = (installation.id, target.item.name)
        if key not in self.schemas:
            try:
                self.schemas[key] = await self.backend.schema(installation.id, target.item)
            except AmpSandboxError as error:
                self.tell_error(error)
                return None
        return self.schemas[key]

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

    def say(self, text: str, style: str = "") -> None:
        """Put a result into the status line."""
        if (screen := self.main) is not None:
            screen.query_one(StatusLine).say(text, style)

    def tell(self, text: str, severity: Any = "information") -> None:
        """Show a toast."""
        self.notify(line(text, 400), severity=severity, markup=False)

    def tell_error(self, error: AmpSandboxError) -> None:
        """Show an error with its way out: short ones as a toast, long ones as a dialog."""
        words = f"{error.message} {error.hint}".strip()
        if len(words) < 160:
            self.tell(words, "error")
            return
        from ampsandbox.tui.screens.dialogs import ErrorDialog

        self.push_screen(ErrorDialog(error.message, error.hint))

    def pick(self, title: str, options: Sequence[str], chosen: Callable[[str | None], None]) -> None:
        """Let the user choose one of the options."""
        from ampsandbox.tui.screens.dialogs import PickDialog

        self.push_screen(PickDialog(title, options), chosen)

    # -- actions ---------------------------------------------------------------------------------------

    @property
    def _write(self) -> WritePane:
        assert self.main is not None
        return self.main.query_one(WritePane)

    def action_send_write(self) -> None:
        """Send what is in the form."""
        form = self._write
        if form.model is None:
            self.tell("Choose an endpoint first.")
        elif form.check():
            self.run_worker(self._send(form), group="send")

    async def _send(self, form: WritePane) -> None:
        assert form.model is not None
        target = form.model.target
        url = f"{self.backend.url}{target.path(self.backend.project)}"
        form.show_sending()
        answer = await self.wire.send("POST", url, form.body_text())
        form.show_answer(answer)
        words, style = headline(answer)
        self.say(f"{words} · {target.title}", style)
        await self.refresh_state()

    def action_flush_all(self) -> None:
        """Deliver every waiting batch."""
        self.command(self.backend.flush(), "Flushed every batch")

    async def action_show_tab(self, tab: str) -> None:
        """Show a tab and go to it."""
        if self.main is not None:
            (await self.main.open_tab(tab)).focus_panel()

    async def action_focus_panel(self, panel: str) -> None:
        """Go to a panel or a tab."""
        if self.main is None:
            return
        if panel in TABS:
            await self.action_show_tab(panel)
            return
        self.main.set_class(panel == "batches", "-batches")
        self.main.query_one(f"#{panel}").query("Rows").first().focus()

    def action_toggle_maximise(self) -> None:
        """Give the focused panel the whole screen, or give it back."""
        screen = self.screen
        if screen.maximized is not None:
            screen.minimize()
        elif screen.focused is not None:
            panel = next(
                (
                    node
                    for node in screen.focused.ancestors_with_self
                    if isinstance(node, Widget) and node.has_class("panel")
                ),
                None,
            )
            if panel is not None:
                screen.maximize(panel)

    def action_show_help(self) -> None:
        """Explain the focused panel."""
        from ampsandbox.tui.screens.help import HelpScreen

        owner, about = self._helped()
        own = actions_of(owner) if owner else []
        everywhere = actions_of("app")
        keys = {action.id: self.key_words(action.id, action.keys) for action in (*own, *everywhere)}
        self.push_screen(HelpScreen(owner.capitalize() or "ampsandbox", about, own, everywhere, keys))

    def _helped(self) -> tuple[str, str]:
        focused = self.screen.focused
        for node in focused.ancestors_with_self if focused is not None else ():
            about = getattr(node, "HELP", None)
            if about and isinstance(node, Widget) and node.id:
                return node.id, about
        return "", ""

    def key_words(self, action_id: str, keys: str) -> str:
        """The keys of an action as a person reads them."""
        mapped = self._keymap.get(action_id, keys)
        return " ".join(_key_name(key) for key in mapped.split(",") if key)

    def action_quit_now(self) -> None:
        """Leave."""
        self.exit(0)

    async def action_quit(self) -> None:
        """Leave; what was accepted stays in the journal."""
        self.exit(0)

    def get_system_commands(self, screen: Screen[Any]) -> Any:
        """Every action under its title, for the palette."""
        from textual.app import SystemCommand

        for action in ACTIONS:
            if action.id != "open-palette":
                yield SystemCommand(
                    action.title,
                    action.about,
                    lambda action=action: self.perform(action.panel, action.command),
                )
        yield SystemCommand(
            "screen: change the theme", "Dark, light, colour-blind safe and others.", self.action_change_theme
        )

    async def perform(self, panel: str, command: str) -> None:
        """Carry out an action wherever the focus is."""
        if panel == "app":
            await self.run_action(command)
            return
        if self.main is None:
            return
        if panel in TABS:
            await self.main.open_tab(panel)
        await self.run_action(command, self.main.query_one(f"#{panel}"))


def _key_name(key: str) -> str:
    named = {"question_mark": "?", "slash": "/", "question_mark ": "?"}
    return named.get(key, key)


def _calm_collector() -> None:
    """Keep full garbage collections away from the keyboard: what was built at the start stays anyway."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 50)


__all__ = ["HeaderBar", "SandboxApp", "TabBar"]
