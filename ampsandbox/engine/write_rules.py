"""How a write of today's API becomes the CRM's: chosen objects, inherited mappings, field settings.

A request names objects and fields as the app calls them. Which record fields reach the CRM, and under which
names, follows from the manifest's read mappings and the installation's config. Mappings lead from the app's
name to the CRM's field, and are applied backwards here; both sides may be nested (`$['a']['b']`).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Literal

import msgspec

from ampsandbox.engine.config import (
    ConfigContent,
    FieldSetting,
    OnCreate,
    OnUpdate,
    ValueDefault,
    WriteObjectConfig,
)
from ampsandbox.errors import NotFoundError, nearest_hint
from ampsandbox.manifest.model import Integration, ReadField, ReadObject, WriteObject

WriteType = Literal["create", "update"]
FieldPath = tuple[str, ...]

_BRACKETS = re.compile(r"\['((?:[^'\\]|\\.)*)'\]")
_ABSENT: Any = object()


class FieldRule(msgspec.Struct, frozen=True):
    """When one of the CRM's fields is sent, and what stands for it where a request leaves it out."""

    on_create: OnCreate = "always"
    on_update: OnUpdate = "always"
    default_on_create: Any = None
    default_on_update: Any = None


class ObjectNotSelectedError(NotFoundError):
    """The object is in the manifest, but the customer did not let the app write to it."""


class WriteRules(msgspec.Struct, frozen=True):
    """The rules for writes to one object of one installation.

    Attributes:
        item: The manifest's object, by its name in the CRM.
        allows_delete: Whether `deletionSettings` let records be deleted.
        mappings: The CRM's field for each name of the app's.
        skipped: Mapped names that the customer chose no field for: they are left out of writes.
        values: By the CRM's field, the CRM's value for each of the app's.
        fields: By the CRM's field, when and with what it is written.
    """

    item: WriteObject
    allows_delete: bool = False
    mappings: Mapping[FieldPath, FieldPath] = msgspec.field(default_factory=dict)
    skipped: frozenset[FieldPath] = frozenset()
    values: Mapping[FieldPath, Mapping[str, str]] = msgspec.field(default_factory=dict)
    fields: Mapping[FieldPath, FieldRule] = msgspec.field(default_factory=dict)

    def translate(self, kind: WriteType, record: Mapping[str, Any]) -> dict[str, Any]:
        """The fields that are sent to the CRM for a record as the app sent it (without its id)."""
        fields = self._mapped(record)
        for path, rule in self.fields.items():
            when, default = (
                (rule.on_create, rule.default_on_create)
                if kind == "create"
                else (rule.on_update, rule.default_on_update)
            )
            if when == "never":
                _take(fields, path)
            elif default is not None and _get(fields, path) is _ABSENT:
                _put(fields, path, default)
        return fields

    def only_if_empty(self, fields: Mapping[str, Any]) -> list[str]:
        """Which of the translated fields of an update may be sent only where the record has no value yet."""
        return [
            path[0]
            for path, rule in self.fields.items()
            if rule.on_update == "ifEmpty" and _get(fields, path) is not _ABSENT
        ]

    def _mapped(self, record: Mapping[str, Any]) -> dict[str, Any]:
        fields = _copied(record)
        moved = [(target, _take(fields, name, _exact)) for name, target in self.mappings.items()]
        for name in self.skipped:
            _take(fields, name, _exact)
        for target, value in moved:
            if value is not _ABSENT:
                _put(fields, target, value)
        for path, values in self.values.items():
            value = _get(fields, path)
            if isinstance(value, str) and value in values:
                _put(fields, path, values[value])
        return fields


def write_rules(integration: Integration, config: ConfigContent, name: str) -> WriteRules:
    """The rules for the object that a request calls `name`.

    Raises:
        NotFoundError: The manifest has no such object.
        ObjectNotSelectedError: The customer did not choose it.
    """
    item, read = find_write_object(integration, name)
    mapped_name = read.map_to_name if read and item.inherit_mapping else None
    chosen = config.write_object(item.name, *([mapped_name] if mapped_name else []))
    if chosen is None:
        ticked = ", ".join((config.write and config.write.objects) or ()) or "none"
        raise ObjectNotSelectedError(
            f"The installation's config does not let the app write to {name}; it has: {ticked}.",
            f"Tick it on the Write tab, or add config.content.write.objects.{item.name} to the installation.",
        )
    mappings: dict[FieldPath, FieldPath] = {}
    skipped: frozenset[FieldPath] = frozenset()
    values: dict[FieldPath, Mapping[str, str]] = {}
    if item.inherit_mapping and read is not None:
        mappings, skipped = _mappings(read, config)
        values = _value_mappings(read, config, mappings)
    allows_delete = bool(chosen.deletion_settings and chosen.deletion_settings.enabled)
    return WriteRules(item, allows_delete, mappings, skipped, values, _field_rules(chosen, mappings, skipped))


