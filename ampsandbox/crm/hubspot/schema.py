"""Properties and custom object schemas of a portal."""

from __future__ import annotations

from typing import Final

import msgspec

from ampsandbox.crm.http import segment
from ampsandbox.crm.session import ApiRequest, CrmSession
from ampsandbox.engine.crm import CrmField, ObjectDescription

SCHEMAS: Final = "/crm-object-schemas/v3/schemas"

# HubSpot knows the object types of a portal by several names; an unknown one is a 400 without a category.
_UNKNOWN_TYPE: Final = "Unable to infer object type"


# The live API sends null where its specification does not allow it, so only names are required.
class _Labels(msgspec.Struct, frozen=True):
    singular: str | None = None


class ObjectSchema(msgspec.Struct, frozen=True, rename="camel"):
    """A custom object as HubSpot defines it."""

    name: str
    fully_qualified_name: str | None = None
    object_type_id: str | None = None
    labels: _Labels | None = None
    required_properties: tuple[str, ...] | None = None

    @property
    def type_name(self) -> str:
        """What requests call the type, with the portal's number in it: `p123_pets`."""
        return self.fully_qualified_name or self.object_type_id or self.name


class _Schemas(msgspec.Struct, frozen=True):
    results: tuple[ObjectSchema, ...]


class _Option(msgspec.Struct, frozen=True):
    value: str | None = None
    label: str | None = None


class _Modification(msgspec.Struct, frozen=True, rename="camel"):
    read_only_value: bool | None = None


class _Property(msgspec.Struct, frozen=True, rename="camel"):
    name: str
    label: str | None = None
    type: str | None = None
    field_type: str | None = None
    calculated: bool | None = None
    hubspot_defined: bool | None = None
    has_unique_value: bool | None = None
    referenced_object_type: str | None = None
    description: str | None = None
    options: tuple[_Option, ...] | None = None
    modification_metadata: _Modification | None = None


class _Properties(msgspec.Struct, frozen=True):
    results: tuple[_Property, ...]


async def find_schema(session: CrmSession, name: str) -> ObjectSchema | None:
    """The custom object of that name, short or fully qualified, whatever its case; None where there is none.

    Raises:
        CrmRefusedError: The app may not read custom objects.
    """
    found = await session.read(ApiRequest("GET", SCHEMAS), _Schemas)
    wanted = name.lower()
    for schema in found.results:
        names = (schema.name, schema.fully_qualified_name or "", schema.object_type_id or "")
        if wanted in [known.lower() for known in names]:
            return schema
    return None


async def describe(session: CrmSession, object_type: str) -> ObjectDescription | None:
    """The object type with its properties; None where the portal has none of that name.

    Raises:
        CrmRefusedError: The app may not read its properties.
    """
    reply = await session.send(ApiRequest("GET", f"/crm/v3/properties/{segment(object_type)}"))
    if reply.status == 404 or (reply.status == 400 and _UNKNOWN_TYPE in reply.text):
        return None
    if not reply.is_success:
        raise session.refusal(reply)
    found = session.decode(reply, _Properties)
    return ObjectDescription(object_type, object_type, tuple(map(_field, found.results)))


def custom_object(schema: ObjectSchema, described: ObjectDescription) -> ObjectDescription:
    """A described custom object with what only its schema knows: its label and its required properties."""
    required = set(schema.required_properties or ())
    return ObjectDescription(
        name=described.name,
        label=(schema.labels.singular if schema.labels else None) or schema.name,
        fields=tuple(
            msgspec.structs.replace(field, is_required=field.name in required) for field in described.fields
        ),
        is_custom=True,
    )


def _field(found: _Property) -> CrmField:
    modification = found.modification_metadata or _Modification()
    return CrmField(
        name=found.name,
        label=found.label or found.name,
        type=found.type or "string",
        is_writable=not (found.calculated or modification.read_only_value),
        is_custom=not found.hubspot_defined,
        options=tuple(option.value or "" for option in found.options or ()),
        is_restricted=found.type == "enumeration",
        is_unique=bool(found.has_unique_value),
        refers_to=(found.referenced_object_type,) if found.referenced_object_type else (),
        help=found.description or "",
        control=found.field_type or "",
        option_labels=tuple(option.label or option.value or "" for option in found.options or ()),
    )
