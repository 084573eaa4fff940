"""What a record's values refer to: owners, pipelines, stages, and other records that hold a unique value."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence, Set

import msgspec

from mock_crm.core.store import Row, Store, field_sql
from mock_crm.hubspot import errors
from mock_crm.hubspot.errors import HubSpotError, Problem
from mock_crm.hubspot.model import ObjectType
from mock_crm.hubspot.pipelines import Pipeline, Pipelines
from mock_crm.hubspot.schema import TypeSchema

ALIASES = "hs_additional_emails"
"""The property of a contact whose addresses name it as `email` does; searches alone do not look there."""

HAS_ALIASES = f"{field_sql(ALIASES)} COLLATE NOCASE > ''"
# Ordered by the bare column, SQLite would read every contact in turn instead of the few in the index.
BY_INDEX = "+seq"
_PRODUCTS = "0-7"
_encode = msgspec.json.Encoder().encode


def index_aliases(store: Store) -> None:
    """Prepare for contacts with additional addresses; as long as this was not called, none has any.

    The index comes with the first of them, since each index costs every write of a contact some microseconds.
    """
    store.declare("0-1", (ALIASES, "email"))


class References:
    """The rules for what values refer to in one account.

    Args:
        store: Where the records are.
        pipelines: What stages there are.
        owner_ids: The ids of owners.
        portal_id: The account's number.
    """

    def __init__(self, store: Store, pipelines: Pipelines, owner_ids: Set[str], portal_id: int) -> None:
        self._store = store
        self._pipelines = pipelines
        self._owner_ids = owner_ids
        self.portal_id = portal_id

    def complete(self, kind: ObjectType, values: dict[str, str], before: Mapping[str, str]) -> None:
        """Refuse owners, pipelines and stages that do not exist; a stage alone brings its pipeline.

        Args:
            kind: The object type.
            values: What is to be set, completed in place.
            before: The record's values until now.

        Raises:
            HubSpotError: Something does not exist; it lists all that does not.
        """
        problems: list[Problem] = []
        owner = values.get("hubspot_owner_id")
        if owner and owner not in self._owner_ids:
            problems.append(errors.invalid_owner("hubspot_owner_id", owner))
        if kind.pipeline and kind.stage != "lifecyclestage":
            problems += self._stage_problems(kind, values, before)
        if problems:
            raise errors.invalid_values(problems, self.portal_id)

    def product(self, product_id: str) -> Mapping[str, str]:
        """The values of a living product; nothing, if there is none of this id."""
        row = self._store.get(_PRODUCTS, product_id)
        return {} if row is None or row.archived else row.document

    def holders(
        self, kind: ObjectType, name: str, values: Iterable[str], *, archived: bool = False
    ) -> dict[str, Row]:
        """The records with these unique values, by value in lower case; see `holder`."""
        if not self._store.is_indexed(kind.id, name):
            return {}
        wanted = list(values)
        if len(wanted) == 1:  # in two thirds of the time
            row = self.holder(kind, name, wanted[0], archived=archived)
            return {} if row is None else {wanted[0].lower(): row}
        # One parameter however many values there are: SQLite takes no more than 32,766 of them.
        parameters = (_encode(wanted).decode(),)
        condition = f"{field_sql(name)} COLLATE NOCASE IN (SELECT value FROM json_each(?))"
        rows = self._store.scan(kind.id, where=condition, parameters=parameters, archived=archived)
        found = {row.document[name].lower(): row for row in rows}
        if self._has_aliases(kind.id, name):
            for row in self._store.scan(kind.id, where=HAS_ALIASES, order=BY_INDEX, archived=archived):
                for address in _addresses(row.document[ALIASES]):
                    found.setdefault(address, row)
        return found

    def holder(self, kind: ObjectType, name: str, value: str, *, archived: bool = False) -> Row | None:
        """The record with this unique value; additional addresses of a contact count as its email."""
        if not self._store.is_indexed(kind.id, name):
            return None
        rows = self._store.lookup(kind.id, name, value, limit=1, archived=archived)
        if not rows and self._has_aliases(kind.id, name):
            listed = f"instr(';' || lower({field_sql(ALIASES)}) || ';', ?)"
            where = f"{HAS_ALIASES} AND {listed}"
            rows = list(
                self._store.scan(
                    kind.id,
                    where=where,
                    parameters=(f";{value.lower()};",),
                    archived=archived,
                    limit=1,
                    order=BY_INDEX,
                )
            )
        return rows[0] if rows else None

    def are_free(self, schema: TypeSchema, name: str, values: Collection[str]) -> bool:
        """Whether values of a property that identifies records differ, and no record has one of them.

        It says no as well where that is not easy to tell: once a contact has additional addresses.
        """
        # The index of a property comes with its first value: without one, no record has any.
        self._store.declare(schema.type.id, (name,))
        if len(set(map(str.lower, values))) < len(values) or self._has_aliases(schema.type.id, name):
            return False
        return not self._store.has_any(schema.type.id, name, values)

    def clashes(
        self, schema: TypeSchema, records: Sequence[tuple[str, Mapping[str, str]]], *, are_new: bool
    ) -> dict[str, HubSpotError]:
        """Which records want a value that another one has, by record id."""
        refused: dict[str, HubSpotError] = {}
        if schema.type.id == "0-1" and any(ALIASES in values for _, values in records):
            index_aliases(self._store)
        for name in schema.unique:
            wanted = {key: values[name] for key, values in records if name in values}
            # Records that are changed often keep their value, which is not free then.
            if not wanted or (are_new and self.are_free(schema, name, wanted.values())):
                continue
            self._store.declare(schema.type.id, (name,))
            rows = self.holders(schema.type, name, wanted.values())
            holders = {value: row.id for value, row in rows.items()}
            if self._has_aliases(schema.type.id, name):
                for key, values in records:
                    for address in _addresses(values.get(ALIASES, "")):
                        holders.setdefault(address, key)
            for record_id, value in wanted.items():
                holder = holders.setdefault(value.lower(), record_id)
                if holder != record_id and record_id not in refused:
                    refused[record_id] = self._clash(schema, name, value, record_id, holder)
        return refused

    def _stage_problems(
        self, kind: ObjectType, values: dict[str, str], before: Mapping[str, str]
    ) -> Iterator[Problem]:
        """What is wrong with the pipeline and the stage; they are filled in only as far as they follow.

        A deal without both keeps both empty, and a stage alone sets its pipeline (recorded).
        """
        pipelines = self._pipelines.of(kind.id)
        stage = values.get(kind.stage, "")
        wanted = values.get(kind.pipeline, "")
        if not pipelines or not (stage or wanted):
            return
        if not wanted:
            own = self._pipelines.find(kind.id, before.get(kind.pipeline, ""))
            known = [own, *pipelines] if own is not None else pipelines
            pipeline = next((p for p in known if p.stage(stage) is not None), None)
            if pipeline is None:
                yield errors.invalid_stage(kind.stage, stage, _stages(pipelines))
            elif pipeline is not own:
                values[kind.pipeline] = pipeline.id
            return
        chosen = self._pipelines.find(kind.id, wanted)
        if chosen is None:
            yield errors.invalid_option(kind.pipeline, wanted, [p.id for p in pipelines])
        elif stage and chosen.stage(stage) is None:
            yield errors.invalid_stage(kind.stage, stage, _stages([chosen]))

    def _has_aliases(self, table: str, name: str) -> bool:
        """Whether a value of this property may be that of a contact's additional addresses."""
        return table == "0-1" and name == "email" and self._store.is_indexed(table, ALIASES)

    def _clash(self, schema: TypeSchema, name: str, value: str, record_id: str, holder: str) -> HubSpotError:
        if schema.type.id == "0-1" and name == "email":
            return errors.already_exists("Contact", holder)
        kind = schema.type
        # The message spells standard types in Java's way (recorded), custom ones by their id.
        type_id = kind.id if kind.is_custom else f"ObjectTypeId{{legacyObjectType={kind.name}}}"
        return errors.value_taken(self.portal_id, type_id, name, value, record_id, holder)


def _stages(pipelines: Iterable[Pipeline]) -> list[str]:
    return [f"pipelineId={p.id} : [{', '.join(stage.id for stage in p.ordered())}]" for p in pipelines]


def _addresses(listed: str) -> list[str]:
    return [address.strip() for address in listed.lower().split(";") if address.strip()]
