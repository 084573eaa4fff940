"""The Tooling API's objects, as queries read them: definitions made into rows while a query runs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Final

from mock_crm.core.clock import epoch_ms
from mock_crm.core.store import Row
from mock_crm.salesforce.context import SalesforceContext
from mock_crm.salesforce.soql.catalog import Entity, EntityField, Narrowing
from mock_crm.salesforce.soql.errors import malformed
from mock_crm.salesforce.soql.nodes import Comparison, Condition, FieldPath, Membership, Query
from mock_crm.salesforce.soql.required_filters import required
from mock_crm.salesforce.tooling.rows import OBJECTS, ToolingObject

_ENTITY_REFERENCE: Final = ("EntityDefinition",)
_REIFIED: Final = {"fielddefinition": ("EntityDefinitionId", "DurableId")}
"""Objects whose rows are made on demand, and the columns of which a query has to filter one."""


class ToolingSource:
    """Reads the definitions of one org; see `catalog.Source`."""

    def __init__(self, org: SalesforceContext) -> None:
        self._org = org

    @property
    def user_id(self) -> str:
        """The user on whose behalf queries run."""
        return self._org.identity.user_id

    def now(self) -> datetime:
        """The present moment of the org."""
        return self._org.clock.now()

    def check(self, query: Query) -> None:
        """Refuse to make rows of a whole org at once (simple-salesforce issue 539).

        Raises:
            SoqlError: No condition at the top level names one of the columns that rows are made by.
        """
        path = query.sources[0].path
        wanted = _REIFIED.get(path.text.lower())
        if wanted is None or any(_is_on(condition, wanted) for condition in required(query.where)):
            return
        raise malformed(f"{path.text}: a filter on a reified column is required [{','.join(wanted)}]")

    def names(self) -> list[str]:
        return sorted(OBJECTS)

    def entity(self, name: str) -> Entity | None:
        """The object of this name in any case."""
        item = next((item for key, item in OBJECTS.items() if key.lower() == name.lower()), None)
        return _entity(item) if item else None

    def entity_of(self, record_id: str) -> Entity | None:
        """The object that the id's key prefix names."""
        return next((_entity(item) for item in OBJECTS.values() if item.prefix == record_id[:3]), None)

    def scan(self, entity: Entity, narrowing: Narrowing | None, *, include_deleted: bool) -> Iterator[Row]:
        """All rows; definitions are few, so filters are left to the query."""
        now = epoch_ms(self.now())
        for number, (row_id, values) in enumerate(OBJECTS[entity.name].rows(self._org), 1):
            yield Row(number, row_id, {"Id": row_id} | values, now, now, False)

    def count(self, entity: Entity, *, include_deleted: bool) -> int:
        return sum(1 for _ in self.scan(entity, None, include_deleted=include_deleted))

    def get(self, entity: Entity, record_id: str) -> Row | None:
        """One row, by its id of 15 or 18 characters or its durable id."""
        rows = self.scan(entity, None, include_deleted=False)
        return next((row for row in rows if row.id == record_id or row.id[:15] == record_id[:15]), None)

    def get_many(self, entity: Entity, record_ids: Iterable[str]) -> list[Row]:
        """The rows with these ids, in their order."""
        rows = {row.id: row for row in self.scan(entity, None, include_deleted=False)}
        return [rows[record_id] for record_id in record_ids if record_id in rows]


def _is_on(condition: Condition, columns: Iterable[str]) -> bool:
    """Whether the condition is about one of the columns, or what the reference among them leads to."""
    if not isinstance(condition, Comparison | Membership) or not isinstance(condition.left, FieldPath):
        return False
    first = condition.left.parts[0].lower()
    return any(first in (column.lower(), column.lower().removesuffix("id")) for column in columns)


def _entity(item: ToolingObject) -> Entity:
    fields = {name.lower(): _field(name, kind) for name, kind in item.fields.items()}
    parents = {field.relationship.lower(): field for field in fields.values() if field.relationship}
    return Entity(item.name, item.name, item.prefix, fields, {}, parents)


def _field(name: str, kind: str) -> EntityField:
    is_entity = name == "EntityDefinitionId"
    return EntityField(
        name=name,
        label=name,
        type=kind,
        read=lambda row: row.document.get(name),
        references=_ENTITY_REFERENCE if is_entity else (),
        relationship="EntityDefinition" if is_entity else None,
    )
