"""Borders for the mouse: dragged they resize what they part, and titles maximise."""

from __future__ import annotations

from textual import events
from textual.geometry import Offset

from ampsandbox.tui.screens import sizes
from ampsandbox.tui.screens.base import BaseScreen
from ampsandbox.tui.widgets.panel import Panel


class DraggedBorders(BaseScreen[None]):
    """A screen whose inner borders can be dragged; a double click gives a part its own size back."""

    _dragged: str = ""

    def border_at(self, at: Offset) -> str:
        """The part whose size the border at this place decides; empty where there is none."""
        if self.maximized is not None:
            return ""
        tree, lower = self.query_one("#integrations").region, self.query_one("#lower").region
        batches, log = self.query_one("#batches").region, self.query_one("#log").region
        if at.y in (lower.y - 1, lower.y):
            return "lower"
        if at.y < lower.y:
            return "tree" if tree and at.x in (tree.right - 1, tree.right) and at.y >= tree.y else ""
        both = batches and log and at.y < lower.bottom
        return "batches" if both and at.x in (batches.right - 1, batches.right) else ""

    def on_mouse_down(self, event: events.MouseDown) -> None:
        """Take hold of a border."""
        self._dragged = self.border_at(event.screen_offset) if event.button == 1 else ""
        if self._dragged and event.widget is not None:
            event.widget.capture_mouse()

    def on_mouse_move(self, event: events.MouseMove) -> None:
        """Let the border follow the mouse."""
        if not self._dragged:
            return
        at, lower = event.screen_offset, self.query_one("#lower").region
        size = lower.bottom - at.y if self._dragged == "lower" else at.x + 1
        sizes.choose(self, self.ui.preferences, self._dragged, size)

    def on_mouse_up(self) -> None:
        """Let go."""
        if self._dragged:
            self._dragged = ""
            self.app.capture_mouse(None)

    def on_click(self, event: events.Click) -> None:
        """Twice on a title maximises its panel, twice on another border undoes the dragging."""
        if event.chain != 2:
            return
        panel = event.widget
        if isinstance(panel, Panel) and event.screen_offset.y == panel.region.y:
            self.ui.window.toggle_maximised(panel)
        elif part := self.border_at(event.screen_offset):
            sizes.forget(self, self.ui.preferences, part)
