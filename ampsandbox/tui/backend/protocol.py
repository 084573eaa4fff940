"""What the screen needs from the rest: queries that answer with views, and commands.

Every method is awaited from the interface's own loop and may cross a thread. What the user can act on is
raised as `AmpSandboxError`.
"""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Mapping, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, NoReturn, Protocol

from ampsandbox.errors import AmpSandboxError
from ampsandbox.tui.backend.record_protocol import RecordBackend

if TYPE_CHECKING:
    from ampsandbox.engine.crm import OrgIdentity, ProvisioningPlan, ProvisioningStep
    from ampsandbox.manifest.model import Integration, WriteObject
    from ampsandbox.service.live import LivePreview
    from ampsandbox.settings.credentials import LiveConnection
    from ampsandbox.tui.backend.views import (
        BatchView,
        FaultView,
        InstallationView,
        LogDetail,
        OperationPage,
        OperationSource,
        OperationView,
        QuotaView,
        RecordPage,
        SchemaView,
        Snapshot,
    )


class NotYet:
    """Stands in for a backend that is still starting: whatever is asked of it, it says so."""

    url = "starting…"
    project = ""
    write_headers: Sequence[tuple[str, str]] = ()

    def __getattr__(self, name: str) -> Callable[..., Coroutine[Any, Any, Any]]:
        async def refuse(*args: object, **more: object) -> NoReturn:
            raise AmpSandboxError("The sandbox is still starting.", "Try again in a second.")

        return refuse


class Backend(RecordBackend, Protocol):
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

    async def snapshot(self, after: int) -> Snapshot:
        """The state now, with the log rows whose sequence number is above `after`."""

    # -- installing ------------------------------------------------------------------------------------

    async def plan(self, integration: str, group: str) -> ProvisioningPlan:
        """What installing would create in the CRM."""

    async def install(
        self, integration: str, group: str, on_step: Callable[[ProvisioningStep], None]
    ) -> InstallationView:
        """Install an integration for a group; `on_step` may be called from another thread."""

    async def uninstall(self, integration: str, group: str) -> None:
        """Uninstall an integration for a group."""

    async def identify(self, installation_id: str) -> OrgIdentity:
        """Ask the CRM whose org this is."""

    async def known_way(self, installation_id: str) -> LiveConnection | None:
        """The way into a real org that the settings give an installation, if they do."""

    async def look(self, installation_id: str, live: LiveConnection) -> LivePreview:
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

    # -- batches and operations ------------------------------------------------------------------------

    async def flush(self, batch_id: str | None = None) -> Sequence[BatchView]:
        """Deliver a batch now; every batch when none is named. Returns them as they are then."""

    async def flushed_batches(self, limit: int) -> Sequence[BatchView]:
        """The newest batches that are done, newest first, those of earlier sessions too."""

    async def drop_batch(self, batch_id: str) -> None:
        """Give up all writes of a waiting batch."""

    async def send_now(self, operation_id: str) -> OperationView:
        """Send one write that waits in a batch at once; returns it with its outcome."""

    async def mark_written(self, operation_id: str, record_id: str | None) -> None:
        """Note that a write in doubt is in the CRM after all."""

    async def pause(self, batch_id: str) -> None:
        """Keep a batch from being flushed by its schedule."""

    async def resume(self, batch_id: str) -> None:
        """Let the schedule flush a paused batch again."""

    async def operations(
        self, source: OperationSource, *, cursor: str = "", search: str = "", limit: int = 500
    ) -> OperationPage:
        """A window on operations: those of a batch oldest first, others newest first.

        Args:
            source: Which operations.
            cursor: Where the window before this one ended; empty for the first.
            search: Words that all must be found, each optionally behind `group:`, `object:` and others.
            limit: How many at most.
        """

    async def operation(self, operation_id: str) -> OperationView:
        """One operation by its id."""

    async def edit(self, operation_id: str, fields: Mapping[str, Any]) -> None:
        """Replace the fields of a queued operation."""

    async def drop(self, operation_id: str) -> None:
        """Give up an operation that has not reached the CRM."""

    async def retry(self, operation_id: str, fields: Mapping[str, Any] | None = None) -> OperationView:
        """Send a failed operation again, with other fields where given; returns it with its outcome."""

    async def look_up(self, operation_id: str) -> RecordPage:
        """The records of a mock org that hold what an operation would have written."""

    async def dead_letter_count(self) -> int:
        """How many operations failed or are in doubt."""

    async def retry_all(self) -> int:
        """Send all dead letters again and wait for their outcomes; returns how many were sent."""

    # -- time ------------------------------------------------------------------------------------------

    async def set_speed(self, speed: float) -> None:
        """Run the clock at a multiple of real time; 0 freezes it."""

    async def advance(self, *, by: timedelta | None = None, to: datetime | None = None) -> None:
        """Move the clock forward, flushing what falls due on the way.

        Cancelled, the clock stays at the moment that it came to.
        """

    # -- the CRM ---------------------------------------------------------------------------------------

    async def schema(self, installation_id: str, item: WriteObject | str) -> SchemaView:
        """The fields of a manifest object, or of a CRM object by its API name."""

    async def quota(self, installation_id: str) -> Sequence[QuotaView]:
        """The request quotas of a connection."""

    async def faults(self, installation_id: str) -> Sequence[FaultView]:
        """The fault rules of a mock org."""

    async def add_fault(self, installation_id: str, rule: Mapping[str, Any]) -> None:
        """Make a mock org misbehave."""

    async def remove_fault(self, installation_id: str, fault_id: str) -> None:
        """Take one rule of a mock org out of force."""

    async def clear_faults(self, installation_id: str) -> None:
        """Make a mock org behave again."""

    # -- the log and the whole -------------------------------------------------------------------------

    async def exchange(self, seq: int) -> LogDetail:
        """Everything known of one exchange."""

    async def exchange_of(self, operation_id: str) -> LogDetail:
        """The exchange that an operation was made of."""

    async def record_of(self, operation_id: str) -> tuple[str, str, str]:
        """The installation, the object and the id of the record that an operation wrote or is to update."""

    async def exchanges(self, numbers: Sequence[int]) -> Sequence[LogDetail]:
        """The exchanges of these numbers that are still kept, without what they led to."""

    async def clear_log(self) -> None:
        """Forget the exchanges so far."""

    async def preview_html(self, integration: Integration, group: str) -> str:
        """The installer prompts as a self-contained HTML page."""

    async def reset(self) -> None:
        """Start over: no operations, empty orgs, the installations kept."""

    async def save(self) -> bytes:
        """The whole state as bytes."""

    async def restore(self, snapshot: bytes) -> None:
        """Go back to a saved state."""
