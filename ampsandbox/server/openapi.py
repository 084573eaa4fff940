"""OpenAPI 3.1 of the loaded manifest's write endpoints and of the control API."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from types import NoneType
from typing import Any, Final

import msgspec

from ampsandbox import __version__
from ampsandbox.events import AnyEvent, Event
from ampsandbox.manifest.model import Integration, Manifest, Mode, Provider, WriteObject
from ampsandbox.server.control.endpoint import PREFIX, ControlEndpoint
from ampsandbox.server.openapi_schemas import REF, SCHEMAS, TEXT, given
from ampsandbox.server.write_api_v1 import OBJECT_PATH
from ampsandbox.service.sandbox_service import SandboxService

_JSON = "application/json"
_PROBLEM = {"$ref": REF.format(name="Problem")}
_PROBLEM_CONTENT = {"application/problem+json": {"schema": _PROBLEM}}

_REFUSALS: Final = {
    "400": ("BadRequest", "The request does not fit this document."),
    "404": ("NotFound", "What the request names does not exist."),
    "409": ("Conflict", "What is there does not allow it now; the CRM's rules, too."),
}
_OBJECT_WRITE: Final = {"$ref": REF.format(name="ObjectWrite")}
_OBJECT_WRITES: Final = {
    Provider.SALESFORCE: _OBJECT_WRITE
    | {
        "not": {
            "anyOf": [
                given("associations"),
                {"properties": {"batch": {"contains": given("associations")}}, "required": ["batch"]},
            ]
        }
    },
    Provider.HUBSPOT: _OBJECT_WRITE | {"not": given("headers")},
}
_OBJECT_ANSWERS: Final = ("ObjectWritten", "ObjectBatchAnswer", "ObjectAccepted")


def describe(
    service: SandboxService, endpoints: Iterable[ControlEndpoint], *, needs_key: bool = False
) -> dict[str, Any]:
    """The whole document, as a JSON-ready dict.

    Args:
        service: The sandbox, whose manifest's endpoints are described.
        endpoints: Those of the control API.
        needs_key: Whether requests must carry an API key.
    """
    endpoints = tuple(endpoints)
    answers, components = _schemas(endpoint.answer for endpoint in endpoints)
    bodies, body_components = _body_schemas(endpoints, components)
    engine = service.context.engine
    paths = _write_paths(engine.project, engine.manifest)
    paths |= _operation_paths(engine.project, has_objects=any("/objects/" in path for path in paths))
    for endpoint in endpoints:
        path = paths.setdefault(PREFIX + _camel(endpoint.path), {})
        path[endpoint.method.lower()] = _control_operation(endpoint, bodies, answers)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": f"ampsandbox: {engine.project}",
            "version": __version__,
            "description": "The write endpoints of the loaded manifest, and the sandbox's control API.",
        },
        "servers": [{"url": service.context.url or "/"}],
        "tags": [{"name": "writes"}, {"name": "control"}],
        "paths": paths,
        "components": {
            "schemas": {**components, **body_components, **SCHEMAS},
            "responses": {
                name: {"description": description, "content": _PROBLEM_CONTENT}
                for name, description in _REFUSALS.values()
            },
            "securitySchemes": {"apiKey": {"type": "apiKey", "in": "header", "name": "X-Api-Key"}},
        },
        "security": [*([] if needs_key else [{}]), {"apiKey": []}],
    }


def _without_tuples(schema: Any) -> Any:
    """A schema in which a pair of texts is a list of two: few generators of clients know `prefixItems`."""
    if isinstance(schema, list | tuple):
        return [_without_tuples(each) for each in schema]
    if not isinstance(schema, dict):
        return schema
    plain = {name: _without_tuples(each) for name, each in schema.items() if name != "prefixItems"}
    if "prefixItems" in schema:
        kinds = _without_tuples(schema["prefixItems"])
        plain["items"] = kinds[0] if all(kind == kinds[0] for kind in kinds) else {}
    return plain


def _body_schemas(
    endpoints: Sequence[ControlEndpoint], components: dict[str, Any]
) -> tuple[dict[str, Any], dict[str, Any]]:
    """The schemas of the bodies by their types, and the components that they refer to."""
    described = _schemas(endpoint.described_body_type for endpoint in endpoints)
    bodies, body_components = _of_bodies(*described, components)
    for endpoint in endpoints:
        if endpoint.constraint:
            reference: str = bodies[repr(endpoint.described_body_type)]["$ref"]
            body_components[reference.rpartition("/")[2]] |= endpoint.constraint
    return bodies, body_components


def _write_paths(project: str, manifest: Manifest | None) -> dict[str, Any]:
    """The endpoints of the manifest's objects, and the addresses of those that have none."""
    if manifest is None:
        return {}
    paths: dict[str, Any] = {
        f"/projects/{project}/{name}": {"post": _write_operation(integration, item)}
        for name, (integration, item) in manifest.endpoints().items()
    }
    for integration, item in manifest.named_only():
        path = OBJECT_PATH.format(integration=integration.name, object=item.name)
        paths[f"/v1/projects/{project}/{path}"] = {"post": _object_operation(integration, item)}
    return paths


