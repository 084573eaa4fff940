"""What the engine tells about its work: installations, operations, batches, and small views.

All are immutable snapshots that may be read on any thread and turned into JSON by msgspec.
"""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any, Literal

import msgspec

from ampsandbox.events import ErrorDetail
from ampsandbox.manifest.model import Mode


class OperationState(StrEnum):
    """Where an operation stands. The last four are final, but for what a hand does."""

    QUEUED = "queued"
    SENDING = "sending"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    IN_DOUBT = "in_doubt"
    DROPPED = "dropped"


FINAL_STATES = frozenset(
    {OperationState.SUCCEEDED, OperationState.FAILED, OperationState.IN_DOUBT, OperationState.DROPPED}
)


class BatchState(StrEnum):
    """Where a batch stands: it waits, is paused or orphaned, is being flushed, or is done."""

    WAITING = "waiting"
    PAUSED = "paused"
    ORPHANED = "orphaned"
    FLUSHING = "flushing"
    FLUSHED = "flushed"


class FlushReason(StrEnum):
    """Why a batch is delivered.

    `DELAY` and `SIZE` flush an auto-batch of today's API; `REQUEST` is a batch that came as one request.
    """

    SCHEDULE = "schedule"
    DELAY = "delay"
    SIZE = "size"
    REQUEST = "request"
    MANUAL = "manual"
    SHUTDOWN = "shutdown"
    UNINSTALL = "uninstall"
    RECOVERY = "recovery"


class InstallationState(StrEnum):
    """How far an installation came; only an installed one takes writes."""

    PROVISIONING = "provisioning"
    INSTALLED = "installed"
    FAILED = "failed"
    REMOVED = "removed"


class CircuitState(StrEnum):
    """Which requests are sent to a CRM: all (closed), none for a while (open), one to try (half-open)."""

    CLOSED = "closed"
    OPEN = "open"
    HALF_OPEN = "half_open"


class Installation(msgspec.Struct, frozen=True, rename="camel"):
    """One integration installed for one group. `error` says why it failed, when it did."""

    id: str
    integration: str
    group: str
    provider: str
    connection: Literal["mock", "live"]
    created_at: datetime
    state: InstallationState
    error: str = ""


class Operation(msgspec.Struct, frozen=True, rename="camel"):
    """One accepted write request and what became of it.

    Attributes:
        endpoint: The URL segment it came through; None where the manifest has none.
        object: The object's name in the manifest.
        batch_id: The batch it waits in or went with; None for an immediate write.
        primary_key: The CRM id of the record to update or delete; None for an insert.
        fields: The values as they were accepted, under the manifest's names.
        attempts: Requests that carried it so far.
        next_attempt_at: When it is tried again after a transient error.
        record_id: The CRM's id once it succeeded.
        raw_response: What the CRM answered where it did not succeed, or where the app gets the record back.
        crm_status: The HTTP status of the CRM's answer where it refused the request as a whole.
        object_name: What the app called the object, where that may differ from `object`.
        is_async: Whether nobody waited for its outcome, as for an asynchronous write of today's API.
        associations: HubSpot's associations of the record, as they were sent.
    """

    id: str
    installation_id: str
    endpoint: str | None
    object: str
    mode: Mode
    state: OperationState
    batch_id: str | None
    primary_key: str | None
    fields: dict[str, Any]
    accepted_at: datetime
    attempts: int = 0
    next_attempt_at: datetime | None = None
    record_id: str | None = None
    errors: tuple[ErrorDetail, ...] = ()
    raw_response: str | None = None
    finished_at: datetime | None = None
    object_name: str = ""
    crm_status: int | None = None
    is_async: bool = False
    associations: tuple[dict[str, Any], ...] = ()

    @property
    def is_final(self) -> bool:
        """Whether nothing more happens to it on its own."""
        return self.state in FINAL_STATES


class Batch(msgspec.Struct, frozen=True, rename="camel"):
    """The writes of one installation, object and mode that are delivered together.

    Attributes:
        count: Writes without an outcome yet.
        flush_at: When its schedule fires; None when only a hand can flush it.
        schedule: The schedule as the manifest spells it; None when it has none any more, and for the batches
            of today's API.
        requests_expected: The requests that a flush now would take, retries and waiting for bulk jobs aside.
        requests_unbatched: What the same writes would take one by one.
        succeeded: Outcomes so far, once it is being flushed; `failed` and `in_doubt` likewise.
        requests: The requests that its flush has made so far; all those of a bulk job count.
        reason: Why it is or was flushed; None while it waits.
        flush_size: An auto-batch is flushed at so many writes, if its delay does not end first; else 0.
        all_or_none: Whether the CRM takes all of its records or none.
        is_operation: Whether it is one operation of today's API: a batch of one request, or an auto-batch.
        is_async: Whether nobody waits for its outcome.
        object_name: What the app called the object, where that may differ from `object`.
    """

    id: str
    installation_id: str
    object: str
    mode: Mode
    state: BatchState
    count: int
    opened_at: datetime
    flush_at: datetime | None
    schedule: str | None
    requests_expected: int
    requests_unbatched: int
    succeeded: int = 0
    failed: int = 0
    in_doubt: int = 0
    requests: int = 0
    reason: FlushReason | None = None
    flush_size: int = 0
    all_or_none: bool = False
    is_operation: bool = False
    is_async: bool = True
    object_name: str = ""


class QuotaView(msgspec.Struct, frozen=True, rename="camel"):
    """The requests of one connection against the CRM's limits; a limit of 0 means none.

    Attributes:
        requests: All requests since the installation, descriptions and provisioning included.
        requests_daily: Those of the last 24 hours.
        requests_burst: Those of the last `burst_s` seconds; `burst_peak` is the most there ever were.
        writes: Records that those requests carried.
        requests_unbatched: What the same traffic would have taken with one request per write.
    """

    installation_id: str
    requests: int
    requests_daily: int
    daily_limit: int
    requests_burst: int
    burst_peak: int
    burst_limit: int
    burst_s: float
    writes: int
    requests_unbatched: int


class OperationCount(msgspec.Struct, frozen=True):
    """How many operations of a batch, or of none, were accepted in one minute and have the same end.

    Attributes:
        batch_id: The batch; None for those that were sent at once.
        state: How they ended; None while they wait.
        accepted: The minute since 1970; `finished` likewise, None while they wait.
        first_accepted: When the first of them was accepted; the others say when outcomes came.
    """

    batch_id: str | None
    state: OperationState | None
    accepted: int
    finished: int | None
    count: int
    first_accepted: datetime
    first_finished: datetime | None
    last_finished: datetime | None


class ConnectionView(msgspec.Struct, frozen=True, rename="camel"):
    """The health of one connection: its circuit, failures in a row, and until when it rests."""

    installation_id: str
    circuit: CircuitState
    failures: int
    until: datetime | None
    reason: str
    in_flight: int
