"""WHERE and HAVING as functions of a record, and as an SQL condition that spares reading most of them.

Comparisons follow Salesforce: text without regard to case; a null differs from every value, is in no LIKE,
and neither less nor greater than anything.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeAlias

from mock_crm.core.store import Row
from mock_crm.salesforce.soql import narrowing
from mock_crm.salesforce.soql.catalog import Family, Narrowing
from mock_crm.salesforce.soql.errors import cannot, malformed, semi_join_not_at_top, wrong_operator
from mock_crm.salesforce.soql.nodes import (
    Both,
    Comparison,
    Condition,
    Either,
    Literal,
    Membership,
    Negation,
    SemiJoin,
)
from mock_crm.salesforce.soql.operand import Operand, Operands
from mock_crm.salesforce.soql.tokens import like_pattern
from mock_crm.salesforce.soql.values import DateRange, Scalar, constant

Predicate: TypeAlias = Callable[[Row], bool]
Fold: TypeAlias = Callable[[Any], Any]

_ORDERINGS: dict[str, Callable[[Any, Any], bool]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
# Salesforce takes no more in one query.
_MAX_SEMI_JOINS = 2
_UNFILTERED = (Family.COMPOUND, Family.BINARY)


@dataclass(frozen=True, slots=True)
class Test:
    """A condition: whether a record satisfies it, and what is known of those that do."""

    matches: Predicate
    narrowing: Narrowing | None = None


class Filters:
    """Turns conditions into tests.

    Args:
        operands: What a field or function in the condition means.
        semi_join: The ids that a subquery of IN selects.
        now: The moment that date literals count from.
    """

    def __init__(
        self, operands: Operands, semi_join: Callable[[SemiJoin, Operand], set[str]], now: datetime
    ) -> None:
        self._operands = operands
        self._semi_join = semi_join
        self._now = now

    def test(self, condition: Condition) -> Test:
        """The test that a condition stands for.

        Raises:
            SoqlError: A name, an operator or a literal does not fit.
        """
        _check_semi_joins(condition)
        return self._test(condition)

    def _test(self, condition: Condition) -> Test:
        match condition:
            case Both(conditions):
                return _all([self._test(part) for part in conditions])
            case Either(conditions):
                return _any([self._test(part) for part in conditions])
            case Negation(inner):
                matches = self._test(inner).matches
                return Test(lambda row: not matches(row))
            case Comparison():
                return self._comparison(condition)
            case Membership():
                return self._membership(condition)
            case SemiJoin():
                return self._joined(condition)

    def _operand(self, condition: Comparison | Membership | SemiJoin) -> Operand:
        operand = self._operands(condition.left)
        field = operand.field
        if operand.family in _UNFILTERED or (field is not None and not field.is_filterable):
            raise cannot(operand.text, "filtered", operand.at)
        return operand

    # -- one value -------------------------------------------------------------------------------------------

    def _comparison(self, condition: Comparison) -> Test:
        operand = self._operand(condition)
        if condition.operator == "LIKE":
            return self._like(operand, condition.value)
        value = constant(condition.value, operand, self._now)
        if condition.operator in _ORDERINGS:
            return _ordered(operand, condition.operator, value)
        equal = _equality(operand, value)
        if condition.operator == "=":
            return Test(equal, narrowing.equal(operand, [value]))
        return Test(lambda row: not equal(row))

    def _like(self, operand: Operand, literal: Literal) -> Test:
        if operand.family is not Family.TEXT:
            raise wrong_operator(operand.family.value, operand.at)
        if constant(literal, operand, self._now) is None:
            return Test(lambda row: operand.read(row) is None)
        matches = like_pattern(literal.text).fullmatch
        read = operand.read

        def like(row: Row) -> bool:
            value = read(row)
            return value is not None and matches(value) is not None

        return Test(like)

    # -- several values --------------------------------------------------------------------------------------

    def _membership(self, condition: Membership) -> Test:
        operand = self._operand(condition)
        values = [constant(literal, operand, self._now) for literal in condition.values]
        if condition.operator in ("INCLUDES", "EXCLUDES"):
            return _multiple(operand, condition.operator, values)
        if any(isinstance(value, DateRange) for value in values):
            within = _any([Test(_equality(operand, value)) for value in values])
        else:
            within = Test(_one_of(operand, set(values)), narrowing.equal(operand, values))
        if condition.operator == "IN":
            return within
        return Test(lambda row: not within.matches(row))

    def _joined(self, condition: SemiJoin) -> Test:
        operand = self._operand(condition)
        if operand.family is not Family.ID:
            raise wrong_operator(operand.family.value, operand.at)
        ids = self._semi_join(condition, operand)
        read = operand.read
        if condition.negated:
            return Test(lambda row: read(row) not in ids)
        return Test(lambda row: read(row) in ids, narrowing.equal(operand, sorted(ids)))


def _check_semi_joins(condition: Condition) -> None:
    """Make sure that subqueries of IN stand where Salesforce takes them: at the top, and two at most [D]."""
    top = condition.conditions if isinstance(condition, Both) else (condition,)
    joins = [part for part in top if isinstance(part, SemiJoin)]
    for part in top:
        below = next(_semi_joins_below(part), None)
        if below is not None:
            raise semi_join_not_at_top(below.query.at)
    if len(joins) > _MAX_SEMI_JOINS:
        raise malformed("A query may have at most two semi join sub-selects", joins[-1].query.at)
    for join in joins:
        query = join.query
        if query.order or query.limit is not None:
            raise malformed("Semi join sub-selects can not have an ORDER BY or LIMIT clause", query.at)
        if query.where is not None and next(_semi_joins_in(query.where), None) is not None:
            raise malformed("Nesting of semi join sub-selects is not supported", query.at)


def _semi_joins_below(condition: Condition) -> Iterator[SemiJoin]:
    match condition:
        case Both(conditions) | Either(conditions):
            for part in conditions:
                yield from _semi_joins_in(part)
        case Negation(inner):
            yield from _semi_joins_in(inner)


def _semi_joins_in(condition: Condition) -> Iterator[SemiJoin]:
    if isinstance(condition, SemiJoin):
        yield condition
    yield from _semi_joins_below(condition)


def _all(tests: Sequence[Test]) -> Test:
    predicates = [test.matches for test in tests]
    return Test(
        lambda row: all(matches(row) for matches in predicates),
        narrowing.together([test.narrowing for test in tests]),
    )


def _any(tests: Sequence[Test]) -> Test:
    predicates = [test.matches for test in tests]
    return Test(
        lambda row: any(matches(row) for matches in predicates),
        narrowing.either([test.narrowing for test in tests]),
    )


def fold(family: Family) -> Fold | None:
    """How values of a family are made comparable: text loses its case. None when they are as they stand."""
    return str.lower if family in (Family.TEXT, Family.MULTI) else None


def _equality(operand: Operand, value: Scalar | DateRange) -> Predicate:
    read = operand.read
    if isinstance(value, DateRange):
        start, end = value.start, value.end
        return lambda row: (found := read(row)) is not None and start <= found < end
    if value is None or value == "":
        return lambda row: read(row) is None
    if operand.family is Family.MULTI:
        wanted = _choices(str(value))
        return lambda row: (found := read(row)) is not None and _choices(found.lower()) == wanted
    if fold(operand.family) is not None:
        return lambda row: (found := read(row)) is not None and found.lower() == value
    return lambda row: bool(read(row) == value)


def _one_of(operand: Operand, values: set[Any]) -> Predicate:
    read = operand.read
    wanted = {None if value == "" else value for value in values}
    folded = fold(operand.family)
    if folded is None:
        return lambda row: read(row) in wanted
    return lambda row: (found if (found := read(row)) is None else folded(found)) in wanted


def _ordered(operand: Operand, symbol: str, value: Scalar | DateRange) -> Test:
    if operand.family in (Family.BOOLEAN, Family.MULTI):
        raise wrong_operator(operand.family.value, operand.at)
    if value is None:
        return Test(lambda row: False)
    bound, symbol = _bound(symbol, value)
    compare, read, folded = _ORDERINGS[symbol], operand.read, fold(operand.family)

    def matches(row: Row) -> bool:
        found = read(row)
        if found is None:
            return False
        return compare(found if folded is None else folded(found), bound)

    return Test(matches, narrowing.ordered(operand, symbol, bound))


def _bound(symbol: str, value: Scalar | DateRange) -> tuple[Scalar, str]:
    """The edge of a range that an ordering compares with, and with which symbol."""
    if not isinstance(value, DateRange):
        return value, symbol
    edges = {
        "<": (value.start, "<"),
        "<=": (value.end, "<"),
        ">": (value.end, ">="),
        ">=": (value.start, ">="),
    }
    return edges[symbol]


def _multiple(operand: Operand, symbol: str, values: Sequence[Scalar | DateRange]) -> Test:
    if operand.family is not Family.MULTI:
        raise wrong_operator(operand.family.value, operand.at)
    wanted = [_choices(str(value)) for value in values if value is not None]
    accepts_null = any(value is None or value == "" for value in values)
    read = operand.read

    def includes(row: Row) -> bool:
        found = read(row)
        if found is None:
            return accepts_null
        chosen = _choices(found.lower())
        return any(choices <= chosen for choices in wanted if choices)

    if symbol == "INCLUDES":
        return Test(includes)
    return Test(lambda row: not includes(row))


def _choices(text: str) -> frozenset[str]:
    return frozenset(part.strip() for part in text.split(";") if part.strip())
