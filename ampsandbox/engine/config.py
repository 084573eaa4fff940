"""What an installation's config says: which objects the customer chose, and how their fields are written.

The structs are those parts of Ampersand's config (openapi: config/config.yaml) that writes obey. A config is
kept as it was sent, members that are unknown here included. Objects are maps in a config and lists in a
manifest, and the manifest's `inheritMapping` has its twin in `selectedFieldMappings`.
"""

from __future__ import annotations

from collections import Counter
from datetime import datetime
from typing import Any, Literal, TypeVar

import msgspec

from ampsandbox.errors import AmpSandboxError
from ampsandbox.manifest.model import Integration, ReadObject

OnCreate = Literal["always", "never"]
OnUpdate = Literal["always", "never", "ifEmpty"]


class FieldDefault(msgspec.Struct, rename="camel"):
    """What stands for a field that a request leaves out: one of the three."""

    string_value: str | None = None
    integer_value: int | None = None
    boolean_value: bool | None = None

    @property
    def value(self) -> str | int | bool | None:
        given = (self.string_value, self.integer_value, self.boolean_value)
        return next((each for each in given if each is not None), None)


class FieldSetting(msgspec.Struct, rename="camel"):
    """When a field is written, and with what where the request does not say."""

    default: FieldDefault | None = None
    write_on_create: OnCreate | None = None
    write_on_update: OnUpdate | None = None


class ValueDefault(msgspec.Struct, rename="camel"):
    """The older form of a default (`selectedValueDefaults`): for creates, for updates only on request."""

    value: str | int | bool
    apply_on_update: Literal["always", "never"] | None = None


class DeletionSettings(msgspec.Struct):
    """Whether records of the object may be deleted."""

    enabled: bool | None = None


class WriteObjectConfig(msgspec.Struct, rename="camel"):
    """An object that the customer lets the app write to."""

    object_name: str
    deletion_settings: DeletionSettings | None = None
    selected_field_settings: dict[str, FieldSetting] | None = None
    selected_value_defaults: dict[str, ValueDefault] | None = None


class ReadObjectConfig(msgspec.Struct, rename="camel"):
    """An object that is read, as far as writes inherit from it.

    `selected_field_mappings` leads from the app's names to the CRM's fields; `selected_value_mappings`, by
    field, from the app's values to the CRM's.
    """

    object_name: str | None = None
    selected_fields: dict[str, bool] | None = None
    selected_field_mappings: dict[str, str] | None = None
    selected_value_mappings: dict[str, dict[str, str]] | None = None


class WriteConfig(msgspec.Struct):
    """The objects that are written to, by name."""

    objects: dict[str, WriteObjectConfig] | None = None


class ReadConfig(msgspec.Struct):
    """The objects that are read, by name."""

    objects: dict[str, ReadObjectConfig] | None = None


class SubscribeConfig(msgspec.Struct):
    """The objects that are subscribed to, by name. The sandbox keeps them and sends nothing."""

    objects: dict[str, dict[str, Any]] | None = None


class ProxyConfig(msgspec.Struct):
    """Whether the app may pass requests through."""

    enabled: bool | None = None


class ConfigContent(msgspec.Struct):
    """A config as writes see it."""

    provider: str
    read: ReadConfig | None = None
    write: WriteConfig | None = None
    subscribe: SubscribeConfig | None = None
    proxy: ProxyConfig | None = None

    def write_object(self, *names: str) -> WriteObjectConfig | None:
        """The config of an object that is known by any of these names; None when it is not ticked."""
        objects = (self.write and self.write.objects) or {}
        return _find(objects, names)

    def read_object(self, *names: str) -> ReadObjectConfig | None:
        """What was chosen for reading an object that is known by any of these names."""
        objects = (self.read and self.read.objects) or {}
        return _find(objects, names)


class InstallationConfig(msgspec.Struct, frozen=True, rename="camel"):
    """One version of an installation's config.

    Attributes:
        number: Counts the versions of one installation from 1.
        created_by: `consumer:…`, `builder:…` or `api:…`.
        content: As it was sent.
    """

    number: int
    created_at: datetime
    created_by: str
    content: dict[str, Any]

    def parsed(self) -> ConfigContent:
        """Those parts of the content that writes obey, checked."""
        return msgspec.convert(self.content, ConfigContent)


