"""Describe calls: the objects and fields of an org as the running user sees them."""

from __future__ import annotations

import msgspec

from ampsandbox.crm.http import segment
from ampsandbox.crm.session import ApiRequest, CrmSession
from ampsandbox.engine.crm import CrmField, ObjectDescription


class _Option(msgspec.Struct, frozen=True):
    value: str | None = None
    label: str | None = None
    active: bool | None = True


class _Field(msgspec.Struct, frozen=True, rename="camel"):
    name: str
    type: str
    label: str | None = None
    createable: bool | None = None
    updateable: bool | None = None
    nillable: bool | None = None
    defaulted_on_create: bool | None = None
    custom: bool | None = None
    length: int | None = None
    picklist_values: tuple[_Option, ...] | None = None
    restricted_picklist: bool | None = None
    unique: bool | None = None
    reference_to: tuple[str, ...] | None = None
    inline_help_text: str | None = None
    relationship_name: str | None = None


class _Child(msgspec.Struct, frozen=True, rename={"object_name": "childSObject", "name": "relationshipName"}):
    object_name: str
    name: str | None = None


class _Describe(msgspec.Struct, frozen=True, rename="camel"):
    name: str
    fields: tuple[_Field, ...]
    label: str | None = None
    custom: bool | None = None
    child_relationships: tuple[_Child, ...] | None = None


async def describe(session: CrmSession, root: str, object_name: str) -> ObjectDescription | None:
    """The object of that name, whatever its case; None where the org has none that the user can see.

    Raises:
        CrmRefusedError: The user may not describe objects.
    """
    reply = await session.send(ApiRequest("GET", f"{root}/sobjects/{segment(object_name)}/describe"))
    if reply.status == 404:
        return None
    if not reply.is_success:
        raise session.refusal(reply)
    found = session.decode(reply, _Describe)
    fields = tuple(map(_field, found.fields))
    children = {child.name: child.object_name for child in found.child_relationships or () if child.name}
    return ObjectDescription(found.name, found.label or found.name, fields, bool(found.custom), children)


def _field(found: _Field) -> CrmField:
    has_default = found.defaulted_on_create or found.type == "boolean"
    options = [option for option in found.picklist_values or () if option.active]
    return CrmField(
        name=found.name,
        label=found.label or found.name,
        type=found.type,
        is_required=bool(found.createable) and found.nillable is False and not has_default,
        is_writable=bool(found.createable or found.updateable),
        is_custom=bool(found.custom),
        length=found.length or 0,
        options=tuple(option.value or "" for option in options),
        option_labels=tuple(option.label or option.value or "" for option in options),
        is_restricted=bool(found.restricted_picklist),
        is_unique=bool(found.unique),
        refers_to=found.reference_to or (),
        help=found.inline_help_text or "",
        relationship=found.relationship_name or "",
    )
