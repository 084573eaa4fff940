"""Lists (segments) and their members."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import msgspec

from mock_crm.core.store import Row, Store, field_sql

TABLE = "~lists"
MEMBERS = "~list members"

_LIST = f"{field_sql('list')} COLLATE NOCASE"
BY_JOINING = "seq"
BY_RECORD = f"CAST({field_sql('id')} AS INTEGER)"


class ListPermissions(msgspec.Struct, rename="camel", frozen=True):
    """Who beside its maker may change a list."""

    teams_with_edit_access: tuple[int, ...] = ()
    users_with_edit_access: tuple[int, ...] = ()


class MembershipSettings(msgspec.Struct, rename="camel", frozen=True):
    """Which team's records can be members."""

    membership_team_id: int | None = None
    include_unassigned: bool | None = None


class RecordList(msgspec.Struct, rename="camel"):
    """One list; timestamps are epoch milliseconds.

    Attributes:
        processing_type: `MANUAL` and `SNAPSHOT` have the members that they are given, `DYNAMIC` those that
            HubSpot's filters find, of which there are none here.
        filter_branch: The filters, with what HubSpot adds to them.
        filters_updated_at: When they were changed; None since the creation.
    """

    id: str
    name: str
    object_type_id: str
    processing_type: str
    created_at: int
    updated_at: int
    version: int = 1
    filter_branch: dict[str, Any] | None = None
    filters_updated_at: int | None = None
    custom_properties: dict[str, str] = {}
    list_permissions: ListPermissions = ListPermissions()
    membership_settings: MembershipSettings = MembershipSettings()
    last_added_at: int | None = None
    last_removed_at: int | None = None


class Lists:
    """The lists of one account.

    Args:
        store: Where they are kept.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self.prepare()

    def prepare(self) -> None:
        """Make sure that the tables and their indexes exist."""
        self._store.declare(TABLE)
        self._store.declare(MEMBERS, ("list", "record"))

    def all(self) -> list[RecordList]:
        """The lists in the order of their creation."""
        return [msgspec.convert(row.document, RecordList) for row in self._store.scan(TABLE)]

    def find(self, list_id: str, *, archived: bool = False) -> RecordList | None:
        """The list of this id; `archived` takes it from the recycle bin alone."""
        row = self._store.get(TABLE, list_id)
        if row is None or row.archived != archived:
            return None
        return msgspec.convert(row.document, RecordList)

    def next_id(self) -> str:
        """An id for a new list; lists are numbered from 1."""
        return str(self._store.next_number("lists"))

    def save(self, given: RecordList, at: int) -> None:
        """Keep a new or changed list."""
        document = msgspec.to_builtins(given)
        if self._store.get(TABLE, given.id) is None:
            self._store.insert(TABLE, given.id, document, at)
        else:
            self._store.update(TABLE, given.id, document, at)

    def archive(self, list_id: str, at: int, *, archived: bool = True) -> None:
        """Move a list to the recycle bin, or out of it again."""
        self._store.archive(TABLE, [list_id], at, archived=archived)

    def size(self, list_id: str) -> int:
        """How many members a list has."""
        return self._store.count(MEMBERS, where=f"{_LIST} = ?", parameters=(list_id,))

    def members(
        self,
        list_id: str,
        *,
        key: str = BY_JOINING,
        bound: int = 0,
        is_descending: bool = False,
        limit: int | None = None,
    ) -> Iterator[Row]:
        """The members beyond a bound as rows with `id` in their documents, in the order of `key`."""
        sign, direction = ("<", "DESC") if is_descending else (">", "ASC")
        where = f"{_LIST} = ? AND {key} {sign} ?"
        order = f"{key} {direction}"
        return self._store.scan(MEMBERS, where=where, parameters=(list_id, bound), order=order, limit=limit)

    def of_record(self, type_id: str, record_id: str) -> list[Row]:
        """The memberships of a record, as rows with `list` in their documents."""
        return self._store.lookup(MEMBERS, "record", f"{type_id}/{record_id}", limit=-1)

    def hand_over(self, type_id: str, from_id: str, to_id: str) -> None:
        """Put a record in another one's place, in all lists that it is a member of."""
        former = self.of_record(type_id, from_id)
        self.forget(type_id, from_id)
        for row in former:
            list_id = row.document["list"]
            document = {"list": list_id, "id": to_id, "record": f"{type_id}/{to_id}"}
            self._store.insert(MEMBERS, f"{list_id}/{to_id}", document, row.created)

    def forget(self, type_id: str, record_id: str) -> None:
        """Take a record that is no more from all lists."""
        self._store.delete(MEMBERS, [row.id for row in self.of_record(type_id, record_id)])

    def add(self, given: RecordList, record_ids: Iterable[str], at: int) -> list[str]:
        """Add members, and say which were not there before."""
        fresh = []
        for record_id in dict.fromkeys(record_ids):
            key = f"{given.id}/{record_id}"
            if self._store.get(MEMBERS, key) is None:
                record = f"{given.object_type_id}/{record_id}"
                self._store.insert(MEMBERS, key, {"list": given.id, "id": record_id, "record": record}, at)
                fresh.append(record_id)
        if fresh:
            self.save(msgspec.structs.replace(given, last_added_at=at), at)
        return fresh

    def remove(self, given: RecordList, record_ids: Iterable[str], at: int) -> list[str]:
        """Remove members, and say which were there."""
        keys = {f"{given.id}/{record_id}": record_id for record_id in record_ids}
        known = self._store.get_many(MEMBERS, keys)
        self._store.delete(MEMBERS, list(known))
        if known:
            self.save(msgspec.structs.replace(given, last_removed_at=at), at)
        return sorted(keys[key] for key in known)
