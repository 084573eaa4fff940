"""The shapes of bodies and answers that no type of the service has: those of the write endpoints."""

from __future__ import annotations

from typing import Any, Final

from ampsandbox.engine.model import OperationState
from ampsandbox.manifest.model import Mode
from ampsandbox.server.write_api_v1_requests import HEADER_NAME, HEADER_VALUE

REF: Final = "#/components/schemas/{name}"
TEXT: Final[dict[str, Any]] = {"type": "string"}
_MOMENT: Final[dict[str, Any]] = {"type": "string", "format": "date-time"}
_HOURS: Final[dict[str, Any]] = {"type": ["integer", "null"], "minimum": 1, "maximum": 48, "default": 1}
_ASSOCIATIONS: Final[dict[str, Any]] = {
    "type": ["array", "null"],
    "description": "HubSpot only: links to other records.",
    "items": {
        "type": "object",
        "properties": {
            "to": {
                "type": "object",
                "properties": {"id": {"type": ["string", "integer"]}},
                "required": ["id"],
            },
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


def given(name: str) -> dict[str, Any]:
    """The schema of a write that has this member; an empty one counts for none."""
    return {"required": [name], "properties": {name: {"not": {"enum": [None, "", [], {}]}}}}


def _is(name: str, *values: str) -> dict[str, Any]:
    return {"required": [name], "properties": {name: {"enum": list(values)}}}


_WITH_ID: Final = {"required": ["id"], "properties": {"id": {"type": "string", "minLength": 1}}}

# What does not go together in a write of today's API; `write_api_v1_requests` refuses it in words.
_CONTRADICTIONS: Final = [
    {"allOf": [given("record"), given("batch")]},
    {"allOf": [{"not": given("record")}, {"not": given("batch")}]},
    {
        "allOf": [
            _is("type", "update", "delete"),
            given("record"),
            {"not": {"properties": {"record": _WITH_ID}}},
        ]
    },
    {
        "allOf": [
            _is("type", "update"),
            given("batch"),
            {"not": {"properties": {"batch": {"items": {"properties": {"record": _WITH_ID}}}}}},
        ]
    },
    *(
        {"allOf": [_is("type", "delete"), other]}
        for other in (given("batch"), given("associations"), _is("mode", "asynchronous"))
    ),
    {"allOf": [given("batchPolicy"), {"not": given("batch")}]},
    {"allOf": [given("associations"), given("batch")]},
    {"allOf": [given("autoBatchPolicy"), given("batch")]},
    {"allOf": [given("autoBatchPolicy"), {"not": _is("mode", "asynchronous")}]},
]

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
        "not": {"anyOf": _CONTRADICTIONS},
        "properties": {
            "groupRef": {"type": "string", "minLength": 1, "description": "The group to write for."},
            "type": {"enum": ["create", "update", "delete"]},
            "mode": {"enum": ["synchronous", "asynchronous", "", None], "default": "synchronous"},
            "record": {
                "type": ["object", "null"],
                "description": "Values by field name; updates and deletes need the provider's id as `id`.",
                "additionalProperties": True,
            },
            "batch": {
                "type": ["array", "null"],
                "maxItems": 100,
                "description": "Instead of `record`: several records that go to the provider in one request.",
                "items": {
                    "type": "object",
                    "properties": {
                        "record": {"type": "object", "minProperties": 1, "additionalProperties": True},
                        "associations": _ASSOCIATIONS,
                    },
                    "required": ["record"],
                },
            },
            "batchPolicy": {
                "type": ["object", "null"],
                "properties": {"allOrNone": {"type": ["boolean", "null"]}},
            },
            "associations": _ASSOCIATIONS,
            "headers": {
                "type": ["array", "null"],
                "description": "Salesforce only: headers for the request to it.",
                "items": {
                    "type": "object",
                    "properties": {
                        "key": {"type": "string", "pattern": HEADER_NAME},
                        "value": {"type": "string", "pattern": HEADER_VALUE},
                    },
                    "required": ["key", "value"],
                },
            },
            "retryPolicy": {"type": ["object", "null"], "properties": {"deadlineHours": _HOURS}},
            "autoBatchPolicy": {
                "type": ["object", "null"],
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
