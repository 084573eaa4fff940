"""Jump mode: every part of the screen, page or dialog that keys can go to has a letter."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial
from typing import TYPE_CHECKING, Any

from textual.geometry import Offset
from textual.screen import Screen, SystemModalScreen
from textual.widget import Widget

from ampsandbox.tui.actions.part import ActionPart
from ampsandbox.tui.screens.main import MainScreen
from ampsandbox.tui.widgets.tab_bar import TabBar

if TYPE_CHECKING:
    from ampsandbox.tui.screens.jump import JumpTarget

_PANELS = ("integrations", "batches", "log")


class JumpActions(ActionPart):
    """Go somewhere by its letter."""

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Whether there is somewhere to go on the screen that is shown."""
        return getattr(self.ui.screen, "ALLOW_JUMP", not isinstance(self.ui.screen, SystemModalScreen))

    def action_start(self) -> None:
        """Show a letter on every part, tab and field."""
        from ampsandbox.tui.screens.jump import JumpScreen

        self.ui.push_screen(JumpScreen(list(self._places(self.ui.screen))), self._go)

    async def _go(self, place: JumpTarget | None) -> None:
        if place is not None:
            await place.go()

    def _places(self, screen: Screen[Any]) -> Iterable[JumpTarget]:
        is_main = isinstance(screen, MainScreen)
        if is_main:
            yield from self._panels(screen)
        for bar in screen.query(TabBar):
            yield from self._tabs(bar)
        for widget in screen.focus_chain:
            is_named = is_main and any(node.id in _PANELS for node in widget.ancestors)
            if not is_named and not isinstance(widget, TabBar):
                yield from _place(widget, Offset(0, 0), partial(_focus, widget), left=1)

    def _panels(self, screen: Screen[Any]) -> Iterable[JumpTarget]:
        for panel in _PANELS:
            go = partial(self.ui.run_action, f"window.focus_panel('{panel}')")
            yield from _place(screen.query_one(f"#{panel}"), Offset(1, 0), go)

    def _tabs(self, bar: TabBar) -> Iterable[JumpTarget]:
        for tab, x in bar.starts().items():
            is_main = bar.id == "tabs"
            go = (
                partial(self.ui.run_action, f"window.show_tab('{tab}')")
                if is_main
                else partial(_choose, bar, tab)
            )
            yield from _place(bar, Offset(x, 0), go)


def _place(widget: Widget, inside: Offset, go: Any, left: int = 0) -> Iterable[JumpTarget]:
    """The place of a letter, unless it is scrolled away or hidden."""
    from ampsandbox.tui.screens.jump import JumpTarget

    if not widget.is_on_screen:
        return
    seen = widget.screen.find_widget(widget).visible_region
    at = widget.region.offset + inside
    if seen.contains_point(at):
        yield JumpTarget(at, go, left)


async def _focus(widget: Widget) -> None:
    widget.focus()


async def _choose(bar: TabBar, tab: str) -> None:
    bar.choose(tab)
    bar.focus()
