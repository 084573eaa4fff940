"""What is known of a CRM field: from the CRM's describe call, and from the manifest that writes it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import msgspec

from ampsandbox.manifest.crm_names import crm_field_name

if TYPE_CHECKING:
    from ampsandbox.engine.crm import CrmField
    from ampsandbox.tui.backend.views import SchemaView
    from ampsandbox.tui.forms.target import FormTarget


class ManifestEntry(msgspec.Struct, frozen=True):
    """The manifest's part in a field: its name there, the entry that lists it, and the prompt."""

    name: str
    entry: str
    prompt: str = ""

    def __str__(self) -> str:
        return f"{self.name} · {self.entry}"


class FieldFacts(msgspec.Struct, frozen=True):
    """One field, the manifest entry that made it, and the names under which a write may give it."""

    crm: CrmField
    entry: ManifestEntry | None = None
    spellings: tuple[str, ...] = ()

    @property
    def size(self) -> str:
        """The type, with the length where it has one."""
        return f"{self.crm.type}({self.crm.length:,})" if self.crm.length else self.crm.type

    @property
    def marks(self) -> str:
        """What a write has to know, in short words."""
        rules = {
            "required": self.crm.is_required,
            "unique": self.crm.is_unique,
            "read only": not self.crm.is_writable,
        }
        return ", ".join(word for word, holds in rules.items() if holds)

    def searched(self) -> str:
        """The words by which the field is found."""
        found = self.crm
        custom = "custom" if found.is_custom else ""
        texts = (
            found.name,
            found.label,
            found.type,
            custom,
            self.marks,
            str(self.entry or ""),
            *found.options,
        )
        return " ".join(texts).lower()

    def document(self) -> dict[str, Any]:
        """All of it, to read or to copy."""
        found = self.crm
        facts: dict[str, Any] = {
            "name": found.name, "label": found.label, "type": found.type, "length": found.length or None,
            "required": found.is_required, "unique": found.is_unique, "writable": found.is_writable,
            "custom": found.is_custom, "refersTo": list(found.refers_to), "help": found.help,
            "values": list(found.options), "onlyTheseValues": found.is_restricted and bool(found.options),
            "manifestField": self.entry.name if self.entry else None,
            "manifestEntry": self.entry.entry if self.entry else None,
            "prompt": self.entry.prompt if self.entry else None,
            "aWriteMayCallIt": list(self.spellings),
        }  # fmt: skip
        return {name: value for name, value in facts.items() if value not in (None, "", [])}


def facts_of(schema: SchemaView, target: FormTarget | None) -> list[FieldFacts]:
    """The fields of an object: those of the manifest, required ones, other writable ones, the rest."""
    entries = _entries(schema, target)
    spellings: dict[str, list[str]] = {}
    for name, api_name in schema.names.items():
        spellings.setdefault(api_name, []).append(name)
    found = [
        FieldFacts(item, entries.get(item.name.lower()), tuple(spellings.get(item.name, ())))
        for item in schema.fields
    ]
    return sorted(found, key=_order)


def _order(facts: FieldFacts) -> tuple[bool, bool, bool, bool, str]:
    item = facts.crm
    is_manifest = facts.entry is not None
    return (
        not is_manifest,
        not item.is_custom,
        not item.is_required,
        not item.is_writable,
        item.name.lower(),
    )


def _entries(schema: SchemaView, target: FormTarget | None) -> Mapping[str, ManifestEntry]:
    """The manifest's custom fields by lower-cased API name: those of every entry for the same object."""
    if target is None:
        return {}
    found: dict[str, ManifestEntry] = {}
    provider = target.integration.provider
    for item in target.integration.objects:
        if item.name == target.item.name:
            for custom in item.custom_fields:
                api_name = schema.names.get(custom.name.lower()) or crm_field_name(provider, custom.name)
                found.setdefault(
                    api_name.lower(),
                    ManifestEntry(custom.name, item.endpoint or item.name, custom.prompt or ""),
                )
    return found
