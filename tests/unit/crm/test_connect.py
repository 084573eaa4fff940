"""Mock orgs of installations: one each, kept in the state directory, spoken to over HTTP like real ones."""

from __future__ import annotations

import subprocess
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from ampsandbox.clock import Clock
from ampsandbox.crm.connect import Connections
from ampsandbox.engine.crm import (
    AnswerLostError,
    Crm,
    CrmUnavailableError,
    Exchange,
    Method,
    Record,
    StepAction,
    Verdict,
)
from ampsandbox.engine.model import Installation, InstallationState
from ampsandbox.errors import StateError
from ampsandbox.manifest.model import Mode, WriteObject

pytestmark = pytest.mark.anyio

OBJECTS = {"salesforce": ("Contact", "LastName"), "hubspot": ("contacts", "lastname")}
both = pytest.mark.parametrize("provider", list(OBJECTS))


def installation(clock: Clock, provider: str, number: int = 1) -> Installation:
    state = InstallationState.PROVISIONING
    return Installation(f"i{number}", "write", f"group{number}", provider, "mock", clock.now(), state)


async def insert(crm: Crm, *names: str, method: Method = Method.COLLECTION) -> list[Verdict]:
    object_name, field = OBJECTS[crm.provider]
    records = [Record(None, {field: name}) for name in names]
    return [answer.verdict for answer in await crm.write(object_name, Mode.INSERT, records, method)]


def names(connections: Connections, provider: str, number: int = 1) -> list[Any]:
    object_name, field = OBJECTS[provider]
    org = connections.org(f"i{number}")
    assert org is not None
    return [record[field] for record in org.records(object_name)]


@both
async def test_each_installation_has_an_org_of_its_own(provider: str, clock: Clock) -> None:
    connections = Connections(clock, 0)
    first = connections.connect(installation(clock, provider, 1), lambda exchange: None)
    connections.connect(installation(clock, provider, 2), lambda exchange: None)
    assert await insert(first, "Ada") == [Verdict.SUCCEEDED]
    assert names(connections, provider, 1) == ["Ada"]
    assert names(connections, provider, 2) == []
    assert connections.org("i3") is None
    await connections.aclose()


@both
async def test_an_org_is_found_again_in_the_state_directory(
    provider: str, clock: Clock, tmp_path: Path, contact: WriteObject
) -> None:
    connections = Connections(clock, 0, tmp_path)
    crm = connections.connect(installation(clock, provider), lambda exchange: None)
    await crm.provision([contact], lambda step: None)
    await insert(crm, "Ada")
    await connections.aclose()
    again = Connections(clock, 0, tmp_path)
    crm = again.connect(installation(clock, provider), lambda exchange: None)
    assert names(again, provider) == ["Ada"]
    assert {step.action for step in (await crm.plan([contact])).steps} == {StepAction.EXISTS}
    await again.aclose()


@both
async def test_a_reset_forgets_records_and_what_was_provisioned(
    provider: str, clock: Clock, contact: WriteObject
) -> None:
    connections = Connections(clock, 0)
    crm = connections.connect(installation(clock, provider), lambda exchange: None)
    await crm.provision([contact], lambda step: None)
    target = await crm.resolve(contact)
    await insert(crm, "Ada")
    connections.replace(connections.baselines())
    assert names(connections, provider) == []
    plan = await crm.plan([contact])
    assert StepAction.CREATE in {step.action for step in plan.steps}
    await crm.provision([contact], lambda step: None)
    assert await crm.resolve(contact) == target
    await connections.aclose()


@both
async def test_the_same_seed_gives_the_same_exchanges(
    provider: str, clock: Clock, contact: WriteObject
) -> None:
    async def session() -> list[Exchange]:
        seen: list[Exchange] = []
        connections = Connections(clock, "seed")
        crm = connections.connect(
            installation(clock, provider), lambda each: seen.append(replace(each.shown(), span=(0.0, 0.0)))
        )
        await crm.provision([contact], lambda step: None)
        await insert(crm, "Ada", "Grace")
        await connections.aclose()
        return seen

    assert await session() == await session()


