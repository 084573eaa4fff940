"""Carrying out a query: from the syntax tree and a source of records to a result that is read in pages."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import islice
from typing import TypeVar

from mock_crm.core.store import Row
from mock_crm.salesforce.soql.aggregates import Group, Groups, is_aggregate, key_of
from mock_crm.salesforce.soql.catalog import Entity, EntityField, Family, Narrowing, RecordSource
from mock_crm.salesforce.soql.errors import SoqlError, malformed, no_such_relationship
from mock_crm.salesforce.soql.filters import Filters, Predicate, Test
from mock_crm.salesforce.soql.narrowing import equal_ids, together
from mock_crm.salesforce.soql.nodes import Call, Condition, Expression, FieldPath, Query, SelectItem, SemiJoin
from mock_crm.salesforce.soql.operand import Operand, record_operand
from mock_crm.salesforce.soql.ordering import Order
from mock_crm.salesforce.soql.result import AggregateResult, QueryResult, RecordResult
from mock_crm.salesforce.soql.scope import Scope, driving_entity
from mock_crm.salesforce.soql.shape import Record, Shaper

OFFSET_LIMIT = 2000
SUBQUERY_LIMIT = 20
"""Child subqueries that one SELECT may have."""
_IDS_PER_SCAN = 500
_T = TypeVar("_T")


def evaluate(
    source: RecordSource, query: Query, *, include_deleted: bool = False, only: Predicate | None = None
) -> QueryResult:
    """The result of a query.

    Args:
        source: The org's objects and records.
        query: What to find.
        include_deleted: Whether records in the recycle bin count too.
        only: A condition beside WHERE that records have to satisfy.

    Raises:
        SoqlError: A name, a type or a combination of clauses is wrong. Its message does not point yet.
    """
    include_deleted = include_deleted or query.all_rows
    return _Select(source, query, include_deleted=include_deleted, only=only).result()


def narrowing_of(source: RecordSource, query: Query) -> Narrowing | None:
    """What the store can check of the query's filter by itself.

    Raises:
        SoqlError: A name, an operator or a literal does not fit.
    """
    test = _Select(source, query, include_deleted=False)._test()
    return test.narrowing if test else None


class _Select:
    """One SELECT at any level of a query."""

    def __init__(
        self,
        source: RecordSource,
        query: Query,
        *,
        include_deleted: bool,
        entity: Entity | None = None,
        only: Predicate | None = None,
    ) -> None:
        self._source = source
        self._only = Test(only) if only else None
        self._query = query
        self._include_deleted = include_deleted
        self._entity = entity or driving_entity(source, query)
        self._scope = Scope(source, self._entity, query.sources, include_deleted=include_deleted)
        self._now = source.now()
        if (query.offset or 0) > OFFSET_LIMIT:
            raise SoqlError(
                "NUMBER_OUTSIDE_VALID_RANGE",
                f"Maximum SOQL offset allowed for apiName {self._entity.name} is {OFFSET_LIMIT}",
            )

    def result(self) -> QueryResult:
        query = self._query
        if _is_plain_count(query):
            return self._counted()
        columns = [item for item in query.select if isinstance(item, SelectItem)]
        if query.grouping is not None or any(is_aggregate(column.expression) for column in columns):
            return self._aggregated(columns)
        if query.having is not None:
            raise malformed("HAVING needs GROUP BY")
        shape = Shaper(self._scope, self._child).shape(query)
        ids, loaded = self._selected()
        return RecordResult(self._source, self._entity, shape, ids, loaded)

    # -- records ---------------------------------------------------------------------------------------------

    def _record_operand(self, expression: Expression) -> Operand:
        return record_operand(expression, self._scope)

    def _test(self, extra: Test | None = None) -> Test | None:
        where = self._query.where
        test = Filters(self._record_operand, self._semi_join, self._now).test(where) if where else None
        scoped = _mine(self._query, self._entity, self._source.user_id)
        tests = [each for each in (extra, test, scoped, self._only) if each is not None]
        if len(tests) < 2:
            return tests[0] if tests else None
        predicates = [each.matches for each in tests]
        return Test(
            lambda row: all(matches(row) for matches in predicates),
            together([each.narrowing for each in tests]),
        )

    def _matching(self, extra: Test | None = None) -> Iterator[Row]:
        test = self._test(extra)
        narrowing = test.narrowing if test else None
        rows = self._source.scan(self._entity, narrowing, include_deleted=self._include_deleted)
        return rows if test is None else filter(test.matches, rows)

    def _selected(self) -> tuple[list[str], dict[str, Row]]:
        """The ids of the wanted records in their order, and the first of the records themselves."""
        order = Order(self._query.order, self._record_operand)
        loaded: dict[str, Row] = {}
        if not order:
            return [_kept(row, loaded) for row in self._sliced(self._matching())], loaded
        keyed = [(order.key(row), _kept(row, loaded)) for row in self._matching()]
        return list(self._sliced(iter(order.sort(keyed)))), loaded

    def _sliced(self, things: Iterator[_T]) -> Iterator[_T]:
        start = self._query.offset or 0
        limit = self._query.limit
        return islice(things, start, None if limit is None else start + limit)

    # -- functions over groups -------------------------------------------------------------------------------

    def _counted(self) -> QueryResult:
        query = self._query
        if query.order:
            raise malformed("COUNT() and ORDER BY may not be used together.")  # apex-async-processor issue 2
        if query.where is None and query.limit is None and query.scope is None:
            count = self._source.count(self._entity, include_deleted=self._include_deleted)
        else:
            count = sum(1 for _ in self._sliced(self._matching()))
        return AggregateResult(self._entity, [], count)

    def _aggregated(self, columns: Sequence[SelectItem]) -> QueryResult:
        query = self._query
        if len(columns) < len(query.select):
            raise malformed("Subqueries and TYPEOF are not allowed in aggregate queries", query.at)
        if query.grouping is None and query.limit is not None:
            raise malformed("Non-grouped query that uses overall aggregate functions cannot also use LIMIT")
        groups = Groups(self._scope, query.grouping)
        named = _named(columns, groups)
        order = Order(query.order, groups.ordered)
        having = self._having(query.having, groups)
        gathered = groups.gather(self._matching())
        kept = [(order.key(group), group) for group in gathered if having is None or having(group)]
        wanted = self._sliced(iter(order.sort(kept)))
        records = [_group_record(group, named) for group in wanted]
        return AggregateResult(self._entity, records, len(records))

    def _having(self, condition: Condition | None, groups: Groups) -> Callable[[Group], bool] | None:
        if condition is None:
            return None
        filters = Filters(groups.operand, self._semi_join, self._now)
        matches: Callable[[Group], bool] = filters.test(condition).matches  # type: ignore[assignment]
        return matches

    # -- subqueries ------------------------------------------------------------------------------------------

    def _semi_join(self, condition: SemiJoin, left: Operand) -> set[str]:
        query = condition.query
        inner = _Select(self._source, query, include_deleted=self._include_deleted)
        if inner._entity.name == self._entity.name:
            raise malformed("The inner and outer selects should not be on the same object type", query.at)
        column = query.select[0]
        if len(query.select) > 1 or not isinstance(column, SelectItem) or isinstance(column.expression, Call):
            raise malformed("A semi join sub-select takes one field", query.at)
        operand = inner._record_operand(column.expression)
        targets, given = _targets(left, self._entity), _targets(operand, inner._entity)
        if operand.family is not Family.ID or targets.isdisjoint(given):
            raise malformed(
                f"The selected field '{operand.text}' in the subquery and the left operand field in the "
                f"where expression in the outer query '{left.text}' should point to the same object type",
                left.at,
            )
        values = {operand.read(row) for row in inner._sliced(inner._matching())}
        return {value for value in values if value is not None}

    def _child(self, query: Query) -> tuple[str, Callable[[Sequence[str], str], Mapping[str, Record]]]:
        path = query.sources[0].path
        child = self._entity.children.get(path.parts[-1].lower())
        entity = self._source.entity(child.object) if child else None
        if child is None or entity is None:
            raise no_such_relationship(path.parts[-1], "FROM part of query call", path.at)
        link = entity.field(child.field)
        if link is None:
            raise no_such_relationship(path.parts[-1], "FROM part of query call", path.at)
        select = _Select(self._source, query, include_deleted=self._include_deleted, entity=entity)
        return child.name, select.children_of(link)

    def children_of(self, link: EntityField) -> Callable[[Sequence[str], str], Mapping[str, Record]]:
        """A function that gives the children of many parents at once, by the parent's id."""
        shape = Shaper(self._scope, self._child).shape(self._query)
        order = Order(self._query.order, self._record_operand)

        def fetch(parents: Sequence[str], base: str) -> Mapping[str, Record]:
            by_parent: dict[str, list[tuple[tuple[object, ...], Row]]] = {}
            for start in range(0, len(parents), _IDS_PER_SCAN):
                for row in self._matching(_pointing(link, parents[start : start + _IDS_PER_SCAN])):
                    by_parent.setdefault(link.read(row), []).append((order.key(row), row))
            sliced = {
                parent: list(self._sliced(iter(order.sort(keyed)))) for parent, keyed in by_parent.items()
            }
            return {
                parent: {"totalSize": len(rows), "done": True, "records": shape.render(rows, base)}
                for parent, rows in sliced.items()
                if rows
            }

        return fetch


