"""Resources that the mock does not simulate: they answer in Salesforce's shape, and say so."""

from __future__ import annotations

from mock_crm.core.http import Request, Response
from mock_crm.core.routing import Route
from mock_crm.salesforce import errors
from mock_crm.salesforce.context import SalesforceContext

ABSENT = (
    "actions", "analytics", "apexrest", "appMenu", "asyncQuery", "chatter", "commerce", "compactLayouts",
    "connect", "consent", "contactTracing", "dedupe", "domino", "einstein", "emailConnect", "event",
    "eventbus", "eventSchema", "externalData", "flexipage", "folders", "graphql", "invocable", "jsonxform",
    "knowledgeManagement", "licensing", "lightning", "localizedvalue", "manage", "metadata", "mobile",
    "nouns", "payments", "prechatForms", "process", "quickActions", "scheduling", "search/layout",
    "search/scopeOrder", "search/suggestions", "search/suggestTitleMatches", "serviceTemplates",
    "smartdatadiscovery", "sobjects/relevantItems", "support", "tabs", "theme", "wave",
)  # fmt: skip
"""Paths below a version, with all that lies below them."""

_BELOW_OBJECT = (
    "listviews", "quickActions", "layouts", "approvalLayouts", "compactLayouts", "eventSeries",
    "namedLayouts", "defaultValues", "describe/layouts", "describe/approvalLayouts",
    "describe/compactLayouts",
)  # fmt: skip
_METHODS = ("GET", "POST", "PATCH", "PUT", "DELETE")


def routes() -> list[Route[SalesforceContext]]:
    base = "/services/data/{version}"
    below = [f"{base}/sobjects/{{object}}/{name}" for name in _BELOW_OBJECT]
    patterns = [*(f"{base}/{name}" for name in ABSENT), *below, "/services/apexrest", "/cometd"]
    return [
        route
        for pattern in patterns
        for rest in ("", "/{rest...}")
        for route in absent_routes(pattern + rest)
    ]


def absent_routes(pattern: str) -> list[Route[SalesforceContext]]:
    """Say that a path is not simulated, whatever the method."""
    return [Route(method, pattern, not_simulated, is_absent=True) for method in _METHODS]


def not_simulated(request: Request, org: SalesforceContext) -> Response:
    name = "/".join(request.segments[3:]) if request.segments[:2] == ["services", "data"] else request.path
    return errors.response(errors.not_implemented(f"the resource {name}"))
