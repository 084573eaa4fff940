"""Real CRMs, for those who have credentials for one; see the README's chapter on going live.

`AMPSANDBOX_LIVE_SALESFORCE=client-credentials AMPSANDBOX_SALESFORCE_CLIENT_ID=… scripts/test tests/live`
"""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from ampsandbox.clock import Clock
from ampsandbox.crm.connect import Connections
from ampsandbox.crm.live import LiveCrm
from ampsandbox.engine.model import Installation, InstallationState
from ampsandbox.settings import load_settings


@pytest.fixture
def loopback_only() -> None:
    """These tests are the only ones that leave the machine."""


@pytest.fixture(params=["salesforce", "hubspot"])
async def live(request: pytest.FixtureRequest) -> AsyncIterator[LiveCrm]:
    """A connection to the real org that the environment names, which must not be a production org."""
    provider: str = request.param
    found = [item for item in load_settings(None).connections if item.provider == provider]
    if not found:
        pytest.skip(f"AMPSANDBOX_LIVE_{provider.upper()} is not set.")
    clock = Clock()
    connections = Connections(clock, 0, live=found)
    state = InstallationState.INSTALLED
    installation = Installation("live", "live", "live", provider, "live", clock.now(), state)
    client = connections.connect(installation, lambda exchange: None)
    assert isinstance(client, LiveCrm)
    org = await client.identify()
    if org.is_production:
        await connections.aclose()
        pytest.fail(f"“{org.name}” ({org.type}) is a production org: these tests never run there.")
    yield client
    await connections.aclose()
