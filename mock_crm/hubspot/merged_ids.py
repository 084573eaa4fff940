"""The ids of records that were merged: they go on naming the record that came of the merge (documented)."""

from __future__ import annotations

from collections.abc import Iterable

from mock_crm.core.store import Store

TABLE = "~merged"
"""It comes with the first merge: until then, no id has to be looked up in it."""

_ANY_FIELD = "to"


def remember(store: Store, type_id: str, old_ids: Iterable[str], new_id: str, at: int) -> None:
    """Let the ids of records that are no more name another one of their type."""
    store.declare(TABLE, (_ANY_FIELD,))
    for old_id in old_ids:
        store.insert(TABLE, f"{type_id}/{old_id}", {_ANY_FIELD: new_id}, at)


def current(store: Store, type_id: str, record_id: str) -> str:
    """The id of the record that an id names now: the same, unless it was merged into another one."""
    if store.is_indexed(TABLE, _ANY_FIELD):
        while (row := store.get(TABLE, f"{type_id}/{record_id}")) is not None:
            record_id = row.document[_ANY_FIELD]
    return record_id
