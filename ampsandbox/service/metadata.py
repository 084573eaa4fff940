"""Objects and fields of a group's CRM, as Ampersand's API tells of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final, Literal

import msgspec

from ampsandbox.crm.field_definitions import FieldDefinition, FieldUpsert
from ampsandbox.engine.config import ConfigContent, ConfigIssue
from ampsandbox.engine.crm import CrmField, CrmRefusedError, ObjectDescription
from ampsandbox.engine.write_rules import field_path, selected_mappings
from ampsandbox.errors import AmpSandboxError, NotFoundError
from ampsandbox.manifest.crm_names import crm_object_name
from ampsandbox.manifest.model import Integration, ObjectKind, Provider, ReadObject, WriteObject
from ampsandbox.manifest.standard_objects import label_of, standard_object

if TYPE_CHECKING:
    from ampsandbox.crm.client import CrmClient

ValueType = Literal[
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
]

_SALESFORCE_TYPES: Final[Mapping[str, ValueType]] = {
    "string": "string",
    "textarea": "string",
    "email": "string",
    "phone": "string",
    "url": "string",
    "id": "string",
    "boolean": "boolean",
    "picklist": "singleSelect",
    "combobox": "singleSelect",
    "multipicklist": "multiSelect",
    "date": "date",
    "datetime": "datetime",
    "int": "int",
    "double": "float",
    "currency": "float",
    "percent": "float",
    "reference": "reference",
}
_HUBSPOT_TYPES: Final[Mapping[str, ValueType]] = {
    "string": "string",
    "phone_number": "string",
    "bool": "boolean",
    "number": "float",
    "date": "date",
    "datetime": "datetime",
}
_CHOOSE_ANOTHER: Final = "Choose one that the object metadata lists, or send skipSampling=true."
_SEVERAL: Final = frozenset({"checkbox"})


class DescribedObject(msgspec.Struct, frozen=True):
    """An object of the CRM: what the app calls it, and what the CRM does."""

    name: str
    label: str
    mapped_name: str | None
    described: ObjectDescription


class FieldsInvalidError(AmpSandboxError):
    """Definitions of fields lack something; `issues` names it all."""

    def __init__(self, issues: list[ConfigIssue]) -> None:
        super().__init__(f"{issues[0].path}.{issues[0].detail}.")
        self.issues = issues


def value_type(provider: str, field: CrmField) -> ValueType:
    """The type of a field in Ampersand's words."""
    if provider == Provider.SALESFORCE:
        return _SALESFORCE_TYPES.get(field.type, "other")
    if field.type == "enumeration":
        if field.control == "booleancheckbox":
            return "boolean"
        return "multiSelect" if field.control in _SEVERAL else "singleSelect"
    return _HUBSPOT_TYPES.get(field.type, "other")


def api_name(provider: str, name: str) -> str:
    """What requests to the CRM call an object that a manifest or a config names."""
    return crm_object_name(provider, WriteObject(name, ObjectKind.STANDARD, None, None))


def object_label(provider: str, name: str, described: ObjectDescription | None = None) -> str:
    """The object's name for people: the CRM's own, or that of the preview where the CRM has none."""
    if described is not None and described.label.lower() != described.name.lower():
        return described.label
    known = standard_object(provider, name)
    return known.label if known else label_of(name.removesuffix("__c"))


async def describe(
    crm: CrmClient, provider: str, name: str, integration: Integration | None = None
) -> DescribedObject:
    """The object that the app calls `name`: by its mapped name too where an integration has one.

    Raises:
        NotFoundError: The CRM has no such object.
    """
    read = _mapped_read(integration, name) if integration else None
    own = read.name if read else name
    described = await _described(crm, provider, own)
    if described is None:
        label = Provider(provider).label
        raise NotFoundError(f"{label} has no object {own!r}.", "Check its name in the CRM's own API.")
    return DescribedObject(
        own, object_label(provider, own, described), read.map_to_name if read else None, described
    )


async def describe_all(
    crm: CrmClient, provider: str, names: Sequence[str]
) -> dict[str, ObjectDescription | None]:
    """The objects of these names; None for those that the CRM lacks."""
    return {name: await _described(crm, provider, name) for name in dict.fromkeys(names)}


