"""The in-process way to a mock commits what one pass of the loop did at once, before it counts."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from ampsandbox.clock import Clock
from ampsandbox.crm.http import HttpRequest, HttpResponse
from ampsandbox.crm.in_process import InProcessSender
from ampsandbox.engine.crm import CrmUnavailableError
from mock_crm.core.clock import ManualClock
from mock_crm.core.faults import Rule
from mock_crm.core.org import Org
from mock_crm.orgs import open_org

pytestmark = pytest.mark.anyio


@pytest.fixture
def org(tmp_path: Path) -> Iterator[Org]:
    opened = open_org("salesforce", path=tmp_path / "org.db", clock=ManualClock())
    yield opened
    opened.close()


@pytest.fixture
def sender(org: Org, clock: Clock) -> InProcessSender:
    return InProcessSender(org.app, clock, org)


def create(org: Org, name: str | None) -> HttpRequest:
    headers = (("Authorization", f"Bearer {org.token}"), ("Content-Type", "application/json"))
    url = "https://mock.example/services/data/v60.0/sobjects/Contact"
    return HttpRequest("POST", url, headers, msgspec.json.encode({"LastName": name}), records=1)


async def send(sender: InProcessSender, request: HttpRequest) -> HttpResponse:
    return await sender.prepare(request).send()


def commits(org: Org) -> list[str]:
    """Grows with each commit of the org."""
    seen: list[str] = []
    org.store._database.set_trace_callback(lambda asked: seen.append(asked) if asked == "COMMIT" else None)
    return seen


async def test_requests_of_one_pass_share_a_commit(org: Org, sender: InProcessSender) -> None:
    seen = commits(org)
    answers = await asyncio.gather(*(send(sender, create(org, name)) for name in ("Ann", None, "Bob")))
    assert [each.status for each in answers] == [201, 400, 201]
    assert len(seen) == 1
    assert [each["LastName"] for each in org.records("Contact")] == ["Ann", "Bob"]


async def test_an_answer_is_durable_once_it_is_made_so(org: Org, sender: InProcessSender) -> None:
    seen = commits(org)
    await send(sender, create(org, "Ann"))
    make_durable = sender.make_durable
    assert (seen, make_durable is None) == ([], False)
    assert make_durable is not None
    make_durable()
    make_durable()
    assert len(seen) == 1


async def test_a_group_ends_with_its_pass_though_nobody_asks(org: Org, sender: InProcessSender) -> None:
    seen = commits(org)
    await send(sender, create(org, "Ann"))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    assert len(seen) == 1


async def test_what_could_not_be_committed_did_not_happen(org: Org, sender: InProcessSender) -> None:
    database = org.store._database
    database.execute("PRAGMA foreign_keys = ON")
    database.execute("CREATE TABLE a (id INTEGER PRIMARY KEY)")
    database.execute("CREATE TABLE b (a REFERENCES a DEFERRABLE INITIALLY DEFERRED)")
    org.store.in_group(lambda: database.execute("INSERT INTO b VALUES (1)"))
    assert (await send(sender, create(org, "Ann"))).status == 201
    lost = sender.make_durable
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    assert (await send(sender, create(org, "Bob"))).status == 201
    assert (lost is not None, sender.make_durable is not None) == (True, True)
    if lost is not None and sender.make_durable is not None:
        sender.make_durable()
        with pytest.raises(CrmUnavailableError, match="could not keep"):
            lost()
    assert [each["LastName"] for each in org.records("Contact")] == ["Bob"]


async def test_what_goes_by_itself_depends_on_no_group(org: Org, sender: InProcessSender) -> None:
    await send(sender, create(org, "Ann"))
    first = sender.make_durable
    alone = msgspec.structs.replace(create(org, "Bob"), records=2)
    assert (await send(sender, alone)).status == 201
    assert sender.make_durable is None
    await send(sender, create(org, "Cy"))
    assert (first is None, sender.make_durable is None) == (False, False)


async def test_a_request_that_a_fault_delays_holds_nobody_up(org: Org, sender: InProcessSender) -> None:
    org.faults.add(Rule(kind="latency", seconds=5, nth=1))
    slow = asyncio.ensure_future(send(sender, create(org, "Ann")))
    await asyncio.sleep(0)
    assert (await send(sender, create(org, "Bob"))).status == 201
    assert not slow.done()
    assert isinstance(org.clock, ManualClock)
    org.clock.advance(5)
    assert (await slow).status == 201
    assert [each["LastName"] for each in org.records("Contact")] == ["Bob", "Ann"]
