"""The Textual application."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual.binding import BindingType
from textual.screen import SystemModalScreen

from ampsandbox.tui.actions.batches import BatchActions
from ampsandbox.tui.actions.clock import ClockActions
from ampsandbox.tui.actions.installations import InstallingActions
from ampsandbox.tui.actions.jump import JumpActions
from ampsandbox.tui.actions.records import RecordActions
from ampsandbox.tui.actions.registry import bindings
from ampsandbox.tui.actions.requests import RequestActions
from ampsandbox.tui.actions.sandbox import SandboxActions
from ampsandbox.tui.actions.screen import MAIN_ONLY, ScreenActions
from ampsandbox.tui.actions.sending import SendingActions
from ampsandbox.tui.screens.main import MainScreen


class SandboxApp(
    ScreenActions,
    JumpActions,
    SendingActions,
    InstallingActions,
    RecordActions,
    RequestActions,
    ClockActions,
    BatchActions,
    SandboxActions,
    inherit_bindings=False,
):
    """The interface of one running sandbox; see `SandboxBase` for its arguments."""

    BINDINGS: ClassVar[list[BindingType]] = [*bindings("app")]

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Whether an action makes sense on this screen: sending belongs to the main one."""
        if action == "jump":
            return getattr(self.screen, "ALLOW_JUMP", not isinstance(self.screen, SystemModalScreen))
        if action in MAIN_ONLY:
            return isinstance(self.screen, MainScreen)
        if action == "suspend_process":  # A browser has no shell to go back to.
            return self._driver is not None and self._driver.can_suspend
        if action == "perform":  # What belongs to the form does something only where there is one.
            return self._can_perform(str(parameters[0]))
        return super().check_action(action, parameters)

    async def action_quit(self) -> None:
        """Leave; what was accepted stays in the journal."""
        self.exit(0)


if TYPE_CHECKING:
    from ampsandbox.tui.ui import Ui

    def _is_what_panels_ask(app: SandboxApp) -> Ui:
        return app
