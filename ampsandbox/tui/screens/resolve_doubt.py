"""Finding out what became of a write whose answer was lost."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Final, Protocol

from ampsandbox.tui.text.sanitize import as_text, line

if TYPE_CHECKING:
    from ampsandbox.tui.backend.views import OperationView
    from ampsandbox.tui.ui import Ui

_IDS: Final = ("Id", "id")


class Decisions(Protocol):
    """What can be done about a write in doubt."""

    def mark(self, item: OperationView, record_id: str) -> None:
        """Note that an operation is in the CRM, as a record."""

    def retry(self, item: OperationView) -> None:
        """Send an operation again."""

    def drop(self, item: OperationView) -> None:
        """Give an operation up."""


class DoubtDialog:
    """Shows what the CRM holds of a write in doubt, and lets the user decide.

    Args:
        ui: Where the question is asked.
        item: The write.
        decisions: What marks it as written, sends it again, and gives it up.
    """

    def __init__(self, ui: Ui, item: OperationView, decisions: Decisions) -> None:
        self._ui = ui
        self._item = item
        self._decisions = decisions

    async def ask(self) -> None:
        """Look into the CRM, then ask what to do."""
        page = await self._ui.backend.operations.lookup(self._item.id)
        ways: dict[str, Callable[[], Any]] = {}
        for row in page.rows:
            key = next((as_text(row[name]) for name in _IDS if name in row), "")
            ways[f"✓ It is record {key}: mark it as written  {_told(row)}"] = self._marker(key)
        again = "↻ Send it again" if page.rows else "↻ It is not there: send it again"
        ways[again] = lambda: self._decisions.retry(self._item)
        ways["– Give it up"] = lambda: self._decisions.drop(self._item)
        ways["? Leave it in doubt"] = lambda: None
        found = f"{page.total:,} record{'' if page.total == 1 else 's'} of {line(page.object_name, 40)}"
        title = f"{found} hold{'s' if page.total == 1 else ''} these values" if page.rows else "Nothing found"
        self._ui.pick(title, list(ways), lambda way: ways[way]() if way is not None else None)

    def _marker(self, key: str) -> Callable[[], None]:
        return lambda: self._decisions.mark(self._item, key)


def _told(row: Mapping[str, Any]) -> str:
    """When a record came, so that one that was there before the write can be told from it."""
    at = row.get("CreatedDate") or row.get("createdAt") or row.get("createdate")
    return f"created {line(as_text(at), 30)}" if at else ""
