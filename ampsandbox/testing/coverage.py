"""What of a manifest the tests exercised: endpoints, modes, schedules, custom fields, and error paths.

An object of today's format counts as an endpoint. Its requests choose what they do, so each way is an aspect.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from ampsandbox.engine.model import OperationState
from ampsandbox.manifest.model import Mode, Provider

if TYPE_CHECKING:
    from ampsandbox.engine.model import Operation
    from ampsandbox.manifest.model import Manifest, WriteObject
    from ampsandbox.testing.sandbox import Sandbox

WRITTEN = "written"
SCHEDULED = "scheduled flush"
REFUSED = "refused"
IN_DOUBT = "in doubt"
RETRIED = "retried"
BATCH = "batch"
AUTO_BATCH = "auto-batch"
ASSOCIATIONS = "associations"

_TYPES: Final[Mapping[Mode, str]] = {Mode.INSERT: "create", Mode.UPDATE: "update", Mode.DELETE: "delete"}

Covered = dict[str, dict[str, bool]]
"""By manifest, mode and endpoint (`amp.yaml: insert create-account`), whether each aspect of it was seen.

Objects of today's format have no mode of their own (`amp.yaml: walrus-hubspot/contacts`).
"""


@dataclass(frozen=True, slots=True)
class Share:
    """How much of something was seen."""

    seen: int
    total: int

    def __str__(self) -> str:
        return f"{self.seen}/{self.total}"


class Coverage:
    """Adds up what the tests of a run did."""

    def __init__(self, seen: Mapping[str, Mapping[str, bool]] | None = None) -> None:
        self._seen: Covered = {}
        self.merge(seen or {})

    def __bool__(self) -> bool:
        return bool(self._seen)

    def add(self, sandbox: Sandbox) -> list[str]:
        """Count what a test did with a sandbox, and say what that was, as `endpoint: aspect`."""
        manifest = sandbox.manifest
        name = manifest.path.name if manifest and manifest.path else "manifest"
        operations = sandbox.accepted()
        done = []
        for row, endpoint, blank, seen in (
            *_endpoints(manifest, operations, sandbox),
            *_objects(manifest, operations, sandbox),
        ):
            self._seen.setdefault(f"{name}: {row}", blank).update(dict.fromkeys(seen, True))
            done += [f"{endpoint}: {aspect}" for aspect in seen]
        return done

    def merge(self, other: Mapping[str, Mapping[str, bool]]) -> None:
        """Add what another worker process of pytest-xdist saw."""
        for endpoint, row in other.items():
            mine = self._seen.setdefault(endpoint, {})
            for aspect, seen in row.items():
                mine[aspect] = mine.get(aspect, False) or seen

    def as_json(self) -> Covered:
        """Everything seen so far, in an order that does not depend on the tests'."""
        return {endpoint: dict(row) for endpoint, row in sorted(self._seen.items())}

    def share(self) -> Share:
        """How much of all there is to see was seen."""
        aspects = [seen for row in self._seen.values() for seen in row.values()]
        return Share(sum(aspects), len(aspects))

    def untested(self) -> dict[str, list[str]]:
        """What was not seen, by endpoint; complete ones are left out."""
        missing = {
            endpoint: [aspect for aspect, seen in row.items() if not seen]
            for endpoint, row in self.as_json().items()
        }
        return {endpoint: aspects for endpoint, aspects in missing.items() if aspects}

    def lines(self) -> Iterator[str]:
        """A report for people: a share for each endpoint, and what is missing."""
        untested = self.untested()
        for endpoint, row in self.as_json().items():
            missing = untested.get(endpoint, [])
            share = str(Share(len(row) - len(missing), len(row)))
            yield f"{share:>6}  {endpoint}" + (f", untested: {', '.join(missing)}" if missing else "")
        yield f"{self.share()!s:>6}  in all"


_Row = tuple[str, str, dict[str, bool], list[str]]
"""What the report calls it, what the test calls it, all there is to see, and what was seen."""


def _endpoints(
    manifest: Manifest | None, operations: Sequence[Operation], sandbox: Sandbox
) -> Iterator[_Row]:
    flushed = {event.batch for event in sandbox.flushes() if event.reason == "schedule"}
    for endpoint, (_, item) in (manifest.endpoints() if manifest else {}).items():
        own = [operation for operation in operations if operation.endpoint == endpoint]
        seen = dict.fromkeys(aspect for operation in own for aspect in _aspects(operation, item, flushed))
        yield f"{item.mode} {endpoint}", endpoint, _row(item), list(seen)


def _objects(manifest: Manifest | None, operations: Sequence[Operation], sandbox: Sandbox) -> Iterator[_Row]:
    named_only = manifest.named_only() if manifest else []
    if not named_only:
        return
    batches = [batch for batch in sandbox.batches if batch.is_operation]
    ways = {batch.id: AUTO_BATCH if batch.flush_size else BATCH for batch in batches}
    integrations = {each.id: each.integration for each in sandbox.installations}
    for integration, item in named_only:
        endpoint = f"{integration.name}/{item.name}"
        own = [
            operation
            for operation in operations
            if f"{integrations.get(operation.installation_id)}/{operation.object}" == endpoint
        ]
        seen = dict.fromkeys(aspect for operation in own for aspect in _ways(operation, ways))
        # What there is to see of an object of today's format; associations are HubSpot's.
        associations = [ASSOCIATIONS] if integration.provider == Provider.HUBSPOT else []
        aspects = [*_TYPES.values(), BATCH, AUTO_BATCH, *associations, REFUSED, RETRIED, IN_DOUBT]
        yield endpoint, endpoint, dict.fromkeys(aspects, False), list(seen)


def _row(item: WriteObject) -> dict[str, bool]:
    """What there is to see of an endpoint; an update is never in doubt, since it is repeated."""
    aspects = [WRITTEN, REFUSED, RETRIED]
    aspects += [SCHEDULED] if item.schedule else []
    aspects += [IN_DOUBT] if item.mode == "insert" else []
    return dict.fromkeys([*aspects, *(f"field {custom.name}" for custom in item.custom_fields)], False)


def _ways(operation: Operation, ways: Mapping[str, str]) -> Iterable[str]:
    if operation.attempts > 1:
        yield RETRIED
    if operation.state is OperationState.SUCCEEDED:
        yield _TYPES[operation.mode]
        if way := ways.get(operation.batch_id or ""):
            yield way
        if operation.associations:
            yield ASSOCIATIONS
    elif operation.state is OperationState.FAILED:
        yield REFUSED
    elif operation.state is OperationState.IN_DOUBT:
        yield IN_DOUBT


def _aspects(operation: Operation, item: WriteObject, flushed: set[str]) -> Iterable[str]:
    if operation.attempts > 1:
        yield RETRIED
    if operation.state is OperationState.SUCCEEDED:
        yield WRITTEN
        sent = {name.lower() for name in operation.fields}
        yield from (f"field {custom.name}" for custom in item.custom_fields if custom.name.lower() in sent)
        if operation.batch_id in flushed:
            yield SCHEDULED
    elif operation.state is OperationState.FAILED:
        yield REFUSED
    elif operation.state is OperationState.IN_DOUBT:
        yield IN_DOUBT
