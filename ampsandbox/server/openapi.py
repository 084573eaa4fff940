"""OpenAPI 3.1 of the loaded manifest's write endpoints and of the control API."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from types import NoneType
from typing import Any, Final

import msgspec

from ampsandbox import __version__
from ampsandbox.events import AnyEvent, Event
from ampsandbox.manifest.model import Integration, Mode, WriteObject
from ampsandbox.server.control.endpoint import PREFIX, ControlEndpoint
from ampsandbox.server.write_api_v1 import OBJECT_PATH
from ampsandbox.service.sandbox_service import SandboxService

_REF = "#/components/schemas/{name}"
_JSON = "application/json"
_PROBLEM = {"$ref": _REF.format(name="Problem")}
_PROBLEM_CONTENT = {"application/problem+json": {"schema": _PROBLEM}}

_TEXT = {"type": "string"}
_HOURS: Final[dict[str, Any]] = {"type": "integer", "minimum": 1, "maximum": 48, "default": 1}
_ASSOCIATIONS: Final[dict[str, Any]] = {
    "type": "array",
    "description": "HubSpot only: links to other records.",
    "items": {
        "type": "object",
        "properties": {
            "to": {"type": "object", "properties": {"id": _TEXT}, "required": ["id"]},
            "types": {"type": "array", "items": {"type": "object"}},
        },
        "required": ["to"],
    },
}
_RESULT: Final[dict[str, Any]] = {
    "type": "object",
    "properties": {"success": {"type": "boolean"}, "recordId": _TEXT, "data": {"type": "object"}},
    "required": ["success"],
}
_OBJECT_ANSWERS: Final = ("ObjectWritten", "ObjectBatchAnswer", "WriteAccepted")

_SHARED: dict[str, Any] = {
    "Issue": {
        "type": "object",
        "description": "One thing that is wrong with a request.",
        "properties": {"in": _TEXT, "name": _TEXT, "pointer": _TEXT, "detail": _TEXT},
        "required": ["in", "name", "pointer", "detail"],
    },
    "Problem": {
        "type": "object",
        "description": "A refusal of the sandbox itself, after RFC 9457.",
        "properties": {
            "type": {"type": "string", "format": "uri"},
            "title": _TEXT,
            "status": {"type": "integer"},
            "detail": _TEXT,
            "remedy": _TEXT,
            "retryable": {"type": "boolean"},
            "subsystem": _TEXT,
            "issues": {"type": "array", "items": {"$ref": _REF.format(name="Issue")}},
        },
        "required": ["type", "title", "status", "detail"],
    },
    "WriteError": {
        "type": "object",
        "description": "One error as the CRM worded it.",
        "properties": {"message": _TEXT, "code": _TEXT, "fields": {"type": "array", "items": _TEXT}},
        "required": ["message", "code"],
    },
    "WriteDone": {
        "type": "object",
        "properties": {
            "operationId": _TEXT,
            "result": {
                "type": "object",
                "properties": {"success": {"const": True}, "recordId": _TEXT},
                "required": ["success", "recordId"],
            },
        },
        "required": ["operationId", "result"],
    },
    "WriteQueued": {
        "type": "object",
        "properties": {
            "operationId": _TEXT,
            "status": {"const": "queued"},
            "batchId": _TEXT,
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
                    "properties": {"key": _TEXT, "value": _TEXT},
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
            "operationId": _TEXT,
            "successCount": {"type": "integer"},
            "failureCount": {"type": "integer"},
            "results": {"type": "array", "items": _RESULT},
            "errors": {
                "type": "array",
                "items": {"type": "object", "properties": {"message": _TEXT}, "required": ["message"]},
            },
        },
        "required": ["operationId", "successCount", "failureCount"],
    },
    "ObjectWritten": {
        "type": "object",
        "properties": {"operationId": _TEXT, "result": _RESULT},
        "required": ["operationId", "result"],
    },
    "WriteAccepted": {
        "type": "object",
        "description": "An asynchronous write goes on; follow its operation.",
        "properties": {"operationId": _TEXT},
        "required": ["operationId"],
    },
    "ObjectRefused": {
        "type": "object",
        "properties": {
            "operationId": _TEXT,
            "result": {"type": "object", "properties": {"success": {"const": False}}},
            "errors": {
                "type": "array",
                "items": {"type": "object", "properties": {"message": _TEXT}, "required": ["message"]},
            },
            "rawResponse": _TEXT,
        },
        "required": ["operationId", "errors"],
    },
    "WriteRefused": {
        "type": "object",
        "properties": {
            "operationId": _TEXT,
            "result": {
                "type": "object",
                "properties": {"success": {"const": False}},
                "required": ["success"],
            },
            "errors": {"type": "array", "items": {"$ref": _REF.format(name="WriteError")}},
            "rawResponse": {"type": ["string", "null"]},
        },
        "required": ["operationId", "result", "errors"],
    },
}


def describe(service: SandboxService, endpoints: Iterable[ControlEndpoint]) -> dict[str, Any]:
    """The whole document, as a JSON-ready dict."""
    endpoints = tuple(endpoints)
    types = _types(endpoints)
    schemas, components = msgspec.json.schema_components(types, ref_template=_REF)
    known = dict(zip(map(repr, types), schemas, strict=True))
    paths: dict[str, Any] = {}
    sandbox = service.context.engine
    for name, (integration, item) in (sandbox.manifest.endpoints() if sandbox.manifest else {}).items():
        paths[f"/projects/{sandbox.project}/{name}"] = {"post": _write_operation(integration, item)}
    for integration, item in sandbox.manifest.named_only() if sandbox.manifest else ():
        path = OBJECT_PATH.format(integration=integration.name, object=item.name)
        paths[f"/v1/projects/{sandbox.project}/{path}"] = {"post": _object_operation(integration, item)}
    for endpoint in endpoints:
        path = paths.setdefault(PREFIX + _camel(endpoint.path), {})
        path[endpoint.method.lower()] = _control_operation(endpoint, known)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": f"ampsandbox: {sandbox.project}",
            "version": __version__,
            "description": "The write endpoints of the loaded manifest, and the sandbox's control API.",
        },
        "servers": [{"url": service.context.url or "/"}],
        "tags": [{"name": "writes"}, {"name": "control"}],
        "paths": paths,
        "components": {"schemas": {**components, **_SHARED}},
    }


def _types(endpoints: tuple[ControlEndpoint, ...]) -> list[Any]:
    """Every type that a body or answer has, once."""
    plain = (None, NoneType, bytes)
    found = [_concrete(kind) for e in endpoints for kind in (e.body_type, e.answer) if kind not in plain]
    return list({repr(kind): kind for kind in found}.values())


def _concrete(kind: Any) -> Any:
    return Sequence[AnyEvent] if kind == Sequence[Event] else kind


def _camel(path: str) -> str:
    return re.sub(r"_(\w)", lambda found: found[1].upper(), path)


def _control_operation(endpoint: ControlEndpoint, known: dict[str, Any]) -> dict[str, Any]:
    operation: dict[str, Any] = {
        "operationId": endpoint.name,
        "summary": endpoint.summary,
        "tags": ["control"],
        "parameters": [*_path_parameters(_camel(endpoint.path)), *_query_parameters(endpoint.query_type)],
        "responses": {
            _status(endpoint): _success(endpoint, known),
            "default": {
                "description": "Why not.",
                "content": _PROBLEM_CONTENT,
            },
        },
    }
    if endpoint.body_type is not None:
        operation["requestBody"] = {"content": _content(endpoint.body_type, known)}
    return operation


def _status(endpoint: ControlEndpoint) -> str:
    return "204" if endpoint.answer is NoneType else str(endpoint.status)


def _success(endpoint: ControlEndpoint, known: dict[str, Any]) -> dict[str, Any]:
    if endpoint.answer is NoneType:
        return {"description": "Done."}
    return {"description": endpoint.summary, "content": _content(endpoint.answer, known)}


def _content(kind: Any, known: dict[str, Any]) -> dict[str, Any]:
    if kind is bytes:
        return {"application/octet-stream": {}}
    return {_JSON: {"schema": known[repr(_concrete(kind))]}}


def _path_parameters(path: str) -> list[dict[str, Any]]:
    return [
        {"name": name, "in": "path", "required": True, "schema": _TEXT}
        for name in re.findall(r"{(\w+)}", path)
    ]


def _query_parameters(query: type | None) -> list[dict[str, Any]]:
    if query is None:
        return []
    _, components = msgspec.json.schema_components([query], ref_template=_REF)
    properties: dict[str, Any] = components[query.__name__]["properties"]
    return [{"name": name, "in": "query", "schema": _inline(s, components)} for name, s in properties.items()]


def _inline(schema: dict[str, Any], components: dict[str, Any]) -> dict[str, Any]:
    """A parameter's schema without references, which query parameters rarely repeat."""
    if "$ref" in schema:
        return dict(components[schema["$ref"].rpartition("/")[2]])
    if "anyOf" in schema:
        return {**schema, "anyOf": [_inline(part, components) for part in schema["anyOf"]]}
    return schema


