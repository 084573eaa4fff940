"""The command palette: every action by name, wherever the focus is."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

from textual.app import SystemCommand
from textual.screen import Screen

from ampsandbox.tui.actions.part import ActionPart
from ampsandbox.tui.actions.registry import ACTIONS, Action, key_words
from ampsandbox.tui.screens.main import TABS, MainScreen

_MAIN_ONLY: Final = (
    "sending.send", "window.show_tab", "window.focus_panel", "window.toggle_maximise", "window.resize",
    "window.reset_sizes",
)  # fmt: skip
"""The actions that only the main screen has a use for."""


class PaletteActions(ActionPart):
    """Carry out an action of whichever panel."""

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """What belongs to the form does something only where there is one."""
        return self._can_perform(str(parameters[0]))

    def commands(self, screen: Screen[Any]) -> Iterable[SystemCommand]:
        """Every action that makes sense on this screen, under its title, with its keys."""
        for action in ACTIONS:
            if action.id != "open-palette" and self._is_offered(action, screen):
                keys = key_words(action, self.ui.keymap)
                about = f"{action.about}  ‹{keys}›" if keys else action.about
                yield SystemCommand(action.title, about, self._performer(action))

    def _is_offered(self, action: Action, screen: Screen[Any]) -> bool:
        if action.panel == "app":
            name = action.command.partition("(")[0]
            return isinstance(screen, MainScreen) or name not in _MAIN_ONLY
        if isinstance(screen, MainScreen):
            return action.panel in (*TABS, "answer", "integrations", "batches", "log")
        return bool(screen.query(f"#{action.panel}"))

    def _performer(self, action: Action) -> Any:
        async def perform() -> None:
            await self.perform(action)

        return perform

    def _can_perform(self, action_id: str) -> bool:
        if not isinstance(self.ui.screen, MainScreen) or not self.ui.screen.has_form:
            return False
        action = next(item for item in ACTIONS if item.id == action_id)
        owner = self.ui.screen.query_one(f"#{action.panel}")
        return bool(owner.check_action(action.command.partition("(")[0], ()))

    async def action_perform(self, action_id: str) -> None:
        """Carry out an action of a panel that has not got the focus."""
        await self.perform(next(item for item in ACTIONS if item.id == action_id))

    async def perform(self, action: Action) -> None:
        """Carry out an action wherever the focus is."""
        if action.panel == "app":
            await self.ui.run_action(action.command)
            return
        tab = "write" if action.panel == "answer" else action.panel
        if isinstance(self.ui.screen, MainScreen) and tab in TABS:
            await self.ui.screen.open_tab(tab)
        elif isinstance(self.ui.screen, MainScreen):  # Batches and log may share one place.
            await self.ui.run_action(f"window.focus_panel('{action.panel}')")
        found = self.ui.screen.query(f"#{action.panel}")
        if found:
            if action.opens_line:
                self.ui.screen.set_focus(None)  # A text field would take the key for a character.
            await self.ui.run_action(action.command, found.first())
