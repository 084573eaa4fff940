"""A refused write as `send` gives it back: whether the test reads what became of it is noted."""

from __future__ import annotations

from typing import Any

from ampsandbox.engine.model import Operation

# What tells of the refusal; the id or the values that were sent do not.
_OUTCOME = frozenset({"state", "errors", "record_id", "raw_response", "crm_status"})


class TrackedOperation(Operation, frozen=True, dict=True, eq=False):
    """An operation like any other, equal to it too. It notes its id in a set once its outcome is read."""

    @classmethod
    def of(cls, operation: Operation, looked_at: set[str]) -> TrackedOperation:
        """The operation, noted in `looked_at` once it is read."""
        answer = cls(**{name: getattr(operation, name) for name in operation.__struct_fields__})
        answer.__dict__["looked_at"] = looked_at
        return answer

    def __getattribute__(self, name: str) -> Any:
        """A value, noted where it is the outcome."""
        read = super().__getattribute__
        if name in _OUTCOME:
            read("__dict__")["looked_at"].add(read("id"))
        return read(name)

    def __eq__(self, other: object) -> bool:
        """Whether the other is the same operation, with the same outcome."""
        return isinstance(other, Operation) and all(
            getattr(self, name) == getattr(other, name) for name in self.__struct_fields__
        )

    def __hash__(self) -> int:
        """By the id: the values that were sent cannot be hashed."""
        return hash(self.id)
