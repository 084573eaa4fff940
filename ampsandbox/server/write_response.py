"""A complete answer to a write request, and the refusals that every family of endpoints shares."""

from __future__ import annotations

from hmac import compare_digest

import msgspec

from ampsandbox.server.asgi import JSON, Scope, header
from ampsandbox.server.problems import PROBLEM_JSON, Problem

TEXT = b"text/plain; charset=utf-8"


class WriteResponse(msgspec.Struct):
    """An answer, and what the request log wants to know of it."""

    status: int
    body: bytes
    content_type: bytes = JSON
    headers: tuple[tuple[str, str], ...] = ()
    group: str = ""
    operation_id: str = ""


def refusal(problem: Problem, group: str = "") -> WriteResponse:
    """The answer that states a problem."""
    return WriteResponse(problem.status, problem.body(), PROBLEM_JSON, problem.headers, group)


def wrong_method(method: str, allowed: str) -> Problem:
    """The path is right, the method is not."""
    return Problem(405, f"{method} is not allowed here.", f"Use {allowed}.", headers=(("Allow", allowed),))


def wrong_key(scope: Scope, api_key: str) -> Problem | None:
    """What is wrong with the X-Api-Key of a request, if anything."""
    if compare_digest(header(scope, b"x-api-key").encode("latin-1"), api_key.encode()):
        return None
    detail = "The X-Api-Key header is missing or wrong."
    return Problem(401, detail, "Send the key that the sandbox was started with (--api-key).")


def check_envelope(scope: Scope) -> Problem | None:
    """What is wrong with the method or the content type of a write request, if anything."""
    if scope["method"] != "POST":
        return wrong_method(scope["method"], "POST")
    content_type = header(scope, b"content-type")
    if content_type == "application/json":
        return None
    if content_type.partition(";")[0].strip().lower() != "application/json":
        detail = f"The content type is {content_type or 'missing'!r}; writes are taken as application/json."
        return Problem(415, detail, "Send the header Content-Type: application/json.")
    return None
