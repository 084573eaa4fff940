"""The entrance of the REST API: versions, the resources of a version, limits and record counts."""

from __future__ import annotations

from mock_crm.core.http import Request, Response, json_response
from mock_crm.core.routing import Route
from mock_crm.salesforce import versions
from mock_crm.salesforce.context import SalesforceContext

_RESOURCES = (
    "tooling", "metadata", "query", "queryAll", "search", "parameterizedSearch", "sobjects", "composite",
    "limits", "recent", "jobs", "ui-api",
)  # fmt: skip

# Limits that the mock does not count are given as by an org that has not touched them.
_UNTOUCHED = {
    "ConcurrentAsyncGetReportInstances": 200,
    "DailyAsyncApexExecutions": 250_000,
    "DailyBulkV2QueryFileStorageMB": 976_562,
    "DailyBulkV2QueryJobs": 10_000,
    "DailyDurableStreamingApiEvents": 10_000,
    "DailyGenericStreamingApiEvents": 10_000,
    "DailyStreamingApiEvents": 10_000,
    "DailyWorkflowEmails": 1_000,
    "DataStorageMB": 5_120,
    "FileStorageMB": 5_120,
    "HourlyAsyncReportRuns": 1_200,
    "HourlyDashboardRefreshes": 200,
    "HourlyODataCallout": 1_000,
    "HourlySyncReportRuns": 500,
    "HourlyTimeBasedWorkflow": 1_000,
    "MassEmail": 5_000,
    "SingleEmail": 5_000,
    "StreamingApiConcurrentClients": 1_000,
}


def routes() -> list[Route[SalesforceContext]]:
    base = "/services/data/{version}"
    return [
        Route("GET", "/services/data", list_versions, is_open=True, is_counted=False),
        Route("GET", base, list_resources),
        Route(
            "GET",
            base + "/limits",
            limits,
            note="Requests, bulk batches and permission sets are counted; the others are untouched.",
        ),
        Route("GET", base + "/limits/recordCount", record_count),
    ]


def list_versions(request: Request, org: SalesforceContext) -> Response:
    """All versions of the API, oldest first."""
    return json_response(versions.versions())


def list_resources(request: Request, org: SalesforceContext) -> Response:
    """The resources of one version, and who is signed in."""
    base = f"/services/data/{request.params['version']}"
    listed = {name: f"{base}/{name}" for name in _RESOURCES}
    return json_response(
        {**listed, "identity": request.url(f"/id/{org.identity.org_id}/{org.identity.user_id}")}
    )


def limits(request: Request, org: SalesforceContext) -> Response:
    """What the org may do, and how much of it is left."""
    daily = org.quota["daily"]
    listed = {name: {"Max": limit, "Remaining": limit} for name, limit in _UNTOUCHED.items()}
    listed["DailyApiRequests"] = {"Max": daily.limit, "Remaining": daily.remaining}
    batches = org.quota["bulk-batches"]
    listed["DailyBulkApiBatches"] = {"Max": batches.limit, "Remaining": batches.remaining}
    custom_sets = org.store.count("PermissionSet") - 1
    body: dict[str, object] = {
        **listed,
        "PermissionSets": {
            "Max": 1_500,
            "Remaining": 1_500 - custom_sets,
            "CreateCustom": {"Max": 1_000, "Remaining": 1_000 - custom_sets},
        },
    }
    return json_response(dict(sorted(body.items())))


def record_count(request: Request, org: SalesforceContext) -> Response:
    """How many records the objects have; those without any, and unknown ones, are left out [C]."""
    wanted = request.query.get("sObjects", "")
    names = [name.strip() for name in wanted.split(",") if name.strip()]
    named = [item for name in names if (item := org.schema.find(name))]
    items = named if names else org.schema.objects()
    counted = [(item.name, org.store.count(item.name)) for item in items]
    return json_response({"sObjects": [{"count": n, "name": name} for name, n in counted if n]})