@both
@pytest.mark.parametrize("kind", ["drop-before", "drop-after"])
async def test_a_connection_that_breaks_in_process_is_a_lost_answer(
    provider: str, clock: Clock, kind: str
) -> None:
    connections = Connections(clock, 0)
    crm = connections.connect(installation(clock, provider), lambda exchange: None)
    org = connections.org("i1")
    assert org is not None
    org.faults.add({"kind": kind, "method": "POST", "first": 1})
    with pytest.raises(AnswerLostError):
        await insert(crm, "Ada")
    assert names(connections, provider) == (["Ada"] if kind == "drop-after" else [])
    await connections.aclose()


@both
async def test_an_answer_slower_than_the_timeout_is_lost_on_the_clock(provider: str, clock: Clock) -> None:
    connections = Connections(clock, 0)
    crm = connections.connect(installation(clock, provider), lambda exchange: None)
    org = connections.org("i1")
    assert org is not None
    org.faults.add({"kind": "latency", "method": "POST", "seconds": 600})
    task = clock.spawn(insert(crm, "Ada"))
    await clock.advance(clock.now() + timedelta(seconds=119))
    assert not task.done()
    await clock.advance(clock.now() + timedelta(seconds=2))
    with pytest.raises(AnswerLostError):
        await task
    await connections.aclose()


async def test_a_bulk_job_runs_on_the_clock(clock: Clock) -> None:
    connections = Connections(clock, 0)
    crm = connections.connect(installation(clock, "salesforce"), lambda exchange: None)
    task = clock.spawn(insert(crm, *(f"n{n}" for n in range(300)), method=Method.BULK))
    await clock.advance(clock.now() + timedelta(minutes=5))
    assert task.done()
    assert set(task.result()) == {Verdict.SUCCEEDED}
    assert len(names(connections, "salesforce")) == 300
    await connections.aclose()


async def test_the_quota_of_the_mock_is_an_outage(clock: Clock) -> None:
    from mock_crm.core.settings import OrgSettings

    connections = Connections(clock, 0, org_settings=OrgSettings(daily_requests=2))
    crm = connections.connect(installation(clock, "salesforce"), lambda exchange: None)
    assert await insert(crm, "A") == await insert(crm, "B") == [Verdict.SUCCEEDED]
    with pytest.raises(CrmUnavailableError, match="REQUEST_LIMIT_EXCEEDED"):
        await insert(crm, "C")
    await connections.aclose()


async def test_a_state_directory_that_cannot_be_written_is_named(clock: Clock, tmp_path: Path) -> None:
    (tmp_path / "orgs").write_text("in the way")
    connections = Connections(clock, 0, tmp_path)
    with pytest.raises(StateError, match="cannot be kept"):
        connections.connect(installation(clock, "salesforce"), lambda exchange: None)


def test_importing_the_clients_stays_light() -> None:
    code = (
        "import sys, ampsandbox.settings, ampsandbox.crm.connect, ampsandbox.cli.plan;"
        "heavy = {'pydantic', 'yaml', 'jwt', 'cryptography', 'keyring', 'starlette', 'textual', 'mock_crm'};"
        "print(sorted(heavy & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert done.stdout.strip() == "[]"


@both
async def test_a_damaged_file_of_an_org_is_named(provider: str, clock: Clock, tmp_path: Path) -> None:
    (tmp_path / "orgs").mkdir()
    (tmp_path / "orgs" / "i1.sqlite").write_bytes(b"no database" * 100)
    with pytest.raises(StateError, match=r"i1\.sqlite"):
        Connections(clock, 0, tmp_path).connect(installation(clock, provider), lambda exchange: None)


@both
async def test_a_stop_on_a_full_disk_is_a_stop(provider: str, clock: Clock, tmp_path: Path) -> None:
    connections = Connections(clock, 0, tmp_path)
    crm = connections.connect(installation(clock, provider), lambda exchange: None)
    assert await insert(crm, "Ada") == [Verdict.SUCCEEDED]
    org = connections.org("i1")
    assert org is not None
    org.store.next_number("pending")
    org.store._connection.execute("PRAGMA query_only = ON")
    await connections.aclose()
    crm = connections.connect(installation(clock, provider), lambda exchange: None)
    assert names(connections, provider) == ["Ada"]
    await connections.aclose()
