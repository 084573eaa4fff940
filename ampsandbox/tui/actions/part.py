"""A part of the app that has actions: Textual finds `clock.step` in the app's `clock` by `action_step`."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ampsandbox.tui.ui import Ui


class ActionPart:
    """Actions about one thing, on the app that they are a part of."""

    def __init__(self, ui: Ui) -> None:
        self.ui = ui

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Whether an action makes sense on the screen that is shown; Textual asks before it offers a key."""
        return True
