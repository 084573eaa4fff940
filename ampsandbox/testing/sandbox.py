"""The sandbox as a Python object: a context manager for any test framework."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Iterable, Mapping
from contextlib import AbstractContextManager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, TypeVar

from ampsandbox.engine.model import Batch, Installation, Operation, QuotaView
from ampsandbox.errors import AmpSandboxError, ManifestError, NotFoundError, UsageError
from ampsandbox.events import encode_event
from ampsandbox.server.runner import Runner, RunnerOptions
from ampsandbox.testing import explain
from ampsandbox.testing.assertions import Assertions
from ampsandbox.testing.crm import CrmView, FaultsView

if TYPE_CHECKING:
    import httpx

    from ampsandbox.engine.crm import Exchange
    from ampsandbox.engine.sandbox import Sandbox as Engine
    from ampsandbox.events import Event
    from ampsandbox.manifest.model import Manifest
    from ampsandbox.server.traffic import HandledRequest

T = TypeVar("T")

_EVENTS_LOGGED = 20

FROZEN_START = datetime(2026, 1, 1, tzinfo=UTC)
"""Where a frozen clock stands at the start of a test, when the test does not say."""

ClockSetting = Literal["frozen", "real"] | datetime


class Sandbox(Assertions, AbstractContextManager["Sandbox"]):
    """A sandbox in memory, with its server on a free port of this machine.

    Args:
        manifest: The `amp.yaml`, or the folder that holds it.
        groups: Installed at the start, for every integration that has a CRM here.
        seed: What ids and random choices are drawn from.
        clock: `frozen` at the start of 2026, frozen at a moment of your own, or `real`.
        project: The project id in the URLs.
        api_key: What write requests must carry as `X-Api-Key`; None ignores it.
        listen: Open a port; without one only `client` and `async_client` reach the sandbox.
    """

    def __init__(
        self,
        manifest: str | Path,
        *,
        groups: Iterable[str] = ("demo",),
        seed: int | str = 0,
        clock: ClockSetting = "frozen",
        project: str = "demo",
        api_key: str | None = None,
        listen: bool = True,
    ) -> None:
        from ampsandbox.manifest.loader import find_manifest

        start = clock if isinstance(clock, datetime) else FROZEN_START
        is_real = clock == "real"
        self.seen_operations: set[str] = set()
        self._runner = Runner(
            RunnerOptions(
                manifest=find_manifest(Path(manifest)),
                host="127.0.0.1" if listen else None,
                project=project,
                groups=tuple(groups),
                seed=seed,
                start=None if is_real else start,
                speed=1.0 if is_real else 0.0,
                api_key=api_key,
                watch=False,
                use_environment=False,
            )
        )

    def __enter__(self) -> Sandbox:
        self.start()
        return self

    def __exit__(self, *exc_info: object) -> None:
        self.stop()

    def start(self) -> None:
        """Start, and install the groups.

        Raises:
            ManifestError: The manifest has errors; the message lists them.
            AmpSandboxError: An installation failed.
        """
        self._runner.start()
        try:
            self._check_start()
        except AmpSandboxError:
            self.stop()
            raise

    def _check_start(self) -> None:
        if self._engine.manifest is None:
            source = self._runner.options.manifest
            found = [f"{source}:{f.position.line}: {f.message} [{f.rule}]" for f in self._engine.findings]
            raise ManifestError(
                "\n".join(["The manifest has errors:", *found]), "'ampsandbox check' says more."
            )
        for problem in self._runner.service.problems:
            raise problem

    def stop(self) -> None:
        """Stop; safe to call twice."""
        self._runner.stop()

    # -- where it is -----------------------------------------------------------------------------------------

    @property
    def url(self) -> str:
        """Where the server listens, such as `http://127.0.0.1:50123`."""
        return self._runner.url

    @property
    def project(self) -> str:
        """The project id in the URLs."""
        return self._engine.project

    @property
    def root_url(self) -> str:
        """What stands for Ampersand's root URL: endpoints are right below it."""
        return f"{self.url}/projects/{self.project}"

    @property
    def env(self) -> dict[str, str]:
        """Environment variables that point an app under test here."""
        return {
            "AMPSANDBOX_URL": self.url,
            "AMPERSAND_ROOT_URL": self.root_url,
            "AMPERSAND_PROJECT_ID": self.project,
            "AMPERSAND_API_KEY": self._runner.options.api_key or "sandbox",
        }

    def write_url(self, endpoint: str) -> str:
        """The URL of a write endpoint.

        Raises:
            NotFoundError: The manifest has no such endpoint.
        """
        manifest = self._engine.manifest
        known = manifest.endpoints() if manifest else {}
        if endpoint not in known:
            raise NotFoundError(f"The manifest has no endpoint {endpoint!r}.", f"It has: {', '.join(known)}.")
        return f"{self.root_url}/{endpoint}"

    def client(self) -> httpx.Client:
        """A client whose base URL is `root_url`, and which needs no socket."""
        import httpx

        from ampsandbox.testing.transport import RunnerTransport

        return httpx.Client(transport=RunnerTransport(self._runner), base_url=self._base_url, trust_env=False)

    def async_client(self) -> httpx.AsyncClient:
        """The asynchronous twin of `client`, for any event loop."""
        import httpx

        from ampsandbox.testing.transport import RunnerTransport

        transport = RunnerTransport(self._runner)
        return httpx.AsyncClient(transport=transport, base_url=self._base_url, trust_env=False)

    @property
    def _base_url(self) -> str:
        return self.root_url if self.url else f"http://localhost/projects/{self.project}"

    # -- what happens ----------------------------------------------------------------------------------------

    def send(
        self, endpoint: str, fields: Mapping[str, Any], *, group: str | None = None, key: str | None = None
    ) -> Operation:
        """Send one write as an app would, and return its operation.

        Args:
            endpoint: The endpoint of the manifest.
            fields: The values to write.
            group: The group to write for; the first one installed when None.
            key: The CRM's id of the record to update.

        Raises:
            UsageError: The sandbox did not accept it; the message is its answer.
        """
        body: dict[str, Any] = {"groupId": group or self._first_group(), "fields": dict(fields)}
        if key is not None:
            body["primaryKey"] = key
        with self.client() as client:
            response = client.post(endpoint, json=body)
        answer = response.json()
        if "operationId" not in answer:
            raise UsageError(f"The sandbox did not accept the write: {response.text}")
        return self.operation(answer["operationId"])

    def _first_group(self) -> str:
        if not self.installations:
            raise UsageError(
                "Nothing is installed.", "Call sandbox.install(group) first, or name the groups."
            )
        return self.installations[0].group

    def install(self, group: str, integration: str | None = None) -> list[Installation]:
        """Install for a group: one integration, or all that have a CRM here."""
        return self._run(self._runner.service.install(group, integration))

    def uninstall(self, group: str, integration: str | None = None) -> None:
        """Uninstall, flushing what waits."""
        self._run(self._engine.uninstall(group, integration))

    def flush(self, object_name: str | None = None) -> list[Batch]:
        """Deliver what waits now: all of it, or that of one object."""
        return self._run(self._engine.flush(object=object_name))

    @property
    def now(self) -> datetime:
        """The sandbox's current moment."""
        return self._runner.service.clock.now()

    def advance(self, *, to: datetime | None = None, **amount: float) -> datetime:
        """Move the clock forward, flushing all that is due on the way, and return where it stands.

        Args:
            to: The moment to go to.
            amount: Or how far: days, hours, minutes, seconds, as for `timedelta`.
        """
        self._run(self._engine.advance(to=to, by=timedelta(**amount) if amount else None))
        return self.now

    def freeze(self) -> None:
        """Let the clock stand still."""
        self.run_clock(0)

    def run_clock(self, speed: float = 1.0) -> None:
        """Let the clock run at a multiple of real time."""
        self._on_loop(lambda: self._engine.set_speed(speed))

    # -- what became of it -----------------------------------------------------------------------------------

    @property
    def manifest(self) -> Manifest | None:
        """The manifest in force."""
        return self._engine.manifest

    @property
    def installations(self) -> list[Installation]:
        """All installations, oldest first."""
        return list(self._engine.installations)

    @property
    def batches(self) -> list[Batch]:
        """Batches that wait or were flushed lately."""
        return self._on_loop(lambda: self._engine.batches(1_000))

    @property
    def operations(self) -> list[Operation]:
        """The last 10,000 accepted writes, oldest first."""
        return self._on_loop(lambda: self._engine.operations(limit=10_000))[::-1]

    def operation(self, operation_id: str) -> Operation:
        """One operation and its outcome.

        Raises:
            NotFoundError: There is none of that id.
        """
        operation = self._on_loop(lambda: self._engine.operation(operation_id))
        self.seen_operations.add(operation_id)
        return operation

    @property
    def dead_letters(self) -> list[Operation]:
        """Writes that failed for good or are in doubt."""
        return self._on_loop(lambda: self._engine.dead_letters(limit=10_000))

    def retry(self, operation_id: str, fields: Mapping[str, Any] | None = None) -> Operation:
        """Send a dead letter again, as it is or with other values."""
        self._run(self._engine.retry(operation_id, dict(fields) if fields is not None else None))
        return self.operation(operation_id)

    def drop(self, operation_id: str) -> None:
        """Give up a waiting write or a dead letter."""
        self._run(self._engine.drop(operation_id))
        self.seen_operations.add(operation_id)

    @property
    def requests(self) -> list[HandledRequest]:
        """The last requests to the write endpoints, oldest first."""
        return self._runner.traffic.since(0)

    @property
    def exchanges(self) -> list[Exchange]:
        """The last HTTP exchanges with CRMs, oldest first, secrets masked."""
        return self._on_loop(lambda: [item.exchange for item in self._engine.exchanges.since(0)])

    @property
    def events(self) -> list[Event]:
        """The last events, oldest first."""
        return self._on_loop(lambda: list(self._engine.events.recent(10_000)))

    @property
    def quota(self) -> list[QuotaView]:
        """CRM requests used per installation, and what the same writes would take one by one."""
        return self._on_loop(lambda: self._engine.quota())

    def crm(self, group: str | None = None, integration: str | None = None) -> CrmView:
        """The mock CRM of a group.

        Args:
            group: The group; the first one installed when None.
            integration: Which one, where the group has several.

        Raises:
            NotFoundError: Nothing is installed for that group.
            ConflictError: The group has several CRMs and none is named.
        """
        from ampsandbox.server.app import crm_path
        from ampsandbox.server.orgs import find_installation_of, org_of

        service = self._runner.service
        installation = find_installation_of(service, group or self._first_group(), integration)
        path = crm_path(installation.integration, installation.group)
        return CrmView(org_of(service, installation), self.url + path, self._on_loop)

    def faults(self, group: str | None = None, integration: str | None = None) -> FaultsView:
        """Failures on demand in the mock CRM of a group; see `crm` for the arguments."""
        return self.crm(group, integration).faults

    def log(self) -> str:
        """The last requests, CRM requests and events as text, for the report of a failed test."""
        events = [f"  {encode_event(event).decode()}" for event in self.events[-_EVENTS_LOGGED:]]
        lines = [
            *explain.last_requests(self.requests),
            *explain.last_exchanges(self.exchanges),
            "Last events:",
        ]
        return "\n".join([*lines, "Last events:", *events])

    # -- state -----------------------------------------------------------------------------------------------

    def reset(self) -> None:
        """Forget all operations and records, and put the clock back to its start; installations stay."""
        self._run(self._runner.service.reset())
        self.seen_operations.clear()

    def snapshot(self) -> bytes:
        """Everything, for `restore`."""
        return self._run(self._runner.service.snapshot())

    def restore(self, snapshot: bytes) -> None:
        """Go back to a snapshot."""
        self._run(self._runner.service.restore(snapshot))

    # -- inside ----------------------------------------------------------------------------------------------

    @property
    def _engine(self) -> Engine:
        return self._runner.sandbox

    def _run(self, work: Coroutine[Any, Any, T]) -> T:
        return self._runner.run(work)

    def _on_loop(self, function: Callable[[], T]) -> T:
        async def call() -> T:
            return function()

        return self._runner.run(call())
