"""Properties and custom object schemas of a portal."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

from ampsandbox.crm.http import segment
from ampsandbox.crm.session import Call, Session
from ampsandbox.engine.crm import CrmField, CrmObject

SCHEMAS: Final = "/crm-object-schemas/v3/schemas"

# HubSpot knows the object types of a portal by several names; an unknown one is a 400 without a category.
_UNKNOWN_TYPE: Final = "Unable to infer object type"


async def find_schema(session: Session, name: str) -> Mapping[str, Any] | None:
    """The custom object of that name, short or fully qualified, whatever its case; None where there is none.

    Raises:
        CrmRefusedError: The app may not read custom objects.
    """
    reply = await session.fetch(Call("GET", SCHEMAS))
    schemas = reply.json.get("results", ()) if isinstance(reply.json, Mapping) else ()
    wanted = name.lower()
    for schema in schemas:
        names = (schema.get("name"), schema.get("fullyQualifiedName"), schema.get("objectTypeId"))
        if wanted in {str(known).lower() for known in names}:
            return dict(schema)
    return None


async def describe(session: Session, object_type: str) -> CrmObject | None:
    """The object type with its properties; None where the portal has none of that name.

    Raises:
        CrmRefusedError: The app may not read its properties.
    """
    reply = await session.send(Call("GET", f"/crm/v3/properties/{segment(object_type)}"))
    if reply.status == 404 or (reply.status == 400 and _UNKNOWN_TYPE in reply.text):
        return None
    if not reply.is_success or not isinstance(reply.json, Mapping):
        raise session.refusal(reply)
    fields = tuple(_field(item) for item in reply.json.get("results", ()))
    return CrmObject(object_type, object_type, fields)


def custom_object(schema: Mapping[str, Any], described: CrmObject) -> CrmObject:
    """A described custom object with what only its schema knows: its label and its required properties."""
    required = {str(name) for name in schema.get("requiredProperties") or ()}
    labels = schema.get("labels") or {}
    return CrmObject(
        name=described.name,
        label=str(labels.get("singular") or schema.get("name")),
        fields=tuple(_with_requirement(field, required) for field in described.fields),
        is_custom=True,
    )


def type_name(schema: Mapping[str, Any]) -> str:
    """What requests call a custom object: `p123_pets`."""
    return str(schema.get("fullyQualifiedName") or schema.get("objectTypeId") or schema["name"])


def _field(content: Mapping[str, Any]) -> CrmField:
    modification = content.get("modificationMetadata") or {}
    is_calculated = bool(content.get("calculated", False))
    return CrmField(
        name=str(content["name"]),
        label=str(content.get("label") or content["name"]),
        type=str(content.get("type", "string")),
        is_writable=not (is_calculated or modification.get("readOnlyValue", False)),
        is_custom=not content.get("hubspotDefined", False),
        options=tuple(str(option["value"]) for option in content.get("options") or ()),
        is_restricted=content.get("type") == "enumeration",
    )


def _with_requirement(field: CrmField, required: set[str]) -> CrmField:
    return replace(field, is_required=field.name in required)
