"""The endpoints of the HubSpot mock, one module per API."""

from __future__ import annotations

from mock_crm.hubspot.endpoint import Endpoint
from mock_crm.hubspot.routes import (
    account,
    association_labels,
    association_limits,
    associations,
    associations_v3,
    batches,
    engagements,
    legacy,
    legacy_records,
    oauth,
    objects,
    owners,
    pipelines,
    properties,
    schemas,
    search,
)

_MODULES = (
    objects,
    batches,
    search,
    associations,
    association_labels,
    association_limits,
    associations_v3,
    properties,
    schemas,
    pipelines,
    owners,
    oauth,
    account,
    legacy,
    legacy_records,
    engagements,
)


def all_endpoints() -> list[Endpoint]:
    """Every endpoint there is."""
    return [endpoint for module in _MODULES for endpoint in module.endpoints()]