def _kept(row: Row, loaded: dict[str, Row]) -> str:
    if len(loaded) < RecordResult.LOADED_LIMIT:
        loaded[row.id] = row
    return row.id


def _is_plain_count(query: Query) -> bool:
    if len(query.select) != 1 or query.grouping is not None or not isinstance(query.select[0], SelectItem):
        return False
    column = query.select[0]
    return column.alias is None and key_of(column.expression) == "count()"


def _named(columns: Sequence[SelectItem], groups: Groups) -> list[tuple[str, Operand]]:
    """What an aggregate record shows: `expr0`, `expr1`… for functions without an alias."""
    named: list[tuple[str, Operand]] = []
    unnamed = 0
    for column in columns:
        operand = groups.operand(column.expression)
        name = column.alias
        if name is None and isinstance(column.expression, FieldPath):
            name = operand.field.name if operand.field else column.expression.parts[-1]
        if name is None:
            name = f"expr{unnamed}"
            unnamed += 1
        if any(name == other for other, _ in named):
            raise malformed(f"duplicate alias: {name}", column.expression.at)
        named.append((name, operand))
    return named


def _group_record(group: Group, named: Sequence[tuple[str, Operand]]) -> Record:
    record: Record = {"attributes": {"type": "AggregateResult"}}
    record.update((name, operand.read(group)) for name, operand in named)
    return record


def _pointing(link: EntityField, parents: Sequence[str]) -> Test:
    wanted = frozenset(parents)
    return Test(lambda row: link.read(row) in wanted, equal_ids(link, parents))


def _mine(query: Query, entity: Entity, user_id: str) -> Test | None:
    """What USING SCOPE adds: the user's own records; other scopes show everything, as to an administrator."""
    owner = entity.field("OwnerId")
    if query.scope != "MINE" or owner is None:
        return None
    return _pointing(owner, [user_id])


def _targets(operand: Operand, entity: Entity) -> frozenset[str]:
    """The objects that an id or reference may name."""
    field = operand.field
    if field is None or field.type != "id":
        return frozenset(field.references if field else ())
    return frozenset((entity.name,))
