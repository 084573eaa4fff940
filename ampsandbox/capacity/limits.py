"""What a CRM account takes, and where that is known from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from ampsandbox.capacity.scenario import OrgShare
from ampsandbox.manifest.model import Provider
from mock_crm.hubspot.editions import EDITIONS as HUBSPOT_TIERS
from mock_crm.hubspot.editions import OAUTH_BURST_REQUESTS
from mock_crm.salesforce.editions import EDITIONS as SALESFORCE_EDITIONS

_SALESFORCE_DEFAULT: Final = "enterprise"
_LICENCES_DEFAULT: Final = 10
_HUBSPOT_DEFAULT: Final = "professional"

_SALESFORCE_SOURCE: Final = "quoted in public issues and code; docs/evidence/salesforce.md#limits"
_HUBSPOT_SOURCE: Final = "HubSpot's documentation; docs/evidence/hubspot.md#limits"
_OWN_SOURCE: Final = "your traffic file"


@dataclass(frozen=True, slots=True)
class OrgLimits:
    """One kind of CRM account, for the simulation and for people.

    Attributes:
        org: What the simulation takes.
        name: For example `Salesforce Professional, 10 licences`.
        daily: Requests a day; 0 for no limit.
        burst: Requests in ten seconds; 0 for no limit.
        source: Where the limits are known from.
        is_guess: Whether no documentation of the CRM's maker says so, or the kind of account is assumed.
    """

    org: OrgShare
    name: str
    daily: int
    burst: int
    source: str
    is_guess: bool


def limits_of(
    provider: Provider,
    *,
    edition: str | None = None,
    licences: int | None = None,
    app: str | None = None,
    daily_requests: int | None = None,
    weight: float = 1,
) -> OrgLimits:
    """The limits of an account.

    Args:
        provider: Salesforce or HubSpot.
        edition: The edition or tier as the mocks name it; where None, one is assumed.
        licences: User licences of a Salesforce org; where None, ten are assumed.
        app: `private`, or `public` for HubSpot's OAuth apps, as Ampersand's connections are.
        daily_requests: What the account takes in a day, where somebody knows better.
        weight: How many groups have such an account, relative to others.
    """
    if provider is Provider.SALESFORCE:
        found = _salesforce(
            edition or _SALESFORCE_DEFAULT, licences or _LICENCES_DEFAULT, daily_requests, weight
        )
    else:
        found = _hubspot(edition or _HUBSPOT_DEFAULT, app != "private", daily_requests, weight)
    return found


def _salesforce(edition: str, licences: int, known: int | None, weight: float) -> OrgLimits:
    rules = SALESFORCE_EDITIONS[edition]
    daily = known or rules.daily_requests + (licences - 1) * rules.requests_per_licence
    name = f"Salesforce {edition.capitalize()}"
    if rules.requests_per_licence:
        name += f", {licences:,} licence{'s' if licences > 1 else ''}"
    source = _OWN_SOURCE if known else _SALESFORCE_SOURCE
    org = OrgShare(Provider.SALESFORCE, edition, weight, daily_requests=daily)
    return OrgLimits(org, name, daily, 0, source, is_guess=not known)


def _hubspot(tier: str, is_public: bool, known: int | None, weight: float) -> OrgLimits:
    rules = HUBSPOT_TIERS[tier]
    # A public app has no daily limit, whatever the tier, unless somebody knows better.
    daily = known or (0 if is_public else rules.daily_requests)
    burst = OAUTH_BURST_REQUESTS if is_public else rules.burst_requests
    kind = "public" if is_public else "private"
    name = f"HubSpot {tier.replace('-', ' ').title()}, {kind} app"
    org = OrgShare(
        Provider.HUBSPOT, tier, weight, daily_requests=known, burst_requests=None, is_public_app=is_public
    )
    return OrgLimits(org, name, daily, burst, _OWN_SOURCE if known else _HUBSPOT_SOURCE, is_guess=False)
