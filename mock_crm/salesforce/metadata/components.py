"""Metadata components on the wire: elements to plain dicts and back, by the types of `value_types`."""

from __future__ import annotations

from typing import Any
from xml.etree.ElementTree import Element

from mock_crm.salesforce.metadata.value_types import ENUMS, IGNORED, VALUE_TYPES, ElementType, ValueType
from mock_crm.salesforce.soap.document import is_true

Component = dict[str, Any]
"""A component's elements by name; repeated ones are lists, nested ones are dicts, the rest str, bool, int."""

NAMESPACE = "http://soap.sforce.com/2006/04/metadata"
_BOOLEANS = ("true", "false", "1", "0")


class ShapeError(Exception):
    """XML that does not fit its type; the whole request is refused, as by a parser."""


def read_component(element: Element, type_name: str) -> Component:
    """Read a component; elements that are `xsi:nil` count as absent.

    Raises:
        ShapeError: an element that the type does not have, one that occurs twice, or a malformed value.
    """
    value_type = VALUE_TYPES[type_name]
    component: Component = {}
    for child in element:
        known = value_type.elements.get(child.tag)
        if known is None:
            raise ShapeError(
                f"Element {{{NAMESPACE}}}{child.tag} invalid at this location in type {type_name}"
            )
        if known.type_ == IGNORED or is_true(child.get("nil", "")):
            continue
        if known.many:
            component.setdefault(child.tag, []).append(_read_value(child, known))
        elif child.tag in component:
            raise ShapeError(f"Element {child.tag} is duplicated at this location in type {type_name}")
        else:
            component[child.tag] = _read_value(child, known)
    return component


def check_enum(text: str, type_: str) -> str:
    """Return a text that is one of the values of an enumeration.

    Raises:
        ShapeError: it is not.
    """
    if text not in ENUMS[type_]:
        raise ShapeError(f"'{text}' is not a valid value for the enum '{type_}'")
    return text


def written(component: Component, type_name: str) -> Component:
    """Order a component as Salesforce writes it: the full name first, then by name, without empty values."""
    value_type = VALUE_TYPES[type_name]
    names = sorted(component, key=lambda name: (name != "fullName", name.lower()))
    return {
        name: _written_value(component[name], value_type, name)
        for name in names
        if component[name] is not None and component[name] != []
    }


def _read_value(element: Element, known: ElementType) -> Any:
    if known.type_ in VALUE_TYPES:
        return read_component(element, known.type_)
    text = element.text or ""
    if known.type_ == "string":
        return text.strip() if known.name in ("fullName", "field", "object") else text
    return _read_scalar(text.strip(), known)


def _read_scalar(text: str, known: ElementType) -> str | bool | int | float:
    if known.type_ in ENUMS:
        return check_enum(text, known.type_)
    try:
        if known.type_ == "int":
            return int(text)
        if known.type_ == "double":
            return float(text)
    except ValueError as error:
        raise ShapeError(f"'{text}' is not a valid value for the type xsd:{known.type_}") from error
    if text not in _BOOLEANS:
        raise ShapeError(f"'{text}' is not a valid value for the type xsd:boolean")
    return is_true(text)


def _written_value(value: Any, value_type: ValueType, name: str) -> Any:
    known = value_type.elements.get(name)
    if known is None or known.type_ not in VALUE_TYPES:
        return value
    if isinstance(value, list):
        return [written(entry, known.type_) for entry in value]
    return written(value, known.type_)
