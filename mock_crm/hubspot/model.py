"""What a schema is made of, as the store keeps it: properties, groups, object types, association types."""

from __future__ import annotations

from typing import Any

import msgspec

from mock_crm.hubspot.catalogue import PropertyFacts
from mock_crm.hubspot.timestamps import iso_ms

BOOLEAN_VALUES = ("true", "false")


class PropertyOption(msgspec.Struct, rename="camel"):
    label: str
    value: str
    description: str = ""
    display_order: int = -1
    hidden: bool = False


class Property(msgspec.Struct, rename="camel"):
    """One property of an object type.

    Timestamps are epoch milliseconds; `archived_at` is None if it lives. `created_by` and `updated_by` are
    ids of users, empty for what HubSpot defines.
    """

    name: str
    label: str
    type: str
    field_type: str
    group_name: str
    description: str = ""
    options: list[PropertyOption] = []
    display_order: int = -1
    calculated: bool = False
    external_options: bool = False
    has_unique_value: bool = False
    hidden: bool = False
    form_field: bool = False
    data_sensitivity: str = "non_sensitive"
    referenced_object_type: str | None = None
    calculation_formula: str | None = None
    number_display_hint: str | None = None
    text_display_hint: str | None = None
    currency_property_name: str | None = None
    show_currency_symbol: bool | None = None
    date_display_hint: str | None = None
    hubspot_defined: bool = False
    read_only: bool = False
    read_only_definition: bool = False
    read_only_options: bool | None = None
    created_by: str = ""
    updated_by: str = ""
    created_at: int = 0
    updated_at: int = 0
    archived_at: int | None = None

    @property
    def archived(self) -> bool:
        """Whether it is in the recycle bin."""
        return self.archived_at is not None


class PropertyGroup(msgspec.Struct, rename="camel"):
    name: str
    label: str
    display_order: int = -1
    archived: bool = False


class ObjectType(msgspec.Struct, rename="camel"):
    """A standard or custom object type; see `catalogue.TypeFacts` for the members they share.

    Attributes:
        fully_qualified_name: `p{portal}_{name}` for custom ones, the singular name in capitals otherwise.
        name: The name that a custom object was created with; the singular one otherwise.
        associated: Ids of the types that a custom object was declared to be associated with.
    """

    id: str
    name: str
    plural: str
    singular: str
    labels: tuple[str, str]
    group: str
    display: str
    scope: str
    fully_qualified_name: str
    created: str = "hs_createdate"
    modified: str = "hs_lastmodifieddate"
    secondary: list[str] = []
    searchable: list[str] = []
    defaults: tuple[str, ...] = ("hs_createdate", "hs_lastmodifieddate", "hs_object_id")
    required: list[str] = []
    associated: list[str] = []
    pipeline: str = ""
    stage: str = ""
    read_only: bool = False
    aliases: tuple[str, ...] = ()
    is_custom: bool = False
    description: str = ""
    allows_sensitive: bool = True
    created_at: int = 0
    updated_at: int = 0
    archived: bool = False


class AssociationType(msgspec.Struct, rename="camel"):
    """One direction of a kind of link.

    Attributes:
        inverse: The id of the other direction; its own when symmetric.
        most: How many records of the target's type the account lets one record have; None for any number.
    """

    id: int
    source: str
    target: str
    name: str
    label: str | None
    inverse: int
    category: str = "HUBSPOT_DEFINED"
    most: int | None = None


def from_facts(facts: PropertyFacts, group: str, options: list[PropertyOption] | None = None) -> Property:
    """A property as HubSpot defines it in a new account."""
    listed = [
        PropertyOption(label=label, value=value, display_order=order)
        for order, (label, value) in enumerate(facts.options)
    ]
    return Property(
        name=facts.name,
        label=facts.label,
        type=facts.type,
        field_type=facts.field_type,
        group_name=facts.group_name or group,
        options=listed if options is None else options,
        calculated=facts.calculated,
        external_options=facts.external_options,
        has_unique_value=facts.unique,
        hidden=facts.hidden,
        form_field=facts.form_field,
        display_order=facts.display_order,
        referenced_object_type=facts.references or None,
        calculation_formula=facts.formula or None,
        currency_property_name=facts.currency_property or None,
        show_currency_symbol=facts.currency_symbol or None,
        date_display_hint=facts.date_hint or None,
        hubspot_defined=True,
        read_only=facts.read_only,
        read_only_definition=not facts.open_definition,
        read_only_options=facts.read_only_options,
    )


def property_body(prop: Property, *, is_batch: bool = False) -> dict[str, Any]:
    """A property as the API shows it; a batch creation leaves the moments out, as HubSpot does."""
    body: dict[str, Any] = {}
    if not is_batch:
        body = {"updatedAt": iso_ms(prop.updated_at), "createdAt": iso_ms(prop.created_at)}
    body |= {
        "name": prop.name,
        "label": prop.label,
        "type": prop.type,
        "fieldType": prop.field_type,
        "description": prop.description,
        "groupName": prop.group_name,
        "options": prop.options,
    }
    if prop.created_by and not is_batch:
        body |= {"createdUserId": prop.created_by, "updatedUserId": prop.updated_by}
    if prop.referenced_object_type:
        body["referencedObjectType"] = prop.referenced_object_type
    body |= {
        "displayOrder": prop.display_order,
        "calculated": prop.calculated,
        "externalOptions": prop.external_options,
    }
    if prop.archived:
        body |= {"archived": True, "archivedAt": iso_ms(prop.archived_at or 0)}
    elif not prop.hubspot_defined and not is_batch:
        body["archived"] = False
    body |= {"hasUniqueValue": prop.has_unique_value, "hidden": prop.hidden}
    if prop.hubspot_defined:
        body["hubspotDefined"] = True
    if prop.show_currency_symbol is not None:
        body["showCurrencySymbol"] = prop.show_currency_symbol
    if prop.currency_property_name:
        body["currencyPropertyName"] = prop.currency_property_name
    body["modificationMetadata"] = {
        "archivable": True,
        "readOnlyDefinition": prop.read_only_definition,
    }
    if prop.read_only_options is not None:
        body["modificationMetadata"]["readOnlyOptions"] = prop.read_only_options
    body["modificationMetadata"]["readOnlyValue"] = prop.read_only
    body["formField"] = prop.form_field
    if prop.calculation_formula:
        body["calculationFormula"] = prop.calculation_formula
    for name, hint in (
        ("numberDisplayHint", prop.number_display_hint),
        ("textDisplayHint", prop.text_display_hint),
        ("dateDisplayHint", prop.date_display_hint),
    ):
        if hint:
            body[name] = hint
    body["dataSensitivity"] = prop.data_sensitivity
    return body
