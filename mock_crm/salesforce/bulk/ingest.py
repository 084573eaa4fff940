"""Bulk API 2.0 ingest: what becomes of a job from its creation to its results."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from mock_crm.faults import Strike
from mock_crm.salesforce.bulk.csv_text import (
    DELIMITERS,
    LINE_ENDINGS,
    check_line_ending,
    read_csv,
    write_csv,
)
from mock_crm.salesforce.bulk.jobs import Job, Jobs
from mock_crm.salesforce.bulk.quota import take_batch
from mock_crm.salesforce.bulk.refusals import BulkError, invalid_batch, invalid_state
from mock_crm.salesforce.bulk.rows import Writer, batched, check_columns, job_key, job_object, row_values
from mock_crm.salesforce.dml import RowResult

if TYPE_CHECKING:
    from mock_crm.salesforce.org import SalesforceOrg

BATCH = 10_000
"""Rows that Salesforce cuts a job into; the daily quota counts these."""


class Ingest:
    """Carries out ingest jobs of an org.

    Args:
        org: Where the rows go.
    """

    def __init__(self, org: SalesforceOrg) -> None:
        self._org = org
        self.jobs = Jobs(org)

    def upload(self, job: Job, content: bytes) -> None:
        """Take a job's rows.

        Raises:
            BulkError: The job is not open, or has its rows already.
        """
        if job.state != "Open":
            raise invalid_state(f"Content cannot be uploaded to a job in state {job.state}")
        if job.has_content:
            raise invalid_state("Only one upload is allowed for each job")
        self.jobs.put(job.id, "upload", content.decode("latin-1"))
        job.has_content = True
        self.jobs.save(job)

    def abort(self, job: Job) -> None:
        """Stop a job; rows that were written stay written.

        Raises:
            BulkError: The job has ended.
        """
        if job.state not in ("Open", "UploadComplete", "InProgress"):
            raise invalid_state(f"Aborting not allowed for a job in state {job.state}")
        job.state = "Aborted"
        self.jobs.save(job)

    async def close(self, job: Job, strike: Strike | None) -> None:
        """Mark a job's rows as complete, and write them.

        Other requests get their turn between batches of 10,000 rows, so that they can watch or abort the job.

        Raises:
            BulkError: The job is not open.
        """
        if job.state != "Open":
            raise invalid_state(f"Closing not allowed for a job in state {job.state}")
        job.state = "InProgress"
        self.jobs.save(job)
        content = self.jobs.get(job.id, "upload") or ""
        try:
            await self._process(job, content.encode("latin-1"), strike)
        except BulkError as error:
            job.state, job.error = "Failed", error.message
            self.jobs.save(job)

    async def _process(self, job: Job, content: bytes, strike: Strike | None) -> None:
        delimiter, ending = DELIMITERS[job.column_delimiter], LINE_ENDINGS[job.line_ending]
        if not content:
            job.state = "JobComplete"
            self.jobs.save(job)
            return
        check_line_ending(content, job.line_ending)
        header, rows = read_csv(content, delimiter)
        results = _Results(header, delimiter, ending)
        try:
            await self._write(job, header, list(rows), results, strike)
        finally:
            for part, text in results.texts().items():
                self.jobs.put(job.id, part, text)
            self.jobs.put(job.id, "upload", None)

    async def _write(
        self, job: Job, header: list[str], rows: list[list[str]], results: _Results, strike: Strike | None
    ) -> None:
        results.unprocessed = rows
        sobject = job_object(self._org, job.object)
        key = job_key(sobject, job.operation, job.key_field)
        check_columns(self._org, sobject, header)
        _check_lengths(header, rows)
        writer = Writer(self._org, sobject, job.operation, key, strike)
        for batch in batched(rows, BATCH):
            take_batch(self._org)
            outcomes = writer.write([row_values(header, cells) for cells in batch])
            results.add(batch, outcomes)
            job.processed += len(batch)
            job.failed = len(results.failed)
            self.jobs.save(job)
            await asyncio.sleep(0)
            found = self.jobs.find(job.id, "V2Ingest")
            if found is None or found.state != "InProgress":
                job.state = "Aborted"
                break
        results.unprocessed = rows[job.processed :]
        if job.state == "InProgress":
            job.state = "JobComplete"
        self.jobs.save(job)


def _check_lengths(header: list[str], rows: list[list[str]]) -> None:
    width = len(header)
    for number, cells in enumerate(rows, 1):
        if len(cells) > width:
            raise invalid_batch(
                f"Failed to parse CSV. Row {number} has {len(cells)} columns, but the header has {width}"
            )


class _Results:
    """The rows of one job by what became of them."""

    def __init__(self, header: list[str], delimiter: str, line_ending: str) -> None:
        self._header = header
        self._delimiter = delimiter
        self._line_ending = line_ending
        self.successful: list[list[str]] = []
        self.failed: list[list[str]] = []
        self.unprocessed: list[list[str]] = []

    def add(self, rows: list[list[str]], outcomes: list[RowResult]) -> None:
        for cells, outcome in zip(rows, outcomes, strict=True):
            if outcome.errors:
                self.failed.append([outcome.id or "", outcome.errors[0].bulk(), *cells])
            else:
                self.successful.append([str(outcome.id), "true" if outcome.created else "false", *cells])

    def texts(self) -> dict[str, str]:
        return {
            "successful": self._csv(["sf__Id", "sf__Created", *self._header], self.successful),
            "failed": self._csv(["sf__Id", "sf__Error", *self._header], self.failed),
            "unprocessed": self._csv(self._header, self.unprocessed),
        }

    def _csv(self, header: list[str], rows: list[list[str]]) -> str:
        return write_csv(header, rows, self._delimiter, self._line_ending)
