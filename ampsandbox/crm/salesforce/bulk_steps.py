"""The steps of a Bulk API 2.0 ingest job, for the client and for the capacity simulation."""

from __future__ import annotations

from collections.abc import Generator, Mapping
from enum import StrEnum
from typing import Any, Final

import msgspec

from ampsandbox.engine.crm import AnswerLostError, CrmRefusedError, CrmUnavailableError

# A small job ends within seconds, a large one takes minutes, and each question counts against the day's
# requests: so the pauses double.
_FIRST_PAUSE_S: Final = 1.0
_LONGEST_PAUSE_S: Final = 15.0
_PATIENCE_S: Final = 3600.0


class JobStep(StrEnum):
    """The requests that one bulk job takes, in their order."""

    CREATE = "create"
    UPLOAD = "upload"
    ABORT = "abort"
    CLOSE = "close"
    LOOK = "look"
    SUCCESSFUL = "successfulResults"
    FAILED = "failedResults"
    UNPROCESSED = "unprocessedrecords"


RESULTS: Final = (JobStep.SUCCESSFUL, JobStep.FAILED, JobStep.UNPROCESSED)

JOB_REQUESTS: Final = 7
"""What a job takes at the least: create, upload, close, one look at its state, three lists of results."""


class Pause(msgspec.Struct, frozen=True):
    """To do nothing for so long."""

    seconds: float


class JobFailedError(CrmRefusedError):
    """The job ended without having written anything."""


JobSteps = Generator[JobStep | Pause, Mapping[str, Any], Mapping[str, Any]]
"""Is sent the state of the job after a look, anything after another step, and is thrown what went wrong."""


def job_steps() -> JobSteps:
    """From the creation of a job to its results; returns the state in which it ended.

    Raises:
        CrmUnavailableError: Nothing was started.
        CrmRefusedError: The job was refused before it was closed.
        JobFailedError: It could not be closed.
        AnswerLostError: The job was started, but how it ended cannot be learned.
    """
    yield JobStep.CREATE
    try:
        yield JobStep.UPLOAD
    except (CrmUnavailableError, CrmRefusedError):
        yield from _abort()
        raise
    try:
        state = yield from _finish()
        if has_results(state):
            for step in RESULTS:  # noqa: UP028 - a tuple cannot be sent anything
                yield step
    except (CrmUnavailableError, CrmRefusedError) as error:
        if isinstance(error, JobFailedError):
            raise
        raise AnswerLostError(f"The bulk job was started, but how it ended is not known: {error}") from error
    return state


def has_results(state: Mapping[str, Any]) -> bool:
    """Whether a job that ended in this state came to any of its rows."""
    return state["state"] == "JobComplete" or bool(state.get("numberRecordsProcessed"))


def _abort() -> Generator[JobStep, Mapping[str, Any], None]:
    """Leave no open job behind; when this fails too, Salesforce drops the job after seven days."""
    try:
        yield JobStep.ABORT
    except (CrmUnavailableError, CrmRefusedError):
        return


def _finish() -> JobSteps:
    """Close the job and wait until Salesforce has worked on it. Closing twice does nothing."""
    waited, pause = 0.0, _FIRST_PAUSE_S
    is_closed = False
    while True:
        try:
            if not is_closed:
                yield JobStep.CLOSE
                is_closed = True
            state = yield JobStep.LOOK
            if state.get("state") in ("JobComplete", "Failed", "Aborted"):
                return state
        except CrmUnavailableError:
            if waited >= _PATIENCE_S:
                raise
        except CrmRefusedError as error:
            if is_closed:
                raise
            # An earlier closing may have arrived although its answer did not: then the job is not open.
            if (yield JobStep.LOOK).get("state") == "Open":
                raise JobFailedError(error.detail, error.raw) from error
            is_closed = True
        if waited >= _PATIENCE_S:
            raise AnswerLostError("The bulk job did not end within an hour.")
        yield Pause(pause)
        waited, pause = waited + pause, min(pause * 2, _LONGEST_PAUSE_S)
