"""What the screen shows, as plain immutable values.

A backend makes them on its own thread; the interface only reads them.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any, Literal

import msgspec

if TYPE_CHECKING:
    from ampsandbox.engine.crm import CrmField, Exchange
    from ampsandbox.manifest.findings import LoadResult

LogKind = Literal["write", "control", "crm"]


class InstallationStatus(msgspec.Struct, frozen=True):
    """One integration installed for one group.

    `org` names the CRM org behind it, `circuit` its health, with the moment until which an open one rests and
    the failure that opened it. `config` counts the versions of its config. A live
    one `needs_credentials` when nothing says how to log in to its org.
    """

    id: str
    integration: str
    group: str
    provider: str
    connection: str
    state: str
    org: str = ""
    circuit: str = "closed"
    needs_credentials: bool = False
    error: str = ""
    rests_until: datetime | None = None
    failure: str = ""
    config: int = 0

    @property
    def is_live(self) -> bool:
        """Whether writes reach a real CRM."""
        return self.connection == "live"


class BatchView(msgspec.Struct, frozen=True):
    """The writes waiting for one flush.

    `limit` is what one CRM request carries; `requests_unbatched` is what the same writes would have cost
    alone. Once it is being flushed, `reason` says why, `requests` how many requests were made so far,
    `succeeded`, `failed` and `in_doubt` count the outcomes, and `retry_at` and `retry_reason` tell what it
    waits for, if for anything. An auto-batch of today's API is flushed at `flush_size` writes, if its delay
    does not end first; `is_operation` says that it is one, or a batch that came as one request.
    """

    id: str
    installation_id: str
    integration: str
    group: str
    provider: str
    object: str
    mode: str
    state: str
    count: int
    limit: int
    flush_at: datetime | None
    requests_expected: int
    requests_unbatched: int
    schedule: str = ""
    next_fires: tuple[datetime, ...] = ()
    is_paused: bool = False
    requests: int = 0
    reason: str = ""
    succeeded: int = 0
    failed: int = 0
    in_doubt: int = 0
    retry_at: datetime | None = None
    retry_reason: str = ""
    finished_at: datetime | None = None
    flush_size: int = 0
    is_operation: bool = False

    @property
    def done(self) -> int:
        """The writes that have their outcome."""
        return self.succeeded + self.failed + self.in_doubt


class OperationView(msgspec.Struct, frozen=True):
    """One accepted write request and what became of it."""

    id: str
    installation_id: str
    group: str
    object: str
    mode: str
    state: str
    fields: Mapping[str, Any]
    endpoint: str | None = None
    primary_key: str | None = None
    batch_id: str | None = None
    record_id: str | None = None
    attempts: int = 0
    errors: tuple[str, ...] = ()
    raw: str | None = None
    accepted_at: datetime | None = None
    finished_at: datetime | None = None
    next_attempt_at: datetime | None = None


class OperationSource(msgspec.Struct, frozen=True):
    """Which operations: one, those of a batch, or the newest in any of the states (in any at all if none)."""

    batch_id: str = ""
    states: tuple[str, ...] = ()
    operation_id: str = ""


class OperationPage(msgspec.Struct, frozen=True):
    """A window on operations. `next` is where the next window begins; empty when there is none."""

    rows: tuple[OperationView, ...]
    next: str = ""


class LogRow(msgspec.Struct, frozen=True, gc=False):
    """One line of the request log. `status` is None where no answer came.

    It holds plain values only, so that the garbage collector need not look at the thousands that are kept.
    """

    seq: int
    at: datetime
    kind: LogKind
    method: str
    path: str
    status: int | None
    elapsed_ms: float
    endpoint: str = ""
    group: str = ""
    provider: str = ""
    operation_id: str = ""
    text: str = ""
    size: int = 0
    """Bytes of the request's body and of the answer's."""


class WriteOutcome(msgspec.Struct, frozen=True):
    """What has become of a write by now: the state of its operation, and the record that it is in."""

    state: str
    record_id: str = ""


class LogDetail(msgspec.Struct, frozen=True):
    """Everything known of one exchange, with the CRM requests that its operation led to.

    `sent` and `answered` are the bodies as they were on the wire. `span` is the start and end in
    `ampsandbox.clock.wall_s`. A request of today's API with many records led to a batch, and not to one
    operation.
    """

    row: LogRow
    url: str
    request_headers: tuple[tuple[str, str], ...]
    sent: bytes
    response_headers: tuple[tuple[str, str], ...]
    answered: bytes
    crm: tuple[Exchange, ...] = ()
    operation: OperationView | None = None
    span: tuple[float, float] = (0.0, 0.0)
    batch_id: str = ""

    @property
    def request_body(self) -> str:
        """The request's body as text."""
        return self.sent.decode(errors="replace")

    @property
    def response_body(self) -> str:
        """The answer's body as text."""
        return self.answered.decode(errors="replace")


