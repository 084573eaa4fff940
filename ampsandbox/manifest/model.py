"""What a manifest says, whatever dialect it was written in.

The readers build this model and nothing else changes it. Every part knows where it stands in the file.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any

import msgspec


class Provider(StrEnum):
    """The CRMs that the sandbox can write to."""

    SALESFORCE = "salesforce"
    HUBSPOT = "hubspot"

    @property
    def label(self) -> str:
        """The name as the CRM spells it."""
        return {"salesforce": "Salesforce", "hubspot": "HubSpot"}[self.value]


class Mode(StrEnum):
    """The type of write (`mode` in the 2023 dialect, which has no deletes)."""

    INSERT = "insert"
    UPDATE = "update"
    DELETE = "delete"


MANIFEST_MODES = frozenset({Mode.INSERT, Mode.UPDATE})
"""The modes that an object of the 2023 dialect may have."""


class ObjectKind(StrEnum):
    """Whether the CRM brings the object along or the integration creates it."""

    STANDARD = "standard"
    CUSTOM = "custom"


class Dialect(StrEnum):
    """The format a manifest was written in."""

    V2023 = "0.1.0"
    V1 = "1.0.0"
    V1_1 = "1.1.0"


class Position(msgspec.Struct, frozen=True):
    """Where a value stands: 1-based line and column, and its YAML path such as `$.integrations[0].name`."""

    line: int
    column: int
    path: str = "$"


NOWHERE = Position(1, 1)

Positions = Mapping[str, Position]
"""Where the value of each key of a part stands; keys that the file does not have are missing."""


@dataclass(frozen=True, slots=True)
class CustomField:
    """A custom string field that the integration creates in the CRM."""

    name: str
    display_name: str
    prompt: str | None = None
    position: Position = NOWHERE
    positions: Positions = field(default_factory=dict, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class WriteObject:
    """A standard or custom object that an integration writes to.

    `mode` and `endpoint` are None in the 1.0.0 dialect, where each request names its type and object.
    `schedule` is the text of the manifest (see `ampsandbox.manifest.schedule`); None means "at once".
    """

    name: str
    kind: ObjectKind
    mode: Mode | None
    endpoint: str | None
    schedule: str | None = None
    display_name: str | None = None
    prompt: str | None = None
    custom_fields: tuple[CustomField, ...] = ()
    position: Position = NOWHERE
    positions: Positions = field(default_factory=dict, compare=False, repr=False)
    inherit_mapping: bool = False
    """Whether names and values are translated through the mappings of `read`."""
    allows_any_default: bool = False
    """Whether the customer may set a default for any field (`valueDefaults.allowAnyFields`)."""


class ReadField(msgspec.Struct, frozen=True):
    """A field that is read: one of the CRM's or, without a `field_name`, one that the customer maps.

    `map_to_name` is what the app calls it, `default` the CRM's field that a mapping begins with.
    """

    field_name: str | None
    map_to_name: str | None = None
    map_to_display_name: str | None = None
    default: str | None = None
    prompt: str | None = None
    is_required: bool = False
    position: Position = NOWHERE


class Backfill(msgspec.Struct, frozen=True):
    """What is read at first (`backfill.defaultPeriod`): so many days back, or everything."""

    days: int | None = None
    full_history: bool | None = None


class ReadDelivery(msgspec.Struct, frozen=True):
    """How results come. `mode` is `auto` or `onRequest`, which has a `page_size` of 50 to 500."""

    mode: str | None = None
    page_size: int | None = None


@dataclass(frozen=True, slots=True)
class ReadObject:
    """An object that is read. `map_to_name` is what the app calls it; `fields` has the required ones first.

    `offers_all_fields` is `optionalFieldsAuto: all`, `is_always_read` is `enabled: always`.
    """

    name: str
    destination: str | None = None
    schedule: str | None = None
    map_to_name: str | None = None
    map_to_display_name: str | None = None
    fields: tuple[ReadField, ...] = ()
    offers_all_fields: bool = False
    backfill: Backfill | None = None
    delivery: ReadDelivery | None = None
    is_always_read: bool = False
    position: Position = NOWHERE
    positions: Positions = field(default_factory=dict, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class SubscribeObject:
    """An object that is watched.

    `enabled_events` has the keys of events that the file enables (`createEvent`, …), `other_events` names of
    the provider's. `watch_fields_auto` is `all` or `selected`, in place of `watch_fields`.
    """

    name: str
    destination: str | None = None
    inherits_fields_and_mapping: bool = False
    enabled_events: tuple[str, ...] = ()
    watch_fields_auto: str | None = None
    watch_fields: tuple[str, ...] = ()
    other_events: tuple[str, ...] = ()
    position: Position = NOWHERE
    positions: Positions = field(default_factory=dict, compare=False, repr=False)


class Proxy(msgspec.Struct, frozen=True):
    """Requests that Ampersand passes through to the provider."""

    is_enabled: bool
    uses_module: bool = False


class OtherAction(msgspec.Struct, frozen=True):
    """An action of the 2023 format that writes nothing: `read`, `subscribe` or `notify`, as plain data."""

    type: str
    content: Any
    position: Position = NOWHERE


class Destination(msgspec.Struct, frozen=True):
    """Where the reads of the 2023 format deliver to. One of type `api` has an `endpoint`."""

    name: str | None
    type: str | None
    endpoint: str | None
    position: Position = NOWHERE


@dataclass(frozen=True, slots=True)
class Integration:
    """One entry of `integrations`. `provider` is kept as written; see `is_exercised`.

    `actions` has the kinds of action that the file gives, in its order: `read`, `write`, `subscribe`,
    `proxy`, `watchSchema`, `notify`. `content` is the integration as `amp deploy` would store it: plain data
    without the keys that it does not know, which leaves little of the 2023 format.
    """

    name: str
    display_name: str
    provider: str
    objects: tuple[WriteObject, ...] = ()
    reads: tuple[ReadObject, ...] = ()
    subscriptions: tuple[SubscribeObject, ...] = ()
    proxy: Proxy | None = None
    module: str | None = None
    actions: tuple[str, ...] = ()
    other_actions: tuple[OtherAction, ...] = ()
    content: Mapping[str, Any] = field(default_factory=dict, compare=False, repr=False)
    position: Position = NOWHERE
    positions: Positions = field(default_factory=dict, compare=False, repr=False)

    @property
    def is_exercised(self) -> bool:
        """Whether the sandbox has a CRM for the provider."""
        return self.provider in set(Provider)

    @property
    def unexercised_actions(self) -> tuple[str, ...]:
        """The kinds of action that the sandbox loads and shows, but does not run."""
        run = {"write", "proxy"} if self.is_exercised else {"write"}
        return tuple(dict.fromkeys(action for action in self.actions if action not in run))

    def find_object(self, name: str) -> WriteObject | None:
        """The first object of that name, whatever its mode."""
        return next((item for item in self.objects if item.name == name), None)

    def find_read(self, name: str) -> ReadObject | None:
        """The read object of that name, which may be its mapped one."""
        return next((item for item in self.reads if name in (item.name, item.map_to_name)), None)


class Manifest(msgspec.Struct, frozen=True):
    """One `amp.yaml`, loaded and checked.

    `app_name` is what end users see; None where the file does not say (the interface then writes "this app").
    """

    dialect: Dialect
    integrations: tuple[Integration, ...]
    app_name: str | None = None
    path: Path | None = None
    destinations: tuple[Destination, ...] = ()

    def endpoints(self) -> dict[str, tuple[Integration, WriteObject]]:
        """Every write endpoint with the integration and object behind it, in file order."""
        return {
            item.endpoint: (integration, item)
            for integration in self.integrations
            if integration.is_exercised
            for item in integration.objects
            if item.endpoint
        }

    def named_only(self) -> list[tuple[Integration, WriteObject]]:
        """The objects of today's format, which have no endpoint of their own, each with its integration."""
        return [
            (integration, item)
            for integration in self.integrations
            if integration.is_exercised
            for item in integration.objects
            if not item.endpoint
        ]

    def find_integration(self, name: str) -> Integration | None:
        """The integration of that name; None when there is none."""
        return next((item for item in self.integrations if item.name == name), None)
