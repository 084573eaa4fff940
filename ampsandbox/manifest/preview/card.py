"""The embeddable card of 2023.

Attested in Ampersand's own React code of February 2023 are: the heading, `… will save … to …`, the grey
prompt, `Each … will include the following fields`, and the button `Install`. Reconstructed after the designs
of the sibling screens are: the sentence for updates, the sentence for custom fields on a standard object,
the sentence for creating a custom object, the chips in place of a bulleted list, and a prompt below a field.
"""

from __future__ import annotations

from ampsandbox.manifest.model import CustomField, Integration, Mode, ObjectKind, WriteObject
from ampsandbox.manifest.preview.document import (
    Block,
    Button,
    Chip,
    Chips,
    Divider,
    Heading,
    Layout,
    PreviewDocument,
    Prompt,
    Sentence,
    at_start,
    spans,
)
from ampsandbox.manifest.preview.notes import notes, provider_label
from ampsandbox.manifest.standard_objects import label_of, plural_of, singular_of, standard_object


def card(integration: Integration, app_name: str, group: str) -> PreviewDocument:
    """The card of an integration: standard objects before custom ones, each in file order."""
    provider = provider_label(integration.provider)
    heading = spans(f"Let's integrate {app_name} with your {provider} instance ", group, ".")
    blocks: list[Block] = [Heading(heading)]
    for section in _sections(integration, at_start(app_name), provider):
        blocks += [Divider(), *section]
    blocks += [Divider(), Button("Install")]
    return PreviewDocument(
        Layout.CARD,
        integration.name,
        integration.display_name,
        integration.provider,
        app_name,
        group,
        tuple(blocks),
        notes=notes(integration),
    )


def _sections(integration: Integration, app: str, provider: str) -> list[list[Block]]:
    """One section an object and mode. What a second entry of the same object would repeat is left out."""
    sections: list[list[Block]] = []
    seen: set[tuple[str, ...]] = set()
    ordered = sorted(integration.objects, key=lambda item: item.kind is ObjectKind.CUSTOM)
    for item in ordered:
        fields = [field for field in item.custom_fields if _is_new(seen, item.name, field.name)]
        blocks: list[Block] = []
        if item.kind is ObjectKind.CUSTOM and _is_new(seen, item.name):
            blocks += _creation(item, app, provider)
        elif _is_new(seen, item.name, item.kind, str(item.mode)):
            blocks.append(_writing(item, integration.provider, app, provider))
        blocks += _fields(item, fields, integration.provider)
        if blocks:
            sections.append(blocks)
    return sections


def _is_new(seen: set[tuple[str, ...]], *key: str) -> bool:
    if key in seen:
        return False
    seen.add(key)
    return True


def _writing(item: WriteObject, provider: str, app: str, label: str) -> Sentence:
    plural = plural_of(_label(item, provider))
    if item.mode is Mode.UPDATE:
        return Sentence(spans(f"{app} will update ", plural, f" in {label}."))
    return Sentence(spans(f"{app} will save ", plural, f" to {label}."))


def _creation(item: WriteObject, app: str, label: str) -> list[Block]:
    name = item.display_name or label_of(item.name)
    sentence = Sentence(spans(f"{app} will create the custom object ", name, f" in your {label}."))
    blocks: list[Block] = [sentence]
    if item.prompt:
        blocks.append(Prompt(item.prompt))
    return blocks


def _fields(item: WriteObject, fields: list[CustomField], provider: str) -> list[Block]:
    if not fields:
        return []
    name = _label(item, provider)
    if item.kind is ObjectKind.CUSTOM:
        sentence = Sentence(spans("Each ", name, " will include the following fields:"))
    else:
        sentence = Sentence(spans("The following custom fields will be created on ", name, ":"))
    return [sentence, Chips(tuple(Chip(field.display_name, field.prompt) for field in fields))]


def _label(item: WriteObject, provider: str) -> str:
    """The object in the singular, as people call it."""
    if item.kind is ObjectKind.CUSTOM:
        return singular_of(item.display_name or label_of(item.name))
    known = standard_object(provider, item.name)
    return known.label if known else label_of(item.name)
