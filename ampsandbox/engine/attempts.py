"""What came of a write request, and what that means for each of its writes."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import msgspec

from ampsandbox.engine.crm import Answer, CrmRefusedError, CrmUnavailableError, Verdict
from ampsandbox.engine.model import OperationState
from ampsandbox.engine.pending_writes import Outcome, PendingWrite
from ampsandbox.errors import AmpSandboxError
from ampsandbox.events import ErrorDetail

ANSWER_LOST = ErrorDetail(
    "The request was sent, but no complete answer came; the CRM may have written the record.", "ANSWER_LOST"
)


class AttemptResult(msgspec.Struct):
    """What came of one request: an answer for each write, and what that says of the connection.

    `lost` means that the CRM may have written the records; `outage` names a failure of the whole request.
    """

    answers: Sequence[Answer]
    wish_s: float | None = None
    lost: bool = False
    outage: str = ""


class DeliveryResult(msgspec.Struct):
    """What one request settled, and what is to be tried again when.

    `gave_up` is the failure of the whole request whose deadline is over.
    """

    finished: list[tuple[PendingWrite, Outcome]] = msgspec.field(default_factory=list)
    deferred: list[tuple[PendingWrite, datetime]] = msgspec.field(default_factory=list)
    gave_up: ErrorDetail | None = None


def unavailable(error: CrmUnavailableError, chunk: Sequence[PendingWrite]) -> AttemptResult:
    """The reply when the CRM took none of the writes for now."""
    answer = Answer(Verdict.TRY_AGAIN, errors=(error.detail,), raw=error.raw, status=error.status)
    return AttemptResult([answer] * len(chunk), wish_s=error.retry_after_s, outage=error.message)


def lost(chunk: Sequence[PendingWrite]) -> AttemptResult:
    """The reply when nobody knows what the CRM did."""
    answer = Answer(Verdict.TRY_AGAIN, errors=(ANSWER_LOST,))
    return AttemptResult([answer] * len(chunk), lost=True, outage=ANSWER_LOST.message)


def refusal(error: AmpSandboxError) -> Answer:
    """The answer for each write of a request that was refused as a whole."""
    if isinstance(error, CrmRefusedError):
        return Answer(Verdict.REFUSED, errors=(error.detail,), raw=error.raw, status=error.status)
    detail = ErrorDetail(error.message, type(error).__name__.removesuffix("Error"))
    return Answer(Verdict.REFUSED, errors=(detail,))


def damaged_row(number: int, damage: str) -> ErrorDetail:
    """Why nothing can be done with a write whose row in the journal is damaged."""
    return ErrorDetail(f"The journal is damaged at operation {number}: {damage}.", "JOURNAL_DAMAGED")


def ended(state: OperationState, answer: Answer) -> Outcome:
    """The outcome of a write that did not succeed, in the CRM's words."""
    return Outcome(state, None, answer.errors, answer.raw, answer.status)
