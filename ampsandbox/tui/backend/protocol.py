"""What the screen needs from the rest: queries that answer with views, and commands, by what they are about.

Every method is awaited from the interface's own loop and may cross a thread. What the user can act on is
raised as `AmpSandboxError`.
"""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Mapping, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, NoReturn, Protocol

from ampsandbox.errors import AmpSandboxError

if TYPE_CHECKING:
    from ampsandbox.engine.crm import OrgIdentity, ProvisioningPlan, ProvisioningStep
    from ampsandbox.manifest.model import Integration, WriteObject
    from ampsandbox.service.live import LivePreview
    from ampsandbox.service.record_views import CrmObject, QueryResult, RecordPage, RelatedRecord
    from ampsandbox.service.sandbox_service import SandboxService
    from ampsandbox.settings.credentials import LiveConnection
    from ampsandbox.tui.backend.views import (
        Activity,
        BatchView,
        FaultView,
        InstallationStatus,
        LogDetail,
        LogRow,
        OperationPage,
        OperationSource,
        OperationView,
        QuotaUsage,
        SchemaView,
        SeedFailure,
        Snapshot,
        WriteOutcome,
    )


class StartingBackend:
    """Stands in for a backend that is still starting: whatever is asked of it, it says so."""

    url = "starting…"
    project = ""
    write_headers: Sequence[tuple[str, str]] = ()

    def __getattr__(self, name: str) -> StartingBackend:
        return self

    async def __call__(self, *args: object, **more: object) -> NoReturn:
        """Refuse, whatever was asked for."""
        raise AmpSandboxError("The sandbox is still starting.", "Try again in a second.")


class Backend(Protocol):
    """One running sandbox as the interface sees it."""

    @property
    def url(self) -> str:
        """The server's base URL, without a trailing slash."""

    @property
    def project(self) -> str:
        """The name in `/projects/{project}/…`."""

    @property
    def write_headers(self) -> Sequence[tuple[str, str]]:
        """The headers of a write: the content type, and an API key where the server wants one."""

    @property
    def component_origins(self) -> Sequence[str]:
        """Where the user's own pages with the real React component are served."""

    async def carry_out(self, verb: Callable[[SandboxService], Coroutine[Any, Any, Any]]) -> None:
        """Carry out a verb of the service whose arguments the screen has, and whose answer it needs not.

        What has to be translated for the screen has a method in one of the parts below.
        """

    async def snapshot(self, after: int) -> Snapshot:
        """The state now, with the log rows whose sequence number is above `after`."""

    @property
    def installations(self) -> InstallationBackend:
        """Install and uninstall."""

    @property
    def connections(self) -> ConnectionBackend:
        """Whose org an installation writes to."""

    @property
    def batches(self) -> BatchBackend:
        """What waits for a flush, and what was flushed."""

    @property
    def operations(self) -> OperationBackend:
        """The accepted writes."""

    @property
    def clock(self) -> ClockBackend:
        """The sandbox's time."""

    @property
    def records(self) -> RecordBackend:
        """The contents of CRMs."""

    @property
    def faults(self) -> FaultBackend:
        """What makes mock CRMs misbehave, and how much of their quota is used."""

    @property
    def activity(self) -> ActivityBackend:
        """What happened over time."""

    @property
    def log(self) -> LogBackend:
        """The requests that were handled."""

    @property
    def snapshots(self) -> SnapshotBackend:
        """The whole state."""


class InstallationBackend(Protocol):
    """Integrations installed for groups."""

    async def plan(self, integration: str, group: str) -> ProvisioningPlan:
        """What installing would create in the CRM."""

    async def install(
        self, integration: str, group: str, on_step: Callable[[ProvisioningStep], None]
    ) -> InstallationStatus:
        """Install an integration for a group; `on_step` may be called from another thread."""

    async def uninstall(self, integration: str, group: str) -> None:
        """Uninstall an integration for a group."""

    async def preview_html(self, integration: Integration, group: str) -> str:
        """The installer prompts as a self-contained HTML page."""

    async def config(self, installation_id: str) -> Mapping[str, Any]:
        """The content of an installation's config: what the customer chose."""

    async def configure(self, installation_id: str, content: Mapping[str, Any]) -> None:
        """Let an installation have another config, from its next write on."""


