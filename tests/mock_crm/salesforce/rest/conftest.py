"""An org in memory and a client that asks it over ASGI, without a network."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Any

import httpx
import pytest

from mock_crm.core.clock import ManualClock
from mock_crm.core.settings import OrgSettings
from mock_crm.orgs import open_org
from mock_crm.salesforce.org import SalesforceOrg

BASE = "/services/data/v60.0"

Ask = Callable[..., Coroutine[Any, Any, httpx.Response]]


@pytest.fixture
def settings() -> OrgSettings:
    """Overridden by tests that need another org."""
    return OrgSettings()


@pytest.fixture
def org(settings: OrgSettings) -> Any:
    found = open_org("salesforce", seed=1, clock=ManualClock(), settings=settings)
    yield found
    found.close()


@pytest.fixture
def ask(org: SalesforceOrg) -> Ask:
    """Ask the org; a path that begins with a letter lies below `/services/data/v60.0`."""

    async def asked(method: str, path: str, json: Any = None, **options: Any) -> httpx.Response:
        headers = {"authorization": f"Bearer {org.token}", **options.pop("headers", {})}
        url = path if path.startswith("/") else f"{BASE}/{path}"
        transport = httpx.ASGITransport(org.app)
        async with httpx.AsyncClient(transport=transport, base_url="http://sf.test") as client:
            return await client.request(method, url, json=json, headers=headers, **options)

    return asked


@pytest.fixture
def custom_field(org: SalesforceOrg) -> Callable[..., None]:
    """Add a custom field to an object of the org, seen by everyone."""
    from mock_crm.salesforce.model import Field

    def add(object_name: str, name: str, type_: str = "string", **facts: Any) -> None:
        length = {"length": 80} if type_ == "string" else {}
        field = Field(
            name=name,
            label=name.removesuffix("__c").replace("_", " "),
            type=type_,
            custom=True,
            is_required_always=True,
            **{**length, **facts},
        )
        org.context.schema.put_fields(object_name, [field])

    return add
