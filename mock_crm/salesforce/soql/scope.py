"""From the names in a query to the fields they mean: aliases, parent paths, polymorphic parents."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from mock_crm.core.store import Row
from mock_crm.salesforce.soql import nodes
from mock_crm.salesforce.soql.catalog import Entity, EntityField, Reader, RecordSource
from mock_crm.salesforce.soql.errors import malformed, no_such_column, no_such_object, no_such_relationship
from mock_crm.salesforce.soql.nodes import FieldPath

LEVEL_LIMIT = 5
"""Parents that a path may climb."""

_NAME_FIELDS = {
    "Id": "id",
    "Name": "string",
    "FirstName": "string",
    "LastName": "string",
    "Type": "picklist",
    "Email": "email",
    "Phone": "phone",
    "Title": "string",
    "Username": "string",
    "Alias": "string",
    "IsActive": "boolean",
    "ProfileId": "reference",
    "UserRoleId": "reference",
    "RecordTypeId": "reference",
}
"""Fields of the Name object, which stands for a parent of one of several types, and their types."""
_NAME_PARENTS = {"profile": "Profile", "userrole": "UserRole"}
_NAME_SPELLING = {name.lower(): name for name in _NAME_FIELDS}


@dataclass(frozen=True, slots=True)
class Hop:
    """A step from a record to one of its parents."""

    field: EntityField
    name: str
    """The relationship in its canonical case."""
    targets: tuple[Entity, ...]

    @property
    def is_polymorphic(self) -> bool:
        """Whether the parent may be of several types."""
        return len(self.field.references) > 1


@dataclass(frozen=True, slots=True)
class ResolvedField:
    """A field as seen from the object of FROM: the parents to climb, then the field."""

    hops: tuple[Hop, ...]
    field: EntityField
    entity_name: str


class Scope:
    """The names that one SELECT can use.

    Args:
        source: The org's objects and records.
        entity: The object of FROM.
        sources: What FROM lists, for its aliases.
        include_deleted: Whether deleted parents can be seen.
    """

    def __init__(
        self, source: RecordSource, entity: Entity, sources: Sequence[nodes.Source], *, include_deleted: bool
    ) -> None:
        self.source = source
        self.entity = entity
        self.include_deleted = include_deleted
        self._prefixes: dict[str, tuple[str, ...]] = {entity.name.lower(): ()}
        self._parents: dict[str, Row | None] = {}
        self._add_aliases(sources)

    def _add_aliases(self, sources: Sequence[nodes.Source]) -> None:
        if sources and sources[0].alias:
            self._prefixes[sources[0].alias.lower()] = ()
        listed: dict[str, tuple[str, ...]] = {}
        for source in sources[1:]:
            parts = source.path.parts
            start = self._prefixes.get(parts[0].lower(), listed.get(parts[0].lower()))
            if start is None:
                raise malformed(
                    "A driving SObject type has already been set, all other entity types in the FROM clause "
                    f"must be relationships to the initial object. The driving object is {self.entity.name}.",
                    source.path.at,
                )
            self.climb(start + parts[1:], source.path.at)
            if source.alias:
                self._prefixes[source.alias.lower()] = start + parts[1:]
            # FROM alone goes on from a parent by its name: in SELECT it may be a parent of the object itself.
            listed[parts[-1].lower()] = start + parts[1:]

    # -- resolving -------------------------------------------------------------------------------------------

    def place(self, path: FieldPath) -> ResolvedField:
        """The field that a path means.

        Raises:
            SoqlError: A relationship or the field does not exist.
        """
        parts = self.relative(path)
        hops = self.climb(parts[:-1], path.at)
        if not hops:
            return ResolvedField((), self._own_field(self.entity, parts[-1], path.at), self.entity.name)
        last = hops[-1]
        if last.is_polymorphic:
            return ResolvedField(hops, self._name_field(parts[-1], path.at), "Name")
        target = last.targets[0]
        return ResolvedField(hops, self._own_field(target, parts[-1], path.at), target.name)

    def relative(self, path: FieldPath) -> tuple[str, ...]:
        """The path's parts without the alias or the object's own name in front."""
        parts = path.parts
        if len(parts) > 1:
            prefix = self._prefixes.get(parts[0].lower())
            if prefix is not None and not (prefix == () and parts[0].lower() in self.entity.parents):
                return prefix + parts[1:]
        return parts

    def climb(self, relationships: tuple[str, ...], at: int) -> tuple[Hop, ...]:
        """The steps along the named parent relationships.

        Raises:
            SoqlError: One does not exist, or there are more than five.
        """
        if len(relationships) > LEVEL_LIMIT:
            raise malformed(
                "SOQL relationship fields can not be more than 5 levels away from the root SObject.", at
            )
        hops: list[Hop] = []
        entity = self.entity
        for name in relationships:
            is_name = bool(hops) and hops[-1].is_polymorphic
            field = self._name_parent(name) if is_name else entity.parents.get(name.lower())
            if field is None:
                raise no_such_relationship(name, "field path", at)
            hops.append(Hop(field, field.relationship or name, self._targets(field)))
            entity = hops[-1].targets[0] if hops[-1].targets else entity
        return tuple(hops)

    def _targets(self, field: EntityField) -> tuple[Entity, ...]:
        found = (self.source.entity(name) for name in field.references)
        return tuple(entity for entity in found if entity is not None)

    def _own_field(self, entity: Entity, name: str, at: int) -> EntityField:
        field = entity.field(name)
        if field is None:
            raise no_such_column(name, entity.name, at)
        return field

    def _name_parent(self, name: str) -> EntityField | None:
        """A parent of the Name object: the profile and the role of a user, which other parents lack."""
        relationship = _NAME_PARENTS.get(name.lower())
        if relationship is None:
            return None
        read = self._name_reader(f"{relationship.lower()}id")
        label = f"{relationship}Id"
        return EntityField(label, label, "reference", read, (relationship,), relationship)

    def _name_field(self, name: str, at: int) -> EntityField:
        spelling = _NAME_SPELLING.get(name.lower())
        if spelling is None:
            raise no_such_column(name, "Name", at)
        return EntityField(spelling, spelling, _NAME_FIELDS[spelling], self._name_reader(name.lower()))

    def _name_reader(self, name: str) -> Reader:
        def read(row: Row) -> object:
            entity = self.source.entity_of(row.id)
            if entity is None:
                return None
            if name == "type":
                return entity.name
            field = entity.field(entity.name_field or "name") if name == "name" else entity.field(name)
            return field.read(row) if field else None

        return read

    # -- reading ---------------------------------------------------------------------------------------------

    def reader(self, place: ResolvedField) -> Reader:
        """A function from a record to the value at `place`; null where a parent is missing."""
        read = place.field.read
        for hop in reversed(place.hops):
            read = self._through(hop, read)
        return read

    def _through(self, hop: Hop, inner: Reader) -> Reader:
        def read(row: Row) -> object:
            parent = self.parent(hop, row)
            return None if parent is None else inner(parent)

        return read

    def parent(self, hop: Hop, row: Row) -> Row | None:
        """The parent record that `row` points to, or None."""
        parent_id = hop.field.read(row)
        if parent_id is None:
            return None
        if parent_id not in self._parents:
            self._parents[parent_id] = self._load(hop, parent_id)
        return self._parents[parent_id]

    def _load(self, hop: Hop, parent_id: str) -> Row | None:
        entity = self.source.entity_of(parent_id) if hop.is_polymorphic or not hop.targets else hop.targets[0]
        row = self.source.get(entity, parent_id) if entity else None
        return row if row is not None and (self.include_deleted or not row.archived) else None


def driving_entity(source: RecordSource, query: nodes.Query) -> Entity:
    """The object that FROM names first.

    Raises:
        SoqlError: There is none.
    """
    path = query.sources[0].path
    entity = source.entity(path.text)
    if entity is None:
        raise no_such_object(path.text, path.at)
    return entity
