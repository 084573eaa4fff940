"""What the screen shows, as plain immutable values.

A backend makes them on its own thread; the interface only reads them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from ampsandbox.engine.crm import CrmField, Exchange
    from ampsandbox.manifest.findings import LoadResult

LogKind = Literal["write", "control", "crm"]


@dataclass(frozen=True, slots=True)
class InstallationView:
    """One integration installed for one group. `org` names the CRM org behind it, `circuit` its health."""

    id: str
    integration: str
    group: str
    provider: str
    connection: str
    state: str
    org: str = ""
    circuit: str = "closed"

    @property
    def is_live(self) -> bool:
        """Whether writes reach a real CRM."""
        return self.connection == "live"


@dataclass(frozen=True, slots=True)
class BatchView:
    """The writes waiting for one flush.

    `limit` is what one CRM request carries; `requests_unbatched` is what the same writes would have cost
    alone.
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


@dataclass(frozen=True, slots=True)
class OperationView:
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


@dataclass(frozen=True, slots=True)
class LogRow:
    """One line of the request log. `status` is None where no answer came."""

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


@dataclass(frozen=True, slots=True)
class LogDetail:
    """Everything known of one exchange, with the CRM requests that its operation led to."""

    row: LogRow
    url: str
    request_headers: tuple[tuple[str, str], ...]
    request_body: str
    response_headers: tuple[tuple[str, str], ...]
    response_body: str
    crm: tuple[Exchange, ...] = ()
    operation: OperationView | None = None


@dataclass(frozen=True, slots=True)
class ObjectView:
    """One object of a CRM org with the number of its records."""

    name: str
    label: str
    count: int
    is_custom: bool = False


@dataclass(frozen=True, slots=True)
class SchemaView:
    """The fields of an object in the CRM, and their API names by the manifest's names (lower-cased)."""

    object_name: str
    label: str
    fields: tuple[CrmField, ...]
    names: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class RecordPage:
    """A window on the records of an object: at most 1,000 rows of `total`."""

    object_name: str
    rows: tuple[Mapping[str, Any], ...]
    total: int
    offset: int = 0


@dataclass(frozen=True, slots=True)
class QuotaView:
    """How much of a CRM's request quota is used. `window` says over which time, such as "24 h"."""

    name: str
    used: int
    limit: int
    window: str = ""
    unbatched: int = 0


@dataclass(frozen=True, slots=True)
class FaultView:
    """One rule that makes a mock CRM misbehave, and how often it fired."""

    id: str
    text: str
    fired: int = 0
    remaining: int | None = None


@dataclass(frozen=True, slots=True)
class Counts:
    """How many operations there are of each kind, since the state directory was made."""

    accepted: int = 0
    queued: int = 0
    succeeded: int = 0
    failed: int = 0
    in_doubt: int = 0


@dataclass(frozen=True, slots=True)
class Snapshot:
    """What changes all the time, read at one moment.

    `log` holds the rows that are newer than the caller asked for; `log_cleared` is the sequence number
    up to which rows were thrown away.
    """

    now: datetime
    speed: float
    loaded: LoadResult
    version: int
    installations: tuple[InstallationView, ...]
    batches: tuple[BatchView, ...]
    log: tuple[LogRow, ...]
    counts: Counts
    next_flush: datetime | None = None
    log_cleared: int = 0
