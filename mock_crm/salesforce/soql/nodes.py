"""The syntax tree of a SOQL query.

Names are kept as written; `at` is the offset in the query text, and two trees are equal when they differ only
in it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum
from typing import TypeAlias


class LiteralKind(Enum):
    """What a literal looks like in the text."""

    STRING = "string"
    NUMBER = "number"
    BOOLEAN = "boolean"
    NULL = "null"
    DATE = "date"
    DATETIME = "dateTime"
    TIME = "time"
    DATE_RANGE = "date range"
    """TODAY, LAST_N_DAYS:30 and the like."""
    CURRENCY = "currency"
    """USD500: an amount with its ISO code."""


@dataclass(frozen=True, slots=True)
class Literal:
    """A constant. `text` is what was written; of a string, what stands between the quotes, with escapes."""

    kind: LiteralKind
    text: str
    at: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class FieldPath:
    """A field, or a field of a parent: the names between the dots."""

    parts: tuple[str, ...]
    at: int = field(default=0, compare=False)

    @property
    def text(self) -> str:
        """The path as it is written."""
        return ".".join(self.parts)


@dataclass(frozen=True, slots=True)
class Call:
    """A function with its arguments; `COUNT()` has none."""

    name: str
    arguments: tuple[Operand, ...]
    at: int = field(default=0, compare=False)

    @property
    def function(self) -> str:
        """The name in capitals, as functions are compared."""
        return self.name.upper()


Expression: TypeAlias = FieldPath | Call
Operand: TypeAlias = FieldPath | Call | Literal


@dataclass(frozen=True, slots=True)
class Comparison:
    """`left operator value`; the operator is one of = != < <= > >= LIKE."""

    left: Expression
    operator: str
    value: Literal


@dataclass(frozen=True, slots=True)
class Membership:
    """`left IN (…)`; the operator is one of IN, NOT IN, INCLUDES, EXCLUDES."""

    left: Expression
    operator: str
    values: tuple[Literal, ...]


@dataclass(frozen=True, slots=True)
class SemiJoin:
    """`left IN (SELECT …)`, or NOT IN when `negated`."""

    left: Expression
    negated: bool
    query: Query


@dataclass(frozen=True, slots=True)
class Both:
    """All of the conditions (AND)."""

    conditions: tuple[Condition, ...]


@dataclass(frozen=True, slots=True)
class Either:
    """One of the conditions (OR)."""

    conditions: tuple[Condition, ...]


@dataclass(frozen=True, slots=True)
class Negation:
    """The condition does not hold (NOT)."""

    condition: Condition


Condition: TypeAlias = Comparison | Membership | SemiJoin | Both | Either | Negation


@dataclass(frozen=True, slots=True)
class SelectItem:
    """A selected field or function, with the alias given to it."""

    expression: Expression
    alias: str | None = None


@dataclass(frozen=True, slots=True)
class TypeOfCase:
    """`WHEN Account THEN Name, Phone`."""

    object: str
    fields: tuple[FieldPath, ...]
    at: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class TypeOf:
    """`TYPEOF What WHEN … ELSE … END`: fields that depend on the type of the parent."""

    relationship: FieldPath
    cases: tuple[TypeOfCase, ...]
    otherwise: tuple[FieldPath, ...]


@dataclass(frozen=True, slots=True)
class Source:
    """What FROM names: an object, a child relationship, or (after the first) a parent path with an alias."""

    path: FieldPath
    alias: str | None = None


@dataclass(frozen=True, slots=True)
class Grouping:
    """GROUP BY; `mode` is empty, ROLLUP or CUBE."""

    mode: str
    expressions: tuple[Expression, ...]


@dataclass(frozen=True, slots=True)
class Ordering:
    """One item of ORDER BY. Nulls come first unless `nulls_last`, in both directions."""

    expression: Expression
    descending: bool = False
    nulls_last: bool = False


@dataclass(frozen=True, slots=True)
class Query:
    """A whole SELECT statement."""

    select: tuple[SelectItem | TypeOf | Query, ...]
    sources: tuple[Source, ...]
    scope: str | None = None
    where: Condition | None = None
    security: str | None = None
    """SECURITY_ENFORCED, USER_MODE or SYSTEM_MODE."""
    grouping: Grouping | None = None
    having: Condition | None = None
    order: tuple[Ordering, ...] = ()
    limit: int | None = None
    offset: int | None = None
    purposes: tuple[str, ...] = ()
    """What FOR says: VIEW, REFERENCE, UPDATE."""
    all_rows: bool = False
    """ALL ROWS: deleted records too."""
    at: int = field(default=0, compare=False)
