"""Batches that came as one request, auto-batches and deletes: what reaches the CRM, and what survives."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from ampsandbox.engine.crm import Method
from ampsandbox.engine.model import BatchState, FlushReason, OperationState
from ampsandbox.engine.write_command import BatchCommand, BatchRecord, WriteCommand
from ampsandbox.engine.write_options import WriteOptions
from ampsandbox.manifest.model import Mode

if TYPE_CHECKING:
    from tests.unit.engine.conftest import Desk

Open = Callable[..., Awaitable["Desk"]]

pytestmark = pytest.mark.anyio

WHOLE = WriteOptions(is_whole=True)


def _target(desk: Desk, endpoint: str) -> tuple[Any, Any]:
    assert desk.sandbox.manifest is not None
    return desk.sandbox.manifest.endpoints()[endpoint]


async def send(
    desk: Desk, *names: str, endpoint: str = "insert-account", options: WriteOptions = WHOLE
) -> str:
    integration, item = _target(desk, endpoint)
    records = [BatchRecord({"name": name}) for name in names]
    return await desk.sandbox.submit_batch(
        BatchCommand(integration, item, Mode.INSERT, "acme", records, options)
    )


async def auto(desk: Desk, name: str, delay_s: float = 600.0, retry_s: float = 3600.0) -> str | None:
    integration, item = _target(desk, "insert-account")
    operation = await desk.sandbox.submit(
        WriteCommand(
            integration,
            item,
            Mode.INSERT,
            "acme",
            {"name": name},
            options=WriteOptions(retry_s=retry_s),
            auto_batch_s=delay_s,
        )
    )
    return operation.batch_id


async def test_a_batch_goes_as_one_collection_however_low_the_bulk_threshold_is(open_desk: Open) -> None:
    desk = await open_desk(bulk_threshold=2)
    batch_id = await send(desk, "a", "b", "c")
    assert [(each.method, len(each.records)) for each in desk.org.requests] == [(Method.COLLECTION, 3)]
    batch = desk.sandbox.batches.get(batch_id)
    assert (batch.state, batch.reason, batch.succeeded) == (BatchState.FLUSHED, FlushReason.REQUEST, 3)


async def test_two_updates_of_one_record_stay_together_when_the_app_sent_them_so(open_desk: Open) -> None:
    desk = await open_desk()
    record_id = (await desk.write("insert-account", name="a")).record_id
    integration, item = _target(desk, "insert-account")
    records = [BatchRecord({"name": name}, record_id) for name in ("b", "c")]
    command = BatchCommand(integration, item, Mode.UPDATE, "acme", records, WHOLE)
    await desk.sandbox.submit_batch(command)
    assert len(desk.org.requests[-1].records) == 2


async def test_a_synchronous_batch_is_tried_once_and_an_asynchronous_one_until_its_deadline(
    open_desk: Open,
) -> None:
    desk = await open_desk()
    desk.org.fail("unavailable")
    failed = await send(desk, "a")
    assert [each.state for each in desk.sandbox.batches.operations(failed)] == [OperationState.FAILED]

    desk.org.fail("unavailable")
    later = await send(desk, "b", options=WriteOptions(is_whole=True, retry_s=3600.0))
    await desk.clock.settled()
    assert [each.state for each in desk.sandbox.batches.operations(later)] == [OperationState.QUEUED]
    await desk.sandbox.advance(timedelta(minutes=5))
    assert [each.state for each in desk.sandbox.batches.operations(later)] == [OperationState.SUCCEEDED]


async def test_an_auto_batch_gathers_until_the_first_records_delay_is_over(open_desk: Open) -> None:
    desk = await open_desk()
    first = await auto(desk, "a", delay_s=600)
    await desk.sandbox.advance(timedelta(minutes=9))
    assert await auto(desk, "b", delay_s=60_000) == first
    assert desk.org.requests == []
    await desk.sandbox.advance(timedelta(minutes=1))
    assert [len(each.records) for each in desk.org.requests] == [2]
    assert first is not None
    assert desk.sandbox.batches.get(first).reason is FlushReason.DELAY


async def test_an_auto_batch_is_flushed_at_a_hundred_writes_and_the_next_one_opens_another(
    open_desk: Open,
) -> None:
    desk = await open_desk()
    ids = await asyncio.gather(*(auto(desk, str(number)) for number in range(250)))
    await desk.clock.settled()
    sizes = [ids.count(each) for each in dict.fromkeys(ids)]
    assert sizes == [100, 100, 50]
    assert sorted(len(each.records) for each in desk.org.requests) == [100, 100]


async def test_every_verb_on_batches_works_for_an_auto_batch(open_desk: Open) -> None:
    desk = await open_desk()
    batch_id = await auto(desk, "a")
    assert batch_id is not None
    await desk.sandbox.batches.pause(batch_id)
    await desk.sandbox.advance(timedelta(hours=1))
    assert desk.sandbox.batches.get(batch_id).state is BatchState.PAUSED
    await desk.sandbox.batches.resume(batch_id)
    await desk.sandbox.advance(timedelta(seconds=1))
    assert desk.sandbox.batches.get(batch_id).state is BatchState.FLUSHED

    flushed = await auto(desk, "b")
    await desk.sandbox.batches.flush(flushed)
    assert len(desk.org.records) == 2


async def test_an_auto_batch_outlives_the_process_with_its_delay(open_desk: Open, tmp_path: Path) -> None:
    desk = await open_desk(state=tmp_path)
    batch_id = await auto(desk, "a", delay_s=600)
    await desk.sandbox.kill()
    again = await open_desk(state=tmp_path, orgs=desk.orgs)
    assert await auto(again, "b") == batch_id
    await again.sandbox.advance(timedelta(minutes=10))
    assert [len(each.records) for each in again.org.requests] == [2]


async def test_a_batch_that_a_kill_interrupts_is_applied_once_or_shown_in_doubt(
    open_desk: Open, tmp_path: Path
) -> None:
    desk = await open_desk(state=tmp_path)
    desk.org.gate = asyncio.Event()
    sending = asyncio.ensure_future(send(desk, "a", "b"))
    for _ in range(20):
        await asyncio.sleep(0)
    assert len(desk.org.requests) == 1
    await desk.sandbox.kill()
    await asyncio.gather(sending, return_exceptions=True)
    desk.org.gate = None
    again = await open_desk(state=tmp_path, orgs=desk.orgs)
    await again.clock.settled()
    assert [each.state for each in again.sandbox.operations.newest()] == [OperationState.IN_DOUBT] * 2
    assert len(again.org.requests) == 1


async def test_a_delete_is_retried_like_an_update_and_takes_its_turn_on_the_record(open_desk: Open) -> None:
    desk = await open_desk()
    record_id = (await desk.write("insert-account", name="a")).record_id
    integration, item = _target(desk, "insert-account")
    desk.org.fail("lost-unapplied")
    command = WriteCommand(
        integration, item, Mode.DELETE, "acme", {}, record_id, options=WriteOptions(retry_s=3600.0)
    )
    operation = await desk.sandbox.submit(command)
    await desk.sandbox.advance(timedelta(minutes=5))
    assert desk.sandbox.operations.get(operation.id).state is OperationState.SUCCEEDED
    assert desk.org.records == {}


@pytest.mark.parametrize("spelling", ["Name", "name"])
async def test_a_field_that_is_written_only_if_empty_stays_as_it_is_however_it_is_spelled(
    open_desk: Open, monkeypatch: pytest.MonkeyPatch, spelling: str
) -> None:
    desk = await open_desk()
    record_id = (await desk.write("insert-account", name="Old")).record_id
    asked: list[str] = []

    async def fetch(_: object, __: str, ___: str, fields: list[str]) -> dict[str, str]:
        asked.extend(fields)
        return {"NAME": "Old", "Website": ""}

    monkeypatch.setattr("simulation.memory_crm.MemoryCrm.fetch", fetch)
    integration, item = _target(desk, "insert-account")
    options = WriteOptions(only_if_empty=("NAME", "website"))
    fields = {spelling: "New", "Website": "x.example"}
    command = WriteCommand(integration, item, Mode.UPDATE, "acme", fields, record_id, options)
    await desk.sandbox.submit(command)
    [sent] = desk.org.requests[-1].records
    assert (sent.values, asked) == ({"Website": "x.example"}, ["name", "website"])


def test_options_that_say_nothing_cost_no_room_in_the_journal() -> None:
    from ampsandbox.engine.write_options import DEFAULT, decode_options, encode_options

    assert encode_options(WriteOptions()) is None
    assert decode_options(None) == (DEFAULT, "")
    full = WriteOptions(({"to": {"id": "1"}},), ("Name",), True, (("A", "b"),), True, True, 100, 5.0, "x")
    assert decode_options(encode_options(full)) == (full, "")
