"""The whole live path against mock CRMs that are reached over TLS like real hosts."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from ampsandbox.clock import Clock
from ampsandbox.crm.client import CrmClient
from ampsandbox.engine.crm import (
    AnswerLostError,
    CrmRefusedError,
    CrmUnavailableError,
    Exchange,
    Method,
    Record,
    StepAction,
    Verdict,
)
from ampsandbox.manifest.model import Mode, WriteObject

pytestmark = [pytest.mark.anyio, pytest.mark.parametrize("provider", ["salesforce", "hubspot"])]

OBJECTS = {"salesforce": "Contact", "hubspot": "contacts"}
Serve = Callable[..., Any]
Connect = Callable[..., CrmClient]


async def insert(crm: CrmClient, name: str = "Ada") -> Verdict:
    record = Record(None, {"LastName" if crm.provider == "salesforce" else "lastname": name})
    [answer] = await crm.write(OBJECTS[crm.provider], Mode.INSERT, [record], Method.SINGLE)
    return answer.verdict


def names(remote: Any) -> list[str]:
    key = "LastName" if remote.provider == "salesforce" else "lastname"
    return [record[key] for record in remote.org.records(OBJECTS[remote.provider])]


def logins(exchanges: list[Exchange]) -> int:
    return sum(exchange.url.endswith("/token") for exchange in exchanges)


async def test_an_expired_token_is_refreshed_and_the_write_arrives_once(
    provider: str, serve: Serve, connect: Connect, exchanges: list[Exchange]
) -> None:
    remote = await serve(provider)
    crm = connect(remote)
    assert await insert(crm, "One") is Verdict.SUCCEEDED
    remote.org.faults.add({"kind": "expired-token", "method": "POST", "first": 1, "path": "*bjects*"})
    assert await insert(crm, "Two") is Verdict.SUCCEEDED
    assert names(remote) == ["One", "Two"]
    assert logins(exchanges) == 2


async def test_a_token_that_ran_out_is_refreshed(
    provider: str, serve: Serve, connect: Connect, clock: Clock, exchanges: list[Exchange]
) -> None:
    remote = await serve(provider, token_lifetime_s=1800)
    crm = connect(remote)
    await insert(crm)
    clock.set(clock.now() + timedelta(hours=3))
    assert await insert(crm) is Verdict.SUCCEEDED
    assert logins(exchanges) == 2


async def test_a_rate_limit_is_an_outage_that_wrote_nothing(
    provider: str, serve: Serve, connect: Connect
) -> None:
    remote = await serve(provider)
    crm = connect(remote)
    await crm.identify()
    remote.org.faults.add({"kind": "rate-limit", "method": "POST", "first": 1, "retryAfterS": 7})
    with pytest.raises(CrmUnavailableError) as caught:
        await insert(crm)
    assert caught.value.retry_after_s == 7
    assert names(remote) == []
    assert await insert(crm) is Verdict.SUCCEEDED


async def test_an_outage_wrote_nothing(provider: str, serve: Serve, connect: Connect) -> None:
    remote = await serve(provider)
    crm = connect(remote)
    await crm.identify()
    remote.org.faults.add({"kind": "outage", "method": "POST", "first": 1})
    with pytest.raises(CrmUnavailableError):
        await insert(crm)
    assert names(remote) == []


@pytest.mark.parametrize(("kind", "written"), [("drop-before", []), ("drop-after", ["Ada"])])
async def test_a_lost_answer_is_in_doubt_whether_or_not_the_record_was_written(
    provider: str, serve: Serve, connect: Connect, kind: str, written: list[str]
) -> None:
    remote = await serve(provider)
    crm = connect(remote)
    await crm.identify()
    remote.org.faults.add({"kind": kind, "method": "POST", "first": 1})
    with pytest.raises(AnswerLostError):
        await insert(crm)
    assert names(remote) == written


async def test_a_host_that_is_gone_is_an_outage(provider: str, serve: Serve, connect: Connect) -> None:
    remote = await serve(provider)
    crm = connect(remote)
    await crm.identify()
    await remote.listener.stop()
    with pytest.raises(CrmUnavailableError, match="CONNECTION_FAILED"):
        await insert(crm)


async def test_a_host_with_an_unknown_certificate_is_not_spoken_to(
    provider: str, serve: Serve, connect: Connect, tmp_path: Path
) -> None:
    from mock_crm.core.tls import development_authority

    remote = await serve(provider)
    remote.ca = development_authority(tmp_path / "other").certificate_path
    with pytest.raises(CrmUnavailableError, match="CERTIFICATE_VERIFY_FAILED"):
        await insert(connect(remote))


async def test_locked_rows_of_a_collection_are_tried_again(
    provider: str, serve: Serve, connect: Connect
) -> None:
    remote = await serve(provider)
    crm = connect(remote)
    await crm.identify()
    key = "LastName" if provider == "salesforce" else "lastname"
    code = "UNABLE_TO_LOCK_ROW" if provider == "salesforce" else "CONFLICT"
    remote.org.faults.add({"kind": "record-error", "record": 2, "code": code, "message": "busy", "first": 1})
    records = [Record(None, {key: name}) for name in "ABC"]
    answers = await crm.write(OBJECTS[provider], Mode.INSERT, records, Method.COLLECTION)
    second = Verdict.TRY_AGAIN if provider == "salesforce" else Verdict.REFUSED
    assert [a.verdict for a in answers] == [Verdict.SUCCEEDED, second, Verdict.SUCCEEDED]
    assert names(remote) == ["A", "C"]


async def test_wrong_credentials_are_refused_with_a_hint(
    provider: str, serve: Serve, connect: Connect
) -> None:
    remote = await serve(provider, clients={"app": "another-secret"})
    with pytest.raises(CrmRefusedError) as caught:
        await insert(connect(remote))
    assert caught.value.hint


async def test_planning_and_provisioning_twice_creates_once(
    provider: str, serve: Serve, connect: Connect, contact: WriteObject, campaigns: WriteObject
) -> None:
    remote = await serve(provider)
    crm = connect(remote)
    plan = await crm.plan([contact, campaigns])
    assert not plan.problems
    done: list[Any] = []
    await crm.provision([contact, campaigns], done.append)
    assert {(s.action, s.kind, s.name) for s in done} == {(s.action, s.kind, s.name) for s in plan.steps}
    again = await crm.plan([contact, campaigns])
    assert {step.action for step in again.steps} == {StepAction.EXISTS}
    target = await crm.resolve(campaigns)
    record = Record(None, target.translate({"campaign-name": "Spring"}))
    [answer] = await crm.write(target.object_name, Mode.INSERT, [record], Method.SINGLE)
    assert answer.verdict is Verdict.SUCCEEDED
    assert len(remote.org.records(target.object_name)) == 1
