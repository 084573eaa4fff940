"""One of the tabs in the centre of the main screen."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual.containers import Vertical

from ampsandbox.tui.ui import AsksUi, may_open_line

if TYPE_CHECKING:
    from ampsandbox.tui.backend.views import SchemaView, Snapshot
    from ampsandbox.tui.forms.target import FormTarget


class Pane(Vertical, AsksUi):
    """A tab that shows something of the selected endpoint. It is made when it is first opened."""

    HELP: ClassVar[str | None] = ""
    FOCUS: ClassVar[str] = "Rows"
    """What keys are for, as a CSS selector."""

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """In a text field the keys that open a search line are characters."""
        return may_open_line(self, action)

    async def show_target(self, target: FormTarget, schema: SchemaView | None) -> None:
        """Show what belongs to this endpoint; `schema` is None when the CRM's schema is not known."""

    def show(self, snapshot: Snapshot) -> None:
        """Show the state of this moment."""

    def focus_panel(self) -> None:
        """Focus the part of the pane that keys are for."""
        found = self.query(self.FOCUS)
        if found:
            found.first().focus()
