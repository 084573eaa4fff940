"""`search` and `parameterizedSearch` over HTTP."""

from __future__ import annotations

from typing import Any

import msgspec

from mock_crm.core.http import BodyError, Request, Response, json_response
from mock_crm.core.routing import Route
from mock_crm.salesforce.context import SalesforceContext
from mock_crm.salesforce.errors import SalesforceError, response
from mock_crm.salesforce.routes.rest.query import base_path
from mock_crm.salesforce.soql.errors import SoqlError
from mock_crm.salesforce.soql.queries import queries_of
from mock_crm.salesforce.sosl.search import RESERVED, RESULT_LIMIT, Search, parse_search, run_search
from mock_crm.salesforce.sosl.terms import malformed_search

_BARE_LIST_UNTIL = 36.0
"""Up to this version a search is answered by a bare list."""

_LITERAL = RESERVED | frozenset('}\\"()+')
_PLAIN = "Words and prefixes in text fields; no relevance, synonyms, snippets or spelling."


class _Field(msgspec.Struct):
    name: str


class _SObject(msgspec.Struct, rename="camel"):
    name: str
    fields: list[str | _Field] = []
    where: str | None = None
    order_by: str | None = None
    limit: int | None = None


class _Parameters(msgspec.Struct, rename="camel"):
    q: str = ""
    sobjects: list[str | _SObject] = []
    fields: list[str | _Field] = []
    in_: str = msgspec.field(default="ALL", name="in")
    overall_limit: int = RESULT_LIMIT
    default_limit: int | None = None


def routes() -> list[Route[SalesforceContext]]:
    data = "/services/data/{version}"
    return [
        Route("GET", f"{data}/search", search, note=_PLAIN),
        Route("GET", f"{data}/parameterizedSearch", from_query, note=_PLAIN),
        Route("POST", f"{data}/parameterizedSearch", from_body, note=_PLAIN),
    ]


def search(request: Request, org: SalesforceContext) -> Response:
    try:
        wanted = parse_search(request.query.get("q", ""))
    except SalesforceError as error:
        return response(error)
    return _answer(request, org, wanted, request.query["q"])


def from_query(request: Request, org: SalesforceContext) -> Response:
    """Run a search given by parameters: `q`, `sobject`, `Account.fields`, `in`, `overallLimit`…"""
    asked = request.query
    names = [name for value in request.query_list("sobject") for name in value.split(",") if name]
    sobjects: list[str | _SObject] = [_of_query(name, asked) for name in names]
    parameters = _Parameters(
        q=asked.get("q", ""),
        sobjects=sobjects,
        fields=[name for name in asked.get("fields", "").split(",") if name],
        in_=asked.get("in", "ALL"),
        overall_limit=_number(asked.get("overallLimit")) or RESULT_LIMIT,
        default_limit=_number(asked.get("defaultLimit")),
    )
    return _parameterized(request, org, parameters)


def from_body(request: Request, org: SalesforceContext) -> Response:
    """Run a search given as JSON."""
    try:
        parameters = msgspec.convert(request.json(), _Parameters)
    except msgspec.ValidationError as error:
        raise BodyError(str(error)) from error
    return _parameterized(request, org, parameters)


def _parameterized(request: Request, org: SalesforceContext, parameters: _Parameters) -> Response:
    try:
        wanted = parse_search(_statement(parameters))
    except SalesforceError as error:
        return response(error)
    return _answer(request, org, wanted)


def _answer(request: Request, org: SalesforceContext, wanted: Search, text: str = "") -> Response:
    """The records found; refusals say where in `text` their cause stands, if the client wrote it."""
    try:
        found = run_search(queries_of(org).source, wanted, base_path(request))
    except SoqlError as error:
        return response(error.located(text) if text else error)
    except SalesforceError as error:
        return response(error)
    if float(request.params["version"].lstrip("v")) <= _BARE_LIST_UNTIL:
        return json_response(found)
    return json_response({"searchRecords": found})


def _of_query(name: str, asked: dict[str, str]) -> _SObject:
    fields: list[str | _Field] = [field for field in asked.get(f"{name}.fields", "").split(",") if field]
    return _SObject(
        name,
        fields,
        asked.get(f"{name}.where"),
        asked.get(f"{name}.orderBy"),
        _number(asked.get(f"{name}.limit")),
    )


def _number(text: str | None) -> int | None:
    return int(text) if text is not None and text.isascii() and text.isdigit() else None


def _statement(parameters: _Parameters) -> str:
    """The SOSL that the parameters stand for; the term is taken literally, save for wildcards."""
    if not parameters.q:
        raise malformed_search("The search term is missing.")
    term = "".join(f"\\{character}" if character in _LITERAL else character for character in parameters.q)
    text = f"FIND {{{term}}} IN {parameters.in_} FIELDS"
    returned = [_returned(sobject, parameters) for sobject in parameters.sobjects]
    if returned:
        text += " RETURNING " + ", ".join(returned)
    return f"{text} LIMIT {max(parameters.overall_limit, 1)}"


def _returned(sobject: str | _SObject, parameters: _Parameters) -> str:
    wanted = _SObject(sobject) if isinstance(sobject, str) else sobject
    named = wanted.fields or parameters.fields
    fields = [field if isinstance(field, str) else field.name for field in named] or ["Id"]
    limit = wanted.limit or parameters.default_limit
    clauses: list[tuple[str, Any]] = [
        ("WHERE", wanted.where),
        ("ORDER BY", wanted.order_by),
        ("LIMIT", limit),
    ]
    inner = " ".join(f"{word} {value}" for word, value in clauses if value)
    return f"{wanted.name}({','.join(fields)} {inner})".replace(" )", ")")
