"""The screen's backend over a running engine: its parts, and the state of all of it at one moment.

Every method hands its work to the runner's loop, where the engine lives, and brings back plain views.
"""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Sequence
from typing import TYPE_CHECKING, Any

from msgspec.structs import replace

from ampsandbox.manifest.findings import LoadResult
from ampsandbox.manifest.loader import load_manifest
from ampsandbox.tui.backend.activity import RunningActivity
from ampsandbox.tui.backend.batches import RunningBatches
from ampsandbox.tui.backend.clock import RunningClock
from ampsandbox.tui.backend.connections import RunningConnections
from ampsandbox.tui.backend.counters import OutcomeCounters
from ampsandbox.tui.backend.faults import RunningFaults
from ampsandbox.tui.backend.installations import RunningInstallations
from ampsandbox.tui.backend.link import Link
from ampsandbox.tui.backend.log import RunningLog
from ampsandbox.tui.backend.operations import RunningOperations
from ampsandbox.tui.backend.records import RunningRecords
from ampsandbox.tui.backend.snapshots import RunningSnapshots
from ampsandbox.tui.backend.views import Snapshot
from ampsandbox.tui.http_sender import JSON

if TYPE_CHECKING:
    from ampsandbox.server.runner import Runner
    from ampsandbox.service.sandbox_service import SandboxService
    from ampsandbox.tui.backend.protocol import Backend

_NOTHING = LoadResult(None, (), "", "no manifest")


class RunningBackend:
    """A `Backend` over a `Runner`."""

    def __init__(self, runner: Runner) -> None:
        self.runner = runner
        link = Link(runner)
        self.installations = RunningInstallations(link)
        self.connections = RunningConnections(link)
        self.batches = RunningBatches(link)
        self.operations = RunningOperations(link)
        self.clock = RunningClock(link)
        self.records = RunningRecords(link)
        self.faults = RunningFaults(link)
        self.activity = RunningActivity(link, self.batches)
        self.log = RunningLog(link, self.operations)
        self.snapshots = RunningSnapshots(link)
        self._counters = OutcomeCounters(runner.engine.events, runner.engine.operations.dead_letter_counts)
        self._loaded = _NOTHING
        self._loaded_from: object = None
        self._version = 0

    async def carry_out(self, verb: Callable[[SandboxService], Coroutine[Any, Any, Any]]) -> None:
        """Carry out a verb of the service on the runner's loop."""
        await self.runner.call(verb(self.runner.service))

    @property
    def url(self) -> str:
        """The server's base URL."""
        return self.runner.url

    @property
    def project(self) -> str:
        """The name in `/projects/{project}/…`."""
        return self.runner.engine.project

    @property
    def write_headers(self) -> Sequence[tuple[str, str]]:
        """The content type, and the API key where the server was started with one."""
        key = self.runner.options.api_key
        return (*JSON, *(() if key is None else (("X-Api-Key", key),)))

    @property
    def component_origins(self) -> Sequence[str]:
        """Where the user's own pages with the real React component are served."""
        return self.runner.options.allow_origins

    async def snapshot(self, after: int) -> Snapshot:
        """The state now, with the log rows whose sequence number is above `after`."""
        snapshot = await self.runner.call(self._snapshot())
        rows = await self.log.rows(after, snapshot.loaded)
        return replace(snapshot, log=rows, log_cleared=self.log.cleared)

    async def _snapshot(self) -> Snapshot:
        engine = self.runner.engine
        self._follow_manifest()
        if self._counters.take_reset():
            self.log.forget()
        batches = self.batches.views.live()
        return Snapshot(
            now=engine.clock.now(),
            speed=engine.clock.speed,
            loaded=self._loaded,
            version=self._version,
            installations=tuple(map(self.installations.view, engine.installations.all())),
            batches=batches,
            flushed=self.batches.views.just_flushed(),
            log=(),
            counts=self._counters.counts(sum(item.count for item in batches)),
            next_flush=engine.batches.next_flush(),
        )

    def _follow_manifest(self) -> None:
        """Read the file's text again when the sandbox took or refused another manifest."""
        engine = self.runner.engine
        source = (engine.manifest, engine.findings)
        if self._loaded_from is not None and source == self._loaded_from:
            return
        self._loaded_from = source
        self._version += 1
        path = self.runner.options.manifest
        result = load_manifest(path) if path is not None else _NOTHING
        self._loaded = LoadResult(engine.manifest, engine.findings, result.text, result.source)


if TYPE_CHECKING:

    def _is_a_backend(backend: RunningBackend) -> Backend:
        return backend
