"""What was said to the user, so that it can be read again."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, Final

from ampsandbox.tui.text.sanitize import line
from ampsandbox.tui.ui import ShownMessage

if TYPE_CHECKING:
    from textual.notifications import SeverityLevel

    from ampsandbox.tui.state import SandboxState

KEPT: Final = 500


class Messages:
    """The newest messages, each with the sandbox's time at which it was said."""

    def __init__(self, state: SandboxState) -> None:
        self._state = state
        self.said: deque[ShownMessage] = deque(maxlen=KEPT)

    def keep(self, text: str, severity: SeverityLevel) -> None:
        """Keep what was said."""
        at = self._state.latest.now if self._state.latest else None
        number = self.said[-1].number + 1 if self.said else 1
        self.said.append(ShownMessage(number, at, severity, line(text, 2_000)))
