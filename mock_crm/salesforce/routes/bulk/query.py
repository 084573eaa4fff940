"""Bulk API 2.0 over HTTP: `jobs/query`. A result that a restart has lost is read from its query again."""

from __future__ import annotations

from typing import Any

import msgspec

from mock_crm.core.http import Request, Response, json_response
from mock_crm.core.routing import Route
from mock_crm.salesforce.bulk.csv_text import DELIMITERS, LINE_ENDINGS, write_csv
from mock_crm.salesforce.bulk.jobs import Job, Jobs
from mock_crm.salesforce.bulk.refusals import invalid_job, invalid_state
from mock_crm.salesforce.bulk.tables import Table, check_bulk_query, check_bulk_result
from mock_crm.salesforce.context import SalesforceContext
from mock_crm.salesforce.errors import SalesforceError, not_found
from mock_crm.salesforce.routes.bulk.ingest import CSV, NewJob, check_format, describe_job
from mock_crm.salesforce.soql.queries import execute
from mock_crm.salesforce.soql.result import QueryResult

_CACHE = "bulk-query"
_OPERATIONS = ("query", "queryAll")
_LISTED = 1000


class _NewQuery(NewJob):
    query: str | None = None


class _Change(msgspec.Struct):
    state: str


def routes() -> list[Route[SalesforceContext]]:
    jobs = "/services/data/{version}/jobs/query"
    return [
        Route(
            "POST",
            jobs,
            create,
            note="The query runs at once; how long the job is seen in progress is a setting.",
        ),
        Route("GET", jobs, listing),
        Route("GET", f"{jobs}/{{job}}", info),
        Route("PATCH", f"{jobs}/{{job}}", change),
        Route("DELETE", f"{jobs}/{{job}}", delete),
        Route("GET", f"{jobs}/{{job}}/results", results),
    ]


def create(request: Request, org: SalesforceContext) -> Response:
    """Create a query job, and run it."""
    jobs = Jobs(org)
    asked = request.json(_NewQuery)
    check_format(asked)
    if asked.operation not in _OPERATIONS:
        raise invalid_job(f"Unsupported operation: {asked.operation}")
    text = asked.query or ""
    result = _run(org, text, asked.operation)
    now = jobs.now_ms()
    job = jobs.add(
        Job(
            id=org.ids.next("750"),
            kind="V2Query",
            object=result.entity.name,
            operation=asked.operation,
            created=now,
            modified=now,
            api_version=request.params["version"].lstrip("v"),
            column_delimiter=asked.column_delimiter or "COMMA",
            line_ending=asked.line_ending or "LF",
            query=text,
            state="JobComplete",
            processed=result.total_size,
            closed=now,
        )
    )
    _results(org)[job.id] = result
    return json_response({**describe_job(job, org), "state": "UploadComplete"})


def listing(request: Request, org: SalesforceContext) -> Response:
    """The query jobs of the last seven days, newest first."""
    jobs = Jobs(org)
    shown = [describe_job(jobs.seen(job), org) for job in jobs.all("V2Query")]
    return json_response({"done": True, "records": shown[: -_LISTED - 1 : -1], "nextRecordsUrl": None})


def info(request: Request, org: SalesforceContext) -> Response:
    """State and counts of a job."""
    job = Jobs(org).seen(_job(request, org))
    progress: dict[str, Any] = {
        "jobType": job.kind,
        "numberRecordsProcessed": job.processed,
        "retries": 0,
        "totalProcessingTime": job.modified - job.created,
    }
    return json_response({**describe_job(job, org), **progress})


def change(request: Request, org: SalesforceContext) -> Response:
    """Abort a job that is not complete yet."""
    jobs = Jobs(org)
    job = _job(request, org)
    state = request.json(_Change).state
    seen = jobs.seen(job)
    if state != "Aborted" or seen.state not in ("UploadComplete", "InProgress"):
        raise invalid_state(f"Changing the state from {seen.state} to {state} is not allowed")
    job.state = "Aborted"
    jobs.save(job)
    return json_response(describe_job(job, org))


def delete(request: Request, org: SalesforceContext) -> Response:
    job = _job(request, org)
    _results(org).pop(job.id, None)
    Jobs(org).drop(job)
    return Response(204)


def results(request: Request, org: SalesforceContext) -> Response:
    """A page of the result as CSV; `Sforce-Locator` names the next one, or is `null`."""
    job = _job(request, org)
    if (state := Jobs(org).seen(job).state) != "JobComplete":
        raise invalid_state(f"Results are not available for a job in state {state}")
    result = _results(org).get(job.id)
    if result is None:
        result = _results(org)[job.id] = _run(org, job.query, job.operation)
    start = _count(request.query.get("locator") or "0", "INVALID_QUERY_LOCATOR", "invalid query locator")
    size = _count(request.query.get("maxRecords") or "0", "INVALID_JOB", "maxRecords is not a number")
    size = size or max(result.total_size - start, 0)
    table = Table(result.names())
    rows = [table.cells(record) for record in result.page(start, size)]
    text = write_csv(table.names, rows, DELIMITERS[job.column_delimiter], LINE_ENDINGS[job.line_ending])
    is_last = start + size >= result.total_size
    headers = [
        ("sforce-locator", "null" if is_last else str(start + size)),
        ("sforce-numberofrecords", str(len(rows))),
    ]
    return Response(200, text.encode(), CSV, headers)


def _count(text: str, code: str, message: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) < 12):
        raise SalesforceError(code, message)
    return int(text)


def _run(org: SalesforceContext, text: str, operation: str) -> QueryResult:
    check_bulk_query(text)
    result = execute(org, text, include_deleted=operation == "queryAll")
    check_bulk_result(result, "API_ERROR")
    return result


def _results(org: SalesforceContext) -> dict[str, QueryResult]:
    found: dict[str, QueryResult] = org.caches.setdefault(_CACHE, {})
    return found


def _job(request: Request, org: SalesforceContext) -> Job:
    job = Jobs(org).find(request.params["job"], "V2Query")
    if job is None:
        raise not_found()
    return job
