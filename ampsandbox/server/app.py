"""The ASGI app of a sandbox: write endpoints, control API, and the mock CRMs behind it."""

from __future__ import annotations

import asyncio
from collections.abc import MutableMapping
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

from ampsandbox.clock import wall_s
from ampsandbox.errors import ClockError
from ampsandbox.server.asgi import ASGIApp, Receive, Scope, Send, send_problem, target_of
from ampsandbox.server.cors import Cors
from ampsandbox.server.fast_path import WriteFastPath
from ampsandbox.server.guard import Guard
from ampsandbox.server.hosts import HOSTS
from ampsandbox.server.problems import Problem, nothing_at
from ampsandbox.server.routing import is_read_or_proxied, leads_to_writes, root_of
from ampsandbox.server.write_response import wrong_key
from ampsandbox.server.writes import WriteEndpoints
from ampsandbox.service.installations import CRM_ROOT, crm_path
from ampsandbox.service.sandbox_service import SandboxService
from mock_crm.core.http_connection import FastPath

if TYPE_CHECKING:
    from ampsandbox.server.runner_options import RunnerOptions

CONTROL_ROOT = "/_sandbox/v1"
_STARLETTE_ROOTS = frozenset({"_sandbox", "openapi.json"})


def build_app(
    service: SandboxService, options: RunnerOptions, stopping: asyncio.Event
) -> tuple[ASGIApp, FastPath]:
    """The whole app, guarded against other sites and machines, and the fast path of most writes.

    Args:
        service: What can be done with the sandbox.
        options: Names and keys to let in.
        stopping: Set when the server begins to stop, for those who stream.
    """
    writes = WriteEndpoints(service, options.api_key)
    dispatcher = Dispatcher(service, options, stopping, writes)
    names = [*([options.host] if options.host else []), *options.allow_hosts, *HOSTS]
    guard = Guard(dispatcher, names, options.allow_origins, dispatcher.refuse)
    app = Cors(guard, options.allow_origins) if options.allow_origins else guard
    return app, WriteFastPath(guard, writes).take


class Dispatcher:
    """Sends a request to the part that it is for, by the first segment of its path."""

    def __init__(
        self,
        service: SandboxService,
        options: RunnerOptions,
        stopping: asyncio.Event,
        writes: WriteEndpoints,
    ) -> None:
        self._service = service
        self._options = options
        self._stopping = stopping
        self._writes = writes
        self._control: ASGIApp | None = None
        self._api: ASGIApp | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        root = root_of(scope)
        if leads_to_writes(scope):
            await self._writes(scope, receive, send)
        elif root in ("v1", "_consent") or is_read_or_proxied(scope):
            await self._ampersand_api()(scope, receive, send)
        elif root == "_crm":
            await self._crm(scope, receive, send)
        elif root not in _STARLETTE_ROOTS:
            path = self._service.context.request_log.masker.values(scope["path"])
            await self.refuse(scope, send, nothing_at(scope["method"], path))
        else:
            if (problem := self._objection_to_control(scope)) is not None:
                await self.refuse(scope, send, problem)
                return
            # As it was sent: a group's name may hold a slash, and is decoded once the path is cut.
            path = scope["raw_path"].decode("latin-1")
            await self._starlette()({**scope, "path": path}, receive, send)

    def _objection_to_control(self, scope: Scope) -> Problem | None:
        """The control API asks for the same key as writes do; whether the sandbox runs is no secret."""
        key = self._options.api_key
        if scope["path"] in ("/_sandbox/health", "/_sandbox/ready"):
            return None
        return None if key is None else wrong_key(scope, key)

    async def refuse(self, scope: Scope, send: Send, problem: Problem) -> None:
        """Answer a request that gets no further, and show it among those to the write endpoints.

        Whoever got an address wrong, or calls from a page, looks there for what became of the write.
        """
        began, at = wall_s(), self._service.context.clock.now()
        sent = await send_problem(send, problem)
        self._service.context.request_log.add(
            at,
            scope["method"],
            scope["path"],
            problem.status,
            ("", "", ""),
            (b"", problem.body()),
            0.0,
            (scope["headers"], sent),
            target_of(scope),
            (began, wall_s()),
        )

    def _ampersand_api(self) -> ASGIApp:
        if self._api is None:
            from ampsandbox.server.ampersand_api.app import AmpersandApi
            from ampsandbox.server.ampersand_api.context import ApiContext

            self._api = AmpersandApi(ApiContext(self._service, self._options))
        return self._api

    def _starlette(self) -> ASGIApp:
        # Most sandboxes are never asked for anything here, and importing it takes long.
        if self._control is None:
            from ampsandbox.server.control import build_control

            self._control = build_control(
                self._service, self._stopping, needs_key=self._options.api_key is not None
            )
        return self._control

    async def _crm(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Hand `/_crm/{integration}/{group}/…` to the mock org of that installation."""
        # The names may hold any character, an encoded slash too, so the path is cut first, then decoded.
        segments = scope["raw_path"].decode("latin-1").split("/")
        integration, group = (unquote(segment) for segment in [*segments[2:4], "", ""][:2])
        context = self._service.context
        installation = context.engine.installations.find(group, integration)
        org = context.connections.org(installation.id) if installation else None
        if org is None:
            known = ", ".join(
                crm_path(item.integration, item.group) for item in context.engine.installations.all()
            )
            problem = Problem(
                404, f"There is no mock CRM at {scope['path']!r}.", f"There is: {known or 'none'}."
            )
            await send_problem(send, problem)
            return
        root_path = scope.get("root_path", "") + f"{CRM_ROOT}/{integration}/{group}"

        has_begun = False

        async def send_on(message: MutableMapping[str, Any]) -> None:
            nonlocal has_begun
            has_begun = True
            await send(message)

        async def answer() -> None:
            await org.app({**scope, "root_path": root_path}, receive, send_on)

        try:
            await context.clock.carry(answer())
        except ClockError as error:
            if not has_begun:  # else the connection is cut, as by a CRM that stops in the middle
                await send_problem(send, Problem(504, error.message, error.hint))
