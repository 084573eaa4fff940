"""What an sObject and its fields are: plain descriptions, without records and without rules."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cached_property
from typing import Any

import msgspec

SYSTEM_COLUMNS = {
    "Id": "id",
    "CreatedDate": "created",
    "LastModifiedDate": "modified",
    "SystemModstamp": "modified",
    "IsDeleted": "archived",
}
"""Fields that the store keeps in columns of their own, and their names there."""

MASTER_RECORD_TYPE = "012000000000000AAA"
"""The id of the record type that every object has from the start; no record stands behind it."""

TEXT_TYPES = frozenset(
    {
        "string",
        "textarea",
        "phone",
        "url",
        "email",
        "picklist",
        "combobox",
        "multipicklist",
        "encryptedstring",
    }
)
NUMBER_TYPES = frozenset({"int", "double", "currency", "percent"})
_UNGROUPABLE = frozenset(
    {"address", "base64", "currency", "datetime", "double", "encryptedstring", "location", "multipicklist",
     "percent", "time"}
)  # fmt: skip
_SHORT_TEXT_LIMIT = 255


class PicklistValue(msgspec.Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """One value of a pick list. `label` is the value itself when empty.

    `goes_with` has the values of the controlling field that it is shown with, where the list has one.
    """

    value: str
    label: str = ""
    is_active: bool = True
    is_default: bool = False
    goes_with: tuple[str, ...] = ()


class Field(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True):
    """One field of an sObject, by the facts that a describe gives of it.

    Attributes:
        name: API name in its canonical case.
        type: The describe type: `string`, `picklist`, `reference`, `double`, `address`, …
        length: Characters, for text.
        precision: Digits in all, for numbers; `scale` of them behind the point.
        digits: Digits of an integer.
        defaulted: `defaultedOnCreate`.
        id_lookup: Whether upsert may use it as its key without being an external id.
        restricted: Whether only the values of the pick list are taken.
        reference_to: API names of the objects that it may point to.
        relationship: The name under which queries walk from here to the parent.
        child_relationship: The name under which queries walk from the parent to here.
        compound: The compound field that it is a part of.
        default: Value of a new record that does not give one.
        display_format: Of an auto number, such as `A-{0000}`.
        formula: Expression of a calculated field.
        controlled_by: The field whose value decides which values of a standard pick list are shown.
        is_required_always: Set for custom fields that are required, and for master-detail: nobody can be
            forbidden to see these.
        definition: The metadata that the field was created from, for reading it back.
        id: The field's own id (`00N…`), for custom fields.
    """

    name: str
    label: str
    type: str
    length: int = 0
    precision: int = 0
    scale: int = 0
    digits: int = 0
    nillable: bool = True
    createable: bool = True
    updateable: bool = True
    defaulted: bool = False
    unique: bool = False
    case_sensitive: bool = False
    id_lookup: bool = False
    external_id: bool = False
    auto_number: bool = False
    name_field: bool = False
    restricted: bool = False
    custom: bool = False
    reference_to: tuple[str, ...] = ()
    relationship: str = ""
    child_relationship: str = ""
    cascade_delete: bool = False
    restricted_delete: bool = False
    compound: str = ""
    values: tuple[PicklistValue, ...] = ()
    default: Any = None
    display_format: str = ""
    formula: str = ""
    controlled_by: str = ""
    help: str = ""
    is_required_always: bool = False
    definition: dict[str, Any] | None = None
    id: str = ""

    @property
    def is_required(self) -> bool:
        """Whether a new record has to give it."""
        return not (self.nillable or self.defaulted or not self.createable or self.type == "boolean")

    @property
    def is_permissionable(self) -> bool:
        """Whether field permissions decide about it: custom fields that are not always required."""
        return self.custom and not self.is_required_always

    @property
    def controller(self) -> str:
        """The field that decides which values of this pick list are shown; empty when there is none."""
        value_set = self.definition.get("valueSet") if self.definition else None
        if self.controlled_by:
            return self.controlled_by
        return str(value_set.get("controllingField", "")) if isinstance(value_set, dict) else ""

    @property
    def is_summary(self) -> bool:
        """Whether it is worked out from the children of its record."""
        return self.definition is not None and self.definition.get("type") == "Summary"

    @property
    def is_long_text(self) -> bool:
        """Whether it is a long text area, which cannot be filtered, sorted or grouped."""
        return self.type == "textarea" and self.length > _SHORT_TEXT_LIMIT

    @property
    def is_groupable(self) -> bool:
        """Whether GROUP BY takes it."""
        return not (self.is_long_text or self.type in _UNGROUPABLE or self.formula)

    @property
    def is_stored(self) -> bool:
        """Whether records keep a value of it, in contrast to system columns, compounds and formulas."""
        return not (
            self.name in SYSTEM_COLUMNS
            or self.type in ("address", "location")
            or self.formula
            or self.is_summary
        )

    @property
    def is_key(self) -> bool:
        """Whether it can name a record in an upsert or a reference by external id."""
        return self.external_id or self.id_lookup


class ChildRelationship(msgspec.Struct, frozen=True):
    """A field of `child` that points to the object asked about; `name` is empty where it has none."""

    child: str
    field: str
    name: str
    cascade_delete: bool
    restricted_delete: bool


class SObject:
    """One object with its fields. Immutable: changes make a new one.

    Attributes:
        name: API name in its canonical case; also the name of its table in the store.
        prefix: The first three characters of its records' ids.
        by_name: Its fields by lower-case API name, in the order of the describe.
        definition: The metadata that a custom object was created from, for reading it back.
        id: The object's own id (`01I…`), for custom objects.
        flags: What its describe says otherwise than that of most objects.
    """

    def __init__(
        self,
        name: str,
        prefix: str,
        label: str,
        plural: str,
        fields: Iterable[Field],
        *,
        custom: bool = False,
        definition: dict[str, Any] | None = None,
        id: str = "",  # noqa: A002 - the name of the thing
        flags: Mapping[str, Any] | None = None,
    ) -> None:
        self.name = name
        self.prefix = prefix
        self.label = label
        self.plural = plural
        self.custom = custom
        self.definition = definition
        self.id = id
        self.flags = flags or {}
        self.by_name = {field.name.lower(): field for field in fields}

    @property
    def fields(self) -> list[Field]:
        """The fields in the order of the describe."""
        return list(self.by_name.values())

    def field(self, name: str) -> Field | None:
        """The field of this API name, in any case."""
        return self.by_name.get(name.lower())

    @cached_property
    def name_field(self) -> Field | None:
        """The field that stands for a record in lists."""
        return next((field for field in self.by_name.values() if field.name_field), None)

    @cached_property
    def required(self) -> tuple[Field, ...]:
        """The fields that a new record has to give."""
        return tuple(field for field in self.by_name.values() if field.is_required)

    @cached_property
    def relationships(self) -> dict[str, Field]:
        """The fields that lead to a parent, by lower-case relationship name."""
        return {f.relationship.lower(): f for f in self.by_name.values() if f.relationship}

    def with_fields(self, fields: Iterable[Field]) -> SObject:
        """The same object with other fields."""
        return SObject(
            self.name,
            self.prefix,
            self.label,
            self.plural,
            fields,
            custom=self.custom,
            definition=self.definition,
            id=self.id,
            flags=self.flags,
        )
