"""Which of the writes a test means, and why the others are not it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ampsandbox.engine.model import Operation, OperationState

_ABSENT = object()
_CANDIDATES = 3

# Another object is further away than any number of other values is.
_OBJECT_WEIGHT = 1_000


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a test expects of a write; what is None or empty does not matter.

    Attributes:
        object: The object as the test calls it.
        objects: What the manifest calls it, in lower case; see `ampsandbox.testing.names`.
        fields: Values that it must have at least, by the names that the app sent, in any case.
    """

    object: str
    objects: frozenset[str]
    fields: Mapping[str, Any]
    installation_ids: frozenset[str] | None = None
    mode: str | None = None
    primary_key: str | None = None
    associated_with: str | None = None

    def text(self) -> str:
        """What is wanted, in the words of an assertion's failure."""
        what = f"{self.mode or 'write'} of {self.object}"
        what += f" {self.primary_key}" if self.primary_key is not None else ""
        what += f" associated with {self.associated_with}" if self.associated_with is not None else ""
        return what + (f" with {dict(self.fields)!r}" if self.fields else "")

    def reasons_against(self, operation: Operation) -> list[str]:
        """Why the operation is not the one meant; empty when it is."""
        reasons = []
        if not self._is_of_object(operation):
            reasons.append(f"object: expected {self.object}, was {operation.object}")
        if self.installation_ids is not None and operation.installation_id not in self.installation_ids:
            reasons.append("written for another group or integration")
        if self.mode is not None and operation.mode != self.mode:
            reasons.append(f"mode: expected {self.mode}, was {operation.mode}")
        if self.primary_key is not None and operation.primary_key != self.primary_key:
            reasons.append(f"primaryKey: expected {self.primary_key!r}, was {operation.primary_key!r}")
        if self.associated_with is not None and self.associated_with not in (
            ids := associated_ids(operation)
        ):
            was = ", ".join(ids) or "none"
            reasons.append(f"associations: expected {self.associated_with}, was {was}")
        return reasons + field_differences(self.fields, operation.fields)

    def is_met_by(self, operation: Operation) -> bool:
        """Whether the operation was written to the CRM, and is the one meant."""
        return operation.state is OperationState.SUCCEEDED and not self.reasons_against(operation)

    def nearest(self, operations: Sequence[Operation]) -> list[tuple[Operation, list[str]]]:
        """The operations with the fewest reasons against them, best first, at most three."""
        scored = [(operation, self.reasons_against(operation)) for operation in operations]
        return sorted(scored, key=self._distance)[:_CANDIDATES]

    def _distance(self, candidate: tuple[Operation, list[str]]) -> int:
        operation, reasons = candidate
        return len(reasons) + (0 if self._is_of_object(operation) else _OBJECT_WEIGHT)

    def _is_of_object(self, operation: Operation) -> bool:
        return operation.object.lower() in self.objects


def associated_ids(operation: Operation) -> list[str]:
    """The ids of the records that a write was associated with."""
    return [str(each["to"]["id"]) for each in operation.associations]


def field_differences(wanted: Mapping[str, Any], actual: Mapping[str, Any]) -> list[str]:
    """One line for each wanted field that is absent or has another value."""
    by_name = {name.lower(): value for name, value in actual.items()}
    lines = []
    for name, value in wanted.items():
        found = by_name.get(name.lower(), _ABSENT)
        if found is _ABSENT:
            lines.append(f"{name}: expected {value!r}, was not sent")
        elif found != value:
            lines.append(f"{name}: expected {value!r}, was {found!r}")
    return lines
