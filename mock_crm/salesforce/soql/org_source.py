"""The records of an org, as queries read them: the schema as the user sees it over the org's store."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from itertools import chain

from mock_crm.core.store import Row, field_sql
from mock_crm.salesforce import model
from mock_crm.salesforce.context import SalesforceContext
from mock_crm.salesforce.records import moment_text
from mock_crm.salesforce.soql import activity_lists
from mock_crm.salesforce.soql.catalog import Child, Entity, EntityField, Narrowing, Reader, Storage, Stored

_OPAQUE = ("encryptedstring", "base64", "address", "location")
# The choices of a multi-select pick list compare in any order, which SQL cannot do.
_COMPARABLE_TEXTS = model.TEXT_TYPES - {"multipicklist"} | {"reference", "date", "datetime"}

# Both values of `archived` are named so that the index on (archived, modified) can be used.
_MODIFIED = "archived IN (0, 1) AND modified"

# Records without a value of these show the API user, so what is stored does not tell.
_DEFAULTING = frozenset(("CreatedById", "LastModifiedById", "OwnerId"))


class OrgSource:
    """Reads one org.

    Args:
        org: Whose schema and records are read.
    """

    def __init__(self, org: SalesforceContext) -> None:
        self._org = org
        self._schema = org.schema
        self._store = org.store
        self._entities: dict[str, Entity] = {}
        self._version = self._schema.version

    @property
    def user_id(self) -> str:
        """The user on whose behalf queries run."""
        return self._org.identity.user_id

    def now(self) -> datetime:
        """The present moment of the org."""
        return self._org.clock.now()

    # -- objects ---------------------------------------------------------------------------------------------

    def entity(self, name: str) -> Entity | None:
        """The object of this name in any case, as the user sees it."""
        found = self._schema.find(name)
        if found is not None or name[:1] != "~":
            return self._entity(found) if found else None
        task, event = self.entity("Task"), self.entity("Event")
        return activity_lists.entity_of(name, task, event) if task and event else None

    def entity_of(self, record_id: str) -> Entity | None:
        """The object that the id's key prefix names."""
        found = self._schema.by_prefix(record_id[:3])
        return self._entity(found) if found else None

    def searchable(self) -> list[str]:
        """The objects with a name, in alphabetical order: those that a search without RETURNING looks at."""
        return [item.name for item in self._schema.objects() if item.name_field is not None]

    def _entity(self, item: model.SObject) -> Entity:
        if self._version != self._schema.version:
            self._version = self._schema.version
            self._entities.clear()
        if item.name not in self._entities:
            self._entities[item.name] = self._built(item)
        return self._entities[item.name]

    def _built(self, item: model.SObject) -> Entity:
        fields = {name: self._field(item, field) for name, field in item.by_name.items()}
        relations = (child for child in self._schema.children(item.name) if child.name)
        children = {child.name.lower(): Child(child.name, child.child, child.field) for child in relations}
        task = self._schema.find("Task")
        if task is not None:
            children |= activity_lists.lists_below(item.name, task)
        parents = {field.relationship.lower(): field for field in fields.values() if field.relationship}
        name_field = item.name_field.name if item.name_field else None
        return Entity(item.name, item.label, item.prefix, fields, children, parents, name_field)

    def _field(self, item: model.SObject, field: model.Field) -> EntityField:
        is_plain = not field.is_long_text and field.type not in _OPAQUE
        return EntityField(
            name=field.name,
            label=field.label,
            type=field.type,
            read=self._reader(item, field),
            references=field.reference_to,
            relationship=field.relationship or None,
            values={each.value: each.label or each.value for each in field.values},
            stored=_stored(field),
            is_custom=field.custom,
            is_createable=field.createable,
            is_updateable=field.updateable,
            is_filterable=is_plain,
            is_sortable=is_plain and field.type != "multipicklist",
            is_groupable=field.is_groupable,
        )

    def _reader(self, item: model.SObject, field: model.Field) -> Reader:
        name = field.name
        column = model.SYSTEM_COLUMNS.get(name)
        if column is not None:
            return _COLUMN_READERS[column]
        if not field.is_stored:
            whole = self._org.reader.whole
            return lambda row: whole(item, row)[name]
        default = (
            False if field.type == "boolean" else self._org.identity.user_id if name in _DEFAULTING else None
        )
        return lambda row: row.document.get(name, default)

    # -- records ---------------------------------------------------------------------------------------------

    def scan(self, entity: Entity, narrowing: Narrowing | None, *, include_deleted: bool) -> Iterator[Row]:
        """Records in order of creation, those that the narrowing allows."""
        if not activity_lists.is_list(entity):
            return self._scan(entity.name, narrowing, include_deleted=include_deleted)
        rows = (
            self._scan(table, narrowing, include_deleted=include_deleted) for table in activity_lists.TABLES
        )
        return activity_lists.listed(entity, chain.from_iterable(rows), self.now())

    def _scan(self, table: str, narrowing: Narrowing | None, *, include_deleted: bool) -> Iterator[Row]:
        if narrowing and narrowing.keys:
            self._store.declare(table, narrowing.keys)
        return self._store.scan(
            table,
            where=narrowing.sql if narrowing else "",
            parameters=narrowing.parameters if narrowing else (),
            # A bare `seq` would lead SQLite to read the table in that order rather than use the index.
            order="+seq" if narrowing and narrowing.is_indexed else "seq",
            archived=None if include_deleted else False,
        )

    def count(self, entity: Entity, *, include_deleted: bool) -> int:
        return self._store.count(entity.name, archived=None if include_deleted else False)

    def get(self, entity: Entity, record_id: str) -> Row | None:
        return self._store.get(entity.name, record_id)

    def get_many(self, entity: Entity, record_ids: Iterable[str]) -> list[Row]:
        """The records with these ids, in their order."""
        return list(self._store.get_many(entity.name, record_ids).values())


_COLUMN_READERS: dict[str, Reader] = {
    "id": lambda row: row.id,
    "archived": lambda row: row.archived,
    "created": lambda row: moment_text(row.created),
    "modified": lambda row: moment_text(row.modified),
}


def _stored(field: model.Field) -> Stored | None:
    column = model.SYSTEM_COLUMNS.get(field.name)
    if column == "id":
        return Stored("id", Storage.ID, is_indexed=True)
    if column in ("created", "modified"):
        is_indexed = column == "modified"
        return Stored(_MODIFIED if is_indexed else column, Storage.MOMENT, is_indexed=is_indexed)
    if column is not None or not field.is_stored or field.name in _DEFAULTING:
        return None
    is_key = field.is_key or field.unique or field.name_field or field.type == "reference"
    key = field.name if is_key else None
    if field.type in model.NUMBER_TYPES:
        return Stored(field_sql(field.name), Storage.NUMBER, key)
    return Stored(field_sql(field.name), Storage.TEXT, key) if field.type in _COMPARABLE_TEXTS else None
