"""Bulk API 1.0 over HTTP, under `/services/async/{version}`.

Jobs are answered in the form of the request (XML or JSON), batches and results in the job's content type;
the session arrives in `X-SFDC-Session`, and refusals have a form of their own.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeAlias

from mock_crm.core.http import BodyError, Request, Response
from mock_crm.core.routing import Route
from mock_crm.salesforce.bulk import bulk_v1_formats as wire
from mock_crm.salesforce.bulk.bulk_v1 import QUERIES, Batch, BulkV1, pages
from mock_crm.salesforce.bulk.jobs import Job
from mock_crm.salesforce.bulk.pk_chunking import chunk_size
from mock_crm.salesforce.bulk.refusals import BulkError, invalid_job
from mock_crm.salesforce.bulk.rows import job_key, job_object
from mock_crm.salesforce.context import SalesforceContext
from mock_crm.salesforce.errors import SalesforceError
from mock_crm.salesforce.soap.document import XmlError, parse
from mock_crm.salesforce.versions import number

_CONTENT_TYPES = {"CSV": wire.CSV, "JSON": wire.JSON, "XML": wire.XML}
_CONCURRENCY = {"": "Parallel", "0": "Parallel", "1": "Serial", "parallel": "Parallel", "serial": "Serial"}

_NOTES = {
    "create": "Chunking by primary key, batch retries and assignment rules are headers without effect.",
    "add_batch": "Rows are written at once; how long a batch is in progress is a setting. No ZIP batches.",
}

_Handler: TypeAlias = Callable[[Request, "SalesforceContext"], Response]


def routes() -> list[Route[SalesforceContext]]:
    """The resources of this module. They check the session by themselves, as it has a header of its own."""
    job = "/services/async/{version}/job"
    batch = f"{job}/{{job}}/batch"
    handlers: list[tuple[str, str, _Handler]] = [
        ("POST", job, create),
        ("GET", f"{job}/{{job}}", info),
        ("POST", f"{job}/{{job}}", change),
        ("POST", batch, add_batch),
        ("GET", batch, batch_list),
        ("GET", f"{batch}/{{batch}}", batch_state),
        ("GET", f"{batch}/{{batch}}/request", batch_request),
        ("GET", f"{batch}/{{batch}}/result", batch_result),
        ("GET", f"{batch}/{{batch}}/result/{{result}}", query_result),
    ]
    return [
        Route(method, path, _guarded(handler), is_open=True, note=_NOTES.get(handler.__name__, ""))
        for method, path, handler in handlers
    ]


def _guarded(handler: _Handler) -> _Handler:
    """The handler behind the session check, with its refusals in the form of this API."""

    @wraps(handler)
    def answer(request: Request, org: SalesforceContext) -> Response:
        session = request.header("x-sfdc-session") or request.header("authorization").partition(" ")[2]
        try:
            if not org.sessions.accepts(session):
                raise BulkError("InvalidSessionId", "Invalid session id")
            if number(f"v{request.params['version'].removeprefix('v')}") is None:
                raise BulkError("InvalidVersion", f"Invalid API version: {request.params['version']}")
            return handler(request, org)
        except BulkError as error:
            return wire.refused(request, error)
        except BodyError as error:
            return wire.refused(request, invalid_job(str(error)))
        except SalesforceError as error:
            return wire.refused(request, BulkError(error.code, error.message))

    return answer


def create(request: Request, org: SalesforceContext) -> Response:
    bulk = BulkV1(org)
    asked = _read(request)
    sobject = job_object(org, asked.get("object", ""))
    operation = asked.get("operation", "")
    key = None if operation in QUERIES else job_key(sobject, operation, asked.get("externalIdFieldName", ""))
    content_type = asked.get("contentType") or "XML"
    concurrency = _CONCURRENCY.get(asked.get("concurrencyMode", "").lower())
    if content_type not in _CONTENT_TYPES:
        raise invalid_job(f"Unsupported content type: {content_type}")
    if concurrency is None:
        raise invalid_job(f"Unsupported concurrency mode: {asked['concurrencyMode']}")
    bulk.drop_expired()
    now = bulk.jobs.now_ms()
    job = bulk.jobs.add(
        Job(
            id=org.ids.next("750"),
            kind="V1",
            object=sobject.name,
            operation=operation,
            created=now,
            modified=now,
            api_version=request.params["version"].removeprefix("v"),
            key_field=key.name if key else "",
            content_type=content_type,
            concurrency=concurrency,
            chunk_size=chunk_size(request.header("sforce-enable-pkchunking")) if operation in QUERIES else 0,
        )
    )
    return _job_answer(request, org, job, status=201)


def info(request: Request, org: SalesforceContext) -> Response:
    """State and counts of a job."""
    return _job_answer(request, org, _job(request, org))


def change(request: Request, org: SalesforceContext) -> Response:
    job = _job(request, org)
    BulkV1(org).change_state(job, _read(request).get("state", ""))
    return _job_answer(request, org, job)


def add_batch(request: Request, org: SalesforceContext) -> Response:
    """Take rows or a query."""
    job = _job(request, org)
    batch = BulkV1(org).add_batch(job, request.body, request.strike)
    return wire.shown("batchInfo", wire.batch_info(batch), is_json=job.content_type == "JSON", status=201)


def batch_list(request: Request, org: SalesforceContext) -> Response:
    job = _job(request, org)
    batches = [wire.batch_info(batch) for batch in BulkV1(org).batches(job)]
    return wire.shown("batchInfoList", {"batchInfo": batches}, is_json=job.content_type == "JSON")


def batch_state(request: Request, org: SalesforceContext) -> Response:
    """State and counts of a batch."""
    job, batch = _batch(request, org)
    return wire.shown("batchInfo", wire.batch_info(batch), is_json=job.content_type == "JSON")


def batch_request(request: Request, org: SalesforceContext) -> Response:
    """A batch as it was sent."""
    job, batch = _batch(request, org)
    return Response(200, BulkV1(org).request(batch), _CONTENT_TYPES[job.content_type])


def batch_result(request: Request, org: SalesforceContext) -> Response:
    """The outcomes of a batch's rows, or where a query's records are."""
    job, batch = _batch(request, org)
    if batch.state != "Completed":
        raise BulkError("InvalidBatch", f"Batch not completed: {batch.message or batch.state}")
    if job.operation in QUERIES:
        return wire.result_list(batch.result_id, job.content_type)
    return wire.row_results(BulkV1(org).results(batch), job.content_type)


def query_result(request: Request, org: SalesforceContext) -> Response:
    job, batch = _batch(request, org)
    if not batch.result_id or request.params["result"][:15] != batch.result_id[:15]:
        raise BulkError("InvalidBatch", f"Unable to find result: {request.params['result']}")
    result = BulkV1(org).query_result(job, batch)
    records = pages(result, f"/services/data/v{job.api_version}")
    return wire.query_records(records, result.names(), job.content_type)


def _job(request: Request, org: SalesforceContext) -> Job:
    job = BulkV1(org).jobs.find(request.params["job"], "V1")
    if job is None:
        raise invalid_job(f"Unable to find job for id: {request.params['job']}")
    return job


def _batch(request: Request, org: SalesforceContext) -> tuple[Job, Batch]:
    job = _job(request, org)
    batch = BulkV1(org).batch(job, request.params["batch"])
    if batch is None:
        raise BulkError("InvalidBatch", f"Unable to find batch for id: {request.params['batch']}")
    return job, batch


def _job_answer(request: Request, org: SalesforceContext, job: Job, status: int = 200) -> Response:
    batches = BulkV1(org).batches(job)
    is_json = wire.is_json(request)
    shown = wire.job_info(job, org.identity.user_id, batches, is_json=is_json)
    return wire.shown("jobInfo", shown, is_json=is_json, status=status)


def _read(request: Request) -> dict[str, str]:
    """The members of a job in either form, as text."""
    if wire.is_json(request):
        members = request.json(dict[str, Any])
        return {name: str(value) for name, value in members.items() if value is not None}
    try:
        root = parse(request.body)
    except XmlError as error:
        raise BulkError("InvalidXML", str(error)) from error
    return {child.tag: (child.text or "").strip() for child in root}