def _operation_paths(project: str, *, has_objects: bool) -> dict[str, Any]:
    """Following an accepted write: at its own address, and as today's API has it where that takes writes."""
    paths = {f"/projects/{project}/operations/{{operationId}}": ("followOperation", _ref("OperationStatus"))}
    if has_objects:
        path = f"/v1/projects/{project}/operations/{{operationId}}"
        log = {_JSON: {"schema": {"type": "array", "items": {"$ref": REF.format(name="OperationLogEntry")}}}}
        paths |= {path: ("followObjectOperation", _ref("ObjectOperation"))}
        paths |= {f"{path}/logs": ("listOperationLogs", log)}
    return {
        path: {
            "get": {
                "operationId": name,
                "summary": "What happened to a write." if "Logs" in name else "What became of a write.",
                "tags": ["writes"],
                "parameters": _path_parameters(path),
                "responses": {
                    "200": {"description": "As it stands now.", "content": content},
                    "default": {"description": "Why not.", "content": _PROBLEM_CONTENT},
                },
            }
        }
        for path, (name, content) in paths.items()
    }


def _schemas(types: Iterable[Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """The schema of each type by its `repr`, and the components that they refer to."""
    kinds = {repr(kind): kind for kind in map(_concrete, types) if kind not in (None, NoneType, bytes)}
    made = msgspec.json.schema_components(kinds.values(), ref_template=REF)
    schemas, components = _without_tuples(made)
    return dict(zip(kinds, schemas, strict=True)), components


def _of_bodies(
    schemas: dict[str, Any], components: dict[str, Any], answered: Mapping[str, Any]
) -> tuple[dict[str, Any], dict[str, Any]]:
    """The same for what is sent: without defaults, which openapi-typescript takes for always there.

    What is answered as well has another name here, such as `RuleInput`.
    """
    renamed = {REF.format(name=n): REF.format(name=f"{n}Input") for n in components if n in answered}

    def adapted(schema: Any) -> Any:
        if isinstance(schema, list):
            return [adapted(each) for each in schema]
        if not isinstance(schema, dict):
            return schema
        plain: dict[str, Any] = {
            name: {key: adapted(each) for key, each in value.items()}
            if name == "properties"
            else adapted(value)
            for name, value in schema.items()
            if name != "default"
        }
        if "$ref" in plain:
            plain["$ref"] = renamed.get(plain["$ref"], plain["$ref"])
        return plain

    named: dict[str, Any] = {}
    for name, schema in components.items():
        new = f"{name}Input" if name in answered else name
        named[new] = adapted(schema) | {"title": new}
    return adapted(schemas), named


def _concrete(kind: Any) -> Any:
    return Sequence[AnyEvent] if kind == Sequence[Event] else kind


def _camel(path: str) -> str:
    return re.sub(r"_(\w)", lambda found: found[1].upper(), path)


def _control_operation(
    endpoint: ControlEndpoint, bodies: dict[str, Any], answers: dict[str, Any]
) -> dict[str, Any]:
    operation: dict[str, Any] = {
        "operationId": endpoint.name,
        "summary": endpoint.summary,
        "tags": ["control"],
        "parameters": [*_path_parameters(_camel(endpoint.path)), *_query_parameters(endpoint.query_type)],
        "responses": {
            "204" if endpoint.answer is NoneType else str(endpoint.status): _success(endpoint, answers),
            **{status: {"$ref": f"#/components/responses/{name}"} for status, (name, _) in _REFUSALS.items()},
            "default": {
                "description": "Why not.",
                "content": _PROBLEM_CONTENT,
            },
        },
    }
    body = endpoint.described_body_type
    if body is not None:
        operation["requestBody"] = {"required": endpoint.needs_body, "content": _content(body, bodies)}
    return operation


def _success(endpoint: ControlEndpoint, known: dict[str, Any]) -> dict[str, Any]:
    if endpoint.answer is NoneType:
        return {"description": "Done."}
    return {"description": endpoint.summary, "content": _content(endpoint.answer, known)}


def _content(kind: Any, known: dict[str, Any]) -> dict[str, Any]:
    if kind is bytes:
        return {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}}
    return {_JSON: {"schema": known[repr(_concrete(kind))]}}


def _path_parameters(path: str) -> list[dict[str, Any]]:
    return [
        {"name": name, "in": "path", "required": True, "schema": TEXT}
        for name in re.findall(r"{(\w+)}", path)
    ]


def _query_parameters(query: type | None) -> list[dict[str, Any]]:
    if query is None:
        return []
    _, components = msgspec.json.schema_components([query], ref_template=REF)
    schema = components[query.__name__]
    return [
        {
            "name": name,
            "in": "query",
            "required": name in schema["required"],
            "schema": _inline(each, components),
        }
        for name, each in schema["properties"].items()
    ]


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
    done = {"anyOf": [{"$ref": REF.format(name=name)} for name in _OBJECT_ANSWERS]}
    refused = {"anyOf": [{"$ref": REF.format(name=name)} for name in ("ObjectRefused", "ObjectBatchAnswer")]}
    return {
        "operationId": f"{integration.name}/{item.name}",
        "summary": f"Write {item.name} ({integration.display_name})",
        "tags": ["writes"],
        "requestBody": {
            "required": True,
            "content": {_JSON: {"schema": _OBJECT_WRITES[Provider(integration.provider)]}},
        },
        "responses": {
            "200": {"description": "Written, or accepted.", "content": {_JSON: {"schema": done}}},
            "400": {"description": "Not accepted.", "content": {"text/plain": {"schema": TEXT}}},
            "422": {
                "description": "The CRM refused the record, or all records of the batch.",
                "content": {_JSON: {"schema": refused}},
            },
            "default": {"description": "Not accepted.", "content": _PROBLEM_CONTENT},
        },
    }


def _ref(name: str) -> dict[str, Any]:
    return {_JSON: {"schema": {"$ref": REF.format(name=name)}}}


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
