"""Choose which fields of records are columns, and in which order."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Input

from ampsandbox.tui.screens.base import Modal
from ampsandbox.tui.widgets.rows import Cell, Column, Rows


class ColumnsDialog(Modal["list[str] | None"]):
    """Fields to take in, leave out and move. Gives the chosen ones; none of them means the usual ones."""

    HELP = "Which columns the records show, and in which order; the choice is kept for this object."
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "leave", "Close", show=False),
        Binding("enter", "accept", "Accept", show=False),
        Binding("space", "take", "Take in or leave out", show=False),
        Binding("K,shift+up", "shift(-1)", "Move up", show=False),
        Binding("J,shift+down", "shift(1)", "Move down", show=False),
        Binding("r", "reset", "The usual ones", show=False),
        Binding("slash", "search", "Search", show=False),
    ]

    def __init__(self, shown: Sequence[str], others: Sequence[str]) -> None:
        super().__init__()
        self.names = [*shown, *others]
        self.chosen = set(shown)

    def compose(self) -> ComposeResult:
        """A search line over the fields."""
        with Vertical(classes="dialog") as box:
            box.border_title = Content("Columns")
            box.border_subtitle = Content("space: in or out · J K: move · r: usual · enter: go · esc: leave")
            yield Input(placeholder="/ search", compact=True)
            yield Rows[str](
                [Column("", 3), Column("", is_flexible=True)],
                str,
                self._cells,
                header=False,
                empty="Nothing matches.",
            )

    def on_mount(self) -> None:
        """Start in the list."""
        self._show()
        self.rows.focus()

    @property
    def rows(self) -> Rows[str]:
        """The fields."""
        return self.query_one(Rows)

    def _cells(self, name: str) -> list[Cell]:
        return ["[x]" if name in self.chosen else "[ ]", (name, "" if name in self.chosen else "muted")]

    def _show(self) -> None:
        wanted = self.query_one(Input).value.lower()
        self.rows.show([name for name in self.names if wanted in name.lower()], force=True)

    def on_input_changed(self) -> None:
        """Search while typing."""
        self._show()

    def on_input_submitted(self) -> None:
        """Go to the list."""
        self.rows.focus()

    def on_rows_opened(self) -> None:
        """Take what was chosen."""
        self.action_accept()

    def action_search(self) -> None:
        """Go to the search line."""
        self.set_focus(self.query_one(Input))

    def action_take(self) -> None:
        """Take the field in, or leave it out."""
        if (name := self.rows.selected) is not None:
            self.chosen ^= {name}
            self._show()
            self.rows.action_move(1)

    def action_shift(self, by: int) -> None:
        """Move the field under the cursor among the others that are seen."""
        name, items = self.rows.selected, self.rows.items
        place = self.rows.cursor + by
        if name is None or not 0 <= place < len(items):
            return
        other = self.names.index(items[place])
        self.names.remove(name)
        self.names.insert(other, name)
        self._show()
        self.rows.select(name)

    def action_reset(self) -> None:
        """Go back to the usual columns."""
        self.dismiss([])

    def action_accept(self) -> None:
        """Take what was chosen."""
        self.dismiss([name for name in self.names if name in self.chosen])

    def action_leave(self) -> None:
        """Change nothing."""
        self.dismiss(None)
