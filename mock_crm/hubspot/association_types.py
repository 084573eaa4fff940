"""The kinds of links between object types: those that HubSpot defines, and those that users add."""

from __future__ import annotations

import msgspec

from mock_crm.core.store import Store
from mock_crm.hubspot import catalogue
from mock_crm.hubspot.model import AssociationType

TABLE = "~labels"
_MADE_UP_TYPE_IDS = 5000


class AssociationTypes:
    """All association types of an account, read once and kept.

    Args:
        store: Where additions and changes are kept.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self.forget()

    def forget(self) -> None:
        """Read everything anew, as after the store was replaced or a transaction undone."""
        self._types = {
            facts.id: AssociationType(
                facts.id, facts.source, facts.target, facts.name, facts.label, facts.inverse
            )
            for facts in catalogue.association_types()
        }
        self._store.declare(TABLE)
        for row in self._store.scan(TABLE):
            added = msgspec.convert(row.document, AssociationType)
            self._types[added.id] = added

    def forget_type(self, type_id: str) -> None:
        """Drop those of an object type that is gone."""
        gone = [association.id for association in self.touching(type_id)]
        self._store.delete(TABLE, [str(number) for number in gone])
        for number in gone:
            del self._types[number]

    def of_id(self, category: str, type_id: int) -> AssociationType | None:
        """The association type of this id, unless it is of another category."""
        found = self._types.get(type_id)
        return found if found is not None and found.category == category else None

    def by_id(self, type_id: int) -> AssociationType:
        """The association type of an id that the store holds."""
        return self._types[type_id]

    def between(self, source: str, target: str) -> list[AssociationType]:
        """The association types from one object type to another, unlabelled ones last."""
        found = [a for a in self._types.values() if (a.source, a.target) == (source, target)]
        if not any(a.label is None for a in found) and (made := self._made_up(source, target)) is not None:
            found.append(made)
        return sorted(found, key=lambda a: (a.label is None, a.id))

    def default(self, source: str, target: str) -> AssociationType | None:
        """The unlabelled association type between two object types."""
        return next((a for a in self.between(source, target) if a.label is None), None)

    def touching(self, type_id: str) -> list[AssociationType]:
        """All association types that start or end at an object type."""
        return [a for a in self._types.values() if type_id in (a.source, a.target)]

    def own(self) -> list[AssociationType]:
        """The association types that users defined."""
        return [a for a in self._types.values() if a.category == "USER_DEFINED"]

    def limited(self) -> list[AssociationType]:
        """The association types that the account has set a limit on."""
        return [a for a in self._types.values() if a.most is not None]

    def save(self, association: AssociationType, at: int) -> None:
        """Keep a new or changed association type."""
        document = msgspec.to_builtins(association)
        if self._store.get(TABLE, str(association.id)) is None:
            self._store.insert(TABLE, str(association.id), document, at)
        else:
            self._store.update(TABLE, str(association.id), document, at)
        self._types[association.id] = association

    def remove(self, association: AssociationType) -> None:
        """Drop an association type in both directions."""
        ids = {association.id, association.inverse}
        self._store.delete(TABLE, [str(number) for number in ids])
        for number in ids:
            self._types.pop(number, None)

    def next_id(self) -> int:
        """An id for an association type that users define."""
        taken = self._store.next_number("association types")
        while taken in self._types:
            taken = self._store.next_number("association types")
        return taken

    def _made_up(self, source: str, target: str) -> AssociationType | None:
        """An unlabelled type for two standard objects of which the catalogue knows none.

        HubSpot links nearly all standard objects with each other; the ids of the rarer pairs are not public.
        """
        kinds = list(catalogue.object_types())
        order = {kind.id: number for number, kind in enumerate(kinds)}
        if source not in order or target not in order:
            return None
        size = len(kinds)
        first, second = order[source], order[target]
        here, back = (_MADE_UP_TYPE_IDS + a * size + b for a, b in ((first, second), (second, first)))
        name = f"{kinds[first].singular}_to_{kinds[second].singular}"
        made = AssociationType(here, source, target, name, None, back)
        self._types[here] = made
        if back != here:
            other = f"{kinds[second].singular}_to_{kinds[first].singular}"
            self._types.setdefault(back, AssociationType(back, target, source, other, None, here))
        return made
