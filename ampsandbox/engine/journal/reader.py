"""What the journal says, read back row by row and page by page."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from ampsandbox.errors import JournalUnavailableError
from ampsandbox.events import Event, decode_event

_OPERATION = (
    "SELECT p.number, p.route, p.batch, p.primary_key, p.fields, p.accepted_at,"
    " o.state, o.attempts, o.finished_at, o.record_id, o.errors, o.raw, p.options, o.status"
    " FROM operations p {join} outcomes o ON o.number = p.number"
)
_MINUTE = 60_000_000
_UNFINISHED = "SELECT number FROM batches WHERE state != 'flushed'"


class OperationRow(NamedTuple):
    """An operation with its outcome, which is None throughout while it waits."""

    number: int
    path: int
    batch: int | None
    primary_key: str | None
    fields: bytes
    accepted_at: int
    state: str | None
    attempts: int | None
    finished_at: int | None
    record_id: str | None
    errors: bytes | None
    raw: str | None
    options: bytes | None
    status: int | None


class WaitingRow(NamedTuple):
    """An operation without outcome, as a delivery needs it."""

    number: int
    path: int
    primary_key: str | None
    fields: bytes
    options: bytes | None


class InstallationRow(NamedTuple):
    number: int
    integration: str
    group: str
    provider: str
    connection: str
    created_at: int
    state: str
    error: str


class ConfigRow(NamedTuple):
    """One version of an installation's config."""

    installation: int
    number: int
    created_at: int
    created_by: str
    content: bytes


class AuthorizationRow(NamedTuple):
    """One group's consent for one provider."""

    provider: str
    group: str
    created_at: int
    details: bytes


class WritePathRow(NamedTuple):
    """Where writes go: an installation, a mode, and the object as its manifest defined it."""

    number: int
    installation: int
    mode: str
    definition: bytes


class BatchRow(NamedTuple):
    number: int
    path: int
    state: str
    opened_at: int
    flush_at: int | None
    reason: str | None
    requests: int
    boundary: int | None
    options: bytes | None


class QuotaRow(NamedTuple):
    """The requests of one connection in one minute since 1970."""

    installation: int
    minute: int
    requests: int
    writes: int
    unbatched: int


class ActivityRow(NamedTuple):
    """Operations that were accepted in one minute since 1970 and have the same end, counted."""

    batch: int | None
    state: str | None
    accepted: int
    finished: int | None
    operations: int
    first_accepted: int
    first_finished: int | None
    last_finished: int | None


