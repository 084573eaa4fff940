"""Group commit: everything that one pass of the event loop wants stored shares one transaction.

The transaction runs inline on the loop: a thread would cost more in hand-overs than it saves.
"""

from __future__ import annotations

import asyncio
import logging
import sqlite3
from collections.abc import Callable, Sequence
from typing import Any

import msgspec

from ampsandbox.engine.journal.database import Database, unavailable_when_refused
from ampsandbox.errors import AmpSandboxError, JournalUnavailableError
from ampsandbox.events import Event, EventLog, JournalRecovered, encode_events

_INSERT_OPERATION = {
    columns.count(",") + 1: f"INSERT INTO operations({columns}) VALUES ({columns.count(',') * '?, '}?)"
    for columns in (
        "number, route, fields, accepted_at",
        "number, route, fields, accepted_at, batch",
        "number, route, fields, accepted_at, batch, primary_key, options",
    )
}
"""By how many columns a row has."""
_INSERT_EVENTS = "INSERT INTO events(first, last, lines) VALUES (?, ?, ?)"
_TRIM_EVENTS = "DELETE FROM events WHERE last <= ?"

# sqlite3 looks for an adapter of what is neither a number nor text, and does not find one for longer than it
# stores: so rows have no columns that hold NULL, and bytes are a `bytearray`. It was a twentieth of a write.
Row = tuple[Any, ...]

_log = logging.getLogger(__name__)


class JournalEntry(msgspec.Struct):
    """What is stored together or not at all.

    `requires` is called before the commit, and what it raises keeps the unit out of it. `operations` are made
    by `operation_row`. After them come the statements of `joined`, whose order does not matter, with the rows
    of all units at once; `statements` run last, in order. Once the commit is done, `stored` is called,
    `events` are published, and `told` is called with None; else `told` hears why not.
    """

    operations: Sequence[Row] = ()
    joined: Sequence[tuple[str, Sequence[Row]]] = ()
    statements: list[tuple[str, Sequence[Row]]] = []
    events: Sequence[Event] = ()
    stored: Callable[[], None] | None = None
    told: Callable[[AmpSandboxError | None], None] | None = None
    requires: Callable[[], None] | None = None


def operation_row(
    number: int,
    path: int,
    batch: int | None,
    payload: bytes,
    accepted_us: int,
    primary_key: str | None,
    options: bytes | None,
) -> Row:
    """An operation as the journal stores it."""
    row = (number, path, bytearray(payload), accepted_us)
    if primary_key is not None or options is not None:
        return (*row, batch, primary_key, options)
    return row if batch is None else (*row, batch)


