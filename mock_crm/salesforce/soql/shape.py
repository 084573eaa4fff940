"""How the records of a result look: attributes, fields, nested parents, TYPEOF and child subqueries."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from mock_crm.core.store import Row
from mock_crm.salesforce.soql.catalog import Entity, Family, Reader
from mock_crm.salesforce.soql.errors import malformed, no_such_object
from mock_crm.salesforce.soql.nodes import Call, FieldPath, Query, SelectItem, TypeOf
from mock_crm.salesforce.soql.operand import Operand, formatted, labelled, record_operand
from mock_crm.salesforce.soql.scope import Hop, Scope

Record: TypeAlias = dict[str, Any]

FIELDS_LIMIT = 200
"""The LIMIT that FIELDS(ALL) and FIELDS(CUSTOM) need."""

_SHOWING = frozenset(("TOLABEL", "FORMAT", "CONVERTCURRENCY"))
_FIELD_SETS = frozenset(("ALL", "STANDARD", "CUSTOM"))


@dataclass(slots=True)
class Shape:
    """What to show of one record, in the order of SELECT.

    Attributes:
        type_name: What `attributes.type` says.
        entity_of: The object of an id, for the record's URL.
        fields: Readers by the name under which they appear.
        parents: Nested records by the name of their relationship.
        cases: TYPEOF by relationship.
        children: Child subqueries by relationship; given the parents' ids, each returns their results.
        blobs: Files among the fields, which show where they lie.
        has_compound: Whether one of the fields is an address or a location.
    """

    type_name: str
    entity_of: Callable[[str], Entity | None]
    scope: Scope
    fields: dict[str, Reader] = field(default_factory=dict)
    parents: dict[str, tuple[Hop, Shape]] = field(default_factory=dict)
    cases: dict[str, tuple[Hop, dict[str, Shape], Shape]] = field(default_factory=dict)
    children: dict[str, Callable[[Sequence[str], str], Mapping[str, Record]]] = field(default_factory=dict)
    order: list[str] = field(default_factory=list)
    blobs: list[str] = field(default_factory=list)
    has_compound: bool = False

    @property
    def shows_compound(self) -> bool:
        """Whether an address or a location is shown, here or in a parent."""
        return self.has_compound or any(shape.shows_compound for _, shape in self.parents.values())

    def render(self, rows: Sequence[Row], base: str) -> list[Record]:
        """The records as JSON objects.

        Args:
            rows: Records of the shape's object.
            base: Path of the API version, such as `/services/data/v60.0`, for the records' URLs.
        """
        results = {name: fetch([row.id for row in rows], base) for name, fetch in self.children.items()}
        return [self._record(row, base, results) for row in rows]

    def _record(self, row: Row, base: str, results: Mapping[str, Mapping[str, Record]]) -> Record:
        record: Record = {"attributes": self._attributes(row, base)}
        fields = self.fields
        for name in self.order:
            read = fields.get(name)
            if read is not None:
                record[name] = read(row)
            elif name in results:
                record[name] = results[name].get(row.id)
            elif name in self.parents:
                hop, shape = self.parents[name]
                parent = self.scope.parent(hop, row)
                record[name] = None if parent is None else shape.render([parent], base)[0]
            else:
                record[name] = self._case(name, row, base)
        for name in self.blobs:
            if record[name] is not None:
                record[name] = f"{record['attributes']['url']}/{name}"
        return record

    def _case(self, name: str, row: Row, base: str) -> Record | None:
        hop, shapes, otherwise = self.cases[name]
        parent = self.scope.parent(hop, row)
        if parent is None:
            return None
        entity = self.entity_of(parent.id)
        shape = shapes.get(entity.name, otherwise) if entity else otherwise
        record = shape.render([parent], base)[0]
        if entity is not None and shape is otherwise:
            record["attributes"]["type"] = entity.name
        return record

    def _attributes(self, row: Row, base: str) -> Record:
        name = self.type_name
        if name == "Name":
            entity = self.entity_of(row.id)
            name = entity.name if entity else name
        return {"type": self.type_name, "url": f"{base}/sobjects/{name}/{row.id}"}

    def names(self) -> list[str]:
        """The columns of a flat table: fields, and those of parents with dots."""
        names: list[str] = []
        for name in self.order:
            if name in self.parents:
                names += [f"{name}.{inner}" for inner in self.parents[name][1].names()]
            elif name in self.fields:
                names.append(name)
        return names


class Shaper:
    """Builds the shape of a SELECT.

    Args:
        scope: The names that it can use.
        children: Prepares a child subquery of the object; see `Shape.children`.
    """

    def __init__(
        self,
        scope: Scope,
        children: Callable[[Query], tuple[str, Callable[[Sequence[str], str], Mapping[str, Record]]]],
    ) -> None:
        self._scope = scope
        self._children = children

    def shape(self, query: Query) -> Shape:
        """The shape that the query asks for.

        Raises:
            SoqlError: A name does not exist, appears twice, or a function does not belong here.
        """
        shape = self._empty(self._scope.entity.name, self._scope)
        for item in query.select:
            if isinstance(item, Query):
                name, fetch = self._children(item)
                shape.children[name] = fetch
                _add(shape, name, item.at)
            elif isinstance(item, TypeOf):
                self._add_typeof(shape, item)
            elif isinstance(item.expression, Call):
                self._add_call(shape, item, item.expression, query.limit)
            else:
                self._add_column(shape, item, item.expression)
        return shape

    def _empty(self, type_name: str, scope: Scope) -> Shape:
        return Shape(type_name, self._scope.source.entity_of, scope)

    def _add_column(self, shape: Shape, column: SelectItem, path: FieldPath) -> None:
        if column.alias is not None:
            raise malformed("only aggregate expressions use field aliasing", path.at)
        self._add_path(shape, path)

    def _add_path(self, shape: Shape, path: FieldPath, call: Call | None = None) -> None:
        """Show a field, of a parent inside the parent; `call` is the function around it."""
        place = self._scope.place(path)
        target = shape
        for hop in place.hops:
            target = self._parent(target, hop)
        _add(target, place.field.name, path.at)
        read = place.field.read
        if call is not None and call.function != "CONVERTCURRENCY":
            shown = Operand(read, place.field.family, path.text, path.at, place.field)
            read = (labelled(shown) if call.function == "TOLABEL" else formatted(shown)).read
        target.fields[place.field.name] = read
        if place.field.type == "base64":
            target.blobs.append(place.field.name)
        target.has_compound |= place.field.family is Family.COMPOUND

    def _parent(self, shape: Shape, hop: Hop) -> Shape:
        if hop.name not in shape.parents:
            type_name = "Name" if hop.is_polymorphic else hop.targets[0].name
            shape.parents[hop.name] = (hop, self._empty(type_name, self._scope))
            shape.order.append(hop.name)
        return shape.parents[hop.name][1]

    def _add_call(self, shape: Shape, column: SelectItem, call: Call, limit: int | None) -> None:
        if call.function == "FIELDS":
            self._add_field_set(shape, call, limit)
            return
        inner = call.arguments[0] if call.arguments else None
        if call.function in _SHOWING and column.alias is None and isinstance(inner, FieldPath):
            self._add_path(shape, inner, call)
            return
        operand = record_operand(call, self._scope)
        name = column.alias or f"expr{sum(key.startswith('expr') for key in shape.fields)}"
        _add(shape, name, call.at)
        shape.fields[name] = operand.read

    def _add_field_set(self, shape: Shape, call: Call, limit: int | None) -> None:
        inner = call.arguments[0] if len(call.arguments) == 1 else None
        wanted = inner.text.upper() if isinstance(inner, FieldPath) else ""
        if wanted not in _FIELD_SETS:
            raise malformed("FIELDS takes ALL, STANDARD or CUSTOM", call.at)
        if wanted != "STANDARD" and (limit is None or limit > FIELDS_LIMIT):
            raise malformed(f"The SOQL FIELDS function must have a LIMIT of at most {FIELDS_LIMIT}", call.at)
        for each in self._scope.entity.fields.values():
            if wanted == "ALL" or each.is_custom == (wanted == "CUSTOM"):
                if each.name not in shape.order:
                    shape.order.append(each.name)
                shape.fields[each.name] = each.read
                if each.type == "base64":
                    shape.blobs.append(each.name)
                shape.has_compound |= each.family is Family.COMPOUND

    def _add_typeof(self, shape: Shape, item: TypeOf) -> None:
        hop = self._scope.climb(self._scope.relative(item.relationship), item.relationship.at)[-1]
        cases: dict[str, Shape] = {}
        for case in item.cases:
            entity = self._scope.source.entity(case.object)
            if entity is None:
                raise no_such_object(case.object, case.at)
            cases[entity.name] = self._case_shape(entity, case.fields)
        otherwise = self._empty("Name", self._scope)
        for path in item.otherwise:
            field_place = self._scope.place(FieldPath((*item.relationship.parts, *path.parts), path.at))
            otherwise.order.append(field_place.field.name)
            otherwise.fields[field_place.field.name] = field_place.field.read
        _add(shape, hop.name, item.relationship.at)
        shape.cases[hop.name] = (hop, cases, otherwise)

    def _case_shape(self, entity: Entity, paths: Sequence[FieldPath]) -> Shape:
        scope = Scope(self._scope.source, entity, (), include_deleted=self._scope.include_deleted)
        shaper = Shaper(scope, self._children)
        shape = self._empty(entity.name, scope)
        for path in paths:
            shaper._add_path(shape, path)
        return shape


def _add(shape: Shape, name: str, at: int) -> None:
    if name in shape.order:
        raise malformed(f"duplicate field selected: {name}", at)
    shape.order.append(name)
