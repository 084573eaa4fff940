"""The grammar of SELECT: text in, syntax tree out.

Written by hand, because Salesforce's errors name the token, row and column at which its own parser stops.
"""

from __future__ import annotations

from mock_crm.salesforce.soql.conditions import ConditionParser
from mock_crm.salesforce.soql.errors import SoqlError, malformed
from mock_crm.salesforce.soql.nodes import (
    Expression,
    FieldPath,
    Grouping,
    Ordering,
    Query,
    SelectItem,
    Source,
    TypeOf,
    TypeOfCase,
)
from mock_crm.salesforce.soql.reader import Reader
from mock_crm.salesforce.soql.tokens import tokenize

LENGTH_LIMIT = 100_000
"""Characters that a SOQL statement may have (evidence/salesforce.md#limits)."""

_SCOPES = frozenset({
    "DELEGATED", "EVERYTHING", "MINE", "MINE_AND_MY_GROUPS", "MY_TERRITORY", "MY_TEAM_TERRITORY", "TEAM",
})  # fmt: skip
_CLAUSES = frozenset({
    "WHERE", "WITH", "GROUP", "HAVING", "ORDER", "LIMIT", "OFFSET", "FOR", "ALL", "UPDATE", "USING",
})  # fmt: skip
_SECURITY = ("SECURITY_ENFORCED", "USER_MODE", "SYSTEM_MODE")


def parse(text: str) -> Query:
    """The syntax tree of `text`.

    Raises:
        SoqlError: MALFORMED_QUERY, its message pointing at the place.
    """
    if len(text) > LENGTH_LIMIT:
        raise malformed(f"SOQL statements can not be longer than {LENGTH_LIMIT} characters")
    try:
        return StatementParser(Reader(tokenize(text))).statement()
    except SoqlError as error:
        raise error.located(text) from None


