"""Describe calls: the objects and fields of an org as the running user sees them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ampsandbox.crm.http import segment
from ampsandbox.crm.session import Call, Session
from ampsandbox.engine.crm import CrmField, CrmObject


async def describe(session: Session, root: str, object_name: str) -> CrmObject | None:
    """The object of that name, whatever its case; None where the org has none that the user can see.

    Raises:
        CrmRefusedError: The user may not describe objects.
    """
    reply = await session.send(Call("GET", f"{root}/sobjects/{segment(object_name)}/describe"))
    if reply.status == 404:
        return None
    if not reply.is_success or not isinstance(reply.json, Mapping):
        raise session.refusal(reply)
    return _object(reply.json)


def _object(content: Mapping[str, Any]) -> CrmObject:
    return CrmObject(
        name=str(content["name"]),
        label=str(content.get("label", content["name"])),
        fields=tuple(_field(item) for item in content.get("fields", ())),
        is_custom=bool(content.get("custom", False)),
    )


def _field(content: Mapping[str, Any]) -> CrmField:
    is_createable = bool(content.get("createable", False))
    has_default = bool(content.get("defaultedOnCreate", False)) or content.get("type") == "boolean"
    options = content.get("picklistValues") or ()
    return CrmField(
        name=str(content["name"]),
        label=str(content.get("label", content["name"])),
        type=str(content.get("type", "string")),
        is_required=is_createable and not content.get("nillable", True) and not has_default,
        is_writable=is_createable or bool(content.get("updateable", False)),
        is_custom=bool(content.get("custom", False)),
        length=int(content.get("length") or 0),
        options=tuple(str(option["value"]) for option in options if option.get("active", True)),
        is_restricted=bool(content.get("restrictedPicklist", False)),
    )
