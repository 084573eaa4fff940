"""What a new HubSpot account contains: object types, properties, association types, pipelines.

The facts are in the JSON files beside this module, their origin in SOURCES.md.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TypeVar

import msgspec

_T = TypeVar("_T")

ENGAGEMENTS = frozenset({"engagement", "engagements", "0-4"})
"""Names of all activities together, which old code asks for as associations of a record."""

ACTIVITIES = ("calls", "emails", "meetings", "notes", "tasks", "communications", "postal_mail")
"""What they stand for."""

UNSIMULATED_TYPES = ENGAGEMENTS | {
    "0-72",
    "approval", "approvals", "clip", "clips", "contract", "contracts", "conversation", "conversations",
    "deal_registration", "deal_registrations", "deal_split", "deal_splits", "forecast", "forecasts",
    "knowledge_article", "knowledge_articles", "landing_page", "landing_pages", "partner_account",
    "partner_accounts", "partner_client", "partner_clients", "partner_service", "partner_services",
    "payment_link", "payment_links", "payment_schedule", "payment_schedules", "quote_template",
    "quote_templates", "site_page", "site_pages",
    "transcription", "transcriptions", "video", "videos",
}  # fmt: skip
"""Object types that HubSpot has and the catalogue has not, by the names of its own SDKs and guides."""


PLURAL_ONLY = frozenset({"appointments", "courses", "listings"})
"""Object types that paths do not name in the singular; measured in August 2026 (brekkylab/backlot)."""


class TypeFacts(msgspec.Struct, frozen=True, rename="camel"):
    """One standard object type.

    Attributes:
        id: The object type id, such as `0-1`.
        plural: The name used in paths.
        singular: The name used in messages, in lower case.
        labels: Singular and plural label.
        group: The property group that takes properties without one of their own.
        display: The property that stands for a record.
        scope: The part of the OAuth scopes' names that means this type.
        created: The property that repeats a record's creation moment.
        modified: The property that repeats its last modification.
        secondary: Properties shown beside `display`.
        searchable: Properties that a search's `query` looks into.
        defaults: Properties that are returned when none are asked for.
        required: Properties without which no record is created.
        pipeline: The property that holds the pipeline, where the type has pipelines.
        stage: The property that holds the stage in it.
        read_only: Records come from HubSpot alone.
        aliases: Further names that paths and bodies may use.
    """

    id: str
    plural: str
    singular: str
    labels: tuple[str, str]
    group: str
    display: str
    scope: str
    created: str
    modified: str
    secondary: tuple[str, ...] = ()
    searchable: tuple[str, ...] = ()
    defaults: tuple[str, ...] = ()
    required: tuple[str, ...] = ()
    pipeline: str = ""
    stage: str = ""
    read_only: bool = False
    aliases: tuple[str, ...] = ()


class PropertyFacts(msgspec.Struct, frozen=True, rename="camel"):
    """One property that HubSpot defines.

    Attributes:
        read_only: Its value is set by HubSpot.
        open_definition: Users may change its definition.
        read_only_options: Whether users may change its options, where HubSpot says so.
        form_field: It may be used in forms.
        external_options: Its options live elsewhere, as those of owners do.
        references: The object type whose records it names.
        currency_property: The property that says in which currency an amount is.
        date_hint: How a date is shown, where HubSpot says so.
        options: (label, value) pairs; none of an enumeration are known when empty.
    """

    name: str
    label: str
    type: str
    field_type: str
    group_name: str = ""
    read_only: bool = False
    calculated: bool = False
    unique: bool = False
    hidden: bool = False
    form_field: bool = False
    open_definition: bool = False
    read_only_options: bool | None = None
    external_options: bool = False
    references: str = ""
    display_order: int = -1
    currency_symbol: bool = False
    currency_property: str = ""
    formula: str = ""
    date_hint: str = ""
    options: tuple[tuple[str, str], ...] = ()


class AssociationFacts(msgspec.Struct, frozen=True, rename={"source": "from", "target": "to"}):
    """One association type that HubSpot defines, from one object type to another."""

    id: int
    source: str
    target: str
    name: str
    label: str | None
    inverse: int


class StageFacts(msgspec.Struct, frozen=True):
    id: str
    label: str
    metadata: dict[str, str]


class PipelineFacts(msgspec.Struct, frozen=True):
    """One pipeline of a new account."""

    id: str
    label: str
    stages: tuple[StageFacts, ...]


@cache
def object_types() -> tuple[TypeFacts, ...]:
    return _read("object_types.json", tuple[TypeFacts, ...])


def properties(plural: str) -> tuple[PropertyFacts, ...]:
    """The properties of a standard object type, or, for `*`, those that every type has."""
    return _properties()[plural]


@cache
def association_types() -> tuple[AssociationFacts, ...]:
    """The association types between standard objects."""
    return _read("association_types.json", tuple[AssociationFacts, ...])


@cache
def pipelines() -> dict[str, tuple[PipelineFacts, ...]]:
    """The pipelines of a new account by the plural name of their object type."""
    return _read("pipelines.json", dict[str, tuple[PipelineFacts, ...]])


@cache
def _properties() -> dict[str, tuple[PropertyFacts, ...]]:
    return _read("properties.json", dict[str, tuple[PropertyFacts, ...]])


def _read(name: str, kind: type[_T]) -> _T:
    return msgspec.json.decode(Path(__file__).with_name(name).read_bytes(), type=kind)
