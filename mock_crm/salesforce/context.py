"""One Salesforce org as its endpoints see it: the parts, each made of those before it."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Any

from mock_crm.core.clock import Clock
from mock_crm.core.context import OrgContext
from mock_crm.core.settings import OrgSettings
from mock_crm.salesforce.dml import Dml
from mock_crm.salesforce.editions import edition
from mock_crm.salesforce.identity import Identity, bootstrap
from mock_crm.salesforce.ids import IdFactory
from mock_crm.salesforce.limits import quota
from mock_crm.salesforce.permissions import permitted_fields
from mock_crm.salesforce.records import Records
from mock_crm.salesforce.rules import Rules
from mock_crm.salesforce.schema import Schema
from mock_crm.salesforce.sessions import Sessions
from mock_crm.salesforce.state import OrgState, whole_second_ms


class SalesforceContext(OrgContext):
    """A Salesforce org; see `OrgContext` for its arguments.

    Attributes:
        edition: Its edition as `Organization.OrganizationType` names it.
        ids: Gives out record ids.
        schema: Its objects and fields.
        rules: Validation rules, duplicate rules and formulas.
        reader: Makes whole records of stored rows.
        dml: The way to write records.
        sessions: Access tokens and what was handed out for signing in.
        caches: Answers that were worked out once; forgotten with the schema.
        recent: Ids of the records used last, oldest first.
    """

    def __init__(
        self, name: str, random_seed: int | str, clock: Clock, path: Path | None, settings: OrgSettings
    ) -> None:
        super().__init__(name, random_seed, clock, path, settings, quota(settings, clock))
        self.edition = edition(settings.edition).name
        self.ids = IdFactory(self.store, random_seed, name)
        is_new = not self.store.tables()
        identity = self._bootstrap()
        permissions = partial(permitted_fields, self.store, settings, identity.user_id)
        self.schema = Schema(
            self.store,
            permissions,
            self.now_ms,
            has_address_codes=settings.state_and_country_picklists,
        )
        self.rules = Rules(self.store, self.schema, clock)
        self._state = OrgState(self.store, clock, settings, self.ids, identity, self.schema, self.rules)
        self.reader = Records(self._state)
        self.dml = Dml(self._state)
        self.sessions = Sessions(self.store, clock, settings, identity.org_id, (random_seed, name))
        self.caches: dict[Any, Any] = {}
        self.recent: dict[str, None] = {}
        if is_new:
            self.store.mark_baseline()

    @property
    def identity(self) -> Identity:
        """The organization, its API user and its other first records."""
        return self._state.identity

    def now_ms(self) -> int:
        """The clock in epoch milliseconds, cut to whole seconds as Salesforce keeps system times."""
        return whole_second_ms(self.clock)

    def reload(self) -> None:
        """Read quota, schema, rules, sessions and identity again from the store, which was replaced."""
        super().reload()
        self._state.identity = self._bootstrap()
        self.caches.clear()
        self.recent.clear()
        self.schema.reload()
        self.rules.reload()
        self.sessions.reload()

    def _bootstrap(self) -> Identity:
        # An org without a type is a sandbox, which going live does not refuse.
        is_sandbox = self.settings.edition.lower() in ("", "sandbox")
        return bootstrap(self.store, self.ids, self.name, self.edition, self.now_ms(), is_sandbox=is_sandbox)