class JournalReader:
    """Queries over a connection to the journal."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def meta(self, name: str) -> bytes | None:
        """A value kept under a name."""
        row = self._one("SELECT value FROM meta WHERE name = ?", name)
        return row[0] if row else None

    def last_number(self, table: str) -> int:
        """The highest number of a table; 0 when it is empty."""
        return int(self._one(f"SELECT coalesce(max(number), 0) FROM {table}")[0])

    def last_event(self) -> int:
        """The number of the newest stored event; 0 when there is none."""
        return int(self._one("SELECT coalesce(max(last), 0) FROM events")[0])

    def events(self, after: int, before: int, limit: int) -> list[Event]:
        """The oldest `limit` stored events numbered between the two bounds, both exclusive."""
        found: list[Event] = []
        rows = self._execute(
            "SELECT lines FROM events"
            " WHERE first >= (SELECT coalesce(max(first), 0) FROM events WHERE first <= ?)"
            " AND first < ? ORDER BY first",
            (after + 1, before),
        )
        for (lines,) in rows:
            events = map(decode_event, lines.split(b"\n"))
            found.extend(event for event in events if after < event.seq < before)
            if len(found) >= limit:
                break
        return found[:limit]

    def installations(self) -> list[InstallationRow]:
        """Every installation there ever was, oldest first."""
        return [InstallationRow(*row) for row in self._all("SELECT * FROM installations ORDER BY number")]

    def configs(self, installation: int) -> list[ConfigRow]:
        """The versions of an installation's config, oldest first."""
        query = "SELECT * FROM configs WHERE installation = ? ORDER BY number"
        return [ConfigRow(*row) for row in self._all(query, installation)]

    def authorizations(self) -> list[AuthorizationRow]:
        query = "SELECT * FROM authorizations ORDER BY created_at, provider, group_ref"
        return [AuthorizationRow(*row) for row in self._all(query)]

    def write_paths(self) -> list[WritePathRow]:
        return [WritePathRow(*row) for row in self._all("SELECT * FROM routes ORDER BY number")]

    def unfinished_batches(self) -> list[BatchRow]:
        """The batches that still hold writes without an outcome, oldest first."""
        return [
            BatchRow(*row)
            for row in self._all("SELECT * FROM batches WHERE state != 'flushed' ORDER BY number")
        ]

    def flushed_batches(self, limit: int) -> list[BatchRow]:
        """The newest batches that are done, newest first."""
        rows = self._all("SELECT * FROM batches WHERE state = 'flushed' ORDER BY number DESC LIMIT ?", limit)
        return [BatchRow(*row) for row in rows]

    def batch(self, number: int) -> BatchRow | None:
        row = self._one("SELECT * FROM batches WHERE number = ?", number)
        return BatchRow(*row) if row else None

    def outcome_counts(self, batch: int) -> dict[str, int]:
        """How many writes of a batch have which outcome."""
        return dict(
            self._all(
                "SELECT o.state, count(*) FROM operations p JOIN outcomes o ON o.number = p.number"
                " WHERE p.batch = ? GROUP BY o.state",
                batch,
            )
        )

    def size_of(self, batch: int) -> int:
        """How many writes a batch holds, delivered ones included."""
        return int(self._one("SELECT count(*) FROM operations WHERE batch = ?", batch)[0])

    def waiting(self, batch: int, after: int, limit: int) -> list[WaitingRow]:
        """The next writes of a batch without an outcome, in order of acceptance."""
        rows = self._all(
            "SELECT p.number, p.route, p.primary_key, p.fields, p.options FROM operations p"
            " LEFT JOIN outcomes o ON o.number = p.number"
            " WHERE p.batch = ? AND p.number > ? AND o.number IS NULL ORDER BY p.number LIMIT ?",
            batch,
            after,
            limit,
        )
        return [WaitingRow(*row) for row in rows]

    def waiting_updates(self, batch: int, after: int, before: int) -> Iterator[tuple[int, int, str]]:
        """Number, path and primary key of the updates that wait in a batch, newest first.

        The bounds are exclusive. Rows are read one by one: take them before the journal is written again.
        """
        return self._connection.execute(
            "SELECT p.number, p.route, p.primary_key FROM operations p"
            " LEFT JOIN outcomes o ON o.number = p.number"
            " WHERE p.batch = ? AND p.number > ? AND p.number < ? AND o.number IS NULL"
            " ORDER BY p.number DESC",
            (batch, after, before),
        )

    def operation(self, number: int) -> OperationRow | None:
        row = self._one(_OPERATION.format(join="LEFT JOIN") + " WHERE p.number = ?", number)
        return OperationRow(*row) if row else None

    def operations_of_batch(self, batch: int, offset: int, limit: int) -> list[OperationRow]:
        """A window on the writes of a batch, oldest first."""
        rows = self._all(
            _OPERATION.format(join="LEFT JOIN") + " WHERE p.batch = ? ORDER BY p.number LIMIT ? OFFSET ?",
            batch,
            limit,
            offset,
        )
        return [OperationRow(*row) for row in rows]

    def operations(
        self, states: Sequence[str] | None, paths: Sequence[int] | None, before: int, limit: int
    ) -> list[OperationRow]:
        """The newest operations below a number, of some write paths and with some outcomes or all.

        `states` names outcomes; an empty one asks for those without outcome.
        """
        waiting = states is not None and not states
        join = "JOIN" if states else "LEFT JOIN"
        where = ["p.number < ?"]
        values: list[Any] = [before]
        if waiting:
            where.append(f"o.number IS NULL AND (p.batch IS NULL OR p.batch IN ({_UNFINISHED}))")
        elif states:
            where.append(f"o.state IN ({_marks(states)})")
            values.extend(states)
        if paths is not None:
            where.append(f"p.route IN ({_marks(paths)})")
            values.extend(paths)
        order = "o.number" if states else "p.number"
        query = f"{_OPERATION.format(join=join)} WHERE {' AND '.join(where)} ORDER BY {order} DESC LIMIT ?"
        return [OperationRow(*row) for row in self._all(query, *values, limit)]

    def operations_of_record(self, paths: Sequence[int], record_id: str) -> list[OperationRow]:
        """The operations of some write paths that wrote a record, oldest first. Reads all outcomes."""
        rows = self._all(
            f"{_OPERATION.format(join='JOIN')} WHERE o.record_id = ? AND p.route IN ({_marks(paths)})"
            " ORDER BY o.number",
            record_id,
            *paths,
        )
        return [OperationRow(*row) for row in rows]

    def dead_letters(self, before: int, limit: int) -> list[OperationRow]:
        """The newest operations that failed or are in doubt."""
        rows = self._all(
            _OPERATION.format(join="JOIN") + " WHERE o.state IN ('failed', 'in_doubt') AND o.number < ?"
            " ORDER BY o.number DESC LIMIT ?",
            before,
            limit,
        )
        return [OperationRow(*row) for row in rows]

    def dead_letter_paths(self) -> list[tuple[int, int]]:
        """Number and path of every dead letter, in order of acceptance."""
        return self._all(
            "SELECT p.number, p.route FROM outcomes o JOIN operations p ON p.number = o.number"
            " WHERE o.state IN ('failed', 'in_doubt') ORDER BY o.number"
        )

    def dead_letter_count(self) -> int:
        """How many operations failed or are in doubt."""
        return int(self._one("SELECT count(*) FROM outcomes WHERE state IN ('failed', 'in_doubt')")[0])

    def dead_letter_counts(self) -> dict[str, int]:
        """How many operations failed, and how many are in doubt; states that none has are left out."""
        return dict(
            self._all(
                "SELECT state, count(*) FROM outcomes WHERE state IN ('failed', 'in_doubt') GROUP BY state"
            )
        )

    def requests(self) -> list[tuple[int, bytes]]:
        """The requests that were on their way when the journal was last written."""
        return self._all("SELECT number, operations FROM requests ORDER BY number")

    def quota(self, since: int = 0) -> list[QuotaRow]:
        """The stored part of every quota ledger, from a minute since 1970 on."""
        rows = self._all("SELECT * FROM quota WHERE minute >= ? ORDER BY installation, minute", since)
        return [QuotaRow(*row) for row in rows]

    def activity(self, after: int, upto: int) -> list[ActivityRow]:
        """The operations of a stretch of numbers, counted by minute, batch and end."""
        rows = self._all(
            f"SELECT p.batch, o.state, p.accepted_at / {_MINUTE}, o.finished_at / {_MINUTE},"
            " count(*), min(p.accepted_at), min(o.finished_at), max(o.finished_at)"
            " FROM operations p LEFT JOIN outcomes o ON o.number = p.number"
            " WHERE p.number > ? AND p.number <= ? GROUP BY 1, 2, 3, 4",
            after,
            upto,
        )
        return [ActivityRow(*row) for row in rows]

    def _one(self, query: str, *values: Any) -> Any:
        return self._execute(query, values).fetchone()

    def _execute(self, query: str, values: Sequence[Any] = ()) -> sqlite3.Cursor:
        try:
            return self._connection.execute(query, values)
        except sqlite3.OperationalError:
            raise
        except sqlite3.DatabaseError as error:
            raise JournalUnavailableError(
                f"The journal is damaged: {error}.",
                "Stop the sandbox, and put a backup in the place of its state directory.",
            ) from error

    def _all(self, query: str, *values: Any) -> list[Any]:
        return self._execute(query, values).fetchall()


def _marks(values: Sequence[Any]) -> str:
    return ", ".join("?" * len(values))
