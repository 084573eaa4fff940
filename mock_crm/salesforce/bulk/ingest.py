"""Bulk API 2.0 ingest: what becomes of a job from its creation to its results."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass

from mock_crm.core.faults import Strike
from mock_crm.salesforce.bulk.csv_text import (
    DELIMITERS,
    LINE_ENDINGS,
    CsvWriter,
    check_line_ending,
    read_csv,
)
from mock_crm.salesforce.bulk.jobs import Job, Jobs
from mock_crm.salesforce.bulk.quota import take_batch
from mock_crm.salesforce.bulk.refusals import BulkError, invalid_batch, invalid_state, several_uploads
from mock_crm.salesforce.bulk.rows import (
    CHUNK,
    Writer,
    check_columns,
    job_key,
    job_object,
    paused_collector,
    values_of,
)
from mock_crm.salesforce.context import SalesforceContext
from mock_crm.salesforce.dml import RowResult

BATCH = 10_000
"""Rows that Salesforce cuts a job into; the daily quota counts these."""


class Ingest:
    """Carries out ingest jobs of an org.

    Args:
        org: Where the rows go.
    """

    def __init__(self, org: SalesforceContext) -> None:
        self._org = org
        self.jobs = Jobs(org)
        self._active: set[str] = org.caches.setdefault("bulk-active", set())

    def upload(self, job: Job, content: bytes) -> None:
        """Take a job's rows.

        Raises:
            SalesforceError: The job is not open, or has its rows already.
        """
        if job.state != "Open":
            raise invalid_state(f"Content cannot be uploaded to a job in state {job.state}")
        if job.has_content:
            raise several_uploads(job.id)
        self.jobs.put(job.id, "upload", content.decode("latin-1"))
        job.has_content = True
        self.jobs.save(job)

    def abort(self, job: Job) -> None:
        """Stop a job; rows that were written stay written.

        Raises:
            BulkError: The job has ended.
        """
        if self.jobs.seen(job).state not in ("Open", "UploadComplete", "InProgress"):
            raise invalid_state(f"Aborting not allowed for a job in state {job.state}")
        job.state = "Aborted"
        self.jobs.save(job)

    async def close(self, job: Job, strike: Strike | None = None) -> None:
        """Mark a job's rows as complete, and write them.

        Raises:
            BulkError: The job is not open.
        """
        if job.state != "Open":
            raise invalid_state(f"Closing not allowed for a job in state {job.state}")
        job.state, job.closed = "InProgress", self.jobs.now_ms()
        self.jobs.save(job)
        await self._process(job, strike)

    async def resume(self, job: Job) -> None:
        """Go on with a job that a killed process has left half done, after the last batch that was kept."""
        if job.state == "InProgress" and job.id not in self._active:
            await self._process(job, None)

    def results(self, job: Job, part: str) -> str:
        """One of the result files: `successful`, `failed` or `unprocessed`; empty when there is none yet."""
        if self.jobs.seen(job) is not job:
            return ""
        if part == "unprocessed":
            return self.jobs.get(job.id, part) or ""
        batches = range(-(-job.processed // BATCH))
        return "".join(self.jobs.get(job.id, f"{part}/{number}") or "" for number in batches)

    def drop_expired(self) -> None:
        """Forget jobs older than seven days."""
        for job in self.jobs.expired("V2Ingest"):
            self.drop(job)

    def drop(self, job: Job) -> None:
        """Forget a job with its content."""
        numbers = range(-(-job.processed // BATCH))
        parts = [f"{part}/{number}" for part in ("successful", "failed") for number in numbers]
        self.jobs.drop(job, ["upload", "unprocessed", *parts])

    async def _process(self, job: Job, strike: Strike | None) -> None:
        rows = _Rows([], [])
        self._active.add(job.id)
        try:
            rows = self._rows(job)
            await self._write(job, rows, self._writer(job, rows, strike))
        except BulkError as error:
            job.state, job.error = "Failed", error.message
        finally:
            self._active.discard(job.id)
        self._finish(job, rows)

    def _rows(self, job: Job) -> _Rows:
        content = str(self.jobs.get(job.id, "upload") or "").encode("latin-1")
        if not content:
            return _Rows([], [])
        check_line_ending(content, job.line_ending)
        return _Rows(*read_csv(content, DELIMITERS[job.column_delimiter]))

    def _writer(self, job: Job, rows: _Rows, strike: Strike | None) -> Writer:
        sobject = job_object(self._org, job.object)
        key = job_key(sobject, job.operation, job.key_field)
        check_columns(self._org, sobject, job.operation, rows.header)
        rows.check_lengths()
        return Writer(self._org, sobject, job.operation, key, strike, rows.header)

    async def _write(self, job: Job, rows: _Rows, writer: Writer) -> None:
        """Write batch by batch, each with its results in one transaction, so that none is written twice."""
        while job.state == "InProgress" and job.processed < len(rows.cells):
            batch = rows.cells[job.processed : job.processed + BATCH]
            take_batch(self._org)
            with self._org.store.transaction(), paused_collector():
                results = _Results(job, rows.header)
                # All steps chunk by chunk: each row is then still in the processor's cache, 5 % of a job.
                for start in range(0, len(batch), CHUNK):
                    chunk = batch[start : start + CHUNK]
                    results.add(chunk, writer.write_chunk(values_of(rows.header, chunk)))
                self._keep(job, len(batch), results)
            await asyncio.sleep(0)
            found = self.jobs.find(job.id, "V2Ingest")
            job.state = found.state if found is not None else "Aborted"
        if job.state == "InProgress":
            job.state = "JobComplete"

    def _keep(self, job: Job, rows: int, results: _Results) -> None:
        number = job.processed // BATCH
        self.jobs.put(job.id, f"successful/{number}", results.successful.text())
        self.jobs.put(job.id, f"failed/{number}", results.failed.text())
        job.processed += rows
        job.failed += results.failures
        self.jobs.save(job)

    def _finish(self, job: Job, rows: _Rows) -> None:
        """Keep what was not processed instead of the upload."""
        unprocessed = CsvWriter([], *_form(job), rows.header)
        for cells in rows.cells[job.processed :]:
            unprocessed.write(cells)
        self.jobs.put(job.id, "unprocessed", unprocessed.text())
        self.jobs.put(job.id, "upload", None)
        self.jobs.save(job)


@dataclass(frozen=True, slots=True)
class _Rows:
    header: list[str]
    cells: list[list[str]]

    def check_lengths(self) -> None:
        """Make sure that no row is longer than the header.

        Raises:
            BulkError: One is.
        """
        width = len(self.header)
        for number, cells in enumerate(self.cells, 1):
            if len(cells) > width:
                raise invalid_batch(
                    f"Failed to parse CSV. Row {number} has {len(cells)} columns, but the header has {width}"
                )


class _Results:
    """The result files of a batch; only the first one's have a header.

    Args:
        job: Whose rows they are, before the batch is counted.
        header: The columns that were sent.
    """

    def __init__(self, job: Job, header: list[str]) -> None:
        sent = [] if job.processed else header
        self.successful = CsvWriter(["sf__Id", "sf__Created"] if sent else [], *_form(job), sent)
        self.failed = CsvWriter(["sf__Id", "sf__Error"] if sent else [], *_form(job), sent)
        self.failures = 0

    def add(self, rows: Iterable[list[str]], outcomes: Iterable[RowResult]) -> None:
        for cells, outcome in zip(rows, outcomes, strict=True):
            if outcome.errors:
                self.failures += 1
                self.failed.write([outcome.id or "", outcome.errors[0].bulk(), *cells])
            else:
                self.successful.write([outcome.id or "", "true" if outcome.created else "false", *cells])


def _form(job: Job) -> tuple[str, str]:
    """What stands between values and after rows."""
    return DELIMITERS[job.column_delimiter], LINE_ENDINGS[job.line_ending]
