"""How many requests a Salesforce org takes, by its edition."""

from __future__ import annotations

from mock_crm.core.clock import Clock
from mock_crm.core.quota import Quota, Window
from mock_crm.core.settings import OrgSettings
from mock_crm.salesforce.editions import edition

_DAY_S = 86_400


def quota(settings: OrgSettings, clock: Clock) -> Quota:
    """The windows of an org, with nothing counted yet.

    Raises:
        ValueError: There is no such edition.
    """
    limits = edition(settings.edition)
    daily = limits.daily_requests if settings.daily_requests is None else settings.daily_requests
    return Quota(
        [Window("daily", clock, daily, _DAY_S)],
        [Window("bulk-batches", clock, limits.daily_bulk_batches, _DAY_S)],
        enforced=settings.limits,
    )
