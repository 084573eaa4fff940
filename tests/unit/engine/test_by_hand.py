"""What a person finds out about writes, and what the engine tells about flushes and dead letters."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from ampsandbox.engine.model import FlushReason, OperationState
from ampsandbox.errors import ConflictError

if TYPE_CHECKING:
    from tests.unit.engine.conftest import Desk

pytestmark = pytest.mark.anyio


async def in_doubt(desk: Desk) -> str:
    operation = await desk.write("insert-contact", name="Ada")
    desk.org.fail("lost")
    await desk.sandbox.advance(timedelta(hours=3))
    return str(operation.id)


async def test_a_write_in_doubt_that_was_found_in_the_crm_is_marked_as_written_and_not_sent(
    desk: Desk,
) -> None:
    name = await in_doubt(desk)
    assert desk.sandbox.operations.dead_letter_counts() == {"in_doubt": 1}
    marked = await desk.sandbox.operations.mark_written(name, "r1")
    assert (marked.state, marked.record_id, marked.errors) == (OperationState.SUCCEEDED, "r1", ())
    assert desk.sandbox.operations.dead_letter_counts() == {}
    assert len(desk.org.requests) == 1
    with pytest.raises(ConflictError, match="only one in doubt"):
        await desk.sandbox.operations.mark_written(name)


async def test_a_flushed_batch_tells_why_and_in_how_many_requests(desk: Desk) -> None:
    await desk.write("insert-contact", name="Ada")
    [waiting] = desk.sandbox.batches.all()
    assert (waiting.reason, waiting.requests) == (None, 0)
    await desk.sandbox.batches.flush()
    [flushed] = desk.sandbox.batches.all()
    assert (flushed.reason, flushed.requests, flushed.succeeded) == (FlushReason.MANUAL, 1, 1)
    await desk.write("insert-contact", name="Bob")
    await desk.sandbox.advance(timedelta(hours=3))
    assert desk.sandbox.batches.all()[0].reason is FlushReason.SCHEDULE


async def test_one_waiting_write_is_sent_alone_and_at_once(desk: Desk) -> None:
    first = await desk.write("insert-contact", name="Ada")
    await desk.write("insert-contact", name="Bob")
    sent = await desk.sandbox.operations.send_now(first.id)
    assert (sent.state, sent.batch_id) == (OperationState.SUCCEEDED, None)
    assert [batch.count for batch in desk.sandbox.batches.all()] == [1]
    await desk.sandbox.batches.flush()
    assert [len(request.records) for request in desk.org.requests] == [1, 1]
    with pytest.raises(ConflictError, match="no longer waits"):
        await desk.sandbox.operations.send_now(first.id)
