"""Bulk API 1.0: jobs that take batches of up to 10,000 rows, or a query, and process each as it comes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Literal

import msgspec

from mock_crm.core.faults import Strike
from mock_crm.salesforce.bulk.bulk_v1_rows import Row, read_rows
from mock_crm.salesforce.bulk.jobs import Job, Jobs
from mock_crm.salesforce.bulk.pk_chunking import chunks
from mock_crm.salesforce.bulk.quota import take_batch
from mock_crm.salesforce.bulk.refusals import BulkError, invalid_batch, invalid_state
from mock_crm.salesforce.bulk.rows import Writer, check_columns, job_key, job_object
from mock_crm.salesforce.bulk.tables import check_bulk_result, check_bulk_v1_query
from mock_crm.salesforce.context import SalesforceContext
from mock_crm.salesforce.dml import RowResult
from mock_crm.salesforce.errors import SalesforceError
from mock_crm.salesforce.ids import to_18
from mock_crm.salesforce.soql.queries import execute
from mock_crm.salesforce.soql.result import QueryResult

QUERIES = ("query", "queryAll")
_TABLE = "~bulk-batch"
_CACHE = "bulk-v1-query"
_ROWS_LIMIT = 10_000
_BYTES_LIMIT = 10_000_000


BatchState = Literal["Queued", "InProgress", "Completed", "Failed", "NotProcessed"]


class Batch(msgspec.Struct, kw_only=True, omit_defaults=True):
    """One batch of a job.

    Attributes:
        created, modified: Epoch milliseconds.
        message: Why the whole batch failed.
        result_id: Names the result of a query.
    """

    id: str
    job_id: str
    created: int
    modified: int
    state: BatchState = "Queued"
    message: str = ""
    processed: int = 0
    failed: int = 0
    result_id: str = ""


class BulkV1:
    """Carries out Bulk 1.0 jobs of an org.

    Args:
        org: Where the rows go.
    """

    def __init__(self, org: SalesforceContext) -> None:
        self._org = org
        self.jobs = Jobs(org)

    def change_state(self, job: Job, state: str) -> None:
        """Close or abort a job.

        Raises:
            BulkError: The job has ended, or there is no such state.
        """
        if state not in ("Closed", "Aborted"):
            raise invalid_state(f"Changing the state to {state} is not allowed")
        if job.state not in ("Open", state):
            raise invalid_state(f"Job is in state {job.state}")
        job.state = "Closed" if state == "Closed" else "Aborted"
        self.jobs.save(job)

    def drop_expired(self) -> None:
        """Forget jobs older than seven days, with their batches."""
        for job in self.jobs.expired("V1"):
            for batch_id in job.batches:
                self.jobs.put(batch_id, "request", None)
                self.jobs.put(batch_id, "results", None)
            self._org.store.delete(_TABLE, job.batches)
            self.jobs.drop(job)

    def batches(self, job: Job) -> list[Batch]:
        """The batches of a job, in order."""
        return [batch for batch_id in job.batches if (batch := self.batch(job, batch_id)) is not None]

    def batch(self, job: Job, batch_id: str) -> Batch | None:
        """A batch of a job by its id of 15 or 18 characters."""
        row = self._org.store.get(_TABLE, to_18(batch_id) or "")
        found = msgspec.convert(row.document, Batch) if row else None
        return self._seen(found) if found is not None and found.job_id == job.id else None

    def _seen(self, batch: Batch) -> Batch:
        """The batch as clients see it now; see `Jobs.seen`."""
        share = self.jobs.progress(batch.created)
        if share >= 1:
            return batch
        state: BatchState = "InProgress" if share else "Queued"
        return msgspec.structs.replace(batch, state=state, processed=0, failed=0, message="")

    def add_batch(self, job: Job, content: bytes, strike: Strike | None) -> Batch:
        """Take a batch and process it. The returned state is that before processing, as clients see it.

        Raises:
            BulkError: The job is not open, or the batch is too large.
        """
        if job.state != "Open":
            raise invalid_state(
                f"Failed to create batch, since the Job is not Open. Current job state is '{job.state}'"
            )
        if len(content) > _BYTES_LIMIT:
            raise invalid_batch(f"Batch is larger than {_BYTES_LIMIT} bytes")
        batch = self._add_batch(job, content, strike)
        if job.chunk_size and batch.state == "Completed":
            job.processed -= batch.processed
            batch.state, batch.result_id, batch.processed = "NotProcessed", "", 0
            self._org.store.amend(_TABLE, batch.id, msgspec.to_builtins(batch))
            ids = sorted(row.id for row in self._org.store.scan(job.object))
            for chunk in chunks(content.decode("utf-8", "replace"), ids, job.chunk_size):
                self._add_batch(job, chunk.encode(), strike)
        self.jobs.save(job)
        return msgspec.structs.replace(batch, state="Queued", processed=0, failed=0, message="")

    def _add_batch(self, job: Job, content: bytes, strike: Strike | None) -> Batch:
        take_batch(self._org)
        now = self.jobs.now_ms()
        batch = Batch(id=self._org.ids.next("751"), job_id=job.id, created=now, modified=now)
        self._process(job, batch, content, strike)
        self.jobs.put(batch.id, "request", content.decode("latin-1"))
        self._org.store.insert(_TABLE, batch.id, msgspec.to_builtins(batch), now)
        job.batches.append(batch.id)
        job.processed += batch.processed
        job.failed += batch.failed
        return batch

    def _process(self, job: Job, batch: Batch, content: bytes, strike: Strike | None) -> None:
        try:
            if job.operation in QUERIES:
                self._query(job, batch, content)
            else:
                self._write(job, batch, content, strike)
            batch.state = "Completed"
        except BulkError as error:
            batch.state, batch.message = "Failed", error.message
        except SalesforceError as error:
            batch.state = "Failed"
            batch.message = f"InvalidBatch : Failed to process query: {error.code}: {error.message}"

    def _write(self, job: Job, batch: Batch, content: bytes, strike: Strike | None) -> None:
        columns, rows = read_rows(job.content_type, content)
        if len(rows) > _ROWS_LIMIT:
            raise invalid_batch(f"Records number exceeded, the limit is {_ROWS_LIMIT} for each batch")
        sobject = job_object(self._org, job.object)
        key = job_key(sobject, job.operation, job.key_field)
        check_columns(self._org, sobject, job.operation, columns)
        header = columns if job.content_type == "CSV" else ()
        outcomes = Writer(self._org, sobject, job.operation, key, strike, header).write(rows)
        batch.processed = len(outcomes)
        batch.failed = sum(1 for outcome in outcomes if outcome.errors)
        self.jobs.put(batch.id, "results", [_kept(outcome) for outcome in outcomes])

    def _query(self, job: Job, batch: Batch, content: bytes) -> None:
        result = self._run(job, content.decode("utf-8", "replace"))
        batch.processed = result.total_size
        batch.result_id = self._org.ids.next("752")
        self._query_results()[batch.id] = result

    def _run(self, job: Job, text: str) -> QueryResult:
        check_bulk_v1_query(text, job.object, job.content_type)
        result = execute(self._org, text, include_deleted=job.operation == "queryAll")
        check_bulk_result(result, "FUNCTIONALITY_NOT_ENABLED")
        return result

    def _query_results(self) -> dict[str, QueryResult]:
        found: dict[str, QueryResult] = self._org.caches.setdefault(_CACHE, {})
        return found

    def request(self, batch: Batch) -> bytes:
        """The batch as it was sent."""
        return str(self.jobs.get(batch.id, "request") or "").encode("latin-1")

    def results(self, batch: Batch) -> list[Row]:
        """The outcome of each row: id, success, created, errors."""
        kept: list[Row] = self.jobs.get(batch.id, "results") or []
        return kept

    def query_result(self, job: Job, batch: Batch) -> QueryResult:
        """The records of a query batch, read again when a restart has lost them.

        Raises:
            SoqlError: The query is no longer valid.
        """
        results = self._query_results()
        if batch.id not in results:
            results[batch.id] = self._run(job, self.request(batch).decode("utf-8", "replace"))
        return results[batch.id]


def pages(result: QueryResult, base: str, size: int = 2000) -> Iterator[dict[str, Any]]:
    """The records of a result, read piece by piece."""
    for start in range(0, result.total_size, size):
        yield from result.page(start, size, base)


def _kept(outcome: RowResult) -> Row:
    return {
        "success": not outcome.errors,
        "created": outcome.created,
        "id": outcome.id,
        "errors": [error.item() for error in outcome.errors],
    }


def error_cell(errors: Sequence[Row]) -> str:
    """The first error of a row as the cell of a CSV result."""
    if not errors:
        return ""
    first = errors[0]
    return f"{first['statusCode']}:{first['message']}:{', '.join(first['fields'])} --"
