"""What the customer sees at installation, as a neutral document and as text, JSON or HTML."""

from __future__ import annotations

from ampsandbox.manifest.model import Integration, Manifest, ObjectKind
from ampsandbox.manifest.preview.card import card
from ampsandbox.manifest.preview.document import (
    NAMELESS,
    Block,
    Button,
    Chip,
    Chips,
    Choice,
    Divider,
    Heading,
    Layout,
    PreviewDocument,
    Prompt,
    SearchField,
    Sentence,
    TextSpan,
)
from ampsandbox.manifest.preview.write_tab import write_tab

__all__ = [
    "Block",
    "Button",
    "Chip",
    "Chips",
    "Choice",
    "Divider",
    "Heading",
    "Layout",
    "PreviewDocument",
    "Prompt",
    "SearchField",
    "Sentence",
    "TextSpan",
    "preview",
]


def preview(
    integration: Integration, manifest: Manifest, *, app_name: str | None = None, group: str = "demo"
) -> PreviewDocument:
    """What a customer is asked when installing an integration.

    Args:
        integration: One of the manifest's.
        manifest: Says the name of the app.
        app_name: The name to show in place of the manifest's.
        group: The customer, who stands in for the name of the CRM instance.
    """
    name = app_name or manifest.app_name or NAMELESS
    is_card = any(item.mode is not None or item.kind is ObjectKind.CUSTOM for item in integration.objects)
    build = card if is_card else write_tab
    return build(integration, name, group)