def find_write_object(integration: Integration, name: str) -> tuple[WriteObject, ReadObject | None]:
    """The manifest's object that a request calls `name`, and the read object that it inherits from.

    Raises:
        NotFoundError: There is none.
    """
    reads = {read.name: read for read in integration.reads}
    for item in integration.objects:
        read = reads.get(item.name) if item.inherit_mapping else None
        if name == item.name or (read is not None and name == read.map_to_name):
            return item, read
    mapped = {
        each.name: reads[each.name].map_to_name
        for each in integration.objects
        if each.inherit_mapping and each.name in reads
    }
    known = [mapped.get(each.name) or each.name for each in integration.objects]
    raise NotFoundError(
        f"{integration.name} writes to no object {name!r}. It has: {', '.join(known) or 'none at all'}.",
        nearest_hint(name, [*known, *mapped]).strip() or "Add it to the manifest's `write.objects`.",
    )


def field_path(name: str) -> FieldPath:
    """The keys that a field's name leads through: one, or several in bracket notation (RFC 9535)."""
    if not name.startswith("$["):
        return (name,)
    keys = _BRACKETS.findall(name)
    rebuilt = "$" + "".join(f"['{key}']" for key in keys)
    return tuple(re.sub(r"\\(.)", r"\1", key) for key in keys) if rebuilt == name else (name,)


def selected_mappings(read: ReadObject, config: ConfigContent) -> Iterator[tuple[str, str | None]]:
    """Each mapped name of a read object with the CRM's field for it, None where the customer chose none."""
    chosen = config.read_object(*_names(read))
    fields = dict((chosen and chosen.selected_field_mappings) or {})
    for each in read.fields:
        if each.map_to_name is not None:
            yield each.map_to_name, _field_of(each, fields.pop(each.map_to_name, None), chosen is not None)
    # The rest was asked for by the app's page, not by the manifest.
    yield from fields.items()


def _field_of(each: ReadField, chosen: str | None, is_configured: bool) -> str | None:
    if each.field_name is not None:
        return each.field_name
    return chosen or (None if is_configured else each.default)


def _mappings(
    read: ReadObject, config: ConfigContent
) -> tuple[dict[FieldPath, FieldPath], frozenset[FieldPath]]:
    found = [
        (field_path(name), target and field_path(target)) for name, target in selected_mappings(read, config)
    ]
    return (
        {name: target for name, target in found if target},
        frozenset(name for name, target in found if not target),
    )


def _value_mappings(
    read: ReadObject, config: ConfigContent, mappings: Mapping[FieldPath, FieldPath]
) -> dict[FieldPath, Mapping[str, str]]:
    chosen = config.read_object(*_names(read))
    selected = (chosen and chosen.selected_value_mappings) or {}
    return {mappings.get(field_path(name), field_path(name)): values for name, values in selected.items()}


def _field_rules(
    chosen: WriteObjectConfig, mappings: Mapping[FieldPath, FieldPath], skipped: frozenset[FieldPath]
) -> dict[FieldPath, FieldRule]:
    rules = {name: _older_rule(old) for name, old in (chosen.selected_value_defaults or {}).items()}
    rules |= {name: _rule(setting) for name, setting in (chosen.selected_field_settings or {}).items()}
    by_path = {field_path(name): rule for name, rule in rules.items()}
    return {mappings.get(path, path): rule for path, rule in by_path.items() if path not in skipped}


def _rule(setting: FieldSetting) -> FieldRule:
    default = setting.default.value if setting.default else None
    return FieldRule(
        setting.write_on_create or "always", setting.write_on_update or "always", default, default
    )


def _older_rule(old: ValueDefault) -> FieldRule:
    return FieldRule(
        default_on_create=old.value, default_on_update=old.value if old.apply_on_update == "always" else None
    )


def _names(read: ReadObject) -> tuple[str, ...]:
    return (read.name, read.map_to_name) if read.map_to_name else (read.name,)


# -- fields by path ----------------------------------------------------------------------------------------


def _exact(owner: Mapping[str, Any], key: str) -> str | None:
    return key if key in owner else None


def _any_case(owner: Mapping[str, Any], key: str) -> str | None:
    """The CRMs' names are the same in any case; the app's are not."""
    lowered = key.lower()
    return key if key in owner else next((each for each in owner if each.lower() == lowered), None)


def _get(owner: Any, path: FieldPath) -> Any:
    for key in path:
        found = _any_case(owner, key) if isinstance(owner, Mapping) else None
        if found is None:
            return _ABSENT
        owner = owner[found]
    return owner


def _take(
    owner: dict[str, Any],
    path: FieldPath,
    find: Callable[[Mapping[str, Any], str], str | None] = _any_case,
) -> Any:
    """Remove the value at a path, and the objects that are empty without it; gives the value."""
    key, *rest = path
    found = find(owner, key)
    if found is None:
        return _ABSENT
    if not rest:
        return owner.pop(found)
    inner = owner[found]
    if not isinstance(inner, dict):
        return _ABSENT
    value = _take(inner, tuple(rest), find)
    if value is not _ABSENT and not inner:
        del owner[found]
    return value


def _put(owner: dict[str, Any], path: FieldPath, value: Any) -> None:
    *parents, last = path
    for key in parents:
        inner = owner.get(key)
        if not isinstance(inner, dict):
            inner = owner[key] = {}
        owner = inner
    owner[_any_case(owner, last) or last] = value


def _copied(value: Mapping[str, Any]) -> dict[str, Any]:
    """A copy whose objects can be changed; lists and scalars are shared."""
    return {key: _copied(each) if isinstance(each, dict) else each for key, each in value.items()}
