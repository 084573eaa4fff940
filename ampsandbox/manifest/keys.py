"""The keys of each part of a manifest, for the rule on unknown keys, for repairs and for suggestions."""

from __future__ import annotations

TOP = frozenset({"specVersion", "appName", "integrations", "destinations"})
TOP_V1 = frozenset({"specVersion", "integrations"})
DESTINATION = frozenset({"name", "type", "tableName", "endpoint", "url"})
INTEGRATION = frozenset({"name", "displayName", "api", "actions"})
INTEGRATION_V1 = frozenset(
    {"name", "displayName", "provider", "module", "read", "write", "subscribe", "proxy", "watchSchema"}
)
WRITE_ACTION = frozenset({"type", "standardObjects", "customObjects", "objects"})
STANDARD_OBJECT = frozenset({"objectName", "mode", "endpoint", "schedule", "customFields"})
CUSTOM_OBJECT = STANDARD_OBJECT | {"displayName", "prompt"}
CUSTOM_FIELD = frozenset({"fieldName", "displayName", "prompt"})
WRITE_V1 = frozenset({"objects"})
WRITE_OBJECT_V1 = frozenset({"objectName", "inheritMapping", "valueDefaults"})
WRITE_V1_1 = WRITE_V1 | {"mappedObjects", "createOnInstall"}
WRITE_OBJECT_V1_1 = WRITE_OBJECT_V1 | {"mode", "schema", "createOnInstall", "mapToName", "mapToDisplayName"}
ACTION_TYPES = ("read", "write", "subscribe", "notify")
ALL = (
    TOP
    | DESTINATION
    | INTEGRATION
    | INTEGRATION_V1
    | WRITE_ACTION
    | CUSTOM_OBJECT
    | CUSTOM_FIELD
    | WRITE_OBJECT_V1
)
"""Every key that a line of a manifest may begin with, as far as repairs need to know."""
