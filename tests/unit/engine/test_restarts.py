"""What a state directory keeps, and what a start makes of it."""

from __future__ import annotations

import asyncio
import sqlite3
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from ampsandbox.clock import Clock
from ampsandbox.engine.engine import Engine
from ampsandbox.engine.model import BatchState, OperationState
from ampsandbox.errors import JournalUnavailableError, StateError
from ampsandbox.events import encode_event

if TYPE_CHECKING:
    from tests.unit.engine.conftest import Desk, Open

pytestmark = pytest.mark.anyio
HOUR = timedelta(hours=1)


async def test_a_restart_goes_on_where_it_stopped(open_desk: Open, tmp_path: Path) -> None:
    first = await open_desk(state=tmp_path)
    operation = await first.write("insert-contact", name="Ada")
    await first.sandbox.advance(HOUR)
    await first.sandbox.stop()
    second = await open_desk(state=tmp_path, orgs=first.orgs)

    assert second.clock.now() == first.clock.now()
    assert second.sandbox.installations.all() == first.sandbox.installations.all()
    assert second.sandbox.operations.get(operation.id) == operation
    await second.sandbox.advance(HOUR)
    assert second.org.values("name") == ["Ada"]


async def test_numbers_and_ids_are_never_given_out_twice(open_desk: Open, tmp_path: Path) -> None:
    ids: list[str] = []
    orgs = None
    for _ in range(3):
        desk = await open_desk(state=tmp_path, orgs=orgs)
        orgs = desk.orgs
        ids += [(await desk.write("insert-contact", name="Ada")).id for _ in range(3)]
        await desk.sandbox.stop()
    assert len(set(ids)) == 9


async def test_a_missed_fire_flushes_once_at_the_next_start(open_desk: Open, tmp_path: Path) -> None:
    first = await open_desk(state=tmp_path)
    await first.write("insert-contact", name="Ada")
    await first.sandbox.stop()
    later = first.clock.now() + timedelta(days=3)
    second = await open_desk(state=tmp_path, orgs=first.orgs, start=later, resume_clock=False)
    await second.sandbox.advance(timedelta(seconds=1))

    assert len(second.org.requests) == 1
    assert [type(e).__name__ for e in second.sandbox.events.since(0)].count("FlushStarted") == 1


async def test_an_insert_on_its_way_when_the_process_died_is_in_doubt(
    open_desk: Open, tmp_path: Path
) -> None:
    first = await open_desk(state=tmp_path)
    first.org.gate = asyncio.Event()
    task = asyncio.ensure_future(first.write("insert-account", name="Big Co."))
    for _ in range(20):
        await asyncio.sleep(0)
    await first.sandbox.kill()
    task.cancel()
    first.org.gate = None
    second = await open_desk(state=tmp_path, orgs=first.orgs)

    [operation] = second.sandbox.operations.dead_letters()
    assert operation.state is OperationState.IN_DOUBT
    assert len(second.org.requests) == 1


async def test_the_retry_deadline_begins_anew_after_a_restart(open_desk: Open, tmp_path: Path) -> None:
    first = await open_desk(state=tmp_path, retry_deadline_s=60.0)
    operation = await first.write("insert-contact", name="Ada")
    first.org.trouble = lambda _request: "unavailable"
    await first.sandbox.advance(2 * HOUR)
    await first.sandbox.advance(timedelta(seconds=40))
    await first.sandbox.kill()
    later = first.clock.now() + HOUR
    first.org.fail("unavailable")
    second = await open_desk(
        state=tmp_path, orgs=first.orgs, start=later, resume_clock=False, retry_deadline_s=60.0
    )
    await second.sandbox.advance(timedelta(minutes=2))

    assert second.sandbox.operations.get(operation.id).state is OperationState.SUCCEEDED


async def test_updates_on_their_way_when_the_process_died_are_delivered(
    open_desk: Open, tmp_path: Path
) -> None:
    first = await open_desk(state=tmp_path)
    first.org.add("k1")
    first.org.add("k2")
    batched = await first.write("update-contact", key="k1", name="Ada")
    first.org.gate = asyncio.Event()
    now = asyncio.ensure_future(first.write("update-account", key="k2", name="Bob"))
    flush = asyncio.ensure_future(first.sandbox.batches.flush())
    for _ in range(20):
        await asyncio.sleep(0)
    await first.sandbox.kill()
    now.cancel()
    flush.cancel()
    first.org.gate = None
    second = await open_desk(state=tmp_path, orgs=first.orgs)
    await second.sandbox.advance(timedelta(seconds=1))

    assert second.org.records["k1"]["name"] == "Ada"
    assert second.org.records["k2"]["name"] == "Bob"
    assert second.sandbox.operations.get(batched.id).state is OperationState.SUCCEEDED
    assert batched.batch_id is not None
    assert second.sandbox.batches.get(batched.batch_id).state is BatchState.FLUSHED


