"""Creating and changing records under HubSpot's rules.

Both happen in two steps, so that a batch can be refused as a whole before anything is written: `draft` and
`plan` check every input and say per input what would be written or why not; `insert` and `apply` write.
A record is kept in the table of its object type's id, as a document of its property values in text form.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec

from mock_crm.core.store import Row, Store, field_sql
from mock_crm.hubspot import errors
from mock_crm.hubspot.associations import Associations, Link
from mock_crm.hubspot.derivation import Derivation, blank, hold_lifecycle, on_change, on_create
from mock_crm.hubspot.errors import HubSpotError, Problem
from mock_crm.hubspot.pipelines import Pipelines
from mock_crm.hubspot.schema import TypeSchema
from mock_crm.hubspot.values import InvalidValueError, Scalar

Given = Mapping[str, Scalar | None]

_encode = msgspec.json.Encoder(order="sorted").encode

# HubSpot shows these of a changed record beside what was changed (recorded).
_ECHOED = frozenset(
    {
        "createdate",
        "hs_createdate",
        "hs_is_unworked",
        "hs_lastmodifieddate",
        "hs_object_id",
        "hs_object_source",
        "hs_object_source_id",
        "hs_object_source_label",
        "hs_pipeline",
        "lastmodifieddate",
        "lifecyclestage",
    }
)


@dataclass(slots=True)
class Draft:
    """A record that may be inserted.

    `document` is the text of its values as it is kept and shown, `at` its creation in epoch milliseconds.
    """

    id: str
    values: dict[str, str]
    document: str
    at: int
    links: list[Link]

    def row(self) -> Row:
        """The record as it is once it was inserted."""
        return Row(0, self.id, self.values, self.at, self.at, False)


@dataclass(slots=True)
class Change:
    """A change that may be applied: the record before, its values after, which of them to show, and when."""

    row: Row
    values: dict[str, str]
    shown: set[str]
    at: int


class Records:
    """The records of one account.

    Args:
        store: Where they are kept.
        associations: The links between them.
        pipelines: What stages there are.
        owners: Says whether an owner id exists.
        portal_id: The account's number.
        context: Makes what deriving needs, for the present moment.
        next_ids: Takes so many record ids for an object type id.
    """

    def __init__(
        self,
        store: Store,
        associations: Associations,
        pipelines: Pipelines,
        owners: Callable[[str], bool],
        portal_id: int,
        context: Callable[[], Derivation],
        next_ids: Callable[[str, int], range],
    ) -> None:
        self._store = store
        self._associations = associations
        self._pipelines = pipelines
        self._is_owner = owners
        self._portal_id = portal_id
        self._context = context
        self._next_ids = next_ids

    # -- creating --------------------------------------------------------------------------------------------

    def draft(
        self, schema: TypeSchema, inputs: Sequence[tuple[Given, Sequence[Any]]]
    ) -> list[Draft | HubSpotError]:
        """Check new records given as properties and inline associations; nothing is written.

        The answer has one entry per input, in order. A value that only one record may have is given to the
        first of the inputs that want it.
        """
        kind = schema.type
        context = self._context()
        start = blank(kind, context)
        numbers = self._next_ids(kind.id, len(inputs))
        found: list[Draft | HubSpotError] = []
        drafts: list[Draft] = []
        for number, (given, links) in zip(numbers, inputs, strict=True):
            record_id = str(number)
            try:
                values = on_create(kind, start, self._new_values(schema, given), record_id, context)
                inline = self._associations.read_inline(kind.id, record_id, links)
                draft = Draft(record_id, values, document_of(values), context.now_ms, inline)
            except HubSpotError as error:
                found.append(error)
                continue
            found.append(draft)
            drafts.append(draft)
        clashes = self._clashes(schema, [(d.id, d.values) for d in drafts])
        return [clashes.get(d.id, d) if isinstance(d, Draft) else d for d in found]

    def insert(self, schema: TypeSchema, drafts: Sequence[Draft]) -> None:
        """Write checked records; must run inside a transaction."""
        if not drafts:
            return
        at = drafts[0].at
        self._store.insert_many(schema.type.id, [(d.id, d.document) for d in drafts], at)
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
                changed = self._changed_values(schema, row.document, given)
            except HubSpotError as error:
                found.append(error)
                continue
            found.append(_change(schema, row, changed, context))
            wanted.append((row.id, _given(changed)))
        clashes = self._clashes(schema, wanted)
        return [clashes.get(c.row.id, c) if isinstance(c, Change) else c for c in found]

    def apply(self, schema: TypeSchema, changes: Sequence[Change]) -> list[Row]:
        """Write checked changes; must run inside a transaction."""
        if not changes:
            return []
        at = changes[0].at
        self._store.update_many(schema.type.id, [(c.row.id, document_of(c.values)) for c in changes], at)
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
        else:
            self.need_unique(schema, id_property)
            rows = self._store.lookup(
                schema.type.id, id_property, identifier.strip(), limit=1, archived=archived
            )
            row = rows[0] if rows else None
        return row if row is not None and row.archived == archived else None

    def need_unique(self, schema: TypeSchema, name: str) -> None:
        """Refuse a property that does not identify records.

        Raises:
            HubSpotError: There is no such property, or its values may repeat.
        """
        if name not in schema.properties:
            raise errors.no_such_property(name, schema.type.plural)
        if name not in schema.unique:
            raise errors.not_unique(name)

    # -- rules -----------------------------------------------------------------------------------------------

    def _new_values(self, schema: TypeSchema, given: Given) -> dict[str, str]:
        values = _given(_read(schema, given))
        self._check_references(schema, values, {})
        missing = [name for name in schema.type.required if name not in values]
        if missing:
            raise errors.required_not_set(schema.type.name, missing)
        if not given and not schema.type.is_custom:
            raise errors.nothing_to_set()
        return values

    def _changed_values(
        self, schema: TypeSchema, before: Mapping[str, str], given: Given
    ) -> dict[str, str | None]:
        if not given:
            raise errors.nothing_to_set()
        changed = _read(schema, given)
        for name, value in changed.items():
            if (
                value is not None
                and value.startswith(";")
                and schema.properties[name].field_type == "checkbox"
            ):
                changed[name] = _added(before.get(name, ""), value)
        self._check_references(schema, changed, before)
        hold_lifecycle(before, changed)
        return changed

    def _check_references(
        self, schema: TypeSchema, values: dict[str, str] | dict[str, str | None], before: Mapping[str, str]
    ) -> None:
        """Refuse pipelines, stages and owners that do not exist; a new record gets the first pipeline."""
        problems: list[Problem] = []
        owner = values.get("hubspot_owner_id")
        if owner and not self._is_owner(owner):
            problems.append(errors.invalid_owner("hubspot_owner_id", owner))
        kind = schema.type
        if kind.pipeline and kind.stage != "lifecyclestage":
            problems += self._stage_problems(kind.id, kind.pipeline, kind.stage, values, before)
        if problems:
            raise errors.invalid_values(problems)

    def _stage_problems(
        self, type_id: str, pipeline_name: str, stage_name: str, values: dict[str, Any],
        before: Mapping[str, str],
    ) -> Iterable[Problem]:  # fmt: skip
        pipelines = self._pipelines.of(type_id)
        if not pipelines:
            return
        wanted = values.get(pipeline_name) or before.get(pipeline_name)
        if wanted is None:
            wanted = values[pipeline_name] = pipelines[0].id
        pipeline = self._pipelines.find(type_id, wanted)
        if pipeline is None:
            yield errors.invalid_option(pipeline_name, wanted, [p.id for p in pipelines])
            return
        stage = values.get(stage_name)
        if stage is not None and pipeline.stage(stage) is None:
            yield errors.invalid_option(stage_name, stage, [s.id for s in pipeline.living()])

    def _clashes(
        self, schema: TypeSchema, records: Sequence[tuple[str, Mapping[str, str]]]
    ) -> dict[str, HubSpotError]:
        """Which records want a value that another one has, by record id."""
        refused: dict[str, HubSpotError] = {}
        for name in schema.unique:
            wanted = {key: values[name] for key, values in records if name in values}
            if not wanted:
                continue
            holders = self._holders(schema.type.id, name, wanted.values())
            for record_id, value in wanted.items():
                holder = holders.setdefault(value.lower(), record_id)
                if holder != record_id and record_id not in refused:
                    refused[record_id] = self._clash(schema, name, value, record_id, holder)
        return refused

    def _holders(self, table: str, name: str, wanted: Iterable[str]) -> dict[str, str]:
        # One parameter however many values there are: SQLite takes no more than 32,766 of them.
        condition = f"{field_sql(name)} COLLATE NOCASE IN (SELECT value FROM json_each(?))"
        rows = self._store.scan(table, where=condition, parameters=(_encode(list(wanted)).decode(),))
        return {row.document[name].lower(): row.id for row in rows}

    def _clash(self, schema: TypeSchema, name: str, value: str, record_id: str, holder: str) -> HubSpotError:
        if schema.type.id == "0-1" and name == "email":
            return errors.already_exists("Contact", holder)
        return errors.value_taken(self._portal_id, schema.type.id, name, value, record_id, holder)


def document_of(values: Mapping[str, str]) -> str:
    """The text of a record's values, by name as HubSpot shows them."""
    return _encode(values).decode()


