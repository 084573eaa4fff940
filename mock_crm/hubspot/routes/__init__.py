"""The endpoints of the HubSpot mock, one module per API."""

from __future__ import annotations

from mock_crm.hubspot.endpoint import Endpoint
from mock_crm.hubspot.routes import batches, objects, properties, schemas, search

_MODULES = (objects, batches, properties, schemas, search)


def all_endpoints() -> list[Endpoint]:
    """Every endpoint there is."""
    return [endpoint for module in _MODULES for endpoint in module.endpoints()]
