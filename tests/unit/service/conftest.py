"""A whole sandbox on the test's own loop, in memory, on a frozen clock, without a server."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from ampsandbox.engine.model import Operation
from ampsandbox.engine.write_command import WriteCommand
from ampsandbox.server.runner import RunnerOptions
from ampsandbox.server.sandbox_server import SandboxServer
from ampsandbox.service.sandbox_service import SandboxService

START = datetime(2026, 1, 1, tzinfo=UTC)
AMP_YAML = """
integrations:
  - name: crm
    displayName: CRM
    api: salesforce
    actions:
      - type: write
        standardObjects:
          - objectName: account
            mode: insert
            endpoint: insert-account
          - objectName: contact
            mode: insert
            endpoint: insert-contact
            schedule: every 2 hours
          - objectName: contact
            mode: update
            endpoint: update-contact
"""

OpenService = Callable[..., Awaitable[SandboxService]]


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
async def open_service() -> AsyncIterator[OpenService]:
    """Opens services; `record` names a file for the session, `text` another manifest or none."""
    running: list[SandboxServer] = []

    async def start(text: str | None = AMP_YAML, *, record: Path | None = None) -> SandboxService:
        options = RunnerOptions(
            host=None, groups=(), start=START, speed=0, watch=False, use_environment=False, record=record
        )
        running.append(await SandboxServer.open(options))
        service = running[-1].service
        if text is not None:
            await service.manifests.load(text=text)
            await service.installations.install("acme")
            await service.snapshots.mark_baseline()
        return service

    yield start
    for server in running:
        await server.stop()


@pytest.fixture
async def service(open_service: OpenService) -> SandboxService:
    """A sandbox with Salesforce for the group acme."""
    return await open_service()


async def write(
    service: SandboxService, endpoint: str, key: str | None = None, **fields: object
) -> Operation:
    """Send one write for acme."""
    manifest = service.context.engine.manifest
    assert manifest is not None
    integration, item = manifest.endpoints()[endpoint]
    assert item.mode is not None
    return await service.writes.submit(WriteCommand(integration, item, item.mode, "acme", fields, key))
