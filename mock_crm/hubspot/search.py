"""Searching records: filter groups, sorts and a text query, carried out by the store.

Limits and operators as documented. A search is translated into one SQL condition, in which property names
come from the schema alone and values travel as parameters.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Any, ClassVar, Literal

import msgspec

from mock_crm.core.store import Row, field_sql
from mock_crm.hubspot import bodies, errors, query
from mock_crm.hubspot.context import HubSpotContext
from mock_crm.hubspot.model import Property
from mock_crm.hubspot.schema import TypeSchema
from mock_crm.hubspot.timestamps import day_text, iso_ms, parse_timestamp
from mock_crm.hubspot.values import Scalar, text

# HubSpot's documented limits of a search.
MOST_RESULTS = 10_000
MOST_PER_PAGE = 200
_MOST_GROUPS = 5
_MOST_FILTERS = 6
_MOST_FILTERS_IN_ALL = 18
_MOST_QUERY = 3000

_OPERATORS = (
    "EQ", "NEQ", "LT", "LTE", "GT", "GTE", "BETWEEN", "IN", "NOT_IN",
    "HAS_PROPERTY", "NOT_HAS_PROPERTY", "CONTAINS_TOKEN", "NOT_CONTAINS_TOKEN",
)  # fmt: skip
_BY_NUMBER = {str(number): name for number, name in enumerate(_OPERATORS)}
_BLANK = "".join(map(chr, range(33)))
_NAME = re.compile(r"-?\w+")
_COMPARISONS = {"LT": "<", "LTE": "<=", "GT": ">", "GTE": ">="}


class Operator(str):
    """The operator of a filter, which HubSpot reads with white space around it and by its number, too.

    Live (brekkylab/backlot, September 2026), but for which number is whose.
    """

    __slots__ = ()
    NAMES: ClassVar[tuple[str, ...]] = (
        "IN", "NOT_HAS_PROPERTY", "LT", "EQ", "GT", "NOT_IN", "GTE", "CONTAINS_TOKEN", "HAS_PROPERTY", "LTE",
        "NOT_CONTAINS_TOKEN", "BETWEEN", "NEQ",
    )  # fmt: skip
    """In the order of HubSpot's refusals."""

    @classmethod
    def from_json(cls, value: Any) -> Operator:
        """The operator that a body names.

        Raises:
            ValueError: There is none.
        """
        name = str(value).strip(_BLANK)
        name = _BY_NUMBER.get(name, name)
        if name not in cls.NAMES:
            raise ValueError(f"Invalid enum value '{value}'")
        return cls(name)


class Filter(msgspec.Struct, rename="camel"):
    BUILT_AS: ClassVar[str] = "Filter"
    JAVA: ClassVar[str] = "com.hubspot.inbounddb.publicobject.core.v3.search.Filter"

    property_name: str
    operator: Operator
    value: Scalar | None = None
    values: list[Scalar] | None = None
    high_value: Scalar | None = None

    def __post_init__(self) -> None:
        """Refuse an operator without its operands, as HubSpot does while it reads the body."""
        if self.operator in ("IN", "NOT_IN"):
            missing = "" if self.values else "values"
        elif self.operator in ("HAS_PROPERTY", "NOT_HAS_PROPERTY"):
            missing = ""
        else:
            missing = "value" if self.value is None else ""
            if self.operator == "BETWEEN" and self.high_value is None:
                missing = "highValue"
        if isinstance(self.value, str) and self.value.count('"') % 2:
            raise ValueError(f"Filter value '{self.value}' has mismatched quotation marks")
        if missing:
            article = "" if missing == "values" else "a "
            raise ValueError(f"operator {self.operator} requires {article}{missing}")


class FilterGroup(msgspec.Struct):
    """Conditions that must all hold."""

    filters: list[Filter] = []


class Sort(msgspec.Struct, rename="camel"):
    property_name: str
    direction: Literal["ASCENDING", "DESCENDING"] = "ASCENDING"


class SearchInput(msgspec.Struct, rename="camel"):
    """The body of a search; one of the groups must hold."""

    filter_groups: list[FilterGroup] | None = None
    filters: list[Filter] | None = None
    sorts: list[str | Sort] | None = None
    query: str | None = None
    properties: list[str] | None = None
    limit: int | None = None
    after: str | int | None = None


class Found(msgspec.Struct):
    """One page of a search: how many records match, the page, and the offset of the next one."""

    total: int
    rows: list[Row]
    after: int | None


def search(org: HubSpotContext, schema: TypeSchema, given: SearchInput) -> Found:
    """Carry out a search.

    Raises:
        HubSpotError: It is beyond a limit, or names a property that does not exist.
    """
    limit = 10 if given.limit is None else given.limit
    offset = query.parse_cursor(str(given.after or ""))
    _check_limits(given, limit, offset)
    condition, parameters = _condition(org, schema, given)
    rows = list(
        org.store.scan(
            schema.type.id,
            where=condition,
            parameters=parameters,
            order=_order(schema, given.sorts or []),
            limit=limit,
            offset=offset,
        )
    )
    end = total = offset + len(rows)
    if len(rows) == limit or not rows:
        # The page is not the last one for sure, or lies behind it.
        total = org.store.count(schema.type.id, where=condition, parameters=parameters)
    return Found(total, rows, end if rows and end < min(total, MOST_RESULTS) else None)


