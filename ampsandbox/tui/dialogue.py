"""What the app says to the user, and what it asks: results, toasts, questions and pages."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, Final

from textual.app import App
from textual.notifications import SeverityLevel
from textual.widget import Widget

from ampsandbox.errors import AmpSandboxError
from ampsandbox.tui.text.sanitize import line
from ampsandbox.tui.ui import Said
from ampsandbox.tui.widgets.status_line import StatusLine

if TYPE_CHECKING:
    from ampsandbox.tui.backend.views import Snapshot

MESSAGES_KEPT: Final = 500
_TOASTS_SHOWN: Final = 3
_SHORT: Final = 160
_READ_S: Final[dict[SeverityLevel, float]] = {"information": 3, "warning": 6, "error": 6}


class Dialogue(App[int], inherit_bindings=False):
    """The app's side of the conversation."""

    latest: Snapshot | None
    said: deque[Said]

    # -- saying ----------------------------------------------------------------------------------------

    def say(self, text: str, style: str = "") -> None:
        """Put a result into the status line."""
        self._keep(text, "error" if style == "$text-error" else "information")
        for found in (one for screen in self.screen_stack for one in screen.query(StatusLine)):
            found.say(text, style)

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

        self._keep(f"{error.message} {error.hint}".strip(), "error")
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
        self._keep(message, severity)
        seconds = _READ_S[severity] if timeout is None else timeout
        super().notify(message, title=title, severity=severity, timeout=seconds, markup=markup)

    def _refresh_notifications(self) -> None:
        """Show the newest toasts, the same words only once."""
        newest = {item.message: item for item in self._notifications}
        kept = list(newest.values())[-_TOASTS_SHOWN:]
        for item in [item for item in self._notifications if item not in kept]:
            self._unnotify(item, refresh=False)
        super()._refresh_notifications()

    def _keep(self, text: str, severity: SeverityLevel) -> None:
        at = self.latest.now if self.latest else None
        number = self.said[-1].number + 1 if self.said else 1
        self.said.append(Said(number, at, severity, line(text, 2_000)))

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

    def pick(self, title: str, options: Sequence[str], chosen: Callable[[str | None], None]) -> None:
        """Let the user choose one of the options."""
        from ampsandbox.tui.screens.dialogs import PickDialog

        self.push_screen(PickDialog(title, options), chosen)

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
