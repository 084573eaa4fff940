"""Accepting writes and following them to their outcome."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from ampsandbox.engine.model import BatchState, OperationState
from ampsandbox.errors import NotFoundError, UsageError

if TYPE_CHECKING:
    from tests.unit.engine.conftest import Desk

pytestmark = pytest.mark.anyio


async def test_an_immediate_write_returns_with_its_outcome(desk: Desk) -> None:
    operation = await desk.write("insert-account", name="Big Co.")

    assert operation.state is OperationState.SUCCEEDED
    assert operation.record_id == "r1"
    assert desk.org.values("name") == ["Big Co."]
    assert desk.sandbox.operations.get(operation.id) == operation


async def test_an_immediate_write_that_the_crm_refuses_carries_its_words(desk: Desk) -> None:
    operation = await desk.write("insert-account", fail="yes")

    assert operation.state is OperationState.FAILED
    assert [error.code for error in operation.errors] == ["REQUIRED_FIELD_MISSING"]
    assert operation.raw_response == '{"code": "REQUIRED_FIELD_MISSING"}'


async def test_a_scheduled_write_waits_for_its_flush(desk: Desk) -> None:
    operation = await desk.write("insert-contact", name="Ada")

    assert operation.state is OperationState.QUEUED
    [batch] = desk.sandbox.batches.all()
    assert (batch.state, batch.count, batch.id) == (BatchState.WAITING, 1, operation.batch_id)
    assert batch.flush_at == desk.installation.created_at + timedelta(hours=2)
    assert desk.org.records == {}

    await desk.sandbox.advance(hours_of(2))

    assert desk.sandbox.operations.get(operation.id).state is OperationState.SUCCEEDED
    assert desk.org.values("name") == ["Ada"]
    assert desk.sandbox.batches.get(batch.id).state is BatchState.FLUSHED


async def test_writes_of_one_batch_share_a_request(desk: Desk) -> None:
    for number in range(450):
        await desk.write("insert-contact", name=str(number))
    await desk.sandbox.batches.flush()

    assert sorted(len(request.records) for request in desk.org.requests) == [50, 200, 200]
    assert len(desk.org.records) == 450


async def test_a_write_for_a_group_without_installation_is_refused(desk: Desk) -> None:
    with pytest.raises(NotFoundError):
        await desk.write("insert-account", group="nobody", name="x")


async def test_fields_that_json_cannot_hold_are_refused(desk: Desk) -> None:
    with pytest.raises(UsageError):
        await desk.write("insert-account", name="\ud800")


def hours_of(count: float) -> timedelta:
    return timedelta(hours=count)
