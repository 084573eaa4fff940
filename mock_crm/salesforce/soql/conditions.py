"""The grammar of WHERE and HAVING."""

from __future__ import annotations

from collections.abc import Callable

from mock_crm.salesforce.soql.errors import bind_variable
from mock_crm.salesforce.soql.nodes import (
    Both,
    Comparison,
    Condition,
    Either,
    Expression,
    Literal,
    Membership,
    Negation,
    Query,
    SemiJoin,
)
from mock_crm.salesforce.soql.reader import Reader

_OPERATORS = {"=": "=", "!=": "!=", "<>": "!=", "<": "<", "<=": "<=", ">": ">", ">=": ">=", "LIKE": "LIKE"}


class ConditionParser:
    """Reads conditions from `reader`; `subquery` reads a SELECT in parentheses' place."""

    def __init__(self, reader: Reader, subquery: Callable[[], Query]) -> None:
        self._reader = reader
        self._subquery = subquery

    def condition(self) -> Condition:
        """Conditions joined by AND or by OR, or one with NOT; two of these at one level need parentheses [P].

        Raises:
            SoqlError: No condition stands here.
        """
        if self._reader.takes("NOT"):
            return Negation(self._operand())
        first = self._operand()
        if self._reader.sees("AND"):
            return Both(self._joined("AND", first))
        if self._reader.sees("OR"):
            return Either(self._joined("OR", first))
        return first

    def _joined(self, word: str, first: Condition) -> tuple[Condition, ...]:
        conditions = [first]
        while self._reader.takes(word):
            conditions.append(self._operand())
        return tuple(conditions)

    def _operand(self) -> Condition:
        reader = self._reader
        if reader.sees("NOT"):
            raise reader.unexpected()
        if reader.sees("("):
            reader.deeper()
            reader.take()
            condition = self.condition()
            if reader.token.kind not in ("symbol", "end"):
                raise reader.unexpected()
            reader.expect(")")
            reader.shallower()
            return condition
        return self._comparison(reader.expression())

    def _comparison(self, left: Expression) -> Condition:
        reader = self._reader
        operator = _OPERATORS.get(reader.token.keyword)
        if operator is not None:
            reader.take()
            return Comparison(left, operator, reader.literal())
        for word in ("INCLUDES", "EXCLUDES"):
            if reader.takes(word):
                return Membership(left, word, self._values())
        if reader.takes("NOT", "IN"):
            return self._membership(left, negated=True)
        if reader.takes("IN"):
            return self._membership(left, negated=False)
        raise reader.unexpected()

    def _membership(self, left: Expression, *, negated: bool) -> Condition:
        reader = self._reader
        if reader.sees("(", "SELECT"):
            reader.expect("(")
            query = self._subquery()
            reader.expect(")")
            return SemiJoin(left, negated, query)
        return Membership(left, "NOT IN" if negated else "IN", self._values())

    def _values(self) -> tuple[Literal, ...]:
        reader = self._reader
        if reader.sees(":"):
            reader.literal()
        if reader.is_name():
            raise bind_variable(reader.token.at)  # jsforce issue 551
        reader.expect("(")
        values = [reader.literal()]
        while reader.takes(","):
            values.append(reader.literal())
        reader.expect(")")
        return tuple(values)
