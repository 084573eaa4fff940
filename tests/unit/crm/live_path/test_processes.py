"""Against a mock CRM in a process of its own: log in, look, plan, provision, write, link, delete."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from ampsandbox.crm.client import CrmClient
from ampsandbox.engine.crm import Exchange, Method, Record, Verdict
from ampsandbox.errors import LiveRefusedError
from ampsandbox.manifest.model import Mode, WriteObject

pytestmark = [pytest.mark.anyio, pytest.mark.slow]


async def test_a_standard_account_is_refused_and_nothing_is_written(
    serve: Callable[..., Any], connect: Callable[..., CrmClient]
) -> None:
    remote = await serve("hubspot", edition="enterprise")
    crm = connect(remote)
    assert (await crm.identify()).type == "STANDARD"
    with pytest.raises(LiveRefusedError):
        await crm.write("contacts", Mode.INSERT, [Record(None, {"lastname": "Ada"})], Method.SINGLE)
    assert remote.org.count("contacts") == 0


async def test_the_whole_live_path(
    process: Any,
    connect: Callable[..., CrmClient],
    contact: WriteObject,
    campaigns: WriteObject,
    exchanges: list[Exchange],
    secrets: dict[str, str],
) -> None:
    crm = connect(process)
    org = await crm.identify()
    assert not org.is_production
    assert org.remaining_requests
    assert not (await crm.plan([contact, campaigns])).problems
    await crm.provision([contact, campaigns], lambda step: None)

    target = await crm.resolve(contact)
    values = [{"lastName": name, "warmthScore": "hot"} for name in ("Ada", "Grace", "Edith")]
    records = [Record(None, target.translate(item)) for item in values]
    answers = await crm.write(target.object_name, Mode.INSERT, records, Method.COLLECTION)
    assert {a.verdict for a in answers} == {Verdict.SUCCEEDED}

    changed = Record(answers[0].record_id, target.translate({"warmthScore": "cold"}))
    [answer] = await crm.write(target.object_name, Mode.UPDATE, [changed], Method.SINGLE)
    assert answer.verdict is Verdict.SUCCEEDED
    if crm.limits.bulk:
        bulk = await crm.write(target.object_name, Mode.INSERT, records, Method.BULK)
        assert {a.verdict for a in bulk} == {Verdict.SUCCEEDED}

    record_id = str(answers[0].record_id)
    assert record_id in await crm.record_url(target.object_name, record_id)
    for _ in range(2):
        [gone] = await crm.delete(target.object_name, [record_id])
        assert gone.verdict is Verdict.SUCCEEDED
    [answer] = await crm.write(target.object_name, Mode.UPDATE, [changed], Method.SINGLE)
    assert answer.verdict is Verdict.REFUSED
    shown = repr(exchanges)
    assert not [name for name, secret in secrets.items() if secret in shown]
