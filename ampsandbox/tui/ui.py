"""What a panel may ask of the app, so that panels need not know it.

The app is made of its screens, and these of panels. Were panels to name the app's class in turn, none of them
could be read, typed or tested without all the others.
"""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Protocol, cast

import msgspec

if TYPE_CHECKING:
    from textual.dom import DOMNode
    from textual.notifications import SeverityLevel
    from textual.screen import Screen
    from textual.theme import Theme
    from textual.widget import Widget
    from textual.worker import Worker

    from ampsandbox.errors import AmpSandboxError
    from ampsandbox.tui.backend.protocol import Backend
    from ampsandbox.tui.backend.views import (
        BatchView,
        InstallationStatus,
        LogDetail,
        LogRow,
        SchemaView,
    )
    from ampsandbox.tui.forms.target import FormTarget
    from ampsandbox.tui.preferences import Preferences
    from ampsandbox.tui.state import SandboxState

Record = Mapping[str, Any]
Where = tuple[str, str]
"""An installation and one of its objects."""


class ShownMessage(msgspec.Struct, frozen=True):
    """Something that was said, so that it can be read again. `at` is the sandbox's time."""

    number: int
    at: datetime | None
    severity: SeverityLevel
    text: str


class Ui(Protocol):
    """The app, as its panels and actions see it."""

    backend: Backend
    state: SandboxState
    preferences: Preferences
    preferences_path: Path | None

    # -- its parts -------------------------------------------------------------------------------------

    @property
    def records(self) -> RecordUi:
        """What is done with records of mock orgs."""

    @property
    def requests(self) -> RequestUi:
        """What is done with requests of the log."""

    @property
    def batches(self) -> BatchUi:
        """What is done with batches."""

    @property
    def operations(self) -> OperationUi:
        """What is done with operations."""

    @property
    def installations(self) -> InstallationUi:
        """What is done with installations."""

    @property
    def sending(self) -> SendingUi:
        """What sends the form's write."""

    @property
    def sandbox(self) -> SandboxUi:
        """What is done with the sandbox as a whole."""

    @property
    def window(self) -> WindowUi:
        """What arranges the panels."""

    # -- the write form --------------------------------------------------------------------------------

    @property
    def target(self) -> FormTarget | None:
        """The selected endpoint."""

    @property
    def group(self) -> str:
        """The group that the write form is for."""

    def installation_for(self, target: FormTarget, group: str | None = None) -> InstallationStatus | None:
        """The installation that takes a target's writes: that of the form's group, else the first one."""

    async def read_schema(self, target: FormTarget) -> SchemaView | None:
        """The fields of the target's object in its CRM; None when there is no installation to ask."""

    def keyed(self, text: str) -> str:
        """The text with the user's own key for each action that it names in braces: `{send-write}`."""

    # -- saying and asking -----------------------------------------------------------------------------

    @property
    def said(self) -> Sequence[ShownMessage]:
        """What was said to the user, oldest first."""

    def say(self, text: str, style: str = "") -> None:
        """Put a result into the status line; on a page that hides it, show it as a toast too."""

    def tell(self, text: str, severity: SeverityLevel = "information") -> None:
        """Show a toast."""

    def tell_error(self, error: AmpSandboxError) -> None:
        """Show an error with its way out: short ones as a toast, long ones as a dialog."""

    def show_error(self, error: AmpSandboxError) -> None:
        """Show an error in a dialog, which stays until it was read."""

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

    def confirm(self, title: str, about: str, then: Callable[[], Any]) -> None:
        """Ask whether to do what cannot be taken back."""

    def pick(
        self,
        title: str,
        options: Sequence[str],
        chosen: Callable[[str | None], None],
        *,
        current: str = "",
        tried: Callable[[str], None] | None = None,
    ) -> None:
        """Let the user choose one of the options, of which one may be in force, and each may be tried."""

    def open_page(self, panel: Widget) -> None:
        """Show a panel on a screen of its own; where it is open already, go back to it."""

    def copy(self, text: str, what: str) -> None:
        """Copy a text, and say what became of it; where no clipboard is reached, offer other ways."""

    # -- doing -----------------------------------------------------------------------------------------

    def command(
        self, work: Coroutine[Any, Any, Any], done: str = "", then: Callable[[], Any] | None = None
    ) -> None:
        """Carry out a command in the background, say when it is done, and show what went wrong."""

    async def refresh_state(self) -> None:
        """Read the state once and show it."""

    # -- what Textual's app has ------------------------------------------------------------------------

    theme: str

    @property
    def available_themes(self) -> Mapping[str, Theme]:
        """Every theme by its name."""

    @property
    def keymap(self) -> Mapping[str, str]:
        """The user's own keys, by the id of the action."""

    @property
    def screen(self) -> Screen[Any]:
        """The screen that is shown."""

    @property
    def screen_stack(self) -> Sequence[Screen[Any]]:
        """The screen that is shown, last, and those below it."""

    @property
    def is_running(self) -> bool:
        """Whether the app has not ended yet."""

    def push_screen(self, screen: Screen[Any], callback: Callable[[Any], Any] | None = None) -> object:
        """Show a screen over this one, and go on with what it gives."""

    async def push_screen_wait(self, screen: Screen[Any]) -> Any:
        """Show a screen over this one, and wait for what it gives."""

    def run_worker(
        self, work: Coroutine[Any, Any, Any], *, group: str = ..., exclusive: bool = ...
    ) -> Worker[Any]:
        """Run something in the background that goes on when the panel is left."""

    def set_timer(self, delay: float, callback: Callable[[], Any]) -> object:
        """Call something later."""

    async def run_action(self, action: str, default_namespace: DOMNode | None = None) -> bool:
        """Carry out an action by the name that the registry has for it."""

    def copy_to_clipboard(self, text: str) -> None:
        """Offer a text to the terminal's clipboard."""

    def open_url(self, url: str) -> None:
        """Open a page in the browser."""

    def exit(self, result: int) -> None:
        """End the app."""


