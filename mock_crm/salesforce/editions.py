"""What an org's edition decides: its name and its daily requests (evidence/salesforce.md#limits, [P])."""

from __future__ import annotations

from typing import NamedTuple


class Edition(NamedTuple):
    """One edition, as `Organization.OrganizationType` names it, with one user licence.

    Each further licence brings `requests_per_licence` more requests a day.
    """

    name: str
    daily_requests: int
    daily_bulk_batches: int = 15_000
    requests_per_licence: int = 0


EDITIONS = {
    "developer": Edition("Developer Edition", 15_000),
    "professional": Edition("Professional Edition", 101_000, requests_per_licence=1_000),
    "enterprise": Edition("Enterprise Edition", 101_000, requests_per_licence=1_000),
    "unlimited": Edition("Unlimited Edition", 105_000, requests_per_licence=5_000),
    "sandbox": Edition("Enterprise Edition", 5_000_000),
}


def edition(name: str) -> Edition:
    """The edition of this name (`developer` when empty); the mock's orgs have one user licence.

    Raises:
        ValueError: There is no such edition.
    """
    found = EDITIONS.get((name or "developer").lower().removesuffix(" edition"))
    if found is None:
        raise ValueError(f"There is no edition {name}; take one of {', '.join(EDITIONS)}.")
    return found