class ConnectionBackend(Protocol):
    """The orgs that installations write to."""

    async def identify(self, installation_id: str) -> OrgIdentity:
        """Ask the CRM whose org this is."""

    async def known_way(self, installation_id: str) -> LiveConnection | None:
        """The way into a real org that the settings give an installation, if they do."""

    async def preview(self, installation_id: str, live: LiveConnection) -> LivePreview:
        """Whose org credentials lead to, and what installing would create there; nothing is written."""

    async def go_live(
        self,
        installation_id: str,
        live: LiveConnection,
        org: OrgIdentity,
        on_step: Callable[[ProvisioningStep], None],
    ) -> None:
        """Let an installation write to a real org; `on_step` may be called from another thread."""

    async def go_mock(self, installation_id: str, on_step: Callable[[ProvisioningStep], None]) -> None:
        """Let an installation write to a mock org again, and forget what was given to go live."""

    async def reconnect(self, installation_id: str, live: LiveConnection, org: OrgIdentity) -> None:
        """Give a live installation credentials again; what waits stays, nothing is provisioned."""


class BatchBackend(Protocol):
    """Batches that wait, and batches that were flushed."""

    async def flush(self, batch_id: str | None = None) -> Sequence[BatchView]:
        """Deliver a batch now; every batch when none is named. Returns them as they are then."""

    async def flushed(self, limit: int) -> Sequence[BatchView]:
        """The newest batches that are done, newest first, those of earlier sessions too."""


class OperationBackend(Protocol):
    """Accepted writes, and what can be done about them."""

    async def page(
        self, source: OperationSource, *, cursor: str = "", search: str = "", limit: int = 500
    ) -> OperationPage:
        """A window on operations: those of a batch oldest first, others newest first.

        Args:
            source: Which operations.
            cursor: Where the window before this one ended; empty for the first.
            search: Words that all must be found, each optionally behind `group:`, `object:` and others.
            limit: How many at most.
        """

    async def get(self, operation_id: str) -> OperationView:
        """One operation by its id."""

    async def edit(self, operation_id: str, fields: Mapping[str, Any]) -> None:
        """Replace the fields of a queued operation."""

    async def drop(self, operation_id: str) -> None:
        """Give up an operation that has not reached the CRM."""

    async def send_now(self, operation_id: str) -> OperationView:
        """Send one write that waits in a batch at once; returns it with its outcome."""

    async def retry(self, operation_id: str, fields: Mapping[str, Any] | None = None) -> OperationView:
        """Send a failed operation again, with other fields where given; returns it with its outcome."""

    async def retry_all(self) -> int:
        """Send all dead letters again and wait for their outcomes; returns how many were sent."""

    async def dead_letter_count(self) -> int:
        """How many operations failed or are in doubt."""

    async def mark_written(self, operation_id: str, record_id: str | None) -> None:
        """Note that a write in doubt is in the CRM after all."""

    async def lookup(self, operation_id: str) -> RecordPage:
        """The records of a mock org that hold what an operation would have written."""

    async def record_of(self, operation_id: str) -> tuple[str, str, str]:
        """The installation, the object and the id of the record that an operation wrote or is to update."""


class ClockBackend(Protocol):
    """The sandbox's time."""

    async def set_speed(self, speed: float) -> None:
        """Run the clock at a multiple of real time; 0 freezes it."""

    async def advance(self, *, by: timedelta | None = None, to: datetime | None = None) -> None:
        """Move the clock forward, flushing what falls due on the way.

        Cancelled, the clock stays at the moment that it came to.
        """


