"""An org, and clients of both Bulk APIs."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import httpx
import pytest

from mock_crm.core.clock import ManualClock
from mock_crm.core.settings import OrgSettings
from mock_crm.salesforce.org import SalesforceOrg


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(datetime(2026, 5, 20, 12, tzinfo=UTC))


@pytest.fixture
def settings() -> OrgSettings:
    """Overridden by tests that need another org."""
    return OrgSettings(permissions="open")


@pytest.fixture
def org(clock: ManualClock, settings: OrgSettings) -> Iterator[SalesforceOrg]:
    org = SalesforceOrg("bulk", 7, clock, None, settings)
    yield org
    org.close()


@pytest.fixture
def client(org: SalesforceOrg) -> httpx.AsyncClient:
    """Speaks to Bulk API 2.0."""
    return httpx.AsyncClient(
        transport=httpx.ASGITransport(org.app),
        base_url="http://mock/services/data/v60.0/jobs",
        headers={"authorization": f"Bearer {org.token}"},
    )


@pytest.fixture
def classic(org: SalesforceOrg) -> httpx.AsyncClient:
    """Speaks to Bulk API 1.0, which knows its session by a header of its own."""
    return httpx.AsyncClient(
        transport=httpx.ASGITransport(org.app),
        base_url="http://mock/services/async/60.0",
        headers={"X-SFDC-Session": org.token},
    )
