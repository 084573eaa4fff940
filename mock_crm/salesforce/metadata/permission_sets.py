"""Permission sets and profiles of an org, as metadata."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, ClassVar, Final

from mock_crm.core.store import Row
from mock_crm.salesforce.errors import SalesforceError
from mock_crm.salesforce.metadata.component_type import (
    ComponentType,
    Listing,
    no_such_component,
    not_simulated,
)
from mock_crm.salesforce.metadata.components import Component
from mock_crm.salesforce.metadata.grants import Grants
from mock_crm.salesforce.metadata.raw_components import RawComponents

_IN_RECORDS: Final = ("fieldPermissions", "objectPermissions")
# What the Metadata API calls the standard profiles, and what they are called everywhere else.
_PROFILE_NAMES: Final = {"admin": "System Administrator", "standard": "Standard User"}


class PermissionSets(ComponentType):
    """The `PermissionSet` components of an org; a new definition takes back what the old one granted."""

    name: ClassVar[str] = "PermissionSet"

    def read(self, full_name: str) -> Component | None:
        """A permission set with everything that it grants."""
        row = self._row(full_name)
        if row is None:
            return None
        grants = Grants(self.org)
        kept = RawComponents(self.org.store, self.name).get(row.document["Name"]) or {}
        return kept | {
            "fullName": row.document["Name"],
            "label": row.document["Label"],
            "description": row.document.get("Description"),
            "hasActivationRequired": kept.get("hasActivationRequired", False),
            "fieldPermissions": grants.field_permissions(row.id),
            "objectPermissions": grants.object_permissions(row.id),
        }

    def listing(self) -> Iterator[Listing]:
        """All permission sets that are not a profile's own."""
        rows = self.org.store.scan("PermissionSet")
        for name, row_id in sorted((row.document["Name"], row.id) for row in rows if not _is_of_profile(row)):
            yield Listing(name, row_id, f"permissionsets/{name}.permissionset")

    def create(self, component: Component) -> None:
        full_name = component["fullName"]
        if self._row(full_name) is not None:
            raise SalesforceError(
                "DUPLICATE_DEVELOPER_NAME", f"The permission set name {full_name} is already in use."
            )
        item = self.org.schema.definition(self.name)
        assert item is not None
        values = _label_of(component) | {"Name": full_name}
        created = self.org.dml.insert(item, [values])[0]
        if created.id is None:
            raise created.errors[0]
        self._grant(created.id, component)

    def update(self, component: Component) -> None:
        row = self._row(component["fullName"])
        if row is None:
            raise no_such_component(self.name, component["fullName"])
        document = {key: value for key, value in (row.document | _label_of(component)).items() if value}
        self.org.store.update(self.name, row.id, document, self.org.now_ms())
        Grants(self.org).clear(row.id)
        self._grant(row.id, component)

    def delete(self, full_name: str) -> None:
        """Remove a permission set with its grants and assignments."""
        row = self._row(full_name)
        if row is None:
            raise no_such_component(self.name, full_name)
        Grants(self.org).clear(row.id)
        store = self.org.store
        assigned = store.lookup("PermissionSetAssignment", "PermissionSetId", row.id, limit=-1)
        store.delete("PermissionSetAssignment", [assignment.id for assignment in assigned])
        store.delete(self.name, [row.id])
        RawComponents(store, self.name).drop(full_name)

    def _grant(self, row_id: str, component: Component) -> None:
        grants = Grants(self.org)
        for permission in component.get("fieldPermissions", []):
            grants.set_field(row_id, permission)
        for permission in component.get("objectPermissions", []):
            grants.set_object(row_id, permission)
        RawComponents(self.org.store, self.name).put(
            {name: value for name, value in component.items() if name not in _IN_RECORDS}
        )

    def _row(self, full_name: str) -> Row | None:
        found = self.org.store.lookup(self.name, "Name", full_name, limit=-1)
        return next((row for row in found if not _is_of_profile(row)), None)


class Profiles(ComponentType):
    """The `Profile` components of an org; a new definition only changes what it names."""

    name: ClassVar[str] = "Profile"

    def read(self, full_name: str) -> Component | None:
        """A profile with its field and object permissions."""
        row = self._row(full_name)
        if row is None:
            return None
        component: Component = {"fullName": _metadata_name(row), "custom": False, "userLicense": "Salesforce"}
        own = self._permission_set(row.id)
        if own is None:
            return component
        grants = Grants(self.org)
        return component | {
            "fieldPermissions": grants.field_permissions(own),
            "objectPermissions": grants.object_permissions(own),
        }

    def listing(self) -> Iterator[Listing]:
        rows = self.org.store.scan("Profile")
        for name, row_id in sorted((_metadata_name(row), row.id) for row in rows):
            yield Listing(name, row_id, f"profiles/{name}.profile")

    def create(self, component: Component) -> None:
        """Not simulated."""
        raise not_simulated("creating profiles")

    def update(self, component: Component) -> None:
        """Change the field and object permissions that the definition names."""
        row = self._row(component["fullName"])
        if row is None:
            raise no_such_component(self.name, component["fullName"])
        own = self._permission_set(row.id) or self._add_permission_set(row)
        grants = Grants(self.org)
        for permission in component.get("fieldPermissions", []):
            grants.set_field(own, permission)
        for permission in component.get("objectPermissions", []):
            grants.set_object(own, permission)

    def delete(self, full_name: str) -> None:
        """Not simulated."""
        raise not_simulated("deleting profiles")

    def _row(self, full_name: str) -> Row | None:
        name = _PROFILE_NAMES.get(full_name.lower(), full_name)
        return next(iter(self.org.store.lookup("Profile", "Name", name)), None)

    def _permission_set(self, profile_id: str) -> str | None:
        found = self.org.store.lookup("PermissionSet", "ProfileId", profile_id)
        return found[0].id if found else None

    def _add_permission_set(self, profile: Row) -> str:
        item = self.org.schema.definition("PermissionSet")
        assert item is not None
        new_id = self.org.ids.next(item.prefix)
        document: dict[str, Any] = {
            "Name": f"X{profile.id}",
            "Label": profile.document["Name"],
            "ProfileId": profile.id,
            "IsOwnedByProfile": True,
        }
        self.org.store.insert("PermissionSet", new_id, document, self.org.now_ms())
        return new_id


def _is_of_profile(row: Row) -> bool:
    return bool(row.document.get("IsOwnedByProfile"))


def _label_of(component: Component) -> dict[str, Any]:
    if not component.get("label", "").strip():
        raise SalesforceError("REQUIRED_FIELD_MISSING", "Required field is missing: label")
    return {"Label": component["label"], "Description": (component.get("description") or "").strip() or None}


def _metadata_name(row: Row) -> str:
    name: str = row.document["Name"]
    return next((short.capitalize() for short, long in _PROFILE_NAMES.items() if long == name), name)
