"""Which records of the mock CRMs were created, changed and deleted between two states."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any, Final, Literal

import msgspec

from ampsandbox.service.context import org_object

if TYPE_CHECKING:
    from ampsandbox.engine.model import Installation
    from mock_crm.core.org import Org

# When a record was written changes with every write, and says nothing of what was written.
_STAMPS: Final = frozenset(
    {"LastModifiedDate", "SystemModstamp", "updatedAt", "lastmodifieddate", "hs_lastmodifieddate"}
)

# What a CRM fills in by itself is left out where people read of a record that is new or gone.
_FILLED_IN: Final = frozenset(
    {"id", "Id", "CreatedById", "CreatedDate", "LastModifiedById", "OwnerId", "createdate"}
)

Fields = dict[str, Any]


class RecordChange(msgspec.Struct, frozen=True, rename="camel"):
    """What became of one record.

    Attributes:
        kind: Whether it was created, changed or deleted.
        before: The fields that changed, as they were; all that had a value, for one that was deleted.
        after: The same as they are; all that have a value, for one that was created.
    """

    kind: Literal["created", "changed", "deleted"]
    group: str
    integration: str
    object: str
    record_id: str
    before: Fields
    after: Fields


class Diff(msgspec.Struct, frozen=True, rename="camel"):
    """All that became of records, by installation and object. Its text is the same for people to read."""

    changes: tuple[RecordChange, ...]
    text: str

    @classmethod
    def of(cls, changes: Iterable[RecordChange]) -> Diff:
        """The changes, together with the text that people read."""
        found = tuple(changes)
        return cls(found, "\n".join(line for each in found for line in _lines(each)) or "No record changed.")

    @property
    def created(self) -> list[RecordChange]:
        """The records that were created."""
        return [each for each in self.changes if each.kind == "created"]

    @property
    def changed(self) -> list[RecordChange]:
        """The records that were changed."""
        return [each for each in self.changes if each.kind == "changed"]

    @property
    def deleted(self) -> list[RecordChange]:
        """The records that were deleted, those in the recycle bin among them."""
        return [each for each in self.changes if each.kind == "deleted"]

    def __bool__(self) -> bool:
        return bool(self.changes)

    def __str__(self) -> str:
        return self.text


def changes(installation: Installation, before: Org | None, after: Org | None) -> Iterator[RecordChange]:
    """What is different in the records of an installation's org; None stands for an empty one."""
    names = dict.fromkeys(name for org in (before, after) if org is not None for name in org.objects())
    for name in names:
        old, new = _records(before, name), _records(after, name)
        for record_id in old | new:
            was, now = old.get(record_id), new.get(record_id)
            if was == now:
                continue
            given = (installation.group, installation.integration, name, record_id)
            if was is None or now is None:
                kind: Literal["created", "deleted"] = "created" if was is None else "deleted"
                yield RecordChange(kind, *given, _filled(was), _filled(now))
            elif differing := [field for field in was | now if was.get(field) != now.get(field)]:
                values = ({field: each.get(field) for field in differing} for each in (was, now))
                yield RecordChange("changed", *given, *values)


def _records(org: Org | None, name: str) -> dict[str, Fields]:
    """By id, without what only says when they were written."""
    if org is None or org_object(org, name) is None or not org.count(name):
        return {}
    rows = ({field: row[field] for field in row.keys() - _STAMPS} for row in org.records(name))
    return {str(row["id"]): row for row in rows}


def _filled(record: Fields | None) -> Fields:
    return {field: value for field, value in sorted((record or {}).items()) if value not in (None, "")}


def _lines(change: RecordChange) -> Iterator[str]:
    sign = {"created": "+", "changed": "~", "deleted": "-"}[change.kind]
    place = f"{change.object} {change.record_id}"
    yield f"{sign} {place}  ({change.integration} for {change.group})"
    if change.kind == "changed":
        for field, old in change.before.items():
            yield f"    {field}: {_shown(old)} -> {_shown(change.after[field])}"
        return
    for field, value in (change.before | change.after).items():
        if value is not False and field not in _FILLED_IN and not field.startswith("hs_"):
            yield f"    {field}: {_shown(value)}"


def _shown(value: Any) -> str:
    return msgspec.json.encode(value).decode()
