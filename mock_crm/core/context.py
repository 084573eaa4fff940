"""What the parts of one org of either provider have in common."""

from __future__ import annotations

from pathlib import Path

from mock_crm.core.clock import Clock
from mock_crm.core.faults import Faults
from mock_crm.core.quota import Quota
from mock_crm.core.settings import OrgSettings
from mock_crm.core.store import Store


class OrgContext:
    """The parts of one org, which endpoints are called with; a provider adds its own.

    Args:
        name: Tells orgs apart; part of what ids and tokens are drawn from.
        random_seed: What ids and tokens are drawn from; the same seed and inputs give the same org.
        clock: Whose time the org lives in.
        path: The database file; None keeps the org in memory.
        settings: How it behaves.
        quota: What counted requests are counted in; nothing when None.
    """

    def __init__(
        self,
        name: str,
        random_seed: int | str,
        clock: Clock,
        path: Path | None,
        settings: OrgSettings,
        quota: Quota | None = None,
    ) -> None:
        self.name = name
        self.random_seed = random_seed
        self.clock = clock
        self.settings = settings
        self.store = Store(path, keep_history=settings.keep_history)
        self.faults = Faults(clock, random_seed)
        self.quota = quota or Quota(())
        self.quota.load(self.store.meta("quota", {}))

    def reload(self) -> None:
        """Read again what is derived from the store, which has been replaced."""
        self.quota.clear()
        self.quota.load(self.store.meta("quota", {}))
