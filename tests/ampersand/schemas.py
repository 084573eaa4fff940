"""The answers of Ampersand's API, written from its public reference: required and optional members.

A name that ends in `?` is optional, `*` stands for members of any name; what is not named may not be there.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

Schema = Any
TIME = "a date-time"
ANY = "anything"
JSON_OBJECT = {"*": ANY}

GROUP = {"groupRef": str, "groupName": str, "projectId": str, "createTime": TIME, "updateTime?": TIME}
CONSUMER = {
    "consumerRef": str,
    "consumerName": str,
    "projectId": str,
    "createTime": TIME,
    "updateTime?": TIME,
}
PROJECT = {
    "id": str,
    "name": str,
    "appName": str,
    "orgId": str,
    "createTime": TIME,
    "updateTime?": TIME,
    "entitlements?": {"brandingRemoval?": {"value": bool}, "logRetentionDays?": {"value": int}},
}
REVISION = {
    "id": str,
    "specVersion": str,
    "createTime": TIME,
    "content": {"name": str, "provider": str, "*": ANY},
}
INTEGRATION = {
    "id": str,
    "projectId": str,
    "name": str,
    "provider": str,
    "createTime": TIME,
    "updateTime?": TIME,
    "latestRevision": REVISION,
}
CONNECTION = {
    "id": str,
    "projectId": str,
    "provider": str,
    "group": GROUP,
    "consumer": CONSUMER,
    "createTime": TIME,
    "updateTime?": TIME,
    "authScheme": (
        "none",
        "apiKey",
        "basic",
        "oauth2/authorizationCode",
        "oauth2/authorizationCodePKCE",
        "oauth2/clientCredentials",
        "oauth2/password",
    ),
    "status": ("created", "working", "bad_credentials"),
    "providerWorkspaceRef?": str,
    "providerMetadata?": {
        "*": {"value": str, "source": ("input", "token", "provider"), "displayName?": str},
    },
}
CONFIG = {
    "id": str,
    "revisionId": str,
    "createTime": TIME,
    "createdBy": str,
    "content": {"provider": str, "*": ANY},
}
INSTALLATION = {
    "id": str,
    "projectId": str,
    "integrationId": str,
    "group": GROUP,
    "healthStatus": ("healthy", "unhealthy"),
    "lastOperationStatus?": ("success", "failure", "in_progress"),
    "connection": CONNECTION,
    "createTime": TIME,
    "createdBy": str,
    "updateTime?": TIME,
    "config": CONFIG,
}
FIELD = {
    "fieldName": str,
    "displayName": str,
    "valueType?": (
        "string",
        "boolean",
        "singleSelect",
        "multiSelect",
        "date",
        "datetime",
        "int",
        "float",
        "reference",
        "other",
    ),
    "providerType?": str,
    "readOnly?": bool,
    "isCustom?": bool,
    "isRequired?": bool,
    "referenceTo?": [str],
    "values?": [{"value": str, "displayValue": str}],
}
OBJECT = {"name": str, "displayName?": str, "mappedObjectName?": str, "fields": {"*": FIELD}}
UPSERT = {
    "success": bool,
    "fields": {
        "*": {
            "*": {
                "fieldName": str,
                "action": ("create", "update", "none"),
                "metadata?": JSON_OBJECT,
                "warnings?": [str],
            }
        }
    },
}
SEARCH = {"result": [{"fields": JSON_OBJECT, "mappedFields": JSON_OBJECT, "raw": JSON_OBJECT}]}
PROVIDER = {
    "name": str,
    "baseURL": str,
    "authType": str,
    "defaultModule": str,
    "displayName?": str,
    "support": {
        "bulkWrite": JSON_OBJECT,
        "proxy": bool,
        "read": bool,
        "subscribe": bool,
        "write": bool,
        "delete": bool,
        "search": {"operators": JSON_OBJECT},
        "*": ANY,
    },
    "oauth2Opts?": {
        "grantType": str,
        "tokenURL": str,
        "explicitScopesRequired": bool,
        "explicitWorkspaceRequired": bool,
        "tokenMetadataFields": JSON_OBJECT,
        "*": ANY,
    },
    "metadata?": JSON_OBJECT,
}
PROVIDER_APP = {"id": str, "projectId": str, "provider": str, "clientId": str, "createTime": TIME}
SIGNED_URL = {"url": str, "bucket": str, "path": str}
ISSUE = {
    "in": ("body", "header", "path", "query"),
    "name": str,
    "detail": str,
    "status": int,
    "value?": ANY,
    "remedy?": str,
}
PROBLEM = {
    "type": str,
    "title": str,
    "status": int,
    "detail": str,
    "subsystem": str,
    "time": TIME,
    "requestId": str,
    "retryable": bool,
    "remedy": str,
    "causes?": [str],
    "issues?": [ISSUE],
}


def departures(value: Any, schema: Schema, at: str = "$") -> list[str]:
    """Where a value is not as its schema says."""
    if schema == ANY:
        return []
    if schema == TIME:
        return [] if isinstance(value, str) and _is_time(value) else [f"{at}: {value!r} is no date-time"]
    if isinstance(schema, tuple):
        return [] if value in schema else [f"{at}: {value!r} is none of {schema}"]
    if isinstance(schema, list):
        if not isinstance(value, list):
            return [f"{at}: {value!r} is no list"]
        return [
            each for index, item in enumerate(value) for each in departures(item, schema[0], f"{at}[{index}]")
        ]
    if isinstance(schema, dict):
        return _of_object(value, schema, at)
    return [] if type(value) is schema else [f"{at}: {value!r} is no {schema.__name__}"]


def _of_object(value: Any, schema: dict[str, Schema], at: str) -> list[str]:
    if not isinstance(value, dict):
        return [f"{at}: {value!r} is no object"]
    required = {name for name in schema if not name.endswith("?") and name != "*"}
    members = {name.rstrip("?"): each for name, each in schema.items()}
    found = [f"{at}.{name} is missing" for name in sorted(required - value.keys())]
    for name, item in value.items():
        if name in members:
            found += departures(item, members[name], f"{at}.{name}")
        elif "*" in schema:
            found += departures(item, schema["*"], f"{at}.{name}")
        else:
            found.append(f"{at}.{name} is not in the schema")
    return found


def _is_time(text: str) -> bool:
    try:
        return datetime.fromisoformat(text).tzinfo is not None
    except ValueError:
        return False
