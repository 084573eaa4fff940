"""The Textual application: what it is made of, and what it says and asks."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Final, cast

from rich.console import Group
from rich.segment import Segments
from textual.app import App
from textual.binding import BindingType
from textual.command import CommandPalette
from textual.notifications import SeverityLevel
from textual.screen import Screen
from textual.scrollbar import ScrollBar
from textual.widget import Widget
from textual.worker import WorkerFailed

from ampsandbox.errors import AmpSandboxError
from ampsandbox.tui import clipboard, preferences, signals
from ampsandbox.tui.actions.batches import BatchActions
from ampsandbox.tui.actions.clock import ClockActions
from ampsandbox.tui.actions.help import HelpActions
from ampsandbox.tui.actions.installations import InstallationActions
from ampsandbox.tui.actions.jump import JumpActions
from ampsandbox.tui.actions.operations import OperationActions
from ampsandbox.tui.actions.palette import ActionProvider, PaletteActions
from ampsandbox.tui.actions.part import ActionPart
from ampsandbox.tui.actions.records import RecordActions
from ampsandbox.tui.actions.registry import bindings
from ampsandbox.tui.actions.requests import RequestActions
from ampsandbox.tui.actions.sandbox import SandboxActions
from ampsandbox.tui.actions.sending import SendingActions
from ampsandbox.tui.actions.window import WindowActions
from ampsandbox.tui.backend.protocol import Backend, StartingBackend
from ampsandbox.tui.defects import Defects, traceback_without_values
from ampsandbox.tui.http_sender import HttpClient
from ampsandbox.tui.messages import Messages
from ampsandbox.tui.screens.base import Palette
from ampsandbox.tui.screens.main import MainScreen, main_screen
from ampsandbox.tui.session import Session, Starter
from ampsandbox.tui.state import SandboxState
from ampsandbox.tui.styles.themes import DARK, THEMES, derived
from ampsandbox.tui.text.keys import with_keys
from ampsandbox.tui.text.sanitize import line
from ampsandbox.tui.widgets.status_line import StatusLine
from ampsandbox.tui.widgets.thin_bar import ThinBar

if TYPE_CHECKING:
    from ampsandbox.tui.backend.views import InstallationStatus, SchemaView
    from ampsandbox.tui.forms.target import FormTarget
    from ampsandbox.tui.ui import ShownMessage
    from ampsandbox.tui.widgets.write import WritePane

_TOASTS_SHOWN: Final = 3
_SHORT: Final = 160
_SEVERITIES: Final[dict[str, SeverityLevel]] = {"$text-error": "error", "$text-warning": "warning"}
_READ_S: Final[dict[SeverityLevel, float]] = {"information": 3, "warning": 6, "error": 6}


class SandboxApp(App[int], inherit_bindings=False):
    """The interface of one running sandbox.

    Args:
        backend: What is shown and commanded; None when `starter` makes it.
        preferences_path: Where choices are remembered; None forgets them.
        starter: Makes the backend, once the first frame is painted.
    """

    TITLE = "ampsandbox"
    CSS_PATH = "styles/frame.tcss"
    ENABLE_COMMAND_PALETTE = True
    COMMAND_PALETTE_BINDING = "ctrl+p"
    COMMANDS: ClassVar = {ActionProvider}
    BINDINGS: ClassVar[list[BindingType]] = [*bindings("app")]

    def __init__(
        self,
        backend: Backend | None = None,
        preferences_path: Path | None = None,
        *,
        starter: Starter | None = None,
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
        self.backend: Backend = backend if backend is not None else cast("Backend", StartingBackend())
        self.http = HttpClient()
        self.state = SandboxState()
        self.messages = Messages(self.state)
        self.defects = Defects(self)
        self.session = Session(self, self.defects, starter)
        self.window = WindowActions(self)
        self.palette = PaletteActions(self)
        self.help = HelpActions(self)
        self.jump = JumpActions(self)
        self.sending = SendingActions(self, self.http)
        self.requests = RequestActions(self, self.http)
        self.installations = InstallationActions(self)
        self.records = RecordActions(self)
        self.batches = BatchActions(self)
        self.operations = OperationActions(self)
        self.clock = ClockActions(self)
        self.sandbox = SandboxActions(self)
        # Textual looks for `clock.step` in an attribute of the app, if its name is among these.
        self._action_targets |= {name for name, part in vars(self).items() if isinstance(part, ActionPart)}

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
        """Start the session once the first frame is out, and be ready to be stopped and resumed."""
        self.app_resume_signal.subscribe(self, self.paint_all)
        if self.session.starter is not None:
            signals.take(self, self.paint_all)
        self.call_after_refresh(self.session.begin)

    def paint_all(self, _: object = None) -> None:
        """Draw everything: while the program was suspended, the terminal forgot what it showed."""
        for node in self.screen.walk_children(Widget, with_self=True):
            node.refresh()

    async def on_unmount(self) -> None:
        """Remember the choices and close the HTTP client."""
        if self.preferences_path is not None:
            preferences.save(self.preferences, self.preferences_path)
        await self.http.aclose()

    async def refresh_state(self) -> None:
        """Read the state once and show it."""
        await self.session.refresh()

    def get_theme_variable_defaults(self) -> dict[str, str]:
        """Values for the colours that `get_css_variables` derives, while there is no theme yet."""
        return {"muted": "#888888", "faint": "#444444", "cursor": "#224466", "cursor-blurred": "#222222"}

    def get_css_variables(self) -> dict[str, str]:
        """The theme's colours, and those made from them."""
        variables = super().get_css_variables()
        return {**variables, **derived(variables)}

    # -- what goes wrong -------------------------------------------------------------------------------

    def _handle_exception(self, error: Exception) -> None:
        """Go on after a defect in a worker, which leaves every part of the screen as it was."""
        if self._exit or self.defects.is_of_the_leaving(error):
            self.log.error(error)
        elif isinstance(error, WorkerFailed):
            if isinstance(error.error, AmpSandboxError):
                self.tell_error(error.error)
            else:
                self.defects.show(error.error)
        else:
            super()._handle_exception(error)

    def _fatal_error(self) -> None:
        """Show a defect that the screen cannot go on after."""
        words = "This is a defect of ampsandbox. What was accepted is in the journal."
        shown = Group(traceback_without_values(), words)
        self._exit_renderables.append(Segments(self.console.render(shown, self.console.options)))
        self._close_messages_no_wait()

    # -- the main screen -------------------------------------------------------------------------------

    @property
    def main(self) -> MainScreen | None:
        """The main screen, while it is there."""
        return main_screen(self)

    @property
    def form(self) -> WritePane:
        """The write form; it is there from the start."""
        assert self.main is not None
        return self.main.form

    @property
    def target(self) -> FormTarget | None:
        """The selected endpoint."""
        return self.main.target if self.main is not None else None

    @property
    def group(self) -> str:
        """The group that the write form is for."""
        return self.form.group

    def installation_for(self, target: FormTarget, group: str | None = None) -> InstallationStatus | None:
        """The installation that takes a target's writes: that of the form's group, else the first one."""
        return self.state.installation_for(target, group or self.form.group, or_any=group is None)

    async def read_schema(self, target: FormTarget) -> SchemaView | None:
        """The fields of the target's object in its CRM; None when there is no installation to ask."""
        installation = self.installation_for(target)
        if installation is None or installation.needs_credentials:
            return None
        try:
            return await self.state.schema(self.backend, installation, target)
        except AmpSandboxError as error:
            self.tell_error(error)
            return None

    # -- saying ----------------------------------------------------------------------------------------

    @property
    def said(self) -> Sequence[ShownMessage]:
        """What was said to the user, oldest first."""
        return self.messages.said

    def say(self, text: str, style: str = "") -> None:
        """Put a result into the status line; on a page that hides it, show it as a toast too."""
        seen = next(screen for screen in reversed(self.screen_stack) if not screen.is_modal)
        if seen.query(StatusLine):
            self.messages.keep(text, _SEVERITIES.get(style, "information"))
        else:
            self.tell(text, _SEVERITIES.get(style, "information"))
        for status in (each for screen in self.screen_stack for each in screen.query(StatusLine)):
            status.say(text, style)

    def keyed(self, text: str) -> str:
        """The text with the user's own key for each action that it names in braces: `{send-write}`."""
        return with_keys(text, self.keymap)

    def tell(self, text: str, severity: SeverityLevel = "information") -> None:
        """Show a toast."""
        self.notify(line(text, 400), severity=severity, markup=False)

    def tell_error(self, error: AmpSandboxError) -> None:
        """Show an error with its way out: short ones as a toast, long ones as a dialog."""
        words = f"{error.message} {error.hint}".strip()
        if len(words) < _SHORT:
            self.tell(words, "error")
        else:
            self.show_error(error)

    def show_error(self, error: AmpSandboxError) -> None:
        """Show an error in a dialog, which stays until it was read."""
        from ampsandbox.tui.screens.dialogs import ErrorDialog

        self.messages.keep(f"{error.message} {error.hint}".strip(), "error")
        self.push_screen(ErrorDialog(error.message, error.hint))

    def notify(
        self,
        message: str,
        *,
        title: str = "",
        severity: SeverityLevel = "information",
        timeout: float | None = None,
        markup: bool = True,
    ) -> None:
        """Show a toast for as long as it takes to read, and keep its words."""
        self.messages.keep(message, severity)
        seconds = _READ_S[severity] if timeout is None else timeout
        super().notify(message, title=title, severity=severity, timeout=seconds, markup=markup)

    def _refresh_notifications(self) -> None:
        """Show the newest toasts, the same words only once."""
        newest = {item.message: item for item in self._notifications}
        kept = list(newest.values())[-_TOASTS_SHOWN:]
        for item in [item for item in self._notifications if item not in kept]:
            self._unnotify(item, refresh=False)
        super()._refresh_notifications()

    # -- copying ---------------------------------------------------------------------------------------

    def copy(self, text: str, what: str) -> None:
        """Copy a text, and say what became of it; where no clipboard is reached, offer other ways."""
        self.copy_to_clipboard(text)
        self.run_worker(clipboard.copy(self, text, what), group="copy", exclusive=True)

    # -- asking ----------------------------------------------------------------------------------------

    def ask(
        self,
        title: str,
        about: str,
        then: Callable[[str], Any],
        *,
        value: str = "",
        check: Callable[[str], object] = str,
    ) -> None:
        """Ask for one line and go on with it; nothing happens when the user leaves."""
        from ampsandbox.tui.screens.dialogs import AskDialog

        self.push_screen(
            AskDialog(title, about, value, check=check),
            lambda answer: then(answer) if answer is not None else None,
        )

    def confirm(self, title: str, about: str, then: Callable[[], Any]) -> None:
        """Ask whether to do what cannot be taken back."""
        from ampsandbox.tui.screens.dialogs import ConfirmDialog

        self.push_screen(ConfirmDialog(title, about), lambda answer: then() if answer else None)

    def pick(
        self,
        title: str,
        options: Sequence[str],
        chosen: Callable[[str | None], None],
        *,
        current: str = "",
        tried: Callable[[str], None] | None = None,
    ) -> None:
        """Let the user choose one of the options; see `PickDialog`."""
        from ampsandbox.tui.screens.dialogs import PickDialog

        self.push_screen(PickDialog(title, options, current, tried), chosen)

    def open_page(self, panel: Widget) -> None:
        """Show a panel on a screen of its own; where it is open already, go back to it."""
        from ampsandbox.tui.screens.page import Page

        page = Page(panel)
        there = (screen for screen in self.screen_stack if isinstance(screen, Page))
        same = next((screen for screen in there if screen.subject == page.subject), None)
        if same is None:
            self.push_screen(page)
        else:
            same.pop_until_active()

    # -- doing -----------------------------------------------------------------------------------------

    def command(
        self, work: Coroutine[Any, Any, Any], done: str = "", then: Callable[[], Any] | None = None
    ) -> None:
        """Carry out a command in the background, say when it is done, and show what went wrong.

        Args:
            work: The command.
            done: What is said once it has been carried out.
            then: What follows on the screen; left out if it is a method of a page that was closed meanwhile.
        """
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
        page = getattr(then, "__self__", None)
        if then is not None and (not isinstance(page, Widget) or page.is_attached):
            result = then()
            if asyncio.iscoroutine(result):
                await result

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Whether an action makes sense here: a browser has no shell to go back to."""
        if action == "suspend_process":
            return self._driver is not None and self._driver.can_suspend
        return super().check_action(action, parameters)

    async def action_quit(self) -> None:
        """Leave; what was accepted stays in the journal."""
        self.exit(0)

    @property
    def keymap(self) -> Mapping[str, str]:
        """The user's own keys, by the id of the action."""
        return self._keymap

    def action_command_palette(self) -> None:
        """Show every action by name; one palette at a time."""
        if not isinstance(self.screen, CommandPalette):
            self.push_screen(Palette())
