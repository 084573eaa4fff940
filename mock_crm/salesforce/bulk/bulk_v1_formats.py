"""How Bulk 1.0 shows jobs, batches, results and refusals in XML, JSON and CSV.

Content types carry no charset, since clients compare them as a whole (evidence/salesforce.md#bulk-10).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

import msgspec

from mock_crm.core.http import Request, Response
from mock_crm.salesforce.bulk.bulk_v1 import Batch, error_cell
from mock_crm.salesforce.bulk.csv_text import write_csv
from mock_crm.salesforce.bulk.jobs import Job
from mock_crm.salesforce.bulk.refusals import BulkError
from mock_crm.salesforce.bulk.tables import Table, cell_text
from mock_crm.salesforce.records import moment_text
from mock_crm.salesforce.soap.document import render

XML, JSON, CSV = "application/xml", "application/json", "text/csv"
NAMESPACE = "http://www.force.com/2009/06/asyncapi/dataload"

_MOMENTS = ("createdDate", "systemModstamp")
_PROLOGUE = '<?xml version="1.0" encoding="UTF-8"?>'
_XSI = "http://www.w3.org/2001/XMLSchema-instance"


def xml_document(name: str, value: Mapping[str, Any], status: int = 200) -> Response:
    """One element with the API's namespace as a document."""
    text = _PROLOGUE + render(name, {"@xmlns": NAMESPACE, **value})
    return Response(status, text.encode(), XML)


def shown(name: str, value: Mapping[str, Any], *, is_json: bool, status: int = 200) -> Response:
    """An object as the body of an answer: in JSON its members by name and its moments in `+0000`, as recorded
    (openstax-cms, CumulusCI); nulls are left out of XML."""
    if is_json:
        return Response(status, msgspec.json.encode(_json_members(value)), JSON)
    return xml_document(name, value, status)


def _json_members(value: Any) -> Any:
    if isinstance(value, list):
        return [_json_members(item) for item in value]
    if not isinstance(value, dict):
        return value
    moments = {name: value[name].replace("Z", "+0000") for name in _MOMENTS if name in value}
    return {name: _json_members(item) for name, item in sorted({**value, **moments}.items())}


def job_info(job: Job, user_id: str, batches: Sequence[Batch], *, is_json: bool) -> dict[str, Any]:
    """A job with the counts of its batches."""
    states = [batch.state for batch in batches]
    only_json = {"assignmentRuleId": None, "fastPathEnabled": False} if is_json else {}
    return {
        **only_json,
        "id": job.id,
        "operation": job.operation,
        "object": job.object,
        "createdById": user_id,
        "createdDate": _moment(job.created),
        "systemModstamp": _moment(job.modified),
        "state": job.state,
        "externalIdFieldName": job.key_field or None,
        "concurrencyMode": job.concurrency,
        "contentType": job.content_type,
        "numberBatchesQueued": states.count("Queued"),
        "numberBatchesInProgress": states.count("InProgress"),
        "numberBatchesCompleted": states.count("Completed"),
        "numberBatchesFailed": states.count("Failed"),
        "numberBatchesTotal": len(states),
        "numberRecordsProcessed": job.processed,
        "numberRetries": 0,
        "apiVersion": float(job.api_version),
        "numberRecordsFailed": job.failed,
        "totalProcessingTime": 0,
        "apiActiveProcessingTime": 0,
        "apexProcessingTime": 0,
    }


def batch_info(batch: Batch) -> dict[str, Any]:
    return {
        "id": batch.id,
        "jobId": batch.job_id,
        "state": batch.state,
        "stateMessage": batch.message or None,
        "createdDate": _moment(batch.created),
        "systemModstamp": _moment(batch.modified),
        "numberRecordsProcessed": batch.processed,
        "numberRecordsFailed": batch.failed,
        "totalProcessingTime": 0,
        "apiActiveProcessingTime": 0,
        "apexProcessingTime": 0,
    }


def row_results(rows: Sequence[Mapping[str, Any]], content_type: str) -> Response:
    """The outcomes of a batch's rows, in the job's content type."""
    if content_type == "JSON":
        return Response(200, msgspec.json.encode(rows), JSON)
    if content_type == "CSV":
        cells = [
            [row["id"] or "", cell_text(row["success"]), cell_text(row["created"]), error_cell(row["errors"])]
            for row in rows
        ]
        return Response(200, write_csv(["Id", "Success", "Created", "Error"], cells).encode(), CSV)
    results = [
        {
            "errors": [
                {"fields": error["fields"], "message": error["message"], "statusCode": error["statusCode"]}
                for error in row["errors"]
            ],
            "id": row["id"],
            "success": row["success"],
            "created": row["created"],
        }
        for row in rows
    ]
    return xml_document("results", {"result": results})


def result_list(result_id: str, content_type: str) -> Response:
    """The ids under which a query's records are fetched."""
    if content_type == "JSON":
        return Response(200, msgspec.json.encode([result_id]), JSON)
    return xml_document("result-list", {"result": result_id})


def query_records(records: Iterable[dict[str, Any]], names: Sequence[str], content_type: str) -> Response:
    """The records of a query, in the job's content type."""
    if content_type == "JSON":
        return Response(200, msgspec.json.encode([_json_record(record) for record in records]), JSON)
    if content_type == "CSV":
        table = Table(names)
        return Response(200, write_csv(table.names, map(table.cells, records)).encode(), CSV)
    shown_records = [_xml_record(record) for record in records]
    return xml_document("queryResult", {"@xmlns:xsi": _XSI, "records": shown_records})


def _json_record(value: Any) -> Any:
    """The record with its moments in epoch milliseconds, as this API gives them in JSON [K]."""
    if isinstance(value, dict):
        return {name: _json_record(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [_json_record(inner) for inner in value]
    if isinstance(value, str) and cell_text(value) != value:
        return int(datetime.fromisoformat(value).timestamp() * 1000)
    return value


def _xml_record(record: Mapping[str, Any]) -> dict[str, Any]:
    shown_record: dict[str, Any] = {"@xsi:type": "sObject", "type": record["attributes"]["type"]}
    for name, value in record.items():
        if name == "attributes":
            continue
        shown_record[name] = _xml_record(value) if _is_record(value) else {"@xsi:nil": "true"}
        if value is not None and not _is_record(value):
            shown_record[name] = cell_text(value)
    return shown_record


def _is_record(value: Any) -> bool:
    return isinstance(value, dict) and "attributes" in value


def _moment(epoch_ms: int) -> str:
    return cell_text(moment_text(epoch_ms))


def is_json(request: Request) -> bool:
    """Whether the client sends JSON, or sends nothing and asks for it."""
    if request.content_type():
        return request.content_type() == JSON
    return JSON in request.header("accept")


def refused(request: Request, error: BulkError) -> Response:
    """A refusal in the form of this API."""
    body = {"exceptionCode": error.exception, "exceptionMessage": error.plain}
    return shown("error", body, is_json=is_json(request), status=error.status)
