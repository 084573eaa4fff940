"""The Textual application."""

from __future__ import annotations

from typing import ClassVar

from textual.binding import BindingType

from ampsandbox.tui.actions import bindings
from ampsandbox.tui.doing.clock import ClockActions
from ampsandbox.tui.doing.requests import RequestActions
from ampsandbox.tui.doing.sandbox import SandboxActions
from ampsandbox.tui.doing.screen import ScreenActions


class SandboxApp(ScreenActions, RequestActions, ClockActions, SandboxActions, inherit_bindings=False):
    """The interface of one running sandbox; see `SandboxBase` for its arguments."""

    BINDINGS: ClassVar[list[BindingType]] = [*bindings("app")]

    async def action_quit(self) -> None:
        """Leave; what was accepted stays in the journal."""
        self.exit(0)