def search_rows(org: HubSpotContext, schema: TypeSchema, body: dict[str, Any]) -> list[Row]:
    """All records that match a search body, whatever its page.

    Raises:
        HubSpotError: The search is not valid.
    """
    try:
        given = msgspec.convert(body, SearchInput, dec_hook=bodies.custom)
    except msgspec.ValidationError as error:
        raise errors.invalid(str(error)) from error
    _check_limits(given, 1, 0)
    condition, parameters = _condition(org, schema, given)
    order = _order(schema, given.sorts or [])
    return list(org.store.scan(schema.type.id, where=condition, parameters=parameters, order=order))


def _check_limits(given: SearchInput, limit: int, offset: int) -> None:
    groups = given.filter_groups or []
    counts = [len(group.filters) for group in groups]
    if len(groups) > _MOST_GROUPS:
        raise errors.invalid(f"Too many filterGroups. The maximum is {_MOST_GROUPS}.")
    if any(count > _MOST_FILTERS for count in counts) or sum(counts) > _MOST_FILTERS_IN_ALL:
        raise errors.invalid(
            f"Too many filters. The maximum is {_MOST_FILTERS} per filterGroup and "
            f"{_MOST_FILTERS_IN_ALL} in all."
        )
    if not 0 <= limit <= MOST_PER_PAGE:
        raise errors.invalid(f"Invalid limit {limit}. It must be a number from 0 to {MOST_PER_PAGE}.")
    if offset + limit > MOST_RESULTS:
        raise errors.invalid(
            f"The search API returns at most {MOST_RESULTS} results. Please narrow the search."
        )
    if given.query is not None and len(given.query) > _MOST_QUERY:
        raise errors.invalid(f"The query is longer than {_MOST_QUERY} characters.")


def _condition(org: HubSpotContext, schema: TypeSchema, given: SearchInput) -> tuple[str, list[Any]]:
    """What a search asks for, of the records as its index knows them.

    While the index lags behind, a changed record is found by what it was, and shown as it is (recorded).
    """
    condition, parameters = _Translation(org, schema).of(given)
    if not org.settings.search_lag_s:
        return condition, parameters
    indexed_ms = org.now_ms() - int(org.settings.search_lag_s * 1000)
    found = []
    org.store.index_changes(schema.type.id)
    for row in list(org.store.scan(schema.type.id, where="modified > ?", parameters=(indexed_ms,))):
        versions = org.store.history(schema.type.id, row.id)
        known = [version for version in versions if version.modified <= indexed_ms]
        if known and not known[-1].archived:
            as_then = row._replace(document=known[-1].document)
            if not condition or org.store.satisfies(as_then, condition, parameters):
                found.append(str(row.seq))
    kept = f"modified <= {indexed_ms}" + (f" AND ({condition})" if condition else "")
    return f"({kept}) OR seq IN ({', '.join(found)})", parameters


