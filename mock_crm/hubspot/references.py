"""What a record's values refer to: owners, pipelines, stages, and other records that hold a unique value."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from typing import Any

import msgspec

from mock_crm.core.store import Store, field_sql
from mock_crm.hubspot import errors
from mock_crm.hubspot.errors import HubSpotError, Problem
from mock_crm.hubspot.model import ObjectType
from mock_crm.hubspot.pipelines import Pipelines
from mock_crm.hubspot.schema import TypeSchema

_encode = msgspec.json.Encoder().encode


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
        self._portal_id = portal_id

    def complete(self, kind: ObjectType, values: dict[str, Any], before: Mapping[str, str]) -> None:
        """Refuse owners, pipelines and stages that do not exist; a new record gets the first pipeline.

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
            raise errors.invalid_values(problems)

    def clashes(
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

    def _stage_problems(
        self, kind: ObjectType, values: dict[str, Any], before: Mapping[str, str]
    ) -> Iterator[Problem]:
        pipelines = self._pipelines.of(kind.id)
        if not pipelines:
            return
        wanted = values.get(kind.pipeline) or before.get(kind.pipeline)
        if wanted is None:
            wanted = values[kind.pipeline] = pipelines[0].id
        pipeline = self._pipelines.find(kind.id, wanted)
        if pipeline is None:
            yield errors.invalid_option(kind.pipeline, wanted, [p.id for p in pipelines])
            return
        stage = values.get(kind.stage)
        if stage is not None and pipeline.stage(stage) is None:
            yield errors.invalid_option(kind.stage, stage, [s.id for s in pipeline.living()])

    def _holders(self, table: str, name: str, wanted: Iterable[str]) -> dict[str, str]:
        # One parameter however many values there are: SQLite takes no more than 32,766 of them.
        condition = f"{field_sql(name)} COLLATE NOCASE IN (SELECT value FROM json_each(?))"
        rows = self._store.scan(table, where=condition, parameters=(_encode(list(wanted)).decode(),))
        return {row.document[name].lower(): row.id for row in rows}

    def _clash(self, schema: TypeSchema, name: str, value: str, record_id: str, holder: str) -> HubSpotError:
        if schema.type.id == "0-1" and name == "email":
            return errors.already_exists("Contact", holder)
        return errors.value_taken(self._portal_id, schema.type.id, name, value, record_id, holder)
