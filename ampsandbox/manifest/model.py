"""What a manifest says, whatever dialect it was written in.

The readers build this model and nothing else changes it. Every part knows where it stands in the file.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any


class Provider(StrEnum):
    """The CRMs that the sandbox can write to."""

    SALESFORCE = "salesforce"
    HUBSPOT = "hubspot"

    @property
    def label(self) -> str:
        """The name as the CRM spells it."""
        return {"salesforce": "Salesforce", "hubspot": "HubSpot"}[self.value]


class Mode(StrEnum):
    """The type of write (`mode` in the 2023 dialect)."""

    INSERT = "insert"
    UPDATE = "update"


class ObjectKind(StrEnum):
    """Whether the CRM brings the object along or the integration creates it."""

    STANDARD = "standard"
    CUSTOM = "custom"


class Dialect(StrEnum):
    """The format a manifest was written in."""

    V2023 = "0.1.0"
    V1 = "1.0.0"
    V1_1 = "1.1.0"


@dataclass(frozen=True, slots=True)
class Position:
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


@dataclass(frozen=True, slots=True)
class InertAction:
    """A part of the manifest that is loaded and shown but not exercised: read, subscribe, proxy, …"""

    type: str
    content: Any
    position: Position = NOWHERE


@dataclass(frozen=True, slots=True)
class Integration:
    """One entry of `integrations`. `provider` is kept as written; see `is_exercised`."""

    name: str
    display_name: str
    provider: str
    objects: tuple[WriteObject, ...] = ()
    inert: tuple[InertAction, ...] = ()
    position: Position = NOWHERE
    positions: Positions = field(default_factory=dict, compare=False, repr=False)

    @property
    def is_exercised(self) -> bool:
        """Whether the sandbox has a CRM for the provider."""
        return self.provider in set(Provider)

    def find_object(self, name: str) -> WriteObject | None:
        """The first object of that name, whatever its mode."""
        return next((item for item in self.objects if item.name == name), None)


@dataclass(frozen=True, slots=True)
class Manifest:
    """One `amp.yaml`, loaded and checked.

    `app_name` is what end users see; None where the file does not say (the interface then writes "this app").
    """

    dialect: Dialect
    integrations: tuple[Integration, ...]
    app_name: str | None = None
    path: Path | None = None
    inert: tuple[InertAction, ...] = field(default=())

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
        """The integration of that name."""
        return next((item for item in self.integrations if item.name == name), None)
