"""Small questions over the main screen: choose one, type one line, confirm."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import ClassVar

from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.widgets import Input, Static

from ampsandbox.errors import AmpSandboxError
from ampsandbox.tui.screens.base import Modal
from ampsandbox.tui.text.sanitize import block, plain
from ampsandbox.tui.widgets.rows import Column, Rows


class Dialog(Modal["str | None"]):
    """A box in the middle of the screen. Escape gives None."""

    HELP: ClassVar[str | None] = "A question in front of the screen; nothing happens until it is answered."

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "cancel", "Close", show=False)]

    def action_cancel(self) -> None:
        """Close without an answer."""
        self.dismiss(None)


class PickDialog(Dialog):
    """Choose one of several values, searching by typing: every word has to be found, in any order.

    Args:
        title: What is chosen.
        options: The values.
        current: The one that is in force; it is marked, and the cursor begins there.
        tried: Called with each value that the cursor comes to, to show what it would be like.
    """

    HELP = "Type parts of the name to search; ↓ and ↑ move, enter takes the line under the cursor."

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("down", "move(1)", "Next", show=False),
        Binding("up", "move(-1)", "Previous", show=False),
        Binding("pagedown", "page(1)", "Next page", show=False),
        Binding("pageup", "page(-1)", "Previous page", show=False),
    ]

    def __init__(
        self,
        title: str,
        options: Sequence[str],
        current: str = "",
        tried: Callable[[str], None] | None = None,
    ) -> None:
        super().__init__()
        self.title_text = title
        self.options = list(options)
        self.current = current
        self.tried = tried

    def compose(self) -> ComposeResult:
        """A search line over the list."""
        with Vertical(classes="dialog") as box:
            box.border_title = plain(self.title_text, limit=50)
            yield Input(placeholder="type to search", compact=True)
            yield Rows[str](
                [Column("", is_flexible=True)],
                lambda option: option,
                lambda option: [(f"● {option}", "good") if option == self.current else option],
                header=False,
                empty="Nothing matches.",
            )

    @property
    def rows(self) -> Rows[str]:
        """The options that match."""
        return self.query_one(Rows)

    def on_mount(self) -> None:
        """Show everything."""
        self._show("")
        if self.current in self.options:
            self.rows.action_go(self.options.index(self.current))

    def on_rows_moved(self, event: Rows.Moved) -> None:
        """Show what the value under the cursor would be like."""
        if self.tried is not None and self.rows.selected is not None:
            self.tried(self.rows.selected)

    def on_input_changed(self, event: Input.Changed) -> None:
        """Search while typing."""
        self._show(event.value)
        self.rows.action_go(0)

    def _show(self, typed: str) -> None:
        wanted = typed.lower().split()
        found = [option for option in self.options if all(word in option.lower() for word in wanted)]
        self.rows.show(found)
        all_of = f"{len(found):,} of {len(self.options):,}" if wanted else f"{len(self.options):,}"
        self.query_one(".dialog").border_subtitle = Content(f"{all_of} · enter: take it · esc: leave")

    def on_input_submitted(self) -> None:
        """Take the row under the cursor."""
        self.rows.action_open()

    def action_move(self, by: int) -> None:
        """Move through the list while typing."""
        self.rows.action_move(by)

    def action_page(self, pages: int) -> None:
        """Move by a screen of the list."""
        self.rows.action_page(pages)

    def on_rows_opened(self, event: Rows.Opened) -> None:
        """Give the chosen value."""
        self.dismiss(event.item)


class AskDialog(Dialog):
    """Type one line.

    `check` may raise an AmpSandboxError; its words are shown and the question stays. A text that it gives
    back tells what the line means, and is shown.
    """

    HELP = "Type one line. enter goes on with it; what is wrong with it is said below while you type."

    def __init__(
        self,
        title: str,
        about: str = "",
        value: str = "",
        *,
        check: Callable[[str], object] = str,
        secret: bool = False,
    ) -> None:
        super().__init__()
        self.title_text = title
        self.about = about
        self.value = value
        self.check = check
        self.secret = secret

    def compose(self) -> ComposeResult:
        """What is asked, the input, and what is wrong with it."""
        with Vertical(classes="dialog ask") as box:
            box.border_title = plain(self.title_text, limit=60)
            box.border_subtitle = Content("enter: go · esc: leave")
            if self.about:
                yield Static(Content.styled(block(self.about), "$muted"))
            yield Input(self.value, compact=True, password=self.secret)
            yield Static("", classes="field-problem", markup=False)

    def on_key(self, event: events.Key) -> None:
        """Take what was typed before the line had the focus."""
        if event.is_printable and event.character is not None:
            event.stop()
            self.query_one(Input).insert_text_at_cursor(event.character)

    def on_input_changed(self, event: Input.Changed) -> None:
        """Say what the words mean, or what is wrong with them."""
        if event.value:
            self._checked(event.value)

    @on(Input.Submitted)
    def answer(self, event: Input.Submitted) -> None:
        """Give the answer when it is one."""
        event.stop()
        if self._checked(event.value):
            self.dismiss(event.value)

    def _checked(self, value: str) -> bool:
        shown = self.query_one(".field-problem", Static)
        try:
            meaning = self.check(value)
        except AmpSandboxError as error:
            shown.update(plain(f"✗ {error.message} {error.hint}"))
            shown.display = True
            return False
        has_meaning = isinstance(meaning, str) and meaning != value
        shown.update(plain(f"= {meaning}", "$text-success") if has_meaning else "")
        shown.display = has_meaning
        return True


class ConfirmDialog(Dialog):
    """Yes or no to something that cannot be taken back. With `typed`, that word must be typed."""

    HELP = "Something that cannot be taken back: y does it, n or escape leaves everything as it is."
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("y,enter", "yes", "Yes", show=False),
        Binding("n", "cancel", "No", show=False),
    ]

    def __init__(self, title: str, about: str) -> None:
        super().__init__()
        self.title_text = title
        self.about = about

    def compose(self) -> ComposeResult:
        """What will happen."""
        with VerticalScroll(classes="dialog ask") as box:
            box.border_title = plain(self.title_text, limit=60)
            box.border_subtitle = Content("y: yes · n: no")
            yield Static(Content(block(self.about)))

    def action_yes(self) -> None:
        """Confirm."""
        self.dismiss("yes")


class ErrorDialog(Dialog):
    """An error with the way out."""

    HELP = "What went wrong and the way out. “screen: messages” in the palette shows it again later."
    BINDINGS: ClassVar[list[BindingType]] = [Binding("enter", "cancel", "Close", show=False)]

    def __init__(self, message: str, hint: str) -> None:
        super().__init__()
        self.message = message
        self.hint = hint

    def compose(self) -> ComposeResult:
        """What is wrong, and what to do."""
        with VerticalScroll(classes="dialog ask error") as box:
            box.border_title = Content("That did not work")
            box.border_subtitle = Content("enter: close")
            yield Static(Content(block(self.message, 4_000)))
            if self.hint:
                yield Static(Content.styled(f"\n{block(self.hint, 2_000)}", "$muted"))