class _Translation:
    """Turns one search into a condition and its parameters."""

    def __init__(self, org: HubSpotContext, schema: TypeSchema) -> None:
        self._org = org
        self._schema = schema
        self._parameters: list[Any] = []

    def of(self, given: SearchInput) -> tuple[str, list[Any]]:
        groups = [group.filters for group in given.filter_groups or [] if group.filters]
        if given.filters:
            groups.append(given.filters)
        parts = []
        if groups:
            joined = [" AND ".join(self._one(item) for item in filters) for filters in groups]
            parts.append("(" + " OR ".join(f"({conditions})" for conditions in joined) + ")")
        if given.query and given.query.strip():
            parts.append(self._words(given.query))
        return " AND ".join(parts), self._parameters

    def _bind(self, value: Any) -> str:
        self._parameters.append(value)
        return "?"

    def _words(self, query: str) -> str:
        columns = [f"coalesce({field_sql(name)}, '')" for name in self._schema.type.searchable]
        joined = " || ' ' || ".join(columns) or "''"
        return f"has_words({joined}, {self._bind(query)})"

    def _one(self, item: Filter) -> str:
        name, operator = item.property_name, item.operator
        if name.startswith("associations."):
            return self._linked(item, name.removeprefix("associations."))
        prop = self._schema.properties.get(name)
        if prop is None:
            raise errors.search_not_understood()
        if operator == "HAS_PROPERTY":
            return f"{_set_sql(name)} IS NOT NULL"
        if operator == "NOT_HAS_PROPERTY":
            return f"{_set_sql(name)} IS NULL"
        if operator in ("IN", "NOT_IN"):
            return self._any_of(prop, item)
        if operator == "BETWEEN":
            column, read = _comparable(prop)
            low, high = self._value(item, read), self._bind(read(text(item.high_value or "")))
            return f"{column} BETWEEN {low} AND {high}"
        if operator in ("CONTAINS_TOKEN", "NOT_CONTAINS_TOKEN"):
            found = f"has_token({field_sql(name)}, {self._value(item, str)})"
            return found if operator == "CONTAINS_TOKEN" else f"NOT {found}"
        if operator in ("EQ", "NEQ"):
            equal = self._equal(prop, item)
            return equal if operator == "EQ" else f"({_set_sql(name)} IS NULL OR NOT {equal})"
        column, read = _comparable(prop)
        return f"{column} {_COMPARISONS[operator]} {self._value(item, read)}"

    def _equal(self, prop: Property, item: Filter) -> str:
        if prop.type in ("number", "datetime", "date") and prop.name != "hs_object_id":
            column, read = _comparable(prop)
            return f"{column} = {self._value(item, read)}"
        return self._same_text(prop, self._value(item, str))

    def _same_text(self, prop: Property, mark: str) -> str:
        """A text is compared in any case, a value of an enumeration in its own (documented)."""
        if prop.name == "hs_object_id":
            return f"id = {mark}"
        if prop.field_type == "checkbox":
            return f"instr(';' || {field_sql(prop.name)} || ';', ';' || {mark} || ';') > 0"
        if prop.type == "enumeration":
            return f"{field_sql(prop.name)} = {mark}"
        return f"{field_sql(prop.name)} = {mark} COLLATE NOCASE"

    def _one_of_texts(self, prop: Property, value: str) -> str:
        """A text in a list is found by its lower case alone, whatever case the record has (documented)."""
        same = self._same_text(prop, self._bind(value))
        if prop.type != "string" or prop.name == "hs_object_id":
            return same
        return f"({same} AND lower({field_sql(prop.name)}) = {self._bind(value)})"

    def _any_of(self, prop: Property, item: Filter) -> str:
        values = [text(value) for value in item.values or ()]
        if prop.type in ("number", "datetime", "date") and prop.name != "hs_object_id":
            column, read = _comparable(prop)
            found = " OR ".join(f"{column} = {self._bind(read(value))}" for value in values)
        else:
            found = " OR ".join(self._one_of_texts(prop, value) for value in values)
        if item.operator == "IN":
            return f"({found})"
        return f"({_set_sql(prop.name)} IS NULL OR NOT ({found}))"

    def _linked(self, item: Filter, name: str) -> str:
        """Records linked with given ones of another type, as `associations.contact` asks for."""
        other = self._org.schema.need(name).type.id
        wanted = item.values if item.operator in ("IN", "NOT_IN") else [item.value]
        ids: set[str] = set()
        for identifier in wanted or []:
            if identifier is not None:
                links = self._org.associations.neighbours(other, text(identifier), self._schema.type.id)
                ids.update(neighbour.id for neighbour in links)
        marks = ", ".join(self._bind(record_id) for record_id in sorted(ids))
        negation = "NOT " if item.operator in ("NOT_IN", "NEQ") else ""
        return f"id {negation}IN ({marks})"

    def _value(self, item: Filter, read: Callable[[str], Any]) -> str:
        return self._bind(read(text("" if item.value is None else item.value)))


def _set_sql(name: str) -> str:
    """The SQL of a property's value, with NULL for one that was cleared as for one that was never set."""
    return f"nullif({field_sql(name)}, '')"


def _comparable(prop: Property) -> tuple[str, Callable[[str], Any]]:
    """The SQL of a property's value in a form to compare, and what brings a filter's value there."""
    column = _set_sql(prop.name)
    if prop.type == "number":
        return f"CAST({column} AS REAL)", lambda value: _number(prop.name, value)
    if prop.type == "datetime":
        # Without the Z, moments with and without a fraction sort as text.
        return f"rtrim({column}, 'Z')", lambda value: _moment(prop.name, value)
    if prop.type == "date":
        return column, lambda value: day_text(_need_moment(prop.name, value))
    return (column if prop.type == "enumeration" else f"{column} COLLATE NOCASE"), str


def _number(name: str, value: str) -> float:
    try:
        return float(value)
    except ValueError as error:
        raise errors.search_not_understood() from error


def _moment(name: str, value: str) -> str:
    return iso_ms(_need_moment(name, value)).removesuffix("Z").removesuffix(".000")


def _need_moment(name: str, value: str) -> int:
    moment = parse_timestamp(value)
    if moment is None:
        raise errors.search_not_understood()
    return moment


def _order(schema: TypeSchema, sorts: Sequence[str | Sort]) -> str:
    parts = []
    for given in sorts:
        sort = _sort_of(given)
        prop = schema.properties.get(sort.property_name)
        if prop is None and isinstance(given, str) and not _NAME.fullmatch(given):
            continue  # a sort that an SDK made a text of (HubSpot/hubspot-api-nodejs#14)
        if prop is None:
            raise errors.search_not_understood()
        column, _ = _comparable(prop)
        direction = "DESC" if sort.direction == "DESCENDING" else "ASC"
        parts += [f"{_set_sql(prop.name)} IS NULL", f"{column} {direction}"]
    return ", ".join([*parts, "seq"])


def _sort_of(given: str | Sort) -> Sort:
    if isinstance(given, Sort):
        return given
    if given.startswith("-"):
        return Sort(given[1:], "DESCENDING")
    return Sort(given)
