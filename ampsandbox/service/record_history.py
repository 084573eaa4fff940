"""Which operation made which version of a record."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ampsandbox.engine.model import Operation

Version = Mapping[str, Any]


def authors(versions: Sequence[Version], operations: Sequence[Operation]) -> list[str]:
    """The id of the operation behind each version, empty where it was changed in another way.

    The writes to one record keep their order, and a write is in the CRM before its outcome is known. So the
    last operation made the last version from before its outcome that changed one of its fields, the one
    before it an earlier version, and so on.

    Args:
        versions: All versions of one record, oldest first.
        operations: All operations that wrote this record, oldest first.
    """
    found = [""] * len(versions)
    index = len(versions)
    for operation in reversed(operations):
        earlier = (n for n in range(index - 1, -1, -1) if _may_have_made(operation, versions, n))
        made = next(earlier, None)
        if made is not None:
            found[made] = operation.id
            index = made
    return found


def _may_have_made(operation: Operation, versions: Sequence[Version], index: int) -> bool:
    at = _moment(versions[index].get("at"))
    end = operation.finished_at
    # CRMs keep less of a moment than the journal does.
    if at is None or end is None or not operation.accepted_at.replace(microsecond=0) <= at <= end:
        return False
    if operation.primary_key is None or not index:  # an insert makes the first version, and no other
        return operation.primary_key is None and not index
    changed = {_plain(name) for name in changed_fields(versions[index - 1], versions[index])}
    return any(_plain(name) in changed for name in operation.fields)


def changed_fields(before: Version, version: Version) -> dict[str, Any]:
    """The fields that a version changed, with their new values."""
    old, new = before.get("fields") or {}, version.get("fields") or {}
    return {name: value for name, value in new.items() if old.get(name) != value}


def _plain(name: str) -> str:
    """A field's name as the manifest and the CRM both write it."""
    return name.lower().removesuffix("__c").replace("_", "").replace("-", "")


def _moment(text: object) -> datetime | None:
    try:
        return datetime.fromisoformat(str(text))
    except ValueError:
        return None
