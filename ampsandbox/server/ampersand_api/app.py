"""Ampersand's API below `/v1`, but for writes and operations, which have a faster way of their own."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response

from ampsandbox.server.ampersand_api import (
    connections,
    consent,
    deploy,
    installations,
    integrations,
    metadata,
    passthrough,
    providers,
    search,
    unserved,
)
from ampsandbox.server.ampersand_api.context import ApiContext
from ampsandbox.server.ampersand_api.problems import ProblemError
from ampsandbox.server.asgi import header
from ampsandbox.server.hosts import api_of
from ampsandbox.server.write_api_v1 import OBJECT_PATH

if TYPE_CHECKING:
    from ampsandbox.server.asgi import Receive, Scope, Send

OPERATIONS = (
    *integrations.OPERATIONS,
    *providers.OPERATIONS,
    *connections.OPERATIONS,
    *installations.OPERATIONS,
    *metadata.OPERATIONS,
    *deploy.OPERATIONS,
    *search.OPERATIONS,
    *unserved.OPERATIONS,
)


class AmpersandApi:
    """The API of one sandbox, as an ASGI application.

    Args:
        context: What its operations work on.
    """

    def __init__(self, context: ApiContext) -> None:
        self.context = context
        self.problems = context.problems
        self._pass_through = passthrough.PassThrough(context)

    @cached_property
    def starlette(self) -> Starlette:
        routes = [*(each.route(self.context) for each in OPERATIONS), *consent.routes(self.context)]
        handlers = {HTTPException: self._refused, ClientDisconnect: self._gone, 500: self._our_fault}
        return Starlette(routes=routes, exception_handlers=handlers)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        host = api_of(scope)
        if host == "proxy" or header(scope, b"x-amp-proxy-version"):
            await self._pass_through(scope, receive, send)
            return
        if host == "read":
            problem = ProblemError(501, "The sandbox does not run reads.", unserved.READS)
            await self.problems.response(problem)(scope, receive, send)
            return
        # As it was sent: names may hold a slash, and are decoded once the path is cut.
        await self.starlette({**scope, "path": scope["raw_path"].decode("latin-1")}, receive, send)

    async def _refused(self, request: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)
        way = f"/v1/projects/{self.context.platform.ids.project}/{OBJECT_PATH}"
        detail = f"There is nothing at {request.method} {request.url.path}."
        if error.status_code == 405:
            detail = f"{request.method} is not allowed at {request.url.path}."
        response = self.problems.response(
            ProblemError(error.status_code, detail, f"Writes go to {way}; docs/ampersand.md lists the rest.")
        )
        response.headers.update(error.headers or {})
        return response

    async def _gone(self, _request: Request, _error: Exception) -> Response:
        return self.problems.response(ProblemError(400, "The request was not complete."))

    async def _our_fault(self, request: Request, error: Exception) -> Response:
        detail = f"The sandbox failed at {request.method} {request.url.path}: {type(error).__name__}."
        return self.problems.response(
            ProblemError(500, detail, "This is a bug of ampsandbox; its traceback is on stderr.")
        )
