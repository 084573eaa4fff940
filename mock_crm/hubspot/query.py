"""Parameters of the query in HubSpot's forms."""

from __future__ import annotations

from mock_crm.core.http import Request
from mock_crm.hubspot import errors


def names_in(request: Request, parameter: str) -> list[str]:
    """A list in the query, repeated or divided by commas."""
    if parameter not in request.query:
        return []
    listed = ",".join(request.query_list(parameter)).split(",")
    return [name for name in (part.strip() for part in listed) if name]


def flag_in(request: Request, parameter: str) -> bool:
    """A boolean in the query, `true` in any case; one that comes again does not count (live)."""
    return parameter in request.query and request.query_list(parameter)[0].lower() == "true"


def limit_in(request: Request, default: int, most: int, parameter: str = "limit") -> int:
    """How many results a page may have.

    Raises:
        HubSpotError: It is not a number from 1 to `most`.
    """
    text = request.query.get(parameter, "")
    if not text:
        return default
    if not (text.isascii() and text.isdigit()) or len(text) > 9 or not 1 <= int(text) <= most:
        raise errors.invalid(f"Invalid value for {parameter}: {text}. It must be a number from 1 to {most}.")
    return int(text)


def cursor_in(request: Request) -> int:
    """Where a page starts, for cursors that are numbers; 0 for the first page.

    Raises:
        HubSpotError: It is not one of this mock's cursors.
    """
    return parse_cursor(request.query.get("after", ""))


def parse_cursor(text: str) -> int:
    """The number in a paging cursor; 0 for an empty one.

    Raises:
        HubSpotError: There is none.
    """
    if not text:
        return 0
    if not (text.isascii() and text.isdigit()) or len(text) > 18:
        raise errors.cannot_deserialize("long", text)
    return int(text)
