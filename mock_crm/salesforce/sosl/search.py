"""A SOSL search: read it, look through the objects, give the records found."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from mock_crm.core.store import Row
from mock_crm.salesforce.soql.catalog import Entity, EntityField
from mock_crm.salesforce.soql.errors import SoqlError, pointer, syntax
from mock_crm.salesforce.soql.evaluate import evaluate
from mock_crm.salesforce.soql.filters import Predicate
from mock_crm.salesforce.soql.nodes import FieldPath, Query, SelectItem, Source
from mock_crm.salesforce.soql.org_source import OrgSource
from mock_crm.salesforce.soql.parser import StatementParser
from mock_crm.salesforce.soql.reader import Reader
from mock_crm.salesforce.soql.scope import driving_entity
from mock_crm.salesforce.soql.shape import Record
from mock_crm.salesforce.soql.tokens import tokenize
from mock_crm.salesforce.sosl.terms import Matcher, compile_term, malformed_search

GROUPS = ("ALL", "NAME", "EMAIL", "PHONE", "SIDEBAR")
RESULT_LIMIT = 2000
RESERVED = frozenset("&|!{[]^~:'-")
"""Characters of a search term that need a backslash (restforce 688, simple-salesforce 415)."""

_SEARCHED = frozenset(
    ("string", "textarea", "email", "phone", "url", "picklist", "combobox", "multipicklist")
)
_TYPES = {"EMAIL": frozenset(("email",)), "PHONE": frozenset(("phone",))}
_NO_TERM = "No search term found. The search term must be enclosed in braces."


@dataclass(frozen=True, slots=True)
class Search:
    """One search.

    Attributes:
        term: What stood between the braces.
        group: Which fields are searched: one of `GROUPS`.
        returning: What to show of which objects; empty for the ids of all that match.
        limit: Records in all.
    """

    term: str
    group: str = "ALL"
    returning: tuple[Query, ...] = ()
    limit: int = RESULT_LIMIT


def parse_search(text: str) -> Search:
    """Read a SOSL statement.

    Raises:
        SalesforceError: MALFORMED_SEARCH; or a SOQL error inside RETURNING, pointing at its place.
    """
    stripped = text.lstrip()
    if stripped[:4].upper() != "FIND":
        raise malformed_search(
            f"unexpected token: '{stripped.split(maxsplit=1)[0] if stripped else '<EOF>'}'"
        )
    start = len(text) - len(stripped[4:].lstrip())
    end = _closing_brace(text, start + 1)
    if text[start : start + 1] != "{" or end < 0:
        raise malformed_search(_NO_TERM)
    blanked = re.sub(r"[^\n]", " ", text[: end + 1])  # keeps the places of what follows
    try:
        return _rest(text[start + 1 : end], Reader(tokenize(blanked + text[end + 1 :])))
    except SoqlError as error:
        located = error.located(text)
        raise malformed_search(located.message) if error.code == "MALFORMED_QUERY" else located from None


def _closing_brace(text: str, at: int) -> int:
    """Where the search term that begins at `at` ends; -1 when it does not.

    Raises:
        SalesforceError: A reserved character stands in it without a backslash.
    """
    is_quoted = False
    while at < len(text):
        if text[at] == "\\":
            at += 1
        elif text[at] == '"':
            is_quoted = not is_quoted
        elif text[at] == "}":
            return at
        elif text[at] in RESERVED and not is_quoted:
            line = text.count("\n", 0, at) + 1
            column = at - (text.rfind("\n", 0, at) + 1)
            raise malformed_search(
                f"{pointer(text, at, 0)}line {line}:{column} mismatched character '{text[at]}' expecting '}}'"
            )
        at += 1
    return -1


def _rest(term: str, reader: Reader) -> Search:
    group = "ALL"
    if reader.takes("IN"):
        if reader.token.keyword not in GROUPS:
            raise _malformed_token(reader)
        group = reader.take().keyword
        if not reader.takes("FIELDS"):
            raise _malformed_token(reader)
    returning: list[Query] = []
    if reader.takes("RETURNING"):
        parser = StatementParser(reader)
        returning.append(parser.returned())
        while reader.takes(","):
            returning.append(parser.returned())
    while reader.takes("WITH"):
        _skip_with(reader)
    limit = min(reader.count(), RESULT_LIMIT) if reader.takes("LIMIT") else RESULT_LIMIT
    if reader.takes("UPDATE"):
        reader.name()
        while reader.takes(","):
            reader.name()
    if reader.token.kind != "end":
        raise reader.unexpected()
    return Search(term, group, tuple(returning), limit)


def _malformed_token(reader: Reader) -> SoqlError:
    return syntax(f"Malformed search token: {reader.token.text}", reader.token.at)  # force-rest-api 92


def _skip_with(reader: Reader) -> None:
    """WITH refines snippets, spelling and divisions, of which nothing applies here."""
    while reader.token.kind != "end" and not reader.sees("LIMIT") and not reader.sees("UPDATE"):
        if reader.sees("WITH"):
            return
        reader.take()


def run_search(source: OrgSource, search: Search, base: str) -> list[Record]:
    """The records that match, object by object in the order of RETURNING.

    Raises:
        SalesforceError: The term or a name in RETURNING is wrong.
    """
    matcher = compile_term(search.term)
    queries = search.returning or _everything(source)
    found: list[Record] = []
    for query in queries:
        entity = driving_entity(source, query)
        left = search.limit - len(found)
        limited = replace(query, limit=left if query.limit is None else min(left, query.limit))
        only = _contains(_searched_fields(entity, search.group), matcher)
        found += evaluate(source, limited, only=only).page(0, left, base)
    return found


def _everything(source: OrgSource) -> Sequence[Query]:
    return [
        Query((SelectItem(FieldPath(("Id",))),), (Source(FieldPath((name,))),))
        for name in source.searchable()
    ]


def _searched_fields(entity: Entity, group: str) -> list[EntityField]:
    if group == "NAME":
        names = (entity.name_field, "FirstName", "LastName")
        return [field for name in names if name and (field := entity.field(name))]
    types = _TYPES.get(group, _SEARCHED)
    return [field for field in entity.fields.values() if field.type in types]


def _spellings(field: EntityField, text: str | None) -> tuple[str, ...]:
    """What a search finds a value by: a phone number by its digits too [D]."""
    if not text:
        return ()
    return (text, re.sub(r"\D", "", text)) if field.type == "phone" else (text,)


def _contains(fields: Sequence[EntityField], matcher: Matcher) -> Predicate:
    def matches(row: Row) -> bool:
        return matcher("\n".join(text for field in fields for text in _spellings(field, field.read(row))))

    return matches
