"""What a query sees of an org: its objects, their fields, and a way to read their records.

The evaluator knows nothing else of the org, so the Tooling API's objects are queried through the same code.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum
from typing import Any, Protocol, TypeAlias

from mock_crm.core.store import Row

Reader: TypeAlias = Callable[[Any], Any]
"""Takes a record (of groups, a group) and gives a field's value as the API shows it: null, text, a number,
a boolean, or an object for compound fields."""


class Family(Enum):
    """Types that filters treat alike; the value is the word that error messages use."""

    TEXT = "string"
    MULTI = "multipicklist"
    ID = "id"
    BOOLEAN = "boolean"
    NUMBER = "double"
    DATE = "date"
    DATETIME = "dateTime"
    TIME = "time"
    COMPOUND = "address"
    BINARY = "base64"


_FAMILIES = {
    "id": Family.ID,
    "reference": Family.ID,
    "boolean": Family.BOOLEAN,
    "int": Family.NUMBER,
    "long": Family.NUMBER,
    "double": Family.NUMBER,
    "currency": Family.NUMBER,
    "percent": Family.NUMBER,
    "date": Family.DATE,
    "datetime": Family.DATETIME,
    "time": Family.TIME,
    "multipicklist": Family.MULTI,
    "address": Family.COMPOUND,
    "location": Family.COMPOUND,
    "complexvalue": Family.COMPOUND,
    "base64": Family.BINARY,
}


class Storage(Enum):
    """How a stored value compares in SQL."""

    TEXT = "text, without regard to ASCII case"
    ID = "text, exactly"
    NUMBER = "number"
    MOMENT = "epoch milliseconds"


@dataclass(frozen=True, slots=True)
class Stored:
    """Where the store keeps a field, for filters that it can carry out itself."""

    sql: str
    storage: Storage
    key: str | None = None
    """The field's name when it is one that deserves an index: unique values, external ids, references."""
    is_indexed: bool = False
    """Whether the store always has an index on it."""


@dataclass(frozen=True, slots=True)
class EntityField:
    """One field of an object.

    Attributes:
        name: API name in its canonical case.
        type: The type that describe names, such as `picklist`.
        read: Gives the value of a record.
        references: Objects that a reference field may point to.
        relationship: Name under which a parent is reached (`Account` for `AccountId`).
        values: Pick list values in their order, with their labels.
        stored: Where the store keeps it; None for what is derived on reading.
    """

    name: str
    label: str
    type: str
    read: Reader
    references: tuple[str, ...] = ()
    relationship: str | None = None
    values: Mapping[str, str] = field(default_factory=dict)
    stored: Stored | None = None
    is_custom: bool = False
    is_createable: bool = True
    is_updateable: bool = True
    is_filterable: bool = True
    is_sortable: bool = True
    is_groupable: bool = True

    @property
    def family(self) -> Family:
        """How its values compare."""
        return _FAMILIES.get(self.type, Family.TEXT)


@dataclass(frozen=True, slots=True)
class Child:
    """A relationship from an object to the records that point at it."""

    name: str
    object: str
    field: str


@dataclass(frozen=True, slots=True)
class Entity:
    """One object. `fields` are those that the user may see, by lower-case name; `children` likewise."""

    name: str
    label: str
    key_prefix: str
    fields: Mapping[str, EntityField]
    children: Mapping[str, Child]
    parents: Mapping[str, EntityField]
    """Reference fields by the lower-case name of their relationship."""
    name_field: str | None = None

    def field(self, name: str) -> EntityField | None:
        """The field of this name in any case."""
        return self.fields.get(name.lower())


@dataclass(frozen=True, slots=True)
class Narrowing:
    """An SQL condition that every wanted record satisfies.

    Attributes:
        keys: Fields in it that deserve an index.
        is_indexed: Whether an index, of those fields or of a column, finds the records.
    """

    sql: str
    parameters: tuple[Any, ...]
    keys: tuple[str, ...] = ()
    is_indexed: bool = False


class RecordSource(Protocol):
    def entity(self, name: str) -> Entity | None:
        """The object of this name in any case."""

    def entity_of(self, record_id: str) -> Entity | None:
        """The object that the id's key prefix names."""

    def scan(self, entity: Entity, narrowing: Narrowing | None, *, include_deleted: bool) -> Iterator[Row]:
        """Records in order of creation; at least those that `narrowing` allows."""

    def count(self, entity: Entity, *, include_deleted: bool) -> int:
        """How many records there are."""

    def get(self, entity: Entity, record_id: str) -> Row | None:
        """One record, deleted or not."""

    def get_many(self, entity: Entity, record_ids: Iterable[str]) -> list[Row]:
        """The records with these ids, in their order; ids without a record are left out."""

    def now(self) -> datetime:
        """The present moment, aware, in UTC."""

    @property
    def user_id(self) -> str:
        """The user on whose behalf the query runs."""
