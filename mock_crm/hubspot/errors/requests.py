"""Refusals of how a request is written: its body, its path, its query."""

from __future__ import annotations

import re
from collections.abc import Iterable

from mock_crm.hubspot.errors.refusal import HubSpotError

_TYPE_ID = re.compile(r"[0-9]+-[0-9]+")


def unsupported_media_type() -> HubSpotError:
    """A body that is not JSON by its own account (documented; text unverified)."""
    return HubSpotError(415, "HTTP 415 Unsupported Media Type")


def no_body() -> HubSpotError:
    """A request without the body that it needs (live)."""
    return HubSpotError(
        400, "Invalid JSON input: a request body was expected, but none found", "VALIDATION_ERROR"
    )


def null_body() -> HubSpotError:
    """A request whose body is `null` (live)."""
    return HubSpotError(400, "validation error", reasons=["The request body may not be null"])


def cannot_build(line: int, column: int, what: str, names: Iterable[str]) -> HubSpotError:
    """A part of a search lacks fields (live)."""
    listed = ", ".join(names)
    return invalid_json(
        line, column, f"Cannot build {what}, some of required attributes are not set [{listed}]"
    )


def cannot_construct(line: int, column: int, java_type: str, problem: str) -> HubSpotError:
    """A filter of a search lacks what its operator needs (live)."""
    return invalid_json(line, column, f"Cannot construct instance of `{java_type}`, problem: {problem}")


def search_not_understood() -> HubSpotError:
    """A search for a property that there is not, or for a value that it cannot have (reported by others)."""
    return HubSpotError(400, "There was a problem with the request.")


def invalid_json(line: int, column: int, detail: str) -> HubSpotError:
    """The body is not JSON, or a value in it has another JSON type (live)."""
    return HubSpotError(400, f"Invalid input JSON on line {line}, column {column}: {detail}")


def mismatched_quotation_marks(line: int, column: int, problem: str) -> HubSpotError:
    """A value of a filter has a quotation mark without its other half (HubSpot/hubspot-api-nodejs#555)."""
    place = f"Invalid input JSON on line {line}, column {column}"
    return HubSpotError(400, f"{place}: {problem}", "VALIDATION_ERROR")


def unknown_name(line: int, column: int, names: Iterable[str]) -> HubSpotError:
    """A name in the body is none of an enumeration's (live for operators of searches and field types)."""
    listed = ", ".join(names)
    place = f"Invalid input JSON on line {line}, column {column}"
    return HubSpotError(400, f"{place}: Enum type must be one of: [{listed}]", "VALIDATION_ERROR")


def blank_name(path: str) -> HubSpotError:
    """The place of a name of an enumeration is empty (live)."""
    return HubSpotError(
        400,
        f'Invalid input JSON: unable to deserialize field "{path}". Invalid value: ',
        "VALIDATION_ERROR",
    )


def fields_not_set(
    line: int, column: int, names: Iterable[str], *, is_categorized: bool = False
) -> HubSpotError:
    """The body lacks fields (live); that of a list or of a kind of association is told its category."""
    listed = ", ".join(names)
    place = f"Invalid input JSON on line {line}, column {column}"
    category = "VALIDATION_ERROR" if is_categorized else ""
    return HubSpotError(400, f"{place}. Some required fields were not set: [{listed}]", category)


def not_simulated(what: str) -> HubSpotError:
    """HubSpot has this API; the mock has not, and says so in HubSpot's shape."""
    return HubSpotError(501, f"{what} is not simulated by this mock.", "NOT_SIMULATED")


def unknown_object_type(name: str) -> HubSpotError:
    """No such object type (live, for names and for ids)."""
    known_as = (
        "Invalid object or event type id" if _TYPE_ID.fullmatch(name) else "Unable to infer object type from"
    )
    return HubSpotError(400, f"{known_as}: {name}")


def cannot_deserialize(java_type: str, value: str) -> HubSpotError:
    """A paging cursor that cannot be read (live)."""
    return HubSpotError(
        400, f'Cannot deserialize value of type `{java_type}` from String "{value}": not a valid value'
    )
