"""Refusals of how a request is written: its body, its path, its query."""

from __future__ import annotations

from collections.abc import Iterable

from mock_crm.hubspot.errors.refusal import HubSpotError


def unsupported_media_type() -> HubSpotError:
    """A body that is not JSON by its own account (documented; text unverified)."""
    return HubSpotError(415, "HTTP 415 Unsupported Media Type")


def invalid_json(line: int, column: int, detail: str) -> HubSpotError:
    """The body is not JSON, or a value in it has another JSON type (live)."""
    return HubSpotError(400, f"Invalid input JSON on line {line}, column {column}: {detail}")


def fields_not_set(line: int, column: int, names: Iterable[str]) -> HubSpotError:
    """The body lacks fields (live)."""
    listed = ", ".join(names)
    return HubSpotError(
        400,
        f"Invalid input JSON on line {line}, column {column}. Some required fields were not set: [{listed}]",
    )


def not_simulated(what: str) -> HubSpotError:
    """HubSpot has this API; the mock has not, and says so in HubSpot's shape."""
    return HubSpotError(501, f"{what} is not simulated by this mock.", "NOT_SIMULATED")


def unknown_object_type(name: str) -> HubSpotError:
    """No such object type (live)."""
    return HubSpotError(400, f"Unable to infer object type from: {name}")


def cannot_deserialize(java_type: str, value: str) -> HubSpotError:
    """A paging cursor that cannot be read (live)."""
    return HubSpotError(
        400, f'Cannot deserialize value of type `{java_type}` from String "{value}": not a valid value'
    )
