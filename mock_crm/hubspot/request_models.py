"""What request bodies hold. Members that are not listed here are ignored, as HubSpot does.

A batch without `inputs` is an empty one, which HubSpot takes in silence (rudderlabs/rudder-transformer#5147).
"""

from __future__ import annotations

from typing import Any, ClassVar, Literal

import msgspec

from mock_crm.hubspot.values import Scalar

# As in HubSpot's SDKs.
NumberHint = Literal["currency", "duration", "formatted", "percentage", "probability", "unformatted"]
TextHint = Literal[
    "domain_name", "email", "ip_address", "multi_line", "phone_number", "physical_address", "postal_code",
    "unformatted_single_line",
]  # fmt: skip
Sensitivity = Literal["highly_sensitive", "non_sensitive", "sensitive"]
PropertyType = Literal["string", "number", "date", "datetime", "enumeration", "bool", "phone_number"]
AssociationCategory = Literal["HUBSPOT_DEFINED", "USER_DEFINED", "INTEGRATOR_DEFINED", "WORK"]


class FieldType(str):
    """How a property is shown. `datetime` is what amp-labs' connectors send, though no refusal names it."""

    __slots__ = ()
    NAMES: ClassVar[tuple[str, ...]] = (
        "calculation_equation", "checkbox", "phonenumber", "number", "textarea", "booleancheckbox", "file",
        "text", "date", "html", "select", "radio",
    )  # fmt: skip
    """In the order of HubSpot's refusals (reported by others)."""

    @classmethod
    def from_json(cls, value: Any) -> FieldType:
        """The field type that a body names.

        Raises:
            ValueError: There is none.
        """
        if value not in cls.NAMES and value != "datetime":
            raise ValueError(f"Invalid enum value '{value}'")
        return cls(value)


class Id(msgspec.Struct):
    """A record that a body names."""

    id: str | int


class SpecInput(msgspec.Struct, rename="camel"):
    IS_CATEGORIZED: ClassVar[bool] = True  # HubSpot/hubspot-api-nodejs#307

    association_category: AssociationCategory
    association_type_id: int


class InlineAssociation(msgspec.Struct):
    """A link that a new record comes with."""

    to: Id
    types: list[SpecInput]


class RecordInput(msgspec.Struct, rename="camel"):
    """One record to create or change; without `properties` it has none (HubSpot/hubspot-api-nodejs#124)."""

    properties: dict[str, Scalar | None] = {}
    associations: list[InlineAssociation] | None = None
    object_write_trace_id: str | int | None = None


class ChangeInput(msgspec.Struct, rename="camel"):
    """One record of a batch to change or upsert."""

    id: str | int
    properties: dict[str, Scalar | None]
    id_property: str | None = None
    object_write_trace_id: str | int | None = None


class CreateBatch(msgspec.Struct):
    inputs: list[RecordInput] = []


class ChangeBatch(msgspec.Struct):
    inputs: list[ChangeInput] = []


class IdBatch(msgspec.Struct):
    """Records to archive, or associations to read."""

    inputs: list[Id] = []


class ReadBatch(msgspec.Struct, rename="camel"):
    inputs: list[Id] = []
    properties: list[str] | None = None
    properties_with_history: list[str] | None = None
    id_property: str | None = None


class MergeInput(msgspec.Struct, rename="camel"):
    primary_object_id: str | int
    object_id_to_merge: str | int


class PurgeInput(msgspec.Struct, rename="camel"):
    """A contact to delete for good."""

    object_id: str | int
    id_property: str | None = None


class OptionInput(msgspec.Struct, rename="camel"):
    label: str
    value: str
    description: str | None = None
    display_order: int | None = None
    hidden: bool | None = None


class PropertyChange(msgspec.Struct, rename="camel"):
    """What a property is to become; absent members stay, unknown and unchangeable ones are ignored."""

    label: str | None = None
    type: PropertyType | None = None
    field_type: FieldType | None = None
    group_name: str | None = None
    description: str | None = None
    options: list[OptionInput] | None = None
    display_order: int | None = None
    hidden: bool | None = None
    form_field: bool | None = None
    calculation_formula: str | None = None
    currency_property_name: str | None = None
    show_currency_symbol: bool | None = None
    number_display_hint: NumberHint | None = None
    text_display_hint: TextHint | None = None


class PropertyInput(msgspec.Struct, rename="camel"):
    name: str
    label: str
    type: PropertyType
    field_type: FieldType
    group_name: str
    description: str | None = None
    options: list[OptionInput] | None = None
    display_order: int | None = None
    has_unique_value: bool | None = None
    hidden: bool | None = None
    form_field: bool | None = None
    external_options: bool | None = None
    data_sensitivity: Sensitivity | None = None
    referenced_object_type: str | None = None
    calculation_formula: str | None = None
    currency_property_name: str | None = None
    show_currency_symbol: bool | None = None
    number_display_hint: NumberHint | None = None
    text_display_hint: TextHint | None = None


class PropertyBatch(msgspec.Struct):
    inputs: list[PropertyInput]


