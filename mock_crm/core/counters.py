"""Numbers that an org gives out: ids, tokens, auto numbers."""

from __future__ import annotations

import sqlite3

TABLE = "CREATE TABLE IF NOT EXISTS counters (name TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID;"


class Counters:
    """The counters of one store, held in memory and written when they are saved.

    Args:
        connection: The store's database.
    """

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._values: dict[str, int] = {}
        self._unsaved: set[str] = set()

    @property
    def unsaved(self) -> int:
        """How many counters have changed since they were saved."""
        return len(self._unsaved)

    def load(self) -> None:
        """Read what was saved, and forget what was not."""
        self._values = dict(self._connection.execute("SELECT name, value FROM counters"))
        self._unsaved.clear()

    def take(self, name: str, step: int) -> int:
        """Take `step` numbers from a counter that starts at 1, and return the first of them."""
        last = self._values.get(name, 0)
        self._values[name] = last + step
        self._unsaved.add(name)
        return last + 1

    def save(self) -> None:
        if self._unsaved:
            self._connection.executemany(
                "INSERT OR REPLACE INTO counters VALUES (?, ?)",
                [(name, self._values[name]) for name in self._unsaved],
            )
            self._unsaved.clear()
