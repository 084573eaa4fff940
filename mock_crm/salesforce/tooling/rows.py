"""The objects of the Tooling API: their fields, and the rows that an org's definitions make."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Final

from mock_crm.core.clock import epoch_ms
from mock_crm.salesforce.context import SalesforceContext
from mock_crm.salesforce.metadata.component_type import ComponentLog
from mock_crm.salesforce.metadata.components import Component, written
from mock_crm.salesforce.metadata.custom_fields import FIELD_PREFIX
from mock_crm.salesforce.metadata.custom_objects import OBJECT_PREFIX
from mock_crm.salesforce.metadata.object_parts import VALIDATION_RULE_PREFIX
from mock_crm.salesforce.metadata.registry import component_type
from mock_crm.salesforce.metadata.value_types import VALUE_TYPES
from mock_crm.salesforce.model import Field, SObject
from mock_crm.salesforce.records import moment_text

_NO_ID: Final = "000000000000000AAA"


@dataclass(frozen=True, slots=True)
class ToolingObject:
    """One object of the Tooling API: its fields with their types, and its rows."""

    name: str
    prefix: str
    fields: dict[str, str]
    rows: Callable[[SalesforceContext], Iterator[tuple[str, dict[str, Any]]]]


def durable_id(item: SObject) -> str:
    """What the Tooling API refers to an object by: a custom one by its id of 15 characters."""
    return item.id[:15] if item.custom else item.name


def _entity_definitions(org: SalesforceContext) -> Iterator[tuple[str, dict[str, Any]]]:
    for item in org.schema.definitions():
        yield (
            durable_id(item),
            {
                "Id": _NO_ID,
                "DurableId": durable_id(item),
                "QualifiedApiName": item.name,
                "DeveloperName": item.name.removesuffix("__c"),
                "Label": item.label,
                "MasterLabel": item.label,
                "PluralLabel": item.plural,
                "KeyPrefix": item.prefix,
                "IsCustomizable": True,
                "IsCustomSetting": False,
                "IsQueryable": True,
                "IsRetrieveable": True,
                "IsTriggerable": True,
                "IsSearchable": True,
                "DeploymentStatus": (item.definition or {}).get("deploymentStatus"),
                "Description": (item.definition or {}).get("description"),
            },
        )


def _field_definitions(org: SalesforceContext) -> Iterator[tuple[str, dict[str, Any]]]:
    for item in org.schema.definitions():
        for field in item.fields:
            local = field.id[:15] if field.custom and field.id else field.name
            key = f"{durable_id(item)}.{local}"
            yield (
                key,
                {
                    "Id": _NO_ID,
                    "DurableId": key,
                    "EntityDefinitionId": durable_id(item),
                    "QualifiedApiName": field.name,
                    "DeveloperName": field.name.removesuffix("__c"),
                    "Label": field.label,
                    "MasterLabel": field.label,
                    "DataType": data_type(field),
                    "Length": field.length,
                    "Precision": field.precision,
                    "Scale": field.scale,
                    "IsNillable": field.nillable,
                    "IsCalculated": bool(field.formula),
                    "IsCompound": field.type in ("address", "location"),
                    "IsIndexed": field.unique or field.is_key or field.type == "reference",
                    "IsNameField": field.name_field,
                    "IsHtmlFormatted": (field.definition or {}).get("type") == "Html",
                    "RelationshipName": field.relationship.removesuffix("__r") or None,
                    "ReferenceTo": {"referenceTo": list(field.reference_to)} if field.reference_to else None,
                    "ValueTypeId": field.type,
                    "Description": (field.definition or {}).get("description"),
                },
            )


def _custom_fields(org: SalesforceContext) -> Iterator[tuple[str, dict[str, Any]]]:
    log = ComponentLog(org)
    for item in org.schema.definitions():
        for field in item.fields:
            if field.definition is None:
                continue
            full_name = f"{item.name}.{field.name}"
            yield (
                field.id,
                {
                    "DeveloperName": field.name.removesuffix("__c"),
                    "TableEnumOrId": durable_id(item) if not item.custom else item.id,
                    "EntityDefinitionId": durable_id(item),
                    "Length": field.length or None,
                    "Precision": field.precision or None,
                    "Scale": field.scale or None,
                    "Description": field.definition.get("description"),
                    "InlineHelpText": field.help or None,
                    "RelationshipLabel": field.definition.get("relationshipLabel"),
                    "FullName": full_name,
                    "Metadata": metadata_of(field.definition, "CustomField"),
                }
                | _stamps(log, "CustomField", full_name, org),
            )


def _custom_objects(org: SalesforceContext) -> Iterator[tuple[str, dict[str, Any]]]:
    log = ComponentLog(org)
    for item in org.schema.definitions():
        if item.definition is None:
            continue
        yield (
            item.id,
            {
                "DeveloperName": item.name.removesuffix("__c"),
                "Description": item.definition.get("description"),
                "FullName": item.name,
                "Metadata": metadata_of(item.definition, "CustomObject"),
            }
            | _stamps(log, "CustomObject", item.name, org),
        )


def _validation_rules(org: SalesforceContext) -> Iterator[tuple[str, dict[str, Any]]]:
    log = ComponentLog(org)
    kind = component_type(org, "ValidationRule")
    assert kind is not None
    for listed in kind.listing():
        rule = kind.read(listed.full_name) or {}
        object_name, _, name = listed.full_name.partition(".")
        item = org.schema.definition(object_name)
        yield (
            listed.id,
            {
                "ValidationName": name,
                "EntityDefinitionId": durable_id(item) if item else None,
                "Active": rule.get("active"),
                "Description": rule.get("description"),
                "ErrorDisplayField": rule.get("errorDisplayField"),
                "ErrorMessage": rule.get("errorMessage"),
                "FullName": listed.full_name,
                "Metadata": metadata_of(rule, "ValidationRule"),
            }
            | _stamps(log, "ValidationRule", listed.full_name, org),
        )


def metadata_of(definition: Component, type_name: str) -> dict[str, Any]:
    """A definition as the `Metadata` of a tooling record: every element of the type, null where not given."""
    given = written(definition, type_name)
    elements = VALUE_TYPES[type_name].elements
    return {name: given.get(name) for name in elements if name != "fullName"} | {"urls": None}


def data_type(field: Field) -> str:
    """A field's type as the Tooling API words it, such as `Text(80)` or `Lookup(Account)`."""
    kind = (field.definition or {}).get("type") or _DATA_TYPES.get(field.type, field.type.capitalize())
    if field.formula:
        return f"Formula ({kind})"
    if field.reference_to:
        kind = "Master-Detail" if kind == "MasterDetail" else "Lookup"
        return f"{kind}({','.join(field.reference_to)})"
    if kind in ("Text", "LongTextArea"):
        return f"{_DATA_TYPES.get(kind, kind)}({field.length})"
    if kind in ("Number", "Currency", "Percent"):
        return f"{kind}({field.precision - field.scale}, {field.scale})"
    return _DATA_TYPES.get(kind, kind)


