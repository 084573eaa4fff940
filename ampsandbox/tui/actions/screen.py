"""Actions on the screen itself: where the focus is, what is shown how large, theme, palette."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

from textual.app import SystemCommand
from textual.command import CommandPalette
from textual.screen import Screen
from textual.widget import Widget

from ampsandbox.tui.actions.help import HelpActions
from ampsandbox.tui.actions.registry import ACTIONS, Action
from ampsandbox.tui.screens import sizes
from ampsandbox.tui.screens.base import Palette
from ampsandbox.tui.screens.main import TABS, MainScreen

MAIN_ONLY: Final = ("send_write", "show_tab", "focus_panel", "toggle_maximise", "resize", "reset_sizes")
"""The actions that only the main screen has a use for."""


class ScreenActions(HelpActions):
    """Find your way, and arrange the parts."""

    async def action_show_tab(self, tab: str) -> None:
        """Show a tab and go to it."""
        if self.main is not None:
            self._keep_maximised("centre")
            (await self.main.open_tab(tab)).focus_panel()

    async def action_focus_panel(self, panel: str) -> None:
        """Go to a panel or a tab."""
        if self.main is None:
            return
        if panel in TABS:
            await self.action_show_tab(panel)
            return
        if panel in ("batches", "log"):
            self.main.set_class(panel == "batches", "-batches")
        self._keep_maximised(panel)
        self.main.set_focus(self.main.query_one(f"#{panel}").query("Rows").first(Widget))

    def action_toggle_maximise(self) -> None:
        """Give the focused panel the whole screen, or give it back."""
        focused = self.screen.focused
        around = focused.ancestors_with_self if focused is not None else []
        panels = (node for node in around if isinstance(node, Widget) and node.has_class("panel"))
        self.toggle_maximised(next(panels, None))

    def toggle_maximised(self, panel: Widget | None) -> None:
        """Give a panel the whole screen; where one has it, give it back."""
        if self.screen.maximized is not None:
            self.screen.minimize()
        elif panel is not None:
            self.screen.maximize(panel, container=False)
            self.say("f10 or esc gives the panel its own place back")

    def _keep_maximised(self, panel: str) -> None:
        """Where one panel has the whole screen, let another one have it."""
        if self.main is not None and self.main.maximized is not None:
            self.main.maximize(self.main.query_one(f"#{panel}"), container=False)

    def action_resize(self, part: str, by: int) -> None:
        """Give a part of the main screen more or less room; remembered."""
        if self.main is not None:
            sizes.change(self.main, self.preferences, part, by)

    def action_reset_sizes(self) -> None:
        """Give every part of the main screen its own size back."""
        if self.main is not None:
            for part in sizes.PARTS:
                sizes.forget(self.main, self.preferences, part)

    def action_show_messages(self) -> None:
        """Show what was said."""
        from ampsandbox.tui.screens.messages import MessagesPanel

        self.open_page(MessagesPanel())

    def action_choose_theme(self) -> None:
        """Choose a theme; it is remembered."""

        def chosen(name: str | None) -> None:
            if name is not None:
                self.theme = self.preferences.theme = name

        ours = [name for name in self.available_themes if name.startswith("amp-")]
        others = sorted(name for name in self.available_themes if name not in ours)
        self.pick("Theme", [*ours, *others], chosen)

    def action_command_palette(self) -> None:
        """Show every action by name; one palette at a time."""
        if not isinstance(self.screen, CommandPalette):
            self.push_screen(Palette())

    # -- palette ---------------------------------------------------------------------------------------------

    def get_system_commands(self, screen: Screen[Any]) -> Iterable[SystemCommand]:
        """Every action that makes sense on this screen, under its title, with its keys."""
        for action in ACTIONS:
            if action.id != "open-palette" and self._is_offered(action, screen):
                keys = self.key_words(action)
                about = f"{action.about}  ‹{keys}›" if keys else action.about
                yield SystemCommand(action.title, about, self._performer(action))

    def _is_offered(self, action: Action, screen: Screen[Any]) -> bool:
        if action.panel == "app":
            name = action.command.partition("(")[0]
            return isinstance(screen, MainScreen) or name not in MAIN_ONLY
        if isinstance(screen, MainScreen):
            return action.panel in (*TABS, "answer", "integrations", "batches", "log")
        return bool(screen.query(f"#{action.panel}"))

    def _performer(self, action: Action) -> Any:
        async def perform() -> None:
            await self.perform(action)

        return perform

    def _can_perform(self, action_id: str) -> bool:
        if not isinstance(self.screen, MainScreen) or not self.screen.query("#write"):
            return False
        action = next(item for item in ACTIONS if item.id == action_id)
        owner = self.screen.query_one(f"#{action.panel}")
        return bool(owner.check_action(action.command.partition("(")[0], ()))

    async def action_perform(self, action_id: str) -> None:
        """Carry out an action of a panel that has not got the focus."""
        await self.perform(next(item for item in ACTIONS if item.id == action_id))

    async def perform(self, action: Action) -> None:
        """Carry out an action wherever the focus is."""
        if action.panel == "app":
            await self.run_action(action.command)
            return
        tab = "write" if action.panel == "answer" else action.panel
        if isinstance(self.screen, MainScreen) and tab in TABS:
            await self.screen.open_tab(tab)
        elif isinstance(self.screen, MainScreen):  # Batches and log may share one place.
            await self.action_focus_panel(action.panel)
        found = self.screen.query(f"#{action.panel}")
        if found:
            if action.opens_line:
                self.screen.set_focus(None)  # A text field would take the key for a character.
            await self.run_action(action.command, found.first())
