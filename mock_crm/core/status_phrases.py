"""The words of HTTP statuses, the same on every version of Python."""

from __future__ import annotations

from http import HTTPStatus
from typing import Final

# Python 3.13 says them as RFC 9110 does, earlier ones as the RFCs before; HubSpot answers 413 in these words.
_OLDER: Final = {
    413: "Request Entity Too Large",
    414: "Request-URI Too Long",
    416: "Requested Range Not Satisfiable",
    422: "Unprocessable Entity",
}


def status_phrase(status: int) -> str:
    """What a status is called; empty for one that no RFC names."""
    try:
        return _OLDER.get(status) or HTTPStatus(status).phrase
    except ValueError:
        return ""
