"""What the rules of records look at: the schema, the stored records, the users and the time of one org."""

from __future__ import annotations

import msgspec

from mock_crm.core.clock import Clock, epoch_ms
from mock_crm.core.settings import OrgSettings
from mock_crm.core.store import Store
from mock_crm.salesforce.identity import Identity
from mock_crm.salesforce.ids import IdFactory
from mock_crm.salesforce.rules import Rules
from mock_crm.salesforce.schema import Schema


class OrgState(msgspec.Struct):
    """One org without its endpoints.

    Attributes:
        store: Its records.
        clock: Its time.
        settings: How it behaves.
        ids: Gives out record ids.
        identity: The organization, its API user and its other first records.
        schema: Its objects and fields.
        rules: Validation rules, duplicate rules and formulas.
    """

    store: Store
    clock: Clock
    settings: OrgSettings
    ids: IdFactory
    identity: Identity
    schema: Schema
    rules: Rules

    def now_ms(self) -> int:
        """The clock in epoch milliseconds, cut to whole seconds as Salesforce keeps system times."""
        return whole_second_ms(self.clock)


def whole_second_ms(clock: Clock) -> int:
    """The present moment in epoch milliseconds, cut to the whole second."""
    return epoch_ms(clock.now()) // 1000 * 1000
