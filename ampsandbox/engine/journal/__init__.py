"""The journal: where everything accepted is stored before it is acknowledged."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from pathlib import Path

from ampsandbox.engine.journal.database import Database, check_image, edit_image
from ampsandbox.engine.journal.reader import (
    ActivityRow,
    AuthorizationRow,
    BatchRow,
    ConfigRow,
    InstallationRow,
    JournalReader,
    OperationRow,
    QuotaRow,
    WaitingRow,
    WritePathRow,
)
from ampsandbox.engine.journal.writer import JournalEntry, JournalWriter, Row, operation_row
from ampsandbox.errors import JournalUnavailableError
from ampsandbox.events import EventLog
from ampsandbox.settings.engine import EngineSettings

__all__ = [
    "ActivityRow",
    "AuthorizationRow",
    "BatchRow",
    "ConfigRow",
    "InstallationRow",
    "Journal",
    "JournalEntry",
    "JournalReader",
    "OperationRow",
    "QuotaRow",
    "Row",
    "WaitingRow",
    "WritePathRow",
    "check_image",
    "edit_image",
    "operation_row",
]

_NUMBERED = ("operations", "batches", "installations", "routes", "requests")
SPACE_RECHECK_S = 0.2
"""A full disk is the outside world, so waiting for space goes by the wall clock."""


class Journal:
    """One state directory's journal, or one in memory when `folder` is None.

    Attributes:
        read: Queries over what is stored.

    Raises:
        StateError: The folder cannot be used, another process holds it, or a newer version wrote it.
    """

    def __init__(self, folder: Path | None, settings: EngineSettings, events: EventLog) -> None:
        self._database = Database(folder, settings.durability)
        self._events = events
        self._settings = settings
        self.read = JournalReader(self._database.connection)
        self._open()

    def _open(self) -> None:
        self._events.resume(self.read.last_event())
        self._writer = JournalWriter(self._database, self._events, self._settings.events_kept)
        self._last = {table: self.read.last_number(table) for table in _NUMBERED}

    def next_number(self, table: str) -> int:
        """A number for a new row of the table, never given out before."""
        self._last[table] += 1
        return self._last[table]

    def keep_numbers(self, table: str, last: int) -> None:
        """Go on after `last` in a table, as when rows are written again under their old numbers."""
        self._last[table] = last

    def coming_number(self, table: str) -> int:
        """The number that `next_number` would give."""
        return self._last[table] + 1

    @property
    def put(self) -> Callable[[JournalEntry], None]:
        """Store a unit with the next commit, without hearing whether it could be."""
        return self._writer.put

    @property
    def store(self) -> Callable[[JournalEntry], asyncio.Future[None]]:
        """Store a unit with the next commit; the future fails with JournalUnavailableError."""
        return self._writer.store

    async def store_surely(self, unit: JournalEntry) -> None:
        """Store a unit, waiting for space as long as it takes: what the CRM said must not be forgotten.

        Raises:
            AmpSandboxError: What the unit requires.
            asyncio.CancelledError: The journal was closed meanwhile.
        """
        while not self._writer.is_closed:
            try:
                await self.store(unit)
            except JournalUnavailableError:
                await asyncio.sleep(SPACE_RECHECK_S)
            else:
                return
        raise asyncio.CancelledError

    def commit(self) -> None:
        """Commit what was collected so far, now."""
        self._writer.commit()

    def refuse(self, error: JournalUnavailableError | None) -> None:
        """Fail every commit with `error` from now on, as a full disk would; None ends that."""
        self._writer.refuse = error

    def serialize(self) -> bytes:
        """The whole journal as one SQLite file."""
        self.commit()
        return self._database.serialize()

    def start_over(self, statements: Sequence[tuple[str, Sequence[Row]]]) -> None:
        """Forget every row, and carry out the statements: a third of what replacing the database takes."""
        self.commit()
        self._database.start_over(statements)
        self._open()

    def deserialize(self, image: bytes) -> None:
        """Replace the whole journal; see `Database.deserialize`."""
        self.commit()
        self._database.deserialize(image)
        self._open()

    def close(self) -> None:
        """Commit and give the file back."""
        self.commit()
        self.abandon()

    def abandon(self) -> None:
        """Give the file back without committing, as a killed process does."""
        self._writer.close()
        self._database.close()
