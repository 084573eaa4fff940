"""All endpoints of the mock Salesforce, gathered from the modules that announce them."""

from __future__ import annotations

from functools import cache
from importlib import import_module
from importlib.util import find_spec
from typing import TYPE_CHECKING

from mock_crm.routing import Router

if TYPE_CHECKING:
    from mock_crm.salesforce.org import SalesforceOrg

_MODULES = (
    "rest.resources",
    "rest.sobjects",
    "rest.external_ids",
    "rest.replication",
    "rest.recent",
    "rest.collections",
    "rest.composite",
    "rest.batch",
    "rest.tree",
    "rest.absent",
    "oauth.token",
    "oauth.authorize",
    "oauth.identity",
    "soql.http",
    "sosl.http",
    "bulk.http",
    "metadata.http",
    "tooling.http",
    "soap.http",
    "ui_api.http",
)


@cache
def router() -> Router[SalesforceOrg]:
    """The router that all orgs share."""
    found: Router[SalesforceOrg] = Router()
    for name in _MODULES:
        full = f"mock_crm.salesforce.{name}"
        if find_spec(full.rpartition(".")[0]) and find_spec(full):
            try:
                module = import_module(full)
            except ImportError:
                continue
            for route in module.routes():
                found.add(route)
    return found