def _write_operation(integration: Integration, item: WriteObject) -> dict[str, Any]:
    done = {"description": "The CRM wrote the record.", "content": _ref("WriteDone")}
    queued = {"description": "Accepted; waits for its flush.", "content": _ref("WriteQueued")}
    refused = {"description": "The CRM refused the record.", "content": _ref("WriteRefused")}
    outcome = {"202": queued} if item.schedule else {"200": done, "422": refused}
    return {
        "operationId": item.endpoint,
        "summary": f"{item.mode} {item.display_name or item.name} ({integration.display_name})",
        "tags": ["writes"],
        "requestBody": {"required": True, "content": {_JSON: {"schema": _write_body(item)}}},
        "responses": {**outcome, "default": {"description": "Not accepted.", "content": _PROBLEM_CONTENT}},
    }


def _object_operation(integration: Integration, item: WriteObject) -> dict[str, Any]:
    done = {"anyOf": [{"$ref": _REF.format(name=name)} for name in _OBJECT_ANSWERS]}
    refused = {"anyOf": [{"$ref": _REF.format(name=name)} for name in ("ObjectRefused", "ObjectBatchAnswer")]}
    return {
        "operationId": f"{integration.name}/{item.name}",
        "summary": f"Write {item.name} ({integration.display_name})",
        "tags": ["writes"],
        "requestBody": {"required": True, "content": _ref("ObjectWrite")},
        "responses": {
            "200": {"description": "Written, or accepted.", "content": {_JSON: {"schema": done}}},
            "400": {"description": "Not accepted.", "content": {"text/plain": {"schema": _TEXT}}},
            "422": {
                "description": "The CRM refused the record, or all records of the batch.",
                "content": {_JSON: {"schema": refused}},
            },
            "default": {"description": "Not accepted.", "content": _PROBLEM_CONTENT},
        },
    }


def _ref(name: str) -> dict[str, Any]:
    return {_JSON: {"schema": {"$ref": _REF.format(name=name)}}}


def _write_body(item: WriteObject) -> dict[str, Any]:
    custom = {
        field.name: {"type": "string", "title": field.display_name}
        | ({"description": field.prompt} if field.prompt else {})
        for field in item.custom_fields
    }
    properties: dict[str, Any] = {
        "groupId": {"type": "string", "minLength": 1, "description": "The group whose CRM is written to."},
        "fields": {"type": "object", "properties": custom, "additionalProperties": True},
    }
    if item.mode is Mode.UPDATE:
        description = "The CRM's id of the record to update."
        properties["primaryKey"] = {"type": "string", "minLength": 1, "description": description}
    return {"type": "object", "properties": properties, "required": list(properties)}
