"""Refusals in the form of Ampersand's API (openapi: problem/problem.yaml)."""

from __future__ import annotations

from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final
from uuid import UUID, uuid5

import msgspec
from starlette.responses import Response

from ampsandbox.engine.config import ConfigInvalidError, ConfigIssue
from ampsandbox.engine.crm import CrmRefusedError, CrmUnavailableError
from ampsandbox.errors import (
    AmpSandboxError,
    ConflictError,
    HaltedError,
    JournalUnavailableError,
    LiveRefusedError,
    NotFoundError,
)
from ampsandbox.server.problems import PROBLEM_JSON
from ampsandbox.service.metadata import FieldsInvalidError
from mock_crm.core.status_phrases import status_phrase

if TYPE_CHECKING:
    from ampsandbox.clock import Clock

_NAMESPACE: Final = UUID("7d5b6a52-3d0e-4c55-8f24-0a8f2c6f9c1b")


@dataclass(frozen=True, slots=True)
class ApiIssue:
    """One thing that is wrong with a request: `where` is body, header, path or query."""

    where: str
    name: str
    detail: str
    remedy: str = ""
    value: Any = None

    def as_json(self) -> dict[str, Any]:
        """The issue as the answer has it."""
        found = {"in": self.where, "name": self.name, "detail": self.detail, "status": 400}
        if self.value is not None:
            found["value"] = self.value
        return found | ({"remedy": self.remedy} if self.remedy else {})


class ProblemError(Exception):
    """A request that is refused with this problem."""

    def __init__(
        self,
        status: int,
        detail: str,
        remedy: str = "",
        issues: tuple[ApiIssue, ...] = (),
        causes: tuple[str, ...] = (),
    ) -> None:
        super().__init__(detail)
        self.status = status
        self.detail = detail
        self.remedy = remedy
        self.issues = issues
        self.causes = causes


def problem_of(error: AmpSandboxError) -> ProblemError:
    """The problem that stands for an error of the service."""
    if isinstance(error, ConfigInvalidError):
        issues = tuple(_issue(each, "config.content") for each in error.issues)
        is_request = any(each.path.startswith(("updateMask", "changes")) for each in error.issues)
        return ProblemError(400 if is_request else 422, error.message, error.hint, issues)
    if isinstance(error, FieldsInvalidError):
        issues = tuple(_issue(each, "") for each in error.issues)
        return ProblemError(400, error.message, "Complete the definitions of the fields.", issues)
    if isinstance(error, CrmRefusedError):
        code = error.detail.code
        if code in ("HTTP_401", "INVALID_SESSION_ID"):
            status = 401
        elif any(word in code for word in ("403", "FORBIDDEN", "MISSING_SCOPES", "INSUFFICIENT")):
            status = 403
        else:
            status = 400
        return ProblemError(
            status, error.message, error.hint or "See what the CRM says.", causes=(error.detail.message,)
        )
    return ProblemError(_status(error), error.message, error.hint)


def _status(error: AmpSandboxError) -> int:
    statuses = (
        (NotFoundError, 404),
        (ConflictError, 409),
        (LiveRefusedError, 403),
        ((JournalUnavailableError, HaltedError, CrmUnavailableError), 503),
    )
    return next((status for kind, status in statuses if isinstance(error, kind)), 400)


def _issue(issue: ConfigIssue, root: str) -> ApiIssue:
    inside = root and not issue.path.startswith(("updateMask", "changes"))
    name = ".".join(part for part in (root if inside else "", issue.path) if part)
    return ApiIssue("body", name, issue.detail, issue.remedy, issue.value)


class Problems:
    """Turns problems into answers, each with a request id that follows from their number."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._count = 0

    def response(self, problem: ProblemError) -> Response:
        self._count += 1
        content: dict[str, Any] = {
            "type": f"https://httpstatuses.com/{problem.status}",
            "title": status_phrase(problem.status),
            "status": problem.status,
            "detail": problem.detail,
            "subsystem": "api",
            "time": self._clock.now(),
            "requestId": f"{uuid5(_NAMESPACE, str(self._count))}#{self._count}",
            "retryable": problem.status == HTTPStatus.SERVICE_UNAVAILABLE,
        }
        if problem.remedy:
            content["remedy"] = problem.remedy
        if problem.causes:
            content["causes"] = list(problem.causes)
        if problem.issues:
            content["issues"] = [each.as_json() for each in problem.issues]
        headers = {"retry-after": "1"} if content["retryable"] else None
        return Response(msgspec.json.encode(content), problem.status, headers, PROBLEM_JSON.decode())
