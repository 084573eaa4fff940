"""Looking at a sandbox from a test: what was accepted, what waits, what was sent, what became of it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, TypeVar

from ampsandbox.engine.model import Batch, Installation, Operation, OperationState, QuotaView
from ampsandbox.errors import NotFoundError, nearest_hint
from ampsandbox.events import FlushStarted, encode_event
from ampsandbox.testing import failure_messages
from ampsandbox.testing.answer import TrackedOperation
from ampsandbox.testing.names import manifest_objects

if TYPE_CHECKING:
    from ampsandbox.engine.crm import Exchange
    from ampsandbox.engine.engine import Engine as Engine
    from ampsandbox.engine.model import ConnectionView
    from ampsandbox.events import Event
    from ampsandbox.manifest.model import Manifest
    from ampsandbox.server.runner import Runner
    from ampsandbox.service.handled_request import HandledRequest
    from ampsandbox.service.manifests import FindingView
    from ampsandbox.service.overview import State
    from ampsandbox.service.sandbox_service import SandboxService

T = TypeVar("T")

_KEPT = 10_000
_EVENTS_LOGGED = 20
_NOT_FOUND = 404

_REFUSED = frozenset({OperationState.FAILED, OperationState.IN_DOUBT})


class Inspection:
    """What a sandbox shows of itself; a base of `Sandbox`.

    A refused write that a test has read counts as looked at: it is no leftover at the test's end.
    """

    def __init__(self, runner: Runner) -> None:
        self._runner = runner
        self._looked_at: set[str] = set()
        self._seen_rejections: set[int] = set()

    @property
    def url(self) -> str:
        """Where the server listens, such as `http://127.0.0.1:50123`."""
        return self._runner.url

    @property
    def project(self) -> str:
        """The project id in the URLs."""
        return self._engine.project

    def write_url(self, endpoint: str) -> str:
        """The URL of a write endpoint, or of `integration/object` in a manifest of today's format.

        Raises:
            NotFoundError: The manifest has no such endpoint or object.
        """
        manifest = self._engine.manifest
        objects = [f"{owner.name}/{item.name}" for owner, item in manifest.named_only()] if manifest else []
        known = [*(manifest.endpoints() if manifest else ()), *objects]
        if endpoint not in known:
            hint = f"It has: {', '.join(known) or 'none'}.{nearest_hint(endpoint, known)}"
            raise NotFoundError(f"The manifest has no endpoint {endpoint!r}.", hint)
        if endpoint not in objects:
            return f"{self._base_url}/{endpoint}"
        integration, _, name = endpoint.partition("/")
        return f"{self._origin}/v1/projects/{self.project}/integrations/{integration}/objects/{name}"

    @property
    def manifest(self) -> Manifest | None:
        """The manifest in force; None while no file without errors was loaded."""
        return self._engine.manifest

    @property
    def now(self) -> datetime:
        """The moment on the sandbox's clock, in UTC."""
        return self._runner.server.clock.now()

    @property
    def installations(self) -> list[Installation]:
        """All installations, oldest first, failed ones included."""
        return list(self._engine.installations.all())

    @property
    def batches(self) -> list[Batch]:
        """Batches that wait, oldest first, then those that were flushed lately."""
        return list(self._runner.run(self._service.batches.list(1_000)))

    def batch(self, batch_id: str) -> Batch:
        """One batch.

        Raises:
            NotFoundError: There is none of that id.
        """
        return self._runner.run(self._service.batches.get(batch_id))

    def batch_operations(self, batch_id: str) -> list[Operation]:
        """The writes of a batch, in order.

        Raises:
            NotFoundError: There is none of that id.
        """
        return self._read(self._batch_operations(batch_id))

    @property
    def operations(self) -> list[Operation]:
        """The last 10,000 accepted writes, oldest first."""
        return self._read(self._operations())

    @property
    def dead_letters(self) -> list[Operation]:
        """Writes that failed for good or are in doubt, oldest first."""
        return self._read(self._dead_letters())

    def operation(self, operation_id: str) -> Operation:
        """One operation and its outcome.

        Raises:
            NotFoundError: There is none of that id.
        """
        return self._read([self._operation(operation_id)])[0]

    def writes(
        self, object_name: str | None = None, *, group: str | None = None, integration: str | None = None
    ) -> list[Operation]:
        """The accepted writes of an object, group and integration, oldest first; all when nothing is named.

        Raises:
            NotFoundError: There is no such object, group or integration.
        """
        ids = self._installation_ids(group, integration)
        objects = None if object_name is None else self._objects(object_name)
        return self._read(
            operation
            for operation in self._operations()
            if objects is None or operation.object.lower() in objects
            if ids is None or operation.installation_id in ids
        )

    def accepted(self) -> list[Operation]:
        """As `operations`, for those who only count: nothing is looked at by it."""
        return self._operations()

    def unknown_routes(self) -> list[HandledRequest]:
        """Requests that found no endpoint or no installation, and that no `assert_rejected` asked for."""
        return [
            request
            for request in self.requests
            if request.status == _NOT_FOUND
            and not request.operation_id
            and request.seq not in self._seen_rejections
        ]

    def unread_refusals(self) -> list[Operation]:
        """Writes that a CRM refused or left in doubt, and that nobody looked at.

        Those of an installation whose CRM was made to fail are left out: the test knows of them.
        """
        struck = self._on_loop(self._installations_with_fired_faults)
        return [
            operation
            for operation in self._dead_letters()
            if operation.id not in self._looked_at and operation.installation_id not in struck
        ]

    @property
    def requests(self) -> list[HandledRequest]:
        """The last requests to the write endpoints, oldest first."""
        return self._runner.request_log.since(0)

    @property
    def exchanges(self) -> list[Exchange]:
        """The last HTTP exchanges with CRMs, oldest first, secrets masked."""
        return self._on_loop(lambda: [item.exchange for item in self._engine.exchanges.since(0)])

    @property
    def events(self) -> list[Event]:
        """The last thousands of events, oldest first."""
        log = self._engine.events
        return self._on_loop(lambda: log.since(max(log.last_seq - _KEPT, 0), _KEPT))

    @property
    def quota(self) -> list[QuotaView]:
        """CRM requests used per installation, and what the same writes would take one by one."""
        return list(self._runner.run(self._service.overview.quota()))

    @property
    def connections(self) -> list[ConnectionView]:
        """The health of each installation's connection."""
        return list(self._runner.run(self._service.overview.connections()))

    @property
    def findings(self) -> list[FindingView]:
        """What is wrong with the manifest."""
        return list(self._runner.run(self._service.manifests.findings()))

    def state(self) -> State:
        """What runs, and where it stands, as the control API has it."""
        return self._runner.run(self._service.overview.state())

    def flushes(self) -> list[FlushStarted]:
        """The flushes that were begun, oldest first, each with its reason and its number of writes."""
        return [event for event in self.events if isinstance(event, FlushStarted)]

    def log(self) -> str:
        """The last requests, CRM requests and events as text, for the report of a failed test."""
        events = [f"  {encode_event(event).decode()}" for event in self.events[-_EVENTS_LOGGED:]]
        requests, exchanges = (
            failure_messages.last_requests(self.requests),
            failure_messages.last_exchanges(self.exchanges),
        )
        return "\n".join([*requests, *exchanges, "Last events:", *events])

    # -- inside ----------------------------------------------------------------------------------------------

    @property
    def _base_url(self) -> str:
        return f"{self._origin}/projects/{self.project}"

    @property
    def _origin(self) -> str:
        return self.url or "http://localhost"

    @property
    def _service(self) -> SandboxService:
        return self._runner.service

    @property
    def _engine(self) -> Engine:
        return self._runner.engine

    def _on_loop(self, function: Callable[[], T]) -> T:
        async def call() -> T:
            return function()

        return self._runner.run(call())

    def _operations(self) -> list[Operation]:
        return list(self._runner.run(self._service.operations.list(limit=_KEPT)))[::-1]

    def _dead_letters(self) -> list[Operation]:
        return list(self._runner.run(self._service.operations.dead_letters(limit=_KEPT)))[::-1]

    def _operation(self, operation_id: str) -> Operation:
        return self._runner.run(self._service.operations.get(operation_id))

    def _batch_operations(self, batch_id: str) -> Sequence[Operation]:
        return self._runner.run(self._service.batches.operations(batch_id, limit=_KEPT))

    def _answer(self, operation: Operation) -> Operation:
        """An operation for the test to read or not: a refusal counts as looked at once it does."""
        return TrackedOperation.of(operation, self._looked_at) if operation.state in _REFUSED else operation

    def _read(self, operations: Iterable[Operation]) -> list[Operation]:
        """Note which refusals the test has seen by now."""
        found = list(operations)
        self._looked_at.update(operation.id for operation in found if operation.state in _REFUSED)
        return found

    def _installation_ids(self, group: str | None, integration: str | None) -> frozenset[str] | None:
        """The installations that are meant; None where it does not matter."""
        if group is None and integration is None:
            return None
        return frozenset(item.id for item in self._service.context.installations_of(group, integration))

    def _objects(self, name: str) -> frozenset[str]:
        """The manifest's objects that a name means, in lower case."""
        return self._on_loop(lambda: manifest_objects(self._service.context, name))

    def _installations_with_fired_faults(self) -> set[str]:
        return {
            item.id
            for item in self._engine.installations.all()
            if (org := self._runner.org(item.id)) is not None and org.faults.fired
        }
