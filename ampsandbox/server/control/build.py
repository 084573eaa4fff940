"""The Starlette app of the control API, OpenAPI, and health."""

from __future__ import annotations

import asyncio

import msgspec
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Match, Route

from ampsandbox.server.control.endpoint import ControlEndpoint, invalid, problem_response
from ampsandbox.server.control.endpoints import ENDPOINTS
from ampsandbox.server.control.event_stream import EventStreams, wants_stream
from ampsandbox.server.problems import Problem, nothing_at
from ampsandbox.service.log import LogService
from ampsandbox.service.sandbox_service import SandboxService

_WRONG_METHOD = 405


def build_control(service: SandboxService, stopping: asyncio.Event, *, needs_key: bool = False) -> Starlette:
    """The app of everything that is neither a write endpoint nor a mock CRM."""

    async def openapi(_: Request) -> Response:
        from ampsandbox.server.openapi import describe

        return JSONResponse(describe(service, ENDPOINTS, needs_key=needs_key))

    async def alive(_: Request) -> Response:
        return JSONResponse({"status": "ok"})

    async def ready(_: Request) -> Response:
        if stopping.is_set():
            return problem_response(Problem(503, "The sandbox is stopping."))
        return JSONResponse({"status": "ok"})

    routes = [
        Route("/openapi.json", openapi),
        Route("/_sandbox/health", alive),
        Route("/_sandbox/ready", ready),
        *(_route(endpoint, service, stopping) for endpoint in ENDPOINTS),
    ]
    return Starlette(
        routes=routes,
        exception_handlers={HTTPException: _http_problem, ClientDisconnect: _gone, 500: _our_fault},
    )


def _route(endpoint: ControlEndpoint, service: SandboxService, stopping: asyncio.Event) -> Route:
    route = endpoint.route(service)
    if endpoint.verb is not LogService.events:
        return route
    as_list, streams = route.endpoint, EventStreams(service.context.engine.events, stopping)

    async def list_or_stream(request: Request) -> Response:
        if not wants_stream(request):
            listed: Response = await as_list(request)
            return listed
        try:
            return streams.answer(request)
        except msgspec.ValidationError as error:
            return problem_response(invalid(error))

    return Route(route.path, list_or_stream, methods=[endpoint.method], name=endpoint.name)


async def _http_problem(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    headers = tuple((error.headers or {}).items())
    if error.status_code == _WRONG_METHOD:
        headers = (("Allow", ", ".join(_methods_of(request))),)
    return problem_response(nothing_at(request.method, request.url.path, error.status_code, headers))


def _methods_of(request: Request) -> list[str]:
    """All that a path takes; Starlette names what the first of its routes does."""
    routes: list[Route] = request.app.routes
    path = next(route.path for route in routes if route.matches(request.scope)[0] is not Match.NONE)
    return sorted({method for route in routes if route.path == path for method in route.methods or ()})


async def _gone(_request: Request, _error: Exception) -> Response:
    """The client left before its request was complete: nobody hears the answer."""
    return problem_response(Problem(400, "The request was not complete."))


async def _our_fault(request: Request, error: Exception) -> Response:
    """Answer in the usual shape when we are wrong; the traceback goes to stderr."""
    detail = f"The sandbox failed at {request.method} {request.url.path}: {type(error).__name__}."
    return problem_response(Problem(500, detail, "This is a bug of ampsandbox; its traceback is on stderr."))
