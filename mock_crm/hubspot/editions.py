"""The limits of HubSpot's editions, for privately distributed apps (documented)."""

from __future__ import annotations

from dataclasses import dataclass

OAUTH_BURST_REQUESTS = 110
"""Requests per ten seconds of an app that signs in with OAuth, for each account; they have no daily limit."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What an account may do.

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


_PLANS = {
    "free": Plan("STANDARD", 250_000, 100, 0),
    "starter": Plan("STANDARD", 250_000, 100, 0),
    "professional": Plan("STANDARD", 625_000, 190, 0),
    "enterprise": Plan("STANDARD", 1_000_000, 190, 10),
    "developer-test": Plan("DEVELOPER_TEST", 1_000_000, 190, 20),
}


def plan_of(edition: str) -> Plan:
    """The plan of an edition; a developer test account, which has everything, when it is empty.

    Raises:
        ValueError: There is no such edition.
    """
    plan = _PLANS.get((edition or "developer-test").lower())
    if plan is None:
        raise ValueError(f"HubSpot has no edition {edition}; take one of {', '.join(_PLANS)}.")
    return plan
