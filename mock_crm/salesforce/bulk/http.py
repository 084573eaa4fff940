"""All resources of the Bulk APIs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mock_crm.core.routing import Route
from mock_crm.salesforce.bulk import classic_http, ingest_http, query_http

if TYPE_CHECKING:
    from mock_crm.salesforce.org import SalesforceOrg


def routes() -> list[Route[SalesforceOrg]]:
    """The resources of Bulk API 2.0 and of Bulk API 1.0."""
    return [*ingest_http.routes(), *query_http.routes(), *classic_http.routes()]
