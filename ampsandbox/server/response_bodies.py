"""What the write endpoints of the 2023 format say about an operation."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import msgspec

from ampsandbox.engine.model import Operation, OperationState

_encode = msgspec.json.Encoder().encode


def write_answer(operation: Operation, flush_at: datetime | None) -> tuple[int, bytes]:
    """Status and body for a write that was just accepted: queued, done, or refused by the CRM.

    `flush_at` is the moment of the flush, for a queued write.
    """
    if operation.state is OperationState.QUEUED:
        body = {
            "operationId": operation.id,
            "status": "queued",
            "batchId": operation.batch_id,
            "flushAt": flush_at,
        }
        return 202, _encode(body)
    if operation.state is OperationState.SUCCEEDED:
        result = {"success": True, "recordId": operation.record_id}
        return 200, _encode({"operationId": operation.id, "result": result})
    return 422, _encode(
        {
            "operationId": operation.id,
            "result": {"success": False},
            "errors": _errors(operation),
            "rawResponse": operation.raw_response,
        }
    )


def operation_status(operation: Operation) -> bytes:
    """The body of `GET …/operations/{operationId}`: where it stands, and its outcome once there is one."""
    body: dict[str, Any] = {
        "operationId": operation.id,
        "status": operation.state.value,
        "object": operation.object,
        "mode": operation.mode.value,
        "batchId": operation.batch_id,
        "acceptedAt": operation.accepted_at,
        "finishedAt": operation.finished_at,
        "attempts": operation.attempts,
    }
    if operation.is_final:
        body["result"] = {"success": operation.state is OperationState.SUCCEEDED}
        if operation.record_id is not None:
            body["result"]["recordId"] = operation.record_id
    if operation.errors:
        body["errors"] = _errors(operation)
        body["rawResponse"] = operation.raw_response
    return _encode(body)


def _errors(operation: Operation) -> list[dict[str, Any]]:
    return [
        {"message": error.message, "code": error.code}
        | ({"fields": list(error.fields)} if error.fields else {})
        for error in operation.errors
    ]
