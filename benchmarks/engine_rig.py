"""A sandbox without server and without a wire, for measuring the engine alone."""

from __future__ import annotations

import asyncio
import resource
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path

from ampsandbox.clock import Clock
from ampsandbox.engine.crm import (
    Answer,
    ExchangeObserver,
    Limits,
    Method,
    ObjectDescription,
    ObjectMapping,
    OrgIdentity,
    ProvisioningPlan,
    ProvisioningStep,
    Record,
    Sender,
    Verdict,
)
from ampsandbox.engine.engine import Engine
from ampsandbox.engine.model import Installation
from ampsandbox.engine.write_command import WriteCommand
from ampsandbox.engine.write_options import DEFAULT, WriteOptions
from ampsandbox.manifest.findings import LoadResult
from ampsandbox.manifest.model import Dialect, Integration, Manifest, Mode, ObjectKind, WriteObject
from ampsandbox.settings.engine import Durability, EngineSettings

LATER = WriteObject("account", ObjectKind.STANDARD, Mode.INSERT, "later", "every 1 days")
NOW = WriteObject("contact", ObjectKind.STANDARD, Mode.INSERT, "now")
INTEGRATION = Integration("load", "Load", "salesforce", (LATER, NOW))
MANIFEST = LoadResult(Manifest(Dialect.V2023, (INTEGRATION,)), (), "", "amp.yaml")
FIELDS = {"name": "Company 12345", "website": "https://example.com", "industry": "Energy", "city": "Oslo"}


class IdleCrm:
    """Says yes to everything, as fast as Python can."""

    provider = "salesforce"
    make_durable = None
    answers_at_once = False

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self.sender: Sender = self
        self._count = 0

    async def identify(self) -> OrgIdentity:
        return OrgIdentity("salesforce", "org", "Idle", "idle", is_production=False)

    async def plan(self, objects: Sequence[WriteObject]) -> ProvisioningPlan:
        return ProvisioningPlan(())

    async def provision(
        self, objects: Sequence[WriteObject], on_step: Callable[[ProvisioningStep], None]
    ) -> None:
        return

    async def resolve(self, item: WriteObject) -> ObjectMapping:
        return ObjectMapping("Account", {"name": "Name", "website": "Website", "industry": "Industry"})

    async def describe(self, object_name: str) -> ObjectDescription:
        return ObjectDescription(object_name, object_name, ())

    def forget_schema(self) -> None:
        return

    def record_key(self, item: WriteObject, record_id: str) -> str:
        return record_id

    async def write(
        self,
        object_name: str,
        mode: Mode,
        records: Sequence[Record],
        method: Method,
        options: WriteOptions = DEFAULT,
    ) -> list[Answer]:
        await asyncio.sleep(0)
        first = self._count + 1
        self._count += len(records)
        return [Answer(Verdict.SUCCEEDED, f"001xx{n:013d}") for n in range(first, first + len(records))]

    async def fetch(self, object_name: str, record_id: str, fields: Sequence[str]) -> dict[str, str] | None:
        return {}

    async def aclose(self) -> None:
        return


async def open_sandbox(state: Path | None, durability: Durability, limits: Limits) -> Engine:
    """A running sandbox with one installation."""

    def connect(_installation: Installation, _observe: ExchangeObserver) -> IdleCrm:
        return IdleCrm(limits)

    settings = EngineSettings(durability=durability)
    clock = Clock(datetime(2026, 3, 2, tzinfo=UTC), speed=0)
    sandbox = Engine("load", clock, connect, settings, state, 1)
    await sandbox.start()
    await sandbox.load(MANIFEST)
    await sandbox.installations.install("demo")
    return sandbox


async def accept(sandbox: Engine, item: WriteObject, count: int, callers: int = 64) -> None:
    """Have that many concurrent callers write `count` records between them."""

    async def call(times: int) -> None:
        for _ in range(times):
            await sandbox.submit(WriteCommand(INTEGRATION, item, Mode.INSERT, "demo", FIELDS))

    await asyncio.gather(*(call(count // callers) for _ in range(callers)))


def peak_mb() -> float:
    """The most memory this process ever held, in megabytes."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
