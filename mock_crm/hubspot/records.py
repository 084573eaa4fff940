"""Creating and changing records under HubSpot's rules.

Both happen in two steps, so that a batch can be refused as a whole before anything is written: `draft` and
`plan` check every input and say per input what would be written or why not; `insert` and `apply` write.
New records that are alike, as most of a batch are, go through both steps together, as one `Sheet`.
A record is kept in the table of its object type's id, as a document of its property values in text form.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import Any

import msgspec

from mock_crm.core.store import Row, Store
from mock_crm.hubspot import errors, merged_ids
from mock_crm.hubspot.associations import Associations, Link
from mock_crm.hubspot.derivation import (
    Blank,
    Derivation,
    blank,
    echoed,
    on_change,
    on_create,
    on_create_all,
    restated,
)
from mock_crm.hubspot.documents import Columns, Frames, text_of
from mock_crm.hubspot.errors import HubSpotError
from mock_crm.hubspot.model import ObjectType
from mock_crm.hubspot.references import References
from mock_crm.hubspot.schema import TypeSchema
from mock_crm.hubspot.validation import Given, changed_values, new_columns, new_values, set_values

_CONTACTS = "0-1"
_COMPANY = "associatedcompanyid"


class Draft(msgspec.Struct):
    """A record that may be inserted.

    Attributes:
        id: Its id.
        values: What it does not share with all new records.
        document: All its values as JSON, as they are kept.
        shown: The same as the answer to its creation shows them.
        at: Its creation in epoch milliseconds.
        links: What it comes with.
    """

    id: str
    values: dict[str, str]
    document: str
    shown: str
    at: int
    links: Sequence[Link]

    def row(self) -> Row:
        """The record as it is once it was inserted."""
        values = msgspec.json.decode(self.document, type=dict[str, str])
        return Row(0, self.id, values, self.at, self.at, False)


class Sheet(msgspec.Struct):
    """Records that may be inserted, and were given values for the same properties.

    Attributes:
        ids: Their ids.
        given: The values that they were given.
        documents: All their values as JSON, as they are kept; to be read once.
        shown: The same as the answer to their creation shows them; to be read once, too.
        at: Their creation in epoch milliseconds.
    """

    ids: list[str]
    given: Columns
    documents: Iterator[str]
    shown: Iterator[str]
    at: int


class Change(msgspec.Struct):
    """A change that may be applied: the record before, its values after, those of them to show, and when."""

    row: Row
    values: dict[str, str]
    shown: dict[str, str]
    at: int


class Records:
    """The records of one account.

    Args:
        store: Where they are kept.
        associations: The links between them.
        references: What their values refer to.
        context: Makes what deriving needs, for the present moment.
        next_ids: Takes so many record ids for an object type id.
    """

    def __init__(
        self,
        store: Store,
        associations: Associations,
        references: References,
        context: Callable[[], Derivation],
        next_ids: Callable[[str, int], range],
    ) -> None:
        self._store = store
        self._associations = associations
        self._references = references
        self._context = context
        self._next_ids = next_ids
        self._starts: dict[str, tuple[int, Blank, Frames]] = {}

    # -- creating --------------------------------------------------------------------------------------------

    def draft(
        self,
        schema: TypeSchema,
        inputs: Sequence[tuple[Given, Sequence[Any]]],
        own: dict[str, str] | None = None,
    ) -> list[Draft | HubSpotError]:
        """Check new records given as properties and inline associations; nothing is written.

        `own` are values of read-only properties, which all of the records have.

        The answer has one entry per input, in order. A value that only one record may have is given to the
        first of the inputs that want it.
        """
        kind = schema.type
        context = self._context()
        start, frames = self._start(kind, context)
        numbers = self._next_ids(kind.id, len(inputs))
        found: list[Draft | HubSpotError] = []
        wanted: list[tuple[str, dict[str, str]]] = []
        for number, (given, links) in zip(numbers, inputs, strict=True):
            record_id = str(number)
            try:
                values = new_values(schema, given, self._references)
                if own:
                    values |= own
                inline = self._associations.read_inline(kind.id, record_id, links) if links else []
                if kind.id == _CONTACTS and (company := values.get(_COMPANY)):
                    inline += self._associations.to_primary(kind.id, record_id, company)
            except HubSpotError as error:
                found.append(error)
                continue
            values = on_create(kind, start, values, record_id, context)
            document, shown = frames.fill(values)
            found.append(Draft(record_id, values, document, shown, context.now_ms, inline))
            wanted.append((record_id, values))
        clashes = self._references.clashes(schema, wanted, are_new=True)
        return [clashes.get(d.id, d) if isinstance(d, Draft) else d for d in found] if clashes else found

    def draft_sheet(self, schema: TypeSchema, inputs: Sequence[Given]) -> Sheet | None:
        """Check new records all at once, property by property; nothing is written.

        None where they are not alike, or not all of them will do: `draft` then says what becomes of each. A
        record takes 0.70 of the instructions that it takes by `draft`, and most batches are alike.
        """
        given = new_columns(schema, inputs)
        if given is None:
            return None
        unique = [name for name in schema.unique if name in given]
        if not all(self._references.are_free(schema, name, given[name]) for name in unique):
            return None
        context = self._context()
        start, frames = self._start(schema.type, context)
        ids = list(map(str, self._next_ids(schema.type.id, len(inputs))))
        documents, shown = frames.fill_all(on_create_all(schema.type, start, given, ids))
        return Sheet(ids, given, documents, shown, context.now_ms)

    def insert_sheet(self, schema: TypeSchema, sheet: Sheet) -> None:
        """Write checked records; must run inside a transaction."""
        self._store.insert_columns(schema.type.id, sheet.ids, sheet.documents, sheet.given, sheet.at)

    def _start(self, kind: ObjectType, context: Derivation) -> tuple[Blank, Frames]:
        """What new records of a type start with, made once for all of the same moment."""
        known = self._starts.get(kind.id)
        if known is None or known[0] != context.now_ms:
            start = blank(kind, context)
            known = context.now_ms, start, Frames(start.shared, partial(restated, kind, context))
            self._starts[kind.id] = known
        return known[1:]

    def new_id(self, type_id: str) -> str:
        """An id that no record of this type has had."""
        return str(self._next_ids(type_id, 1)[0])

    def insert(self, schema: TypeSchema, drafts: Sequence[Draft]) -> None:
        """Write checked records; must run inside a transaction."""
        if not drafts:
            return
        at = drafts[0].at
        self._store.insert_many(
            schema.type.id,
            [(d.id, d.values) for d in drafts],
            at,
            texts=[d.document for d in drafts],
        )
        links = [link for draft in drafts for link in draft.links]
        if links:
            self._associations.add(links, at)

    # -- changing --------------------------------------------------------------------------------------------

    def plan(self, schema: TypeSchema, inputs: Sequence[tuple[Row, Given]]) -> list[Change | HubSpotError]:
        """Check changes of living records; nothing is written. One entry per input, in order."""
        context = self._context()
        found: list[Change | HubSpotError] = []
        wanted: list[tuple[str, dict[str, str]]] = []
        for row, given in inputs:
            try:
                changed = changed_values(schema, row.document, given, self._references)
            except HubSpotError as error:
                found.append(error)
                continue
            found.append(_change(schema, row, changed, context))
            wanted.append((row.id, set_values(changed)))
        clashes = self._references.clashes(schema, wanted, are_new=False)
        return [clashes.get(c.row.id, c) if isinstance(c, Change) else c for c in found]

    def apply(self, schema: TypeSchema, changes: Sequence[Change]) -> list[Row]:
        """Write checked changes; must run inside a transaction."""
        if not changes:
            return []
        at = changes[0].at
        self._store.update_many(
            schema.type.id,
            [(c.row.id, c.values) for c in changes],
            at,
            texts=[text_of(c.values) for c in changes],
        )
        if schema.type.id == _CONTACTS:
            for change in changes:
                company = change.values.get(_COMPANY, "")
                if company != change.row.document.get(_COMPANY, ""):
                    self._associations.set_primary(_CONTACTS, change.row.id, company, at)
        return [Row(c.row.seq, c.row.id, c.values, c.row.created, at, False) for c in changes]

    # -- finding ---------------------------------------------------------------------------------------------

    def get(
        self, schema: TypeSchema, identifier: str, id_property: str = "", *, archived: bool = False
    ) -> Row | None:
        """The record of an id, or of the value of the unique property `id_property`.

        Raises:
            HubSpotError: The property does not identify records.
        """
        if not id_property or id_property == "hs_object_id":
            row = self._store.get(schema.type.id, identifier)
            if row is None:
                row = self._store.get(schema.type.id, self._current(schema, identifier))
        else:
            self.need_unique(schema, id_property)
            row = self._references.holder(schema.type, id_property, identifier.strip(), archived=archived)
        return row if row is not None and row.archived == archived else None

    def get_many(
        self,
        schema: TypeSchema,
        identifiers: Sequence[str],
        id_property: str = "",
        *,
        archived: bool = False,
    ) -> list[Row | None]:
        """What `get` gives for each of the identifiers, in order.

        Raises:
            HubSpotError: The property does not identify records.
        """
        if not id_property or id_property == "hs_object_id":
            found = self._store.get_many(schema.type.id, identifiers)
            keys = identifiers
            if len(found) < len(identifiers):
                keys = [key if key in found else self._current(schema, key) for key in identifiers]
                found |= self._store.get_many(schema.type.id, set(keys) - found.keys())
        else:
            self.need_unique(schema, id_property)
            keys = [identifier.strip().lower() for identifier in identifiers]
            found = self._references.holders(schema.type, id_property, keys, archived=archived)
        rows = [found.get(key) for key in keys]
        return [row if row is not None and row.archived == archived else None for row in rows]

    def _current(self, schema: TypeSchema, identifier: str) -> str:
        return merged_ids.current(self._store, schema.type.id, identifier)

    def need_unique(self, schema: TypeSchema, name: str) -> None:
        """Refuse a property that does not identify records.

        Raises:
            HubSpotError: There is no such property, or its values may repeat.
        """
        if name not in schema.properties:
            raise errors.no_such_property(name, schema.type.plural)
        if name not in schema.unique:
            raise errors.not_unique(name)


def _change(schema: TypeSchema, row: Row, changed: dict[str, str], context: Derivation) -> Change:
    before = row.document
    # A cleared value stays, as the empty text (recorded): it is not the same as one that was never set.
    values = before | changed
    on_change(schema.type, before, changed, values, context)
    echo, old = echoed(schema.type).union(changed), before.get
    shown = {name: value for name, value in values.items() if name in echo or old(name) != value}
    return Change(row, values, shown, context.now_ms)
