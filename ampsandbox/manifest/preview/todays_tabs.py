"""Today's configuration screen for 1.0.0: a tab for each object to read, then the tab Write.

Drawn after Ampersand's React library. A read tab lists what is read, asks for mappings and offers
optional fields; the tab Write has one checkbox an object, all empty at first, and neither fields nor prompts.
"""

from __future__ import annotations

from ampsandbox.manifest.model import Integration, ReadField, ReadObject
from ampsandbox.manifest.preview.document import (
    Block,
    Button,
    Chip,
    Chips,
    Choice,
    FieldMapping,
    Heading,
    Layout,
    PreviewDocument,
    SearchField,
    Sentence,
    at_start,
    spans,
)
from ampsandbox.manifest.preview.notes import DRAWING, notes, provider_label
from ampsandbox.manifest.standard_objects import label_of, standard_object

_WRITE, _MANAGE = "Write", "Manage"


def todays_tabs(integration: Integration, app_name: str, group: str) -> tuple[PreviewDocument, ...]:
    """The tabs that ask something; an integration without reads and writes is installed without questions."""
    labels = [_read_label(integration.provider, item) for item in integration.reads]
    tabs = (*labels, *((_WRITE,) if integration.objects else ()), _MANAGE)

    def document(layout: Layout, tab: str, blocks: list[Block]) -> PreviewDocument:
        return PreviewDocument(
            layout,
            integration.name,
            integration.display_name,
            integration.provider,
            app_name,
            group,
            tuple(blocks),
            tabs,
            tab,
            (*notes(integration), DRAWING),
        )

    documents = [
        document(Layout.READ_TAB, label, _read_blocks(item, label, integration.provider, app_name))
        for item, label in zip(integration.reads, labels, strict=True)
    ]
    if integration.objects:
        documents.append(document(Layout.WRITE_TAB, _WRITE, _write_blocks(integration, app_name)))
    if not documents:
        sentence = f"You have successfully installed your {provider_label(integration.provider)} integration."
        documents.append(document(Layout.WRITE_TAB, _MANAGE, [Sentence(spans(sentence))]))
    return tuple(documents)


def _read_blocks(item: ReadObject, label: str, provider: str, app_name: str) -> list[Block]:
    app = at_start(app_name)
    blocks: list[Block] = [Button("Reset", is_primary=False), Button("Install")]
    if item.map_to_name:
        native = _label(provider, item.name)
        sentence = spans(
            "", label, f" in {app_name} is mapped to ", native, f" in {provider_label(provider)}."
        )
        blocks.append(Sentence(sentence))
    required = [field for field in item.fields if field.is_required]
    optional = [field for field in item.fields if not field.is_required]
    read = [Chip(field.map_to_display_name or field.field_name) for field in required if field.field_name]
    blocks.append(Heading(spans(f"{app} reads the following fields")))
    blocks.append(Chips(tuple(read)) if read else Sentence(spans("There are no required fields.")))
    for heading, fields in (
        ("Map the following fields", required),
        ("Map the following optional fields", optional),
    ):
        if mappings := [_mapping(field) for field in fields if field.field_name is None]:
            blocks += [Heading(spans(heading)), *mappings]
    choices = [
        Choice(field.map_to_display_name or field.field_name) for field in optional if field.field_name
    ]
    if choices or item.offers_all_fields:
        blocks += [
            Heading(spans(f"{app} reads the following optional fields")),
            SearchField("Search fields..."),
        ]
    if item.offers_all_fields:
        every = f"Every other field that the customer's CRM has on {_label(provider, item.name)} stands here."
        return [*blocks, *choices, Sentence(spans(every))]
    if len(choices) > 1:
        blocks.append(Choice(f"Select all {len(choices)} fields", selects_all=True))
    return blocks + choices


def _mapping(field: ReadField) -> FieldMapping:
    label = field.map_to_display_name or label_of(field.map_to_name or "")
    return FieldMapping(label, field.prompt, field.default, field.is_required)


def _write_blocks(integration: Integration, app_name: str) -> list[Block]:
    labels = [_label(integration.provider, item.name) for item in integration.objects]
    blocks: list[Block] = [
        Button("Reset", is_primary=False),
        Button("Install"),
        Heading(spans(f"Allow {app_name} to write to these objects")),
        SearchField("Search objects..."),
    ]
    if len(labels) > 1:
        blocks.append(Choice(f"Select all {len(labels)} objects", selects_all=True))
    return blocks + [Choice(label) for label in labels]


def _read_label(provider: str, item: ReadObject) -> str:
    """What the tab of a read object is called: as the app has it, or as the CRM has it."""
    if item.map_to_display_name or item.map_to_name:
        return item.map_to_display_name or label_of(item.map_to_name or "")
    return _label(provider, item.name)


def _label(provider: str, name: str) -> str:
    known = standard_object(provider, name)
    return known.label if known else label_of(name.removesuffix("__c"))
