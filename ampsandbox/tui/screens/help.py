"""Help on the panel or dialog that has the focus: what it is for, and its keys."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar, Final

import msgspec
from rich.table import Table
from rich.text import Text
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.widgets import Static

from ampsandbox.tui.screens.base import Modal
from ampsandbox.tui.text.sanitize import plain

_LISTS: Final = (
    ("↑ ↓ j k", "Move; page up and down by a screen, g and G to the first and the last."),
    ("enter", "Open what is under the cursor."),
    ("tab", "Go on to the next part; shift+tab goes back."),
)
_MOUSE: Final = (
    ("click", "Go to a part, a tab, a row or a field; a key in the footer is pressed."),
    ("twice", "Open a row; on a title, give the panel the whole screen; on a border, undo its dragging."),
    ("drag", "Move a border; select text, and ctrl+c copies it (shift lets the terminal select)."),
)

Keys = Sequence[tuple[str, str]]
"""Keys as a person reads them, and what they do."""


class Help(msgspec.Struct, frozen=True):
    """What the help screen says. `everywhere` is empty for dialogs, which keep other keys to themselves."""

    title: str
    about: str
    own: Keys
    everywhere: Keys


class HelpScreen(Modal[None]):
    """Prose and keys; the panel's own first, those that work everywhere after them."""

    ALLOW_JUMP = False
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q,question_mark", "dismiss", "Close", show=False)
    ]

    def __init__(self, words: Help) -> None:
        super().__init__()
        self.words = words

    def compose(self) -> ComposeResult:
        """The prose, then the keys."""
        with VerticalScroll(classes="dialog help") as box:
            box.border_title = plain(f"Help · {self.words.title}")
            box.border_subtitle = Content("↑ ↓: read on · esc: close")
            if self.words.about:
                yield Static(Content(self.words.about + "\n"))
            yield from _section("Here", self.words.own)
            yield from _section("Everywhere", self.words.everywhere)
            yield from _section("In lists", _LISTS)
            yield from _section("Mouse", _MOUSE)


def _section(title: str, keys: Keys) -> ComposeResult:
    if keys:
        yield Static(Content.styled(title, "bold $text-primary"))
        yield Static(_table(keys))


def _table(keys: Keys) -> Table:
    """Keys on the left; what they do is wrapped beside them, and not below."""
    table = Table.grid(padding=(0, 2, 0, 0), expand=True)
    table.add_column(width=12, no_wrap=False)
    table.add_column(ratio=1)
    for key, about in keys:
        table.add_row(Text(f"  {key or '–'}", "bold"), Text(about))
    table.add_row("", "")
    return table
