"""Today's configuration screen on its tab Write, as Ampersand's React library shows it for 1.0.0.

One checkbox an object, all of them empty at first; no fields, no prompts, no schedule.
"""

from __future__ import annotations

from ampsandbox.manifest.model import Integration
from ampsandbox.manifest.preview.document import (
    Block,
    Button,
    Choice,
    Heading,
    Layout,
    PreviewDocument,
    SearchField,
    Sentence,
    spans,
)
from ampsandbox.manifest.preview.notes import notes, provider_label
from ampsandbox.manifest.standard_objects import label_of, standard_object

_WRITE, _MANAGE = "Write", "Manage"


def write_tab(integration: Integration, app_name: str, group: str) -> PreviewDocument:
    """The tab Write of an integration; an integration without writes is installed without questions."""
    return PreviewDocument(
        Layout.WRITE_TAB,
        integration.name,
        integration.display_name,
        integration.provider,
        app_name,
        group,
        tuple(_blocks(integration, app_name)),
        (*_read_tabs(integration), *((_WRITE,) if integration.objects else ()), _MANAGE),
        _WRITE if integration.objects else _MANAGE,
        notes(integration),
    )


def _blocks(integration: Integration, app_name: str) -> list[Block]:
    labels = [_label(integration.provider, item.name) for item in integration.objects]
    if not labels:
        # Reads are not exercised: what is left is the end of the installation.
        provider = provider_label(integration.provider)
        return [Sentence(spans(f"You have successfully installed your {provider} integration."))]
    blocks: list[Block] = [
        Button("Reset", is_primary=False),
        Button("Install"),
        Heading(spans(f"Allow {app_name} to write to these objects")),
        SearchField("Search objects..."),
    ]
    if len(labels) > 1:
        blocks.append(Choice(f"Select all {len(labels)} objects", selects_all=True))
    return blocks + [Choice(label) for label in labels]


def _read_tabs(integration: Integration) -> tuple[str, ...]:
    """One tab a read object, by the name that the manifest gives it."""
    return tuple(
        _label(integration.provider, item.map_to_display_name or item.name) for item in integration.reads
    )


def _label(provider: str, name: str) -> str:
    known = standard_object(provider, name)
    return known.label if known else label_of(name)
