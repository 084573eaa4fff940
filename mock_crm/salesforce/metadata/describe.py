"""What the Metadata API tells of itself: its types, and the elements of each."""

from __future__ import annotations

from typing import Any, Final

from mock_crm.salesforce.metadata.components import Component
from mock_crm.salesforce.metadata.value_types import (
    COMPONENT_TYPES,
    ENUMS,
    IGNORED,
    SCALARS,
    VALUE_TYPES,
    ElementType,
)

_FILES: Final = (
    ("CustomObject", "objects", "object", ("CustomField", "RecordType", "ValidationRule")),
    ("PermissionSet", "permissionsets", "permissionset", ()),
    ("Profile", "profiles", "profile", ()),
)
_READ_ONLY: Final = ("Profile",)


def describe_metadata() -> Component:
    """The types that are files of a package."""
    return {
        "metadataObjects": [
            {
                "childXmlNames": list(children),
                "directoryName": directory,
                "inFolder": False,
                "metaFile": False,
                "suffix": suffix,
                "xmlName": name,
            }
            for name, directory, suffix, children in _FILES
        ],
        "organizationNamespace": "",
        "partialSaveAllowed": True,
        "testRequired": False,
    }


def describe_value_type(name: str) -> Component | None:
    """The elements of a type; None for one that the mock does not have."""
    value_type = VALUE_TYPES.get(name)
    if value_type is None:
        return None
    is_component = name in COMPONENT_TYPES
    return {
        "apiCreatable": is_component and name not in _READ_ONLY,
        "apiDeletable": is_component and name not in _READ_ONLY,
        "apiReadable": is_component,
        "apiUpdatable": is_component,
        "valueTypeFields": [
            _describe_element(name, element)
            for element in value_type.elements.values()
            if element.type_ != IGNORED
        ],
    }


def _describe_element(type_name: str, element: ElementType) -> Component:
    is_name = element.name == "fullName"
    described: dict[str, Any] = {
        "isForeignKey": False,
        "isNameField": is_name,
        "minOccurs": int(element.required),
        "name": element.name,
        "soapType": element.type_,
        "valueRequired": element.required or (is_name and type_name in COMPONENT_TYPES),
    }
    if element.type_ in ENUMS:
        described["picklistValues"] = [
            {"active": True, "defaultValue": False, "label": value, "value": value}
            for value in ENUMS[element.type_]
        ]
    elif element.type_ not in SCALARS:
        described["fields"] = [
            _describe_element(element.type_, inner)
            for inner in VALUE_TYPES[element.type_].elements.values()
            if inner.type_ != IGNORED
        ]
    return dict(sorted(described.items()))
