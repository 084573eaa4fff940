"""The sandbox as a whole: kept in a file, brought back, emptied."""

from __future__ import annotations

from collections.abc import Coroutine, Mapping
from contextlib import ExitStack
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any, Final

import msgspec

from ampsandbox.engine.model import Installation, InstallationState
from ampsandbox.errors import StateError
from ampsandbox.service.context import ServiceContext, ServiceGroup
from ampsandbox.service.diff import Diff, RecordChange, changes
from ampsandbox.service.installations import InstallationService
from ampsandbox.service.recorded import recorded

if TYPE_CHECKING:
    from mock_crm.core.org import Org

_FORMAT = "ampsandbox-snapshot-1"

_BASE64: Final = "^([A-Za-z0-9+/]{4})*([A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$"
Snapshot = Annotated[bytes, msgspec.Meta(extra_json_schema={"pattern": _BASE64})]
"""What `SnapshotService.take` gave; base64 within JSON."""


class SnapshotFile(msgspec.Struct, frozen=True):
    """The engine's snapshot, and those of the mock orgs by installation id."""

    format: str
    engine: bytes
    orgs: dict[str, bytes]


class SnapshotService(ServiceGroup):
    """Takes and restores snapshots, and starts over."""

    name = "snapshots"

    def __init__(self, context: ServiceContext, installations: InstallationService) -> None:
        super().__init__(context)
        self._installations = installations
        self._warmed_up: set[str] = set()

    async def take(self) -> bytes:
        """Everything, as one file for restore."""
        orgs = {
            item.id: self.context.connections.org(item.id) for item in self.context.engine.installations.all()
        }
        images = {name: org.snapshot() for name, org in orgs.items() if org}
        return msgspec.msgpack.encode(SnapshotFile(_FORMAT, self.context.engine.snapshot(), images))

    @recorded
    async def restore(self, content: bytes, frozen_at: datetime | None = None) -> None:
        """Go back to a snapshot, its clock included.

        Live orgs do not go back: a write that waits for one in the snapshot, and may have been sent since, is
        not sent again but has the outcome that it has by now, or is in doubt.

        Args:
            content: What `take` gave.
            frozen_at: Where the clock stands still afterwards, instead of going on as the snapshot's did.

        Raises:
            StateError: The content is not a snapshot.
        """
        snapshot = _read(content)
        await self.context.engine.restore(snapshot.engine, frozen_at, snapshot.orgs)

    async def diff(self, before: Snapshot | None = None, after: Snapshot | None = None) -> Diff:
        """The records of mock CRMs that were created, changed and deleted between two snapshots.

        Args:
            before: What `take` gave; where the last reset or the start left the orgs, when None.
            after: The same of a later moment; now, when None.

        Raises:
            StateError: The content is not a snapshot.
        """
        connections = self.context.connections
        old = connections.baselines() if before is None else _read(before).orgs
        new = None if after is None else _read(after).orgs
        found: list[RecordChange] = []
        for item in self.context.engine.installations.all():
            current = connections.org(item.id)
            if current is None:
                continue
            with ExitStack() as stack:

                def org_in(images: Mapping[str, bytes], item: Installation = item) -> Org | None:
                    image = images.get(item.id)
                    return stack.enter_context(connections.opened(item.id, image)) if image else None

                found += changes(item, org_in(old), current if new is None else org_in(new))
        return Diff.of(found)

    async def reset(self, rewind: bool | None = None) -> None:
        """Forget all operations, batches, events and records; what was installed stays installed.

        Args:
            rewind: Whether the clock goes back to where it started; a frozen one does when None.
        """
        await self._reset(self.context.clock.is_frozen if rewind is None else rewind)

    @recorded
    async def _reset(self, rewind: bool) -> None:
        await self._start_over(rewind)
        for item in self.context.engine.installations.all():
            if item.state is InstallationState.PROVISIONING:
                await self._installations.install(item.group, item.integration)
        if await self._warm_up():
            # What it took to get here is not part of what follows.
            await self._start_over(rewind)

    async def _start_over(self, rewind: bool) -> None:
        unprovisioned = [
            item.id
            for item in self.context.engine.installations.all()
            if item.state is InstallationState.INSTALLED
            and not self.context.connections.is_baseline_provisioned(item.id)
        ]
        await self.context.engine.reset(rewind, unprovisioned)
        self.context.request_log.clear()

    async def _warm_up(self) -> bool:
        """Let the next resets find the mock orgs ready for writes; says whether there was anything to do."""
        new = [
            item
            for item in self.context.engine.installations.all()
            if item.id not in self._warmed_up
            and item.connection == "mock"
            and item.state is InstallationState.INSTALLED
        ]
        manifest = self.context.engine.manifest
        for item in new:
            integration = manifest.find_integration(item.integration) if manifest else None
            await self.context.connections.mark_baseline(item.id, integration.objects if integration else ())
            self._warmed_up.add(item.id)
        return bool(new)

    @recorded
    async def _mark_baseline(self) -> None:
        for item in self.context.engine.installations.all():
            if item.state is InstallationState.INSTALLED:
                self.context.connections.keep(item.id)

    def mark_baseline(self) -> Coroutine[Any, Any, None]:
        """Let a reset return the mock orgs to here, which takes less than provisioning them anew."""
        return self._mark_baseline()

    def forget_baselines(self) -> None:
        """Another manifest is in force: the next reset provisions for that."""
        self.context.connections.forget_baselines()
        self._warmed_up.clear()

    async def _reset_org(self, installation: Installation) -> None:
        self.context.connections.reset_org(installation.id)
        if not self.context.connections.is_baseline_provisioned(installation.id):
            await self._installations.install(installation.group, installation.integration)

    def reset_org(self, installation: Installation) -> Coroutine[Any, Any, None]:
        """Empty the mock org of one installation; see `RecordService.reset`."""
        return self._reset_org(installation)


def _read(content: bytes) -> SnapshotFile:
    try:
        snapshot = msgspec.msgpack.decode(content, type=SnapshotFile)
    except msgspec.DecodeError as error:
        raise StateError(
            f"This is not a snapshot: {error}.", "Take one with 'ampsandbox ctl snapshot'."
        ) from error
    if snapshot.format != _FORMAT:
        raise StateError(
            f"This snapshot is of another format: {snapshot.format}.", "Use the version that made it."
        )
    return snapshot
