"""The screen's backend over a running sandbox: state, installations, batches, operations, time and log.

Every method hands its work to the runner's loop, where the engine lives, and brings back plain views.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from ampsandbox.engine.model import Batch, Installation, Operation, OperationState
from ampsandbox.errors import NotFoundError
from ampsandbox.manifest.findings import LoadResult
from ampsandbox.manifest.loader import load_manifest
from ampsandbox.manifest.schedule import ScheduleError, parse_schedule
from ampsandbox.tui.running_crm import RunningCrm
from ampsandbox.tui.tally import Tally
from ampsandbox.tui.views import BatchView, InstallationView, LogDetail, LogRow, OperationView, Snapshot

if TYPE_CHECKING:
    from ampsandbox.crm.credentials import LiveConnection
    from ampsandbox.engine.crm import Exchange, OrgIdentity, Plan, Step
    from ampsandbox.manifest.model import Integration
    from ampsandbox.server.runner import Runner
    from ampsandbox.server.switching import Look
    from ampsandbox.server.traffic import HandledRequest

_FIRES_SHOWN = 3
_TEXT_SEARCHED = 300
_RING = 5_000
_NOTHING = LoadResult(None, (), "", "no manifest")


class RunningBackend(RunningCrm):
    """A `Backend` over a `Runner`."""

    def __init__(self, runner: Runner) -> None:
        super().__init__(runner)
        self._tally = Tally(runner.sandbox.events)
        self._loaded = _NOTHING
        self._loaded_from: object = None
        self._version = 0
        self._cleared = 0
        self._fires: dict[tuple[str, datetime], tuple[datetime, ...]] = {}

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
            next_flush=snapshot.next_flush, log_cleared=self._cleared,
        )  # fmt: skip

    async def _snapshot(self) -> Snapshot:
        sandbox = self.runner.sandbox
        self._follow_manifest()
        if self._tally.take_reset():
            self._cleared = self.runner.traffic.count
        installations = {item.id: item for item in sandbox.installations}
        batches = sandbox.batches(flushed=0)
        return Snapshot(
            now=sandbox.clock.now(),
            speed=sandbox.clock.speed,
            loaded=self._loaded,
            version=self._version,
            installations=tuple(self._installation(item) for item in installations.values()),
            batches=tuple(self._batch(item, installations[item.installation_id]) for item in batches),
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

    def _installation(self, item: Installation) -> InstallationView:
        org = self.runner.org(item.id) or self.runner.service.connections.identity(item.id)
        return InstallationView(
            item.id, item.integration, item.group, item.provider, item.connection, item.state.value,
            org.name if org is not None else "",
            self.runner.sandbox.connection_state(item.id).circuit.value.replace("_", " "),
        )  # fmt: skip

    def _batch(self, item: Batch, owner: Installation) -> BatchView:
        limits = self.runner.sandbox.crm(owner.id).limits
        return BatchView(
            id=item.id, installation_id=owner.id, integration=owner.integration, group=owner.group,
            provider=owner.provider, object=item.object,
        mode=item.mode.value, state=item.state.value,
            count=item.count, limit=limits.collection, flush_at=item.flush_at,
            requests_expected=item.requests_expected, requests_unbatched=item.requests_unbatched,
            schedule=item.schedule or "", next_fires=self._next_fires(item, owner),
            is_paused=item.state.value == "paused",
        )  # fmt: skip

    def _next_fires(self, item: Batch, owner: Installation) -> tuple[datetime, ...]:
        if item.flush_at is None or item.schedule is None:
            return ()
        key = (item.schedule, item.flush_at)
        if key not in self._fires:
            if len(self._fires) > 1_000:
                self._fires.clear()
            self._fires[key] = _fires(item.schedule, item.flush_at, owner.created_at)
        return self._fires[key]

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

    async def identify(self, installation_id: str) -> OrgIdentity:
        """Ask the CRM whose org this is."""
        return await self.runner.call(self._crm(installation_id).identify())

    # -- connections -------------------------------------------------------------------------------------

    def _installed(self, installation_id: str) -> Installation:
        found = (item for item in self.runner.sandbox.installations if item.id == installation_id)
        if (item := next(found, None)) is None:
            raise NotFoundError("This installation is gone.")
        return item

    async def known_way(self, installation_id: str) -> LiveConnection | None:
        """The way into a real org that the settings give an installation, if they do."""
        item = self._installed(installation_id)
        return self.runner.service.connections.find(item.provider, item.integration, item.group)

    async def look(self, installation_id: str, live: LiveConnection) -> Look:
        """Whose org credentials lead to, and what installing would create there."""
        from ampsandbox.server import switching

        return await self.runner.call(
            switching.look(self.runner.service, self._installed(installation_id), live)
        )

    async def go_live(
        self, installation_id: str, live: LiveConnection, org: OrgIdentity, on_step: Callable[[Step], None]
    ) -> None:
        """Let an installation write to a real org."""
        from ampsandbox.server import switching

        item = self._installed(installation_id)
        await self.runner.call(switching.go_live(self.runner.service, item, live, org, on_step))

    async def go_mock(self, installation_id: str, on_step: Callable[[Step], None]) -> None:
        """Let an installation write to a mock org again."""
        from ampsandbox.server import switching

        item = self._installed(installation_id)
        await self.runner.call(switching.go_mock(self.runner.service, item, on_step))

    # -- batches and operations --------------------------------------------------------------------------

    async def flush(self, batch_id: str | None = None) -> None:
        """Deliver a batch now; every batch when none is named."""
        await self.runner.call(self.runner.sandbox.flush(batch_id))

    async def pause(self, batch_id: str) -> None:
        """Keep a batch from being flushed by its schedule."""
        await self.runner.call(self.runner.sandbox.pause(batch_id))

    async def resume(self, batch_id: str) -> None:
        """Let the schedule flush a paused batch again."""
        await self.runner.call(self.runner.sandbox.resume(batch_id))

    async def batch_writes(self, batch_id: str, offset: int, limit: int) -> Sequence[OperationView]:
        """The operations that wait in a batch, oldest first."""
        return await self._here(
            lambda: self._views(self.runner.sandbox.batch_operations(batch_id, offset, limit))
        )

    async def operations(self, states: Sequence[str], limit: int) -> Sequence[OperationView]:
        """The newest operations in any of the states; all of them when none is named."""
        sandbox = self.runner.sandbox
        wanted = [OperationState(state) for state in states] or None
        return await self._here(lambda: self._views(sandbox.operations(wanted, limit=limit)))

    async def operation(self, operation_id: str) -> OperationView:
        """One operation by its id."""
        return await self._here(lambda: self._views([self.runner.sandbox.operation(operation_id)])[0])

    async def edit(self, operation_id: str, fields: Mapping[str, Any]) -> None:
        """Replace the fields of a queued operation."""
        await self.runner.call(self.runner.sandbox.edit(operation_id, fields))

    async def drop(self, operation_id: str) -> None:
        """Give up an operation that has not reached the CRM."""
        await self.runner.call(self.runner.sandbox.drop(operation_id))

    async def retry(self, operation_id: str, fields: Mapping[str, Any] | None = None) -> None:
        """Send a failed operation again."""
        await self.runner.call(self.runner.sandbox.retry(operation_id, fields))

    async def dead_letter_count(self) -> int:
        """How many operations failed or are in doubt."""
        return await self._here(self.runner.sandbox.dead_letter_count)

    async def retry_all(self) -> int:
        """Send all dead letters again."""
        return await self.runner.call(self.runner.sandbox.retry_all())

    def _views(self, found: Sequence[Operation]) -> list[OperationView]:
        groups = {item.id: item.group for item in self.runner.sandbox.installations}
        return [_operation(item, groups.get(item.installation_id, "")) for item in found]

    # -- time --------------------------------------------------------------------------------------------

    async def set_speed(self, speed: float) -> None:
        """Run the clock at a multiple of real time; 0 freezes it."""
        await self._here(lambda: self.runner.sandbox.set_speed(speed))

    async def advance(self, *, by: timedelta | None = None, to: datetime | None = None) -> None:
        """Move the clock forward, flushing what falls due on the way."""
        await self.runner.call(self.runner.sandbox.advance(by=by, to=to))

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
            operation = self._views([self.runner.sandbox.operation(item.operation_id)])[0]
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


def _fires(schedule: str, first: datetime, anchor: datetime) -> tuple[datetime, ...]:
    found = [first]
    try:
        parsed = parse_schedule(schedule)
        while len(found) < _FIRES_SHOWN:
            found.append(parsed.next_fire(found[-1], anchor))
    except ScheduleError:
        return tuple(found)
    return tuple(found)


def _row(item: HandledRequest, providers: Mapping[str, str]) -> LogRow:
    return LogRow(
        seq=item.seq, at=item.at, kind="write", method=item.method, path=item.path, status=item.status,
        elapsed_ms=item.elapsed_ms, endpoint=item.endpoint, group=item.group,
        provider=providers.get(item.endpoint, ""), operation_id=item.operation_id,
        text=item.request_body[:_TEXT_SEARCHED].decode(errors="replace"),
    )  # fmt: skip


def _operation(item: Operation, group: str) -> OperationView:
    return OperationView(
        id=item.id, installation_id=item.installation_id, group=group, object=item.object,
        mode=item.mode.value,
        state=item.state.value, fields=item.fields, endpoint=item.endpoint, primary_key=item.primary_key,
        batch_id=item.batch_id, record_id=item.record_id, attempts=item.attempts,
        errors=tuple(f"{error.code}: {error.message}" for error in item.errors), raw=item.raw_response,
        accepted_at=item.accepted_at, finished_at=item.finished_at, next_attempt_at=item.next_attempt_at,
    )  # fmt: skip
