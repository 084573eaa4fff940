"""What of a manifest the tests exercised: endpoints, custom fields, schedules, and what may go wrong."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from ampsandbox.engine.model import OperationState

if TYPE_CHECKING:
    from ampsandbox.manifest.model import WriteObject
    from ampsandbox.testing.sandbox import Sandbox

# What a test can show of an endpoint, in the order of the report.
ASPECTS = ("written", "scheduled flush", "refused", "in doubt")

Covered = dict[str, dict[str, bool]]
"""By manifest and endpoint (`amp.yaml: create-account`), whether each aspect and custom field was seen."""


class Coverage:
    """Adds up what the tests of a run did."""

    def __init__(self) -> None:
        self._seen: Covered = {}

    def add(self, sandbox: Sandbox) -> None:
        """Count what a test did with a sandbox."""
        manifest = sandbox.manifest
        endpoints = manifest.endpoints() if manifest else {}
        name = manifest.path.name if manifest and manifest.path else "manifest"
        for endpoint, (_, item) in endpoints.items():
            row = self._seen.setdefault(f"{name}: {endpoint}", _row(item))
            for aspect in _aspects(sandbox, endpoint, item):
                row[aspect] = True

    def merge(self, other: Mapping[str, Mapping[str, bool]]) -> None:
        """Add what another process saw."""
        for endpoint, row in other.items():
            mine = self._seen.setdefault(endpoint, {})
            for aspect, seen in row.items():
                mine[aspect] = mine.get(aspect, False) or seen

    def as_json(self) -> Covered:
        """Everything seen so far."""
        return self._seen

    def lines(self) -> list[str]:
        """A report for people: a share for each endpoint, and what is missing."""
        lines = []
        for endpoint, row in self._seen.items():
            missing = [aspect for aspect, seen in row.items() if not seen]
            share = f"{len(row) - len(missing)}/{len(row)}"
            lines.append(
                f"{share:>6}  {endpoint}" + (f"  (untested: {', '.join(missing)})" if missing else "")
            )
        return lines


def _row(item: WriteObject) -> dict[str, bool]:
    """What there is to see of an endpoint; an update is never in doubt, since it is repeated."""
    aspects = ["written", "refused"]
    aspects += ["scheduled flush"] if item.schedule else []
    aspects += ["in doubt"] if item.mode == "insert" else []
    return dict.fromkeys(
        [*(a for a in ASPECTS if a in aspects), *(f"field {f.name}" for f in item.custom_fields)], False
    )


def _aspects(sandbox: Sandbox, endpoint: str, item: WriteObject) -> Iterable[str]:
    flushed = {event.batch for event in sandbox.flushes() if event.reason == "schedule"}
    for operation in sandbox.operations:
        if operation.endpoint != endpoint:
            continue
        if operation.state is OperationState.SUCCEEDED:
            yield "written"
            yield from (f"field {f.name}" for f in item.custom_fields if f.name in operation.fields)
            if operation.batch_id in flushed:
                yield "scheduled flush"
        elif operation.state is OperationState.FAILED:
            yield "refused"
        elif operation.state is OperationState.IN_DOUBT:
            yield "in doubt"
