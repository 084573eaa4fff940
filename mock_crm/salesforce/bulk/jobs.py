"""The jobs of one org, kept in its store, so that they outlive a restart and follow snapshots."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import timedelta
from typing import Any, Literal

import msgspec

from mock_crm.core.clock import epoch_ms
from mock_crm.salesforce.context import SalesforceContext
from mock_crm.salesforce.ids import to_18

_TABLE = "~bulk"
_KEPT = timedelta(days=7)

Kind = Literal["V2Ingest", "V2Query", "V1"]
State = Literal["Open", "UploadComplete", "InProgress", "JobComplete", "Closed", "Aborted", "Failed"]


class Job(msgspec.Struct, kw_only=True, omit_defaults=True):
    """One job of any of the Bulk APIs.

    Attributes:
        kind: V2Ingest, V2Query, or V1 for Bulk 1.0.
        created, modified, closed: Epoch milliseconds; 0 for a job that was not closed.
        key_field: The field that an upsert finds its records by.
        api_version: As in the path, such as `60.0`.
        query: SOQL of a query job.
        processed, failed: Rows.
        error: Why the whole job failed.
        batches: Ids of a Bulk 1.0 job's batches, in order.
        chunk_size: Ids in a chunk of a Bulk 1.0 query; 0 without PK chunking.
    """

    id: str
    kind: Kind
    object: str
    operation: str
    created: int
    modified: int
    api_version: str
    state: State = "Open"
    key_field: str = ""
    content_type: str = "CSV"
    column_delimiter: str = "COMMA"
    line_ending: str = "LF"
    concurrency: str = "Parallel"
    query: str = ""
    has_content: bool = False
    processed: int = 0
    failed: int = 0
    error: str = ""
    batches: list[str] = []
    closed: int = 0
    chunk_size: int = 0


class Jobs:
    """Keeps the jobs of an org.

    Args:
        org: Whose store and clock apply.
    """

    def __init__(self, org: SalesforceContext) -> None:
        self._org = org

    def add(self, job: Job) -> Job:
        self._org.store.insert(_TABLE, job.id, msgspec.to_builtins(job), job.created)
        return job

    def find(self, job_id: str, kind: Kind) -> Job | None:
        """A job by its id of 15 or 18 characters; None when there is none, or one of another API."""
        row = self._org.store.get(_TABLE, to_18(job_id) or "")
        job = msgspec.convert(row.document, Job) if row else None
        return job if job is not None and job.kind == kind else None

    def seen(self, job: Job) -> Job:
        """The job as clients see it now: written at once, but shown to take the time that jobs take."""
        share = self.progress(job.closed)
        if not job.closed or share >= 1 or job.state == "Aborted":
            return job
        return msgspec.structs.replace(
            job,
            state="InProgress" if share else "UploadComplete",
            processed=int(job.processed * share),
            failed=int(job.failed * share),
            error="",
        )

    def progress(self, since: int) -> float:
        """How much of the time that a job takes has passed since a moment in epoch milliseconds, 0 to 1."""
        whole = self._org.settings.bulk_job_s * 1000
        return min((self.now_ms() - since) / whole, 1) if whole > 0 else 1

    def save(self, job: Job) -> None:
        """Keep what has changed of a job."""
        job.modified = self.now_ms()
        self._org.store.update(_TABLE, job.id, msgspec.to_builtins(job), job.modified)

    def all(self, kind: Kind) -> Iterator[Job]:
        """The jobs of one API, oldest first, without expired ones."""
        oldest = self._oldest()
        return (job for job in self._every(kind) if job.modified >= oldest)

    def expired(self, kind: Kind) -> list[Job]:
        """The jobs of one API that are older than seven days, which Salesforce drops."""
        oldest = self._oldest()
        return [job for job in self._every(kind) if job.modified < oldest]

    def _every(self, kind: Kind) -> Iterator[Job]:
        jobs = (msgspec.convert(row.document, Job) for row in self._org.store.scan(_TABLE))
        return (job for job in jobs if job.kind == kind)

    def _oldest(self) -> int:
        return self.now_ms() - int(_KEPT.total_seconds() * 1000)

    def drop(self, job: Job, parts: Iterable[str] = ()) -> None:
        """Forget a job, with the named parts of its content."""
        for part in parts:
            self.put(job.id, part, None)
        self._org.store.delete(_TABLE, [job.id])

    def put(self, owner_id: str, part: str, content: Any) -> None:
        """Keep a part of the content of a job or batch; None forgets it."""
        self._org.store.set_meta(f"bulk/{owner_id}/{part}", content)

    def get(self, owner_id: str, part: str) -> Any:
        """A part of the content; None when there is none."""
        return self._org.store.meta(f"bulk/{owner_id}/{part}")

    def now_ms(self) -> int:
        """The org's clock in epoch milliseconds."""
        return epoch_ms(self._org.clock.now())


def job_object_name(org: SalesforceContext, job_id: str) -> str | None:
    """The object that a job of any of the Bulk APIs writes or reads; None when there is no such job."""
    row = org.store.get(_TABLE, to_18(job_id) or "")
    return str(row.document["object"]) if row else None
