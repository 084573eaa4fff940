"""The sandbox as a Python object: a context manager for any test framework."""

from __future__ import annotations

from collections.abc import Coroutine, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Literal, TypeVar, Unpack

from ampsandbox.engine.model import Batch, Installation, Operation
from ampsandbox.errors import AmpSandboxError, ManifestError, NotFoundError, UsageError
from ampsandbox.manifest.loader import find_manifest
from ampsandbox.server.request_bodies import WriteType, endpoint_body, object_body
from ampsandbox.server.runner import Runner, RunnerOptions
from ampsandbox.testing.assertions import Assertions
from ampsandbox.testing.crm import CrmView, FaultsView
from ampsandbox.testing.names import one_or_many

if TYPE_CHECKING:
    import httpx

    from ampsandbox.engine.config import InstallationConfig
    from ampsandbox.engine.crm import ProvisioningPlan
    from ampsandbox.service.diff import Diff
    from ampsandbox.service.manifests import Loaded
    from ampsandbox.service.webhooks import Notification
    from mock_crm.core.faults import Conditions, Kind, Rule

T = TypeVar("T")

_NOTIFICATIONS: Final = 1_000

FROZEN_START = datetime(2026, 1, 1, tzinfo=UTC)
"""Where a frozen clock stands at the start of a test, when the test does not say."""


