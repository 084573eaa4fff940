"""The links between records.

A link is kept twice, once per direction, so that every record finds its own by one indexed lookup. One entry
holds all association types between two records.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from mock_crm.core.store import Row, Store
from mock_crm.hubspot import errors, merged_ids, rollups
from mock_crm.hubspot.association_types import AssociationTypes
from mock_crm.hubspot.model import AssociationType
from mock_crm.hubspot.schema import Schema

TABLE = "~associations"

# A primary link is an unlabelled link too (recorded): contact or ticket or deal to company, and back.
_PRIMARY_IMPLIES = {1: 279, 2: 280, 5: 341, 6: 342, 25: 340, 26: 339}
_BECOMES_PRIMARY = {unlabelled: primary for primary, unlabelled in _PRIMARY_IMPLIES.items()}


class Spec(NamedTuple):
    """The kind of a link as a body names it."""

    category: str
    type_id: int


class Link(NamedTuple):
    """One link to make or to break, in the direction in which it was asked for."""

    type: AssociationType
    source_id: str
    target_id: str


class Neighbour(NamedTuple):
    """A record linked with another one, and the association types in between."""

    id: str
    types: list[AssociationType]


class Associations:
    """The links of one account.

    Args:
        store: Where they are kept.
        types: What kinds there are.
        schema: What object types there are.
    """

    def __init__(self, store: Store, types: AssociationTypes, schema: Schema) -> None:
        self._store = store
        self._types = types
        self._schema = schema
        self.prepare()

    def prepare(self) -> None:
        """Make sure that the table and its indexes exist."""
        self._store.declare(TABLE, ("pair", "owner"))

    # -- reading ---------------------------------------------------------------------------------------------

    def neighbours(
        self, source: str, source_id: str, *targets: str, limit: int | None = None
    ) -> list[Neighbour]:
        """The records of the target types linked with a record, oldest link first."""
        source_id = self._current(source, source_id)
        marks = ", ".join("?" * len(targets))
        pairs = [f"{source}/{source_id}>{target}" for target in targets]
        rows = self._store.scan(
            TABLE,
            where=f"json_extract(document, '$.\"pair\"') COLLATE NOCASE IN ({marks})",
            parameters=tuple(pairs),
            limit=limit,
        )
        return [self._neighbour(row) for row in rows]

    def read_inline(self, source: str, source_id: str, given: Sequence[Any]) -> list[Link]:
        """The links that a new record comes with.

        Raises:
            HubSpotError: A kind does not start at this object type, or a record does not exist.
        """
        links: list[Link] = []
        missing: list[str] = []
        for item in given:
            target_id = str(item.to.id)
            for spec in item.types:
                kind = self.kind(source, None, Spec(spec.association_category, spec.association_type_id))
                links.append(Link(kind, source_id, target_id))
                if not self.exists(kind.target, target_id):
                    name = self._schema.need(kind.target).type.name
                    missing.append(f"{name}={target_id} is not valid")
        if missing:
            raise errors.inline_associations(list(dict.fromkeys(missing)))
        return links

    def kind(self, source: str, target: str | None, spec: Spec) -> AssociationType:
        """The association type that a body names, checked against the object types it is to link.

        Raises:
            HubSpotError: There is none.
        """
        if target is not None:
            self._types.between(source, target)
        found = self._types.of_id(spec.category, spec.type_id)
        if found is None and target is None:
            raise errors.unknown_association_type(spec.category, spec.type_id)
        if found is None or found.source != source or target not in (None, found.target):
            name = "any object type" if target is None else self._schema.need(target).type.name
            source_name = self._schema.need(source).type.name
            raise errors.invalid_association_spec(spec.category, spec.type_id, source_name, name)
        return found

    def exists(self, type_id: str, record_id: str) -> bool:
        """Whether a living record has this id."""
        row = self._store.get(type_id, self._current(type_id, record_id))
        return row is not None and not row.archived

    # -- writing ---------------------------------------------------------------------------------------------

    def add(self, links: Iterable[Link], at: int) -> None:
        """Make links, in both directions; those that exist stay as they are.

        Raises:
            HubSpotError: One is beyond the account's own limit for its kind; none is made.
        """
        made = [
            Link(kind, self._current(kind.source, source_id), self._current(kind.target, target_id))
            for kind, source_id, target_id in links
        ]
        for link in made:
            for kind in (link.type, *self._implied(link.type)):
                self._check_limit(kind, link.source_id, link.target_id)
                self._check_limit(self._types.by_id(kind.inverse), link.target_id, link.source_id)
        for link in made:
            kind = link.type
            kinds = [kind, *self._implied(kind)]
            if kind.id in _PRIMARY_IMPLIES:
                self._unset_primary(link)
            elif (first := self._first_company(link, kinds[-1])) is not None:
                kinds.append(self._types.by_id(first))
            there, back = [each.id for each in kinds], [each.inverse for each in kinds]
            self._merge(kind.source, link.source_id, kind.target, link.target_id, there, at)
            self._merge(kind.target, link.target_id, kind.source, link.source_id, back, at)
        self._roll_up(
            end
            for kind, source_id, target_id in made
            for end in ((kind.source, source_id, kind.target), (kind.target, target_id, kind.source))
        )

    def keep_labels(self, links: Iterable[Link], at: int) -> None:
        """Take away the users' own labels of pairs that were given some, except for those of these links.

        By HubSpot's guide to associations, labels that are given take the place of those there are.
        """
        kept: dict[tuple[str, str, str, str], set[int]] = {}
        for kind, source_id, target_id in links:
            if kind.category != "HUBSPOT_DEFINED":
                kept.setdefault((kind.source, source_id, kind.target, target_id), set()).add(kind.id)
        for pair, ids in kept.items():
            row = self._store.get(TABLE, _key(*pair))
            kinds = () if row is None else self._neighbour(row).types
            former = [k.id for k in kinds if k.category != "HUBSPOT_DEFINED" and k.id not in ids]
            if former:
                self.remove(*pair, former, at)

    def to_primary(self, source: str, source_id: str, company_id: str) -> list[Link]:
        """The link to a company that a record names as its primary one; none, if there is no such company."""
        kind = self._types.by_id(rollups.PRIMARY[source][1])
        return [Link(kind, source_id, company_id)] if self.exists(kind.target, company_id) else []

    def set_primary(self, source: str, source_id: str, company_id: str, at: int) -> None:
        """Link a record with the company that it names as its primary one now, or part it from the former."""
        kind = self._types.by_id(rollups.PRIMARY[source][1])
        if company_id:
            self.add(self.to_primary(source, source_id, company_id), at)
            return
        for other in self.neighbours(source, source_id, kind.target):
            if kind in other.types:
                self.remove(source, source_id, kind.target, other.id, None, at)

    def remove(
        self, source: str, source_id: str, target: str, target_id: str, kinds: Sequence[int] | None, at: int
    ) -> None:
        """Break a link in both directions: all of it, or only some of its types."""
        source_id, target_id = self._current(source, source_id), self._current(target, target_id)
        back = None if kinds is None else [self._types.by_id(kind).inverse for kind in kinds]
        self._unmerge(source, source_id, target, target_id, kinds, at)
        self._unmerge(target, target_id, source, source_id, back, at)
        self._roll_up([(source, source_id, target), (target, target_id, source)])

    def remove_all(self, type_id: str, record_id: str) -> None:
        """Break every link of a record, as when it is deleted."""
        own = self._store.lookup(TABLE, "owner", f"{type_id}/{record_id}", limit=-1)
        ids = [row.id for row in own]
        ids += [_key(row.document["to"], row.document["toId"], type_id, record_id) for row in own]
        self._store.delete(TABLE, ids)
        self._roll_up((row.document["to"], row.document["toId"], type_id) for row in own)

    def forget_kind(self, kind: AssociationType) -> None:
        """Take an association type from every link, in both directions."""
        gone = {kind.id, kind.inverse}
        changed = [row for row in self._store.scan(TABLE) if not gone.isdisjoint(row.document["types"])]
        for row in changed:
            left = [number for number in row.document["types"] if number not in gone]
            if left:
                self._store.update(TABLE, row.id, row.document | {"types": left}, row.modified)
            else:
                self._store.delete(TABLE, [row.id])

    def move(self, type_id: str, from_id: str, to_id: str, at: int) -> None:
        """Give the links of one record to another one of the same type, as a merge does.

        Raises:
            HubSpotError: The other one would have more of a kind than the account's own limit.
        """
        own = self._store.lookup(TABLE, "owner", f"{type_id}/{from_id}", limit=-1)
        self.remove_all(type_id, from_id)
        for row in own:
            other, other_id, kinds = row.document["to"], row.document["toId"], row.document["types"]
            if other == type_id and other_id == to_id:
                continue
            if any(self._has_kind(type_id, to_id, other, kind) for kind in kinds if kind in _PRIMARY_IMPLIES):
                kinds = [kind for kind in kinds if kind not in _PRIMARY_IMPLIES]
            for kind in kinds:
                self._check_limit(self._types.by_id(kind), to_id, other_id)
            back = [self._types.by_id(kind).inverse for kind in kinds]
            self._merge(type_id, to_id, other, other_id, kinds, at)
            self._merge(other, other_id, type_id, to_id, back, at)
            self._roll_up([(type_id, to_id, other), (other, other_id, type_id)])

    # -- inside ----------------------------------------------------------------------------------------------

    def _roll_up(self, ends: Iterable[rollups.End]) -> None:
        def linked(end: rollups.End) -> list[tuple[str, list[int]]]:
            return [(other.id, [kind.id for kind in other.types]) for other in self.neighbours(*end)]

        rollups.update(self._store, ends, linked)

    def _check_limit(self, kind: AssociationType, source_id: str, target_id: str) -> None:
        if kind.most is None:
            return
        others = self.neighbours(kind.source, source_id, kind.target)
        taken = sum(kind in other.types for other in others if other.id != target_id)
        if taken >= kind.most:
            raise errors.too_many_associated(source_id, kind.id, kind.most)

    def _has_kind(self, source: str, source_id: str, target: str, kind: int) -> bool:
        """Whether a record that has one primary company has it already."""
        linked = self.neighbours(source, source_id, target) if target == "0-2" else []
        return any(t.id == kind for other in linked for t in other.types)

    def _implied(self, kind: AssociationType) -> list[AssociationType]:
        """What a link with a label is as well: one without (HubSpot's guide to associations)."""
        plain = None if kind.label is None else self._types.default(kind.source, kind.target)
        return [] if plain is None else [plain]

    def _first_company(self, link: Link, plain: AssociationType) -> int | None:
        """The primary type for a link to a record's first company, which HubSpot makes the primary one."""
        kind = link.type
        primary = _BECOMES_PRIMARY.get(plain.id)
        if primary is None:
            return None
        holder, holder_id = (
            (kind.source, link.source_id) if kind.target == "0-2" else (kind.target, link.target_id)
        )
        return None if self.neighbours(holder, holder_id, "0-2", limit=1) else primary

    def _unset_primary(self, link: Link) -> None:
        """A record has one primary company; the former one stays linked without the label."""
        kind = link.type
        forward = kind if kind.target == "0-2" else self._types.by_id(kind.inverse)
        holder_id = link.source_id if forward is kind else link.target_id
        for other in self.neighbours(forward.source, holder_id, forward.target):
            kinds = [t.id for t in other.types]
            if forward.id in kinds:
                self.remove(forward.source, holder_id, forward.target, other.id, [forward.id], 0)

    def _current(self, type_id: str, record_id: str) -> str:
        """The record that an id names now that others may have been merged into it."""
        return merged_ids.current(self._store, type_id, record_id)

    def _merge(
        self, source: str, source_id: str, target: str, target_id: str, kinds: Sequence[int], at: int
    ) -> None:
        key = _key(source, source_id, target, target_id)
        row = self._store.get(TABLE, key)
        if row is None:
            document = {
                "pair": f"{source}/{source_id}>{target}",
                "owner": f"{source}/{source_id}",
                "to": target,
                "toId": target_id,
                "types": sorted(set(kinds)),
            }
            self._store.insert(TABLE, key, document, at)
            return
        merged = sorted({*row.document["types"], *kinds})
        if merged != row.document["types"]:
            self._store.update(TABLE, key, row.document | {"types": merged}, at)

    def _unmerge(
        self, source: str, source_id: str, target: str, target_id: str, kinds: Sequence[int] | None, at: int
    ) -> None:
        key = _key(source, source_id, target, target_id)
        row = self._store.get(TABLE, key)
        if row is None:
            return
        left = [] if kinds is None else [t for t in row.document["types"] if t not in kinds]
        if left:
            self._store.update(TABLE, key, row.document | {"types": left}, at)
        else:
            self._store.delete(TABLE, [key])

    def _neighbour(self, row: Row) -> Neighbour:
        types = [self._types.by_id(kind) for kind in row.document["types"]]
        return Neighbour(row.document["toId"], types)


def _key(source: str, source_id: str, target: str, target_id: str) -> str:
    return f"{source}/{source_id}>{target}/{target_id}"