def everything_ticked(integration: Integration) -> dict[str, Any]:
    """The config of an installation that nobody configured: all that the manifest asks for.

    Every object is read and written with deletes allowed, every optional field is read, and a mapping begins
    with the manifest's `default`.
    """
    content: dict[str, Any] = {"provider": integration.provider}
    reads = {read.name: _read_ticked(read) for read in integration.reads}
    if reads:
        content["read"] = {"objects": reads}
    writes = {
        item.name: {"objectName": item.name, "deletionSettings": {"enabled": True}}
        for item in integration.objects
    }
    if writes:
        content["write"] = {"objects": writes}
    if integration.proxy is not None and integration.proxy.is_enabled:
        content["proxy"] = {"enabled": True}
    return content


def _read_ticked(read: ReadObject) -> dict[str, Any]:
    plain = [each.field_name for each in read.fields if each.field_name]
    mapped = {each.map_to_name: each.default for each in read.fields if each.map_to_name and each.default}
    chosen: dict[str, Any] = {
        "objectName": read.name,
        "selectedFields": dict.fromkeys(plain, True),
        "selectedFieldMappings": mapped,
    }
    if read.schedule is not None:
        chosen["schedule"] = read.schedule
    if read.destination is not None:
        chosen["destination"] = read.destination
    if read.offers_all_fields:
        chosen["selectedFieldsAuto"] = "all"
    return chosen


class ConfigIssue(msgspec.Struct, frozen=True):
    """One thing in a config that cannot be: where it is (as in `write.objects.contacts`), and why."""

    path: str
    value: Any
    detail: str
    remedy: str = ""


def config_issues(content: dict[str, Any], integration: Integration) -> list[ConfigIssue]:
    """Everything that keeps a config from being taken for an integration."""
    try:
        config = msgspec.convert(content, ConfigContent)
    except msgspec.ValidationError as error:
        reason, _, place = str(error).partition(" - at `$")
        path = place.rstrip("`").lstrip(".")
        return [ConfigIssue(path, None, reason, "See config.content of an installation that works.")]
    found = []
    if config.provider != integration.provider:
        detail = f"{integration.name} is an integration with {integration.provider}"
        found.append(ConfigIssue("provider", config.provider, detail, f"Send {integration.provider!r}."))
    reads = {name for read in integration.reads for name in (read.name, read.map_to_name) if name}
    writes = {item.name for item in integration.objects}
    # An object that inherits its mapping is written under the name that the read gave it.
    inheriting = {item.name for item in integration.objects if item.inherit_mapping}
    writes |= {r.map_to_name for r in integration.reads if r.name in inheriting and r.map_to_name}
    for action, known, chosen in (
        ("read", reads, (config.read and config.read.objects) or {}),
        ("write", writes, (config.write and config.write.objects) or {}),
    ):
        for name, item in chosen.items():
            if known.isdisjoint({name, item.object_name}):
                listed = ", ".join(sorted(known)) or "none"
                detail = f"the manifest has no {action} object {name!r}"
                found.append(ConfigIssue(f"{action}.objects.{name}", name, detail, f"It has: {listed}."))
    for name, item in ((config.read and config.read.objects) or {}).items():
        for field, values in (item.selected_value_mappings or {}).items():
            twice = sorted(value for value, count in Counter(values.values()).items() if count > 1)
            if twice:
                path = f"read.objects.{name}.selectedValueMappings.{field}"
                detail = f"values are mapped one to one, and {twice[0]!r} stands for several"
                found.append(ConfigIssue(path, values, detail, "Give each value one of its own."))
    return found


_Object = TypeVar("_Object", WriteObjectConfig, ReadObjectConfig)


def _find(objects: dict[str, _Object], names: tuple[str, ...]) -> _Object | None:
    for name in names:
        if name in objects:
            return objects[name]
    return next((item for item in objects.values() if item.object_name in names), None)


class ConfigInvalidError(AmpSandboxError):
    """A config cannot be taken; `issues` names everything that is wrong with it."""

    def __init__(self, issues: list[ConfigIssue]) -> None:
        first = issues[0]
        at = f" at {first.path}" if first.path else ""
        super().__init__(f"The config is invalid{at}: {first.detail}.", first.remedy)
        self.issues = issues
