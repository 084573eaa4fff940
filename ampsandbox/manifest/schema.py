"""The JSON Schema of `amp.yaml`, for editors: completion, descriptions, and squiggles under typos.

It says what `check` says wherever a schema can tell; both are made from the same formats. What `check` only
warns of is wrong here, too, since a schema knows no warnings.
"""

from __future__ import annotations

from typing import Any

from ampsandbox.manifest import format_keys
from ampsandbox.manifest.format_keys import KeyFormat
from ampsandbox.manifest.provider_catalog import provider_catalog
from ampsandbox.manifest.read_actions import PAGE_SIZES
from ampsandbox.manifest.subscribe_actions import EVENTS

DIALECT = "https://json-schema.org/draft/2020-12/schema"
_VERSIONS = ["0.1.0", "1.0.0", "1.1.0"]


def json_schema() -> dict[str, Any]:
    """The schema (draft 2020-12). `specVersion` chooses the format; without it, it is that of 2023."""
    actions = [{"required": [key]} for key in ("read", "write", "subscribe", "proxy")]
    return {
        "$schema": DIALECT,
        "title": "Ampersand manifest (amp.yaml)",
        "type": "object",
        "required": ["integrations"],
        "properties": {
            "specVersion": {"description": "The version of the format.", "enum": _VERSIONS},
            "integrations": {"type": "array", "minItems": 1},
        },
        "if": _version_is("1.0.0"),
        "then": _format(_ref("integration-1.0.0")),
        "else": {
            "if": _version_is("1.1.0"),
            "then": _format(_ref("integration-1.1.0")),
            "else": _format(_ref("integration-2023"), appName=_APP_NAME, destinations=_DESTINATIONS),
        },
        "$defs": {
            "integration-2023": _integration_2023(),
            "integration-1.0.0": _integration(format_keys.INTEGRATION_V1),
            "integration-1.1.0": _schema(format_keys.INTEGRATION_DRAFT) | {"anyOf": actions},
            "action": _action(),
            "write-action": _schema(format_keys.WRITE_ACTION),
            "other-action": _schema(format_keys.OTHER_ACTION) | {"additionalProperties": True},
            "destination": _schema(format_keys.DESTINATION),
        },
    }


_APP_NAME = {"type": "string", "description": "The name of your app, as customers see it."}
_DESTINATIONS = {
    "type": "array",
    "description": "Where reads deliver to.",
    "items": {"$ref": "#/$defs/destination"},
}


def _ref(name: str) -> dict[str, Any]:
    return {"$ref": f"#/$defs/{name}"}


def _version_is(version: str) -> dict[str, Any]:
    return {"properties": {"specVersion": {"const": version}}, "required": ["specVersion"]}


def _format(integration: dict[str, Any], **more: dict[str, Any]) -> dict[str, Any]:
    properties = {"specVersion": True, "integrations": {"type": "array", "items": integration}, **more}
    return {"properties": properties, "additionalProperties": False}


def _integration_2023() -> dict[str, Any]:
    schema = _schema(format_keys.INTEGRATION_2023)
    schema["properties"]["actions"] |= {"minItems": 1, "items": _ref("action")}
    schema["required"] = ["name", "api", "actions"]
    return schema


def _integration(key_format: KeyFormat) -> dict[str, Any]:
    """An integration of today's format, with the rules that hold between its keys."""
    schema = _schema(key_format) | {
        "anyOf": [{"required": [key]} for key in ("read", "write", "subscribe", "proxy")],
        "dependentRequired": {"subscribe": ["read"]},
    }
    parts = schema["properties"]
    parts["provider"]["enum"] = list(provider_catalog().providers)
    for key in ("read", "write", "subscribe"):
        parts[key]["properties"]["objects"]["minItems"] = 1
    read = parts["read"]["properties"]["objects"]["items"]
    fields = read["properties"]
    for key in ("requiredFields", "optionalFields"):
        fields[key]["items"]["anyOf"] = [{"required": ["fieldName"]}, {"required": ["mapToName"]}]
    read["if"] = {"properties": {"enabled": {"const": "always"}}, "required": ["enabled"]}
    unmapped = {"minItems": 1, "items": {"properties": {"mapToName": False}}}
    read["then"] = {"required": ["requiredFields"], "properties": {"requiredFields": unmapped}}
    fields["backfill"]["required"] = ["defaultPeriod"]
    period = fields["backfill"]["properties"]["defaultPeriod"]
    period["oneOf"] = [{"required": ["days"]}, {"required": ["fullHistory"]}]
    period["properties"]["days"]["minimum"] = 0
    pages = {"minimum": PAGE_SIZES[0], "maximum": PAGE_SIZES[-1]}
    fields["delivery"]["allOf"] = [
        {"if": _mode_is("auto"), "then": {"properties": {"pageSize": False}}},
        {"if": _mode_is("onRequest"), "then": {"required": ["pageSize"], "properties": {"pageSize": pages}}},
    ]
    subscribe = parts["subscribe"]["properties"]["objects"]["items"]
    subscribe["anyOf"] = [{"required": [key]} for key in (*EVENTS, "otherEvents")]
    subscribe["if"] = {"anyOf": [{"required": [event]} for event in EVENTS]}
    subscribe["then"] = {
        "required": ["inheritFieldsAndMapping"],
        "properties": {"inheritFieldsAndMapping": {"const": True}},
    }
    update = subscribe["properties"]["updateEvent"]
    update["oneOf"] = [{"required": ["requiredWatchFields"]}, {"required": ["watchFieldsAuto"]}]
    update["properties"]["requiredWatchFields"]["minItems"] = 1
    update["properties"]["requiredWatchFields"]["items"]["pattern"] = r"^[^.\[\]]*$"
    return schema


def _mode_is(mode: str) -> dict[str, Any]:
    return {"properties": {"mode": {"const": mode}}, "required": ["mode"]}


def _action() -> dict[str, Any]:
    is_write = {"properties": {"type": {"const": "write"}}, "required": ["type"]}
    types = {"description": "The type of the action.", "enum": list(format_keys.ACTION_TYPES)}
    return {
        "type": "object",
        "required": ["type"],
        "properties": {"type": types},
        "if": is_write,
        "then": _ref("write-action"),
        "else": _ref("other-action"),
    }


def _schema(shape: KeyFormat) -> dict[str, Any]:
    schema: dict[str, Any] = {"type": shape.type}
    optional = {
        "description": shape.about,
        "enum": list(shape.enum),
        "pattern": shape.pattern,
        "examples": list(shape.examples),
        "required": list(shape.required),
    }
    schema |= {key: value for key, value in optional.items() if value}
    if shape.items:
        schema["items"] = _schema(shape.items)
    if shape.keys:
        schema["properties"] = {key: _schema(child) for key, child in shape.keys.items()}
        schema["additionalProperties"] = False
    return schema
