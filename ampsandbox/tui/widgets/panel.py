"""The frame that every part of the main screen stands in."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Any, ClassVar

from textual.containers import Vertical
from textual.content import Content
from textual.widget import Widget
from textual.worker import Worker

from ampsandbox.tui.text.sanitize import plain
from ampsandbox.tui.ui import AsksUi, may_open_line


class Panel(Vertical, AsksUi):
    """A bordered panel with a title, a remark beside it and words for the help screen."""

    HELP: ClassVar[str | None] = ""
    """What the panel is for, in plain sentences."""

    ALLOW_MAXIMIZE = True

    TITLE: ClassVar[str] = ""
    """The name in the border."""

    def __init__(self, *children: Widget, id: str) -> None:  # noqa: A002
        super().__init__(*children, id=id, classes="panel")
        self.border_title = Content(self.TITLE)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """In a text field the keys that open a search line are characters."""
        return may_open_line(self, action)

    def repeat(self, seconds: float, read: Callable[[], Coroutine[Any, Any, None] | None]) -> None:
        """Read again and again, while no other page lies over this one.

        A reading that takes longer is waited for: would the next one cancel it, none would ever end. Keys are
        not kept waiting.
        """
        reading: Worker[None] | None = None

        def read_if_seen() -> None:
            nonlocal reading
            top = self.app.screen
            if (reading is None or reading.is_finished) and (top is self.screen or top.is_modal):
                work = read()
                reading = None if work is None else self.run_worker(work, group="repeat")

        self.set_interval(seconds, read_if_seen)

    def hint(self, text: str) -> None:
        """Say something in the lower border, such as where something else is to be found."""
        if text != str(self.border_subtitle or ""):
            self.border_subtitle = plain(text) if text else ""

    def remark(self, text: str) -> None:
        """Say something beside the title, such as how many of how many are shown."""
        title = (
            Content.assemble((self.TITLE, ""), ("  ", ""), plain(text, "$muted"))
            if text
            else Content(self.TITLE)
        )
        if str(title) != str(self.border_title):
            self.border_title = title
