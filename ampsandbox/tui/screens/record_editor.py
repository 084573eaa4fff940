"""Change a record under the CRM's own rules: what it refuses is said in the box, which stays open."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Any

from textual.widgets import Static, TextArea

from ampsandbox.errors import AmpSandboxError
from ampsandbox.tui.screens.editor import EditorDialog, read_object
from ampsandbox.tui.text.sanitize import plain

Save = Callable[[dict[str, Any]], Coroutine[Any, Any, None]]


class RecordEditor(EditorDialog):
    """A JSON object that is handed to `save` and closed once that took it."""

    def __init__(self, title: str, text: str, save: Save) -> None:
        super().__init__(title, text, check=read_object)
        self.save = save

    def action_accept(self) -> None:
        """Save what is written, and close when that worked."""
        self.run_worker(self._save(self.query_one(TextArea).text), group="save", exclusive=True)

    async def _save(self, text: str) -> None:
        try:
            await self.save(read_object(text))
        except AmpSandboxError as error:
            problem = self.query_one(".field-problem", Static)
            problem.update(plain(f"✗ {error.message} {error.hint}", limit=1_500))
            problem.display = True
            return
        self.dismiss(text)
