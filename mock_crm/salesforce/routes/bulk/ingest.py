"""Bulk API 2.0 over HTTP: `jobs/ingest` (evidence/salesforce.md#bulk-20-ingest)."""

from __future__ import annotations

from typing import Any

import msgspec

from mock_crm.core.http import BodyError, Request, Response, json_response
from mock_crm.core.routing import Route
from mock_crm.salesforce.bulk.csv_text import DELIMITERS, LINE_ENDINGS, write_csv
from mock_crm.salesforce.bulk.ingest import Ingest
from mock_crm.salesforce.bulk.jobs import Job
from mock_crm.salesforce.bulk.refusals import invalid_job, invalid_state
from mock_crm.salesforce.bulk.rows import job_key, job_object
from mock_crm.salesforce.context import SalesforceContext
from mock_crm.salesforce.errors import not_found
from mock_crm.salesforce.multipart import parts
from mock_crm.salesforce.records import moment_text

CSV = "text/csv"
_LISTED = 1000
_AT_ONCE = "Rows are written when the job is closed; how long it is seen in progress is a setting."
_ENDED = ("UploadComplete", "JobComplete", "Aborted", "Failed")


class NewJob(msgspec.Struct, rename="camel"):
    """What a client asks for."""

    object: str | None = None
    operation: str | None = None
    external_id_field_name: str | None = None
    content_type: str | None = None
    line_ending: str | None = None
    column_delimiter: str | None = None


class _Change(msgspec.Struct):
    state: str


def routes() -> list[Route[SalesforceContext]]:
    jobs = "/services/data/{version}/jobs/ingest"
    return [
        Route("POST", jobs, create),
        Route("GET", jobs, listing),
        Route("GET", f"{jobs}/{{job}}", info),
        Route("PATCH", f"{jobs}/{{job}}", change, note=_AT_ONCE),
        Route("DELETE", f"{jobs}/{{job}}", delete),
        Route("PUT", f"{jobs}/{{job}}/batches", upload),
        Route("GET", f"{jobs}/{{job}}/successfulResults", successful),
        Route("GET", f"{jobs}/{{job}}/failedResults", failed),
        Route("GET", f"{jobs}/{{job}}/unprocessedRecords", unprocessed),
        Route("GET", f"{jobs}/{{job}}/unprocessedrecords", unprocessed),
    ]


async def create(request: Request, org: SalesforceContext) -> Response:
    """Create a job; a multipart body brings its rows along and closes it."""
    ingest = Ingest(org)
    if request.content_type() != "multipart/form-data":
        return json_response(_shown(_new(ingest, org, request, request.body), org))
    found = parts(request.header("content-type"), request.body)
    if "job" not in found or "content" not in found:
        raise BodyError("the multipart body needs the parts job and content")
    job = _new(ingest, org, request, found["job"])
    ingest.upload(job, found["content"])
    closing = _shown(msgspec.structs.replace(job, state="UploadComplete"), org)
    await ingest.close(job, request.strike)
    return json_response(closing)


def listing(request: Request, org: SalesforceContext) -> Response:
    """The jobs of the last seven days, newest first."""
    jobs = Ingest(org).jobs
    shown = [_shown(jobs.seen(job), org) for job in jobs.all("V2Ingest")]
    return json_response({"done": True, "records": shown[: -_LISTED - 1 : -1], "nextRecordsUrl": None})


async def info(request: Request, org: SalesforceContext) -> Response:
    """State and counts of a job."""
    ingest = Ingest(org)
    job = _job(request, ingest)
    await ingest.resume(job)
    seen = ingest.jobs.seen(job)
    return json_response({**_shown(seen, org), **_progress(seen)})


async def change(request: Request, org: SalesforceContext) -> Response:
    """Close a job, which processes it, or abort it."""
    ingest = Ingest(org)
    job = _job(request, ingest)
    state = request.json(_Change).state
    if state == "Aborted":
        ingest.abort(job)
        return json_response(_shown(job, org))
    if state != "UploadComplete":
        raise invalid_state(f"Changing the state to {state} is not allowed")
    closing = _shown(msgspec.structs.replace(job, state="UploadComplete"), org)
    await ingest.close(job, request.strike)
    return json_response(closing)


def delete(request: Request, org: SalesforceContext) -> Response:
    """Forget a job that has ended."""
    ingest = Ingest(org)
    job = _job(request, ingest)
    if ingest.jobs.seen(job).state not in _ENDED:
        raise invalid_state("Deleting not allowed: the job must be closed, aborted or failed")
    ingest.drop(job)
    return Response(204)


