"""Puts a sandbox together on the running event loop, and takes it apart again."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from itertools import product
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from ampsandbox.clock import Clock
from ampsandbox.crm.connect import Connections
from ampsandbox.engine.engine import Engine
from ampsandbox.engine.installation_registry import INTERRUPTED, chosen_integrations
from ampsandbox.errors import AmpSandboxError, UsageError
from ampsandbox.manifest.loader import load_manifest
from ampsandbox.secrets import Masker, Secret
from ampsandbox.server.app import build_app
from ampsandbox.server.binding import bind_or_explain
from ampsandbox.server.hosts import SecurePorts
from ampsandbox.service.context import ServiceContext
from ampsandbox.service.identifiers import Identifiers
from ampsandbox.service.request_log import RequestLog
from ampsandbox.service.request_store import FILE_NAME, RequestStore
from ampsandbox.service.sandbox_service import SandboxService
from ampsandbox.service.webhook_target import WebhookTarget
from ampsandbox.settings import load_settings, load_variables
from ampsandbox.settings.engine import Durability, EngineSettings
from mock_crm.core.listener import Listener
from mock_crm.core.settings import OrgSettings

if TYPE_CHECKING:
    from ampsandbox.manifest.findings import LoadResult
    from ampsandbox.server.runner_options import RunnerOptions
    from ampsandbox.service.recording import Recorder


class SandboxServer:
    """Clock, connections, engine and HTTP server of one sandbox, on one loop.

    Attributes:
        service: What can be done with the sandbox.
        app: The ASGI app that the server runs.
        stopping: Set when the server begins to stop, for those who stream.
        secure: The HTTPS port and the proxy; None where none is asked for.
        problems: What went wrong while installing the groups named at the start; it runs all the same.
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
        self.engine = Engine(
            options.project,
            self.clock,
            self.connections.connect,
            _engine_settings(settings.engine, options),
            options.state,
            options.seed,
            self.connections,
        )
        webhooks = tuple(
            WebhookTarget(each.url, each.secret.resolve(variables) if each.secret else None)
            for each in settings.webhooks
        )
        self._masker = masker = Masker(self.connections.masker)
        for known in (options.api_key, *(each.secret.reveal() for each in webhooks if each.secret)):
            if known:
                masker.learn(Secret(known))
        self.stopping = asyncio.Event()
        self._context = ServiceContext(
            self.engine,
            self.connections,
            RequestLog(masker=masker),
            Identifiers(options.project, settings.ids),
            webhooks,
            options.manifest,
        )
        self.service = SandboxService(self._context)
        self.app, self._fast_path = build_app(self.service, options, self.stopping)
        self.problems: list[AmpSandboxError] = []
        self._recorder: Recorder | None = None
        self._listener: Listener | None = None
        self.secure: SecurePorts | None = None
        self._watcher: asyncio.Task[None] | None = None

    @property
    def url(self) -> str:
        """Where the server listens; empty where it does not."""
        return self._context.url

    @classmethod
    async def open(
        cls, options: RunnerOptions, on_listening: Callable[[str], object] | None = None
    ) -> SandboxServer:
        """Put a sandbox together, and start it; `on_listening` is called with the URL, early in the start.

        Raises:
            AmpSandboxError: The state, the settings or the port cannot be used.
        """
        server = cls(options)
        try:
            await server.start(on_listening)
        except BaseException:
            await server.stop()
            raise
        return server

    async def start(self, on_listening: Callable[[str], object] | None = None) -> None:
        """Open the state, load the manifest, install the groups, and listen; see `open`."""
        known: LoadResult | None = None
        sock = bind_or_explain(self.options.host, self.options.port) if self.options.host else None
        self._listener = Listener(self.app, sock, fast_path=self._fast_path) if sock else None
        if sock is not None:
            # It listens: who connects from now on waits, and is answered once the groups are installed.
            host = f"[{self.options.host}]" if ":" in str(self.options.host) else self.options.host
            self._context.url = f"http://{host}:{sock.getsockname()[1]}"
            if on_listening is not None:
                on_listening(self._context.url)
        self.secure = self._secure_ports()
        await self.engine.start(resume_clock=self.options.start is None)
        if self.options.state is not None:
            self._context.request_log.keep_in(
                RequestStore(self.options.state / FILE_NAME, masker=self._masker)
            )
        self.problems += self.connections.missing_orgs
        self.service.notifications.webhooks.start()
        if self.options.record is not None:
            from ampsandbox.service.recording import Recorder

            self._recorder = self._context.recorder = Recorder(self.engine, self.options.record)
        if self.options.speed is not None and self.options.speed != self.clock.speed:
            await self.service.clock.set_speed(self.options.speed)
        if self.options.manifest is not None:
            known = load_manifest(self.options.manifest)
            await self.service.manifests.take(known)
        await self.install_groups()
        if self._listener is not None:
            await self._listener.start()
            if self.secure is not None:
                await self.secure.start(self._listener.port)
        if self.options.watch and self.options.manifest is not None and known is not None:
            self._watcher = asyncio.create_task(self._watch(self.options.manifest, known))

    def _secure_ports(self) -> SecurePorts | None:
        """The HTTPS port and the proxy, where they are asked for; a proxy brings an HTTPS port."""
        options = self.options
        if options.host is None or (options.https_port is None and options.proxy_port is None):
            return None

        return SecurePorts(
            self.app, options.host, options.https_port or 0, options.proxy_port, options.ca_dir
        )

    async def install_groups(self) -> None:
        """Install for the groups named at the start, each integration that has a CRM here.

        Installations of mocks that were under way when the last run ended are finished as well.
        """
        manifest = self.engine.manifest
        names: list[str] = []
        for name in self.options.integrations or (None,):
            try:
                names += [each.name for each in (chosen_integrations(manifest, name) if manifest else ())]
            except AmpSandboxError as error:
                self.problems.append(error)
        chosen = list(product(self.options.groups, names))
        chosen += [
            (item.group, item.integration)
            for item in self.engine.installations.all()
            if item.error == INTERRUPTED and item.connection == "mock" and item.integration in names
        ]
        for group, name in dict.fromkeys(chosen):
            try:
                await self.service.installations.install(group, name)
            except AmpSandboxError as error:
                self.problems.append(error)
        await self.service.snapshots.mark_baseline()

    async def stop(self) -> None:
        """Refuse new requests, let those in flight end, flush if asked to, and close everything."""
        self.stopping.set()
        if self._watcher is not None:
            await asyncio.wait([self._watcher])
        if self._listener is not None:
            await self._listener.stop()
        if self.secure is not None:
            await self.secure.stop()
        await self.engine.stop(flush=self.options.flush_on_exit)
        await self.connections.aclose()
        self._context.request_log.close()
        if self._recorder is not None:
            self._recorder.close()

    async def _watch(self, path: Path, known: LoadResult) -> None:
        from ampsandbox.manifest.watch import watch_manifest

        async for result in watch_manifest(path, known, stop=self.stopping):
            is_first = self.engine.manifest is None
            await self.service.manifests.take(result)
            if is_first and self.engine.manifest is not None:
                await self.install_groups()  # which could not be at the start, for want of a manifest


def _engine_settings(settings: EngineSettings, options: RunnerOptions) -> EngineSettings:
    """The settings of the file, with what the command line says instead."""
    if options.durability is None:
        return settings
    return msgspec.structs.replace(settings, durability=Durability(options.durability))
