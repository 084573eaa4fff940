"""A box for JSON or SOQL: coloured, with line numbers, wrapped or not as the user has chosen."""

from __future__ import annotations

import re
from typing import ClassVar, Final

from rich.style import Style
from rich.text import Text
from textual import events
from textual.widgets import TextArea

from ampsandbox.tui.text.highlight import STYLES, Language, tokens
from ampsandbox.tui.ui import AsksUi

_INDENT: Final = "  "
_COLOURED_UP_TO: Final = 10_000
"""Characters of a line that is coloured: it is coloured anew for each row that it takes."""


class CodeEditor(TextArea, AsksUi):
    """A text area that colours the lines it shows. A new line begins where the one above it begins."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {f"code--{kind}" for kind in STYLES}
    DEFAULT_CSS = "CodeEditor .text-area--cursor-line { background: $cursor-blurred; }\n" + "\n".join(
        f"CodeEditor .code--{kind} {{ color: {style}; }}" for kind, style in STYLES.items()
    )

    def __init__(
        self,
        text: str,
        code: Language,
        *,
        is_tab_typed: bool = False,
        id: str | None = None,  # noqa: A002
    ) -> None:
        super().__init__(text, compact=True, tab_behavior="indent" if is_tab_typed else "focus", id=id)
        self.code = code

    def on_mount(self) -> None:
        """Be as the user has chosen."""
        self.follow_choices()

    def follow_choices(self) -> None:
        """Follow the user's choices: wrapped or not, with line numbers or without."""
        self.soft_wrap, self.show_line_numbers = self.ui.preferences.wrap, self.ui.preferences.line_numbers

    def get_line(self, line_index: int) -> Text:
        """One line in colours."""
        line = super().get_line(line_index)
        if len(line) > _COLOURED_UP_TO:
            return line
        for start, end, kind in tokens(line.plain, self.code):
            line.stylize(self.get_component_rich_style(f"code--{kind}", partial=True), start, end)
        return line

    def get_component_rich_style(
        self, *names: str, partial: bool = False, default: Style | None = None
    ) -> Style:
        """The style of a part; the line under the cursor has a background alone, and keeps its colours."""
        is_line = names == ("text-area--cursor-line",)
        return super().get_component_rich_style(*names, partial=partial or is_line, default=default)

    def on_key(self, event: events.Key) -> None:
        """Begin a new line where the one above it begins, or further in after a bracket."""
        if event.key != "enter" or self.read_only:
            return
        event.stop()
        event.prevent_default()
        start, end = sorted(self.selection)
        before = self.document.get_line(start[0])[: start[1]]
        space = re.match(r"\s*", before)
        deeper = _INDENT if before.rstrip().endswith(("{", "[", "(")) else ""
        self.replace("\n" + (space[0] if space else "") + deeper, start, end, maintain_selection_offset=False)

    def go_to(self, line: int, column: int) -> None:
        """Put the cursor on a place, counted from 1; or as near to it as the text has one."""
        row = max(0, min(line, self.document.line_count) - 1)
        self.move_cursor((row, max(0, min(column - 1, len(self.document.get_line(row))))))