async def test_a_second_process_is_told_who_holds_the_state(tmp_path: Path) -> None:
    holder = sqlite3.connect(tmp_path / "journal.sqlite", isolation_level=None)
    holder.execute("PRAGMA locking_mode = EXCLUSIVE")
    holder.execute("BEGIN EXCLUSIVE")
    (tmp_path / "journal.pid").write_text("4242\n")
    sandbox = Engine("demo", Clock(speed=0), lambda *_: None, None, tmp_path)  # type: ignore[arg-type]
    with pytest.raises(StateError, match=r"held by another process \(pid 4242\)"):
        await sandbox.start()
    holder.close()


async def test_a_newer_journal_is_refused(open_desk: Open, tmp_path: Path) -> None:
    desk = await open_desk(state=tmp_path)
    await desk.sandbox.stop()
    connection = sqlite3.connect(tmp_path / "journal.sqlite")
    connection.execute("PRAGMA user_version = 99")
    connection.close()
    with pytest.raises(StateError, match="newer version"):
        await open_desk(state=tmp_path)


async def test_a_file_that_is_no_journal_is_refused(open_desk: Open, tmp_path: Path) -> None:
    (tmp_path / "journal.sqlite").write_bytes(b"no database at all, only words" * 100)
    with pytest.raises(StateError, match="no journal"):
        await open_desk(state=tmp_path)


async def test_a_write_that_the_journal_cannot_take_is_not_accepted(open_desk: Open) -> None:
    desk = await open_desk()
    desk.sandbox._journal.refuse(JournalUnavailableError("The disk is full."))
    with pytest.raises(JournalUnavailableError):
        await desk.write("insert-contact", name="lost")
    assert desk.sandbox.batches.all() == []
    desk.sandbox._journal.refuse(None)
    kept = await desk.write("insert-contact", name="kept")

    assert [each.id for each in desk.sandbox.operations.newest()] == [kept.id]
    assert desk.kinds().count("BatchOpened") == 1


async def test_a_reset_starts_over_with_the_same_ids(desk: Desk) -> None:
    first = await desk.write("insert-contact", name="Ada")
    await desk.sandbox.advance(HOUR)
    await desk.sandbox.reset()
    assert desk.sandbox.operations.newest() == []
    assert desk.sandbox.batches.all() == []
    second = await desk.write("insert-contact", name="Ada")

    assert second == first
    await desk.sandbox.advance(2 * HOUR)
    assert desk.org.values("name") == ["Ada"]


@pytest.mark.parametrize("in_memory", [True, False])
async def test_a_snapshot_brings_the_state_back(open_desk: Open, tmp_path: Path, in_memory: bool) -> None:
    desk = await open_desk(state=None if in_memory else tmp_path)
    operation = await desk.write("insert-contact", name="Ada")
    image = desk.sandbox.snapshot()
    await desk.sandbox.batches.flush()
    await desk.sandbox.advance(HOUR)
    await desk.sandbox.restore(image)

    assert desk.clock.now() == operation.accepted_at
    assert desk.sandbox.operations.get(operation.id).state is OperationState.QUEUED
    await desk.sandbox.advance(2 * HOUR)
    assert desk.sandbox.operations.get(operation.id).state is OperationState.SUCCEEDED


async def test_bytes_that_are_no_snapshot_are_refused_and_change_nothing(desk: Desk) -> None:
    operation = await desk.write("insert-contact", name="Ada")
    with pytest.raises(StateError):
        await desk.sandbox.restore(b"nonsense")
    assert desk.sandbox.operations.get(operation.id).state is OperationState.QUEUED


async def test_old_events_are_read_from_the_journal(open_desk: Open) -> None:
    desk = await open_desk(events_in_memory=3)
    for _ in range(10):
        await desk.write("insert-contact", name="Ada")
    numbers = [event.seq for event in desk.sandbox.events.since(0)]

    assert numbers == list(range(1, desk.sandbox.events.last_seq + 1))
    assert [event.seq for event in desk.sandbox.events.since(2, limit=2)] == [3, 4]


async def test_one_seed_gives_the_same_log_twice(open_desk: Open) -> None:
    logs = []
    for _ in range(2):
        desk = await open_desk(seed="same")
        desk.org.fail("unavailable", "row-lock", "rate")
        for number in range(20):
            await desk.write("insert-contact", name=str(number))
            await desk.write("insert-account", name=str(number))
        await desk.sandbox.advance(timedelta(days=1))
        logs.append(b"\n".join(encode_event(event) for event in desk.sandbox.events.since(0)))
    assert logs[0] == logs[1]


async def test_stopping_with_flush_delivers_what_waits(open_desk: Open) -> None:
    desk = await open_desk()
    await desk.write("insert-contact", name="Ada")
    await desk.sandbox.stop(flush=True)
    assert desk.org.values("name") == ["Ada"]


async def test_stopping_with_flush_on_a_frozen_clock_leaves_retries_to_the_next_start(
    open_desk: Open, tmp_path: Path
) -> None:
    first = await open_desk(state=tmp_path)
    operation = await first.write("insert-contact", name="Ada")
    first.org.fail("rate")
    await asyncio.wait_for(first.sandbox.stop(flush=True), 5)
    second = await open_desk(state=tmp_path, orgs=first.orgs)
    await second.sandbox.advance(HOUR)

    assert second.sandbox.operations.get(operation.id).state is OperationState.SUCCEEDED
