"""One fresh HubSpot account per test, on a clock that stands still, called in process."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from typing import Any

import httpx
import pytest

from mock_crm.core.clock import ManualClock
from mock_crm.core.settings import OrgSettings
from mock_crm.hubspot.org import HubSpotOrg
from mock_crm.orgs import open_org

Call = Callable[..., Awaitable[httpx.Response]]
Check = Callable[..., None]


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
def settings() -> OrgSettings:
    """How the account behaves; a module overrides this fixture for another one."""
    return OrgSettings(limits=False)


@pytest.fixture
def org(clock: ManualClock, settings: OrgSettings) -> Iterator[HubSpotOrg]:
    opened = open_org("hubspot", seed=7, clock=clock, settings=settings)
    assert isinstance(opened, HubSpotOrg)
    yield opened
    opened.close()


@pytest.fixture
async def http(org: HubSpotOrg) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(app=org.app)
    # HubSpot answers some refusals with a page to clients that do not ask for JSON.
    headers = {"authorization": f"Bearer {org.token}", "accept": "application/json"}
    async with httpx.AsyncClient(transport=transport, base_url="http://mock", headers=headers) as client:
        yield client


@pytest.fixture
def call(http: httpx.AsyncClient) -> Call:
    """Send a request with a JSON body, and return its answer."""

    async def send(method: str, path: str, body: Any = None, **options: Any) -> httpx.Response:
        if body is not None:
            options["json"] = body
        return await http.request(method, path, **options)

    return send


@pytest.fixture
def new(call: Call) -> Callable[..., Awaitable[str]]:
    """Create a record and return its id."""

    async def create(kind: str, **properties: Any) -> str:
        answer = await call("POST", f"/crm/v3/objects/{kind}", {"properties": properties})
        assert answer.status_code == 201, answer.text
        record_id = answer.json()["id"]
        assert isinstance(record_id, str)
        return record_id

    return create


@pytest.fixture
def exact() -> Check:
    """Compare an answer with a refusal letter by letter: status, order of the keys, and body."""

    def check(
        answer: httpx.Response,
        status: int,
        message: str,
        category: str = "",
        *,
        word: str = "error",
        error_type: str = "",
        **members: Any,
    ) -> None:
        correlation = answer.headers["x-hubspot-correlation-id"]
        expected: dict[str, Any] = {"status": word, "message": message}
        if error_type:
            expected["errorType"] = error_type
        expected |= {"correlationId": correlation} | members
        if category:
            expected["category"] = category
        assert answer.status_code == status, answer.text
        assert answer.headers["content-type"] == "application/json;charset=utf-8"
        assert answer.text == compact(expected)

    return check


@pytest.fixture
def exact_207() -> Check:
    """Compare an answer with that to a batch of which nothing succeeded, letter by letter."""

    def check(answer: httpx.Response, *refused: dict[str, Any]) -> None:
        body = answer.json()
        moments = {name: body[name] for name in ("completedAt", "startedAt")}
        expected = {
            "completedAt": moments["completedAt"],
            "status": "COMPLETE",
            "startedAt": moments["startedAt"],
            "results": [],
            "errors": list(refused),
            "numErrors": len(refused),
        }
        assert answer.status_code == 207, answer.text
        assert answer.text == compact(expected)

    return check


def compact(body: Any) -> str:
    """JSON as HubSpot writes it, without spaces."""
    return json.dumps(body, separators=(",", ":"), ensure_ascii=False)
