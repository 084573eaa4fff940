"""The scopes of HubSpot's apps, as far as the mock asks for them."""

from __future__ import annotations

from mock_crm.hubspot.catalogue import object_types
from mock_crm.hubspot.model import ObjectType


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


def record_scopes(kind: ObjectType, access: str) -> tuple[str, ...]:
    """The scopes of which one lets an app read or write records of a type."""
    if kind.is_custom:
        return (f"crm.objects.custom.{access}",)
    scopes = (f"crm.objects.{kind.scope}.{access}",)
    if kind.scope == "tickets":
        return (*scopes, "tickets")
    if kind.scope in ("products", "line_items"):
        return (*scopes, "e-commerce")
    return scopes


def schema_scopes(kind: ObjectType, access: str) -> tuple[str, ...]:
    """The scopes of which one lets an app read or write the properties of a type."""
    if kind.is_custom:
        return (f"crm.schemas.custom.{access}",)
    named = (f"crm.schemas.{kind.scope}.{access}",)
    return named if access == "write" else (*named, *record_scopes(kind, "read"))
