"""The write endpoints: `POST /projects/{project}/{endpoint}` and what becomes of an operation.

Below `/v1/` they are those of today's write API; see `ampsandbox.server.write_api_v1`.

This is plain ASGI on purpose: at 64 connections, a router and request objects would cost as much as the rest
of the accept path together.
"""

from __future__ import annotations

import shlex
from collections.abc import Iterable
from datetime import datetime

import msgspec

from ampsandbox.clock import wall_s
from ampsandbox.engine.model import Operation, OperationState
from ampsandbox.engine.write_command import WriteCommand
from ampsandbox.errors import AmpSandboxError, NotFoundError, nearest_hint
from ampsandbox.manifest.model import Integration, Manifest, Mode, WriteObject
from ampsandbox.server.asgi import (
    BodyTooLargeError,
    DisconnectedError,
    Receive,
    Scope,
    Send,
    read_body,
    response_headers,
    send_response,
    target_of,
)
from ampsandbox.server.problems import Problem, problem_of
from ampsandbox.server.response_bodies import operation_status, write_answer
from ampsandbox.server.write_api_v1 import OBJECT_PATH, WriteApiV1
from ampsandbox.server.write_requests import RequestChecker, WriteRequest, group_in
from ampsandbox.server.write_response import (
    WriteResponse,
    check_envelope,
    refusal,
    wrong_key,
    wrong_method,
)
from ampsandbox.service.handled_request import Headers
from ampsandbox.service.sandbox_service import SandboxService
from mock_crm.core.http_connection import Exchange

MAX_BODY_BYTES = 5 * 1024 * 1024


class WriteRoute(msgspec.Struct, frozen=True):
    """What stands behind one endpoint of the manifest, and checks its bodies."""

    integration: Integration
    item: WriteObject
    mode: Mode
    checker: RequestChecker


