"""Bulk API 2.0 ingest: one job from CSV to the outcome of each row."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

import msgspec

from ampsandbox.crm.json_access import mapping
from ampsandbox.crm.salesforce.bulk_rows import CsvTable, Results
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
JOB_REQUESTS: Final = 7
"""What a job takes at the least: create, upload, close, one look at its state, three lists of results."""


# 150 MB after base64, for which Salesforce asks to send at most 100 MB.
_CSV_LIMIT_BYTES: Final = 100_000_000

_UNKNOWN_COLUMN: Final = "Field name not found : "
_FIRST_PAUSE_S: Final = 1.0
_LONGEST_PAUSE_S: Final = 15.0
_PATIENCE_S: Final = 3600.0


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
        job = await self._start(object_name, mode, content, len(records))
        try:
            state = await self._finish(job)
            if state["state"] != "JobComplete" and not state.get("numberRecordsProcessed"):
                return _unprocessed(state, sent)
            return await self._outcomes(job, sent)
        except (CrmUnavailableError, CrmRefusedError) as error:
            if isinstance(error, _JobFailedError):
                raise
            reason = f"Bulk job {job} was started, but how it ended is not known: {error}"
            raise AnswerLostError(reason) from error

    # -- the steps of a job ----------------------------------------------------------------------------------

    async def _start(self, object_name: str, mode: Mode, content: bytes, count: int) -> str:
        """Create and fill a job: safe to repeat, as Salesforce does nothing with a job until it is closed."""
        reply = await self._session.fetch(self._create(object_name, mode))
        job = mapping(reply.json).get("id")
        if not job:
            raise CrmUnavailableError(ErrorDetail("Salesforce created a job without an id.", "UNKNOWN"))
        try:
            await self._session.fetch(self._upload(job, content, count))
        except (CrmUnavailableError, CrmRefusedError):
            await self._abort(job)
            raise
        return str(job)

    async def _finish(self, job: str) -> Mapping[str, Any]:
        """Close the job and wait until Salesforce has worked on it. Closing twice does nothing."""
        waited, pause = 0.0, _FIRST_PAUSE_S
        is_closed = False
        while True:
            try:
                if not is_closed:
                    await self._session.fetch(self._close(job))
                    is_closed = True
                state = await self._state(job)
                if state.get("state") in ("JobComplete", "Failed", "Aborted"):
                    return state
            except CrmUnavailableError:
                if waited >= _PATIENCE_S:
                    raise
            except CrmRefusedError as error:
                if is_closed:
                    raise
                # An earlier closing may have arrived although its answer did not: then the job is not open.
                if (await self._state(job)).get("state") == "Open":
                    raise _JobFailedError(error.detail, error.raw) from error
                is_closed = True
            if waited >= _PATIENCE_S:
                raise AnswerLostError(f"Bulk job {job} did not end within an hour.")
            await self._session.clock.sleep(pause)
            waited, pause = waited + pause, min(pause * 2, _LONGEST_PAUSE_S)

    async def _state(self, job: str) -> Mapping[str, Any]:
        reply = await self._session.fetch(ApiRequest("GET", f"{self._jobs}/{job}"))
        return mapping(reply.json)

    async def _outcomes(self, job: str, sent: CsvTable) -> list[Answer]:
        results = Results(sent.columns)
        for kind in ("successfulResults", "failedResults", "unprocessedrecords"):
            reply = await self._session.fetch(ApiRequest("GET", f"{self._jobs}/{job}/{kind}"))
            results.read(kind, reply.text)
        return results.match(sent)

    async def _abort(self, job: str) -> None:
        """Leave no open job behind; when this fails too, Salesforce drops the job after seven days."""
        call = json_request("PATCH", f"{self._jobs}/{job}", {"state": "Aborted"}, is_repeatable=True)
        try:
            await self._session.send(call)
        except (CrmUnavailableError, CrmRefusedError):
            return

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


class _JobFailedError(CrmRefusedError):
    """The job ended without having written anything."""


def _unprocessed(state: Mapping[str, Any], sent: CsvTable) -> list[Answer]:
    """The outcomes of a job that failed before its first row.

    An unknown column fails all rows of a job: those that fill it are refused, the others may go again.

    Raises:
        CrmRefusedError: It failed for another reason.
    """
    error, raw = _job_error(state), msgspec.json.encode(state).decode()
    column = error.message.removeprefix(_UNKNOWN_COLUMN)
    filled = sent.filled(column)
    if column == error.message or not any(filled):
        raise _JobFailedError(error, raw)
    refused = verdict((ErrorDetail(error.message, "INVALID_FIELD", (column,)),), raw)
    return [refused if is_filled else Answer(Verdict.SPARED) for is_filled in filled]


def _job_error(state: Mapping[str, Any]) -> ErrorDetail:
    """Read `InvalidBatch : Field name not found : X`."""
    text = str(state.get("errorMessage") or f"The bulk job ended as {state.get('state')}.")
    code, colon, message = text.partition(" : ")
    return ErrorDetail(message, code) if colon else ErrorDetail(text, "InvalidBatch")