class JournalWriter:
    """Collects units and commits them once per pass of the loop.

    Args:
        database: Where to.
        events: Hears of the events of each commit.
        keep: How many events stay stored at least.
    """

    def __init__(self, database: Database, events: EventLog, keep: int) -> None:
        self._database = database
        self._events = events
        self._keep = keep
        self._trimmed = events.last_seq
        self._units: list[JournalEntry] = []
        self.is_closed = False
        self._last_refusal = ""
        self.refuse: JournalUnavailableError | None = None
        """Set by tests to make every commit fail, as a full disk would."""

    def close(self) -> None:
        """Forget what was not committed, and take nothing any more."""
        self._units = []
        self.is_closed = True

    def put(self, unit: JournalEntry) -> None:
        """Store the unit with the next commit; what cannot be stored is lost without a word."""
        if self.is_closed:
            _refuse([unit], JournalUnavailableError("The sandbox has ended."))
            return
        if not self._units:
            asyncio.get_running_loop().call_soon(self.commit)
        self._units.append(unit)

    def store(self, unit: JournalEntry) -> asyncio.Future[None]:
        """Store the unit with the next commit.

        The future fails with JournalUnavailableError when the unit could not be stored, and with what it
        requires.
        """
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()

        def tell(error: AmpSandboxError | None) -> None:
            if future.done():
                return
            if error is None:
                future.set_result(None)
            else:
                future.set_exception(error)

        unit.told = tell
        self.put(unit)
        return future

    def commit(self) -> None:
        """Commit what was collected so far, now."""
        collected, self._units = self._units, []
        units = [unit for unit in collected if unit.requires is None or _has_what_it_requires(unit)]
        if not units:
            return
        try:
            events = self._transact(units)
        except JournalUnavailableError as error:
            if error.message != self._last_refusal:  # once, and not for each write that a full disk refuses
                self._last_refusal = error.message
                _log.error("%s", f"{error.message} {error.hint}".rstrip())
            _refuse(units, error)
        except (sqlite3.Error, ValueError, OverflowError) as error:
            self._commit_alone(units, error)
        else:
            if self._last_refusal:
                self._last_refusal = ""
                _log.warning("The journal is written again; what was refused meanwhile was not accepted.")
            self._settle(units, events)

    def _commit_alone(self, units: list[JournalEntry], error: Exception) -> None:
        """One unit holds what SQLite cannot store; it must not fail the others."""
        if len(units) == 1:
            _refuse(units, JournalUnavailableError(f"The journal cannot store this: {error}."))
            return
        for unit in units:
            self._units = [unit]
            self.commit()

    def _transact(self, units: list[JournalEntry]) -> list[Event]:
        if self.refuse is not None:
            raise self.refuse
        self._database.check_still_there()
        connection = self._database.connection
        events = self._number(units)
        with unavailable_when_refused():
            connection.execute("BEGIN IMMEDIATE")
            try:
                self._write(connection.cursor(), units, events)
                connection.execute("COMMIT")
            except BaseException:
                if connection.in_transaction:
                    connection.execute("ROLLBACK")
                raise
        return events

    def _write(self, cursor: sqlite3.Cursor, units: list[JournalEntry], events: list[Event]) -> None:
        operations = [row for unit in units for row in unit.operations]
        for columns, statement in _INSERT_OPERATION.items():
            if alike := [row for row in operations if len(row) == columns]:
                cursor.executemany(statement, alike)
        # One call for each unit's row takes twice as long as one for all rows: 2 % of an immediate write.
        joined: dict[str, list[Row]] = {}
        for unit in units:
            for statement, rows in unit.joined:
                joined.setdefault(statement, []).extend(rows)
        for statement, rows in (*joined.items(), *(each for unit in units for each in unit.statements)):
            if rows:
                cursor.executemany(statement, rows)
        if not events:
            return
        lines = encode_events(events)
        cursor.execute(_INSERT_EVENTS, (events[0].seq, events[-1].seq, lines))
        # Trimming in large steps keeps it off most commits.
        if events[-1].seq - self._trimmed > self._keep + self._keep // 10:
            cursor.execute(_TRIM_EVENTS, (events[-1].seq - self._keep,))

    def _number(self, units: list[JournalEntry]) -> list[Event]:
        events = [event for unit in units for event in unit.events]
        if self._last_refusal and events:
            events.insert(0, JournalRecovered(at=events[0].at))
        # After what is published and not before: a commit that fails leaves no gap in the numbers.
        for seq, event in enumerate(events, self._events.last_seq + 1):
            event.seq = seq
        return events

    def _settle(self, units: list[JournalEntry], events: list[Event]) -> None:
        if events and events[-1].seq - self._trimmed > self._keep + self._keep // 10:
            self._trimmed = events[-1].seq - self._keep
        # Memory first, then those who hear of it, then those who wait: each finds done what it may look at.
        for unit in units:
            if unit.stored is not None:
                unit.stored()
        self._events.publish(events)
        for unit in units:
            if unit.told is not None:
                unit.told(None)


def _has_what_it_requires(unit: JournalEntry) -> bool:
    assert unit.requires is not None
    try:
        unit.requires()
    except AmpSandboxError as error:
        if unit.told is not None:
            unit.told(error)
        return False
    return True


def _refuse(units: list[JournalEntry], error: JournalUnavailableError) -> None:
    for unit in units:
        if unit.told is not None:
            unit.told(JournalUnavailableError(error.message, error.hint))