class RecordBackend(Protocol):
    """What CRMs hold. All but the schema is refused with a `ConflictError` for a live installation."""

    async def schema(self, installation_id: str, item: WriteObject | str) -> SchemaView:
        """The fields of a manifest object, or of a CRM object by its API name."""

    async def objects(self, installation_id: str) -> Sequence[CrmObject]:
        """The objects of a mock org, those with records first."""

    async def stamp(self, installation_id: str) -> int:
        """A number that is another one whenever something in the org changed."""

    async def search(
        self, installation_id: str, object_name: str, *, search: str = "", sort: str = "",
        descending: bool = False, archived: bool = False, offset: int = 0, limit: int = 500,
    ) -> RecordPage:  # fmt: skip
        """A window on the records of an object that hold a text, in the order of a field.

        Without a field the newest come first; `archived` looks into the recycle bin. Both search and order
        are over all records, however many there are.
        """

    async def get(self, installation_id: str, object_name: str, record_id: str) -> Mapping[str, Any] | None:
        """One record; None when it is gone."""

    async def related(
        self, installation_id: str, object_name: str, record_id: str
    ) -> Sequence[RelatedRecord]:
        """The records that a record points to, and those that point to it."""

    async def history(
        self, installation_id: str, object_name: str, record_id: str
    ) -> Sequence[Mapping[str, Any]]:
        """What happened to a record, newest first."""

    async def query(self, installation_id: str, text: str, limit: int = 2_000) -> QueryResult:
        """Run SOQL on Salesforce, or a search body in JSON on HubSpot."""

    async def update(
        self, installation_id: str, object_name: str, record_id: str, fields: Mapping[str, Any]
    ) -> None:
        """Change a record under the CRM's own rules."""

    async def delete(self, installation_id: str, object_name: str, record_id: str) -> None:
        """Move a record to the recycle bin under the CRM's own rules."""

    async def undelete(self, installation_id: str, object_name: str, record_id: str) -> None:
        """Bring a record back from the recycle bin."""

    async def create(
        self, installation_id: str, object_name: str, rows: Sequence[Mapping[str, Any]]
    ) -> Sequence[SeedFailure]:
        """Create records under the CRM's own rules; those that were refused, by their place in `rows`."""

    async def reset(self, installation_id: str) -> None:
        """Empty one mock org; what the installation created in its schema stays."""


class FaultBackend(Protocol):
    """The manners of mock CRMs, and the quotas of every connection."""

    async def quota(self, installation_id: str) -> Sequence[QuotaUsage]:
        """The request quotas of a connection."""

    async def list(self, installation_id: str) -> Sequence[FaultView]:
        """The fault rules of a mock org."""

    async def add(self, installation_id: str, rule: Mapping[str, Any]) -> None:
        """Make a mock org misbehave."""

    async def remove(self, installation_id: str, fault_id: str) -> None:
        """Take one rule of a mock org out of force."""

    async def clear(self, installation_id: str) -> None:
        """Make a mock org behave again."""


class ActivityBackend(Protocol):
    """What happened over time."""

    async def last_day(self) -> Activity:
        """The writes, CRM requests and batches of the day before the sandbox's time."""


class LogBackend(Protocol):
    """The requests that were handled."""

    async def get(self, seq: int) -> LogDetail:
        """Everything known of one request."""

    async def of(self, operation_id: str) -> LogDetail:
        """The request that an operation was made of."""

    async def before(self, seq: int, limit: int) -> Sequence[LogRow]:
        """The rows below a number, oldest first: the last `limit` of those that are kept on disk alone."""

    async def outcomes(self, operation_ids: Sequence[str]) -> Mapping[str, WriteOutcome]:
        """What has become of operations by now; those that are not known any more are left out."""

    async def several(self, numbers: Sequence[int]) -> Sequence[LogDetail]:
        """The requests of these numbers that are still kept, without what they led to."""

    async def clear(self) -> None:
        """Forget the requests so far."""


class SnapshotBackend(Protocol):
    """The whole state."""

    async def reset(self) -> None:
        """Start over: no operations, empty orgs, the installations kept."""

    async def take(self) -> bytes:
        """The whole state as bytes."""

    async def restore(self, snapshot: bytes) -> None:
        """Go back to a saved state."""
