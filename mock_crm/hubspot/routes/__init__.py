"""The endpoints of the HubSpot mock, one module per API."""

from __future__ import annotations

from functools import cache

from mock_crm.core.routing import Router
from mock_crm.hubspot.context import HubSpotContext
from mock_crm.hubspot.endpoint import Endpoint, routes_of
from mock_crm.hubspot.routes import (
    account,
    association_labels,
    association_limits,
    associations,
    associations_v3,
    batches,
    empty,
    engagements,
    legacy,
    legacy_records,
    limits,
    lists,
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
    limits,
    lists,
    legacy,
    legacy_records,
    engagements,
    empty,
)


def all_endpoints() -> list[Endpoint]:
    return [endpoint for module in _MODULES for endpoint in module.endpoints()]


@cache
def router() -> Router[HubSpotContext]:
    """The router that all accounts share."""
    return Router(routes_of(all_endpoints()))
