"""Custom fields: from the definition that the Metadata API takes to the field that the org works with."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from mock_crm.salesforce.metadata.components import Component
from mock_crm.salesforce.model import Field, PicklistValue

_PLAIN: Final[dict[str, tuple[str, int]]] = {
    "Text": ("string", 0),
    "TextArea": ("textarea", 255),
    "LongTextArea": ("textarea", 0),
    "Html": ("textarea", 0),
    "EncryptedText": ("encryptedstring", 0),
    "Email": ("email", 80),
    "Phone": ("phone", 40),
    "Url": ("url", 255),
    "Date": ("date", 0),
    "DateTime": ("datetime", 0),
    "Time": ("time", 0),
    "Checkbox": ("boolean", 0),
    "Number": ("double", 0),
    "Currency": ("currency", 0),
    "Percent": ("percent", 0),
    "Picklist": ("picklist", 255),
    "MultiselectPicklist": ("multipicklist", 4099),
    "AutoNumber": ("string", 30),
    "Location": ("location", 0),
    "Summary": ("double", 0),
    "Lookup": ("reference", 18),
    "MasterDetail": ("reference", 18),
    "Hierarchy": ("reference", 18),
    "ExternalLookup": ("reference", 18),
    "IndirectLookup": ("reference", 18),
}
"""Describe type and fixed length of each metadata type."""

_FORMULA_TEXT_LENGTH: Final = 1300
_CALCULATED_PRECISION: Final = 18
_COORDINATE_DIGITS: Final = 15

SIMULATED_TYPES: Final = tuple(_PLAIN)


def field_from(definition: Component, object_name: str, api_name: str, field_id: str) -> list[Field]:
    """Build a field, and with a geolocation its two coordinates.

    Args:
        definition: A definition that `check_field` accepts, of one of `SIMULATED_TYPES`.
        object_name: The object that the field goes into.
        api_name: Name with `__c`, in its canonical case.
        field_id: Its own id.
    """
    type_ = definition["type"]
    describe_type, length = _PLAIN[type_]
    facts: dict[str, Any] = {
        "name": api_name,
        "label": definition["label"],
        "type": describe_type,
        "length": definition.get("length", length),
        "precision": definition.get("precision", 0),
        "scale": definition.get("scale", 0),
        "nillable": not definition.get("required", False),
        "unique": definition.get("unique", False),
        "case_sensitive": definition.get("caseSensitive", False),
        "external_id": definition.get("externalId", False),
        "custom": True,
        "help": definition.get("inlineHelpText", ""),
        "is_required_always": definition.get("required", False),
        "definition": {name: value for name, value in definition.items() if name != "fullName"},
        "id": field_id,
        "default": default_value(definition),
    }
    if "formula" in definition:
        facts |= _calculated(definition["formula"], type_, facts["length"])
    else:
        facts |= _SPECIAL.get(type_, _nothing_special)(definition, object_name)
    field = Field(**facts)
    return [field, *_coordinates(field)] if type_ == "Location" else [field]


def default_value(definition: Component) -> Any:
    """Return the literal that a definition gives as default; expressions are not evaluated and give None."""
    text = definition.get("defaultValue")
    if definition["type"] in ("Picklist", "MultiselectPicklist"):
        return next((value.value for value in picklist_values(definition) if value.is_default), None)
    if text is None:
        return None
    text = text.strip()
    if definition["type"] == "Checkbox":
        return text.lower() == "true"
    if len(text) >= 2 and text[0] == text[-1] and text[0] in "\"'":
        return text[1:-1]
    try:
        return int(text) if text.lstrip("-").isdigit() else float(text)
    except ValueError:
        return None


def picklist_values(definition: Component) -> list[PicklistValue]:
    """Return the values that a pick list is defined with, in the order in which they are shown."""
    listed = definition.get("valueSet", {}).get("valueSetDefinition", {})
    values = [
        PicklistValue(
            value.get("fullName", ""),
            value.get("label") or value.get("fullName", ""),
            value.get("isActive", True),
            value.get("default", False),
        )
        for value in listed.get("value", [])
    ]
    return sorted(values, key=lambda value: value.label) if listed.get("sorted") else values


def _calculated(formula: str, type_: str, length: int) -> dict[str, Any]:
    facts: dict[str, Any] = {"formula": formula, "createable": False, "updateable": False, "default": None}
    if type_ == "Text":
        facts["length"] = length or _FORMULA_TEXT_LENGTH
    return facts | ({"nillable": False} if type_ == "Checkbox" else {})


def _nothing_special(definition: Component, object_name: str) -> dict[str, Any]:
    return {}


def _checkbox(definition: Component, object_name: str) -> dict[str, Any]:
    return {"nillable": False, "defaulted": True}


def _picklist(definition: Component, object_name: str) -> dict[str, Any]:
    return {
        "values": tuple(picklist_values(definition)),
        "restricted": definition["valueSet"].get("restricted", False),
    }


def _auto_number(definition: Component, object_name: str) -> dict[str, Any]:
    return {
        "auto_number": True,
        "display_format": definition["displayFormat"],
        "nillable": False,
        "createable": False,
        "updateable": False,
        "defaulted": True,
    }


def _summary(definition: Component, object_name: str) -> dict[str, Any]:
    return {"createable": False, "updateable": False, "precision": _CALCULATED_PRECISION}


def _location(definition: Component, object_name: str) -> dict[str, Any]:
    """A geolocation is written by its two coordinates [D]."""
    return {"createable": False, "updateable": False}


def _reference(definition: Component, object_name: str) -> dict[str, Any]:
    master = definition["type"] == "MasterDetail"
    constraint = definition.get("deleteConstraint")
    child = definition.get("relationshipName", "")
    name = definition["fullName"].rpartition(".")[2].removesuffix("__c")
    facts = {
        "reference_to": (definition.get("referenceTo", object_name),),
        "relationship": f"{name}__r",
        "child_relationship": f"{child}__r" if child else "",
        "cascade_delete": master or constraint == "Cascade",
        "restricted_delete": constraint == "Restrict",
    }
    if master:
        reparentable = definition.get("reparentableMasterDetail", False)
        facts |= {"nillable": False, "is_required_always": True, "updateable": reparentable}
    return facts


def _coordinates(location: Field) -> list[Field]:
    stem, label = location.name.removesuffix("__c"), location.label
    return [
        Field(
            name=f"{stem}__{part}__s",
            label=f"{label} ({part})",
            type="double",
            precision=_COORDINATE_DIGITS,
            scale=location.scale,
            nillable=location.nillable,
            custom=True,
            compound=location.name,
            is_required_always=location.is_required_always,
            id=location.id,
        )
        for part in ("Latitude", "Longitude")
    ]


_SPECIAL: Final[dict[str, Callable[[Component, str], dict[str, Any]]]] = {
    "Checkbox": _checkbox,
    "Picklist": _picklist,
    "MultiselectPicklist": _picklist,
    "AutoNumber": _auto_number,
    "Location": _location,
    "Summary": _summary,
    "Lookup": _reference,
    "MasterDetail": _reference,
    "Hierarchy": _reference,
    "ExternalLookup": _reference,
    "IndirectLookup": _reference,
}
