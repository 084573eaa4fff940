"""The scopes that a token without limits is said to have."""

from __future__ import annotations

from mock_crm.hubspot.catalogue import object_types


def all_scopes() -> list[str]:
    """Every scope that the mock asks for anywhere, sorted."""
    parts = {kind.scope for kind in object_types()} | {"custom"}
    scopes = {f"crm.objects.{part}.{access}" for part in parts for access in ("read", "write")}
    scopes |= {f"crm.schemas.{part}.{access}" for part in parts for access in ("read", "write")}
    scopes |= {
        "crm.lists.read",
        "crm.lists.write",
        "crm.objects.owners.read",
        "oauth",
        "tickets",
        "e-commerce",
    }
    return sorted(scopes)
