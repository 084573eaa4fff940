"""An input for the path of a file, which completes it."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.suggester import Suggester
from textual.widgets import Input


class PathInput(Input):
    """Offers the first folder or file that goes on as typed; tab or right takes it.

    Args:
        endings: What the names of files may end in, such as ".csv"; all files when empty.
    """

    BINDINGS: ClassVar[list[BindingType]] = [Binding("tab", "complete", "Complete", show=False)]

    def __init__(
        self,
        value: str = "",
        *,
        endings: Sequence[str] = (),
        placeholder: str = "",
        id: str | None = None,  # noqa: A002
    ) -> None:
        self._paths = _Paths(tuple(endings))
        super().__init__(value, placeholder=placeholder, compact=True, suggester=self._paths, id=id)

    async def action_complete(self) -> None:
        """Take the completion, or go on to what follows when there is none.

        It is looked up anew: a quick hand presses tab before the offer shows.
        """
        found = await self._paths.get_suggestion(self.value) if self.value else None
        if found and found != self.value:
            self.value = found
            self.cursor_position = len(found)
        else:
            self.screen.focus_next()


class _Paths(Suggester):
    """Looks into the folder of what is typed."""

    def __init__(self, endings: tuple[str, ...]) -> None:
        super().__init__(use_cache=False, case_sensitive=True)
        self._endings = endings

    async def get_suggestion(self, value: str) -> str | None:
        """The path as typed with the rest of the first name that fits."""
        return await asyncio.to_thread(self._complete, value)

    def _complete(self, value: str) -> str | None:
        typed, slash, start = value.rpartition("/")
        try:
            folder = Path(typed + slash).expanduser() if slash else Path()
            fitting = (path for path in folder.iterdir() if self._fits(path, start))
            first = min((f"{path.name}/" if path.is_dir() else path.name for path in fitting), default=None)
        except (OSError, ValueError, RuntimeError):  # gone, not allowed, no home
            return None
        return f"{typed}{slash}{first}" if first else None

    def _fits(self, path: Path, start: str) -> bool:
        if not path.name.startswith(start) or (path.name.startswith(".") and not start):
            return False
        return path.is_dir() or not self._endings or path.suffix.lower() in self._endings
