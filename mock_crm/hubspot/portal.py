"""What every account of the mock has in common."""

from __future__ import annotations

from datetime import UTC, tzinfo
from typing import Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

TIME_ZONE: Final = "US/Eastern"
"""In which its days begin."""

CURRENCY: Final = "USD"

UI_DOMAIN: Final = "app.hubspot.com"
"""Where HubSpot's own interface would show it."""

HUB_DOMAIN: Final = "mock.example.com"

USER_ID: Final = 76070032
"""The user who installed the app."""

USER_EMAIL: Final = "owner@example.com"


def time_zone() -> tzinfo:
    """The zone of `TIME_ZONE`; UTC on a computer that has no time zones."""
    try:
        return ZoneInfo(TIME_ZONE)
    except ZoneInfoNotFoundError:
        return UTC