class WriteEndpoints:
    """The ASGI app of everything below `/projects/` and `/v1/projects/`.

    Args:
        service: Takes the writes, and knows the manifest.
        api_key: The key that requests must carry as `X-Api-Key`; None ignores it.
    """

    def __init__(self, service: SandboxService, api_key: str | None = None) -> None:
        self._service = service
        self._engine = service.context.engine
        self._request_log = service.context.request_log
        self._api_key = api_key
        self._exposed: Manifest | None = None
        self._routes: dict[str, WriteRoute] = {}
        self._objects = WriteApiV1(service)

    def _follow_manifest(self) -> None:
        """Expose the endpoints of the sandbox's current manifest."""
        self._exposed = manifest = self._engine.manifest
        self._routes = {
            endpoint: WriteRoute(integration, item, item.mode, RequestChecker(item, item.mode))
            for endpoint, (integration, item) in (manifest.endpoints() if manifest else {}).items()
            if item.mode is not None
        }

    @property
    def manifest(self) -> Manifest | None:
        """What the endpoints follow from."""
        return self._engine.manifest

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        at, began = self._engine.clock.now(), wall_s()
        body = b""
        parts = _parts(scope)
        try:
            body = await read_body(receive, MAX_BODY_BYTES)
            reply = await self._reply(scope, parts, body)
        except BodyTooLargeError:
            limit = MAX_BODY_BYTES // 1024 // 1024
            reply = refusal(Problem(413, f"The request body is larger than {limit} MiB."))
        except DisconnectedError:
            return
        sent = await send_response(send, reply.status, reply.body, reply.content_type, reply.headers)
        # Questions after an operation's outcome, asked again and again, would push the writes out of the log.
        if parts[3:4] != ["operations"]:
            self._note(scope, _endpoint_name(parts), body, reply, sent, at, began)

    def route(self, scope: Scope) -> WriteRoute | None:
        """The endpoint that a request leads to, where nothing in its head is to be refused."""
        parts = _parts(scope)
        self._follow_manifest()
        if (
            self._check_project(scope, parts) is not None
            or len(parts) != 4
            or check_envelope(scope) is not None
        ):
            return None
        return self._routes.get(parts[3])

    def begin(self, exchange: Exchange, route: WriteRoute) -> bool:
        """Take a write, and answer once the journal has it, or the CRM its say; see `WriteFastPath`.

        Returns:
            Whether it was taken; nothing was done otherwise.
        """
        began = wall_s()
        scope, body = exchange.scope, exchange.body
        request = route.checker.check(body)
        if isinstance(request, Problem) or len(body) > MAX_BODY_BYTES:
            return False

        def tell(result: Operation | Exception) -> None:
            if isinstance(result, Operation):
                reply, at = self._accepted(request, result), result.accepted_at
            elif isinstance(result, AmpSandboxError):
                reply, at = refusal(problem_of(result), request.group), self._engine.clock.now()
            else:
                exchange.fail(result)
                return
            sent = response_headers(reply.body, reply.content_type, reply.headers)
            exchange.answer(reply.status, sent, reply.body)
            self._note(scope, route.item.endpoint or "", body, reply, sent, at, began)

        try:
            return self._service.writes.begin(_command(route, request), tell)
        except AmpSandboxError:
            return False  # the other way says why

    def _note(
        self,
        scope: Scope,
        endpoint: str,
        body: bytes,
        reply: WriteResponse,
        sent: Headers,
        at: datetime,
        began: float,
    ) -> None:
        span = (began, wall_s())
        self._request_log.add(
            at,
            scope["method"],
            scope["path"],
            reply.status,
            (endpoint, reply.group or group_in(body), reply.operation_id),
            (body, reply.body),
            self._engine.clock.elapsed_ms(span),
            (scope["headers"], sent),
            target_of(scope),
            span,
        )

    async def _reply(self, scope: Scope, parts: list[str], body: bytes) -> WriteResponse:
        if self._exposed is not self._engine.manifest:
            self._follow_manifest()
        problem = self._check_project(scope, parts)
        if problem is not None:
            return refusal(problem)
        if parts[0] == "v1":
            return await self._objects.reply(scope, parts[3:], body)
        if parts[3] == "operations" and len(parts) == 5:
            return self._follow(scope, parts[4])
        route = self._routes.get(parts[3]) if len(parts) == 4 else None
        if route is None:
            return refusal(self._unknown_endpoint("/".join(parts[3:])))
        problem = check_envelope(scope)
        if problem is not None:
            return refusal(problem)
        request = route.checker.check(body)
        return refusal(request) if isinstance(request, Problem) else await self._write(route, request)

    async def _write(self, route: WriteRoute, request: WriteRequest) -> WriteResponse:
        try:
            operation = await self._service.writes.submit(_command(route, request))
        except AmpSandboxError as error:
            return refusal(problem_of(error), request.group)
        return self._accepted(request, operation)

    def _accepted(self, request: WriteRequest, operation: Operation) -> WriteResponse:
        status, answer = write_answer(operation, self._flush_at(operation))
        return WriteResponse(status, answer, group=request.group, operation_id=operation.id)

    def _flush_at(self, operation: Operation) -> datetime | None:
        if operation.state is not OperationState.QUEUED or operation.batch_id is None:
            return None
        return self._engine.batches.flush_at(operation.batch_id)

    def _follow(self, scope: Scope, operation_id: str) -> WriteResponse:
        if scope["method"] not in ("GET", "HEAD"):
            return refusal(wrong_method(scope["method"], "GET"))
        try:
            return WriteResponse(200, operation_status(self._engine.operations.get(operation_id)))
        except NotFoundError as error:
            return refusal(Problem(404, error.message, "Take the operationId from the answer to a write."))

    def _check_project(self, scope: Scope, parts: list[str]) -> Problem | None:
        project = self._engine.project
        named = parts[2] if len(parts) > 2 else ""
        if not self._service.platform.ids.is_project(named):
            detail = f"There is no project {named!r} here; this sandbox runs {project!r}."
            remedy = f"Call /projects/{project}/…"
            return Problem(
                404, detail, remedy + (f", or start with --project {shlex.quote(named)}." if named else ".")
            )
        if len(parts) < 4:
            return Problem(404, f"The path names no endpoint. {_known(self._routes)}")
        return None if self._api_key is None else wrong_key(scope, self._api_key)

    def _unknown_endpoint(self, name: str) -> Problem:
        detail = f"The manifest has no endpoint {name!r}. {_known(self._routes)}"
        if near := nearest_hint(name, self._routes):
            remedy = near.strip()
        elif self._routes:
            remedy = f"Give an object of the manifest 'endpoint: {name}'."
        else:
            remedy = f"Today's format is written to /v1/projects/{self._engine.project}/{OBJECT_PATH}."
        return Problem(404, detail, remedy)


def _parts(scope: Scope) -> list[str]:
    """The path, so that the project is the third part in both families."""
    parts: list[str] = scope["path"].rstrip("/").split("/")
    return parts[1:] if parts[1:2] == ["v1"] else parts


def _command(route: WriteRoute, request: WriteRequest) -> WriteCommand:
    return WriteCommand(
        route.integration, route.item, route.mode, request.group, request.fields, request.primary_key
    )


def _endpoint_name(parts: list[str]) -> str:
    """What the request log calls the endpoint: its URL segment, or today's integration and object."""
    if parts[0] == "v1":
        return "/".join(parts[4:7:2])
    return parts[3] if len(parts) > 3 else ""


def _known(names: Iterable[str]) -> str:
    listed = ", ".join(names)
    return f"It has: {listed}." if listed else "It has none at all."
