"""All endpoints of the mock Salesforce, gathered from the modules that announce them.

Records and signing in are there from the start. The other APIs are imported when the first request to one of
them comes, which halves the time that the mock needs to start.
"""

from __future__ import annotations

from functools import cache
from importlib import import_module

from mock_crm.core.routing import Route, Router
from mock_crm.salesforce.context import SalesforceContext
from mock_crm.salesforce.routes.oauth import authorize, device, identity, token
from mock_crm.salesforce.routes.rest import (
    batch,
    collections,
    composite,
    external_ids,
    graph,
    passwords,
    recent,
    replication,
    resources,
    sobjects,
    tree,
    unsupported,
)

_AT_START = (
    resources, sobjects, external_ids, replication, recent, collections, composite, graph, batch, tree,
    passwords, unsupported, token, authorize, device, identity,
)  # fmt: skip

_LATER = {
    "Soap": ("soap.partner", "soap.metadata"),
    "async": ("bulk",),
    "jobs": ("bulk",),
    "parameterizedSearch": ("rest.search",),
    "query": ("rest.query",),
    "queryAll": ("rest.query",),
    "search": ("rest.search",),
    "tooling": ("tooling",),
    "ui-api": ("ui_api",),
}
"""The APIs that are imported when asked for: by the segment after `services`, or after `services/data/vN`."""


class Endpoints(Router["SalesforceContext"]):
    """The router of the mock Salesforce, which grows with the APIs that are asked for."""

    def __init__(self) -> None:
        super().__init__(route for module in _AT_START for route in module.routes())
        self._loaded: set[str] = set()

    def find(
        self, method: str, segments: list[str]
    ) -> tuple[Route[SalesforceContext], dict[str, str]] | None:
        """The route for a method and path, and the values of its parameters."""
        self._load_for(segments)
        return super().find(method, segments)

    def allowed(self, segments: list[str]) -> list[str]:
        """The methods that the path answers, sorted; empty when there is no such path."""
        self._load_for(segments)
        return super().allowed(segments)

    def load_all(self) -> None:
        """Import every API, for those who want the whole list of `routes`."""
        for names in _LATER.values():
            self._load(names)

    def _load_for(self, segments: list[str]) -> None:
        if len(segments) < 2 or segments[0] != "services":
            return
        at = 3 if segments[1] == "data" else 1
        if at < len(segments) and (names := _LATER.get(segments[at])):
            self._load(names)

    def _load(self, names: tuple[str, ...]) -> None:
        for name in names:
            if name not in self._loaded:
                for route in import_module(f"mock_crm.salesforce.routes.{name}").routes():
                    self.add(route)
                self._loaded.add(name)


@cache
def router() -> Endpoints:
    """The router that all orgs share."""
    return Endpoints()
