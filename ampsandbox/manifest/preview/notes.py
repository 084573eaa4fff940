"""What the sandbox has to add to a preview."""

from __future__ import annotations

from ampsandbox.manifest.model import Integration

DRAWING = (
    "A drawing of Ampersand's installer: there, the names of objects and fields come from the customer's CRM."
)


def notes(integration: Integration) -> tuple[str, ...]:
    """Says what of an integration the sandbox does not exercise."""
    found = []
    if not integration.is_exercised:
        found.append(f"The sandbox has no CRM for the provider {integration.provider}.")
    if actions := integration.unexercised_actions:
        found.append(f"Also in this integration, not exercised by the sandbox: {', '.join(actions)}.")
    return tuple(found)


def provider_label(provider: str) -> str:
    """The provider as it spells itself."""
    return {"salesforce": "Salesforce", "hubspot": "HubSpot"}.get(provider, provider)
