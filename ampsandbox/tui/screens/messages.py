"""Everything that was said in this run, to be read again."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Final

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.widgets import Static

from ampsandbox.tui.actions.registry import bindings
from ampsandbox.tui.text.sanitize import block
from ampsandbox.tui.widgets.panel import Panel
from ampsandbox.tui.widgets.rows import Cell, Column, Rows

if TYPE_CHECKING:
    from ampsandbox.tui.ui import ShownMessage

_SIGNS: Final[dict[str, Cell]] = {
    "error": ("✗ error", "bad"), "warning": ("! warn", "warn"), "information": ("", "muted"),
}  # fmt: skip


class MessagesPanel(Panel):
    """The messages, newest last."""

    TITLE = "Messages"
    HELP = (
        "What the sandbox said in this run: results of the status line, toasts and errors, newest last. "
        "The message under the cursor is shown in full below; c copies it."
    )
    BINDINGS: ClassVar[list[BindingType]] = [*bindings("messages")]

    def __init__(self) -> None:
        super().__init__(id="messages")

    def compose(self) -> ComposeResult:
        """The list, and the chosen message in full."""
        yield Rows(
            [Column("time", 8), Column(""), Column("message", least=20, is_flexible=True)],
            lambda said: str(said.number), _cells, id="message-rows", follow=True,
            empty="Nothing was said yet.",
        )  # fmt: skip
        with VerticalScroll(id="message-text", can_focus=False):
            yield Static("", markup=False)

    def on_mount(self) -> None:
        """Start at the newest message."""
        rows = self.query_one("#message-rows", Rows)
        rows.show(list(self.ui.said))
        rows.focus()
        self._show(rows.selected)

    def on_rows_moved(self, event: Rows.Moved) -> None:
        """Show the chosen message in full."""
        event.stop()
        self._show(event.item)

    def _show(self, said: ShownMessage | None) -> None:
        self.query_one("#message-text Static", Static).update(Content(block(said.text if said else "")))

    def action_copy(self) -> None:
        """Copy the message under the cursor."""
        said: ShownMessage | None = self.query_one("#message-rows", Rows).selected
        if said is not None:
            self.ui.copy(said.text, "the message")


def _cells(said: ShownMessage) -> list[Cell]:
    return [(f"{said.at:%H:%M:%S}" if said.at else "", "muted"), _SIGNS[said.severity], said.text]