def upload(request: Request, org: SalesforceContext) -> Response:
    """Take a job's rows."""
    ingest = Ingest(org)
    ingest.upload(_job(request, ingest), request.body)
    return Response(201)


def successful(request: Request, org: SalesforceContext) -> Response:
    """The rows that were saved, with their ids."""
    return _results(request, org, "successful", ["sf__Id", "sf__Created"])


def failed(request: Request, org: SalesforceContext) -> Response:
    """The rows that were refused, with the reasons."""
    return _results(request, org, "failed", ["sf__Id", "sf__Error"])


def unprocessed(request: Request, org: SalesforceContext) -> Response:
    """The rows that were not looked at."""
    return _results(request, org, "unprocessed", [])


def _results(request: Request, org: SalesforceContext, part: str, header: list[str]) -> Response:
    ingest = Ingest(org)
    text = ingest.results(_job(request, ingest), part)
    if not text and header:
        text = write_csv(header, [])
    return Response(200, text.encode(), CSV)


def _job(request: Request, ingest: Ingest) -> Job:
    job = ingest.jobs.find(request.params["job"], "V2Ingest")
    if job is None:
        raise not_found()
    return job


def _new(ingest: Ingest, org: SalesforceContext, request: Request, body: bytes) -> Job:
    asked = read_json(body)
    sobject = job_object(org, asked.object or "")
    key = job_key(sobject, asked.operation or "", asked.external_id_field_name or "")
    check_format(asked)
    ingest.drop_expired()
    now = ingest.jobs.now_ms()
    return ingest.jobs.add(
        Job(
            id=org.ids.next("750"),
            kind="V2Ingest",
            object=sobject.name,
            operation=asked.operation or "",
            created=now,
            modified=now,
            api_version=request.params["version"].lstrip("v"),
            key_field=key.name if key else "",
            column_delimiter=asked.column_delimiter or "COMMA",
            line_ending=asked.line_ending or "LF",
        )
    )


def read_json(body: bytes) -> NewJob:
    """What a client asks for.

    Raises:
        BodyError: It is not JSON, or a value is of the wrong kind.
    """
    try:
        return msgspec.json.decode(body, type=NewJob)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise BodyError(str(error)) from error


def check_format(asked: NewJob) -> None:
    """Make sure that the rows come in a form that can be read.

    Raises:
        BulkError: Content type, delimiter or line ending are unknown.
    """
    if asked.content_type not in (None, "", "CSV"):
        raise invalid_job(f"Unsupported content type: {asked.content_type}")
    if asked.column_delimiter and asked.column_delimiter not in DELIMITERS:
        raise invalid_job(f"Unsupported column delimiter: {asked.column_delimiter}")
    if asked.line_ending and asked.line_ending not in LINE_ENDINGS:
        raise invalid_job(f"Unsupported line ending: {asked.line_ending}")


def _shown(job: Job, org: SalesforceContext) -> dict[str, Any]:
    shown = describe_job(job, org)
    if job.key_field:
        shown["externalIdFieldName"] = job.key_field
    if job.state == "Open":
        shown["contentUrl"] = f"services/data/v{job.api_version}/jobs/ingest/{job.id}/batches"
    return shown


def describe_job(job: Job, org: SalesforceContext) -> dict[str, Any]:
    """What ingest and query jobs show alike [A]."""
    return {
        "id": job.id,
        "operation": job.operation,
        "object": job.object,
        "createdById": org.identity.user_id,
        "createdDate": moment_text(job.created),
        "systemModstamp": moment_text(job.modified),
        "state": job.state,
        "concurrencyMode": job.concurrency,
        "contentType": "CSV",
        "apiVersion": float(job.api_version),
        "lineEnding": job.line_ending,
        "columnDelimiter": job.column_delimiter,
    }


def _progress(job: Job) -> dict[str, Any]:
    shown: dict[str, Any] = {
        "jobType": job.kind,
        "numberRecordsProcessed": job.processed,
        "numberRecordsFailed": job.failed,
        "retries": 0,
        "totalProcessingTime": job.modified - job.created,
        "apiActiveProcessingTime": job.modified - job.created,
        "apexProcessingTime": 0,
    }
    if job.error:
        shown["errorMessage"] = job.error
    return shown
