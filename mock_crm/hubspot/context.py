"""One HubSpot account as its endpoints see it: the parts, each made of those before it."""

from __future__ import annotations

import random
from collections.abc import Sequence
from datetime import tzinfo
from functools import lru_cache
from pathlib import Path

from mock_crm.core.clock import Clock, epoch_ms
from mock_crm.core.context import OrgContext
from mock_crm.core.ids import stable_int
from mock_crm.core.settings import OrgSettings
from mock_crm.hubspot import text_matching
from mock_crm.hubspot.association_types import AssociationTypes
from mock_crm.hubspot.associations import Associations
from mock_crm.hubspot.derivation import Derivation
from mock_crm.hubspot.editions import edition_of
from mock_crm.hubspot.limits import quota
from mock_crm.hubspot.lists import Lists
from mock_crm.hubspot.owners import owners_of
from mock_crm.hubspot.pipelines import Pipelines
from mock_crm.hubspot.portal import time_zone
from mock_crm.hubspot.records import Records
from mock_crm.hubspot.references import References
from mock_crm.hubspot.schema import Schema, TypeSchema
from mock_crm.hubspot.timestamps import iso_short
from mock_crm.hubspot.tokens import Tokens


class HubSpotContext(OrgContext):
    """A HubSpot account; see `OrgContext` for its arguments.

    Attributes:
        edition: Its limits.
        portal_id: Its number.
        app_id: The number of the app through which everything is written.
        time_zone: In which its days begin.
        owners: The users that records can belong to.
        schema: Object types and their properties.
        association_types: The kinds of links between them.
        associations: The links between records.
        pipelines: Pipelines and their stages.
        lists: Lists (segments) and their members.
        tokens: Access tokens, and what they were made from.
        records: The way to write records.
    """

    def __init__(
        self, name: str, random_seed: int | str, clock: Clock, path: Path | None, settings: OrgSettings
    ) -> None:
        self.edition = edition_of(settings.edition)
        self.time_zone: tzinfo = time_zone()
        super().__init__(name, random_seed, clock, path, settings, quota(settings, clock))
        self._seed = seed = f"{random_seed}/{name}"
        self._correlations = random.Random(stable_int(seed, "correlations"))
        self.portal_id = 10_000_000 + stable_int(seed, "portal", bits=25)
        self.app_id = str(10_000_000 + stable_int(seed, "app", bits=23))
        self.owners = owners_of(seed)
        self.schema = Schema(self.store, self.portal_id)
        self.association_types = AssociationTypes(self.store)
        self.associations = Associations(self.store, self.association_types, self.schema)
        self.pipelines = Pipelines(self.store)
        self.lists = Lists(self.store)
        self.tokens = Tokens(self.store, clock, settings, seed)
        self._users = {owner.id: str(owner.user_id) for owner in self.owners}
        references = References(self.store, self.pipelines, self._users.keys(), self.portal_id)
        self.records = Records(self.store, self.associations, references, self.derivation, self._next_ids)
        text_matching.add_to(self.store)
        self.store.mark_baseline()

    def now_ms(self) -> int:
        """The present time in epoch milliseconds."""
        return epoch_ms(self.clock.now())

    def correlation_id(self) -> str:
        """A new UUID of version 7, which names one answer."""
        now = self.now_ms() & 0xFFFFFFFFFFFF
        drawn = self._correlations.getrandbits(74)
        high, low = drawn >> 62, drawn & 0x3FFFFFFFFFFFFFFF
        number = (now << 80) | (0x7 << 76) | (high << 64) | (0x2 << 62) | low
        text = f"{number:032x}"
        return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"

    def archive_records(self, schema: TypeSchema, ids: Sequence[str]) -> None:
        """Move living records to the recycle bin; their links go."""
        with self.store.transaction():
            living = [row.id for row in self.store.get_many(schema.type.id, ids).values() if not row.archived]
            self.store.archive(schema.type.id, living, self.now_ms())
            for record_id in living:
                self.associations.remove_all(schema.type.id, record_id)

    def reload(self) -> None:
        """Read quota, schema, pipelines and tokens again from the store, which was replaced."""
        super().reload()
        self.schema.forget()
        self.association_types.forget()
        self.pipelines.forget()
        self.tokens.forget()
        self.associations.prepare()
        self.lists.prepare()

    def derivation(self) -> Derivation:
        """What HubSpot fills in by itself at the present time depends on."""
        now = self.now_ms()
        return Derivation(now, iso_short(now), self.app_id, self.pipelines.stage_metadata, self._users)

    def _next_ids(self, type_id: str, count: int) -> range:
        if not count:
            return range(0)
        first = _first_id(self._seed, type_id) + self.store.next_number(f"records {type_id}", count)
        return range(first, first + count)


@lru_cache(1024)
def _first_id(seed: str, type_id: str) -> int:
    """What the ids of an account's records of a type count up from."""
    return 100_000_000_000 + stable_int(seed, "records", type_id, bits=36)
