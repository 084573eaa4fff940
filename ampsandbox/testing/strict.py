"""What a test left behind that it probably did not mean to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ampsandbox.engine.model import OperationState
from ampsandbox.testing import explain

if TYPE_CHECKING:
    from ampsandbox.testing.sandbox import Sandbox

_NOT_FOUND = 404


@dataclass(frozen=True, slots=True)
class Strictness:
    """Which leftovers fail a test at its end.

    Attributes:
        unflushed: Accepted writes that still wait for their flush.
        unread_refusals: Writes that the CRM refused, and that the test did not look at.
        unknown_routes: Requests to endpoints that the manifest does not have.
    """

    unflushed: bool = True
    unread_refusals: bool = True
    unknown_routes: bool = True

    @classmethod
    def of(cls, setting: bool | Mapping[str, bool] | Strictness) -> Strictness:
        """All or nothing, or some by name."""
        if isinstance(setting, Strictness):
            return setting
        if isinstance(setting, bool):
            return cls(setting, setting, setting)
        return cls(**setting)


def leftovers(sandbox: Sandbox, strictness: Strictness) -> list[str]:
    """The lines of a failure message; empty when the test left nothing behind."""
    lines: list[str] = []
    if strictness.unflushed:
        lines += explain.waiting(sandbox.batches, sandbox.now)
    if strictness.unread_refusals:
        unread = [o for o in sandbox.dead_letters if o.id not in sandbox.seen_operations]
        refused = explain.states(unread, OperationState.FAILED, OperationState.IN_DOUBT)
        lines += ["Refused, and not looked at by the test:", *refused] if refused else []
    if strictness.unknown_routes:
        unknown = [r for r in sandbox.requests if r.status == _NOT_FOUND and not r.operation_id]
        lines += explain.last_requests(unknown) and ["Sent to nowhere:", *explain.last_requests(unknown)[1:]]
    return lines


def failure_text(lines: list[str]) -> str:
    """The message of the failure at a test's end."""
    way_out = "Switch a check off with @pytest.mark.ampsandbox(strict={...}) or strict=False."
    return "\n".join(["The test left something behind in the sandbox.", *lines, way_out])
