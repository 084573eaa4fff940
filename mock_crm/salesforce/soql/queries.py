"""Queries of one org from text to result, and its open cursors."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from mock_crm.salesforce.context import SalesforceContext
from mock_crm.salesforce.soql.catalog import RecordSource
from mock_crm.salesforce.soql.columns import column_metadata
from mock_crm.salesforce.soql.cursors import Cursors
from mock_crm.salesforce.soql.errors import SoqlError
from mock_crm.salesforce.soql.evaluate import evaluate
from mock_crm.salesforce.soql.explanation import explanation
from mock_crm.salesforce.soql.nodes import Query
from mock_crm.salesforce.soql.org_source import OrgSource
from mock_crm.salesforce.soql.parser import parse
from mock_crm.salesforce.soql.required_filters import check_links
from mock_crm.salesforce.soql.result import QueryResult
from mock_crm.salesforce.tooling.source import ToolingSource

_CACHE = "soql"
_DEFINITIONS = frozenset({"entitydefinition", "fielddefinition"})
_T = TypeVar("_T")


class Queries:
    """What an org keeps for its queries.

    Attributes:
        source: Its records.
        cursors: Results that are being paged through.
    """

    def __init__(self, org: SalesforceContext) -> None:
        self.source = OrgSource(org)
        self._definitions = ToolingSource(org)
        self.cursors = Cursors(org.ids, org.clock)

    def run(self, text: str, *, include_deleted: bool = False) -> QueryResult:
        """The result of a query.

        Raises:
            SoqlError: Salesforce would refuse it.
        """
        return _located(
            text, lambda query: evaluate(self._source_of(query), query, include_deleted=include_deleted)
        )

    def _source_of(self, query: Query) -> RecordSource:
        """Where the objects of FROM are: the schema's own ones are the same as in the Tooling API."""
        name = query.sources[0].path.text.lower()
        if name == "contentdocumentlink":
            check_links(query)
        if name not in _DEFINITIONS:
            return self.source
        self._definitions.check(query)
        return self._definitions

    def columns(self, text: str) -> dict[str, Any]:
        """The columns that a query would give.

        Raises:
            SoqlError: Salesforce would refuse it.
        """
        return _located(text, lambda query: column_metadata(self.source, query))

    def explain(self, text: str) -> dict[str, Any]:
        """How a query would be carried out.

        Raises:
            SoqlError: Salesforce would refuse it.
        """
        return _located(text, lambda query: explanation(self.source, query))


def _located(text: str, work: Callable[[Query], _T]) -> _T:
    """Do something with a parsed query; refusals say where in the text their cause stands."""
    query = parse(text)
    try:
        return work(query)
    except SoqlError as error:
        raise error.located(text) from None


def queries_of(org: SalesforceContext) -> Queries:
    """The org's queries; forgotten with its other caches when it is reset or restored."""
    found = org.caches.get(_CACHE)
    if found is None:
        found = org.caches[_CACHE] = Queries(org)
    assert isinstance(found, Queries)
    return found


def execute(org: SalesforceContext, text: str, *, include_deleted: bool = False) -> QueryResult:
    """Run a query against an org.

    Args:
        org: Whose records are read.
        text: SOQL.
        include_deleted: Whether records in the recycle bin count too, as for `queryAll`.

    Raises:
        SoqlError: Salesforce would refuse it; the message points at the place.
    """
    return queries_of(org).run(text, include_deleted=include_deleted)
