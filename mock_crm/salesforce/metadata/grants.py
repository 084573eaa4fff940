"""What a permission set grants: the field and object permissions that hang on its record.

Profiles grant through a permission set of their own, as in the real thing, so both use these rows.
"""

from __future__ import annotations

from typing import Any, Final

from mock_crm.salesforce.context import SalesforceContext
from mock_crm.salesforce.errors import SalesforceError
from mock_crm.salesforce.metadata.components import Component

_OBJECT_RIGHTS: Final = {
    "allowCreate": "PermissionsCreate",
    "allowRead": "PermissionsRead",
    "allowEdit": "PermissionsEdit",
    "allowDelete": "PermissionsDelete",
    "viewAllRecords": "PermissionsViewAllRecords",
    "modifyAllRecords": "PermissionsModifyAllRecords",
}


class Grants:
    """The grants of all permission sets of an org."""

    def __init__(self, org: SalesforceContext) -> None:
        self._org = org

    def field_permissions(self, permission_set_id: str) -> list[Component]:
        """The readable fields of a permission set, as metadata, by name."""
        rows = self._rows("FieldPermissions", permission_set_id)
        return [
            {"editable": row.get("PermissionsEdit", False), "field": name, "readable": True}
            for name, row in sorted((row["Field"], row) for row in rows if row.get("PermissionsRead"))
        ]

    def object_permissions(self, permission_set_id: str) -> list[Component]:
        """The objects that a permission set opens, as metadata, by name."""
        rows = self._rows("ObjectPermissions", permission_set_id)
        return [
            {"object": name} | {right: row.get(column, False) for right, column in _OBJECT_RIGHTS.items()}
            for name, row in sorted((row["SobjectType"], row) for row in rows)
        ]

    def set_field(self, permission_set_id: str, permission: Component) -> None:
        """Let a permission set see a field, edit it, or neither.

        Raises:
            SalesforceError: there is no such field, or everyone sees it anyway.
        """
        object_name, field_name = self._resolve(permission["field"])
        editable = permission.get("editable", False)
        self._put(
            "FieldPermissions",
            permission_set_id,
            {"SobjectType": object_name, "Field": f"{object_name}.{field_name}"},
            {"PermissionsRead": permission.get("readable", False) or editable, "PermissionsEdit": editable},
        )

    def set_object(self, permission_set_id: str, permission: Component) -> None:
        """Open an object to a permission set.

        Raises:
            SalesforceError: there is no such object.
        """
        item = self._org.schema.definition(permission["object"])
        if item is None:
            raise _not_found("object", "CustomObject", permission["object"])
        rights = {column: permission.get(right, False) for right, column in _OBJECT_RIGHTS.items()}
        self._put("ObjectPermissions", permission_set_id, {"SobjectType": item.name}, rights)

    def clear(self, permission_set_id: str) -> None:
        """Take back everything that a permission set grants."""
        for table in ("FieldPermissions", "ObjectPermissions"):
            found = self._org.store.lookup(table, "ParentId", permission_set_id, limit=-1)
            self._org.store.delete(table, [row.id for row in found])

    def forget_field(self, object_name: str, field_name: str) -> None:
        """Take back the permissions on a field that is gone."""
        found = self._org.store.lookup("FieldPermissions", "Field", f"{object_name}.{field_name}", limit=-1)
        self._org.store.delete("FieldPermissions", [row.id for row in found])

    def _resolve(self, full_name: str) -> tuple[str, str]:
        object_name, _, field_name = full_name.partition(".")
        item = self._org.schema.definition(object_name)
        field = item.field(field_name) if item is not None else None
        if item is None or field is None:
            raise _not_found("field", "CustomField", full_name)
        if field.is_required_always or (field.is_required and not field.custom):
            raise SalesforceError(
                "FIELD_INTEGRITY_EXCEPTION",
                f"You cannot deploy to a required field: {item.name}.{field.name}",  # [A]
            )
        return item.name, field.name

    def _rows(self, table: str, permission_set_id: str) -> list[dict[str, Any]]:
        return [
            row.document for row in self._org.store.lookup(table, "ParentId", permission_set_id, limit=-1)
        ]

    def _put(self, table: str, permission_set_id: str, key: dict[str, Any], rights: dict[str, bool]) -> None:
        store, now = self._org.store, self._org.now_ms()
        for row in store.lookup(table, "ParentId", permission_set_id, limit=-1):
            if key.items() <= row.document.items():
                store.update(table, row.id, row.document | rights, now)
                return
        item = self._org.schema.definition(table)
        assert item is not None
        store.insert(
            table, self._org.ids.next(item.prefix), {"ParentId": permission_set_id} | key | rights, now
        )


def _not_found(element: str, type_: str, full_name: str) -> SalesforceError:
    """INVALID_CROSS_REFERENCE_KEY of a name inside another component [A]."""
    return SalesforceError(
        "INVALID_CROSS_REFERENCE_KEY", f"In field: {element} - no {type_} named {full_name} found"
    )
