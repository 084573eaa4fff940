"""The Starlette app of the control API, OpenAPI, and health."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from ampsandbox.server.control import (
    batches,
    clock,
    crm,
    events,
    exchanges,
    installations,
    live,
    operations,
    state,
)
from ampsandbox.server.control.endpoint import problem_response
from ampsandbox.server.problems import Problem, nothing_at

if TYPE_CHECKING:
    from ampsandbox.server.sandbox_server import SandboxServer

ENDPOINTS = (
    *state.ENDPOINTS,
    *clock.ENDPOINTS,
    *installations.ENDPOINTS,
    *operations.ENDPOINTS,
    *batches.ENDPOINTS,
    *crm.ENDPOINTS,
    *live.ENDPOINTS,
    *exchanges.ENDPOINTS,
    *events.ENDPOINTS,
)


def build_control(server: SandboxServer) -> Starlette:
    """The app of everything that is neither a write endpoint nor a mock CRM."""

    async def openapi(_: Request) -> Response:
        from ampsandbox.server.openapi import describe

        return JSONResponse(describe(server, ENDPOINTS))

    async def alive(_: Request) -> Response:
        return JSONResponse({"status": "ok"})

    async def ready(_: Request) -> Response:
        if server.stopping.is_set():
            return problem_response(Problem(503, "The sandbox is stopping."))
        return JSONResponse({"status": "ok"})

    routes = [
        Route("/openapi.json", openapi),
        Route("/_sandbox/health", alive),
        Route("/_sandbox/ready", ready),
        *(endpoint.route(server) for endpoint in ENDPOINTS),
    ]
    return Starlette(
        routes=routes,
        exception_handlers={HTTPException: _http_problem, ClientDisconnect: _gone, 500: _our_fault},
    )


async def _http_problem(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    headers = tuple((error.headers or {}).items())
    return problem_response(nothing_at(request.method, request.url.path, error.status_code, headers))


async def _gone(_request: Request, _error: Exception) -> Response:
    """The client left before its request was complete: nobody hears the answer."""
    return problem_response(Problem(400, "The request was not complete."))


async def _our_fault(request: Request, error: Exception) -> Response:
    """Answer in the usual shape when we are wrong; the traceback goes to stderr."""
    detail = f"The sandbox failed at {request.method} {request.url.path}: {type(error).__name__}."
    return problem_response(Problem(500, detail, "This is a bug of ampsandbox; its traceback is on stderr."))
