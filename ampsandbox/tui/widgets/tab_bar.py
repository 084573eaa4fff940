"""A line of tabs: one row high, for mouse and keyboard."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from textual import events
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.message import Message
from textual.reactive import reactive
from textual.widget import Widget


class TabBar(Widget, can_focus=True):
    """Names side by side, one of them active. Left and right change it."""

    ALLOW_SELECT = False
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("left,h", "step(-1)", "Previous tab", show=False),
        Binding("right,l", "step(1)", "Next tab", show=False),
    ]
    DEFAULT_CSS = """
    TabBar { height: 1; width: 1fr; }
    """

    active: reactive[str] = reactive("")

    @dataclass
    class Changed(Message):
        """Another tab was chosen."""

        bar: TabBar
        tab: str

        @property
        def control(self) -> TabBar:
            """The bar that the tab is in."""
            return self.bar

    def __init__(self, tabs: dict[str, str], *, id: str) -> None:  # noqa: A002
        super().__init__(id=id)
        self.tabs = tabs
        self.set_reactive(TabBar.active, next(iter(tabs)))

    def render(self) -> Content:
        """The names; the active one is underlined and marked, so that colour is not needed."""
        parts: list[Content] = []
        for key, title in self.tabs.items():
            if key == self.active:
                style = "bold $text-primary" + (" reverse" if self.has_focus else "")
                parts.append(Content.styled(f"▸{title} ", style))
            else:
                parts.append(Content.styled(f" {title} ", "$muted"))
        return Content(" ").join(parts)

    def choose(self, tab: str) -> None:
        """Make a tab the active one and say so."""
        if tab in self.tabs and tab != self.active:
            self.active = tab
            self.post_message(self.Changed(self, tab))

    def action_step(self, by: int) -> None:
        """Go to a neighbouring tab, around the ends."""
        keys = list(self.tabs)
        self.choose(keys[(keys.index(self.active) + by) % len(keys)])

    def on_focus(self) -> None:
        """Show that keys go here."""
        self.refresh()

    def on_blur(self) -> None:
        """Show that keys go elsewhere."""
        self.refresh()

    def starts(self) -> dict[str, int]:
        """The column in which each tab begins."""
        left, found = 0, {}
        for key, title in self.tabs.items():
            found[key] = left
            left += len(title) + 3
        return found

    def on_click(self, event: events.Click) -> None:
        """Choose the tab under the mouse."""
        for key, left in self.starts().items():
            if left <= event.x < left + len(self.tabs[key]) + 2:
                self.choose(key)
                return
