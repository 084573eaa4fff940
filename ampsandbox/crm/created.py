"""The register of records that were created in real orgs, so that they can be found and removed again.

It is kept apart from the journal: a reset or a restored snapshot forgets operations, but the records in a
real org stay until somebody removes them.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import msgspec

from ampsandbox.errors import StateError

_FILE: Final = "live-records.sqlite"
_COLUMNS: Final = "org_id, object, record_id, url, provider, integration, group_ref, org_name, created_at"
_TABLE: Final = f"CREATE TABLE IF NOT EXISTS created ({_COLUMNS}, PRIMARY KEY (org_id, object, record_id))"


class CreatedRecord(msgspec.Struct, frozen=True):
    """One record that the sandbox created in a real org.

    Attributes:
        object: The object's API name.
        url: The record's page in the CRM; empty where the CRM did not tell.
        group: The group for which it was written.
        created_at: In ISO 8601.
    """

    org_id: str
    object: str
    record_id: str
    url: str
    provider: str
    integration: str
    group: str
    org_name: str
    created_at: str


class CreatedRecords:
    """The register, in a SQLite file of the state directory.

    Args:
        state: The directory; None keeps the register in memory.
    """

    def __init__(self, state: Path | None) -> None:
        self._path = state / _FILE if state else None
        self._opened: sqlite3.Connection | None = None

    def add(self, records: Iterable[CreatedRecord]) -> None:
        """Note records that the org has just confirmed.

        Raises:
            StateError: The file cannot be written.
        """
        rows = [msgspec.structs.astuple(record) for record in records]
        if rows:
            with self._writing() as connection:
                connection.executemany(f"INSERT OR REPLACE INTO created VALUES ({_marks(rows[0])})", rows)

    def forget(self, records: Iterable[CreatedRecord]) -> None:
        """Strike records off that are gone from the org."""
        keys = [(record.org_id, record.object, record.record_id) for record in records]
        with self._writing() as connection:
            connection.executemany(
                "DELETE FROM created WHERE org_id = ? AND object = ? AND record_id = ?", keys
            )

    def all(self, limit: int = -1, offset: int = 0) -> list[CreatedRecord]:
        """The records in the order in which they were created; every one of them without a limit."""
        query = f"SELECT {_COLUMNS} FROM created ORDER BY rowid LIMIT ? OFFSET ?"
        return [CreatedRecord(*row) for row in self._read(query, limit, offset)]

    def of_org(self, org_id: str) -> list[CreatedRecord]:
        """The records of one org, the newest first: what refers to another record goes before it."""
        query = f"SELECT {_COLUMNS} FROM created WHERE org_id = ? ORDER BY rowid DESC"
        return [CreatedRecord(*row) for row in self._read(query, org_id)]

    def orgs_of(self, integration: str, group: str) -> dict[str, str]:
        """The orgs that an integration wrote to for a group, as names by id."""
        query = "SELECT DISTINCT org_id, org_name FROM created WHERE integration = ? AND group_ref = ?"
        return dict(self._read(query, integration, group))

    def count(self) -> int:
        """How many records were created and not removed yet."""
        rows = self._read("SELECT count(*) FROM created")
        return int(rows[0][0]) if rows else 0

    def close(self) -> None:
        if self._opened is not None:
            self._opened.close()
            self._opened = None

    def _read(self, query: str, *values: object) -> list[Any]:
        if self._opened is None and not (self._path and self._path.exists()):
            return []
        return self._connection.execute(query, values).fetchall()

    @property
    def _connection(self) -> sqlite3.Connection:
        """The file is made at the first record: most sandboxes never write to a real org."""
        if self._opened is None:
            try:
                if self._path is not None:
                    self._path.parent.mkdir(parents=True, exist_ok=True)
                self._opened = sqlite3.connect(self._path or ":memory:", isolation_level=None)
                self._opened.execute("PRAGMA journal_mode = WAL")
                self._opened.execute(_TABLE)
            except (OSError, sqlite3.Error) as error:
                raise StateError(f"The register of live records cannot be kept: {error}") from error
        return self._opened

    @contextmanager
    def _writing(self) -> Iterator[sqlite3.Connection]:
        try:
            with self._connection as connection:
                connection.execute("BEGIN")
                yield connection
        except sqlite3.Error as error:
            raise StateError(f"The register of live records cannot be written: {error}") from error


def _marks(row: Sequence[object]) -> str:
    return ", ".join("?" * len(row))
