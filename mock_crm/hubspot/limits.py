"""How many requests a HubSpot account takes, by its edition."""

from __future__ import annotations

from mock_crm.core.clock import Clock
from mock_crm.core.quota import Quota, Window
from mock_crm.core.settings import OrgSettings
from mock_crm.hubspot.editions import OAUTH_BURST_REQUESTS, edition_of
from mock_crm.hubspot.portal import time_zone

# HubSpot counts a burst over ten seconds, for each app and account.
_BURST_S = 10


def quota(settings: OrgSettings, clock: Clock) -> Quota:
    """The windows of an account, with nothing counted yet.

    Raises:
        ValueError: There is no such edition.
    """
    edition, daily, burst = edition_of(settings.edition), settings.daily_requests, settings.burst_requests
    return Quota(
        [
            Window("daily", clock, _or(daily, edition.daily_requests), midnight=time_zone()),
            Window("burst", clock, _or(burst, edition.burst_requests), _BURST_S),
        ],
        [
            Window("search", clock, edition.searches_per_second, 1),
            Window("oauth", clock, _or(burst, OAUTH_BURST_REQUESTS), _BURST_S),
        ],
        enforced=settings.limits,
    )


def windows_of(is_private_app: bool) -> tuple[str, ...]:
    """The windows that every request of an app passes; an OAuth app has its own burst, and no day."""
    return ("daily", "burst") if is_private_app else ("oauth",)


def _or(given: int | None, usual: int) -> int:
    return usual if given is None else given
