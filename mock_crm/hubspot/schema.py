"""The schema of one account: object types with their properties and property groups.

What HubSpot defines comes from the catalogue, what users add or change from the store. Everything is read
once and kept; `forget` drops it after the store was replaced or a transaction undone.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, TypeVar

import msgspec

from mock_crm.core.store import Store
from mock_crm.hubspot import catalogue, errors, values
from mock_crm.hubspot.model import ObjectType, Property, PropertyGroup, from_facts

PROPERTIES = "~properties"
GROUPS = "~groups"
TYPES = "~types"

_GROUP_LABELS = {
    "contactinformation": "Contact information",
    "companyinformation": "Company information",
    "dealinformation": "Deal information",
    "ticketinformation": "Ticket information",
}
_ADDRESSES = {("0-1", "email"): values.email("email"), ("0-2", "domain"): values.domain}
"""The readers of texts that have a form of their own, by object type id and name."""

_T = TypeVar("_T")


@dataclass(slots=True)
class TypeSchema:
    """One object type with everything that belongs to it.

    Attributes:
        type: What it is called and how it behaves.
        properties: Living properties by name.
        archived: Archived properties by name.
        groups: Property groups by name.
        readers: How each living property reads a value.
        texts: Names of the properties that take any text as it is.
        unique: Names of the properties whose values identify a record: those that say so, and a contact's
            email, of which HubSpot says that its values are not unique (recorded from 2018 to 2022).
    """

    type: ObjectType
    properties: dict[str, Property]
    archived: dict[str, Property]
    groups: dict[str, PropertyGroup]
    readers: dict[str, values.Reader] = field(default_factory=dict)
    texts: set[str] = field(default_factory=set)
    unique: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        for prop in self.properties.values():
            self.learn(prop)

    def learn(self, prop: Property) -> None:
        """Take over a new or changed property."""
        self.properties[prop.name] = prop
        self.archived.pop(prop.name, None)
        self.readers[prop.name] = self._reader(prop)
        self.texts.discard(prop.name)
        if values.is_text(prop) and (self.type.id, prop.name) not in _ADDRESSES:
            self.texts.add(prop.name)
        if (prop.has_unique_value or self._is_email(prop)) and prop.name not in self.unique:
            self.unique.append(prop.name)

    def bury(self, prop: Property) -> None:
        """Take over an archived property."""
        self.archived[prop.name] = prop
        self.properties.pop(prop.name, None)
        self.readers.pop(prop.name, None)
        self.texts.discard(prop.name)
        if prop.name in self.unique:
            self.unique.remove(prop.name)

    def _reader(self, prop: Property) -> values.Reader:
        address = _ADDRESSES.get((self.type.id, prop.name))
        return values.reader_for(prop) if address is None else address

    def _is_email(self, prop: Property) -> bool:
        return self.type.id == "0-1" and prop.name == "email"


class Schema:
    """All object types of an account.

    Args:
        store: Where additions and changes are kept.
        portal_id: The account's number, part of custom objects' names.
    """

    def __init__(self, store: Store, portal_id: int) -> None:
        self._store = store
        self._portal_id = portal_id
        self.forget()

    def forget(self) -> None:
        """Read everything anew at the next need."""
        self._loaded: dict[str, TypeSchema] = {}
        self._names: dict[str, str] = {}
        self._types: dict[str, ObjectType] = {}
        for facts in catalogue.object_types():
            self._register(_standard(facts))
        for row in self._rows(TYPES, ObjectType):
            self._register(row)

    # -- object types ----------------------------------------------------------------------------------------

    def types(self) -> list[ObjectType]:
        """All object types, standard ones first, in the order of their creation."""
        return [kind for kind in self._types.values() if not kind.archived]

    def all_types(self) -> list[ObjectType]:
        """All object types, archived ones too."""
        return list(self._types.values())

    def find(self, name: str) -> TypeSchema | None:
        """The object type that a path or a body means: an id, a plural, singular or qualified name."""
        type_id = self._names.get(name) or self._names.get(name.lower())
        if type_id is None or self._types[type_id].archived:
            return None
        return self._loaded.get(type_id) or self._load(type_id)

    def of(self, kind: ObjectType) -> TypeSchema:
        """An object type with everything that belongs to it, archived or not."""
        return self._loaded.get(kind.id) or self._load(kind.id)

    def need(self, name: str) -> TypeSchema:
        """The object type that a path or a body means.

        Raises:
            HubSpotError: There is no such object type.
        """
        schema = self.find(name)
        if schema is None:
            if name.lower() in catalogue.UNSIMULATED_TYPES:
                raise errors.not_simulated(f"The object type {name}")
            raise errors.unknown_object_type(name)
        return schema

    def save_type(self, kind: ObjectType, at: int) -> None:
        """Keep a new or changed custom object type."""
        self._save(TYPES, kind.id, msgspec.to_builtins(kind), at)
        self._register(kind)
        if kind.id in self._loaded:
            self._loaded[kind.id].type = kind

    def remove_type(self, kind: ObjectType) -> None:
        """Drop a custom object type with its properties, groups and records."""
        self._store.delete(TYPES, [kind.id])
        prefix = f"{kind.id}/"
        for table in (PROPERTIES, GROUPS):
            self._store.delete(table, [r.id for r in self._store.scan(table) if r.id.startswith(prefix)])
        self._store.drop(kind.id)
        self.forget()

    # -- properties ------------------------------------------------------------------------------------------

    def save_property(self, schema: TypeSchema, prop: Property, at: int) -> None:
        """Keep a new, changed or archived property."""
        self._save(PROPERTIES, f"{schema.type.id}/{prop.name}", msgspec.to_builtins(prop), at)
        if prop.archived:
            schema.bury(prop)
            return
        schema.learn(prop)

    def save_group(self, schema: TypeSchema, group: PropertyGroup, at: int) -> None:
        """Keep a new, changed or archived property group."""
        self._save(GROUPS, f"{schema.type.id}/{group.name}", msgspec.to_builtins(group), at)
        if group.archived:
            schema.groups.pop(group.name, None)
        else:
            schema.groups[group.name] = group

    # -- inside ----------------------------------------------------------------------------------------------

    def _register(self, kind: ObjectType) -> None:
        self._types[kind.id] = kind
        if kind.is_custom:
            # Not by the bare name: HubSpot took that back on 24 June 2025 (developer changelog).
            names = [kind.id, kind.fully_qualified_name, f"p_{kind.name}"]
        else:
            names = [kind.id, kind.plural, *kind.aliases]
            if kind.plural not in catalogue.PLURAL_ONLY:
                names += [kind.singular, kind.name]
        for name in names:
            self._names[name.lower()] = kind.id

    def _load(self, type_id: str) -> TypeSchema:
        kind = self._types[type_id]
        self._store.declare(type_id)
        properties = {prop.name: prop for prop in self._built_in(kind)}
        stored = list(self._of_type(PROPERTIES, type_id, Property))
        groups = {name: _group(name) for name in {kind.group, *(p.group_name for p in properties.values())}}
        schema = TypeSchema(kind, properties, {}, dict(sorted(groups.items())))
        for prop in stored:
            (schema.bury if prop.archived else schema.learn)(prop)
        for group in self._of_type(GROUPS, type_id, PropertyGroup):
            if group.archived:
                schema.groups.pop(group.name, None)
            else:
                schema.groups[group.name] = group
        self._loaded[type_id] = schema
        return schema

    def _built_in(self, kind: ObjectType) -> Iterator[Property]:
        for facts in catalogue.properties("*"):
            yield from_facts(facts, kind.group)
        if not kind.is_custom:
            for facts in catalogue.properties(kind.plural):
                yield from_facts(facts, kind.group)

    def _of_type(self, table: str, type_id: str, kind: type[_T]) -> Iterator[_T]:
        self._store.declare(table)
        pattern = f"{type_id}/%"
        for row in self._store.scan(table, where="id LIKE ?", parameters=(pattern,)):
            yield msgspec.convert(row.document, kind)

    def _rows(self, table: str, kind: type[_T]) -> Iterator[_T]:
        self._store.declare(table)
        for row in list(self._store.scan(table)):
            yield msgspec.convert(row.document, kind)

    def _save(self, table: str, key: str, document: dict[str, Any], at: int) -> None:
        if self._store.get(table, key) is None:
            self._store.insert(table, key, document, at)
        else:
            self._store.update(table, key, document, at)


def _standard(facts: catalogue.TypeFacts) -> ObjectType:
    return ObjectType(
        id=facts.id,
        name=facts.singular.upper(),
        plural=facts.plural,
        singular=facts.singular,
        labels=facts.labels,
        group=facts.group,
        display=facts.display,
        scope=facts.scope,
        fully_qualified_name=facts.singular.upper(),
        created=facts.created,
        modified=facts.modified,
        secondary=list(facts.secondary),
        searchable=list(facts.searchable),
        defaults=facts.defaults,
        required=list(facts.required),
        pipeline=facts.pipeline,
        stage=facts.stage,
        read_only=facts.read_only,
        aliases=facts.aliases,
    )


def _group(name: str) -> PropertyGroup:
    return PropertyGroup(name, _GROUP_LABELS.get(name, name.replace("_", " ").capitalize()))
