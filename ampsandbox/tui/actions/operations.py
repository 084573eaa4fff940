"""Actions on operations: look at them, send again what did not arrive."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ampsandbox.tui.actions.part import ActionPart
from ampsandbox.tui.text.operation_words import writes


class OperationActions(ActionPart):
    """Show and retry."""

    def action_show_problems(self) -> None:
        """Show what failed or is in doubt."""
        self.show(
            "Failed and in doubt", "Nothing failed and nothing is in doubt.", states=("failed", "in_doubt")
        )

    def action_show_newest(self) -> None:
        """Show the newest operations."""
        self.show("Newest operations", "Nothing was written yet.")

    def open(self, operation_id: str) -> None:
        """Show one operation, with what can be done about it."""
        self.show(f"Operation {operation_id}", operation_id=operation_id)

    def show(self, title: str, empty: str = "", **source: Any) -> None:
        """Show operations; `source` says which, as in `OperationSource`."""
        from ampsandbox.tui.backend.views import OperationSource
        from ampsandbox.tui.screens.operations import OperationsPanel

        self.ui.open_page(OperationsPanel(title, OperationSource(**source), empty=empty))

    def action_retry_dead_letters(self, then: Callable[[], Any] | None = None) -> None:
        """Send all dead letters again, after a question that says how many there are."""
        self.ui.command(self._ask_retry_all(then))

    async def _ask_retry_all(self, then: Callable[[], Any] | None) -> None:
        count = await self.ui.backend.operations.dead_letter_count()
        if not count:
            self.ui.tell("Nothing failed and nothing is in doubt.")
            return
        about = (
            f"{writes(count)} failed or in doubt will be sent to the CRM as they are. "
            "Those in doubt may already be there: sending them again can write them twice."
        )
        self.ui.confirm(
            "Retry all dead letters?", about, lambda: self.ui.command(self._retry_all(), "", then)
        )

    async def _retry_all(self) -> None:
        sent = await self.ui.backend.operations.retry_all()
        left = await self.ui.backend.operations.dead_letter_count()
        self.ui.tell(f"Sent {writes(sent)} again. Failed or in doubt now: {left:,}.")
