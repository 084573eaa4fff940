"""The screen's backend over a running sandbox: state, installations, batches, operations, time and log.

Every method hands its work to the runner's loop, where the engine lives, and brings back plain views.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from ampsandbox.errors import NotFoundError
from ampsandbox.manifest.findings import LoadResult
from ampsandbox.manifest.loader import load_manifest
from ampsandbox.tui.actions.http_sender import JSON
from ampsandbox.tui.backend.counters import Counters
from ampsandbox.tui.backend.log import RunningLog
from ampsandbox.tui.backend.views import InstallationView, Snapshot

if TYPE_CHECKING:
    from ampsandbox.engine.crm import ProvisioningPlan, ProvisioningStep
    from ampsandbox.manifest.model import Integration
    from ampsandbox.server.runner import Runner

_NOTHING = LoadResult(None, (), "", "no manifest")


class RunningBackend(RunningLog):
    """A `Backend` over a `Runner`."""

    def __init__(self, runner: Runner) -> None:
        super().__init__(runner)
        self._counters = Counters(runner.sandbox.events, runner.sandbox.dead_letter_counts)
        self._loaded = _NOTHING
        self._loaded_from: object = None
        self._version = 0

    @property
    def url(self) -> str:
        """The server's base URL."""
        return self.runner.url

    @property
    def project(self) -> str:
        """The name in `/projects/{project}/…`."""
        return self.runner.sandbox.project

    @property
    def write_headers(self) -> Sequence[tuple[str, str]]:
        """The content type, and the API key where the server was started with one."""
        key = self.runner.options.api_key
        return (*JSON, *(() if key is None else (("X-Api-Key", key),)))

    # -- state -------------------------------------------------------------------------------------------

    async def snapshot(self, after: int) -> Snapshot:
        """The state now, with the log rows whose sequence number is above `after`."""
        snapshot = await self.runner.call(self._snapshot())
        rows = self.log_rows(after, snapshot.loaded)
        return Snapshot(
            now=snapshot.now, speed=snapshot.speed, loaded=snapshot.loaded, version=snapshot.version,
            installations=snapshot.installations, batches=snapshot.batches, log=rows, counts=snapshot.counts,
            next_flush=snapshot.next_flush, log_cleared=self._cleared, flushed=snapshot.flushed,
        )  # fmt: skip

    async def _snapshot(self) -> Snapshot:
        sandbox = self.runner.sandbox
        self._follow_manifest()
        if self._counters.take_reset():
            self._cleared = self.runner.request_log.count
        batches = self.batch_views.live()
        return Snapshot(
            now=sandbox.clock.now(),
            speed=sandbox.clock.speed,
            loaded=self._loaded,
            version=self._version,
            installations=tuple(self._installation(item) for item in sandbox.installations),
            batches=batches,
            flushed=self.batch_views.just_flushed(),
            log=(),
            counts=self._counters.counts(sum(item.count for item in batches)),
            next_flush=sandbox.next_flush(),
        )

    def _follow_manifest(self) -> None:
        """Read the file's text again when the sandbox took or refused another manifest."""
        sandbox = self.runner.sandbox
        source = (sandbox.manifest, sandbox.findings)
        if self._loaded_from is not None and source == self._loaded_from:
            return
        self._loaded_from = source
        self._version += 1
        path = self.runner.options.manifest
        result = load_manifest(path) if path is not None else _NOTHING
        self._loaded = LoadResult(sandbox.manifest, sandbox.findings, result.text, result.source)

    # -- installing --------------------------------------------------------------------------------------

    async def plan(self, integration: str, group: str) -> ProvisioningPlan:
        """What installing would create in the CRM."""
        plans = await self.runner.call(self.runner.service.installations.plan(group, integration))
        return plans[integration]

    async def install(
        self, integration: str, group: str, on_step: Callable[[ProvisioningStep], None]
    ) -> InstallationView:
        """Install an integration for a group."""
        work = self.runner.service.installations.install(group, integration, on_step=on_step)
        (installed,) = await self.runner.call(work)
        return self._installation(installed)

    async def uninstall(self, integration: str, group: str) -> None:
        """Uninstall an integration for a group."""
        [item] = self.runner.service.context.installations_of(group, integration)
        await self.runner.call(self.runner.service.installations.uninstall(item.id))

    # -- the whole ---------------------------------------------------------------------------------------

    async def preview_html(self, integration: Integration, group: str) -> str:
        """The installer prompts as a self-contained HTML page."""
        from ampsandbox.manifest.preview import previews
        from ampsandbox.manifest.preview.html import render

        manifest = self.runner.sandbox.manifest
        if manifest is None:
            raise NotFoundError("No manifest is loaded.")
        return render(previews(integration, manifest, group=group))

    async def reset(self) -> None:
        """Start over: no operations, empty orgs, the installations kept."""
        await self.runner.call(self.runner.service.snapshots.reset())

    async def save(self) -> bytes:
        """The whole state as bytes."""
        return await self.runner.call(self.runner.service.snapshots.take())

    async def restore(self, snapshot: bytes) -> None:
        """Go back to a saved state."""
        await self.runner.call(self.runner.service.snapshots.restore(snapshot))
