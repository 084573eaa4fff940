"""The screen's backend over a running sandbox: state, installations, batches, operations, time and log.

Every method hands its work to the runner's loop, where the engine lives, and brings back plain views.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from ampsandbox.errors import NotFoundError
from ampsandbox.manifest.findings import LoadResult
from ampsandbox.manifest.loader import load_manifest
from ampsandbox.tui.running_batches import RunningBatches
from ampsandbox.tui.tally import Tally
from ampsandbox.tui.views import InstallationView, LogDetail, LogRow, OperationView, Snapshot

if TYPE_CHECKING:
    from ampsandbox.engine.crm import Exchange, Plan, Step
    from ampsandbox.manifest.model import Integration
    from ampsandbox.server.runner import Runner
    from ampsandbox.server.traffic import HandledRequest

_TEXT_SEARCHED = 300
_RING = 5_000
_NOTHING = LoadResult(None, (), "", "no manifest")


class RunningBackend(RunningBatches):
    """A `Backend` over a `Runner`."""

    def __init__(self, runner: Runner) -> None:
        super().__init__(runner)
        self._tally = Tally(runner.sandbox.events, runner.sandbox.dead_letter_counts)
        self._loaded = _NOTHING
        self._loaded_from: object = None
        self._version = 0
        self._cleared = 0

    @property
    def url(self) -> str:
        """The server's base URL."""
        return self.runner.url

    @property
    def project(self) -> str:
        """The name in `/projects/{project}/…`."""
        return self.runner.sandbox.project

    # -- state -------------------------------------------------------------------------------------------

    async def snapshot(self, after: int) -> Snapshot:
        """The state now, with the log rows whose sequence number is above `after`."""
        snapshot = await self.runner.call(self._snapshot())
        # The ring of requests may be read from any thread, so that making rows costs the server nothing.
        providers = self._providers(snapshot.loaded)
        rows = tuple(_row(item, providers) for item in self.runner.traffic.since(max(after, self._cleared)))
        return Snapshot(
            now=snapshot.now, speed=snapshot.speed, loaded=snapshot.loaded, version=snapshot.version,
            installations=snapshot.installations, batches=snapshot.batches, log=rows, counts=snapshot.counts,
            next_flush=snapshot.next_flush, log_cleared=self._cleared, flushed=snapshot.flushed,
        )  # fmt: skip

    async def _snapshot(self) -> Snapshot:
        sandbox = self.runner.sandbox
        self._follow_manifest()
        if self._tally.take_reset():
            self._cleared = self.runner.traffic.count
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
            counts=self._tally.counts(sum(item.count for item in batches)),
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

    @staticmethod
    def _providers(loaded: LoadResult) -> dict[str, str]:
        if loaded.manifest is None:
            return {}
        return {name: owner.provider for name, (owner, _) in loaded.manifest.endpoints().items()}

    # -- installing --------------------------------------------------------------------------------------

    async def plan(self, integration: str, group: str) -> Plan:
        """What installing would create in the CRM."""
        plans = await self.runner.call(self.runner.service.plan(group, integration))
        return plans[integration]

    async def install(
        self, integration: str, group: str, on_step: Callable[[Step], None]
    ) -> InstallationView:
        """Install an integration for a group."""
        work = self.runner.service.install(group, integration, on_step=on_step)
        (installed,) = await self.runner.call(work)
        return self._installation(installed)

    async def uninstall(self, integration: str, group: str) -> None:
        """Uninstall an integration for a group."""
        await self.runner.call(self.runner.sandbox.uninstall(group, integration))

    # -- the log and the whole ---------------------------------------------------------------------------

    async def exchange(self, seq: int) -> LogDetail:
        """Everything known of one exchange."""
        return await self._here(lambda: self._detail(seq))

    def _detail(self, seq: int) -> LogDetail:
        found = self.runner.traffic.since(seq - 1, _RING)
        if not found or found[0].seq != seq:
            raise NotFoundError("This request is no longer kept.", f"The newest {_RING:,} are.")
        item = found[0]
        operation = None
        if item.operation_id:
            operation = self.pages.views([self.runner.sandbox.operation(item.operation_id)])[0]
        return LogDetail(
            row=_row(item, self._providers(self._loaded)),
            url=f"{self.url}{item.path}",
            request_headers=tuple(
                (name.decode("latin-1"), value.decode("latin-1")) for name, value in item.headers
            ),
            request_body=item.request_body.decode(errors="replace"),
            response_headers=(),
            response_body=item.response_body.decode(errors="replace"),
            crm=self._crm_requests(operation) if operation else (),
            operation=operation,
        )

    def _crm_requests(self, operation: OperationView) -> tuple[Exchange, ...]:
        """The CRM requests that carried an operation: of its time, and with its record where known."""
        start, end = operation.accepted_at, operation.finished_at
        if start is None or end is None:
            return ()
        near = [
            item.exchange
            for item in self.runner.sandbox.exchanges.since(0)
            if item.installation_id == operation.installation_id
            and start <= item.exchange.at <= end
            and item.exchange.records
        ]
        key = operation.record_id
        carried = [item for item in near if key and (key in item.response_body or key in item.url)]
        return tuple(carried or near)[-20:]

    async def clear_log(self) -> None:
        """Forget the exchanges so far."""
        self._cleared = self.runner.traffic.count
        await self._here(self.runner.traffic.clear)

    async def preview_html(self, integration: Integration, group: str) -> str:
        """The installer prompts as a self-contained HTML page."""
        from ampsandbox.manifest.preview import preview
        from ampsandbox.manifest.preview.html import render

        manifest = self.runner.sandbox.manifest
        if manifest is None:
            raise NotFoundError("No manifest is loaded.")
        return render([preview(integration, manifest, group=group)])

    async def reset(self) -> None:
        """Start over: no operations, empty orgs, the installations kept."""
        await self.runner.call(self.runner.service.reset())

    async def save(self) -> bytes:
        """The whole state as bytes."""
        return await self.runner.call(self.runner.service.snapshot())

    async def restore(self, snapshot: bytes) -> None:
        """Go back to a saved state."""
        await self.runner.call(self.runner.service.restore(snapshot))


def _row(item: HandledRequest, providers: Mapping[str, str]) -> LogRow:
    return LogRow(
        seq=item.seq, at=item.at, kind="write", method=item.method, path=item.path, status=item.status,
        elapsed_ms=item.elapsed_ms, endpoint=item.endpoint, group=item.group,
        provider=providers.get(item.endpoint, ""), operation_id=item.operation_id,
        text=item.request_body[:_TEXT_SEARCHED].decode(errors="replace"),
    )  # fmt: skip
