"""Components, or parts of them, that no record holds: kept as they came, by type and full name."""

from __future__ import annotations

from mock_crm.core.store import Store
from mock_crm.salesforce.metadata.components import Component


class RawComponents:
    """The components of one type in the store's settings; names are found in any case.

    Args:
        store: Where they are kept.
        type: The metadata type.
    """

    def __init__(self, store: Store, type_: str) -> None:
        self._store = store
        self._key = f"metadata:{type_}"

    def all(self) -> list[Component]:
        """All components, in alphabetical order of their full names."""
        kept: dict[str, Component] = self._store.meta(self._key, {})
        return [kept[name] for name in sorted(kept)]

    def get(self, full_name: str) -> Component | None:
        found: Component | None = self._store.meta(self._key, {}).get(full_name.lower())
        return found

    def put(self, component: Component) -> None:
        """Keep a component under its full name, instead of what was kept there."""
        kept = self._store.meta(self._key, {}) | {component["fullName"].lower(): component}
        self._store.set_meta(self._key, kept)

    def drop(self, full_name: str) -> None:
        kept = self._store.meta(self._key, {})
        kept.pop(full_name.lower(), None)
        self._store.set_meta(self._key, kept)
