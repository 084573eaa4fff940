"""The command palette: every action by name, wherever the focus is."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, Final, cast

from textual.command import DiscoveryHit, Hit, Hits, Provider
from textual.content import Content
from textual.screen import Screen

from ampsandbox.tui.actions.part import ActionPart
from ampsandbox.tui.actions.registry import ACTIONS, Action, key_words
from ampsandbox.tui.screens.main import TABS, MainScreen

if TYPE_CHECKING:
    from ampsandbox.tui.ui import Ui

_MAIN_ONLY: Final = (
    "sending.send", "window.show_tab", "window.focus_panel", "window.toggle_maximise", "window.resize",
    "window.reset_sizes",
)  # fmt: skip
"""The actions that only the main screen has a use for."""


_TITLE: Final = 44
_KEYS: Final = 11
_NEAR: Final = 1.2
"""How much better an action of the focused panel fits what is typed."""


class PaletteActions(ActionPart):
    """Carry out an action of whichever panel."""

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """What belongs to the form does something only where there is one."""
        return self._can_perform(str(parameters[0]))

    def offered(self, screen: Screen[Any]) -> list[Action]:
        """The actions that make sense on a screen: those of the focused panel first, those of none last."""
        near = _near(screen)
        found = [each for each in ACTIONS if each.id != "open-palette" and self._is_offered(each, screen)]
        return sorted(found, key=lambda each: (each.panel not in near, each.panel == "app"))

    def line(self, action: Action, title: Content, width: int) -> Content:
        """An action on one line: a mark where it is in force, its title, its keys, and what it does."""
        keys = key_words(action, self.ui.keymap)
        mark = "● " if self._is_in_force(action) else "  "
        start = Content.assemble((mark, "$text-success"), title, " " * (_TITLE - title.cell_length))
        line = Content.assemble(start, (f"{keys:<{_KEYS}} ", "$text-primary"), (action.about, "$muted"))
        return line.truncate(max(width, _TITLE), ellipsis=True)

    def _is_in_force(self, action: Action) -> bool:
        latest = self.ui.state.latest
        return latest is not None and action.command == f"clock.set_speed({latest.speed:g})"

    def _is_offered(self, action: Action, screen: Screen[Any]) -> bool:
        if action.panel == "app":
            name = action.command.partition("(")[0]
            return isinstance(screen, MainScreen) or name not in _MAIN_ONLY
        if isinstance(screen, MainScreen):
            return action.panel in (*TABS, "answer", "integrations", "batches", "log")
        return bool(screen.query(f"#{action.panel}"))

    def _can_perform(self, action_id: str) -> bool:
        if not isinstance(self.ui.screen, MainScreen) or not self.ui.screen.has_form:
            return False
        action = next(item for item in ACTIONS if item.id == action_id)
        # The page of the action may be closed by now, and its footer asked once more.
        found = self.ui.screen.query(f"#{action.panel}")
        return bool(found and found.first().check_action(action.command.partition("(")[0], ()))

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


def _near(screen: Screen[Any]) -> list[str]:
    """The ids of what the focus is in."""
    around = screen.focused.ancestors_with_self if screen.focused is not None else []
    return [node.id for node in around if node.id]


class ActionProvider(Provider):
    """The lines of the command palette. Textual's own are of two rows, and ordered by the alphabet."""

    @property
    def _actions(self) -> PaletteActions:
        return PaletteActions(cast("Ui", self.app))

    @property
    def _width(self) -> int:
        return self.app.size.width - 6

    async def discover(self) -> Hits:
        """Every action that makes sense here, the nearest first."""
        palette = self._actions
        for action in palette.offered(self.screen):
            line = palette.line(action, Content(action.title), self._width)
            yield DiscoveryHit(line, partial(palette.perform, action), text=action.title)

    async def search(self, query: str) -> Hits:
        """The actions whose titles hold the letters that were typed, in their order."""
        palette, matcher = self._actions, self.matcher(query)
        offered = palette.offered(self.screen)
        near = _near(self.screen)
        for action in offered:
            if (score := matcher.match(action.title)) > 0:
                line = palette.line(action, matcher.highlight(action.title), self._width)
                fit = score * _NEAR if action.panel in near else score
                yield Hit(fit, line, partial(palette.perform, action), text=action.title)
