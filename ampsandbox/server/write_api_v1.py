"""Today's write API: `POST /v1/projects/{project}/integrations/{integration}/objects/{object}`.

It takes the writes of a `specVersion: 1.0.0` manifest, where each request names its object and type
(openapi: api/write.yaml and api/operations.yaml; a bad request is answered in plain text there).
"""

from __future__ import annotations

import msgspec

from ampsandbox.engine.write_command import WriteCommand
from ampsandbox.engine.write_rules import find_write_object
from ampsandbox.errors import AmpSandboxError, NotFoundError
from ampsandbox.manifest.model import Integration, WriteObject
from ampsandbox.server.asgi import Scope
from ampsandbox.server.problems import Problem, problem_of
from ampsandbox.server.response_bodies import object_operation, object_write_answer
from ampsandbox.server.write_api_v1_requests import ObjectRequest, read_request
from ampsandbox.server.write_response import TEXT, WriteResponse, check_envelope, refusal, wrong_method
from ampsandbox.service.sandbox_service import SandboxService

OBJECT_PATH = "integrations/{integration}/objects/{object}"
"""Where writes go, below `/v1/projects/{project}/`."""


class WriteApiV1:
    """Answers below `/v1/projects/{project}/`.

    Args:
        service: Takes the writes.
    """

    def __init__(self, service: SandboxService) -> None:
        self._service = service
        self._engine = service.context.engine
        self._platform = service.platform

    async def reply(self, scope: Scope, parts: list[str], body: bytes) -> WriteResponse:
        """The answer to a request whose path goes on with `parts` after the project."""
        match parts:
            case ["operations", operation_id]:
                return self._follow(scope, operation_id)
            case ["integrations", integration, "objects", name]:
                found = self._find(integration, name)
                if isinstance(found, Problem):
                    return refusal(found)
                problem = check_envelope(scope)
                return refusal(problem) if problem else await self._take(*found, name, body)
        way = f"/v1/projects/{self._engine.project}/{OBJECT_PATH}"
        return refusal(Problem(404, f"Nothing is served at {scope['path']!r}.", f"Writes go to {way}."))

    def _follow(self, scope: Scope, operation_id: str) -> WriteResponse:
        if scope["method"] not in ("GET", "HEAD"):
            return refusal(wrong_method(scope["method"], "GET"))
        try:
            operation = self._engine.operation(operation_id)
        except NotFoundError as error:
            return refusal(problem_of(error))
        return WriteResponse(200, object_operation(operation, self._platform.ids_of(operation)))

    def _find(self, integration: str, name: str) -> tuple[Integration, WriteObject] | Problem:
        try:
            owner = self._platform.integration(integration)
            item, _ = find_write_object(owner, name)
        except NotFoundError as error:
            return problem_of(error)
        if item.endpoint is not None:
            remedy = f"Send its writes to /projects/{self._engine.project}/{item.endpoint}."
            return Problem(404, f"{name} has an endpoint of its own, as in the 2023 format.", remedy)
        return owner, item

    async def _take(
        self, integration: Integration, item: WriteObject, name: str, body: bytes
    ) -> WriteResponse:
        request = read_request(body)
        if isinstance(request, str):
            return WriteResponse(400, request.encode(), TEXT)
        if isinstance(request, Problem):
            return refusal(request)
        if item.mode not in (None, request.mode):
            text = f"type: the manifest has {item.name} for {item.mode}s only"
            return WriteResponse(400, text.encode(), TEXT)
        try:
            fields = await self._platform.write_fields(
                integration, request.group, name, request.mode, request.primary_key, request.fields
            )
        except AmpSandboxError as error:
            return refusal(problem_of(error), request.group)
        return await self._write(integration, item, msgspec.structs.replace(request, fields=fields))

    async def _write(
        self, integration: Integration, item: WriteObject, request: ObjectRequest
    ) -> WriteResponse:
        try:
            operation = await self._service.writes.submit(
                WriteCommand(
                    integration,
                    item,
                    request.mode,
                    request.group,
                    request.fields,
                    request.primary_key,
                    request.background_s,
                )
            )
        except AmpSandboxError as error:
            return refusal(problem_of(error), request.group)
        status, answer = object_write_answer(operation)
        return WriteResponse(status, answer, group=request.group, operation_id=operation.id)
