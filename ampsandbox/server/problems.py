"""Answers that say what is wrong: RFC 9457 problem+json, in Ampersand's form."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

import msgspec

from ampsandbox.errors import (
    AmpSandboxError,
    HaltedError,
    JournalUnavailableError,
    LiveRefusedError,
    NotFoundError,
    UsageError,
)
from mock_crm.core.status_phrases import status_phrase


class Issue(msgspec.Struct, frozen=True):
    """One thing that is wrong with a request: where it is, and what the rule says.

    `source` is `body`, `header`, `path` or `query`; `pointer` is a JSON pointer (RFC 6901) into the body.
    """

    source: str
    name: str
    detail: str
    pointer: str = ""

    def as_json(self) -> dict[str, str]:
        """The issue as it appears in the answer."""
        return {"in": self.source, "name": self.name, "pointer": self.pointer, "detail": self.detail}


class Problem(msgspec.Struct, frozen=True):
    """A refusal of the sandbox itself (a CRM's refusal is an outcome, not a problem)."""

    status: int
    detail: str
    remedy: str = ""
    issues: tuple[Issue, ...] = ()
    headers: tuple[tuple[str, str], ...] = ()
    retryable: bool = False

    def body(self) -> bytes:
        content: dict[str, Any] = {
            "type": f"https://httpstatuses.com/{self.status}",
            "title": status_phrase(self.status),
            "status": self.status,
            "detail": self.detail,
            "retryable": self.retryable,
            "subsystem": "ampsandbox",
        }
        if self.remedy:
            content["remedy"] = self.remedy
        if self.issues:
            content["issues"] = [issue.as_json() for issue in self.issues]
        return msgspec.json.encode(content)


def nothing_at(
    method: str, path: str, status: int = 404, headers: tuple[tuple[str, str], ...] = ()
) -> Problem:
    """The problem of a request that went astray."""
    remedy = "Writes go to /projects/…, the control API is below /_sandbox/v1; /openapi.json describes both."
    return Problem(status, f"There is nothing at {method} {path}.", remedy, headers=headers)


PROBLEM_JSON = b"application/problem+json"

# What fits the schema in /openapi.json and is refused for what it meets here is no bad request.
_STATUS: tuple[tuple[type[AmpSandboxError], int], ...] = (
    (UsageError, 400),
    (NotFoundError, 404),
    (LiveRefusedError, 403),
    (JournalUnavailableError, 503),
    (HaltedError, 503),
    (AmpSandboxError, 409),
)


def problem_of(error: AmpSandboxError) -> Problem:
    """The problem that stands for an error."""
    status = next(status for kind, status in _STATUS if isinstance(error, kind))
    if status != HTTPStatus.SERVICE_UNAVAILABLE:
        return Problem(status, error.message, error.hint)
    return Problem(status, error.message, error.hint, headers=(("Retry-After", "1"),), retryable=True)
