"""Field permissions: which custom fields the API user sees, by the permission sets assigned to it."""

from __future__ import annotations

from collections.abc import Mapping

from mock_crm.core.settings import OrgSettings
from mock_crm.core.store import Store

_MANY = 100_000


def permitted_fields(
    store: Store, settings: OrgSettings, user_id: str, object_name: str
) -> Mapping[str, bool] | None:
    """The object's permitted custom fields by lower-case name, with whether they may be edited.

    None means that every field is permitted, by the org's settings.
    """
    if settings.permissions == "open":
        return None
    store.declare("FieldPermissions", ("SobjectType",))
    held = _held_sets(store, user_id)
    found: dict[str, bool] = {}
    for row in store.lookup("FieldPermissions", "SobjectType", object_name, limit=_MANY):
        grant = row.document
        if grant.get("PermissionsRead") and grant.get("ParentId") in held:
            name = str(grant["Field"]).partition(".")[2].lower()
            found[name] = found.get(name, False) or bool(grant.get("PermissionsEdit"))
    return found


def _held_sets(store: Store, user_id: str) -> frozenset[str]:
    """The ids of the permission sets that the API user holds, its profile's own among them."""
    store.declare("PermissionSetAssignment", ("AssigneeId",))
    rows = store.lookup("PermissionSetAssignment", "AssigneeId", user_id, limit=_MANY)
    return frozenset(str(row.document.get("PermissionSetId")) for row in rows)
