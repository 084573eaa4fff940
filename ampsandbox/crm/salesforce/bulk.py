"""Bulk API 2.0 ingest: one job from CSV to the outcome of each row."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any, Final

import msgspec

from ampsandbox.crm.json_access import mapping
from ampsandbox.crm.salesforce.bulk_rows import CsvTable, RowResults
from ampsandbox.crm.salesforce.bulk_steps import (
    RESULTS,
    JobFailedError,
    JobStep,
    Pause,
    has_results,
    job_steps,
)
from ampsandbox.crm.salesforce.errors import verdict
from ampsandbox.crm.session import ApiRequest, CrmSession, json_request
from ampsandbox.engine.crm import (
    Answer,
    AnswerLostError,
    CrmRefusedError,
    CrmUnavailableError,
    Record,
    Verdict,
)
from ampsandbox.events import ErrorDetail
from ampsandbox.manifest.model import Mode

# Rows of one job; Salesforce works in batches of this size, so more would not finish sooner.
ROW_LIMIT: Final = 10_000
# 150 MB after base64, for which Salesforce asks to send at most 100 MB.
_CSV_LIMIT_BYTES: Final = 100_000_000

_UNKNOWN_COLUMN: Final = "Field name not found : "


class BulkJob:
    """Writes records as one ingest job; `root` is `/services/data/vNN.0`."""

    def __init__(self, session: CrmSession, root: str) -> None:
        self._session = session
        self._jobs = f"{root}/jobs/ingest"

    def calls(self, object_name: str, mode: Mode, records: Sequence[Record]) -> list[ApiRequest]:
        """The requests that deliver the rows, with `{jobId}` where Salesforce's answer gives the id."""
        return [
            self._create(object_name, mode),
            self._upload("{jobId}", CsvTable.of(mode, records).to_csv(), len(records)),
            self._close("{jobId}"),
        ]

    async def write(self, object_name: str, mode: Mode, records: Sequence[Record]) -> list[Answer]:
        """Deliver the rows and wait for their outcomes, in the order of the records.

        Raises:
            CrmUnavailableError: Nothing was started.
            CrmRefusedError: The job as a whole was refused or failed, with nothing written.
            AnswerLostError: The job was started, but how it ended cannot be learned.
        """
        sent = CsvTable.of(mode, records)
        content = sent.to_csv()
        if len(content) > _CSV_LIMIT_BYTES:
            raise CrmRefusedError(
                ErrorDetail(f"A bulk job of {len(content)} bytes exceeds 100 MB.", "InvalidBatch")
            )
        job = _Job(object_name, mode, content, len(records), RowResults(sent.columns))
        try:
            state = await self._carry_out(job)
        except AnswerLostError as error:
            raise AnswerLostError(f"Bulk job {job.id}: {error}") from error
        return job.results.match(sent) if has_results(state) else _unprocessed(state, sent)

    # -- the steps of a job ----------------------------------------------------------------------------------

    async def _carry_out(self, job: _Job) -> Mapping[str, Any]:
        """Take the steps of a job one by one, and give the state in which it ended."""
        steps = job_steps()
        next_step = partial(next, steps)
        while True:
            try:
                step = next_step()
            except StopIteration as end:
                return mapping(end.value)
            if isinstance(step, Pause):
                await self._session.clock.sleep(step.seconds)
                next_step = partial(next, steps)
                continue
            try:
                next_step = partial(steps.send, await self._take(job, step))
            except (CrmUnavailableError, CrmRefusedError, AnswerLostError) as error:
                next_step = partial(steps.throw, error)

    async def _take(self, job: _Job, step: JobStep) -> Mapping[str, Any]:
        """Make the request of one step; gives the job as Salesforce's answer has it."""
        reply = await self._session.fetch(self._request(job, step))
        if step in RESULTS:
            job.results.read(step.value, reply.text)
            return {}
        found = mapping(reply.json)
        if step is JobStep.CREATE:
            job.id = str(found.get("id") or "")
            if not job.id:
                raise CrmUnavailableError(ErrorDetail("Salesforce created a job without an id.", "UNKNOWN"))
        return found

    def _request(self, job: _Job, step: JobStep) -> ApiRequest:
        if step is JobStep.CREATE:
            return self._create(job.object_name, job.mode)
        if step is JobStep.UPLOAD:
            return self._upload(job.id, job.content, job.count)
        if step is JobStep.CLOSE:
            return self._close(job.id)
        path = f"{self._jobs}/{job.id}"
        if step is JobStep.ABORT:
            return json_request("PATCH", path, {"state": "Aborted"}, is_repeatable=True)
        return ApiRequest("GET", path if step is JobStep.LOOK else f"{path}/{step.value}")

    def _create(self, object_name: str, mode: Mode) -> ApiRequest:
        job = {
            "object": object_name,
            "operation": mode.value,
            "contentType": "CSV",
            "lineEnding": "LF",
            "columnDelimiter": "COMMA",
        }
        return json_request("POST", self._jobs, job, is_repeatable=True)

    def _upload(self, job: str, content: bytes, count: int) -> ApiRequest:
        return ApiRequest(
            "PUT",
            f"{self._jobs}/{job}/batches",
            content,
            content_type="text/csv",
            records=count,
            is_repeatable=True,
        )

    def _close(self, job: str) -> ApiRequest:
        return json_request("PATCH", f"{self._jobs}/{job}", {"state": "UploadComplete"}, is_repeatable=True)


class _Job(msgspec.Struct):
    """A job on its way; `id` is Salesforce's."""

    object_name: str
    mode: Mode
    content: bytes
    count: int
    results: RowResults
    id: str = ""


def _unprocessed(state: Mapping[str, Any], sent: CsvTable) -> list[Answer]:
    """The outcomes of a job that failed before its first row.

    An unknown column fails all rows of a job: those that fill it are refused, the others may go again.

    Raises:
        CrmRefusedError: It failed for another reason.
    """
    # The message reads `InvalidBatch : Field name not found : X`.
    text = str(state.get("errorMessage") or f"The bulk job ended as {state.get('state')}.")
    code, colon, message = text.partition(" : ")
    error = ErrorDetail(message, code) if colon else ErrorDetail(text, "InvalidBatch")
    raw = msgspec.json.encode(state).decode()
    column = error.message.removeprefix(_UNKNOWN_COLUMN)
    filled = sent.filled(column)
    if column == error.message or not any(filled):
        raise JobFailedError(error, raw)
    refused = verdict((ErrorDetail(error.message, "INVALID_FIELD", (column,)),), raw)
    return [refused if is_filled else Answer(Verdict.SPARED) for is_filled in filled]