async def missing_fields(
    crm: CrmClient, integration: Integration, content: Mapping[str, Any]
) -> list[ConfigIssue]:
    """The fields that a config reads or maps to, and that the CRM does not show."""
    config = msgspec.convert(content, ConfigContent)
    issues: list[ConfigIssue] = []
    for key, chosen in ((config.read and config.read.objects) or {}).items():
        read = _read_of(integration, key) or _read_of(integration, chosen.object_name or key)
        if read is None:
            continue
        described = await _described(crm, integration.provider, read.name)
        if described is None:
            detail = f"{Provider(integration.provider).label} has no object {read.name!r}"
            issues.append(ConfigIssue(f"read.objects.{key}", read.name, detail, _CHOOSE_ANOTHER))
            continue
        known = {field.name.lower() for field in described.fields}
        wanted = {name: f"selectedFields.{name}" for name, on in (chosen.selected_fields or {}).items() if on}
        wanted |= {
            name: f"selectedFieldMappings.{app}"
            for app, name in (chosen.selected_field_mappings or {}).items()
        }
        for name, place in wanted.items():
            if field_path(name)[0].lower() not in known:
                detail = f"{described.name} has no field {name!r} that the connected user can see"
                issues.append(ConfigIssue(f"read.objects.{key}.{place}", name, detail, _CHOOSE_ANOTHER))
    return issues


async def upsert_fields(
    crm: CrmClient, provider: str, fields: Mapping[str, Sequence[FieldDefinition]]
) -> dict[str, list[FieldUpsert]]:
    """Create or change custom fields, object by object.

    Raises:
        FieldsInvalidError: A definition lacks something; nothing is done then.
        CrmRefusedError: The CRM has no such object, or does not let fields be changed.
    """
    issues = [
        ConfigIssue(f"fields.{name}[{place}]", each.field_name, problem)
        for name, definitions in fields.items()
        for place, each in enumerate(definitions)
        for problem in each.problems()
    ]
    if issues:
        raise FieldsInvalidError(issues)
    return {
        name: await crm.upsert_fields(api_name(provider, name), definitions)
        for name, definitions in fields.items()
    }


class FoundRecord(msgspec.Struct, frozen=True):
    """One record: its plain fields, those with a mapped name, and the record as the CRM gave it."""

    fields: dict[str, Any]
    mapped: dict[str, Any]
    raw: dict[str, Any]


async def search(
    crm: CrmClient,
    integration: Integration,
    config: ConfigContent,
    name: str,
    filters: Sequence[tuple[str, Any]],
) -> list[FoundRecord]:
    """The records of an object whose fields, by either name, have these values.

    Raises:
        CrmRefusedError: The CRM has no such object or field.
    """
    read = _mapped_read(integration, name) or _read_of(integration, name)
    mappings = dict(selected_mappings(read, config)) if read else {}
    by_app = {app: field for app, field in mappings.items() if field}
    found = await crm.search(
        api_name(integration.provider, read.name if read else name),
        [(by_app.get(field, field), value) for field, value in filters],
    )
    return [_found(row, by_app, read) for row in found]


def _found(raw: dict[str, Any], by_app: Mapping[str, str], read: ReadObject | None) -> FoundRecord:
    values = raw.get("properties") if isinstance(raw.get("properties"), dict) else raw
    lowered = {str(key).lower(): value for key, value in (values or {}).items() if key != "attributes"}
    lowered |= {"id": raw.get("id", raw.get("Id"))}
    mapped = {app: lowered.get(field.lower()) for app, field in by_app.items()}
    wanted = (
        [each.field_name for each in read.fields if each.field_name and not each.map_to_name] if read else []
    )
    names = wanted if wanted and (read is None or not read.offers_all_fields) else [*lowered]
    targets = {field.lower() for field in by_app.values()}
    fields = {
        key: lowered[key.lower()] for key in names if key.lower() in lowered and key.lower() not in targets
    }
    return FoundRecord({"id": lowered["id"]} | fields, mapped, raw)


async def _described(crm: CrmClient, provider: str, name: str) -> ObjectDescription | None:
    try:
        return await crm.describe(api_name(provider, name))
    except CrmRefusedError as error:
        if error.detail.code in ("NOT_FOUND", "OBJECT_NOT_FOUND"):
            return None
        raise


def _mapped_read(integration: Integration | None, name: str) -> ReadObject | None:
    reads = integration.reads if integration else ()
    return next((each for each in reads if each.map_to_name == name), None)


def _read_of(integration: Integration, name: str) -> ReadObject | None:
    return integration.find_read(name)
