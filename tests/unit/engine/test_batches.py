"""When batches open, flush, rest and are orphaned."""

from __future__ import annotations

import asyncio
import time
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pytest

from ampsandbox.engine.model import BatchState, OperationState
from ampsandbox.errors import ClockError, ConflictError, NotFoundError
from ampsandbox.manifest.findings import LoadResult
from ampsandbox.manifest.model import Dialect, Integration, Manifest, Mode, ObjectKind, WriteObject

if TYPE_CHECKING:
    from tests.unit.engine.conftest import Desk, Open

pytestmark = pytest.mark.anyio
HOUR = timedelta(hours=1)


def manifest(*objects: WriteObject) -> LoadResult:
    integration = Integration("crm", "CRM", "salesforce", objects)
    return LoadResult(Manifest(Dialect.V2023, (integration,)), (), "", "amp.yaml")


def contacts(schedule: str | None, endpoint: str = "insert-contact") -> WriteObject:
    return WriteObject("contact", ObjectKind.STANDARD, Mode.INSERT, endpoint, schedule)


async def test_intervals_count_from_the_installation(desk: Desk) -> None:
    await desk.sandbox.advance(timedelta(minutes=130))
    await desk.write("insert-contact", name="Ada")

    assert desk.sandbox.batches.next_flush() == desk.installation.created_at + timedelta(hours=4)


async def test_cron_is_read_in_the_zone_of_the_settings(open_desk: Open) -> None:
    desk = await open_desk(
        objects=(contacts("0 9 * * *"),), time_zone=ZoneInfo("America/New_York"), install=True
    )
    await desk.write("insert-contact", name="Ada")

    assert desk.sandbox.batches.next_flush() == datetime(2026, 3, 2, 14, 0, tzinfo=UTC)


async def test_writes_after_a_flush_open_the_next_batch(desk: Desk) -> None:
    first = await desk.write("insert-contact", name="Ada")
    await desk.sandbox.batches.flush()
    second = await desk.write("insert-contact", name="Bob")

    assert first.batch_id != second.batch_id
    assert [batch.state for batch in desk.sandbox.batches.all()] == [BatchState.WAITING, BatchState.FLUSHED]


async def test_a_paused_batch_lets_its_schedule_pass(desk: Desk) -> None:
    operation = await desk.write("insert-contact", name="Ada")
    await desk.sandbox.batches.pause(desk.batch_of(operation))
    await desk.sandbox.advance(3 * HOUR)
    assert desk.sandbox.operations.get(operation.id).state is OperationState.QUEUED

    batch = await desk.sandbox.batches.resume(desk.batch_of(operation))
    assert batch.flush_at == desk.installation.created_at + 4 * HOUR
    await desk.sandbox.advance()
    assert desk.sandbox.operations.get(operation.id).state is OperationState.SUCCEEDED


async def test_a_batch_whose_object_lost_its_schedule_waits_for_a_hand(desk: Desk) -> None:
    operation = await desk.write("insert-contact", name="Ada")
    await desk.sandbox.load(manifest(contacts(None, "other")))
    [batch] = desk.sandbox.batches.all()
    assert (batch.state, batch.flush_at) == (BatchState.ORPHANED, None)
    await desk.sandbox.advance(5 * HOUR)
    assert desk.org.requests == []

    await desk.sandbox.batches.flush(batch.id)
    assert desk.sandbox.operations.get(operation.id).state is OperationState.SUCCEEDED


async def test_an_orphaned_batch_can_be_dropped(desk: Desk) -> None:
    operation = await desk.write("insert-contact", name="Ada")
    await desk.sandbox.load(manifest(contacts(None, "other")))
    await desk.sandbox.batches.drop(desk.batch_of(operation))

    assert desk.sandbox.operations.get(operation.id).state is OperationState.DROPPED
    assert desk.sandbox.batches.get(desk.batch_of(operation)).state is BatchState.FLUSHED
    await desk.sandbox.advance(5 * HOUR)
    assert desk.org.requests == []


async def test_an_orphaned_batch_is_taken_up_by_a_manifest_that_schedules_it_again(desk: Desk) -> None:
    operation = await desk.write("insert-contact", name="Ada")
    await desk.sandbox.load(manifest(contacts(None)))
    await desk.sandbox.load(manifest(contacts("every 1 hours")))

    assert desk.sandbox.batches.get(desk.batch_of(operation)).flush_at == desk.installation.created_at + HOUR


async def test_a_write_to_a_renamed_endpoint_gives_the_orphaned_batch_its_schedule(desk: Desk) -> None:
    orphaned = await desk.write("insert-contact", name="Ada")
    await desk.sandbox.load(manifest(contacts("every 3 hours", "renamed")))
    later = await desk.write("renamed", name="Bob")

    assert later.batch_id == orphaned.batch_id
    assert desk.sandbox.batches.flush_at(desk.batch_of(later)) == desk.installation.created_at + 3 * HOUR
    await desk.sandbox.advance()
    assert desk.org.values("name") == ["Ada", "Bob"]


