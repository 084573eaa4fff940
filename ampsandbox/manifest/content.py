"""An integration as JSON, in the form of `specVersion: 1.0.0`."""

from __future__ import annotations

from typing import Any

from ampsandbox.manifest.model import Integration


def integration_content(integration: Integration) -> dict[str, Any]:
    """What the manifest says of an integration, its write objects as today's format has them."""
    content: dict[str, Any] = {
        "name": integration.name,
        "displayName": integration.display_name,
        "provider": integration.provider,
        **integration.content,
    }
    if integration.objects and "write" not in content:
        names = dict.fromkeys(item.name for item in integration.objects)
        content["write"] = {"objects": [{"objectName": name} for name in names]}
    return content
