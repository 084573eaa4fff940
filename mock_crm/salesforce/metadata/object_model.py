"""Custom objects: the standard fields that each has, and the object built from its definition."""

from __future__ import annotations

from typing import Any, Final

import msgspec

from mock_crm.salesforce.catalogue import standard_objects
from mock_crm.salesforce.metadata.components import Component
from mock_crm.salesforce.model import Field, SObject

# Every object has these; Account's are taken, since they are described the same everywhere.
_SYSTEM_FIELDS: Final = (
    "Id",
    "OwnerId",
    "IsDeleted",
    "Name",
    "CreatedDate",
    "CreatedById",
    "LastModifiedDate",
    "LastModifiedById",
    "SystemModstamp",
    "LastViewedDate",
    "LastReferencedDate",
)
_NAME_LENGTH: Final = 80


def object_from(definition: Component, api_name: str, prefix: str, object_id: str) -> SObject:
    """Build a custom object with its standard fields.

    Args:
        definition: Its definition, with a label, a plural label and a name field.
        api_name: Name with `__c`, in its canonical case.
        prefix: The key prefix of its records' ids.
        object_id: Its own id.
    """
    return SObject(
        api_name,
        prefix,
        definition["label"],
        definition["pluralLabel"],
        [_system_field(name, definition) for name in _SYSTEM_FIELDS],
        custom=True,
        definition={name: value for name, value in definition.items() if name != "fullName"},
        id=object_id,
    )


def changed_object(item: SObject, definition: Component) -> SObject:
    """Return a custom object with a new definition and the fields that it has."""
    rebuilt = object_from(definition, item.name, item.prefix, item.id)
    own = [field for field in item.fields if field.custom or field.name not in _SYSTEM_FIELDS]
    return rebuilt.with_fields([*rebuilt.fields, *own])


def without_owner(item: SObject) -> SObject:
    """Return the detail side of a master-detail relationship: its records have no owner of their own."""
    return item.with_fields(field for field in item.fields if field.name != "OwnerId")


def _system_field(name: str, definition: Component) -> Field:
    template = standard_objects()["account"].by_name[name.lower()]
    if name == "Id":
        return msgspec.structs.replace(template, label="Record ID")
    if name == "OwnerId":
        return msgspec.structs.replace(template, reference_to=("Group", "User"))
    if name == "Name":
        return _name_field(definition["nameField"])
    return template


def _name_field(definition: Component) -> Field:
    facts: dict[str, Any] = {"nillable": True, "defaulted": True}
    if definition.get("type") == "AutoNumber":
        facts = {
            "auto_number": True,
            "display_format": definition.get("displayFormat", "{0}"),
            "nillable": False,
            "createable": False,
            "updateable": False,
            "defaulted": True,
        }
    return Field(
        name="Name",
        label=definition["label"],
        type="string",
        length=definition.get("length", _NAME_LENGTH),
        name_field=True,
        id_lookup=True,
        **facts,
    )
