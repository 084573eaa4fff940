"""What an account's edition, its subscription tier, allows privately distributed apps (documented)."""

from __future__ import annotations

from dataclasses import dataclass

OAUTH_BURST_REQUESTS = 110
"""Requests per ten seconds of an app that signs in with OAuth, for each account; they have no daily limit."""


@dataclass(frozen=True, slots=True)
class Edition:
    """The limits of an edition.

    Attributes:
        account_type: What the account says it is.
        daily_requests: Requests per day of all apps together.
        burst_requests: Requests per ten seconds of one app.
        searches_per_second: Search requests per second.
        custom_objects: Custom object definitions.
        properties_per_object: Custom properties of one object type.
        properties: Custom properties of all object types.
        unique_properties: Custom properties of one object type whose values are unique.
        labels: Association labels between two object types.
        pipelines: Pipelines of one object type.
    """

    account_type: str
    daily_requests: int
    burst_requests: int
    custom_objects: int
    searches_per_second: int = 5
    properties_per_object: int = 1000
    properties: int = 10_000
    unique_properties: int = 10
    labels: int = 50
    pipelines: int = 100


EDITIONS = {
    "free": Edition("STANDARD", 250_000, 100, 0),
    "starter": Edition("STANDARD", 250_000, 100, 0),
    "professional": Edition("STANDARD", 625_000, 190, 0),
    "enterprise": Edition("STANDARD", 1_000_000, 190, 10),
    "developer-test": Edition("DEVELOPER_TEST", 1_000_000, 190, 20),
}


def edition_of(name: str) -> Edition:
    """The edition of this name; a developer test account, which has everything, when it is empty.

    Raises:
        ValueError: There is no such edition.
    """
    edition = EDITIONS.get((name or "developer-test").lower())
    if edition is None:
        raise ValueError(f"HubSpot has no edition {name}; take one of {', '.join(EDITIONS)}.")
    return edition
