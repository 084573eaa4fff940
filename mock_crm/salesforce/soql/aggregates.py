"""GROUP BY: records gathered into groups, and the functions over each of them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any, TypeAlias

from mock_crm.core.store import Row
from mock_crm.salesforce.soql.catalog import EntityField, Family, Reader
from mock_crm.salesforce.soql.errors import cannot, malformed
from mock_crm.salesforce.soql.filters import fold
from mock_crm.salesforce.soql.nodes import Call, Expression, FieldPath, Grouping, Literal
from mock_crm.salesforce.soql.operand import AGGREGATES, Operand, formatted, record_operand
from mock_crm.salesforce.soql.scope import Scope

Group: TypeAlias = dict[str, Any]
"""The values of one group by the `key_of` the expression that each belongs to."""

_NUMERIC_ONLY = frozenset(("SUM", "AVG"))
_INTEGERS = frozenset(("int", "long"))


def key_of(expression: Expression | Literal) -> str:
    """The expression's text without what makes no difference, so that equal ones have equal keys."""
    if isinstance(expression, Literal):
        return expression.text
    if isinstance(expression, FieldPath):
        return expression.text.lower()
    return f"{expression.name.lower()}({','.join(key_of(argument) for argument in expression.arguments)})"


def is_aggregate(expression: Expression) -> bool:
    """Whether the expression is a function over a group, or shows one."""
    if isinstance(expression, FieldPath):
        return False
    if expression.function in AGGREGATES:
        return True
    return any(is_aggregate(part) for part in expression.arguments if not isinstance(part, Literal))


class Groups:
    """The groups of one SELECT.

    Args:
        scope: The names that the query can use.
        grouping: Its GROUP BY; without one, all records are one group.
    """

    def __init__(self, scope: Scope, grouping: Grouping | None) -> None:
        self._scope = scope
        self._mode = grouping.mode if grouping else ""
        expressions = grouping.expressions if grouping else ()
        self._keys = [_grouped(expression, scope) for expression in expressions]
        self._names = [key_of(expression) for expression in expressions]
        self._functions: dict[str, AggregateFunction] = {}

    def ordered(self, expression: Expression) -> Operand:
        """The same as `operand` for ORDER BY, which refuses in words of its own (apex-rollup issue 186)."""
        return self.operand(expression, "Ordered field")

    def operand(self, expression: Expression, subject: str = "Field") -> Operand:
        """What an expression means for one group, asking for the function to be computed.

        Raises:
            SoqlError: It is neither grouped nor aggregated, or the function does not suit its field.
        """
        key = key_of(expression)
        if key in self._names:
            inner = self._keys[self._names.index(key)]
            return Operand(lambda group: group[key], inner.family, inner.text, inner.at, inner.field)
        if isinstance(expression, Call) and expression.function == "GROUPING":
            return Operand(self._is_subtotal(expression), Family.NUMBER, expression.name, expression.at)
        if isinstance(expression, Call) and expression.function in AGGREGATES:
            for argument in expression.arguments:
                if isinstance(argument, FieldPath) and key_of(argument) in self._names:
                    raise malformed(f"Grouped field should not be aggregated: {argument.text}", argument.at)
            function = self._functions.setdefault(key, AggregateFunction.of(expression, self._scope))
            return Operand(
                lambda group: group[key], function.family, expression.name, expression.at, function.field
            )
        if isinstance(expression, Call) and is_aggregate(expression):
            inner = self.operand(_shown(expression))
            return formatted(inner) if expression.function == "FORMAT" else inner
        record_operand(expression, self._scope)
        text = expression.text if isinstance(expression, FieldPath) else expression.name
        raise malformed(f"{subject} must be grouped or aggregated: {text}", expression.at)

    def _is_subtotal(self, call: Call) -> Reader:
        names = [key_of(argument) for argument in call.arguments]
        if len(names) != 1 or names[0] not in self._names:
            raise malformed("GROUPING takes one field of GROUP BY", call.at)
        return lambda group: int(names[0] in group["*"])

    def gather(self, rows: Iterable[Row]) -> Iterator[Group]:
        """The groups of the records; asked functions are computed over each."""
        gathered: dict[tuple[Any, ...], tuple[tuple[Any, ...], list[Accumulator]]] = {}
        sets = list(_grouping_sets(self._mode, len(self._keys)))
        readers = [operand.read for operand in self._keys]
        folds = [fold(operand.family) for operand in self._keys]
        functions = list(self._functions.values())
        for row in rows:
            values = tuple(read(row) for read in readers)
            folded = [v if v is None or f is None else f(v) for v, f in zip(values, folds, strict=True)]
            for kept in sets:
                key = (kept, *(folded[place] for place in kept))
                if key not in gathered:
                    gathered[key] = (values, [function.start() for function in functions])
                for accumulator in gathered[key][1]:
                    accumulator.add(row)
        if not gathered and not self._keys:
            gathered[((),)] = ((), [function.start() for function in functions])
        keys = (
            sorted(gathered, key=lambda key: _subtotals_last(key, len(readers))) if self._mode else gathered
        )
        for key in keys:
            values, accumulators = gathered[key]
            yield self._group(key[0], values, accumulators)

    def _group(
        self, kept: tuple[int, ...], values: tuple[Any, ...], accumulators: Sequence[Accumulator]
    ) -> Group:
        group: Group = {
            name: values[place] if place in kept else None for place, name in enumerate(self._names)
        }
        group["*"] = {name for place, name in enumerate(self._names) if place not in kept}
        for name, accumulator in zip(self._functions, accumulators, strict=True):
            group[name] = accumulator.result()
        return group


