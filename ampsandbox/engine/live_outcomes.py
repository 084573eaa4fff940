"""What a restore must not forget: live orgs do not go back with the sandbox.

A write that waits in a snapshot may have reached its live org since the snapshot was taken. Sending it again
would double it, so it keeps the outcome it has by now, or is in doubt where that cannot be known.
"""

from __future__ import annotations

import msgspec

from ampsandbox.engine.attempts import ANSWER_LOST
from ampsandbox.engine.journal import Journal, OperationRow, Row, edit_image
from ampsandbox.engine.journal.intents import unpack
from ampsandbox.engine.journal.reader import JournalReader
from ampsandbox.engine.model import OperationState
from ampsandbox.events import ErrorDetail

_RESTORED = ErrorDetail(
    "A snapshot was restored in which this write waits for a live org; it may have been sent since then.",
    ANSWER_LOST.code,
)
_WAITING_LIVE = (
    "SELECT p.number FROM operations p JOIN routes r ON r.number = p.route"
    " JOIN installations i ON i.number = r.installation"
    " LEFT JOIN outcomes o ON o.number = p.number"
    " WHERE i.connection = 'live' AND o.number IS NULL"
)
_SAVE = (
    "INSERT INTO outcomes(number, state, attempts, finished_at, record_id, errors, raw)"
    " VALUES (?, ?, ?, ?, ?, ?, ?)"
)


def keep_live_outcomes(image: bytes, journal: Journal, now_us: int) -> tuple[bytes, int]:
    """The snapshot with an outcome for each waiting write to a live org that may have been sent since.

    Args:
        image: The snapshot's journal.
        journal: The present one.
        now_us: The clock's time in microseconds since 1970.

    Returns:
        The journal to restore, and how many writes are in doubt that nobody was told of.
    """
    in_flight = {number for _, packed in journal.read.requests() for number in unpack(packed)}
    in_doubt = 0
    with edit_image(image) as edited:
        then = JournalReader(edited.connection)
        is_ours = then.meta("seed") == journal.read.meta("seed")
        rows: list[Row] = []
        for (number,) in edited.connection.execute(_WAITING_LIVE).fetchall():
            present = journal.read.operation(number) if is_ours else None
            if present is None or not _is_same(then.operation(number), present) or number in in_flight:
                in_doubt += 1
                errors = msgspec.json.encode((_RESTORED,))
                rows.append((number, OperationState.IN_DOUBT.value, 1, now_us, None, errors, None))
            elif present.attempts:
                rows.append((number, *present[6:]))
        edited.connection.executemany(_SAVE, rows)
    return edited.image, in_doubt


def _is_same(one: OperationRow | None, other: OperationRow) -> bool:
    """Whether two journals mean the same write; where it waits may have changed."""
    return one is not None and one._replace(batch=None)[:6] == other._replace(batch=None)[:6]
