"""The answer to `query?columns=true`: what the columns of a result would be, which the sf CLI prints with."""

from __future__ import annotations

from typing import Any

from mock_crm.salesforce.soql.aggregates import is_aggregate
from mock_crm.salesforce.soql.catalog import Entity, EntityField, Family, RecordSource
from mock_crm.salesforce.soql.errors import no_such_relationship
from mock_crm.salesforce.soql.nodes import Call, FieldPath, Query, SelectItem, TypeOf
from mock_crm.salesforce.soql.operand import record_operand
from mock_crm.salesforce.soql.scope import Scope, driving_entity

Metadata = dict[str, Any]


def column_metadata(source: RecordSource, query: Query) -> Metadata:
    """The columns of a query, without running it.

    Raises:
        SoqlError: A name does not exist.
    """
    entity = driving_entity(source, query)
    columns = _columns(source, query, entity)
    return {
        "columnMetadata": columns,
        "entityName": entity.name,
        "groupBy": query.grouping is not None,
        "idSelected": any(column["columnName"] == "Id" for column in columns),
        "keyPrefix": entity.key_prefix,
    }


def _columns(source: RecordSource, query: Query, entity: Entity) -> list[Metadata]:
    scope = Scope(source, entity, query.sources, include_deleted=True)
    columns: list[Metadata] = []
    for item in query.select:
        if isinstance(item, Query):
            columns.append(_children(source, item, entity))
        elif isinstance(item, TypeOf):
            hop = scope.climb(scope.relative(item.relationship), item.relationship.at)[-1]
            columns.append(_column(hop.name, None))
        elif isinstance(item.expression, FieldPath):
            _add_path(columns, scope, item.expression)
        elif item.expression.function == "FIELDS":
            columns += [_column(field.name, field) for field in entity.fields.values()]
        else:
            columns.append(_function(columns, item, item.expression, scope))
    return columns


def _add_path(columns: list[Metadata], scope: Scope, path: FieldPath) -> None:
    place = scope.place(path)
    target = columns
    for hop in place.hops:
        found = next((column for column in target if column["columnName"] == hop.name), None)
        if found is None:
            found = _column(hop.name, None)
            target.append(found)
        target = found["joinColumns"]
    target.append(_column(place.field.name, place.field))


def _function(columns: list[Metadata], item: SelectItem, call: Call, scope: Scope) -> Metadata:
    unnamed = sum(column["columnName"].startswith("expr") for column in columns)
    if is_aggregate(call):
        return {**_column(item.alias or f"expr{unnamed}", None), "aggregate": True, "numberType": True}
    operand = record_operand(call, scope)
    return _column(item.alias or (operand.field.name if operand.field else f"expr{unnamed}"), operand.field)


def _children(source: RecordSource, query: Query, entity: Entity) -> Metadata:
    path = query.sources[0].path
    child = entity.children.get(path.parts[-1].lower())
    inner = source.entity(child.object) if child else None
    if child is None or inner is None:
        raise no_such_relationship(path.parts[-1], "FROM part of query call", path.at)
    return {**_column(child.name, None), "aggregate": True, "joinColumns": _columns(source, query, inner)}


def _column(name: str, field: EntityField | None) -> Metadata:
    family = field.family if field else None
    return {
        "aggregate": False,
        "apexType": field.type.capitalize() if field else None,
        "booleanType": family is Family.BOOLEAN,
        "columnName": name,
        "custom": field.is_custom if field else False,
        "displayName": name,
        "foreignKeyName": field.relationship if field else None,
        "insertable": field.is_createable if field else False,
        "joinColumns": [],
        "numberType": family is Family.NUMBER,
        "textType": family in (Family.TEXT, Family.MULTI),
        "updatable": field.is_updateable if field else False,
    }
