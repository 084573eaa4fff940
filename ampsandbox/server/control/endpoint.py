"""How one endpoint of the control API is declared, checked, answered and described."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any
from urllib.parse import unquote

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from ampsandbox.errors import AmpSandboxError
from ampsandbox.server.problems import Issue, Problem, problem_of

if TYPE_CHECKING:
    from ampsandbox.server.sandbox_server import SandboxServer

PREFIX = "/_sandbox/v1"

Count = Annotated[int, msgspec.Meta(ge=0, le=10**12)]
"""How many, or after which one: what the journal can count with."""

_encode = msgspec.json.Encoder().encode


@dataclass(frozen=True, slots=True)
class Call:
    """A checked request: what runs, the names in the path, and the decoded query and body."""

    server: SandboxServer
    path: Mapping[str, str]
    query: Any
    body: Any
    request: Request


Handler = Callable[[Call], Awaitable[Any]]


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One operation of the API.

    Attributes:
        method: GET, POST, PATCH or DELETE.
        path: Below the prefix, with `{names}`.
        name: The `operationId` in OpenAPI.
        summary: What it does, in a sentence.
        handler: Does it; what it returns is the answer's JSON, bytes as they are, or a ready response.
        query: The struct that the query string must fit, if it takes any.
        body: The type that the body must fit; an empty body stands for the type's defaults.
        answer: The type of the answer, None for no content.
        status: The status of success.
    """

    method: str
    path: str
    name: str
    summary: str
    handler: Handler
    query: type | None = None
    body: Any = None
    answer: Any = None
    status: int = 200

    def route(self, server: SandboxServer) -> Route:
        """The endpoint as a route of Starlette's."""

        async def respond(request: Request) -> Response:
            try:
                result = await self.handler(await self._call(server, request))
            except AmpSandboxError as error:
                return problem_response(problem_of(error))
            except msgspec.ValidationError as error:
                return problem_response(_invalid(error))
            except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
                return problem_response(Problem(400, f"The request body is not JSON: {error}."))
            return self._response(result)

        return Route(PREFIX + self.path, respond, methods=[self.method], name=self.name)

    async def _call(self, server: SandboxServer, request: Request) -> Call:
        query: Any = None
        body: Any = None
        if self.query is not None:
            query = msgspec.convert(dict(request.query_params), self.query, strict=False)
        if self.body is bytes:
            body = await request.body()
        elif self.body is not None:
            body = msgspec.json.decode(await request.body() or b"{}", type=self.body)
        path = {name: unquote(value) for name, value in request.path_params.items()}
        return Call(server, path, query, body, request)

    def _response(self, result: Any) -> Response:
        if isinstance(result, Response):
            return result
        if isinstance(result, bytes):
            return Response(result, self.status, media_type="application/octet-stream")
        if self.answer is None:
            return Response(status_code=204)
        return Response(_encode(result), self.status, media_type="application/json")


def problem_response(problem: Problem) -> Response:
    """A problem as a response of Starlette's."""
    return Response(problem.body(), problem.status, dict(problem.headers), "application/problem+json")


def _invalid(error: msgspec.ValidationError) -> Problem:
    message, _, place = str(error).partition(" - at `")
    name = place.rstrip("`").removeprefix("$").lstrip(".")
    issue = Issue("body", name, message, "/" + name.replace(".", "/") if name else "")
    return Problem(400, "The request does not fit this endpoint.", "See /openapi.json.", (issue,))