class SchemaView(msgspec.Struct, frozen=True):
    """The fields of an object in the CRM, and their API names by the manifest's names (lower-cased).

    `children` are the objects that refer to it, by what queries call the way to them.
    """

    object_name: str
    label: str
    fields: tuple[CrmField, ...]
    names: Mapping[str, str] = msgspec.field(default_factory=dict)
    children: Mapping[str, str] = msgspec.field(default_factory=dict)


class SeedFailure(msgspec.Struct, frozen=True):
    """Why a row was not created. `index` is its place among the rows given, counted from 0."""

    index: int
    message: str
    fields: tuple[str, ...] = ()


class QuotaUsage(msgspec.Struct, frozen=True):
    """How much of a CRM's request quota is used. `window` says over which time, such as "24 h"."""

    name: str
    used: int
    limit: int
    window: str = ""
    unbatched: int = 0


class RequestHistory(msgspec.Struct, frozen=True):
    """The CRM requests of one connection by the minute since 1970, over two days.

    `unbatched` is what the same traffic would have taken with one request per write; a `limit` of 0 means
    none.
    """

    installation_id: str
    name: str
    limit: int
    requests: Mapping[int, int]
    unbatched: Mapping[int, int]


class BatchSpan(msgspec.Struct, frozen=True):
    """A batch over time: when its first write was accepted, when its first and its last outcome came."""

    batch: BatchView
    opened: datetime
    first: datetime | None = None
    last: datetime | None = None


class Activity(msgspec.Struct, frozen=True):
    """What happened in the day before `now`: writes by the minute since 1970 in which it happened to them."""

    now: datetime
    accepted: Mapping[int, int] = msgspec.field(default_factory=dict)
    written: Mapping[int, int] = msgspec.field(default_factory=dict)
    failed: Mapping[int, int] = msgspec.field(default_factory=dict)
    requests: tuple[RequestHistory, ...] = ()
    batches: tuple[BatchSpan, ...] = ()


class FaultView(msgspec.Struct, frozen=True):
    """One rule that makes a mock CRM misbehave, how often it fired, and the last time that it did."""

    id: str
    text: str
    fired: int = 0
    remaining: int | None = None
    last_at: datetime | None = None
    last_request: str = ""


class Counts(msgspec.Struct, frozen=True):
    """Operations accepted and written since the interface was started; those that wait, failed or are in
    doubt now.
    """

    accepted: int = 0
    queued: int = 0
    succeeded: int = 0
    failed: int = 0
    in_doubt: int = 0


class Snapshot(msgspec.Struct, frozen=True):
    """What changes all the time, read at one moment.

    `log` holds the rows that are newer than the caller asked for; `log_cleared` is the sequence number
    up to which rows were thrown away. `flushed` are the batches whose flush ended last, newest first.
    """

    now: datetime
    speed: float
    loaded: LoadResult
    version: int
    installations: tuple[InstallationStatus, ...]
    batches: tuple[BatchView, ...]
    log: tuple[LogRow, ...]
    counts: Counts
    next_flush: datetime | None = None
    log_cleared: int = 0
    flushed: tuple[BatchView, ...] = ()
