"""Log in, plan, provision, write in every way, and remove everything again."""

from __future__ import annotations

import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from urllib.parse import quote

import pytest

from ampsandbox.crm.live import LiveCrm
from ampsandbox.crm.session import ApiRequest, CrmSession
from ampsandbox.engine.crm import Answer, Method, ObjectMapping, Record, StepAction, Verdict
from ampsandbox.manifest.model import CustomField, Mode, ObjectKind, WriteObject

pytestmark = [pytest.mark.anyio, pytest.mark.live]

# Letters only, as the manifest demands, and not in use by anyone else.
NAME = "ampSandboxTest" + "".join(secrets.choice("abcdefghijklmnop") for _ in range(8))
FIELD = CustomField(NAME, "ampsandbox test", "Created by the live tests of ampsandbox; remove it.")
CONTACT = WriteObject("contact", ObjectKind.STANDARD, Mode.INSERT, "contacts", custom_fields=(FIELD,))


@asynccontextmanager
async def provisioned(live: LiveCrm) -> AsyncIterator[ObjectMapping]:
    """A new field on contacts, for as long as it is needed."""
    try:
        await live.provision([CONTACT], lambda step: None)
        yield await live.resolve(CONTACT)
    finally:
        await remove_field(live)


async def remove_field(live: LiveCrm) -> None:
    session: CrmSession = live._crm._session  # type: ignore[attr-defined]
    if live.provider == "hubspot":
        await session.send(ApiRequest("DELETE", f"/crm/v3/properties/contacts/{NAME.lower()}"))
        return
    tooling = "/services/data/v60.0/tooling"
    soql = f"SELECT Id FROM CustomField WHERE DeveloperName = '{NAME}'"
    reply = await session.fetch(ApiRequest("GET", f"{tooling}/query?q={quote(soql)}"))
    for record in reply.json["records"]:
        await session.fetch(ApiRequest("DELETE", f"{tooling}/sobjects/CustomField/{record['Id']}"))


async def test_the_whole_path_and_nothing_left_behind(live: LiveCrm) -> None:
    org = await live.identify()
    assert org.id
    plan = await live.plan([CONTACT])
    assert not plan.problems
    assert StepAction.CREATE in {step.action for step in plan.steps}
    written: list[Answer] = []
    try:
        async with provisioned(live) as target:
            assert NAME.lower() in target.fields
            written += await write_in_every_way(live, target)
            assert {answer.verdict for answer in written} == {Verdict.SUCCEEDED}
            assert StepAction.CREATE not in {step.action for step in (await live.plan([CONTACT])).steps}
            await update(live, target, written[0])
            await refuse(live, target)
    finally:
        if ids := [answer.record_id for answer in written if answer.record_id]:
            await live.delete(live_object(live), ids)


def live_object(live: LiveCrm) -> str:
    return "Contact" if live.provider == "salesforce" else "contacts"


async def write_in_every_way(live: LiveCrm, target: ObjectMapping) -> list[Answer]:
    ways = [Method.SINGLE, Method.COLLECTION] + ([Method.BULK] if live.limits.bulk else [])
    answers: list[Answer] = []
    for way in ways:
        count = 1 if way is Method.SINGLE else 2
        records = [Record(None, target.translate(person(f"{way.value}{n}"))) for n in range(count)]
        answers += await live.write(target.object_name, Mode.INSERT, records, way)
    return answers


def person(name: str) -> dict[str, str]:
    unique = f"{name}-{secrets.token_hex(4)}"
    return {"lastName": unique, "email": f"{unique}@example.com", NAME: "warm"}


async def update(live: LiveCrm, target: ObjectMapping, created: Answer) -> None:
    record = Record(created.record_id, target.translate({NAME: "cold"}))
    [answer] = await live.write(target.object_name, Mode.UPDATE, [record], Method.SINGLE)
    assert answer.verdict is Verdict.SUCCEEDED
    assert created.record_id is not None
    assert created.record_id in await live.record_url(target.object_name, str(created.record_id))


async def refuse(live: LiveCrm, target: ObjectMapping) -> None:
    """What the mocks say of an unknown field must be what the real CRM says."""
    record = Record(None, target.translate({"lastName": "x", "noSuchFieldAnywhere": "1"}))
    [answer] = await live.write(target.object_name, Mode.INSERT, [record], Method.SINGLE)
    assert answer.verdict is Verdict.REFUSED
    assert answer.errors[0].code in ("INVALID_FIELD", "PROPERTY_DOESNT_EXIST")