class BatchUi(Protocol):
    """What is done with batches."""

    def flush(self, batch_id: str | None, what: str, then: Callable[[], Any] | None = None) -> None:
        """Deliver a batch, or all, and say what came of it."""

    def open(self, batch: BatchView) -> None:
        """Show the writes of a batch."""

    def open_flushed(self) -> None:
        """Show the batches that were flushed."""


class OperationUi(Protocol):
    """What is done with operations."""

    def open(self, operation_id: str) -> None:
        """Show one operation, with what can be done about it."""

    def show(self, title: str, empty: str = "", **source: Any) -> None:
        """Show operations; `source` says which, as in `OperationSource`."""

    def action_retry_dead_letters(self, then: Callable[[], Any] | None = None) -> None:
        """Send all dead letters again, after a question that says how many there are."""


class InstallationUi(Protocol):
    """What is done with installations."""

    def install(self, integration: str, group: str) -> None:
        """Install an integration for a group, and show each step of it."""

    def plan(self, integration: str, group: str) -> None:
        """Show what an installation would create."""

    def open_config(self, integration: str, group: str) -> None:
        """Show what was chosen at an installation, to be changed."""

    def uninstall(self, integration: str, group: str) -> None:
        """Uninstall an integration for a group, after a question."""


class SendingUi(Protocol):
    """What sends the form's write."""

    def send_many(self) -> None:
        """Ask how many, then send the form's write that often."""


class SandboxUi(Protocol):
    """What is done with the sandbox as a whole."""

    def action_save_snapshot(self) -> None:
        """Write the whole state into a file."""

    def action_restore_snapshot(self) -> None:
        """Go back to a saved state."""


class WindowUi(Protocol):
    """What arranges the panels."""

    def toggle_maximised(self, panel: Widget | None) -> None:
        """Give a panel the whole screen; where one has it, give it back."""


class RequestUi(Protocol):
    """What is done with requests of the log."""

    def read(self, row: LogRow, then: Callable[[LogDetail], None]) -> None:
        """Read all that is known of a request, and go on with it."""

    def show(self, detail: LogDetail) -> None:
        """Show a request, its answer and what it led to."""

    def open_of(self, operation_id: str) -> None:
        """Show the request that an operation came with."""

    def replay(self, detail: LogDetail) -> None:
        """Send a request again as it was."""

    def edit(self, detail: LogDetail) -> None:
        """Put a request's body into the form, to be changed and sent."""

    def copy(self, detail: LogDetail) -> None:
        """Copy a request in one of several forms."""

    async def export(self, numbers: Sequence[int], path: Path) -> None:
        """Write requests into a file."""


class RecordUi(Protocol):
    """What is done with records of mock orgs."""

    @property
    def deleted(self) -> tuple[Where, list[str]] | None:
        """What was deleted last, on whichever page, and can be brought back."""

    def open(self, installation_id: str, object_name: str, key: str) -> None:
        """Show one record."""

    def open_of(self, operation_id: str) -> None:
        """Show the record that an operation wrote or is to update."""

    def edit(self, where: Where, record: Record, then: Callable[[], Any], first: str = "") -> None:
        """Change fields of a record, beginning at one."""

    def delete(self, where: Where, keys: Sequence[str], then: Callable[[], Any]) -> None:
        """Delete records."""

    def undelete(self, where: Where, keys: Sequence[str], then: Callable[[], Any]) -> None:
        """Take records back from the bin."""

    def copy(
        self, records: Sequence[Record], names: Sequence[str], what: str, shown: Sequence[Record] = ()
    ) -> None:
        """Copy records in one of several forms."""

    def export_rows(self, rows: Sequence[Record], value: str = "rows.csv") -> None:
        """Write rows into a file."""

    def export(self, where: Where, total: int, **how: Any) -> None:
        """Write all records of a list into a file."""


OPENS_LINE: Final = ("search", "filter")
"""The actions after which what is typed goes into a line; while one is typed into, their keys are characters.

Their keys are seen before any widget gets them: the next key may be waiting already, and must find the focus
where they put it.
"""


def may_open_line(node: DOMNode, action: str) -> bool:
    """Whether an action on this panel is none that opens a line, or no text is being typed."""
    focused = node.screen.focused
    return action not in OPENS_LINE or focused is None or not focused.check_consume_key("x", "x")


class AsksUi:
    """A widget or screen of the app."""

    @property
    def ui(self) -> Ui:
        """The app, as far as panels may ask something of it."""
        return cast("Ui", cast("DOMNode", self).app)
