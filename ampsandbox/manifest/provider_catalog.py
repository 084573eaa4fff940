"""The providers that Ampersand knows: their modules, and which actions each supports.

The table beside this module is made by `scripts/provider_catalog.py` from the catalogue that Ampersand
publishes; it carries the date of that catalogue.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

import msgspec


class ProviderFacts(msgspec.Struct, frozen=True, rename="camel"):
    """One provider. Its actions and those of its modules are out of read, write, subscribe and proxy."""

    display_name: str
    actions: tuple[str, ...]
    modules: dict[str, tuple[str, ...]] = {}


class ProviderCatalog(msgspec.Struct, frozen=True):
    """All providers by name, in the spelling that a manifest must use, as published on `date` by `source`."""

    source: str
    date: str
    providers: dict[str, ProviderFacts]


@cache
def provider_catalog() -> ProviderCatalog:
    """The table, read from the package once."""
    # By its path: importing importlib.resources takes 2 % of a start.
    data = Path(__file__).with_name("provider_catalog.json").read_bytes()
    return msgspec.json.decode(data, type=ProviderCatalog)
