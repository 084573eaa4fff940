"""An integration as JSON, in the form of `specVersion: 1.0.0`."""

from __future__ import annotations

from typing import Any

from ampsandbox.manifest.model import Integration

_OTHER_ACTIONS = ("read", "subscribe", "proxy", "watchSchema")


def integration_content(integration: Integration) -> dict[str, Any]:
    """What the manifest says of an integration, its write objects as today's format has them."""
    content: dict[str, Any] = {
        "name": integration.name,
        "displayName": integration.display_name,
        "provider": integration.provider,
    }
    for part in integration.inert:
        if part.type in _OTHER_ACTIONS:
            content[part.type] = part.content
    if integration.objects:
        content["write"] = {
            "objects": [
                {"objectName": item.name} | ({"inheritMapping": True} if item.inherit_mapping else {})
                for item in integration.objects
            ]
        }
    return content
