"""Definitions in the JSON of the Tooling API, checked by the same types as those of the Metadata API."""

from __future__ import annotations

import json
from typing import Any

from mock_crm.salesforce import errors
from mock_crm.salesforce.metadata.components import Component, ShapeError, check_enum
from mock_crm.salesforce.metadata.value_types import ENUMS, IGNORED, VALUE_TYPES, ElementType


class DefinitionError(Exception):
    """A definition has a value that its element cannot hold; `value` is shown as text."""

    def __init__(self, value: Any) -> None:
        super().__init__()
        self.token = _token(value)
        self.value = value if isinstance(value, str) else json.dumps(value)


def component_from_json(definition: Any, type_name: str) -> Component:
    """Read the `Metadata` of a tooling record; nulls count as absent.

    Raises:
        SalesforceError: JSON_PARSER_ERROR for an unknown element.
        DefinitionError: A value is of the wrong kind.
    """
    if not isinstance(definition, dict):
        raise DefinitionError(definition)
    elements = VALUE_TYPES[type_name].elements
    component: Component = {}
    for given, value in definition.items():
        name = "fullName" if given == "valueName" and type_name == "CustomValue" else given
        known = elements.get(name)
        if known is None and name != "urls":
            raise errors.json_parser(
                f'Unrecognized field "{name}" (Class {type_name}), not marked as ignorable'
            )
        if known is not None and value is not None and known.type_ != IGNORED:
            component[name] = _value(value, known)
    return component


def _value(value: Any, known: ElementType) -> Any:
    if known.many:
        given = value if isinstance(value, list) else [value]
        return [_one(entry, known) for entry in given]
    return _one(value, known)


def _one(value: Any, known: ElementType) -> Any:
    if known.type_ in VALUE_TYPES:
        return component_from_json(value, known.type_)
    if known.type_ in ENUMS and isinstance(value, str):
        return _enum(value, known.type_)
    if known.type_ == "string" and isinstance(value, str | int | float):
        return str(value).lower() if isinstance(value, bool) else str(value)
    if known.type_ == "boolean" and isinstance(value, bool):
        return value
    if known.type_ in ("int", "double") and isinstance(value, int | float) and not isinstance(value, bool):
        return int(value) if known.type_ == "int" else float(value)
    if known.type_ in ("boolean", "int", "double") and isinstance(value, str):
        return _from_text(value, known)
    raise DefinitionError(value)


def _enum(value: str, kind: str) -> str:
    try:
        return check_enum(value, kind)
    except ShapeError as error:
        raise DefinitionError(value) from error


def _from_text(value: str, known: ElementType) -> bool | int | float:
    try:
        if known.type_ == "boolean":
            return {"true": True, "false": False}[value.lower()]
        return int(value) if known.type_ == "int" else float(value)
    except (KeyError, ValueError) as error:
        raise DefinitionError(value) from error


def _token(value: Any) -> str:
    if isinstance(value, list):
        return "START_ARRAY"
    if isinstance(value, dict):
        return "START_OBJECT"
    return "VALUE_STRING" if isinstance(value, str) else "VALUE_NULL" if value is None else "VALUE_NUMBER_INT"