def _read(schema: TypeSchema, given: Given) -> dict[str, str | None]:
    """The given values in the form in which they are kept; None clears.

    Raises:
        HubSpotError: Some are not valid; it lists all of them.
    """
    readers = schema.readers
    values: dict[str, str | None] = {}
    problems: list[Problem] = []
    for name, value in given.items():
        reader = readers.get(name)
        if reader is None:
            problems.append(errors.unknown_property(name))
            continue
        try:
            if value is None or value == "":
                if _is_fixed(schema, name):
                    reader("")
                values[name] = None
            else:
                values[name] = reader(value)
        except InvalidValueError as error:
            problems.append(error.problem)
    if problems:
        raise errors.invalid_values(problems)
    return values


def _given(values: Mapping[str, str | None]) -> dict[str, str]:
    """The values that are set, without those that are cleared."""
    return {name: value for name, value in values.items() if value is not None}


def _is_fixed(schema: TypeSchema, name: str) -> bool:
    prop = schema.properties[name]
    return prop.read_only or prop.calculated


def _added(current: str, addition: str) -> str:
    """The options of a checkbox after `;a;b` was added to them."""
    chosen = dict.fromkeys(part for part in (current + addition).split(";") if part)
    return ";".join(chosen)


def _change(schema: TypeSchema, row: Row, changed: dict[str, str | None], context: Derivation) -> Change:
    before = row.document
    values = before | _given(changed)
    for name, value in changed.items():
        if value is None:
            values.pop(name, None)
    on_change(schema.type, before, changed, values, context)
    shown = set(changed) | (_ECHOED & values.keys())
    shown.update(name for name, _ in values.items() - before.items())
    return Change(row, values, shown, context.now_ms)
