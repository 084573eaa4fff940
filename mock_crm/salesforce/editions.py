"""What an org's edition decides: its name and its daily requests (evidence/salesforce.md#limits, [P])."""

from __future__ import annotations

from typing import NamedTuple


class Edition(NamedTuple):
    """One edition, as `Organization.OrganizationType` names it."""

    name: str
    daily_requests: int
    daily_bulk_batches: int = 15_000


_EDITIONS = {
    "developer": Edition("Developer Edition", 15_000),
    "professional": Edition("Professional Edition", 101_000),
    "enterprise": Edition("Enterprise Edition", 101_000),
    "unlimited": Edition("Unlimited Edition", 105_000),
    "sandbox": Edition("Enterprise Edition", 5_000_000),
}


def edition(name: str) -> Edition:
    """The edition of this name (`developer` when empty); licence packs are counted as one user licence.

    Raises:
        ValueError: There is no such edition.
    """
    found = _EDITIONS.get((name or "developer").lower().removesuffix(" edition"))
    if found is None:
        raise ValueError(f"There is no edition {name}; take one of {', '.join(_EDITIONS)}.")
    return found
