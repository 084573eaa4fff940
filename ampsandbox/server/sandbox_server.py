"""Puts a sandbox together on the running event loop, and takes it apart again."""

from __future__ import annotations

import asyncio
import errno
import socket
from dataclasses import replace
from itertools import product
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ampsandbox.clock import Clock
from ampsandbox.crm.connect import Connections
from ampsandbox.crm.live import RECONNECT
from ampsandbox.engine.engine import Engine
from ampsandbox.engine.installations import OnStep, chosen_integrations
from ampsandbox.engine.model import Installation, InstallationState
from ampsandbox.errors import AmpSandboxError, LiveRefusedError, PortInUseError, UsageError
from ampsandbox.manifest.loader import load_manifest
from ampsandbox.server.app import build_app
from ampsandbox.server.recording import Recording
from ampsandbox.server.snapshots import pack, unpack
from ampsandbox.server.writes import WriteEndpoints
from ampsandbox.service.request_log import RequestLog
from ampsandbox.settings import load_settings, load_variables
from ampsandbox.settings.engine import Durability, EngineSettings
from mock_crm.core.listener import Listener, bind
from mock_crm.core.settings import OrgSettings

if TYPE_CHECKING:
    from ampsandbox.engine.crm import ProvisioningPlan
    from ampsandbox.manifest.findings import LoadResult
    from ampsandbox.server.runner import RunnerOptions


