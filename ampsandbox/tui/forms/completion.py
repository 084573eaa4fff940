"""What may stand at a place of a query: objects, fields, relationships, values and words of the language."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Final

import msgspec

from ampsandbox.tui.forms.fields import BOOLEANS, DATES

if TYPE_CHECKING:
    from ampsandbox.engine.crm import CrmField
    from ampsandbox.tui.backend.views import SchemaView

Describe = Callable[[str], Awaitable["SchemaView | None"]]
"""Gives the schema of an object by its API name; None where there is no such object."""


class Suggestion(msgspec.Struct, frozen=True):
    """A text that may stand there, and what it is."""

    text: str
    about: str = ""


class Completion(msgspec.Struct, frozen=True):
    """What may stand in the place of the text from `start` up to the cursor, the likeliest first."""

    start: int
    suggestions: tuple[Suggestion, ...] = ()


NOTHING: Final = Completion(0)

_CLAUSES: Final = ("WHERE", "ORDER BY", "GROUP BY", "HAVING", "LIMIT", "OFFSET")
_AGGREGATES: Final = ("COUNT()", "COUNT(", "COUNT_DISTINCT(", "SUM(", "AVG(", "MIN(", "MAX(", "FIELDS(ALL)")
_OPERATORS: Final = ("=", "!=", "LIKE", "IN (", "NOT IN (", "<", ">", "<=", ">=", "INCLUDES (", "EXCLUDES (")
_MOMENTS: Final = [
    "TODAY",
    "YESTERDAY",
    "TOMORROW",
    "THIS_WEEK",
    "LAST_WEEK",
    "NEXT_WEEK",
    "THIS_MONTH",
    "LAST_MONTH",
    "NEXT_MONTH",
    "THIS_QUARTER",
    "LAST_QUARTER",
    "THIS_YEAR",
    "LAST_YEAR",
    "LAST_N_DAYS:",
    "NEXT_N_DAYS:",
    "LAST_90_DAYS",
]
_STRING: Final = re.compile(r"'(?:[^'\\]|\\.)*'?", re.DOTALL)
_CLAUSE: Final = re.compile(
    r"\b(select|from|where|having|group\s+by|order\s+by|limit|offset|with|using)\b", re.IGNORECASE
)
_SUBQUERY: Final = re.compile(r"\s*select\b", re.IGNORECASE)
_FROM: Final = re.compile(r"\bfrom\s+([\w.]+)", re.IGNORECASE)
_OPEN: Final = re.compile(r"(,|\(|\b(?:and|or|not))\s*$", re.IGNORECASE)
"""What a field has to follow."""
_OPERATOR: Final = re.compile(r"[=<>]|\b(?:like|in|includes|excludes)\b", re.IGNORECASE)
_COMPARED: Final = re.compile(
    r"([\w.]+)\s*(?:<=|>=|!=|<>|[=<>]|\blike\b|\b(?:not\s+)?in\s*\(|\b(?:in|ex)cludes\s*\()(?:[^()=<>]*,)?\s*$",
    re.IGNORECASE,
)


class _Spot(msgspec.Struct, frozen=True):
    """Where the cursor is: the clause, what is before it in the query and in the clause, what is typed."""

    clause: str
    before: str
    rest: str
    typed: str
    is_text: bool


async def complete_soql(text: str, at: int, objects: Sequence[str], describe: Describe) -> Completion:
    """What may stand at an offset of a SOQL query.

    Fields are those of the object after FROM, which may follow after the cursor; a dot goes on to the object
    that a lookup refers to. In a subquery among the fields FROM takes child relationships.
    """
    is_text, start = _place(text, at)
    masked = _STRING.sub(lambda match: "'" + "_" * (len(match[0]) - 1), text)
    own, outer = _scopes(masked, at)
    before = _without_brackets(masked[own[0] : start])
    typed = text[start:at]
    found = [Suggestion("SELECT ")]
    clauses = list(_CLAUSE.finditer(before))
    if clauses:
        clause, rest = clauses[-1][1].lower(), before[clauses[-1].end() :]
        if clause == "from":
            found = await _after_from(rest, masked, outer, objects, describe)
        elif clause in ("limit", "offset", "with", "using"):
            found = _words(_CLAUSES) if rest.split() else []
        else:
            schema = await _schema_of(masked, own, outer, describe)
            spot = _Spot(clause, masked[own[0] : start - is_text], rest, typed, is_text)
            found = await _in_clause(spot, schema, describe)
    return _matching(found, start, typed)


def _place(text: str, at: int) -> tuple[bool, int]:
    """Whether the cursor is in a string, and where what is being typed begins."""
    for match in _STRING.finditer(text):
        if match.start() < at and (at < match.end() or not match[0].endswith("'") or len(match[0]) == 1):
            return True, match.start() + 1
    word = re.search(r"[\w.]*$", text[:at])
    return False, word.start() if word else at


def _scopes(masked: str, at: int) -> tuple[tuple[int, int], tuple[int, int] | None]:
    """The part of the text that is the query around the cursor, and the part of the query around that."""
    opened: list[int] = []
    for index, char in enumerate(masked[:at]):
        if char == "(":
            opened.append(index)
        elif char == ")" and opened:
            opened.pop()
    starts = [
        0,
        *(index + 1 for index in opened if re.match(r"\s*select\b", masked[index + 1 :], re.IGNORECASE)),
    ]
    scopes = [(start, _end(masked, start)) for start in starts]
    return scopes[-1], scopes[-2] if len(scopes) > 1 else None


def _end(masked: str, start: int) -> int:
    depth = 0
    for index in range(start, len(masked)):
        depth += {"(": 1, ")": -1}.get(masked[index], 0)
        if depth < 0:
            return index
    return len(masked)


def _without_brackets(text: str) -> str:
    """The text with what stands in closed brackets taken out."""
    while (shorter := re.sub(r"\([^()]*\)", " _ ", text)) != text:
        text = shorter
    return text


async def _after_from(
    rest: str, masked: str, outer: tuple[int, int] | None, objects: Sequence[str], describe: Describe
) -> list[Suggestion]:
    if rest.split():
        return _words(_CLAUSES)
    if outer is not None and _is_among_fields(masked, outer):
        parent = await _schema_of(masked, outer, None, describe)
        if parent is not None and parent.children:
            return [Suggestion(name, f"→ {child}") for name, child in parent.children.items()]
    return [Suggestion(name, "object") for name in objects]


def _is_among_fields(masked: str, outer: tuple[int, int]) -> bool:
    """Whether a subquery of the outer query stands between its SELECT and its FROM."""
    clauses = _CLAUSE.findall(_without_brackets(masked[slice(*outer)].partition("(")[0]))
    return not clauses or clauses[-1].lower() == "select"


async def _schema_of(
    masked: str, own: tuple[int, int], outer: tuple[int, int] | None, describe: Describe
) -> SchemaView | None:
    """The schema of what a query is from."""
    found = _FROM.search(_without_brackets(masked[slice(*own)]))
    if found is None:
        return None
    name = found[1]
    if outer is not None and _is_among_fields(masked, outer):
        parent = await _schema_of(masked, outer, None, describe)
        children = {child.lower(): of for child, of in parent.children.items()} if parent else {}
        name = children.get(name.lower(), name)
    return await describe(name)


async def _in_clause(spot: _Spot, schema: SchemaView | None, describe: Describe) -> list[Suggestion]:
    compared = _COMPARED.search(spot.before) if spot.clause in ("where", "having") else None
    if spot.is_text and compared is None:
        return []
    if compared is not None:
        path = compared[1].split(".")
        field = _field(await _follow(schema, path[:-1], describe), path[-1])
        return list(_values(field, spot.is_text)) if field else []
    if "." in spot.typed:
        head, _, _ = spot.typed.rpartition(".")
        owner = await _follow(schema, head.split("."), describe)
        return [Suggestion(f"{head}.{each.text}", each.about) for each in _fields(owner)]
    if not spot.rest.strip() or _OPEN.search(spot.rest):
        return [*_fields(schema), *(_words(_AGGREGATES) if spot.clause == "select" else ())]
    if spot.clause == "select":
        return _words(["FROM "])
    if spot.clause in ("where", "having"):
        condition = re.split(r"\b(?:and|or)\b", spot.rest, flags=re.IGNORECASE)[-1]
        return _words(["AND ", "OR ", *_CLAUSES[1:]] if _OPERATOR.search(condition) else _OPERATORS)
    is_order = spot.clause.startswith("order")
    return _words(["ASC", "DESC", "NULLS LAST", *_CLAUSES[4:]] if is_order else _CLAUSES[3:])


async def _follow(schema: SchemaView | None, path: Sequence[str], describe: Describe) -> SchemaView | None:
    """The schema that a path of relationships leads to."""
    for name in path:
        fields = schema.fields if schema else ()
        lookup = next((item for item in fields if item.relationship.lower() == name.lower()), None)
        if lookup is None or not lookup.refers_to:
            return None
        schema = await describe(lookup.refers_to[0])
    return schema


def _field(schema: SchemaView | None, name: str) -> CrmField | None:
    fields = schema.fields if schema else ()
    return next((item for item in fields if item.name.lower() == name.lower()), None)


def _fields(schema: SchemaView | None) -> Iterator[Suggestion]:
    for item in schema.fields if schema else ():
        yield Suggestion(item.name, item.type)
    for item in schema.fields if schema else ():
        if item.relationship:
            yield Suggestion(f"{item.relationship}.", f"→ {', '.join(item.refers_to)}")


def _values(field: CrmField, is_text: bool) -> Iterator[Suggestion]:
    quote = "" if is_text else "'"
    for option in field.options:
        yield Suggestion(f"{quote}{option}{quote}", "value")
    if not is_text:
        words = ("true", "false") if field.type in BOOLEANS else _MOMENTS if field.type in DATES else ()
        yield from _words(words)
        yield Suggestion("null", "")


def _words(words: Iterable[str]) -> list[Suggestion]:
    return [Suggestion(word) for word in words]


def _matching(found: Iterable[Suggestion], start: int, typed: str) -> Completion:
    """Those that begin with what is typed, then those that hold it; none if what is typed is all there is."""
    wanted = typed.lower()
    begins = [each for each in found if each.text.lower().startswith(wanted)]
    tail = wanted.rpartition(".")[2]
    holds = [each for each in found if each not in begins and tail and tail in each.text.lower()]
    is_done = [each.text.lower() for each in (*begins, *holds)] == [wanted]
    return NOTHING if is_done else Completion(start, (*begins, *holds))


# -- HubSpot's searches ----------------------------------------------------------------------------------

_SEARCH_KEYS: Final = (
    "objectType", "query", "filterGroups", "filters", "propertyName", "operator", "value", "values",
    "highValue", "properties", "sorts", "direction", "limit", "after",
)  # fmt: skip
_SEARCH_OPERATORS: Final = (
    "EQ", "NEQ", "LT", "LTE", "GT", "GTE", "BETWEEN", "IN", "NOT_IN", "HAS_PROPERTY", "NOT_HAS_PROPERTY",
    "CONTAINS_TOKEN", "NOT_CONTAINS_TOKEN",
)  # fmt: skip
_KEY: Final = re.compile(r'"(\w+)"\s*:\s*(?:\[[^\[\]{}]*)?$')


async def complete_search(text: str, at: int, objects: Sequence[str], describe: Describe) -> Completion:
    """What may stand at an offset of the JSON body of a HubSpot search: within quotes, names and values."""
    opened = re.search(r'"([^"\n]*)$', text[:at])
    if opened is None or text[text.rfind("\n", 0, at) + 1 : at].count('"') % 2 == 0:
        return NOTHING
    key = _KEY.search(text[: opened.start()])
    match key and key[1]:
        case "objectType":
            found = [Suggestion(name, "object") for name in objects]
        case "propertyName" | "properties" | "sorts":
            named = re.search(r'"objectType"\s*:\s*"([^"]+)"', text)
            schema = await describe(named[1]) if named else None
            found = [Suggestion(item.name, item.type) for item in (schema.fields if schema else ())]
        case "operator":
            found = _words(_SEARCH_OPERATORS)
        case "direction":
            found = _words(("ASCENDING", "DESCENDING"))
        case None:
            found = _words(_SEARCH_KEYS)
        case _:
            found = []
    return _matching(found, opened.start() + 1, opened[1])
