"""What the write endpoints say about an operation: the 2023 endpoints, and today's write API."""

from __future__ import annotations

from collections.abc import Mapping
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


def object_write_answer(operation: Operation) -> tuple[int, bytes]:
    """Status and body in today's write API (openapi: api/write.yaml); a write that goes on is just named."""
    body: dict[str, Any] = {"operationId": operation.id}
    if not operation.is_final:
        return 200, _encode(body)
    if operation.state is OperationState.SUCCEEDED:
        return 200, _encode(body | {"result": {"success": True, "recordId": operation.record_id}})
    body["errors"] = [{"message": error.message} for error in operation.errors]
    body["result"] = {"success": False}
    if operation.raw_response is not None:
        body["rawResponse"] = operation.raw_response
    return 422, _encode(body)


def object_operation(operation: Operation, ids: Mapping[str, str]) -> bytes:
    """An operation as today's API shows it (openapi: api/operations.yaml); `ids` are those of its owners."""
    is_success = operation.state is OperationState.SUCCEEDED
    status = ("success" if is_success else "failure") if operation.is_final else "in_progress"
    body: dict[str, Any] = {
        "id": operation.id,
        **ids,
        "actionType": "write",
        "status": status,
        "metadata": {
            "objects": [operation.object],
            "retry": {"attempts": operation.attempts},
            "successfulRecordIds": [operation.record_id] if operation.record_id else [],
        },
        "createTime": operation.accepted_at,
    }
    if operation.is_final:
        body["result"] = f"[{operation.object}] {_result_words(operation)}"
        body["updateTime"] = operation.finished_at
    return _encode(body)


def _result_words(operation: Operation) -> str:
    if operation.state is OperationState.SUCCEEDED:
        return "Write completed"
    reasons = "; ".join(error.message for error in operation.errors)
    return f"Error writing to provider: {reasons}" if reasons else "The write was given up"
