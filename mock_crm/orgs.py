"""Opens orgs of either provider, importing only the one that is asked for."""

from __future__ import annotations

from pathlib import Path

from mock_crm.core.clock import Clock, SystemClock
from mock_crm.core.hosts import PROVIDERS
from mock_crm.core.org import Org
from mock_crm.core.settings import OrgSettings


def open_org(
    provider: str,
    *,
    name: str = "demo",
    seed: int | str = 0,
    clock: Clock | None = None,
    path: Path | None = None,
    settings: OrgSettings | None = None,
) -> Org:
    """Open an org, or make it when its file does not exist.

    Args:
        provider: `salesforce` or `hubspot`.
        name: Tells orgs apart; ids and tokens are drawn from it and from the seed.
        seed: See `Org`.
        clock: Whose time it lives in; the wall clock when None.
        path: The database file; None keeps the org in memory.
        settings: How it behaves.

    Raises:
        ValueError: There is no such provider.
        OSError: The file's folder cannot be made.
    """
    if path is not None:
        path.parent.mkdir(parents=True, exist_ok=True)
    arguments = (name, seed, clock or SystemClock(), path, settings or OrgSettings())
    if provider == "salesforce":
        from mock_crm.salesforce.org import SalesforceOrg

        return SalesforceOrg(*arguments)
    if provider == "hubspot":
        from mock_crm.hubspot.org import HubSpotOrg

        return HubSpotOrg(*arguments)
    raise ValueError(f"There is no mock of {provider}; take one of {', '.join(PROVIDERS)}.")