class SandboxServer:
    """Clock, connections, engine and HTTP server of one sandbox, on one loop.

    Attributes:
        url: Where the server listens; empty when it does not.
        stopping: Set when the server begins to stop, for those who stream.
        problems: What went wrong while installing the groups named at the start; it runs all the same.
        recording: Where the session is recorded, if it is.
    """

    def __init__(self, options: RunnerOptions) -> None:
        if options.project in ("", ".", "..") or "/" in options.project:
            raise UsageError(
                f"{options.project!r} cannot be a project id: it is one segment of the endpoints' URLs.",
                "Give another --project.",
            )
        self.options = options
        self.clock = Clock(options.start, 1.0 if options.speed is None else options.speed)
        variables = load_variables(options.env_file) if options.use_environment else {}
        settings = load_settings(options.settings, variables)
        self.connections = Connections(
            self.clock,
            options.seed,
            options.state,
            settings.connections,
            variables=variables,
            allow_production=options.allow_production,
            is_dry_run=options.dry_run,
            org_settings=OrgSettings(**settings.mocks),
            custom_fields={**settings.custom_fields, **options.custom_fields},
        )
        self.sandbox = Engine(
            options.project,
            self.clock,
            self.connections.connect,
            _engine_settings(settings.engine, options),
            options.state,
            options.seed,
        )
        self.request_log = RequestLog()
        self.writes = WriteEndpoints(self.sandbox, self.request_log, options.api_key)
        self.app = build_app(self)
        self.url = ""
        self.stopping = asyncio.Event()
        self.problems: list[AmpSandboxError] = []
        self.recording: Recording | None = None
        self._provisioned: set[str] = set()
        self._ready: set[str] = set()
        self._listener: Listener | None = None
        self._watcher: asyncio.Task[None] | None = None

    @classmethod
    async def open(cls, options: RunnerOptions) -> SandboxServer:
        """Put a sandbox together, and start it.

        Raises:
            AmpSandboxError: The state, the settings or the port cannot be used.
        """
        server = cls(options)
        try:
            await server.start()
        except BaseException:
            await server.stop()
            raise
        return server

    async def start(self) -> None:
        """Open the state, load the manifest, install the groups, and listen; see `open`."""
        known: LoadResult | None = None
        sock = bind_or_explain(self.options.host, self.options.port) if self.options.host else None
        self._listener = Listener(self.app, sock) if sock else None
        await self.sandbox.start(resume_clock=self.options.start is None)
        if self.options.record is not None:
            self.recording = Recording(self.sandbox, self.options.record)
        if self.options.speed is not None and self.options.speed != self.clock.speed:
            self.sandbox.set_speed(self.options.speed)
        if self.options.manifest is not None:
            known = load_manifest(self.options.manifest)
            await self.load(known)
        await self.install_groups()
        if self._listener is not None:
            await self._listener.start()
            host = f"[{self.options.host}]" if ":" in str(self.options.host) else self.options.host
            self.url = f"http://{host}:{self._listener.port}"
        if self.options.watch and self.options.manifest is not None and known is not None:
            self._watcher = asyncio.create_task(self._watch(self.options.manifest, known))

    async def load(self, result: LoadResult) -> None:
        """Make a manifest the current one; one with errors leaves the last good one in force."""
        await self.sandbox.load(result)
        self.writes.follow_manifest()
        self._provisioned.clear()
        self._ready.clear()

    async def install_groups(self) -> None:
        """Install for the groups named at the start, each integration that has a CRM here."""
        manifest = self.sandbox.manifest
        for group, each in product(
            self.options.groups, chosen_integrations(manifest, None) if manifest else ()
        ):
            try:
                await self.install(group, each.name)
            except AmpSandboxError as error:
                self.problems.append(error)
        self.keep_provisioned()

    async def install(
        self, group: str, integration: str | None = None, on_step: OnStep | None = None
    ) -> list[Installation]:
        """Install for a group, live where the settings say so, else as a mock; see `Engine.install`."""
        installed: list[Installation] = []
        for each in chosen_integrations(self.sandbox.manifest, integration):
            connection = self.connections.kind(each.provider, each.name, group)
            self._refuse_cut_off(group, each.name)
            installed += await self.sandbox.install(group, each.name, connection=connection, on_step=on_step)
        return installed

    def _refuse_cut_off(self, group: str, integration: str) -> None:
        """A live installation whose credentials are not known stays as it is, and waits for them."""
        for item in self.sandbox.installations:
            if (item.group, item.integration) == (group, integration) and self.connections.is_cut_off(item):
                raise LiveRefusedError(f"{integration} is live for {group}, but not connected.", RECONNECT)

    async def plan(self, group: str, integration: str | None = None) -> dict[str, ProvisioningPlan]:
        """What `install` would create, by the integration's name; see `Engine.plan`."""
        plans: dict[str, ProvisioningPlan] = {}
        for each in chosen_integrations(self.sandbox.manifest, integration):
            connection = self.connections.kind(each.provider, each.name, group)
            plans |= await self.sandbox.plan(group, each.name, connection=connection)
        return plans

    def keep_provisioned(self) -> None:
        """Let a reset return the mock orgs to here, which takes less than provisioning them anew."""
        self.note("keep_provisioned")
        for item in self.sandbox.installations:
            org = self.connections.org(item.id)
            if org is not None and item.state is InstallationState.INSTALLED:
                org.store.mark_baseline()
                self._provisioned.add(item.id)

    async def reset(self) -> None:
        """Forget all operations, batches, events and records; what was installed stays installed."""
        await self._start_over()
        for item in self.sandbox.installations:
            if item.id not in self._provisioned:
                await self.install(item.group, item.integration)
        if await self._keep_as_new():
            # What it took to get here is not part of what follows.
            await self._start_over()

    async def reset_org(self, installation_id: str) -> None:
        """Empty the mock org of one installation; operations stay, and so does what was provisioned."""
        item = next(item for item in self.sandbox.installations if item.id == installation_id)
        self.connections.reset_org(item.id)
        if item.id not in self._provisioned:
            await self.install(item.group, item.integration)
        self.note("reset_org", group=item.group, integration=item.integration)

    async def _start_over(self) -> None:
        await self.connections.reset()
        await self.sandbox.reset()
        self.request_log.clear()

    async def _keep_as_new(self) -> bool:
        """Let the next resets find the mock orgs ready for writes; says whether there was anything to do."""
        new = [item for item in self.sandbox.installations if item.id not in self._ready]
        for item in new:
            if item.connection == "mock" and item.state is InstallationState.INSTALLED:
                await self.keep_as_new(item)
        return any(item.id in self._ready for item in new)

    async def keep_as_new(self, item: Installation) -> None:
        """Let the next resets find the mock org of an installation as it is now, ready for writes."""
        self.note("keep_as_new", group=item.group, integration=item.integration)
        found = self.sandbox.manifest and self.sandbox.manifest.find_integration(item.integration)
        await self.connections.mark_baseline(item.id, found.objects if found else ())
        self._provisioned.add(item.id)
        self._ready.add(item.id)

    async def snapshot(self) -> bytes:
        """Everything that `restore` needs to come back to this moment."""
        orgs = {item.id: self.connections.org(item.id) for item in self.sandbox.installations}
        return pack(self.sandbox.snapshot(), {name: org.snapshot() for name, org in orgs.items() if org})

    async def restore(self, content: bytes) -> None:
        """Go back to a snapshot.

        Raises:
            UsageError: The content is not a snapshot.
        """
        snapshot = unpack(content)
        await self.sandbox.restore(snapshot.engine)
        self.note("restore_orgs", orgs=snapshot.orgs)
        for installation_id, state in snapshot.orgs.items():
            org = self.connections.org(installation_id)
            if org is not None:
                org.restore(state)

    async def stop(self) -> None:
        """Refuse new requests, let those in flight end, flush if asked to, and close everything."""
        self.stopping.set()
        if self._watcher is not None:
            await asyncio.wait([self._watcher])
        if self._listener is not None:
            await self._listener.stop()
        await self.sandbox.stop(flush=self.options.flush_on_exit)
        await self.connections.aclose()
        if self.recording is not None:
            self.recording.close()

    def note(self, call: str, **arguments: Any) -> None:
        """Add what was done to a mock org to the recording, if there is one."""
        if self.recording is not None:
            self.recording.note(call, **arguments)

    async def _watch(self, path: Path, known: LoadResult) -> None:
        from ampsandbox.manifest.watch import watch_manifest

        async for result in watch_manifest(path, known, stop=self.stopping):
            is_first = self.sandbox.manifest is None
            await self.load(result)
            if is_first and self.sandbox.manifest is not None:
                await self.install_groups()  # which could not be at the start, for want of a manifest


def _engine_settings(settings: EngineSettings, options: RunnerOptions) -> EngineSettings:
    """The settings of the file, with what the command line says instead."""
    return replace(settings, durability=Durability(options.durability)) if options.durability else settings


def bind_or_explain(host: str, port: int) -> socket.socket:
    """Open the listening socket.

    Raises:
        PortInUseError: Another program has the port.
        AmpSandboxError: The address or port cannot be used for another reason.
    """
    try:
        return bind(host, port)
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            raise PortInUseError(
                f"Port {port} on {host} is used by another program.",
                "Give another --port, or 0 for a free one.",
            ) from error
        raise AmpSandboxError(
            f"Cannot listen on {host}:{port}: {error.strerror}.", "Give another --host or --port."
        ) from error
