"""Saying in one line whose org a connection reaches."""

from __future__ import annotations

from typing import Final

from ampsandbox.engine.crm import OrgIdentity

_MANY_SCOPES: Final = 16


def describe_org(org: OrgIdentity) -> str:
    """Name, kind and id of the org, then its API version, time zone, remaining requests and scopes."""
    kind = "PRODUCTION, " if org.is_production else ""
    facts = [
        f"API {org.api_version}" if org.api_version else "",
        org.time_zone,
        "" if org.remaining_requests is None else f"{org.remaining_requests:,} requests left today",
        _scopes(org.scopes),
    ]
    return "; ".join([f"{org.name} ({kind}{org.type}, id {org.id})", *filter(None, facts)])


def _scopes(scopes: tuple[str, ...]) -> str:
    """The scopes by name where they are few, as an app that was made for one integration has."""
    if len(scopes) > _MANY_SCOPES:
        return f"{len(scopes)} scopes"
    return f"scopes {' '.join(scopes)}" if scopes else ""
