"""What becomes of writes when the CRM refuses, stumbles or goes away."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ampsandbox.engine.crm import CrmUnavailableError, Limits, Method
from ampsandbox.engine.journal.intents import holds, pack
from ampsandbox.engine.model import CircuitState, OperationState
from ampsandbox.errors import ConflictError, HaltedError
from ampsandbox.events import ErrorDetail

if TYPE_CHECKING:
    from tests.unit.engine.conftest import Desk, Open

pytestmark = pytest.mark.anyio


async def test_a_refused_write_does_not_fail_its_neighbours(desk: Desk) -> None:
    good = await desk.write("insert-contact", name="Ada")
    bad = await desk.write("insert-contact", fail="yes")
    await desk.sandbox.batches.flush()

    assert desk.sandbox.operations.get(good.id).state is OperationState.SUCCEEDED
    assert desk.sandbox.operations.get(bad.id).state is OperationState.FAILED
    assert [letter.id for letter in desk.sandbox.operations.dead_letters()] == [bad.id]


async def test_a_locked_row_is_tried_again_without_its_neighbours(desk: Desk) -> None:
    first = await desk.write("insert-contact", name="Ada")
    await desk.write("insert-contact", name="Bob")
    desk.org.fail("row-lock")
    await desk.sandbox.advance(timedelta(hours=3))

    assert [len(request.records) for request in desk.org.requests] == [2, 1]
    assert desk.sandbox.operations.get(first.id).attempts == 2
    assert sorted(desk.org.values("name")) == ["Ada", "Bob"]


async def test_an_outcome_is_stored_after_what_it_tells_of(desk: Desk) -> None:
    states: list[OperationState] = []
    operations = desk.sandbox.operations
    desk.org.make_durable = lambda: states.append(operations.newest(limit=1)[0].state)
    operation = await desk.write("insert-account", name="Ada")
    assert (states, operation.state) == ([OperationState.QUEUED], OperationState.SUCCEEDED)


async def test_an_answer_that_the_crm_could_not_keep_is_none(desk: Desk) -> None:
    left = [1, 1]

    def cannot() -> None:
        if left and left.pop():
            raise CrmUnavailableError(ErrorDetail("The disk is full.", "NOT_STORED"))

    desk.org.make_durable = cannot
    now = await desk.write("insert-account", name="Ada")
    later = await desk.write("insert-contact", name="Bob")
    await desk.sandbox.advance(timedelta(hours=3))

    assert (now.state, [each.code for each in now.errors]) == (OperationState.FAILED, ["NOT_STORED"])
    after = desk.sandbox.operations.get(later.id)
    assert (after.state, after.attempts) == (OperationState.SUCCEEDED, 2)


async def test_new_records_go_to_a_crm_that_answers_at_once_in_order_and_are_stored_together(
    open_desk: Open,
) -> None:
    desk = await open_desk(parallel_requests=1)
    desk.org.answers_at_once = True
    names = ["Ada", "Bob", "Cy"]
    await asyncio.gather(*(desk.write("insert-account", name=name) for name in names))

    assert [len(request.records) for request in desk.org.requests] == [1, 1, 1]
    assert desk.org.values("name") == names
    kinds = [kind for kind in desk.kinds() if kind.startswith(("CrmRequested", "WriteSucceeded"))]
    assert kinds[-6:] == ["CrmRequested"] * 3 + ["WriteSucceeded"] * 3


async def test_after_an_outage_the_others_of_the_pass_go_by_themselves(desk: Desk) -> None:
    desk.org.answers_at_once = True
    desk.org.fail("", "unavailable")
    names = ["Ada", "Bob", "Cy", "Dot"]
    answers = await asyncio.gather(*(desk.write("insert-account", name=name) for name in names))

    states = [answer.state is OperationState.SUCCEEDED for answer in answers]
    assert states == [True, False, True, True]
    assert desk.org.values("name") == ["Ada", "Cy", "Dot"]
    assert [answer.attempts for answer in answers] == [1, 1, 1, 1]


async def test_one_whose_field_was_unknown_is_translated_anew_while_its_neighbours_are_done(
    desk: Desk,
) -> None:
    desk.org.answers_at_once = True
    await desk.write("insert-account", name="Zed")
    desk.org.known_fields = {"Name__c"}
    desk.org.schema = {"name": "Name__c"}
    answers = await asyncio.gather(*(desk.write("insert-account", name=name) for name in ("Ada", "Bob")))
    assert {answer.state for answer in answers} == {OperationState.SUCCEEDED}


async def test_a_stop_leaves_new_records_on_their_way_to_the_next_start(
    open_desk: Open, tmp_path: Path
) -> None:
    desk = await open_desk(state=tmp_path)
    desk.org.answers_at_once = True
    desk.org.gate = asyncio.Event()
    writes = [asyncio.ensure_future(desk.write("insert-account", name=name)) for name in ("Ada", "Bob")]
    while not desk.org.requests:  # noqa: ASYNC110 - nothing tells of it
        await asyncio.sleep(0)
    await desk.sandbox.kill()
    told = await asyncio.gather(*writes, return_exceptions=True)
    assert [type(each) for each in told] == [HaltedError, HaltedError]
    again = await open_desk(state=tmp_path, orgs=desk.orgs)
    assert len(again.sandbox.operations.newest(limit=10)) == 2


async def test_scheduled_writes_outlive_a_short_outage(desk: Desk) -> None:
    operation = await desk.write("insert-contact", name="Ada")
    desk.org.fail("unavailable", "unavailable", "unavailable")
    await desk.sandbox.advance(timedelta(hours=3))

    after = desk.sandbox.operations.get(operation.id)
    assert (after.state, after.attempts) == (OperationState.SUCCEEDED, 4)
    assert desk.kinds().count("WritesDeferred") == 3


async def test_the_crm_s_wish_to_wait_is_honoured(desk: Desk) -> None:
    await desk.write("insert-contact", name="Ada")
    desk.org.fail("rate")
    await desk.sandbox.advance(timedelta(hours=3))

    first, second = desk.org.requests
    assert second.at - first.at >= timedelta(seconds=30)


async def test_a_long_outage_ends_the_whole_flush_in_dead_letters(open_desk: Open) -> None:
    desk = await open_desk(retry_deadline_s=120.0, limits=Limits(collection=2))
    for number in range(40):
        await desk.write("insert-contact", name=str(number))
    desk.org.trouble = lambda _request: "unavailable"
    await desk.sandbox.advance(timedelta(hours=3))

    assert desk.sandbox.operations.dead_letter_count() == 40
    assert len(desk.org.requests) < 40
    assert not [batch for batch in desk.sandbox.batches.all(0) if batch.count]


async def test_an_immediate_write_is_tried_once(desk: Desk) -> None:
    desk.org.fail("unavailable")
    operation = await desk.write("insert-account", name="Big Co.")

    assert operation.state is OperationState.FAILED
    assert [error.code for error in operation.errors] == ["SERVER_UNAVAILABLE"]
    assert len(desk.org.requests) == 1


@pytest.mark.parametrize("trouble", ["lost", "lost-unapplied"])
async def test_an_insert_whose_answer_is_lost_is_in_doubt_and_never_repeated(
    desk: Desk, trouble: str
) -> None:
    operation = await desk.write("insert-contact", name="Ada")
    desk.org.fail(trouble)
    await desk.sandbox.advance(timedelta(hours=5))

    after = desk.sandbox.operations.get(operation.id)
    assert (after.state, after.attempts) == (OperationState.IN_DOUBT, 1)
    assert len(desk.org.requests) == 1


async def test_an_update_whose_answer_is_lost_is_repeated(desk: Desk) -> None:
    desk.org.add("k1")
    operation = await desk.write("update-contact", key="k1", name="Ada")
    desk.org.fail("lost")
    await desk.sandbox.advance(timedelta(hours=2))

    assert desk.sandbox.operations.get(operation.id).state is OperationState.SUCCEEDED
    assert len(desk.org.requests) == 2


async def test_two_updates_of_one_record_go_in_order_and_in_separate_requests(desk: Desk) -> None:
    for key in ("k1", "k2"):
        desk.org.add(key)
    for value in range(3):
        for key in ("k1", "k2"):
            await desk.write("update-contact", key=key, name=str(value))
    await desk.sandbox.batches.flush()

    assert [[(r.id, r.values["name"]) for r in request.records] for request in desk.org.requests] == [
        [("k1", str(value)), ("k2", str(value))] for value in range(3)
    ]


async def test_two_spellings_of_one_record_s_id_never_share_a_request(desk: Desk) -> None:
    desk.org.add("k1")
    await desk.write("update-contact", key="k1", name="first")
    await desk.write("update-contact", key="K1", name="second")
    await desk.sandbox.batches.flush()

    assert [len(request.records) for request in desk.org.requests] == [1, 1]
    assert desk.org.records["k1"]["name"] == "second"


async def test_an_immediate_update_waits_behind_a_running_flush_of_its_record(open_desk: Open) -> None:
    desk = await open_desk(limits=Limits(collection=1), parallel_requests=1)
    for number in range(4):
        desk.org.add(f"k{number}")
        await desk.write("update-contact", key=f"K{number}", name="scheduled")
    desk.org.gate = asyncio.Event()
    flush = asyncio.ensure_future(desk.sandbox.batches.flush())
    await asyncio.sleep(0)
    now = asyncio.ensure_future(desk.write("update-contact-now", key="k3", name="immediate"))
    for _ in range(20):
        await asyncio.sleep(0)
    desk.org.gate.set()
    await asyncio.gather(flush, now)

    assert desk.org.records["k3"]["name"] == "immediate"


async def test_an_immediate_update_goes_on_when_the_write_before_it_is_dropped(open_desk: Open) -> None:
    desk = await open_desk(limits=Limits(collection=1), parallel_requests=1)
    for number in range(4):
        desk.org.add(f"k{number}")
        last = await desk.write("update-contact", key=f"K{number}", name="scheduled")
    desk.org.gate = asyncio.Event()
    flush = asyncio.ensure_future(desk.sandbox.batches.flush())
    while not desk.org.requests:  # noqa: ASYNC110 - nothing tells of it
        await asyncio.sleep(0)
    now = asyncio.ensure_future(desk.write("update-contact-now", key="k3", name="immediate"))
    for _ in range(20):
        await asyncio.sleep(0)
    await desk.sandbox.operations.drop(last.id)
    desk.org.gate.set()
    await asyncio.wait_for(asyncio.gather(flush, now), 5)

    assert desk.org.records["k3"]["name"] == "immediate"


async def test_requests_to_one_crm_run_a_bounded_number_at_a_time(open_desk: Open) -> None:
    desk = await open_desk(limits=Limits(collection=1), parallel_requests=3)
    desk.org.delay_s = 5.0
    for number in range(20):
        await desk.write("insert-contact", name=str(number))
    await desk.sandbox.advance(timedelta(hours=3))

    assert desk.org.most_in_flight == 3
    assert len(desk.org.records) == 20


async def test_many_writes_travel_in_bulk(open_desk: Open) -> None:
    desk = await open_desk(bulk_threshold=10, limits=Limits(collection=5, bulk=100, bulk_requests=7))
    for number in range(12):
        await desk.write("insert-contact", name=str(number))
    [batch] = desk.sandbox.batches.all()
    assert (batch.requests_expected, batch.requests_unbatched) == (7, 12)
    await desk.sandbox.batches.flush()

    assert [(request.method, len(request.records)) for request in desk.org.requests] == [(Method.BULK, 12)]


async def test_a_write_that_somebody_waits_for_asks_the_crm_whatever_the_circuit_says_and_closes_it(
    open_desk: Open,
) -> None:
    desk = await open_desk(breaker_failures=3, breaker_pause_s=30.0)
    desk.org.fail("unavailable", "unavailable", "unavailable")
    for _ in range(3):
        await desk.write("insert-account", name="x")
    view = desk.sandbox.installations.connection_state(desk.installation.id)
    assert view.circuit is CircuitState.OPEN
    assert view.until == desk.clock.now() + timedelta(seconds=30)

    assert (await desk.write("insert-account", name="x")).state is OperationState.SUCCEEDED
    assert desk.sandbox.installations.connection_state(desk.installation.id).circuit is CircuitState.CLOSED
    assert [k for k in desk.kinds() if k.startswith("Circuit")] == [
        "CircuitOpened",
        "CircuitHalfOpened",
        "CircuitClosed",
    ]


async def test_scheduled_writes_wait_for_an_open_circuit(open_desk: Open) -> None:
    desk = await open_desk(breaker_failures=1, breaker_pause_s=60.0)
    desk.org.fail("unavailable")
    await desk.write("insert-account", name="x")
    operation = await desk.write("insert-contact", name="Ada")
    flush = asyncio.ensure_future(desk.sandbox.batches.flush())
    await desk.sandbox.advance(timedelta(seconds=59))
    assert len(desk.org.requests) == 1
    await desk.sandbox.advance(timedelta(seconds=2))
    await flush

    assert desk.sandbox.operations.get(operation.id).state is OperationState.SUCCEEDED


async def test_a_field_that_was_added_meanwhile_is_found_before_the_write_fails(desk: Desk) -> None:
    await desk.write("insert-account", name="x")
    desk.org.known_fields = {"Warmth__c"}
    desk.org.schema["warmth"] = "Warmth__c"
    operation = await desk.write("insert-account", warmth="high")

    assert operation.state is OperationState.SUCCEEDED
    assert desk.org.schema_reads == 2
    assert "SchemaForgotten" in desk.kinds()


async def test_a_field_that_stays_unknown_is_refused_with_one_request(desk: Desk) -> None:
    desk.org.known_fields = {"name"}
    operation = await desk.write("insert-account", nonsense="x")

    assert [error.code for error in operation.errors] == ["INVALID_FIELD"]
    assert len(desk.org.requests) == 1


async def test_a_dead_letter_can_be_edited_and_sent_again(desk: Desk) -> None:
    operation = await desk.write("insert-account", fail="yes")
    after = await desk.sandbox.operations.retry(operation.id, {"name": "Big Co."})

    assert after.state is OperationState.SUCCEEDED
    assert after.fields == {"name": "Big Co."}
    assert desk.sandbox.operations.dead_letters() == []
    with pytest.raises(ConflictError):
        await desk.sandbox.operations.retry(operation.id)


async def test_a_dropped_write_is_never_sent(desk: Desk) -> None:
    operation = await desk.write("insert-contact", name="Ada")
    after = await desk.sandbox.operations.drop(operation.id)
    await desk.sandbox.batches.flush()

    assert after.state is OperationState.DROPPED
    assert desk.org.requests == []
    with pytest.raises(ConflictError):
        await desk.sandbox.operations.drop(operation.id)


async def test_a_write_can_be_dropped_until_its_flush_sends_it(open_desk: Open) -> None:
    desk = await open_desk(limits=Limits(collection=1), parallel_requests=1)
    written = [await desk.write("insert-contact", name=str(number)) for number in range(6)]
    desk.org.gate = asyncio.Event()
    flush = asyncio.ensure_future(desk.sandbox.batches.flush())
    while not desk.org.requests:  # noqa: ASYNC110 - nothing tells of it
        await asyncio.sleep(0)
    with pytest.raises(ConflictError, match="can no longer be dropped"):
        await desk.sandbox.operations.drop(written[0].id)
    for number in (1, 5):
        await desk.sandbox.operations.drop(written[number].id)
    desk.org.gate.set()
    [batch] = await flush

    assert desk.org.values("name") == ["0", "2", "3", "4"]
    assert (batch.succeeded, batch.count) == (4, 0)
    assert desk.sandbox.operations.get(written[1].id).state is OperationState.DROPPED


async def test_a_deferred_write_can_be_dropped_and_its_flush_ends_at_once(desk: Desk) -> None:
    operation = await desk.write("insert-contact", name="Ada")
    desk.org.fail("rate")
    flush = asyncio.ensure_future(desk.sandbox.batches.flush())
    await desk.clock.settled()
    assert desk.sandbox.operations.get(operation.id).next_attempt_at is not None
    await desk.sandbox.operations.drop(operation.id)
    await flush

    assert desk.org.records == {}


async def test_an_update_whose_answer_was_lost_cannot_be_dropped(desk: Desk) -> None:
    desk.org.add("k1")
    operation = await desk.write("update-contact", key="k1", name="Ada")
    desk.org.fail("lost")
    flush = asyncio.ensure_future(desk.sandbox.batches.flush())
    await desk.clock.settled()
    with pytest.raises(ConflictError):
        await desk.sandbox.operations.drop(operation.id)
    await desk.sandbox.advance(timedelta(minutes=1))
    await flush


async def test_all_dead_letters_can_be_sent_again_at_once(desk: Desk) -> None:
    desk.org.fail(*["unavailable"] * 3)
    for number in range(3):
        await desk.write("insert-account", name=str(number))
    failing = await desk.write("insert-account", fail="yes")
    assert await desk.sandbox.operations.retry_all(desk.installation.id) == 4

    assert desk.org.values("name") == ["0", "1", "2"]
    assert [letter.id for letter in desk.sandbox.operations.dead_letters()] == [failing.id]


async def test_a_waiting_write_can_be_edited(desk: Desk) -> None:
    operation = await desk.write("insert-contact", name="Ada")
    await desk.sandbox.operations.edit(operation.id, {"name": "Grace"})
    await desk.sandbox.batches.flush()

    assert desk.org.values("name") == ["Grace"]
    with pytest.raises(ConflictError):
        await desk.sandbox.operations.edit(operation.id, {"name": "late"})


async def test_the_ledger_counts_what_the_org_saw_and_what_batching_saved(desk: Desk) -> None:
    for number in range(200):
        await desk.write("insert-contact", name=str(number))
    await desk.sandbox.batches.flush()

    [quota] = desk.sandbox.installations.quota()
    assert quota.requests == desk.org.exchanges == 2
    assert (quota.writes, quota.requests_unbatched) == (200, 201)


async def test_a_request_to_the_crm_knows_the_operations_it_was_made_for(open_desk: Open) -> None:
    desk = await open_desk(limits=Limits(collection=2))
    scheduled = [await desk.write("insert-contact", name=str(number)) for number in range(3)]
    at_once = await desk.write("insert-account", name="Big Co.")
    desk.org.fail("unavailable")
    await desk.sandbox.advance(timedelta(hours=3))

    kept = desk.sandbox.exchanges
    first, second, third = ({item.id} for item in scheduled)
    writes = [item for item in kept.since(0) if item.exchange.records]
    assert [set(item.operations) for item in writes[:2]] == [{at_once.id}, first | second]
    assert set().union(*(item.operations for item in writes[1:])) == first | second | third
    for operation in scheduled:
        assert kept.of(operation.id)[-1].exchange.status == 200
        assert len(kept.of(operation.id)) >= desk.sandbox.operations.get(operation.id).attempts
    assert sum(item.exchange.status == 503 for item in writes) == 1
    assert not [item for item in kept.since(0) if len(item.operations) > 2]
    assert not kept.of("no operation")


async def test_the_operations_that_wrote_a_record_are_listed_in_order(desk: Desk) -> None:
    desk.org.add("k1")
    first = await desk.write("update-contact", key="k1", name="Ada")
    await desk.sandbox.batches.flush()
    await desk.write("update-contact-now", key="k2", name="another")
    second = await desk.write("update-contact-now", key="k1", name="Bob")
    await desk.write("update-contact-now", key="k1", fail="yes")

    wrote = desk.sandbox.operations.of_record(desk.installation.id, "k1")
    assert [operation.id for operation in wrote] == [first.id, second.id]
    assert desk.sandbox.operations.of_record(desk.installation.id, "none") == []


@given(numbers=st.lists(st.integers(0, 2**40), max_size=30), other=st.integers(0, 2**40))
def test_a_packed_number_is_found_whatever_stands_around_it(numbers: list[int], other: int) -> None:
    assert all(holds(pack(numbers), number) for number in numbers)
    assert holds(pack(numbers), other) == (other in numbers)


async def test_a_write_goes_on_when_its_caller_gives_up(desk: Desk) -> None:
    desk.org.delay_s = 5.0
    task = asyncio.ensure_future(desk.write("insert-account", name="Big Co."))
    for _ in range(20):
        await asyncio.sleep(0)
    task.cancel()
    await desk.sandbox.advance(timedelta(seconds=10))

    [operation] = desk.sandbox.operations.newest()
    assert operation.state is OperationState.SUCCEEDED


async def test_a_defect_of_the_client_leaves_inserts_in_doubt_and_the_rest_at_work(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    first = await desk.write("insert-contact", name="Ada")
    crm = desk.sandbox.installations.crm(desk.installation.id)

    async def broken(*_: Any) -> None:
        raise KeyError("id")

    with monkeypatch.context() as patch:
        patch.setattr(crm, "write", broken)
        await desk.sandbox.batches.flush()
    second = await desk.write("insert-contact", name="Bob")
    await desk.sandbox.batches.flush()

    assert desk.sandbox.operations.get(first.id).state is OperationState.IN_DOUBT
    assert desk.sandbox.operations.get(second.id).state is OperationState.SUCCEEDED
    assert "KeyError" in caplog.text


async def test_requests_are_counted_over_a_restart(open_desk: Open, tmp_path: Path) -> None:
    first = await open_desk(state=tmp_path)
    await first.write("insert-account", name="x")
    await first.sandbox.stop()
    second = await open_desk(state=tmp_path, orgs=first.orgs)
    await second.write("insert-account", name="x")

    [quota] = second.sandbox.installations.quota()
    assert quota.requests == second.org.exchanges == 4
    assert quota.requests_daily == 4


async def test_the_burst_window_slides(open_desk: Open) -> None:
    desk = await open_desk(limits=Limits(collection=100, burst_requests=100, burst_s=10))
    for _ in range(3):
        await desk.write("insert-account", name="x")
    await desk.sandbox.advance(timedelta(seconds=11))
    await desk.write("insert-account", name="x")

    [quota] = desk.sandbox.installations.quota()
    assert (quota.requests_burst, quota.burst_peak, quota.burst_limit) == (1, 4, 100)
