"""What HubSpot takes as the definition of a property."""

from __future__ import annotations

import re
from typing import Any

import msgspec

from mock_crm.hubspot import errors
from mock_crm.hubspot.editions import Edition
from mock_crm.hubspot.model import BOOLEAN_VALUES, Property, PropertyOption
from mock_crm.hubspot.portal import USER_ID
from mock_crm.hubspot.request_models import OptionInput, PropertyChange, PropertyInput
from mock_crm.hubspot.schema import TypeSchema

# HubSpot checks the pair since February 2021 (developer changelog); the pairs are those of its documentation,
# and `datetime` as a field type is what amp-labs' connectors send.
FIELD_TYPES = {
    "bool": ("booleancheckbox", "calculation_equation", "radio", "select"),
    "date": ("calculation_equation", "date"),
    "datetime": ("calculation_equation", "date", "datetime"),
    "enumeration": ("booleancheckbox", "calculation_equation", "checkbox", "radio", "select"),
    "number": ("calculation_equation", "number"),
    "phone_number": ("phonenumber", "text"),
    "string": ("calculation_equation", "file", "html", "phonenumber", "text", "textarea"),
}
_NAME = re.compile(r"[a-z][a-z0-9_]{0,99}")
_WORD = re.compile(r"[A-Za-z0-9_]+")
_BOOLEAN_OPTIONS = (
    "Boolean properties must have exactly two options; one with a value of 'true', "
    "the other with a value of 'false'."
)
_BUILT_IN_MAY_CHANGE = frozenset(
    {"label", "description", "display_order", "options", "hidden", "form_field", "group_name"}
)


def new_property(schema: TypeSchema, given: PropertyInput, plan: Edition, at: int) -> Property:
    """A property from its definition; the name of an archived one brings that one back.

    Raises:
        HubSpotError: The name is taken, or the definition is not valid.
    """
    name = given.name
    if _NAME.fullmatch(name) is None:
        raise errors.property_invalid(
            f"Property name {name} must be lower case, start with a letter, and contain only letters, "
            "numbers and underscores.", "INVALID_PROPERTY_NAME", name,
        )  # fmt: skip
    if name in schema.properties:
        raise errors.property_exists(name)
    _check_limits(schema, given, plan)
    former = schema.archived.get(name)
    field_type = "calculation_equation" if given.calculation_formula else str(given.field_type)  # live
    prop = Property(
        name=name,
        label=given.label,
        type=given.type,
        field_type=field_type,
        group_name=given.group_name or schema.type.group,
        description=given.description or "",
        options=_options(given.options or []),
        display_order=-1 if given.display_order is None else given.display_order,
        calculated=field_type == "calculation_equation",
        external_options=bool(given.external_options),
        has_unique_value=bool(given.has_unique_value),
        hidden=bool(given.hidden),
        form_field=bool(given.form_field),
        data_sensitivity=given.data_sensitivity or "non_sensitive",
        referenced_object_type=given.referenced_object_type,
        calculation_formula=given.calculation_formula,
        currency_property_name=given.currency_property_name,
        show_currency_symbol=given.show_currency_symbol,
        number_display_hint=given.number_display_hint,
        text_display_hint=given.text_display_hint,
        read_only=field_type == "calculation_equation",
        created_by=str(USER_ID),
        updated_by=str(USER_ID),
        created_at=former.created_at if former else at,
        updated_at=at,
    )
    return _checked(schema, prop)


def changed_property(schema: TypeSchema, prop: Property, given: PropertyChange, at: int) -> Property:
    """A property after a change; what the change does not name stays.

    Raises:
        HubSpotError: HubSpot defines the property, or the outcome is not valid.
    """
    changes: dict[str, Any] = {
        name: value for name in given.__struct_fields__ if (value := getattr(given, name)) is not None
    }
    if prop.hubspot_defined and not _BUILT_IN_MAY_CHANGE.issuperset(changes):
        raise errors.built_in_property(prop.name)
    if "field_type" in changes:
        changes["field_type"] = str(changes["field_type"])
    if "options" in changes:
        changes["options"] = _options(changes["options"])
    return _checked(schema, msgspec.structs.replace(prop, **changes, updated_by=str(USER_ID), updated_at=at))


def check_archivable(schema: TypeSchema, prop: Property) -> None:
    """Refuse to archive what HubSpot defines or what the object type needs.

    Raises:
        HubSpotError: It cannot be archived.
    """
    if prop.hubspot_defined:
        raise errors.built_in_property(prop.name)
    kind = schema.type
    lists = ([kind.display], kind.required, kind.secondary, kind.searchable)
    formulas = [
        other.name
        for other in schema.properties.values()
        if prop.name in _WORD.findall(other.calculation_formula or "")
    ]
    places = sum(prop.name in names for names in lists) + len(formulas)
    if places:
        raise errors.property_in_use(prop.name, kind.id, places, formulas)


def _check_limits(schema: TypeSchema, given: PropertyInput, plan: Edition) -> None:
    custom = [p for p in schema.properties.values() if not p.hubspot_defined]
    if len(custom) >= plan.properties_per_object:
        raise errors.limit_reached(f"custom properties for {schema.type.plural}", plan.properties_per_object)
    if given.has_unique_value:
        unique = sum(p.has_unique_value for p in custom)
        if unique >= plan.unique_properties:
            raise errors.limit_reached(f"unique properties for {schema.type.plural}", plan.unique_properties)


def _checked(schema: TypeSchema, prop: Property) -> Property:
    name = prop.name
    if not prop.hubspot_defined:
        _check_types(prop)
        _check_display(prop)
    if not prop.label.strip():
        raise errors.property_invalid("A property needs a label.", "INVALID_LABEL", name)
    if prop.group_name not in schema.groups:
        raise errors.property_invalid(
            f"Property group {prop.group_name} does not exist.", "GROUP_DOES_NOT_EXIST", name
        )
    values = [option.value for option in prop.options]
    if prop.type == "bool" and sorted(values) != sorted(BOOLEAN_VALUES) and not prop.calculated:
        raise errors.property_invalid(_BOOLEAN_OPTIONS, "INVALID_BOOLEAN_OPTION", name)
    if len(set(values)) < len(values):
        raise errors.property_invalid("Option values must be unique.", "DUPLICATE_OPTION_VALUE", name)
    return prop


def _check_types(prop: Property) -> None:
    allowed = FIELD_TYPES[prop.type]
    if prop.field_type not in allowed:
        message = (
            f"{prop.field_type} is not a valid field type for the property type {prop.type}. "
            f"Valid field types: {', '.join(allowed)}."
        )
        raise errors.property_invalid(message, "INVALID_FIELD_TYPE", prop.name)


def _check_display(prop: Property) -> None:
    """Refuse a currency or external options without what they need (live)."""
    if prop.currency_property_name is not None and not prop.show_currency_symbol:
        raise errors.property_invalid(
            "Only properties that show a currency symbol can specify a currency.",
            "ONLY_CURRENCY_PROPERTIES_CAN_SPECIFY_CURRENCY",
            prop.name,
        )
    if prop.external_options and (prop.options or not prop.referenced_object_type):
        raise errors.invalid("External options need a referencedObjectType, and no options.")


def _options(given: list[OptionInput]) -> list[PropertyOption]:
    return [
        PropertyOption(
            label=item.label,
            value=item.value,
            description=item.description or "",
            display_order=-1 if item.display_order is None else item.display_order,
            hidden=bool(item.hidden),
        )
        for item in given
    ]