async def test_a_changed_schedule_moves_a_waiting_batch(desk: Desk) -> None:
    await desk.write("insert-contact", name="Ada")
    await desk.sandbox.load(manifest(contacts("every 30 minutes")))

    assert desk.sandbox.batches.next_flush() == desk.installation.created_at + HOUR / 2
    assert "BatchRescheduled" in desk.kinds()


async def test_a_manifest_with_errors_leaves_the_last_good_one(desk: Desk) -> None:
    before = desk.sandbox.manifest
    assert not await desk.sandbox.load(LoadResult(None, (), "", "amp.yaml"))
    assert desk.sandbox.manifest is before


async def test_two_endpoints_of_one_object_share_a_batch_and_the_earlier_schedule(open_desk: Open) -> None:
    desk = await open_desk(objects=(contacts("every 6 hours", "slow"), contacts("every 1 hours", "fast")))
    slow = await desk.write("slow", name="Ada")
    fast = await desk.write("fast", name="Bob")

    assert slow.batch_id == fast.batch_id
    assert desk.sandbox.batches.next_flush() == desk.installation.created_at + HOUR


async def test_advance_without_arguments_goes_to_the_next_flush(desk: Desk) -> None:
    await desk.write("insert-contact", name="Ada")
    assert await desk.sandbox.advance() == desk.installation.created_at + 2 * HOUR
    assert desk.org.values("name") == ["Ada"]
    with pytest.raises(ClockError):
        await desk.sandbox.advance()


async def test_uninstalling_delivers_what_waits(desk: Desk) -> None:
    operation = await desk.write("insert-contact", name="Ada")
    await desk.sandbox.installations.uninstall("acme")

    assert desk.sandbox.operations.get(operation.id).state is OperationState.SUCCEEDED
    assert desk.sandbox.installations.all() == []
    with pytest.raises(NotFoundError):
        await desk.write("insert-contact", name="Bob")


async def test_a_flush_on_a_frozen_clock_leaves_retries_to_the_clock(desk: Desk) -> None:
    operation = await desk.write("insert-contact", name="Ada")
    desk.org.fail("rate")
    [batch] = await asyncio.wait_for(desk.sandbox.batches.flush(), 5)
    assert batch.state is BatchState.FLUSHING

    await desk.sandbox.advance(HOUR)
    assert desk.sandbox.operations.get(operation.id).state is OperationState.SUCCEEDED


async def test_uninstalling_on_a_frozen_clock_is_refused_while_the_crm_fails(desk: Desk) -> None:
    operation = await desk.write("insert-contact", name="Ada")
    desk.org.fail("rate")
    with pytest.raises(ConflictError):
        await asyncio.wait_for(desk.sandbox.installations.uninstall("acme"), 5)

    await desk.sandbox.advance(HOUR)
    await desk.sandbox.installations.uninstall("acme")
    assert desk.sandbox.operations.get(operation.id).state is OperationState.SUCCEEDED


async def test_nothing_is_taken_for_an_installation_that_is_leaving(desk: Desk) -> None:
    await desk.write("insert-contact", name="Ada")
    org = desk.org
    org.delay_s = 5.0
    gone = asyncio.ensure_future(desk.sandbox.installations.uninstall("acme"))
    await asyncio.sleep(0)
    with pytest.raises(NotFoundError):
        await desk.write("insert-contact", name="late")
    await desk.sandbox.advance(timedelta(seconds=6))
    await gone

    assert org.values("name") == ["Ada"]


async def test_flushing_by_object_leaves_the_others(desk: Desk) -> None:
    await desk.write("insert-contact", name="Ada")
    await desk.write("insert-lead", name="Bob")
    flushed = await desk.sandbox.batches.flush(object="lead")

    assert [batch.object for batch in flushed] == ["lead"]
    assert desk.org.values("name") == ["Bob"]
    with pytest.raises(ConflictError):
        await desk.sandbox.batches.flush(flushed[0].id)


async def test_a_week_of_flushes_runs_in_about_a_second(open_desk: Open) -> None:
    desk = await open_desk(objects=(contacts("every 1 hours"),))
    began = time.process_time()
    for _ in range(7 * 24):
        await desk.write("insert-contact", name="Ada")
        await desk.sandbox.advance(HOUR)

    assert len(desk.org.requests) == 7 * 24
    assert time.process_time() - began < 3


async def test_the_operations_of_a_batch_are_paged_in_order(desk: Desk) -> None:
    written = [await desk.write("insert-contact", name=str(number)) for number in range(5)]
    page = desk.sandbox.batches.operations(desk.batch_of(written[0]), offset=1, limit=3)

    assert [operation.id for operation in page] == [operation.id for operation in written[1:4]]


async def test_operations_are_listed_newest_first_and_by_state(desk: Desk) -> None:
    now = await desk.write("insert-account", name="x")
    failed = await desk.write("insert-account", fail="yes")
    waiting = await desk.write("insert-contact", name="Ada")
    listed = desk.sandbox.operations.newest

    assert [each.id for each in listed()] == [waiting.id, failed.id, now.id]
    assert [each.id for each in listed(OperationState.FAILED)] == [failed.id]
    assert [each.id for each in listed(OperationState.QUEUED)] == [waiting.id]
    assert [each.id for each in listed(before=failed.id)] == [now.id]
    assert len(listed(installation_id=desk.installation.id, limit=2)) == 2
