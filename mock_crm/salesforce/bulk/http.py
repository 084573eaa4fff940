"""All resources of the Bulk APIs."""

from __future__ import annotations

from mock_crm.core.routing import Route
from mock_crm.salesforce.bulk import classic_http, ingest_http, query_http
from mock_crm.salesforce.context import SalesforceContext


def routes() -> list[Route[SalesforceContext]]:
    """The resources of Bulk API 2.0 and of Bulk API 1.0."""
    return [*ingest_http.routes(), *query_http.routes(), *classic_http.routes()]
