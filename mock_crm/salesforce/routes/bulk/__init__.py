"""All resources of the Bulk APIs."""

from __future__ import annotations

from mock_crm.core.routing import Route
from mock_crm.salesforce.context import SalesforceContext
from mock_crm.salesforce.routes.bulk import bulk_v1, ingest, query


def routes() -> list[Route[SalesforceContext]]:
    """The resources of Bulk API 2.0 and of Bulk API 1.0."""
    return [*ingest.routes(), *query.routes(), *bulk_v1.routes()]
