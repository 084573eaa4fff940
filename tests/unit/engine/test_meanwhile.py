"""What writes and flushes hear when the sandbox, or their installation, goes away under them."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from typing import TYPE_CHECKING, Any

import pytest

from ampsandbox.engine.crm import ProvisioningStep, StepAction
from ampsandbox.engine.model import Operation, OperationState
from ampsandbox.errors import ConflictError, HaltedError, NotFoundError

if TYPE_CHECKING:
    from simulation.memory_crm import MemoryOrg

    from tests.unit.engine.conftest import Desk

pytestmark = pytest.mark.anyio


async def _begun(work: Coroutine[Any, Any, Operation], org: MemoryOrg) -> asyncio.Task[Operation]:
    """Start `work`, and return once its request is on its way to the CRM, which waits for `_answer`."""
    org.gate = asyncio.Event()
    task = asyncio.create_task(work)
    while not org.in_flight:  # noqa: ASYNC110 - nothing tells of it
        await asyncio.sleep(0)
    return task


def _answer(org: MemoryOrg) -> None:
    assert org.gate is not None
    org.gate.set()


async def _reset(desk: Desk) -> None:
    await desk.sandbox.reset()


async def _restore(desk: Desk) -> None:
    await desk.sandbox.restore(desk.sandbox.snapshot())


@pytest.mark.parametrize("start_over", [_reset, _restore])
async def test_those_who_wait_hear_that_the_sandbox_started_over(
    desk: Desk, start_over: Callable[[Any], Awaitable[None]]
) -> None:
    desk.clock.run()
    write = await _begun(desk.write("insert-account", Name="Ann"), desk.org)
    await desk.write("insert-contact", LastName="Bob")
    flush = asyncio.create_task(desk.sandbox.batches.flush())
    while not any(batch.state == "flushing" for batch in desk.sandbox.batches.all()):  # noqa: ASYNC110
        await asyncio.sleep(0)
    await start_over(desk)
    for work in (write, flush):
        with pytest.raises(HaltedError):
            await work
    desk.org.gate = None
    assert (await desk.write("insert-account", Name="Eve")).state is OperationState.SUCCEEDED


async def test_a_caller_who_gives_up_is_cancelled_and_not_told_of_a_reset(desk: Desk) -> None:
    write = await _begun(desk.write("insert-account", Name="Ann"), desk.org)
    write.cancel()
    with pytest.raises(asyncio.CancelledError):
        await write
    _answer(desk.org)


async def test_no_write_is_taken_while_a_snapshot_is_restored(desk: Desk) -> None:
    restore = asyncio.create_task(desk.sandbox.restore(desk.sandbox.snapshot()))
    await asyncio.sleep(0)
    with pytest.raises(HaltedError):
        await desk.write("insert-contact", LastName="Bob")
    await restore
    assert desk.sandbox.batches.all() == []
    assert (await desk.write("insert-contact", LastName="Bob")).batch_id


async def test_an_uninstallation_waits_for_the_writes_that_were_accepted(desk: Desk) -> None:
    desk.clock.run()
    write = await _begun(desk.write("insert-account", Name="Ann"), desk.org)
    late = asyncio.create_task(desk.write("insert-account", Name="Bob"))
    scheduled = asyncio.create_task(desk.write("insert-contact", LastName="Eve"))
    await asyncio.sleep(0)
    leaving = asyncio.create_task(desk.sandbox.installations.uninstall("acme"))
    await asyncio.sleep(0)
    with pytest.raises(ConflictError, match="uninstalled"):
        await desk.sandbox.installations.uninstall("acme")
    with pytest.raises(NotFoundError, match="is being uninstalled"):
        await desk.write("insert-account", Name="Too late")
    _answer(desk.org)
    await leaving
    assert {(await write).state, (await late).state} == {OperationState.SUCCEEDED}
    operation = desk.sandbox.operations.get((await scheduled).id)
    assert operation.state is OperationState.SUCCEEDED
    assert desk.sandbox.installations.all() == []


async def test_a_write_to_a_failed_installation_hears_why_it_failed(desk: Desk) -> None:
    desk.org.problems = (ProvisioningStep(StepAction.CONFLICT, "field", "Name", "is a number"),)
    with pytest.raises(ConflictError):
        await desk.sandbox.installations.install("acme")
    with pytest.raises(NotFoundError, match=r"its installation failed.*Name: is a number"):
        await desk.write("insert-account", Name="Ann")
