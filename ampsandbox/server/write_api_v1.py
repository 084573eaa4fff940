"""Today's write API: `POST /v1/projects/{project}/integrations/{integration}/objects/{object}`.

It takes the writes of a `specVersion: 1.0.0` manifest, where each request names its object and type
(openapi: api/write.yaml and api/operations.yaml; a bad request is answered in plain text there).
"""

from __future__ import annotations

from typing import Final

from ampsandbox.engine.model import Operation
from ampsandbox.engine.write_command import BatchCommand, BatchRecord, WriteCommand
from ampsandbox.engine.write_options import WriteOptions
from ampsandbox.engine.write_rules import WriteRules, find_write_object
from ampsandbox.errors import AmpSandboxError, NotFoundError
from ampsandbox.manifest.model import Integration, Mode, Provider, WriteObject
from ampsandbox.server import write_api_v1_bodies as bodies
from ampsandbox.server.asgi import Scope
from ampsandbox.server.problems import Problem, problem_of
from ampsandbox.server.request_bodies import WriteType
from ampsandbox.server.write_api_v1_requests import RequestedRecord, RequestedWrite, read_request
from ampsandbox.server.write_response import TEXT, WriteResponse, check_envelope, refusal, wrong_method
from ampsandbox.service.sandbox_service import SandboxService

OBJECT_PATH = "integrations/{integration}/objects/{object}"
"""Where writes go, below `/v1/projects/{project}/`."""

_MODES: Final[dict[WriteType, Mode]] = {"create": Mode.INSERT, "update": Mode.UPDATE, "delete": Mode.DELETE}


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
            case ["operations", operation_id, "logs"]:
                return self._logs(scope, operation_id)
            case ["integrations", integration, "objects", name]:
                found = self._find(integration, name)
                if isinstance(found, Problem):
                    return refusal(found)
                problem = check_envelope(scope)
                return refusal(problem) if problem else await self._take(*found, name, body)
        way = f"/v1/projects/{self._engine.project}/{OBJECT_PATH}"
        return refusal(Problem(404, f"Nothing is served at {scope['path']!r}.", f"Writes go to {way}."))

    # -- operations ------------------------------------------------------------------------------------------

    def _follow(self, scope: Scope, operation_id: str) -> WriteResponse:
        if scope["method"] not in ("GET", "HEAD"):
            return refusal(wrong_method(scope["method"], "GET"))
        try:
            found = self._platform.operations.find(operation_id)
        except NotFoundError as error:
            return refusal(problem_of(error))
        return WriteResponse(200, bodies.operation(found, self._platform.ids_of(found.installation_id)))

    def _logs(self, scope: Scope, operation_id: str) -> WriteResponse:
        if scope["method"] not in ("GET", "HEAD"):
            return refusal(wrong_method(scope["method"], "GET"))
        try:
            return WriteResponse(200, bodies.logs(self._platform.operations.log(operation_id)))
        except NotFoundError as error:
            return refusal(problem_of(error))

    # -- writes ----------------------------------------------------------------------------------------------

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
        request = read_request(body, integration.provider)
        if isinstance(request, str):
            return WriteResponse(400, request.encode(), TEXT)
        if isinstance(request, Problem):
            return refusal(request)
        try:
            rules = self._rules(integration, item, name, request.group)
            if request.type == "delete" and not rules.allows_delete:
                return WriteResponse(
                    400,
                    f"type: deletes of {item.name} are not enabled for this installation; "
                    f"set config.content.write.objects.{item.name}.deletionSettings.enabled to true".encode(),
                    TEXT,
                    group=request.group,
                )
            write = self._batch if request.is_batch else self._single
            return await write(integration, name, rules, request)
        except AmpSandboxError as error:
            return refusal(problem_of(error), request.group)

    def _rules(self, integration: Integration, item: WriteObject, name: str, group: str) -> WriteRules:
        installation = self._engine.installations.find(group, integration.name)
        if installation is None:
            return WriteRules(item, allows_delete=True)  # the engine says why it takes no writes
        return self._engine.installations.write_rules(installation.id, name)

    async def _single(
        self, integration: Integration, name: str, rules: WriteRules, request: RequestedWrite
    ) -> WriteResponse:
        [record] = request.records
        fields = _fields(rules, request.type, record)
        operation = await self._service.writes.submit(
            WriteCommand(
                integration,
                rules.item,
                _MODES[request.type],
                request.group,
                fields,
                record.id,
                WriteOptions(
                    associations=record.associations,
                    only_if_empty=_only_if_empty(rules, request.type, fields),
                    keeps_answer=_keeps_answer(integration, request),
                    headers=request.headers,
                    retry_s=request.retry_s,
                    object_name=name,
                ),
                request.auto_batch.max_delay_s if request.auto_batch else None,
            )
        )
        if request.retry_s is not None:
            # The operation of an auto-batch is the batch: all of its callers get the same id.
            number = (operation.batch_id if request.auto_batch else None) or operation.id
            return _response((200, bodies.accepted(number)), request, operation)
        return _response(bodies.single_answer(operation, integration.provider), request, operation)

    async def _batch(
        self, integration: Integration, name: str, rules: WriteRules, request: RequestedWrite
    ) -> WriteResponse:
        translated = [(_fields(rules, request.type, record), record) for record in request.records]
        records = [
            BatchRecord(
                fields,
                record.id,
                WriteOptions(
                    associations=record.associations,
                    only_if_empty=_only_if_empty(rules, request.type, fields),
                    keeps_answer=_keeps_answer(integration, request),
                    object_name=name,
                ),
            )
            for fields, record in translated
        ]
        options = WriteOptions(
            headers=request.headers,
            is_whole=True,
            all_or_none=request.all_or_none,
            retry_s=request.retry_s,
            object_name=name,
        )
        mode = _MODES[request.type]
        batch_id = await self._service.writes.submit_batch(
            BatchCommand(integration, rules.item, mode, request.group, records, options)
        )
        if request.retry_s is not None:
            return WriteResponse(200, bodies.accepted(batch_id), group=request.group, operation_id=batch_id)
        writes = self._engine.batches.operations(batch_id, limit=len(records))
        status, answer = bodies.batch_answer(batch_id, writes, integration.provider)
        return WriteResponse(status, answer, group=request.group, operation_id=batch_id)


def _response(answer: tuple[int, bytes], request: RequestedWrite, operation: Operation) -> WriteResponse:
    status, body = answer
    return WriteResponse(status, body, group=request.group, operation_id=operation.id)


def _fields(rules: WriteRules, type_: WriteType, record: RequestedRecord) -> dict[str, object]:
    return {} if type_ == "delete" else rules.translate(type_, record.fields)


def _only_if_empty(rules: WriteRules, type_: WriteType, fields: dict[str, object]) -> tuple[str, ...]:
    return tuple(rules.only_if_empty(fields)) if type_ == "update" else ()


def _keeps_answer(integration: Integration, request: RequestedWrite) -> bool:
    """Whether the app gets the provider's record: HubSpot answers with it, and somebody waits for it."""
    return request.retry_s is None and integration.provider == Provider.HUBSPOT and request.type != "delete"
