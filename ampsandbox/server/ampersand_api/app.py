"""Ampersand's API below `/v1`, but for writes and operations, which have a faster way of their own."""

from __future__ import annotations

from functools import cached_property
from hmac import compare_digest
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
from ampsandbox.server.ampersand_api.problems import ProblemError, Problems
from ampsandbox.server.ampersand_api.views import Views
from ampsandbox.server.asgi import header
from ampsandbox.server.hosts import api_of
from ampsandbox.server.write_api_v1 import OBJECT_PATH

if TYPE_CHECKING:
    from ampsandbox.server.asgi import Receive, Scope, Send
    from ampsandbox.server.runner import RunnerOptions
    from ampsandbox.service.sandbox_service import SandboxService

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
    """The API of one sandbox.

    Attributes:
        service: What runs: its manifest can be deployed.
        options: The key that is asked for, and the origins that are let in.
        platform: What is asked.
        problems: Answers refusals.
        consent: The consent pages that are open.
        uploads: The zips that wait for their deployment.
    """

    def __init__(self, service: SandboxService, options: RunnerOptions) -> None:
        self.service = service
        self.options = options
        self.platform = service.platform
        self.clock = service.context.clock
        self.problems = Problems(self.clock)
        self.views = Views(self.platform, self.clock.now())
        self.consent = consent.ConsentSessions()
        self.uploads = deploy.Uploads()
        self._pass_through = passthrough.PassThrough(self)

    @cached_property
    def starlette(self) -> Starlette:
        routes = [*(each.route(self) for each in OPERATIONS), *consent.routes(self)]
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

    def check_key(self, request: Request) -> None:
        """Refuse a request without the key that the sandbox was started with, if it was.

        Raises:
            ProblemError: The key is missing or wrong.
        """
        wanted = self.options.api_key
        if wanted is None or compare_digest(request.headers.get("x-api-key", "").encode(), wanted.encode()):
            return
        raise ProblemError(
            401,
            "The X-Api-Key header is missing or wrong.",
            "Send the key that the sandbox was started with (--api-key).",
        )

    async def _refused(self, request: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)
        way = f"/v1/projects/{self.platform.ids.project}/{OBJECT_PATH}"
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
