"""A restore and a reset that are killed at any file operation: afterwards all of it is done, or nothing."""

from __future__ import annotations

import os
import shutil
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from ampsandbox.engine.journal import Journal
from ampsandbox.engine.replacement import FILE_NAME
from ampsandbox.engine.write_command import WriteCommand
from ampsandbox.manifest.model import Mode
from ampsandbox.server.runner import RunnerOptions
from ampsandbox.server.sandbox_server import SandboxServer
from mock_crm.core.store import Store

pytestmark = pytest.mark.anyio

MANIFEST = """\
specVersion: 0.1.0
integrations:
  - name: crm
    displayName: CRM
    api: hubspot
    actions:
      - type: write
        standardObjects:
          - {objectName: contacts, mode: insert, endpoint: now}
          - {objectName: companies, mode: insert, endpoint: later, schedule: every 3 hours}
"""
GROUPS = ("acme", "beta")
FIELDS = (("contacts", "email"), ("companies", "name"))


class KilledError(BaseException):
    """The process ended here."""


class Killer:
    """Ends the process at the so-manieth operation on files and databases; counts on without one."""

    def __init__(self, at: int) -> None:
        self.at = at
        self.count = 0

    def step(self) -> None:
        self.count += 1
        if self.count == self.at:
            raise KilledError

    @contextmanager
    def armed(self) -> Iterator[None]:
        """Die before or after each of these operations, whichever number comes up."""
        places: list[tuple[Any, str]] = [
            (os, "open"), (os, "fsync"), (Path, "replace"), (Path, "unlink"), (Path, "mkdir"),
            (Store, "restore"), (Journal, "deserialize"),
        ]  # fmt: skip
        with pytest.MonkeyPatch.context() as patch:
            for owner, name in places:
                patch.setattr(owner, name, self._deadly(getattr(owner, name)))
            yield

    def _deadly(self, function: Callable[..., Any]) -> Callable[..., Any]:
        def call(*args: Any, **kwargs: Any) -> Any:
            self.step()
            result = function(*args, **kwargs)
            self.step()
            return result

        return call


@asynccontextmanager
async def opened(state: Path) -> AsyncIterator[SandboxServer]:
    """A sandbox on the folder, which ends as a killed process does."""
    manifest = state.parent / "amp.yaml"
    manifest.write_text(MANIFEST)
    options = RunnerOptions(
        manifest=manifest, host=None, groups=GROUPS[:1], state=state, speed=0.0, watch=False,
        start=datetime(2026, 3, 2, tzinfo=UTC), use_environment=False,
    )  # fmt: skip
    server = await SandboxServer.open(options)
    try:
        yield server
    finally:
        await server.engine.kill()
        for item in server.connections._orgs.values():
            item.store._connection.close()
        server.connections.created.close()


async def write(server: SandboxServer, endpoint: str, **fields: str) -> None:
    assert server.engine.manifest is not None
    integration, item = server.engine.manifest.endpoints()[endpoint]
    for group in GROUPS:
        await server.engine.submit(WriteCommand(integration, item, Mode.INSERT, group, fields))


def content(server: SandboxServer) -> tuple[list[tuple[str, str]], list[list[Any]]]:
    """What the journal says, and what the orgs hold."""
    operations = sorted((str(item.fields), item.state.value) for item in server.engine.operations.newest())
    orgs = [server.connections.org(item.id) for item in server.engine.installations.all()]
    records = [
        [
            record.get(name)
            for kind, name in (("contacts", "email"), ("companies", "name"))
            for record in org.records(kind)
        ]
        for org in orgs
        if org is not None
    ]
    return operations, records


@pytest.fixture(scope="module")
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
async def prepared(tmp_path: Path) -> tuple[Path, bytes]:
    """A state folder with writes of before and after a snapshot, and the snapshot."""
    state = tmp_path / "base" / "state"
    state.parent.mkdir()
    async with opened(state) as server:
        await server.service.installations.install("beta")
        await write(server, "now", email="before@x.io")
        await write(server, "later", name="Waiting")
        snapshot = await server.service.snapshots.take()
        await server.engine.batches.flush()
        await write(server, "now", email="after@x.io")
    return state, snapshot


@pytest.mark.parametrize("verb", ["restore", "reset"])
async def test_whenever_it_is_killed_journal_and_orgs_are_of_one_moment(
    prepared: tuple[Path, bytes], tmp_path: Path, verb: str
) -> None:
    base, snapshot = prepared

    async def replace(server: SandboxServer) -> None:
        snapshots = server.service.snapshots
        await (snapshots.restore(snapshot) if verb == "restore" else snapshots.reset())

    async with opened(shutil.copytree(base, tmp_path / "undisturbed" / "state")) as server:
        before = content(server)
        await replace(server)
        after = content(server)
    assert before != after
    seen = set()
    killer = Killer(0)
    while True:
        killer = Killer(killer.at + 1)
        state = shutil.copytree(base, tmp_path / str(killer.at) / "state")
        async with opened(state) as server:
            with killer.armed():
                try:
                    await replace(server)
                except KilledError:
                    pass
                else:
                    break
        is_decided = (state / FILE_NAME).exists()
        second = Killer(killer.at % 7 + 1)
        with second.armed():
            try:
                async with opened(state):
                    pass
            except KilledError:
                pass  # again, while it finishes what was interrupted
        async with opened(state) as server:
            found = content(server)
            assert found in (before, after), killer.at
            assert found == after or not is_decided, killer.at
            assert {item.group for item in server.engine.installations.all()} == set(GROUPS)
            assert not (state / FILE_NAME).exists()
            await write(server, "now", email="afterwards@x.io")
            seen.add(found == after)
        shutil.rmtree(state)
    assert seen == {True, False}
    assert killer.at > 10


async def test_a_reset_after_a_restart_forgets_the_records_of_the_run_before(
    prepared: tuple[Path, bytes],
) -> None:
    state, _ = prepared
    async with opened(state) as server:
        await server.service.snapshots.reset()
        assert content(server) == ([], [[], []])
        await write(server, "now", email="new@x.io")
        assert content(server)[1] == [["new@x.io"], ["new@x.io"]]