def _grouped(expression: Expression, scope: Scope) -> Operand:
    if is_aggregate(expression):
        raise malformed(f"Grouped field should not be aggregated: {key_of(expression)}", expression.at)
    operand = record_operand(expression, scope)
    field = operand.field
    if operand.family in (Family.COMPOUND, Family.BINARY) or (field is not None and not field.is_groupable):
        raise cannot(operand.text, "grouped", operand.at)
    return operand


def _shown(call: Call) -> Expression:
    inner = call.arguments[0]
    if isinstance(inner, Literal):
        raise malformed(f"{call.name} takes one field", call.at)
    return inner


def _subtotals_last(key: tuple[Any, ...], count: int) -> list[tuple[bool, str]]:
    """Sorts each subtotal behind the groups that it sums up; `count` is the number of grouped fields."""
    kept, *values = key
    by_place = dict(zip(kept, values, strict=True))
    return [(place not in by_place, str(by_place.get(place, ""))) for place in range(count)]


def _grouping_sets(mode: str, count: int) -> Iterator[tuple[int, ...]]:
    places = tuple(range(count))
    if mode == "":
        yield places
        return
    for length in range(count, -1, -1):
        if mode == "ROLLUP":
            yield places[:length]
        else:
            yield from combinations(places, length)


_NOT_COUNTED = frozenset({"feeditem.id"})
"""What no function aggregates [P] (SFDX-Data-Move-Utility issue 46)."""


@dataclass(frozen=True, slots=True)
class AggregateFunction:
    """One aggregate function with what it is computed from."""

    name: str
    read: Reader
    family: Family
    is_whole: bool
    field: EntityField | None
    fold: Callable[[Any], Any] | None

    @staticmethod
    def of(call: Call, scope: Scope) -> AggregateFunction:
        """The function that a call names.

        Raises:
            SoqlError: It does not suit the field.
        """
        name = call.function
        if name == "COUNT" and not call.arguments:
            return AggregateFunction(name, lambda row: True, Family.NUMBER, True, None, None)
        if len(call.arguments) != 1 or isinstance(call.arguments[0], Literal):
            raise malformed(f"{call.name} takes one field", call.at)
        operand = record_operand(call.arguments[0], scope)
        own_name = f"{scope.entity.name}.{operand.text}".lower()
        if own_name in _NOT_COUNTED or not _suits(name, operand.family):
            raise malformed(f"field {operand.text} does not support aggregate operator {name}", operand.at)
        shows_value = name in ("MIN", "MAX")
        is_whole = name.startswith("COUNT") or (operand.field is not None and operand.field.type in _INTEGERS)
        return AggregateFunction(
            name,
            operand.read,
            operand.family if shows_value else Family.NUMBER,
            is_whole,
            None if name.startswith("COUNT") else operand.field,
            fold(operand.family),
        )

    def start(self) -> Accumulator:
        """A computation over one group."""
        return Accumulator(self)


def _suits(name: str, family: Family) -> bool:
    if name in _NUMERIC_ONLY:
        return family is Family.NUMBER
    if name in ("MIN", "MAX"):
        return family not in (Family.BOOLEAN, Family.COMPOUND, Family.BINARY, Family.MULTI)
    return family not in (Family.COMPOUND, Family.BINARY)


class Accumulator:
    """An aggregate function over the records of one group; nulls do not count."""

    __slots__ = ("_best", "_count", "_distinct", "_function", "_total")

    def __init__(self, function: AggregateFunction) -> None:
        self._function = function
        self._count = 0
        self._total: float = 0
        self._distinct: set[Any] = set()
        self._best: Any = None

    def add(self, row: Row) -> None:
        function = self._function
        value = function.read(row)
        if value is None:
            return
        self._count += 1
        if function.name in _NUMERIC_ONLY:
            self._total += value
        elif function.name == "COUNT_DISTINCT":
            self._distinct.add(value if function.fold is None else function.fold(value))
        elif function.name in ("MIN", "MAX"):
            self._keep_best(value)

    def _keep_best(self, value: Any) -> None:
        folded = self._function.fold or (lambda unfolded: unfolded)
        if self._best is None or (folded(value) < folded(self._best)) == (self._function.name == "MIN"):
            self._best = value

    def result(self) -> Any:
        """The function's value; null when there was nothing to compute it from."""
        name = self._function.name
        if name == "COUNT":
            return self._count
        if name == "COUNT_DISTINCT":
            return len(self._distinct)
        if name in ("MIN", "MAX"):
            return self._best
        if not self._count:
            return None
        if name == "AVG":
            return self._total / self._count
        return int(self._total) if self._function.is_whole else float(self._total)
