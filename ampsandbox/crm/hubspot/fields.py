"""Properties of every type, created or brought up to date.

The types follow amp-labs/connectors (providers/hubspot/internal/custom): selects are enumerations, booleans
need their two options spelled out, and HubSpot has no property that refers to a record.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

import msgspec

from ampsandbox.crm.field_definitions import FieldDefinition, FieldUpsert
from ampsandbox.crm.http import segment
from ampsandbox.crm.hubspot.errors import details
from ampsandbox.crm.hubspot.provisioning import GROUP, GROUP_LABEL
from ampsandbox.crm.json_access import mapping, mappings
from ampsandbox.crm.session import ApiRequest, CrmSession, json_request

# `type` and `fieldType` of a property.
_TYPES: Final = {
    "string": ("string", "text"),
    "boolean": ("bool", "booleancheckbox"),
    "date": ("date", "date"),
    "datetime": ("datetime", "date"),
    "singleSelect": ("enumeration", "select"),
    "multiSelect": ("enumeration", "checkbox"),
    "int": ("number", "number"),
    "float": ("number", "number"),
    "reference": ("string", "text"),
}
_NO_REFERENCES: Final = "HubSpot has no property that refers to a record; it holds text."


class _Properties(msgspec.Struct):
    results: list[dict[str, Any]]


async def upsert_fields(
    session: CrmSession, object_type: str, definitions: Sequence[FieldDefinition]
) -> list[FieldUpsert]:
    """Create the properties that are missing, and change those that differ.

    Raises:
        CrmRefusedError: The portal has no such object, or the app may not change its properties.
    """
    path = f"/crm/v3/properties/{segment(object_type)}"
    found = await session.read(ApiRequest("GET", path), _Properties)
    known = {str(each.get("name")): each for each in found.results}
    missing = [each for each in definitions if each.field_name.lower() not in known]
    results = await _create(session, path, missing) if missing else {}
    for each in definitions:
        name = each.field_name.lower()
        if name in known:
            results[each.field_name] = await _update(session, f"{path}/{segment(name)}", each, known[name])
    return [results[each.field_name] for each in definitions]


async def _create(
    session: CrmSession, path: str, definitions: Sequence[FieldDefinition]
) -> dict[str, FieldUpsert]:
    group = {"name": GROUP, "label": GROUP_LABEL, "displayOrder": -1}
    reply = await session.send(json_request("POST", f"{path}/groups", group, is_repeatable=True))
    if not reply.is_success and reply.status != 409:
        raise session.refusal(reply)
    inputs = [_property(each) | {"groupName": GROUP} for each in definitions]
    call = json_request("POST", f"{path}/batch/create", {"inputs": inputs}, is_repeatable=True)
    reply = await session.send(call)
    if not reply.is_success:
        # One bad definition refuses them all; each is told why, and nothing was created.
        reasons = [error.message for error in session.details(reply)]
        return {each.field_name: _refused(each, _own(each, reasons)) for each in definitions}
    content = mapping(reply.json)
    made = {str(each.get("name")): dict(each) for each in mappings(content.get("results"))}
    errors = [error.message for item in mappings(content.get("errors")) for error in details(item, 207)]
    return {
        each.field_name: FieldUpsert(each.field_name, "create", made[name], _warnings(each))
        if (name := each.field_name.lower()) in made
        else _refused(each, _own(each, errors))
        for each in definitions
    }


async def _update(
    session: CrmSession, path: str, definition: FieldDefinition, known: Mapping[str, Any]
) -> FieldUpsert:
    wanted = _property(definition)
    del wanted["name"]
    # HubSpot does not take back that values are unique, and fills in what options do not say.
    differing = {key: value for key, value in wanted.items() if not _is_same(value, known.get(key))}
    if not differing:
        return FieldUpsert(definition.field_name, "none", dict(known), _warnings(definition))
    reply = await session.send(json_request("PATCH", path, differing, is_repeatable=True))
    if not reply.is_success:
        return _refused(definition, session.details(reply)[0].message)
    return FieldUpsert(definition.field_name, "update", dict(mapping(reply.json)), _warnings(definition))


def _property(definition: FieldDefinition) -> dict[str, Any]:
    kind, control = _TYPES[definition.value_type]
    content: dict[str, Any] = {
        "name": definition.field_name,
        "label": definition.display_name,
        "type": kind,
        "fieldType": control,
        "description": definition.description or "",
    }
    if definition.unique:
        content["hasUniqueValue"] = True
    if definition.value_type == "boolean":
        content["options"] = [_option("true", 0, "True"), _option("false", 1, "False")]
    elif definition.options:
        content["options"] = [_option(value, place) for place, value in enumerate(definition.options)]
    return content


def _option(value: str, place: int, label: str = "") -> dict[str, Any]:
    return {"label": label or value, "value": value, "displayOrder": place, "hidden": False}


def _is_same(wanted: Any, known: Any) -> bool:
    if not isinstance(wanted, list):
        return bool(wanted == (known or "" if isinstance(wanted, str) else known))
    values = [(each.get("value"), each.get("label")) for each in mappings(known)]
    return [(each["value"], each["label"]) for each in wanted] == values


def _warnings(definition: FieldDefinition) -> tuple[str, ...]:
    found = [_NO_REFERENCES] if definition.value_type == "reference" else []
    if definition.required:
        found.append("HubSpot requires no property through its API; forms and pipelines do.")
    return tuple(found)


def _refused(definition: FieldDefinition, reason: str) -> FieldUpsert:
    return FieldUpsert(definition.field_name, "none", error=reason)


def _own(definition: FieldDefinition, reasons: Sequence[str]) -> str:
    """The reason that names the field, or all there are."""
    own = [reason for reason in reasons if definition.field_name.lower() in reason.lower()]
    return "; ".join(own or reasons) or "HubSpot did not create it, and does not say why."
