"""What is new on a page of records since it was read before."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from ampsandbox.tui.text.record_text import MOMENTS, SYSTEM, record_id

Record = Mapping[str, Any]


class Changes(msgspec.Struct, frozen=True):
    """The ids of records that were not there before, and the changed fields of those that were."""

    new: frozenset[str] = frozenset()
    changed: Mapping[str, frozenset[str]] = msgspec.field(default_factory=dict)

    def __bool__(self) -> bool:
        return bool(self.new or self.changed)

    def touches(self, key: str, name: str) -> bool:
        """Whether the field of the record with this id is new or changed."""
        return key in self.new or name in self.changed.get(key, ())

    def sign(self, key: str) -> str:
        """What stands before the record, so that it takes no colour to see it."""
        return "+" if key in self.new else "~" if key in self.changed else ""

    def words(self) -> str:
        """How many there are."""
        parts = [f"{len(self.new):,} new"] if self.new else []
        return ", ".join([*parts, *([f"{len(self.changed):,} changed"] if self.changed else [])])


def changes_between(before: Sequence[Record], after: Sequence[Record], *, is_grown: bool) -> Changes:
    """What happened between two looks at the same page.

    Args:
        before: The rows of the first look.
        after: Those of the second one.
        is_grown: Whether there are more records than before; else unknown rows only moved into the page.
    """
    known = {record_id(row): row for row in before}
    found = {record_id(row): row for row in after}
    changed = {
        key: names
        for key, row in found.items()
        if key in known and known[key] != row and (names := _changed(known[key], row))
    }
    new = frozenset(key for key in found if key not in known) if is_grown else frozenset[str]()
    return Changes(new, changed)


def _changed(before: Record, after: Record) -> frozenset[str]:
    own = SYSTEM | MOMENTS
    return frozenset(
        name for name, value in after.items() if before.get(name) != value and name.lower() not in own
    )
