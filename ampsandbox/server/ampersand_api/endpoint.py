"""How one operation of Ampersand's API is declared, checked and answered."""

from __future__ import annotations

import shlex
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from ampsandbox.errors import AmpSandboxError, NotFoundError
from ampsandbox.server.ampersand_api.context import ApiContext
from ampsandbox.server.ampersand_api.problems import ApiIssue, ProblemError, problem_of
from ampsandbox.server.json_errors import UNREADABLE, not_json

if TYPE_CHECKING:
    from ampsandbox.manifest.model import Integration
    from ampsandbox.service.platform import Platform

MAX_BODY_BYTES = 5 * 1024 * 1024
_encode = msgspec.json.Encoder().encode


@dataclass(frozen=True, slots=True)
class ApiCall:
    """A checked request: whose it is, the names in its path, its query, and its decoded body."""

    api: ApiContext
    request: Request
    path: Mapping[str, str]
    query: Mapping[str, str]
    body: Any

    @property
    def platform(self) -> Platform:
        return self.api.platform

    @property
    def integration(self) -> Integration:
        """The integration that the path names."""
        return self.platform.integration(self.path["integration"])

    @property
    def base_url(self) -> str:
        """What the caller calls this server."""
        return f"{self.request.url.scheme}://{self.request.headers['host']}"


Handler = Callable[[ApiCall], Awaitable[Any]]


@dataclass(frozen=True, slots=True)
class ApiEndpoint:
    """One operation of the API.

    Attributes:
        method: GET, POST, PUT, PATCH or DELETE.
        path: Below `/v1`, with `{names}`.
        name: Its `operationId` in Ampersand's OpenAPI.
        handler: Does it; what it returns is the answer's JSON, or a ready response.
        body: The type that the body must fit; `bytes` for one that is no JSON.
        status: The status of success; 204 has no body.
        is_open: Whether it is answered without an API key.
    """

    method: str
    path: str
    name: str
    handler: Handler
    body: Any = None
    status: int = 200
    is_open: bool = False

    def route(self, api: ApiContext) -> Route:
        """The operation as a route of Starlette's."""

        async def respond(request: Request) -> Response:
            try:
                return self._response(await self.handler(await self._call(api, request)))
            except ProblemError as problem:
                return api.problems.response(problem)
            except AmpSandboxError as error:
                return api.problems.response(problem_of(error))

        return Route("/v1" + self.path, respond, methods=[self.method], name=self.name)

    async def _call(self, api: ApiContext, request: Request) -> ApiCall:
        path = {name: unquote(value) for name, value in request.path_params.items()}
        if not self.is_open:
            api.check_key(request)
        if "project" in path and not api.platform.ids.is_project(path["project"]):
            known = f"{api.platform.ids.project!r} ({api.platform.ids.project_id})"
            raise NotFoundError(
                f"Project not found: {path['project']}.",
                f"This sandbox runs {known}. Start it with --project {shlex.quote(path['project'])}, "
                "or let the name stand for it: `ids:` in sandbox.yaml.",
            )
        return ApiCall(api, request, path, dict(request.query_params), await self._body(request))

    async def _body(self, request: Request) -> Any:
        if self.body is None:
            return None
        content = b""
        async for chunk in request.stream():
            content += chunk
            if len(content) > MAX_BODY_BYTES:
                raise ProblemError(413, f"The request body is larger than {MAX_BODY_BYTES // 1024**2} MiB.")
        if self.body is bytes:
            return content
        try:
            return msgspec.json.decode(content or b"{}", type=self.body)
        except msgspec.ValidationError as error:
            raise _invalid(error) from None
        except UNREADABLE as error:
            problem = not_json(content, error)
            raise ProblemError(problem.status, problem.detail, problem.remedy or "Send JSON.") from None

    def _response(self, result: Any) -> Response:
        if isinstance(result, Response):
            return result
        if self.status == 204:
            return Response(status_code=204)
        return Response(_encode(result), self.status, media_type="application/json")


def _invalid(error: msgspec.ValidationError) -> ProblemError:
    reason, _, place = str(error).partition(" - at `$")
    name = place.rstrip("`").lstrip(".")
    issue = ApiIssue("body", name, reason, "Give it as the API's reference has it.")
    at = f" at {name}" if name else ""
    return ProblemError(400, f"The request body is invalid{at}: {reason}.", issue.remedy, (issue,))
