"""`query`, `queryAll` and their next pages over HTTP (evidence/salesforce.md#rest)."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from mock_crm.core.http import Request, Response, json_response
from mock_crm.core.routing import Route
from mock_crm.salesforce.context import SalesforceContext
from mock_crm.salesforce.errors import SalesforceError, response
from mock_crm.salesforce.soql.errors import SoqlError, malformed
from mock_crm.salesforce.soql.nodes import Call, SelectItem
from mock_crm.salesforce.soql.parser import parse
from mock_crm.salesforce.soql.queries import queries_of
from mock_crm.salesforce.versions import number

_FIELDS_SINCE = 51
SMALLEST_PAGE, LARGEST_PAGE = 200, 2000
_ALL_ROWS = re.compile(r"\bALL\s+ROWS\s*\Z", re.IGNORECASE)
_BATCH_SIZE = re.compile(r"batchSize\s*=\s*(\d{1,9})", re.IGNORECASE)


def routes() -> list[Route[SalesforceContext]]:
    data = "/services/data/{version}"
    return [
        Route("GET", f"{data}/query", query),
        Route("GET", f"{data}/queryAll", query_all),
        Route("GET", f"{data}/query/{{locator}}", more),
        Route("GET", f"{data}/queryAll/{{locator}}", more),
    ]


def query(request: Request, org: SalesforceContext) -> Response:
    """Run a query; with `columns=true` describe its columns instead, with `explain` its plan."""
    return _answer(request, org, include_deleted=False)


def query_all(request: Request, org: SalesforceContext) -> Response:
    """Run a query over deleted records too."""
    return _answer(request, org, include_deleted=True)


def more(request: Request, org: SalesforceContext) -> Response:
    cursors = queries_of(org).cursors
    try:
        page = cursors.next_page(
            request.params["locator"], page_size(request), base_path(request), mount_path(request)
        )
    except SalesforceError as error:
        return response(error)
    return json_response(page)


def _answer(request: Request, org: SalesforceContext, *, include_deleted: bool) -> Response:
    queries = queries_of(org)
    asked = request.query
    try:
        if "explain" in asked:
            return json_response(queries.explain(asked["explain"]))
        if not asked.get("q", "").strip():
            raise malformed("A query string has to be specified")
        if asked.get("columns", "").lower() == "true":
            return json_response(queries.columns(asked["q"]))
        _check_rows(asked["q"])
        check_version(asked["q"], request.params["version"])
        result = queries.run(asked["q"], include_deleted=include_deleted)
        page = queries.cursors.first_page(result, page_size(request), base_path(request), mount_path(request))
    except SalesforceError as error:
        return response(error)
    return json_response(page)


def _check_rows(text: str) -> None:
    """Refuse ALL ROWS, which only Apex knows [M].

    Raises:
        SoqlError: MALFORMED_QUERY.
    """
    if _ALL_ROWS.search(text) and parse(text).all_rows:
        raise malformed("ALL ROWS not allowed in this context")


def check_version(text: str, version: str) -> None:
    """Refuse what the API version does not know yet.

    Raises:
        SoqlError: UNSUPPORTED_API_VERSION for FIELDS before v51.0 (spark-salesforce issue 86).
    """
    if (number(version) or 0) >= _FIELDS_SINCE or "fields" not in text.lower():
        return
    for item in parse(text).select:
        if (
            isinstance(item, SelectItem)
            and isinstance(item.expression, Call)
            and item.expression.function == "FIELDS"
        ):
            raise SoqlError(
                "UNSUPPORTED_API_VERSION",
                "The SOQL FIELDS function is not supported in this version of the API",
                item.expression.at,
            ).located(text)


def page_size(request: Request) -> int:
    """Records per page, as `Sforce-Query-Options` asks, between 200 and 2,000."""
    asked = _BATCH_SIZE.search(request.header("sforce-query-options"))
    return min(max(int(asked.group(1)), SMALLEST_PAGE), LARGEST_PAGE) if asked else LARGEST_PAGE


def base_path(request: Request) -> str:
    """The path of the API version that the request used."""
    return f"/services/data/{request.params['version']}"


def mount_path(request: Request) -> str:
    """The path under which the org is mounted; empty at the root of a host."""
    return urlsplit(request.root).path