_DATA_TYPES: Final = {
    "address": "Address",
    "boolean": "Checkbox",
    "combobox": "Picklist",
    "currency": "Currency",
    "datetime": "Date/Time",
    "double": "Number",
    "id": "Lookup()",
    "int": "Number",
    "multipicklist": "Picklist (Multi-Select)",
    "picklist": "Picklist",
    "reference": "Lookup",
    "string": "Text",
    "textarea": "Text Area",
    "url": "URL",
    "AutoNumber": "Auto Number",
    "DateTime": "Date/Time",
    "EncryptedText": "Text (Encrypted)",
    "Html": "Rich Text Area",
    "Location": "Geolocation",
    "LongTextArea": "Long Text Area",
    "MultiselectPicklist": "Picklist (Multi-Select)",
    "TextArea": "Text Area",
    "Url": "URL",
}

_SYSTEM: Final = {
    "CreatedDate": "datetime",
    "CreatedById": "reference",
    "LastModifiedDate": "datetime",
    "LastModifiedById": "reference",
    "NamespacePrefix": "string",
    "ManageableState": "picklist",
    "FullName": "string",
    "Metadata": "complexvalue",
}


def _typed(words: str) -> dict[str, str]:
    return {name: kind or "string" for name, _, kind in (word.partition(":") for word in words.split())}


OBJECTS: Final = {
    item.name: item
    for item in (
        ToolingObject(
            "EntityDefinition",
            "4ie",
            _typed(
                """Id:id DurableId QualifiedApiName DeveloperName Label MasterLabel PluralLabel KeyPrefix
                NamespacePrefix DeploymentStatus Description IsCustomizable:boolean IsCustomSetting:boolean
                IsQueryable:boolean IsRetrieveable:boolean IsTriggerable:boolean IsSearchable:boolean"""
            ),
            _entity_definitions,
        ),
        ToolingObject(
            "FieldDefinition",
            "4fd",
            _typed(
                """Id:id DurableId EntityDefinitionId QualifiedApiName DeveloperName Label
                MasterLabel NamespacePrefix DataType Length:int Precision:int Scale:int IsNillable:boolean
                IsCalculated:boolean IsCompound:boolean IsIndexed:boolean IsNameField:boolean
                IsHtmlFormatted:boolean RelationshipName ReferenceTo:complexvalue ValueTypeId Description"""
            ),
            _field_definitions,
        ),
        ToolingObject(
            "CustomField",
            FIELD_PREFIX,
            _typed(
                """Id:id DeveloperName TableEnumOrId EntityDefinitionId Length:int Precision:int
                Scale:int Description InlineHelpText RelationshipLabel"""
            )
            | _SYSTEM,
            _custom_fields,
        ),
        ToolingObject(
            "CustomObject",
            OBJECT_PREFIX,
            _typed("Id:id DeveloperName Description") | _SYSTEM,
            _custom_objects,
        ),
        ToolingObject(
            "ValidationRule",
            VALIDATION_RULE_PREFIX,
            _typed(
                """Id:id ValidationName EntityDefinitionId Active:boolean Description
                ErrorDisplayField ErrorMessage"""
            )
            | _SYSTEM,
            _validation_rules,
        ),
    )
}
"""All objects by name."""


def _stamps(log: ComponentLog, kind: str, full_name: str, org: SalesforceContext) -> dict[str, Any]:
    stamps = log.stamps(kind, full_name)
    return {
        "CreatedDate": moment_text(epoch_ms(stamps.created)),
        "CreatedById": org.identity.user_id,
        "LastModifiedDate": moment_text(epoch_ms(stamps.modified)),
        "LastModifiedById": org.identity.user_id,
        "ManageableState": "unmanaged",
    }