class Sandbox(Assertions, AbstractContextManager["Sandbox"]):
    """A sandbox in memory, with its server on a free port of this machine.

    Args:
        manifest: The `amp.yaml`, or the folder that holds it.
        groups: Installed at the start, for every integration that has a CRM here; a text is one group.
        integration: Install for this integration alone, or for these.
        seed: What ids and random choices are drawn from.
        clock: `frozen` at the start of 2026, frozen at a moment of your own (a `datetime` with a time zone,
            or the same as text, such as `2026-03-01T09:00:00Z`), or `real`.
        project: The project id in the URLs.
        api_key: What write requests must carry as `X-Api-Key`; None ignores it.
        listen: Open a port; without one only `client` and `async_client` reach the sandbox.
        custom_fields: Custom text fields that the mock orgs have beyond those of the manifest, by object.

    Raises:
        ManifestError: There is no manifest there.
        UsageError: The clock cannot be set like that.
    """

    def __init__(
        self,
        manifest: str | Path,
        *,
        groups: str | Iterable[str] = ("demo",),
        integration: str | Iterable[str] = (),
        seed: int | str = 0,
        clock: str | datetime = "frozen",
        project: str = "demo",
        api_key: str | None = None,
        listen: bool = True,
        custom_fields: Mapping[str, str | Sequence[str]] | None = None,
    ) -> None:
        start = _clock_start(clock)
        self._is_frozen = start is not None
        self._began_as: object = None
        options = RunnerOptions(
            manifest=find_manifest(Path(manifest)),
            host="127.0.0.1" if listen else None,
            project=project,
            groups=one_or_many(groups),
            integrations=one_or_many(integration),
            seed=seed,
            start=start,
            speed=0.0 if self._is_frozen else 1.0,
            api_key=api_key,
            watch=False,
            use_environment=False,
            custom_fields={name: one_or_many(each) for name, each in (custom_fields or {}).items()},
        )
        super().__init__(Runner(options))

    def __enter__(self) -> Sandbox:
        self.start()
        return self

    def __exit__(self, *exc_info: object) -> None:
        self.stop()

    def start(self) -> None:
        """Start, and install the groups; what that took is not part of what the sandbox shows.

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
        self.reset()
        self._began_as = self._constitution()

    def _check_start(self) -> None:
        if self._engine.manifest is None:
            source = self._runner.options.manifest
            found = [f"{source}:{f.position.line}: {f.message} [{f.rule}]" for f in self._engine.findings]
            raise ManifestError(
                "\n".join(["The manifest has errors:", *found]), "'ampsandbox check' says more."
            )
        for problem in self._runner.server.problems:
            raise problem

    def stop(self) -> None:
        """Stop the server and let go of everything; may be called twice."""
        self._runner.stop()

    @property
    def is_as_started(self) -> bool:
        """Whether `reset` brings it back to its start: same manifest, same installations."""
        return self._began_as == self._constitution()

    def _constitution(self) -> object:
        return self.manifest, [(item.id, item.group, item.state) for item in self.installations]

    # -- where it is -----------------------------------------------------------------------------------------

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

    # -- what happens ----------------------------------------------------------------------------------------

    def send(
        self,
        endpoint: str,
        fields: Mapping[str, Any],
        *,
        group: str | None = None,
        key: str | None = None,
        type: WriteType | None = None,  # noqa: A002 - the word of the API
        **members: Any,
    ) -> Operation:
        """Send one write as an app would, and return its operation.

        Where the CRM refused it, the test has looked at that once it reads the operation's state or errors.

        Args:
            endpoint: The endpoint of the manifest; `integration/object` in one of today's format.
            fields: The values to write.
            group: The group to write for; the first one installed when None.
            key: The CRM's id of the record to update or delete.
            type: What to do in today's format; an update where there is a `key`, else a create, when None.
            members: Further members of a request of today's format, such as `mode="asynchronous"`,
                `associations=[…]` or `autoBatchPolicy={"maxDelayMinutes": 5}`.

        Raises:
            NotFoundError: The manifest has no such endpoint or object.
            UsageError: The sandbox did not accept it; the message is its answer.
        """
        group = group or self._first_group()
        if "/" in endpoint:
            body = object_body(group, fields, key, type) | members
        elif type is None and not members:
            body = endpoint_body(group, fields, key)
        else:
            named = ", ".join(members) or "type"
            raise UsageError(f"{endpoint} is an endpoint of the 2023 format, which has no {named}.")
        operation_id = self._post(endpoint, body)
        # The callers of an auto-batch get the batch's id; the newest of its writes is the one that was sent.
        if "autoBatchPolicy" in members:
            return self._answer(self._batch_operations(operation_id)[-1])
        return self._answer(self._operation(operation_id))

    def send_batch(
        self,
        endpoint: str,
        records: Sequence[Mapping[str, Any]],
        *,
        group: str | None = None,
        type: Literal["create", "update"] = "create",  # noqa: A002 - the word of the API
        associations: Sequence[Sequence[Mapping[str, Any]]] = (),
        **members: Any,
    ) -> Batch:
        """Send several records in one request of today's format, and return the batch they went as.

        Args:
            endpoint: `integration/object`.
            records: The records; those of an update have their CRM's `id`.
            group: The group to write for; the first one installed when None.
            type: What to do.
            associations: HubSpot's associations of each record, in the order of the records.
            members: Further members of the request, such as `batchPolicy={"allOrNone": True}`.

        Raises:
            NotFoundError: The manifest has no such object.
            UsageError: The sandbox did not accept it; the message is its answer.
        """
        items: list[dict[str, Any]] = [{"record": dict(record)} for record in records]
        for item, links in zip(items, associations, strict=False):
            item["associations"] = [dict(link) for link in links]
        body = {"groupRef": group or self._first_group(), "type": type, "batch": items, **members}
        return self.batch(self._post(endpoint, body))

    @property
    def notifications(self) -> list[dict[str, Any]]:
        """What a webhook is told (`write.async.done`) of each asynchronous operation, oldest first."""
        return list(self._run(self._service.notifications.ended(_NOTIFICATIONS)))

    def sent_notifications(self) -> list[Notification]:
        """The messages to the webhooks of `sandbox.yaml`, with what they answered, oldest first."""
        return list(self._run(self._service.notifications.list(_NOTIFICATIONS)))

    def redeliver(self, notification_id: str) -> Notification:
        """Send a message to its webhook once more."""
        return self._run(self._service.notifications.redeliver(notification_id))

    def _post(self, endpoint: str, body: Mapping[str, Any]) -> str:
        api_key = self._runner.options.api_key
        headers = {"X-Api-Key": api_key} if api_key else {}
        with self.client() as client:
            response = client.post(self.write_url(endpoint), json=body, headers=headers)
        if not response.is_success and response.status_code != 422:
            raise UsageError(f"The sandbox did not accept the write: {response.text}")
        return str(response.json()["operationId"])

    def _first_group(self) -> str:
        if not self.installations:
            raise UsageError(
                "Nothing is installed.", "Call sandbox.install(group) first, or name the groups."
            )
        return self.installations[0].group

    def install(self, group: str, integration: str | None = None) -> list[Installation]:
        """Install for a group: one integration, or all that have a CRM here."""
        return list(self._run(self._service.installations.install(group, integration)))

    def plan(self, group: str, integration: str | None = None) -> Mapping[str, ProvisioningPlan]:
        """What installing would create in a group's CRM, by the integration's name."""
        return self._run(self._service.installations.plan(group, integration))

    def configure(self, installation_id: str, content: Mapping[str, Any]) -> InstallationConfig:
        """Let an installation have another config, from its next write on."""
        return self._run(self._service.installations.configure(installation_id, "builder:test", content))

    def load(self, manifest: str | Path) -> Loaded:
        """Make another manifest the current one: a file, or its text where that has several lines."""
        is_text = isinstance(manifest, str) and "\n" in manifest
        text = str(manifest) if is_text else Path(manifest).read_text(encoding="utf-8")
        return self._run(self._service.manifests.load(text=text))

    def uninstall(self, group: str, integration: str | None = None) -> None:
        """Uninstall for a group, after what waits was flushed; its records stay."""
        for item in self._service.context.installations_of(group, integration):
            self._run(self._service.installations.uninstall(item.id))

    def flush(self, object_name: str | None = None, *, group: str | None = None) -> list[Batch]:
        """Deliver what waits now: all of it, or that of one object or group, by the manifest's names."""
        return list(self._run(self._service.batches.flush(object=object_name, group=group)))

    def advance(
        self,
        *,
        days: float = 0,
        hours: float = 0,
        minutes: float = 0,
        seconds: float = 0,
        to: datetime | None = None,
    ) -> datetime:
        """Move the clock forward, flushing all that is due on the way, and return where it stands.

        Args:
            days: How far, together with the other amounts; to the next flush when nothing is given.
            hours: See `days`.
            minutes: See `days`.
            seconds: See `days`.
            to: Or the moment to go to.

        Raises:
            ClockError: The moment lies in the past or beyond what a clock can show, or nothing waits.
        """
        next_flush = to is None and not (days or hours or minutes or seconds)
        advancing = self._service.clock.advance(days, hours, minutes, seconds, to, next_flush)
        return self._run(advancing).now

    def settle(self) -> datetime:
        """Wait until all that is due by now has come to rest, and return where the clock stands."""
        return self._run(self._service.clock.settle()).now

    def freeze(self) -> None:
        """Let the clock stand still, until `advance` or `set_speed` moves it."""
        self.run_clock(0)

    def run_clock(self, speed: float = 1.0) -> None:
        """Let the clock run at a multiple of real time."""
        self._run(self._service.clock.set_speed(speed))

    # -- manually --------------------------------------------------------------------------------------------

    def retry(self, operation_id: str, fields: Mapping[str, Any] | None = None) -> Operation:
        """Send a dead letter again, as it is or with other values."""
        self._run(self._service.operations.retry(operation_id, fields))
        return self._answer(self._operation(operation_id))

    def retry_all(self) -> int:
        """Send all dead letters again, in order, and return how many there were."""
        return self._run(self._service.operations.retry_all()).retried

    def edit(self, operation_id: str, fields: Mapping[str, Any]) -> Operation:
        """Replace the values of a write that waits for its flush."""
        return self._run(self._service.operations.edit(operation_id, fields))

    def send_now(self, operation_id: str) -> Operation:
        """Send a write that waits in a batch at once and alone, and return it with its outcome."""
        return self._answer(self._run(self._service.operations.send_now(operation_id)))

    def mark_written(self, operation_id: str, record_id: str | None = None) -> Operation:
        """Note that a write in doubt is in the CRM after all; nothing is sent."""
        return self._run(self._service.operations.mark_written(operation_id, record_id))

    def lookup(self, operation_id: str) -> list[dict[str, Any]]:
        """The records of the mock CRM that hold what an operation would have written."""
        return list(self._run(self._service.operations.lookup(operation_id)).rows)

    def drop(self, operation_id: str) -> Operation:
        """Give up a waiting write or a dead letter."""
        return self._run(self._service.operations.drop(operation_id))

    def pause(self, batch_id: str) -> Batch:
        """Pause a batch: its schedule passes without a flush until `resume`."""
        return self._run(self._service.batches.pause(batch_id))

    def resume(self, batch_id: str) -> Batch:
        """Let a paused batch follow its schedule again."""
        return self._run(self._service.batches.resume(batch_id))

    def drop_batch(self, batch_id: str) -> Batch:
        """Give up all writes of a waiting batch."""
        return self._run(self._service.batches.drop(batch_id))

    # -- CRMs ------------------------------------------------------------------------------------------------

    def crm(self, group: str | None = None, integration: str | None = None) -> CrmView:
        """The mock CRM of a group.

        Args:
            group: The group; the first one installed when None.
            integration: Which one, where the group has several.

        Raises:
            NotFoundError: Nothing is installed for that group.
            ConflictError: The group has several CRMs and none is named.
        """
        context = self._service.context
        installation = context.installation_of(group or self._first_group(), integration)
        context.org(installation)
        return CrmView(self._runner, installation)

    def faults(self, group: str | None = None, integration: str | None = None) -> FaultsView:
        """Failures on demand in the mock CRM of a group; see `crm` for the arguments."""
        return self.crm(group, integration).faults

    def add_fault(
        self,
        kind: Kind,
        *,
        group: str | None = None,
        integration: str | None = None,
        **conditions: Unpack[Conditions],
    ) -> list[Rule]:
        """Make chosen requests fail in the CRMs of a group, an integration, or all; see `FaultsView.add`.

        Raises:
            NotFoundError: There is no such CRM, or none of them has the object.
        """
        rules: list[Rule] = []
        problem: NotFoundError | None = None
        for item in self._service.context.installations_of(group, integration):
            try:
                rules.append(self.faults(item.group, item.integration).add(kind, **conditions))
            except NotFoundError as error:
                problem = problem or error  # another CRM may have that object
        if problem is not None and not rules:
            raise problem
        return rules

    # -- state -----------------------------------------------------------------------------------------------

    def reset(self) -> None:
        """Forget all operations and records, and put a frozen clock back to its start; installations stay."""
        if self._is_frozen and self._runner.server.clock.speed:
            self.freeze()
        self._run(self._service.snapshots.reset())
        self._looked_at.clear()
        self._seen_rejections.clear()

    def snapshot(self) -> bytes:
        """The whole state as bytes, mock CRMs included, for `restore`."""
        return self._run(self._service.snapshots.take())

    def restore(self, snapshot: bytes) -> None:
        """Go back to the state that `snapshot` returned, its clock included."""
        self._run(self._service.snapshots.restore(snapshot))

    def diff(self, before: bytes | None = None, after: bytes | None = None) -> Diff:
        """The records that were created, changed and deleted since the test began, or between two snapshots.

        Args:
            before: What `snapshot` gave; where the test began when None.
            after: The same of a later moment; now when None.
        """
        return self._run(self._service.snapshots.diff(before, after))

    # -- inside ----------------------------------------------------------------------------------------------

    def _run(self, work: Coroutine[Any, Any, T]) -> T:
        return self._runner.run(work)


def _clock_start(clock: str | datetime) -> datetime | None:
    """Where a frozen clock begins; None for one that runs."""
    if clock == "real":
        return None
    if clock == "frozen":
        return FROZEN_START
    try:
        start = clock if isinstance(clock, datetime) else datetime.fromisoformat(clock)
    except ValueError:
        start = None
    if start is None or start.tzinfo is None:
        raise UsageError(
            f"The clock cannot be {clock!r}.",
            "Say 'frozen', 'real', or a moment with a time zone, such as 2026-03-01T09:00:00Z.",
        )
    return start
