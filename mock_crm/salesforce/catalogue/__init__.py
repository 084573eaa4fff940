"""The standard objects that every org has, read once from `objects.json`, which names its sources."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import msgspec

from mock_crm.salesforce.model import Field, SObject

FOLDER = Path(__file__).parent
"""Where the files are. Importing importlib.resources to ask for it took 2 % of a sandbox's start."""


class _Object(msgspec.Struct, forbid_unknown_fields=True):
    name: str
    prefix: str
    label: str
    plural: str
    fields: tuple[Field, ...]
    flags: dict[str, Any] = {}


class _Catalogue(msgspec.Struct, forbid_unknown_fields=True):
    sources: str
    objects: tuple[_Object, ...]


@cache
def standard_objects() -> dict[str, SObject]:
    """The standard objects by lower-case name, in the catalogue's order. All orgs share them."""
    text = (FOLDER / "objects.json").read_bytes()
    found = msgspec.json.decode(text, type=_Catalogue).objects
    return {
        item.name.lower(): SObject(
            item.name, item.prefix, item.label, item.plural, item.fields, flags=item.flags
        )
        for item in found
    }


def absent_names() -> list[str]:
    """The standard objects that Salesforce has and the mock has not (Object Reference)."""
    return (FOLDER / "absent.txt").read_text(encoding="utf-8").split()


@cache
def absent_objects() -> frozenset[str]:
    """The same in lower case, to look names up."""
    return frozenset(name.lower() for name in absent_names())
