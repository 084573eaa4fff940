"""A box for a query: while a name is typed, a list below the cursor offers what may stand there."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Final

from textual import events, on
from textual.content import Content
from textual.message import Message
from textual.widgets import Static, TextArea

from ampsandbox.tui.forms.completion import NOTHING, Completion, Suggestion
from ampsandbox.tui.text.highlight import Language
from ampsandbox.tui.text.sanitize import plain
from ampsandbox.tui.widgets.code_editor import CodeEditor

Complete = Callable[[str, int], Awaitable[Completion]]
"""Says what may stand at an offset of a text."""

_SHOWN: Final = 8
_KEYS: Final = ("up", "down", "tab", "enter", "escape")
"""What the list uses while it is shown."""


class CompletionList(Static):
    """What may stand at the cursor, over what is below it."""

    DEFAULT_CSS = """
    CompletionList {
        overlay: screen; constrain: inside inflect; width: auto; max-width: 60; height: auto; display: none;
        background: $surface-lighten-1; padding: 0 1; margin: 1 0;
    }
    """

    @dataclass
    class Picked(Message):
        """A line was clicked."""

        suggestion: Suggestion

    def __init__(self) -> None:
        super().__init__("", markup=False)
        self._suggestions: tuple[Suggestion, ...] = ()
        self._at = 0

    def show(self, suggestions: tuple[Suggestion, ...]) -> None:
        """Offer these; nothing hides the list."""
        self._suggestions, self._at = suggestions, 0
        self.display = bool(suggestions)
        self.move(0)

    @property
    def selected(self) -> Suggestion | None:
        """The one that is taken, if any is."""
        return self._suggestions[self._at] if self._suggestions else None

    @property
    def _top(self) -> int:
        return max(0, min(self._at - _SHOWN // 2, len(self._suggestions) - _SHOWN))

    def move(self, by: int) -> None:
        """Go to another one, around the ends."""
        if not self._suggestions:
            return
        self._at = (self._at + by) % len(self._suggestions)
        shown = self._suggestions[self._top : self._top + _SHOWN]
        width = max(len(each.text) for each in shown)
        lines = [
            plain(each.text.ljust(width), "bold") + plain(f"  {each.about}", "$muted", 30) for each in shown
        ]
        longest = max(line.cell_length for line in lines)
        lines = [line.pad_right(longest - line.cell_length) for line in lines]
        lines[self._at - self._top] = lines[self._at - self._top].stylize_before("on $cursor")
        if len(self._suggestions) > _SHOWN:
            lines.append(plain(f"{self._at + 1:,} of {len(self._suggestions):,}", "$muted"))
        self.update(Content("\n").join(lines))

    def on_click(self, event: events.Click) -> None:
        """Take the line that was clicked."""
        event.stop()
        place = self._top + event.y
        if place < len(self._suggestions):
            self.post_message(self.Picked(self._suggestions[place]))


class QueryEditor(CodeEditor):
    """The query. Tab or enter takes the line that is offered, up and down choose another, escape hides them.

    Args:
        text: The query to start from.
        code: Its language.
        complete: What may stand at an offset.
        offered: The list; it is to be on the same screen, and no part of what scrolls.
    """

    def __init__(self, text: str, code: Language, complete: Complete, offered: CompletionList) -> None:
        super().__init__(text, code, id="query-text")
        self.complete = complete
        self.offered = offered
        self._completion = NOTHING

    @on(TextArea.Changed)
    def offer_while_typing(self) -> None:
        """Offer what may stand there while a name is being typed."""
        before = self.document.get_line(self.cursor_location[0])[: self.cursor_location[1]]
        if self.has_focus and re.search(r"[\w.'\"]$", before):
            self.offer()
        else:
            self.hide()

    def offer(self) -> None:
        """Offer what may stand at the cursor."""
        self.run_worker(self._offer(), group="completion", exclusive=True)

    async def _offer(self) -> None:
        text, at = self.text, self._offset
        completion = await self.complete(text, at)
        if (self.text, self._offset) != (text, at) or not self.has_focus:
            return  # Others have been typed meanwhile, and their list is on its way.
        self._completion = completion
        self.offered.absolute_offset = self.cursor_screen_offset - (at - completion.start + 1, 0)
        self.offered.show(completion.suggestions)

    @property
    def _offset(self) -> int:
        return len(self.document.get_text_range((0, 0), self.cursor_location))

    def hide(self) -> None:
        """Offer nothing any more."""
        self.workers.cancel_group(self, "completion")
        self._completion = NOTHING
        self.offered.show(())

    def take(self, suggestion: Suggestion) -> None:
        """Put what is offered in the place of what was typed of it."""
        row, column = self.cursor_location
        typed = self._offset - self._completion.start  # No name goes over the end of a line.
        self.hide()
        start = (row, max(0, column - typed))
        self.replace(suggestion.text, start, (row, column), maintain_selection_offset=False)
        self.focus()

    def on_key(self, event: events.Key) -> None:
        """Give the keys that the list uses to it while it is shown."""
        chosen = self.offered.selected
        typed = self.text[self._completion.start : self._offset]
        if chosen is None or event.is_printable or event.key in ("backspace", "delete"):
            return  # What is offered follows with what is typed.
        if event.key not in _KEYS or (event.key == "enter" and chosen.text == typed):
            self.hide()
            return
        event.stop()
        event.prevent_default()
        match event.key:
            case "up" | "down":
                self.offered.move(1 if event.key == "down" else -1)
            case "escape":
                self.hide()
            case _:
                self.take(chosen)

    def on_blur(self) -> None:
        """Offer nothing where nobody types."""
        self.hide()
