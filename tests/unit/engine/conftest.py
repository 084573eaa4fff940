"""A sandbox on a frozen clock that writes to orgs in memory."""

from __future__ import annotations

import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

# Test folders cannot import each other; the simulation's CRM is made for both.
sys.path.insert(0, str(Path(__file__).parents[2] / "faults"))

from simulation.memory_crm import MemoryOrg, MemoryOrgs

from ampsandbox.clock import Clock
from ampsandbox.engine.engine import Engine
from ampsandbox.engine.model import Installation, Operation
from ampsandbox.engine.write_command import WriteCommand
from ampsandbox.manifest.findings import LoadResult
from ampsandbox.manifest.model import Dialect, Integration, Manifest, Mode, ObjectKind, WriteObject
from ampsandbox.settings.engine import EngineSettings

START = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)


def item(name: str, mode: Mode, schedule: str | None = None, endpoint: str | None = None) -> WriteObject:
    return WriteObject(name, ObjectKind.STANDARD, mode, endpoint or f"{mode.value}-{name}", schedule)


OBJECTS = (
    item("account", Mode.INSERT),
    item("account", Mode.UPDATE),
    item("contact", Mode.INSERT, "every 2 hours"),
    item("contact", Mode.UPDATE, "every 1 hours"),
    item("contact", Mode.UPDATE, endpoint="update-contact-now"),
    item("lead", Mode.INSERT, "0 * * * *"),
)


def loaded(*objects: WriteObject) -> LoadResult:
    integration = Integration("crm", "CRM", "salesforce", objects or OBJECTS)
    return LoadResult(Manifest(Dialect.V2023, (integration,)), (), "", "amp.yaml")


@dataclass
class Desk:
    """A running sandbox, its clock and its orgs, with short words for common calls."""

    sandbox: Engine
    clock: Clock
    orgs: MemoryOrgs

    @property
    def installation(self) -> Installation:
        return self.sandbox.installations.all()[0]

    @property
    def org(self) -> MemoryOrg:
        return self.orgs.org(self.installation.id)

    async def write(
        self, endpoint: str, key: str | None = None, group: str = "acme", **fields: Any
    ) -> Operation:
        assert self.sandbox.manifest is not None
        integration, target = self.sandbox.manifest.endpoints()[endpoint]
        assert target.mode is not None
        return await self.sandbox.submit(WriteCommand(integration, target, target.mode, group, fields, key))

    @staticmethod
    def batch_of(operation: Operation) -> str:
        """The batch that a write waits in."""
        assert operation.batch_id is not None
        return operation.batch_id

    def kinds(self) -> list[str]:
        return [type(event).__name__ for event in self.sandbox.events.since(0, 100_000)]


Open = Callable[..., Awaitable[Desk]]


@pytest.fixture
async def open_desk() -> AsyncIterator[Open]:
    """Opens sandboxes, and stops them all at the end; `orgs` and `state` carry on from an earlier one."""
    opened: list[Desk] = []

    async def open_(
        *,
        state: Path | None = None,
        orgs: MemoryOrgs | None = None,
        start: datetime = START,
        install: bool = True,
        seed: int | str = 7,
        resume_clock: bool = True,
        objects: tuple[WriteObject, ...] = (),
        limits: Any = None,
        **settings: Any,
    ) -> Desk:
        clock = Clock(start, speed=0)
        if orgs is None:
            orgs = MemoryOrgs(clock, **({"limits": limits} if limits else {}))
        orgs.clock = clock
        sandbox = Engine("demo", clock, orgs, EngineSettings(**settings), state, seed)
        await sandbox.start(resume_clock=resume_clock)
        desk = Desk(sandbox, clock, orgs)
        opened.append(desk)
        await sandbox.load(loaded(*objects))
        if install and not sandbox.installations.all():
            await sandbox.installations.install("acme")
        return desk

    yield open_
    for desk in opened:
        await desk.sandbox.stop()


@pytest.fixture
async def desk(open_desk: Open) -> Desk:
    return await open_desk()
