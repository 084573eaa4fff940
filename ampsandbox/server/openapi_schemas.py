"""The shapes of bodies and answers that no type of the service has: those of the write endpoints."""

from __future__ import annotations

from typing import Any, Final

from ampsandbox.engine.model import OperationState
from ampsandbox.manifest.model import Mode

REF: Final = "#/components/schemas/{name}"
TEXT: Final[dict[str, Any]] = {"type": "string"}
_MOMENT: Final[dict[str, Any]] = {"type": "string", "format": "date-time"}
_HOURS: Final[dict[str, Any]] = {"type": "integer", "minimum": 1, "maximum": 48, "default": 1}
_ASSOCIATIONS: Final[dict[str, Any]] = {
    "type": "array",
    "description": "HubSpot only: links to other records.",
    "items": {
        "type": "object",
        "properties": {
            "to": {"type": "object", "properties": {"id": TEXT}, "required": ["id"]},
            "types": {"type": "array", "items": {"type": "object"}},
        },
        "required": ["to"],
    },
}
_RESULT: Final[dict[str, Any]] = {
    "type": "object",
    "properties": {"success": {"type": "boolean"}, "recordId": TEXT, "data": {"type": "object"}},
    "required": ["success"],
}

SCHEMAS: Final[dict[str, Any]] = {
    "Issue": {
        "type": "object",
        "description": "One thing that is wrong with a request.",
        "properties": {"in": TEXT, "name": TEXT, "pointer": TEXT, "detail": TEXT},
        "required": ["in", "name", "pointer", "detail"],
    },
    "Problem": {
        "type": "object",
        "description": "A refusal of the sandbox itself, after RFC 9457.",
        "properties": {
            "type": {"type": "string", "format": "uri"},
            "title": TEXT,
            "status": {"type": "integer"},
            "detail": TEXT,
            "remedy": TEXT,
            "retryable": {"type": "boolean"},
            "subsystem": TEXT,
            "issues": {"type": "array", "items": {"$ref": REF.format(name="Issue")}},
        },
        "required": ["type", "title", "status", "detail"],
    },
    "WriteError": {
        "type": "object",
        "description": "One error as the CRM worded it.",
        "properties": {"message": TEXT, "code": TEXT, "fields": {"type": "array", "items": TEXT}},
        "required": ["message", "code"],
    },
    "WriteDone": {
        "type": "object",
        "properties": {
            "operationId": TEXT,
            "result": {
                "type": "object",
                "properties": {"success": {"const": True}, "recordId": TEXT},
                "required": ["success", "recordId"],
            },
        },
        "required": ["operationId", "result"],
    },
    "WriteQueued": {
        "type": "object",
        "properties": {
            "operationId": TEXT,
            "status": {"const": "queued"},
            "batchId": TEXT,
            "flushAt": {"type": ["string", "null"], "format": "date-time"},
        },
        "required": ["operationId", "status", "batchId", "flushAt"],
    },
    "ObjectWrite": {
        "type": "object",
        "properties": {
            "groupRef": {"type": "string", "minLength": 1, "description": "The group to write for."},
            "type": {"enum": ["create", "update", "delete"]},
            "mode": {"enum": ["synchronous", "asynchronous"], "default": "synchronous"},
            "record": {
                "type": "object",
                "description": "Values by field name; updates and deletes need the provider's id as `id`.",
                "additionalProperties": True,
            },
            "batch": {
                "type": "array",
                "minItems": 1,
                "maxItems": 100,
                "description": "Instead of `record`: several records that go to the provider in one request.",
                "items": {
                    "type": "object",
                    "properties": {
                        "record": {"type": "object", "additionalProperties": True},
                        "associations": _ASSOCIATIONS,
                    },
                    "required": ["record"],
                },
            },
            "batchPolicy": {"type": "object", "properties": {"allOrNone": {"type": "boolean"}}},
            "associations": _ASSOCIATIONS,
            "headers": {
                "type": "array",
                "description": "Salesforce only: headers for the request to it.",
                "items": {
                    "type": "object",
                    "properties": {"key": TEXT, "value": TEXT},
                    "required": ["key", "value"],
                },
            },
            "retryPolicy": {"type": "object", "properties": {"deadlineHours": _HOURS}},
            "autoBatchPolicy": {
                "type": "object",
                "description": "Asynchronous single records only: wait for others, for so long at most.",
                "properties": {
                    "maxDelayMinutes": {"type": "integer", "minimum": 1, "maximum": 1440},
                    "retryDeadlineHours": _HOURS,
                },
                "required": ["maxDelayMinutes"],
            },
        },
        "required": ["groupRef", "type"],
    },
    "ObjectBatchAnswer": {
        "type": "object",
        "properties": {
            "operationId": TEXT,
            "successCount": {"type": "integer"},
            "failureCount": {"type": "integer"},
            "results": {"type": "array", "items": _RESULT},
            "errors": {
                "type": "array",
                "items": {"type": "object", "properties": {"message": TEXT}, "required": ["message"]},
            },
        },
        "required": ["operationId", "successCount", "failureCount"],
    },
    "ObjectWritten": {
        "type": "object",
        "properties": {"operationId": TEXT, "result": _RESULT},
        "required": ["operationId", "result"],
    },
    "ObjectAccepted": {
        "type": "object",
        "description": "An asynchronous write goes on; follow its operation.",
        "properties": {"operationId": TEXT},
        "required": ["operationId"],
    },
    "ObjectRefused": {
        "type": "object",
        "properties": {
            "operationId": TEXT,
            "result": {
                "type": "object",
                "properties": {"success": {"const": False}},
                "required": ["success"],
            },
            "errors": {
                "type": "array",
                "items": {"type": "object", "properties": {"message": TEXT}, "required": ["message"]},
            },
            "rawResponse": TEXT,
        },
        "required": ["operationId", "errors"],
    },
    "OperationStatus": {
        "type": "object",
        "description": "An accepted write; `result` once it has its outcome, `errors` where it has some.",
        "properties": {
            "operationId": TEXT,
            "status": {"enum": [state.value for state in OperationState]},
            "object": TEXT,
            "mode": {"enum": [mode.value for mode in Mode]},
            "batchId": {"type": ["string", "null"]},
            "acceptedAt": _MOMENT,
            "finishedAt": {"type": ["string", "null"], "format": "date-time"},
            "attempts": {"type": "integer"},
            "result": _RESULT,
            "errors": {"type": "array", "items": {"$ref": REF.format(name="WriteError")}},
            "rawResponse": {"type": ["string", "null"]},
        },
        "required": [
            "operationId",
            "status",
            "object",
            "mode",
            "batchId",
            "acceptedAt",
            "finishedAt",
            "attempts",
        ],
    },
    "ObjectOperation": {
        "type": "object",
        "description": "An operation as Ampersand's API has it.",
        "properties": {
            "id": TEXT,
            "projectId": TEXT,
            "integrationId": TEXT,
            "installationId": TEXT,
            "actionType": {"const": "write"},
            "status": TEXT,
            "result": TEXT,
            "resource": TEXT,
            "metadata": {"type": "object"},
            "createTime": _MOMENT,
            "updateTime": _MOMENT,
        },
        "required": ["id", "actionType", "status", "resource", "metadata", "createTime"],
    },
    "OperationLogEntry": {
        "type": "object",
        "properties": {
            "timestamp": _MOMENT,
            "severity": TEXT,
            "message": {"type": "object", "properties": {"msg": TEXT, "operation_id": TEXT}},
        },
        "required": ["timestamp", "severity", "message"],
    },
    "WriteRefused": {
        "type": "object",
        "properties": {
            "operationId": TEXT,
            "result": {
                "type": "object",
                "properties": {"success": {"const": False}},
                "required": ["success"],
            },
            "errors": {"type": "array", "items": {"$ref": REF.format(name="WriteError")}},
            "rawResponse": {"type": ["string", "null"]},
        },
        "required": ["operationId", "result", "errors"],
    },
}
