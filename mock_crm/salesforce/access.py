"""Field permissions: which custom fields the API user sees, by the permission sets assigned to it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mock_crm.salesforce.org import SalesforceOrg

_MANY = 100_000


def permitted_fields(org: SalesforceOrg, object_name: str) -> Mapping[str, bool] | None:
    """The object's permitted custom fields by lower-case name, with whether they may be edited.

    None means that every field is permitted, by the org's settings.
    """
    if org.settings.permissions == "relaxed":
        return None
    org.store.declare("FieldPermissions", ("SobjectType",))
    held = _held_sets(org)
    found: dict[str, bool] = {}
    for row in org.store.lookup("FieldPermissions", "SobjectType", object_name, limit=_MANY):
        grant = row.document
        if grant.get("PermissionsRead") and grant.get("ParentId") in held:
            name = str(grant["Field"]).partition(".")[2].lower()
            found[name] = found.get(name, False) or bool(grant.get("PermissionsEdit"))
    return found


def _held_sets(org: SalesforceOrg) -> frozenset[str]:
    """The ids of the permission sets that the API user holds, its profile's own among them."""
    org.store.declare("PermissionSetAssignment", ("AssigneeId",))
    rows = org.store.lookup("PermissionSetAssignment", "AssigneeId", org.user_id, limit=_MANY)
    return frozenset(str(row.document.get("PermissionSetId")) for row in rows)
