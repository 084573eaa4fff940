"""Pipelines and their stages: those of a new account until someone changes them."""

from __future__ import annotations

import msgspec

from mock_crm.core.store import Store
from mock_crm.hubspot import catalogue

TABLE = "~pipelines"


class Stage(msgspec.Struct, rename="camel"):
    """One stage; moments are epoch milliseconds."""

    id: str
    label: str
    display_order: int
    metadata: dict[str, str]
    created_at: int = 0
    updated_at: int = 0


class Pipeline(msgspec.Struct, rename="camel"):
    """One pipeline of an object type."""

    id: str
    label: str
    display_order: int
    stages: list[Stage]
    created_at: int = 0
    updated_at: int = 0

    def ordered(self) -> list[Stage]:
        """The stages in display order."""
        return sorted(self.stages, key=lambda stage: (stage.display_order, stage.id))

    def stage(self, stage_id: str) -> Stage | None:
        """The stage of this id."""
        return next((stage for stage in self.stages if stage.id == stage_id), None)


class Pipelines:
    """The pipelines of an account, by object type id.

    Args:
        store: Where changed pipelines are kept.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self._plural_names = {facts.id: facts.plural for facts in catalogue.object_types()}
        self._loaded: dict[str, list[Pipeline]] = {}
        self._ordered: dict[str, list[Pipeline]] = {}
        self._metadata: dict[tuple[str, str], dict[str, str]] = {}

    def forget(self) -> None:
        """Read everything anew at the next need."""
        self._loaded.clear()
        self._forget_derived()

    def of(self, type_id: str) -> list[Pipeline]:
        """The pipelines of an object type, in display order."""
        if type_id not in self._ordered:
            self._ordered[type_id] = sorted(self.all(type_id), key=lambda each: each.display_order)
        return self._ordered[type_id]

    def all(self, type_id: str) -> list[Pipeline]:
        """The pipelines of an object type, in the order of their creation."""
        if type_id not in self._loaded:
            self._store.declare(TABLE)
            row = self._store.get(TABLE, type_id)
            if row is not None:
                self._loaded[type_id] = msgspec.convert(row.document["pipelines"], list[Pipeline])
            else:
                self._loaded[type_id] = self._new_account(type_id)
        return self._loaded[type_id]

    def find(self, type_id: str, pipeline_id: str) -> Pipeline | None:
        """The pipeline of this id."""
        return next((each for each in self.all(type_id) if each.id == pipeline_id), None)

    def stage_metadata(self, type_id: str, stage_id: str) -> dict[str, str] | None:
        """The metadata of a stage in any pipeline of the object type."""
        known = self._metadata.get((type_id, stage_id))
        if known is not None:
            return known
        for pipeline in self.of(type_id):
            stage = pipeline.stage(stage_id)
            if stage is not None:
                self._metadata[type_id, stage_id] = stage.metadata
                return stage.metadata
        return None

    def save(self, type_id: str, at: int) -> None:
        """Keep the pipelines of an object type after they were changed in place."""
        self._forget_derived()
        document = {"pipelines": msgspec.to_builtins(self._loaded[type_id])}
        if self._store.get(TABLE, type_id) is None:
            self._store.insert(TABLE, type_id, document, at)
        else:
            self._store.update(TABLE, type_id, document, at)

    def _forget_derived(self) -> None:
        self._ordered.clear()
        self._metadata.clear()

    def _new_account(self, type_id: str) -> list[Pipeline]:
        facts = catalogue.pipelines().get(self._plural_names.get(type_id, ""), ())
        return [
            Pipeline(
                id=pipeline.id,
                label=pipeline.label,
                display_order=order,
                stages=[
                    Stage(stage.id, stage.label, place, dict(stage.metadata))
                    for place, stage in enumerate(pipeline.stages)
                ],
            )
            for order, pipeline in enumerate(facts)
        ]
