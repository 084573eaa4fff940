"""The answers of today's write API (openapi: api/write.yaml, api/operations.yaml)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

import msgspec

from ampsandbox.engine.model import Operation, OperationState
from ampsandbox.manifest.model import Mode, Provider
from ampsandbox.service.api_operations import ApiOperation, OperationLogEntry
from ampsandbox.service.provider_errors import batch_errors, write_errors

_encode = msgspec.json.Encoder().encode

# The members of a HubSpot record that an app gets back, each with what stands for it when it is absent.
_RECORD_MEMBERS: Final[Mapping[str, Any]] = {
    "createdAt": "",
    "archived": False,
    "archivedAt": "",
    "propertiesWithHistory": None,
    "id": "",
    "properties": None,
    "updatedAt": "",
}


def accepted(operation_id: str) -> bytes:
    """The body for what goes on in the background."""
    return _encode({"operationId": operation_id})


def single_answer(operation: Operation, provider: str) -> tuple[int, bytes]:
    """Status and body for a single write that has its outcome."""
    if operation.state is OperationState.SUCCEEDED:
        return 200, _encode({"operationId": operation.id, "result": _result(operation, provider)})
    body: dict[str, Any] = {
        "operationId": operation.id,
        "result": {"success": False},
        "errors": [{"message": text} for text in write_errors(operation, provider)],
    }
    if operation.raw_response is not None:
        body["rawResponse"] = operation.raw_response
    return 422, _encode(body)


def batch_answer(batch_id: str, writes: Sequence[Operation], provider: str) -> tuple[int, bytes]:
    """Status and body for a batch whose writes have their outcomes."""
    successes = sum(each.state is OperationState.SUCCEEDED for each in writes)
    body: dict[str, Any] = {
        "operationId": batch_id,
        "successCount": successes,
        "failureCount": len(writes) - successes,
    }
    # HubSpot's refusal of a whole request says nothing of its records.
    if provider != Provider.HUBSPOT or not all(each.crm_status for each in writes):
        body["results"] = [_result(each, provider) for each in writes]
    if errors := batch_errors(list(writes), provider):
        body["errors"] = [{"message": text} for text in errors]
    return 200 if successes else 422, _encode(body)


def _result(operation: Operation, provider: str) -> dict[str, Any]:
    result: dict[str, Any] = {"success": operation.state is OperationState.SUCCEEDED}
    if not result["success"] or operation.mode is Mode.DELETE:
        return result
    if operation.record_id is not None:
        result["recordId"] = operation.record_id
    if provider == Provider.HUBSPOT and operation.raw_response is not None:
        record = msgspec.json.decode(operation.raw_response)
        result["data"] = {name: record.get(name) or absent for name, absent in _RECORD_MEMBERS.items()}
    return result


def operation(found: ApiOperation, ids: Mapping[str, str]) -> bytes:
    """An operation with the ids of its owners."""
    return _encode(operation_content(found, ids))


def operation_content(found: ApiOperation, ids: Mapping[str, str]) -> dict[str, Any]:
    """An operation with the ids of its owners, as plain values."""
    body: dict[str, Any] = {
        "id": found.id,
        **ids,
        "actionType": "write",
        "status": found.status,
        "resource": found.object_name,
        "metadata": {
            "objects": [found.object_name],
            "retry": {"attempts": found.attempts},
            "successfulRecordIds": list(found.record_ids),
        },
        "createTime": found.accepted_at,
    }
    if found.last_attempt_at is not None:
        body["metadata"]["retry"]["lastAttempt"] = found.last_attempt_at
    if found.result:
        body["result"] = found.result
        body["updateTime"] = found.finished_at or found.accepted_at
    return body


def logs(entries: Sequence[OperationLogEntry]) -> bytes:
    """What happened to an operation, oldest first (openapi: Log)."""
    return _encode(
        [
            {
                "timestamp": entry.at,
                "severity": entry.severity,
                "message": {
                    "msg": entry.message,
                    "operation_id": entry.operation_id,
                    "details": entry.details,
                }
                | ({"error": entry.error} if entry.error else {}),
            }
            for entry in entries
        ]
    )
