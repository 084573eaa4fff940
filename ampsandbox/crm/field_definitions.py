"""Custom fields of any type, as Ampersand's API defines them, and what became of each in a CRM."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Literal

import msgspec

FieldType = Literal[
    "string", "boolean", "date", "datetime", "singleSelect", "multiSelect", "int", "float", "reference"
]
UpsertAction = Literal["create", "update", "none"]


class StringOptions(msgspec.Struct, rename="camel"):
    """What a text or select field holds."""

    length: int | None = None
    pattern: str | None = None
    values: list[str] | None = None
    values_restricted: bool | None = None
    default_value: str | None = None
    num_display_lines: int | None = None


class NumericOptions(msgspec.Struct, rename="camel"):
    """What a number field holds: `precision` digits, `scale` of them after the point."""

    precision: int | None = None
    scale: int | None = None
    min: float | None = None
    max: float | None = None
    default_value: float | None = None


class AssociationLabels(msgspec.Struct):
    """What the other side calls a lookup."""

    singular: str | None = None
    plural: str | None = None


class Association(msgspec.Struct, rename="camel"):
    """The records that a lookup refers to."""

    association_type: str
    target_object: str
    target_field: str | None = None
    cardinality: str | None = None
    on_delete: str | None = None
    required: bool | None = None
    reverse_lookup_field_name: str | None = None
    labels: AssociationLabels | None = None


class FieldDefinition(msgspec.Struct, rename="camel"):
    """A custom field that an object of the CRM is to have (openapi: FieldDefinition)."""

    field_name: str
    display_name: str
    value_type: FieldType
    description: str | None = None
    required: bool | None = None
    unique: bool | None = None
    indexed: bool | None = None
    string_options: StringOptions | None = None
    numeric_options: NumericOptions | None = None
    association: Association | None = None

    def problems(self) -> Iterator[str]:
        """What the definition lacks, whatever the CRM."""
        if not self.field_name:
            yield "fieldName: is empty"
        if self.value_type in ("singleSelect", "multiSelect") and not self.options:
            yield f"stringOptions.values: is missing, and a {self.value_type} field needs them"
        if self.value_type == "reference" and self.association is None:
            yield "association: is missing, and a reference needs its targetObject"

    @property
    def options(self) -> list[str]:
        """The values of a select field."""
        return (self.string_options and self.string_options.values) or []

    @property
    def is_restricted(self) -> bool:
        """Whether a select field takes no other values."""
        return bool(self.string_options and self.string_options.values_restricted)


class FieldUpsert(msgspec.Struct, frozen=True):
    """What became of one field: `metadata` is the CRM's own word on it, `error` why it was refused."""

    name: str
    action: UpsertAction
    metadata: dict[str, Any] = msgspec.field(default_factory=dict)
    warnings: tuple[str, ...] = ()
    error: str = ""