class Name(msgspec.Struct):
    """A property that a body names."""

    name: str


class NameBatch(msgspec.Struct):
    """Properties to archive or to read."""

    inputs: list[Name]
    archived: bool = False


class GroupInput(msgspec.Struct, rename="camel"):
    name: str
    label: str
    display_order: int | None = None


class GroupChange(msgspec.Struct, rename="camel"):
    """What a property group is to become."""

    label: str | None = None
    display_order: int | None = None


class LabelsInput(msgspec.Struct):
    """What a custom object is called."""

    singular: str | None = None
    plural: str | None = None


class SchemaPropertyInput(msgspec.Struct, rename="camel"):
    """A property that a custom object starts with."""

    name: str
    label: str
    type: PropertyType
    field_type: FieldType
    group_name: str | None = None
    description: str | None = None
    options: list[OptionInput] | None = None
    display_order: int | None = None
    has_unique_value: bool | None = None
    hidden: bool | None = None
    form_field: bool | None = None


class SchemaInput(msgspec.Struct, rename="camel"):
    name: str
    labels: LabelsInput
    properties: list[SchemaPropertyInput] | None = None
    required_properties: list[str] | None = None
    associated_objects: list[str] | None = None
    primary_display_property: str | None = None
    secondary_display_properties: list[str] | None = None
    searchable_properties: list[str] | None = None
    description: str | None = None
    allows_sensitive_properties: bool | None = None


class SchemaChange(msgspec.Struct, rename="camel"):
    """What a custom object is to become."""

    labels: LabelsInput | None = None
    required_properties: list[str] | None = None
    primary_display_property: str | None = None
    secondary_display_properties: list[str] | None = None
    searchable_properties: list[str] | None = None
    description: str | None = None
    clear_description: bool | None = None
    allows_sensitive_properties: bool | None = None


class SchemaAssociationInput(msgspec.Struct, rename="camel"):
    """A new way in which a custom object may be associated."""

    from_object_type_id: str
    to_object_type_id: str
    name: str | None = None


class Pair(msgspec.Struct, rename={"source": "from", "target": "to"}):
    source: Id
    target: Id


class PairBatch(msgspec.Struct):
    """Records to associate without a label."""

    inputs: list[Pair] = []


class TypedPair(msgspec.Struct, rename={"source": "from", "target": "to"}):
    """Two records to associate by the name of an association type, as in v3."""

    source: Id
    target: Id
    type: str | int


class TypedPairBatch(msgspec.Struct):
    """Associations to make or to break, as in v3."""

    inputs: list[TypedPair] = []


class LabelledPair(msgspec.Struct, rename={"source": "from", "target": "to"}):
    """Two records and the kinds of their association."""

    source: Id
    target: Id
    types: list[SpecInput]


class LabelledPairBatch(msgspec.Struct):
    """Associations to make, or labels to take away."""

    inputs: list[LabelledPair] = []


class ManyTargets(msgspec.Struct, rename={"source": "from", "targets": "to"}):
    """A record and those from which it is to be parted."""

    source: Id
    targets: list[Id]


class ManyTargetsBatch(msgspec.Struct):
    inputs: list[ManyTargets]


class LimitInput(msgspec.Struct, rename="camel"):
    """How many records of another type a record may be associated with by a kind of association."""

    category: str
    type_id: int
    max_to_object_ids: int


class LimitBatch(msgspec.Struct):
    inputs: list[LimitInput]


class KindInput(msgspec.Struct, rename="camel"):
    """A kind of association as its definition names it."""

    category: str
    type_id: int


class KindBatch(msgspec.Struct):
    """Kinds of associations whose limits are to be lifted."""

    inputs: list[KindInput]


class LabelInput(msgspec.Struct, rename="camel"):
    label: str
    name: str
    inverse_label: str | None = None


class LabelChange(msgspec.Struct, rename="camel"):
    """A new text for an association label."""

    label: str
    association_type_id: int
    inverse_label: str | None = None


class StageInput(msgspec.Struct, rename="camel"):
    """A new stage of a pipeline."""

    label: str
    display_order: int
    metadata: dict[str, Scalar]
    stage_id: str | None = None


class PipelineInput(msgspec.Struct, rename="camel"):
    label: str
    display_order: int
    stages: list[StageInput] = []
    pipeline_id: str | None = None


class PipelineChange(msgspec.Struct, rename="camel"):
    """What a pipeline is to become."""

    label: str | None = None
    display_order: int | None = None
    archived: bool | None = None


class StageChange(msgspec.Struct, rename="camel"):
    """What a stage is to become."""

    label: str | None = None
    display_order: int | None = None
    metadata: dict[str, Scalar | None] | None = None
    archived: bool | None = None


class TokenKey(msgspec.Struct, rename="camel"):
    token_key: str


class PersonalAccessKey(msgspec.Struct):
    """What HubSpot's command line tool exchanges for an access token."""

    key: str = msgspec.field(name="encodedOAuthRefreshToken")
