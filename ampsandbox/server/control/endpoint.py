"""How one endpoint of the control API is declared, checked, answered and described.

An endpoint is a method, a path and a verb of the service. What the verb takes and gives is what the endpoint
takes and gives: names in the path are arguments, the others come from the query of a GET or DELETE, and from
the members of the JSON body otherwise.
"""

from __future__ import annotations

import inspect
import math
import re
import typing
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cached_property, partial
from typing import Any, Final
from urllib.parse import unquote

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from ampsandbox.errors import AmpSandboxError
from ampsandbox.server.json_errors import UNREADABLE, not_json
from ampsandbox.server.problems import Issue, Problem, problem_of
from ampsandbox.service.sandbox_service import SandboxService, VerbFunction

PREFIX = "/_sandbox/v1"

# What only a program in the same process can give: it is no part of the API.
_NOT_OFFERED: Final = frozenset(
    {"self", "service", "on_step", "live", "org", "config", "connection", "frozen_at"}
)

_encode = msgspec.json.Encoder().encode


@dataclass(frozen=True)
class ControlEndpoint:
    """One operation of the API.

    Attributes:
        method: GET, POST, PATCH or DELETE.
        path: Below the prefix, with `{names}` of arguments.
        name: The `operationId` in OpenAPI.
        verb: A method of a group of the service, such as `BatchService.flush`, or a function that takes the
            service first.
        body: The argument that is the whole body, where there is one.
        status: The status of success.
        stands_for: The verbs behind a function.
        shapes: The types of arguments whose form the verb itself checks, since it says better what is wrong.
        constraint: What else the schema of the body says, such as which members exclude each other.
    """

    method: str
    path: str
    name: str
    verb: VerbFunction
    body: str = ""
    status: int = 200
    stands_for: tuple[VerbFunction, ...] = field(default=(), kw_only=True)
    shapes: Mapping[str, Any] = field(default_factory=dict, kw_only=True)
    constraint: Mapping[str, Any] = field(default_factory=dict, kw_only=True)

    @property
    def summary(self) -> str:
        """What it does, in a sentence."""
        return (inspect.getdoc(self.verb) or "").partition("\n")[0]

    @cached_property
    def _types(self) -> dict[str, Any]:
        return typing.get_type_hints(self.verb, include_extras=True)

    @property
    def answer(self) -> Any:
        """The type of the answer; NoneType for no content."""
        return self._types["return"]

    @cached_property
    def _fields(self) -> dict[str, tuple[Any, ...]]:
        """Name, type and default, if there is one, of each argument that the path does not hold."""
        in_path = re.findall(r"{(\w+)}", self.path)
        return {
            name: (name, self._types[name])
            if parameter.default is inspect.Parameter.empty
            else (name, self._types[name], parameter.default)
            for name, parameter in inspect.signature(self.verb).parameters.items()
            if name not in in_path and name not in _NOT_OFFERED and name != self.body
        }

    @cached_property
    def query_type(self) -> type[msgspec.Struct] | None:
        """The struct that the query string must fit, if the endpoint takes any."""
        return self._struct("Query", [each for name, each in self._fields.items() if self._is_in_query(name)])

    @cached_property
    def body_type(self) -> Any:
        """The type that the body must fit, if there is one; an empty body stands for the defaults."""
        if self.body:
            return self._types[self.body]
        return self._struct(
            "Body", [each for name, each in self._fields.items() if not self._is_in_query(name)]
        )

    @cached_property
    def described_body_type(self) -> Any:
        """The same as the schema of the API has it."""
        if not self.shapes:
            return self.body_type
        fields = [
            (each.name, self.shapes.get(each.name, each.type))
            for each in msgspec.structs.fields(self.body_type)
        ]
        return self._struct("Body", fields)

    @property
    def needs_body(self) -> bool:
        """Whether an empty body does not stand for one with all the defaults."""
        if self.body or self.body_type is None:
            return bool(self.body)
        return bool(self.constraint) or any(each.required for each in msgspec.structs.fields(self.body_type))

    def _is_in_query(self, name: str) -> bool:
        """Which of the CRMs of a group in the path is meant is said in the query, whatever the method."""
        return self.method in ("GET", "DELETE") or (name == "integration" and "{group}" in self.path)

    def _struct(self, suffix: str, fields: list[Any]) -> type[msgspec.Struct] | None:
        if not fields:
            return None
        fields.sort(key=len)  # those without a default first
        name = f"{self.name[0].upper()}{self.name[1:]}{suffix}"
        return msgspec.defstruct(name, fields, rename="camel", frozen=True)

    def route(self, service: SandboxService) -> Route:
        """The endpoint as a route of Starlette's."""
        verb = self.verb
        is_method = "." in verb.__qualname__
        carry_out = service.bind(verb) if is_method else partial(verb, service)

        async def respond(request: Request) -> Response:
            body = b""
            try:
                body = await request.body() if self.body_type is not None else b""
                return self._response(await carry_out(**self._arguments(request, body)))
            except AmpSandboxError as error:
                return problem_response(problem_of(error))
            except msgspec.ValidationError as error:
                return problem_response(invalid(error))
            except UNREADABLE as error:
                return problem_response(not_json(body, error))

        return Route(PREFIX + self.path, respond, methods=[self.method], name=self.name)

    def _arguments(self, request: Request, body: bytes) -> dict[str, Any]:
        """What the verb is called with. The path is cut before it is decoded: a name may hold a slash."""
        arguments: dict[str, Any] = {name: unquote(value) for name, value in request.path_params.items()}
        if self.query_type is not None:
            arguments |= _members(msgspec.convert(dict(request.query_params), self.query_type, strict=False))
        if self.body_type is bytes:
            arguments[self.body] = body
        elif self.body_type is not None:
            content = _decoded(body or b"{}", self.body_type)
            arguments |= {self.body: content} if self.body else _members(content)
        return arguments

    def _response(self, result: Any) -> Response:
        if isinstance(result, Response):
            return result
        if isinstance(result, bytes):
            return Response(result, self.status, media_type="application/octet-stream")
        if result is None:
            return Response(status_code=204)
        return Response(_encode(result), self.status, media_type="application/json")


def _decoded(body: bytes, kind: Any) -> Any:
    try:
        return msgspec.json.decode(body, type=kind)
    except msgspec.ValidationError:
        with suppress(msgspec.ValidationError):
            return msgspec.convert(_whole_numbers.decode(body), kind)
        raise


def _number(text: str) -> int | float:
    number = float(text)
    if not math.isfinite(number):
        raise msgspec.ValidationError("Number out of range")
    return int(number) if number.is_integer() else number


# To JSON Schema, 5.0 is an integer; msgspec takes it for another type.
_whole_numbers: Final = msgspec.json.Decoder(float_hook=_number)


def _members(struct: Any) -> Mapping[str, Any]:
    return {name: getattr(struct, name) for name in struct.__struct_fields__}


def problem_response(problem: Problem) -> Response:
    """A problem as a response of Starlette's."""
    return Response(problem.body(), problem.status, dict(problem.headers), "application/problem+json")


def invalid(error: msgspec.ValidationError) -> Problem:
    """The problem of a request that is JSON, and not what the endpoint takes."""
    message, _, place = str(error).partition(" - at `")
    name = place.rstrip("`").removeprefix("$").lstrip(".")
    issue = Issue("body", name, message, "/" + name.replace(".", "/") if name else "")
    return Problem(400, "The request does not fit this endpoint.", "See /openapi.json.", (issue,))
