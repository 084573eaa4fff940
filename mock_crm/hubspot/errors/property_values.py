"""Refusals of a record's property values."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence

from mock_crm.hubspot.errors.refusal import HubSpotError, Problem


def invalid_values(problems: Sequence[Problem], portal_id: int) -> HubSpotError:
    """Values that the properties do not take; the list is JSON text inside the message (live).

    With its members of 2025 and 2026 (HubSpot's page on errors; Atlas-Authority/marketing-automation#206).
    """
    wrapped = [
        {
            "isValid": False,
            "message": problem.message,
            "error": problem.code,
            "name": problem.name,
            "localizedErrorMessage": problem.message,
            **({} if problem.value is None else {"propertyValue": problem.value}),
            "portalId": portal_id,
        }
        for problem in problems
    ]
    text = json.dumps(wrapped, separators=(",", ":"), ensure_ascii=False)
    return HubSpotError(
        400,
        f"Property values were not valid: {text}",
        "VALIDATION_ERROR",
        errors=[
            {
                "message": problem.message,
                "code": problem.code,
                "context": {"propertyName": [problem.name]},
            }
            for problem in problems
        ],
        problems=problems,
    )


def unknown_property(name: str) -> Problem:
    """The object type has no such property (live)."""
    return Problem(name, "PROPERTY_DOESNT_EXIST", f'Property "{name}" does not exist')


def invalid_email(name: str, value: str) -> Problem:
    """Not an email address (live)."""
    return Problem(name, "INVALID_EMAIL", f"Email address {value} is invalid")


def invalid_option(name: str, value: str, options: Iterable[str]) -> Problem:
    """Not one of an enumeration's options (live)."""
    listed = ", ".join(options)
    return Problem(name, "INVALID_OPTION", f"{value} was not one of the allowed options: [{listed}]", value)


def invalid_long(name: str, value: str) -> Problem:
    """A moment or day that is neither milliseconds nor ISO 8601 (live)."""
    return Problem(name, "INVALID_LONG", f"{value} was not a valid long.")


def not_midnight(name: str, value: str, time_of_day: str) -> Problem:
    """A `date` property takes only midnight UTC (live)."""
    return Problem(name, "INVALID_DATE", f"{value} is at {time_of_day} UTC, not midnight!")


def too_far_away(name: str, value: str) -> Problem:
    """A moment or day of another millennium (live)."""
    return Problem(name, "INVALID_DATE", f"{value} is more than 1,000 years ago or 1,000 years from now.")


def blank_edge(name: str, value: str) -> Problem:
    """White space around a value that is no text; refused since April 2025 (documented)."""
    return Problem(name, "LEADING_TRAILING_WHITESPACE", f'"{value}" includes leading or trailing whitespace.')


def too_long(name: str, most: int) -> Problem:
    """A text of more characters than a property holds (limit documented; code and text unverified)."""
    return Problem(name, "VALUE_TOO_LONG", f"The value is longer than {most:,} characters.")


def invalid_stage(name: str, value: str, stages: Iterable[str]) -> Problem:
    """Not a stage of the pipeline, or of any; `stages` are those of one pipeline each (live)."""
    listed = ", ".join(stages)
    return Problem(
        name,
        "INVALID_OPTION",
        f"{value} is not a valid pipeline stage ID. Valid options are: {listed}",
        value,
    )


def invalid_number(name: str, value: str) -> Problem:
    """Text where a number belongs (Atlas-Authority/marketing-automation#206)."""
    return Problem(name, "INVALID_INTEGER", f"{value} was not a valid number.")


def invalid_owner(name: str, value: str) -> Problem:
    """No such owner (code unverified)."""
    return Problem(name, "INVALID_OWNER_ID", f"Owner {value} does not exist", value)


def calculated_value(name: str) -> Problem:
    """The value is computed by HubSpot (reported by others)."""
    return Problem(name, "READ_ONLY_VALUE", f'"{name}" is a calculated property; its value cannot be set.')


def read_only_value(name: str) -> Problem:
    """The value is set by HubSpot (reported by others)."""
    return Problem(name, "READ_ONLY_VALUE", f'"{name}" is a read only property; its value cannot be set.')
