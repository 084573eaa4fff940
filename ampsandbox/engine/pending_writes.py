"""A write on its way: loaded from the journal, not final yet."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import msgspec

from ampsandbox.engine.journal import Row
from ampsandbox.engine.model import OperationState
from ampsandbox.engine.record_queue import RecordKey
from ampsandbox.engine.write_options import DEFAULT, WriteOptions
from ampsandbox.engine.write_paths import WritePath
from ampsandbox.events import ErrorDetail, Event, WriteFailed, WriteInDoubt, WriteSucceeded

SAVE_OUTCOME = (
    "INSERT OR REPLACE INTO outcomes(number, state, attempts, finished_at, record_id, errors, raw, status)"
    " VALUES (?, ?, ?, ?, ?, ?, ?, ?)"
)

_SAVE_SUCCESS = (
    "INSERT OR REPLACE INTO outcomes(number, state, attempts, finished_at, record_id) VALUES (?, ?, ?, ?, ?)"
)

decode_fields = msgspec.json.Decoder(dict[str, Any]).decode


def storable(text: str) -> str:
    """A text from outside as a database takes it: half a surrogate pair becomes a question mark."""
    return text.encode("utf-8", "replace").decode()


def saved(outcomes: list[Row]) -> list[tuple[str, list[Row]]]:
    """The statements that store rows of `Outcome.row`: most are short, as sqlite3 is slow with NULL."""
    short = [row for row in outcomes if len(row) == 5]
    if len(short) == len(outcomes):
        return [(_SAVE_SUCCESS, short)]
    return [(_SAVE_SUCCESS, short), (SAVE_OUTCOME, [row for row in outcomes if len(row) > 5])]


class PendingWrite(msgspec.Struct, eq=False, gc=False):
    """One write that is being delivered.

    Attributes:
        due_since: When it became due: at its acceptance, or when its flush began.
        attempts: Requests that carried it.
        tries: How often it failed for now, with or without a request.
        failing_since: When it first failed for now.
        may_be_applied: Whether the answer to an earlier try was lost.
        is_retranslated: Whether it is tried with a schema that was read anew for it.
        is_handed_out: Whether a request has it, sent already or not.
        is_sending: Whether that request is with the CRM.
        is_withdrawn: Whether it was given up manually while it waited in its flush.
        record: The record whose turn it waits for or has; None for an insert.
        options: What the request said beyond the record.
        damage: What of its row cannot be used, where that is known already.
    """

    number: int
    path: WritePath
    batch: int | None
    primary_key: str | None
    fields: bytes
    due_since: datetime
    attempts: int = 0
    tries: int = 0
    failing_since: datetime | None = None
    next_attempt_at: datetime | None = None
    may_be_applied: bool = False
    is_retranslated: bool = False
    is_handed_out: bool = False
    is_sending: bool = False
    is_withdrawn: bool = False
    record: RecordKey | None = None
    options: WriteOptions = DEFAULT
    damage: str = ""

    def values(self) -> dict[str, Any]:
        """The accepted fields.

        Raises:
            msgspec.DecodeError: They are damaged.
            ValueError: Something else of the row is.
        """
        if self.damage:
            raise ValueError(self.damage)
        return decode_fields(self.fields)

    def find_damage(self) -> str:
        """What is wrong with the write as the journal holds it; empty when nothing is."""
        try:
            self.values()
        except (msgspec.MsgspecError, TypeError, ValueError) as error:
            return self.damage or f"its fields cannot be read: {error}"
        return ""


class Outcome(msgspec.Struct, frozen=True, gc=False):
    """How a write ended, as the journal keeps it."""

    state: OperationState
    record_id: str | None = None
    errors: tuple[ErrorDetail, ...] = ()
    raw: str | None = None
    status: int | None = None

    def row(self, pending: PendingWrite, at_us: int) -> Row:
        """The row that `saved` takes, for a moment as the journal stores it."""
        record_id = self.record_id and storable(self.record_id)
        start = (pending.number, str(self.state), pending.attempts, at_us, record_id)
        if not self.errors and self.raw is None and self.status is None:
            return start
        errors = msgspec.json.encode(self.errors) if self.errors else None
        return (*start, errors, self.raw and storable(self.raw), self.status)

    def event(self, at: datetime, installation: str, operation: str, batch: str | None) -> Event:
        """What the log says of it."""
        if self.state is OperationState.SUCCEEDED:
            return WriteSucceeded(
                at=at, installation=installation, operation=operation, record_id=self.record_id, batch=batch
            )
        kind = WriteInDoubt if self.state is OperationState.IN_DOUBT else WriteFailed
        return kind(at=at, installation=installation, operation=operation, errors=self.errors, batch=batch)