class StatementParser:
    def __init__(self, reader: Reader) -> None:
        self._reader = reader
        self._conditions = ConditionParser(reader, self._query)

    def returned(self) -> Query:
        """What RETURNING of a SOSL search says of one object: `Account(Id, Name WHERE … LIMIT 5)`.

        Raises:
            SoqlError: Something else stands here.
        """
        reader = self._reader
        source = Source(FieldPath((reader.name().text,), reader.token.at))
        if not reader.takes("("):
            return Query((SelectItem(FieldPath(("Id",))),), (source,))
        select = self._select()
        where = self._conditions.condition() if reader.takes("WHERE") else None
        order = self._order()
        limit, offset = self._bounds()
        reader.expect(")")
        return Query(select, (source,), where=where, order=order, limit=limit, offset=offset)

    def statement(self) -> Query:
        """A whole SELECT, with nothing after it.

        Raises:
            SoqlError: It is not one.
        """
        if not self._reader.sees("SELECT"):
            raise self._reader.surplus()
        query = self._query()
        if self._reader.token.kind != "end":
            raise self._reader.surplus()
        return query

    def _query(self) -> Query:
        reader = self._reader
        reader.deeper()
        at = reader.token.at
        reader.expect("SELECT")
        select = self._select()
        reader.expect("FROM")
        sources = self._sources()
        scope = self._scope()
        where = self._conditions.condition() if reader.takes("WHERE") else None
        security = self._security()
        grouping = self._grouping()
        having = self._conditions.condition() if reader.takes("HAVING") else None
        order = self._order()
        limit, offset = self._bounds()
        purposes = self._purposes()
        all_rows = reader.takes("ALL", "ROWS")
        reader.shallower()
        return Query(
            select,
            sources,
            scope,
            where,
            security,
            grouping,
            having,
            order,
            limit,
            offset,
            purposes,
            all_rows,
            at,
        )

    # -- SELECT ----------------------------------------------------------------------------------------------

    def _select(self) -> tuple[SelectItem | TypeOf | Query, ...]:
        items = [self._item()]
        while self._reader.takes(","):
            items.append(self._item())
        return tuple(items)

    def _item(self) -> SelectItem | TypeOf | Query:
        reader = self._reader
        if reader.takes("("):
            query = self._query()
            reader.expect(")")
            return query
        if reader.sees("TYPEOF"):
            return self._typeof()
        expression = reader.expression()
        return SelectItem(expression, reader.take().text if reader.is_name() else None)

    def _typeof(self) -> TypeOf:
        reader = self._reader
        reader.expect("TYPEOF")
        relationship = reader.path()
        cases: list[TypeOfCase] = []
        while reader.takes("WHEN"):
            entity = reader.name()
            reader.expect("THEN")
            cases.append(TypeOfCase(entity.text, self._paths(), entity.at))
        if not cases:
            raise reader.unexpected()
        otherwise = self._paths() if reader.takes("ELSE") else ()
        reader.expect("END")
        return TypeOf(relationship, tuple(cases), otherwise)

    def _paths(self) -> tuple[FieldPath, ...]:
        paths = [self._plain_field()]
        while self._reader.takes(","):
            paths.append(self._plain_field())
        return tuple(paths)

    def _plain_field(self) -> FieldPath:
        expression = self._reader.expression()
        if isinstance(expression, FieldPath):
            return expression
        raise malformed("TYPEOF does not take functions", expression.at)

    # -- FROM ------------------------------------------------------------------------------------------------

    def _sources(self) -> tuple[Source, ...]:
        sources = [self._source()]
        while self._reader.takes(","):
            sources.append(self._source())
        return tuple(sources)

    def _source(self) -> Source:
        reader = self._reader
        first = reader.token
        if first.kind != "name" or first.keyword in ("SELECT", "FROM", "WHERE"):
            raise reader.unexpected()
        reader.take()
        parts = [first.text]
        while reader.takes("."):
            parts.append(reader.name().text)
        reader.takes("AS")
        alias = reader.take().text if reader.is_name() and reader.token.keyword not in _CLAUSES else None
        return Source(FieldPath(tuple(parts), first.at), alias)

    def _scope(self) -> str | None:
        reader = self._reader
        if not reader.takes("USING"):
            return None
        reader.expect("SCOPE")
        if reader.token.keyword not in _SCOPES:
            raise reader.unexpected()
        return reader.take().keyword

    def _security(self) -> str | None:
        reader = self._reader
        if not reader.takes("WITH"):
            return None
        if reader.token.keyword not in _SECURITY:
            raise reader.unexpected()
        return reader.take().keyword

    # -- the clauses after WHERE -----------------------------------------------------------------------------

    def _grouping(self) -> Grouping | None:
        reader = self._reader
        if not reader.takes("GROUP"):
            return None
        reader.expect("BY")
        if reader.token.keyword in ("ROLLUP", "CUBE") and reader.after().keyword == "(":
            mode = reader.take().keyword
            reader.expect("(")
            expressions = self._expressions()
            reader.expect(")")
            return Grouping(mode, expressions)
        return Grouping("", self._expressions())

    def _expressions(self) -> tuple[Expression, ...]:
        expressions = [self._reader.expression()]
        while self._reader.takes(","):
            expressions.append(self._reader.expression())
        return tuple(expressions)

    def _order(self) -> tuple[Ordering, ...]:
        if not self._reader.takes("ORDER"):
            return ()
        self._reader.expect("BY")
        items = [self._ordering()]
        while self._reader.takes(","):
            items.append(self._ordering())
        return tuple(items)

    def _ordering(self) -> Ordering:
        reader = self._reader
        expression = reader.expression()
        descending = reader.takes("DESC")
        if not descending:
            reader.takes("ASC")
        nulls_last = False
        if reader.takes("NULLS"):
            nulls_last = reader.takes("LAST")
            if not nulls_last:
                reader.expect("FIRST")
        return Ordering(expression, descending, nulls_last)

    def _bounds(self) -> tuple[int | None, int | None]:
        reader = self._reader
        limit = reader.count() if reader.takes("LIMIT") else None
        return limit, reader.count() if reader.takes("OFFSET") else None

    def _purposes(self) -> tuple[str, ...]:
        reader = self._reader
        purposes: list[str] = []
        while reader.takes("FOR"):
            purposes.append(self._purpose())
            while reader.takes(","):
                purposes.append(self._purpose())
        while reader.takes("UPDATE"):
            purposes.append(self._usage())
            while reader.takes(","):
                purposes.append(self._usage())
        return tuple(purposes)

    def _purpose(self) -> str:
        if self._reader.token.keyword not in ("VIEW", "REFERENCE", "UPDATE"):
            raise self._reader.unexpected()
        return self._reader.take().keyword

    def _usage(self) -> str:
        if self._reader.token.keyword not in ("TRACKING", "VIEWSTAT"):
            raise self._reader.unexpected()
        return self._reader.take().keyword
