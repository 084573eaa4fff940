"""When the disk is full or read-only: nothing is acknowledged that is not stored, and it heals."""

from __future__ import annotations

import asyncio
import os
import shutil
import subprocess
from collections.abc import AsyncIterator, Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from simulation.history import INTEGRATION, MANIFEST, OBJECTS
from simulation.memory_crm import MemoryOrgs

from ampsandbox.clock import Clock
from ampsandbox.engine.engine import Engine
from ampsandbox.engine.model import Operation, OperationState
from ampsandbox.engine.write_command import WriteCommand
from ampsandbox.errors import JournalUnavailableError
from ampsandbox.manifest.model import Mode

pytestmark = pytest.mark.anyio
LATER = next(item for item in OBJECTS if item.endpoint == "insert-later")


async def until(holds: Callable[[], bool]) -> None:
    """Let the loop go on until something holds."""
    while not holds():  # noqa: ASYNC110 - nothing tells of it
        await asyncio.sleep(0)


class Rig:
    """A sandbox on a state directory, and what it acknowledged."""

    def __init__(self, state: Path) -> None:
        self.state = state
        self.clock = Clock(datetime(2026, 3, 2, tzinfo=UTC), speed=0)
        self.orgs = MemoryOrgs(self.clock)
        self.acknowledged: set[str] = set()
        self.refused = 0

    async def start(self) -> None:
        self.orgs.clock = self.clock
        self.sandbox = Engine("disk", self.clock, self.orgs, None, self.state, 1)
        await self.sandbox.start()
        await self.sandbox.load(MANIFEST)
        if not self.sandbox.installations.all():
            await self.sandbox.installations.install("acme")

    async def restart(self) -> None:
        await self.sandbox.kill()
        self.clock = Clock(speed=0)
        await self.start()

    async def write(self, count: int, text: str = "x" * 2_000) -> None:
        fields = {"text": text}
        answers = await asyncio.gather(
            *(
                self.sandbox.submit(WriteCommand(INTEGRATION, LATER, Mode.INSERT, "acme", fields))
                for _ in range(count)
            ),
            return_exceptions=True,
        )
        for answer in answers:
            if isinstance(answer, Operation):
                self.acknowledged.add(answer.id)
            else:
                assert isinstance(answer, JournalUnavailableError), answer
                self.refused += 1

    async def fill(self) -> None:
        while not self.refused:
            await self.write(20)

    def stored(self) -> set[str]:
        return {operation.id for operation in self.sandbox.operations.newest(limit=1_000_000)}


@pytest.fixture
async def rig(tmp_path: Path) -> AsyncIterator[Rig]:
    rig = Rig(tmp_path / "state")
    await rig.start()
    yield rig
    await rig.sandbox.stop()


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    folder = tmp_path / "disk"
    folder.mkdir()
    if os.geteuid() != 0 or shutil.which("mount") is None:
        pytest.skip("mounting a small disk needs root")
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=4m", "tmpfs", str(folder)], capture_output=True, check=False
    )
    if mounted.returncode:
        pytest.skip("this machine does not let a test mount a small disk")
    yield folder
    subprocess.run(["umount", "-l", str(folder)], check=True)


def enlarge(disk: Path) -> None:
    subprocess.run(["mount", "-o", "remount,size=12m", str(disk)], check=True)


async def test_a_full_disk_refuses_writes_and_heals_when_space_returns(small_disk: Path) -> None:
    ballast = small_disk / "ballast"
    # More than half of the disk: a start copies SQLite's write-ahead log into the database beside it.
    ballast.write_bytes(b"x" * 2_500_000)
    rig = Rig(small_disk / "state")
    await rig.start()
    await rig.fill()
    assert rig.stored() == rig.acknowledged
    ballast.unlink()
    await rig.write(10)
    assert rig.stored() == rig.acknowledged
    await rig.restart()
    assert rig.stored() == rig.acknowledged
    await rig.sandbox.kill()


async def test_a_start_without_space_for_the_write_ahead_log_is_refused_and_loses_nothing(
    small_disk: Path,
) -> None:
    rig = Rig(small_disk / "state")
    await rig.start()
    await rig.fill()
    with pytest.raises(JournalUnavailableError, match="full"):
        await rig.restart()
    enlarge(small_disk)
    await rig.start()
    assert rig.stored() == rig.acknowledged
    await rig.sandbox.kill()


async def test_a_file_that_may_not_grow_refuses_writes_and_heals(rig: Rig) -> None:
    connection = rig.sandbox._journal._database.connection
    connection.execute("PRAGMA max_page_count = 200")
    await rig.fill()
    assert rig.stored() == rig.acknowledged
    connection.execute("PRAGMA max_page_count = 1000000")
    await rig.write(10)
    await rig.restart()
    assert rig.stored() == rig.acknowledged
    await rig.sandbox.batches.flush()
    assert {each.state for each in rig.sandbox.operations.newest(limit=10_000)} == {OperationState.SUCCEEDED}


async def test_a_read_only_journal_refuses_writes_and_heals(rig: Rig) -> None:
    connection = rig.sandbox._journal._database.connection
    await rig.write(3)
    connection.execute("PRAGMA query_only = ON")
    await rig.write(3)
    assert rig.refused == 3
    connection.execute("PRAGMA query_only = OFF")
    await rig.write(3)
    assert rig.stored() == rig.acknowledged
    assert len(rig.acknowledged) == 6


async def test_an_answer_of_the_crm_is_kept_until_there_is_space_for_it(rig: Rig) -> None:
    await rig.write(3)
    connection = rig.sandbox._journal._database.connection
    org = rig.orgs.org(rig.sandbox.installations.all()[0].id)
    org.gate = asyncio.Event()
    flush = asyncio.ensure_future(rig.sandbox.batches.flush())
    await until(lambda: bool(org.requests))
    connection.execute("PRAGMA query_only = ON")
    org.gate.set()
    await until(lambda: bool(org.records))
    assert not flush.done()
    connection.execute("PRAGMA query_only = OFF")
    await flush

    assert {each.state for each in rig.sandbox.operations.newest()} == {OperationState.SUCCEEDED}
    assert len(org.requests) == 1
