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
    FieldMapping,
    Heading,
    Layout,
    PreviewDocument,
    Prompt,
    SearchField,
    Sentence,
    TextSpan,
)
from ampsandbox.manifest.preview.todays_tabs import todays_tabs

__all__ = [
    "Block",
    "Button",
    "Chip",
    "Chips",
    "Choice",
    "Divider",
    "FieldMapping",
    "Heading",
    "Layout",
    "PreviewDocument",
    "Prompt",
    "SearchField",
    "Sentence",
    "TextSpan",
    "preview",
    "previews",
]


def previews(
    integration: Integration, manifest: Manifest, *, app_name: str | None = None, group: str = "demo"
) -> tuple[PreviewDocument, ...]:
    """What a customer is asked when installing an integration: the card of 2023, or today's tabs in order.

    Args:
        integration: One of the manifest's.
        manifest: Says the name of the app.
        app_name: The name to show in place of the manifest's.
        group: The customer, who stands in for the name of the CRM instance.
    """
    name = app_name or manifest.app_name or NAMELESS
    if any(item.mode is not None or item.kind is ObjectKind.CUSTOM for item in integration.objects):
        return (card(integration, name, group),)
    return todays_tabs(integration, name, group)


def preview(
    integration: Integration, manifest: Manifest, *, app_name: str | None = None, group: str = "demo"
) -> PreviewDocument:
    """The last of the `previews`, which says what is written where anything is."""
    return previews(integration, manifest, app_name=app_name, group=group)[-1]
