"""The objects and fields of one org: the standard catalogue with the org's own objects and fields over it.

`find` gives an object as the API user sees it: custom fields that nobody has permitted yet are missing from
it, as in the real thing, so that describe, queries and writes all agree. `definition` gives all of it, for
the metadata APIs. Changes are kept in the store at once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import cache
from typing import Any

import msgspec

from mock_crm.core.store import Store
from mock_crm.salesforce import errors
from mock_crm.salesforce.addresses import with_codes
from mock_crm.salesforce.catalogue import standard_objects
from mock_crm.salesforce.model import ChildRelationship, Field, SObject

_META = "schema"
_CHANGED = "schema changed"

_BELONGING = (
    ("Attachment", "ParentId"),
    ("Note", "ParentId"),
    ("ContentDocumentLink", "LinkedEntityId"),
    ("FeedItem", "ParentId"),
    ("TopicAssignment", "EntityId"),
)
"""What can belong to every custom object, and by which field."""

Permissions = Callable[[str], Mapping[str, bool] | None]
"""Who sees what: called with an object's name, it gives the permitted custom fields by lower-case name, with
whether they may be edited; None permits all."""


class _CustomObject(msgspec.Struct, omit_defaults=True):
    name: str
    prefix: str
    label: str
    plural: str
    fields: list[Field] = []
    definition: dict[str, Any] | None = None
    id: str = ""


class _Overlay(msgspec.Struct, omit_defaults=True):
    """What an org has added: whole objects, and fields of standard objects (also changed standard fields)."""

    objects: dict[str, _CustomObject] = {}
    fields: dict[str, dict[str, Field]] = {}


class Schema:
    """The schema of one org.

    Args:
        store: Where the org's own objects and fields are kept.
        permissions: Decides which custom fields the API user sees and may edit.
        now_ms: The org's time, to note when the schema changed.
        has_address_codes: Whether addresses have fields for the codes of states and countries.

    Attributes:
        version: Grows with every change of what `find` returns; for caches of describes.
    """

    def __init__(
        self,
        store: Store,
        permissions: Permissions,
        now_ms: Callable[[], int] = lambda: 0,
        *,
        has_address_codes: bool = False,
    ) -> None:
        self._store = store
        self._permissions = permissions
        self._now_ms = now_ms
        self._standard = _coded_objects if has_address_codes else standard_objects
        self.version = 0
        self._kept: Any = None
        self.reload()

    def reload(self) -> None:
        """Read the org's own objects and fields again from the store."""
        kept = self._store.meta(_META)
        if self.version and kept == self._kept:
            self._forget()
            return
        self._kept = kept
        self._overlay = msgspec.convert(kept, _Overlay) if kept else _Overlay()
        self._rebuild()

    def forget_permissions(self) -> None:
        """Ask again who sees what, because permissions have changed."""
        self._store.set_meta(_CHANGED, self._now_ms())
        self._forget()

    # -- reading ---------------------------------------------------------------------------------------------

    def find(self, name: str) -> SObject | None:
        """An object as the API user sees it, by API name in any case."""
        key = name.lower()
        try:
            return self._visible[key]
        except KeyError:
            whole = self._objects.get(key)
            found = self._as_seen(whole) if whole else None
            if found is not None:
                self._visible[key] = found
            return found

    def named(self, name: str) -> SObject:
        """An object by API name or plural label, in any case.

        Raises:
            SalesforceError: There is no such object.
        """
        plurals = (item for item in self.objects() if item.plural.replace(" ", "").lower() == name.lower())
        found = self.find(name) or next(plurals, None)
        if found is None:
            raise errors.no_such_resource(name)
        return found

    def by_prefix(self, prefix: str) -> SObject | None:
        """The object whose records' ids begin with these three characters, as the API user sees it."""
        name = self._prefixes.get(prefix)
        return self.find(name) if name else None

    def objects(self) -> list[SObject]:
        """All objects as the API user sees them, in alphabetical order."""
        return [found for name in sorted(self._objects) if (found := self.find(name))]

    def definition(self, name: str) -> SObject | None:
        """An object with all its fields, permitted or not."""
        return self._objects.get(name.lower())

    def definitions(self) -> list[SObject]:
        """All objects with all their fields, in alphabetical order."""
        return [self._objects[name] for name in sorted(self._objects)]

    def children(self, name: str) -> list[ChildRelationship]:
        """The fields of other objects that point to this one, in alphabetical order of the children."""
        key = self._objects[name.lower()].name if name.lower() in self._objects else name
        return self._children.get(key, [])

    # -- changing --------------------------------------------------------------------------------------------

    @property
    def changed_ms(self) -> int:
        """When the org's own objects and fields changed last, in epoch milliseconds; 0 when never."""
        changed: int = self._store.meta(_CHANGED, 0)
        return changed

    def put_object(self, item: SObject) -> None:
        """Add a custom object, or replace one of the same name with all its fields."""
        self._overlay.objects[item.name.lower()] = _CustomObject(
            item.name, item.prefix, item.label, item.plural, item.fields, item.definition, item.id
        )
        self._changed()

    def drop_object(self, name: str) -> bool:
        """Remove a custom object; False when there is none of this name."""
        found = self._overlay.objects.pop(name.lower(), None) is not None
        if found:
            self._changed()
        return found

    def put_fields(self, object_name: str, fields: Iterable[Field]) -> None:
        """Add fields to an object, or replace those of the same names.

        Raises:
            KeyError: There is no such object.
        """
        key = self._objects[object_name.lower()].name.lower()
        custom = self._overlay.objects.get(key)
        if custom is not None:
            by_name = {field.name.lower(): field for field in (*custom.fields, *fields)}
            custom.fields = list(by_name.values())
        else:
            self._overlay.fields.setdefault(key, {}).update({f.name.lower(): f for f in fields})
        self._changed()

    def drop_field(self, object_name: str, field_name: str) -> bool:
        """Remove a custom field; False when there is none of this name."""
        key, field_key = object_name.lower(), field_name.lower()
        custom = self._overlay.objects.get(key)
        if custom is not None:
            kept = [field for field in custom.fields if field.name.lower() != field_key]
            found = len(kept) < len(custom.fields)
            custom.fields = kept
        else:
            found = self._overlay.fields.get(key, {}).pop(field_key, None) is not None
        if found:
            self._changed()
        return found

    def next_prefix(self) -> str:
        """The key prefix of the next custom object: `a00`, `a01`, … `aZZ`."""
        digits = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
        number = self._store.next_number("custom-object") - 1
        return "a" + digits[number // 62 % 62] + digits[number % 62]

    # -- inside ----------------------------------------------------------------------------------------------

    def _changed(self) -> None:
        self._kept = msgspec.to_builtins(self._overlay)
        self._store.set_meta(_META, self._kept)
        self._store.set_meta(_CHANGED, self._now_ms())
        self._rebuild()

    def _forget(self) -> None:
        self._visible: dict[str, SObject | None] = {}
        self.version += 1

    def _rebuild(self) -> None:
        self._objects = dict(self._standard())
        for name, added in self._overlay.fields.items():
            base = self._objects[name]
            self._objects[name] = base.with_fields({**base.by_name, **added}.values())
        for name, item in self._overlay.objects.items():
            self._objects[name] = SObject(
                item.name,
                item.prefix,
                item.label,
                item.plural,
                item.fields,
                custom=True,
                definition=item.definition,
                id=item.id,
            )
        self._open_to_custom_objects()
        self._prefixes = {item.prefix: name for name, item in self._objects.items()}
        has_own = self._overlay.objects or self._overlay.fields
        self._children = _children(self._objects) if has_own else _standard_children()
        self._forget()

    def _open_to_custom_objects(self) -> None:
        """Let files, notes and feeds belong to custom objects, and activities to those that allow them."""
        custom = [item.name for item in self._objects.values() if item.custom]
        active = [
            item.name
            for item in self._objects.values()
            if item.custom and (item.definition or {}).get("enableActivities")
        ]
        for holder, name, targets in (
            *((holder, name, custom) for holder, name in _BELONGING),
            *((holder, "WhatId", active) for holder in ("Task", "Event")),
        ):
            base = self._objects[holder.lower()]
            field = base.field(name)
            if targets and field is not None:
                wider = msgspec.structs.replace(field, reference_to=(*field.reference_to, *targets))
                changed = {**base.by_name, name.lower(): wider}
                self._objects[holder.lower()] = base.with_fields(changed.values())

    def _as_seen(self, item: SObject) -> SObject:
        if not any(field.custom for field in item.by_name.values()):
            return item
        permitted = self._permissions(item.name)
        if permitted is None:
            return item
        return item.with_fields(seen for f in item.by_name.values() if (seen := _field_as_seen(f, permitted)))


def _field_as_seen(field: Field, permitted: Mapping[str, bool]) -> Field | None:
    if not field.is_permissionable:
        return field
    # Access to a geolocation is access to its coordinates.
    name = field.compound if field.compound.endswith("__c") else field.name
    is_editable = permitted.get(name.lower())
    if is_editable is None:
        return None
    return field if is_editable else msgspec.structs.replace(field, createable=False, updateable=False)


@cache
def _coded_objects() -> dict[str, SObject]:
    return {name: with_codes(item) for name, item in standard_objects().items()}


@cache
def _standard_children() -> dict[str, list[ChildRelationship]]:
    return _children(standard_objects())


def _children(objects: dict[str, SObject]) -> dict[str, list[ChildRelationship]]:
    found: dict[str, list[ChildRelationship]] = {}
    for name in sorted(objects):
        for field in objects[name].by_name.values():
            child = ChildRelationship(
                objects[name].name,
                field.name,
                field.child_relationship,
                field.cascade_delete,
                field.restricted_delete,
            )
            for parent in field.reference_to:
                found.setdefault(parent, []).append(child)
    return found
