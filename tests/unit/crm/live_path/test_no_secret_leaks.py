"""After whole live sessions with known secrets, none of them is anywhere but in memory."""

from __future__ import annotations

import logging
import traceback
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from ampsandbox.clock import Clock
from ampsandbox.crm.connect import Connections
from ampsandbox.engine.engine import Engine
from ampsandbox.engine.model import OperationState
from ampsandbox.engine.write_command import WriteCommand
from ampsandbox.errors import AmpSandboxError
from ampsandbox.events import encode_event
from ampsandbox.manifest.loader import parse_manifest
from ampsandbox.settings import load_settings
from ampsandbox.snippets import as_curl

pytestmark = [pytest.mark.anyio, pytest.mark.parametrize("provider", ["salesforce", "hubspot"])]

MANIFEST = """
integrations:
  - name: write
    displayName: Write
    api: {provider}
    actions:
      - type: write
        standardObjects:
          - {{objectName: contact, mode: insert, endpoint: now}}
          - objectName: contact
            mode: insert
            endpoint: later
            schedule: every 1 hours
            customFields: [{{fieldName: warmthScore, displayName: Warmth}}]
"""


class Session:
    """A sandbox with one live installation, and everything that it showed."""

    def __init__(
        self, remote: Any, settings: str, state: Path, clock: Clock, variables: dict[str, str]
    ) -> None:
        path = state / "sandbox.yaml"
        path.write_text(settings)
        live = load_settings(path, variables).connections
        self.connections = Connections(clock, 0, state / "state", live, variables=variables)
        self.sandbox = Engine("demo", clock, self.connections.connect, state=state / "state")
        self.shown: list[str] = []
        self.clock = clock
        self.provider = remote.provider

    async def run(self, remote: Any) -> None:
        await self.sandbox.start()
        await self.sandbox.load(parse_manifest(MANIFEST.format(provider=self.provider), "amp.yaml"))
        await self.sandbox.installations.install("acme", connection="live")
        assert await self.write("now", "Ada") is OperationState.SUCCEEDED
        for kind in ("expired-token", "rate-limit", "outage", "drop-after"):
            remote.org.faults.add({"kind": kind, "method": "POST", "first": 1, "path": "*bjects*"})
            await self.write("now", kind)
        await self.write("now", "bad", bogus="1")
        await self.write("later", "Grace", warmthScore="hot")
        await self.clock.advance(self.clock.now() + timedelta(hours=1))
        self.collect()

    async def write(self, endpoint: str, name: str, **fields: str) -> OperationState:
        assert self.sandbox.manifest is not None
        integration, item = self.sandbox.manifest.endpoints()[endpoint]
        assert item.mode is not None
        operation = await self.sandbox.submit(
            WriteCommand(integration, item, item.mode, "acme", {"lastName": name} | fields)
        )
        self.shown.append(repr(operation))
        return operation.state

    def collect(self) -> None:
        exchanges = self.sandbox.exchanges.since(0)
        self.shown += [repr(item) for item in exchanges]
        self.shown += [as_curl(item.exchange.method, item.exchange.url) for item in exchanges]
        self.shown += [encode_event(event).decode() for event in self.sandbox.events.since(0)]
        self.shown += [repr(self.sandbox.operations.newest()), self.sandbox.snapshot().decode("latin-1")]
        self.shown += [repr(vars(self.connections)), repr(vars(self.sandbox))]

    async def close(self) -> None:
        await self.sandbox.stop()
        await self.connections.aclose()


async def test_a_whole_session_leaves_no_secret_behind(
    provider: str,
    serve: Callable[..., Any],
    settings_text: Callable[..., str],
    secrets: dict[str, str],
    tmp_path: Path,
    clock: Clock,
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG)
    remote = await serve(provider)
    session = Session(remote, settings_text(remote), tmp_path, clock, secrets)
    await session.run(remote)
    await session.close()
    assert len(remote.seen_tokens) > 1
    everything = "\n".join([*session.shown, caplog.text])
    files = content_below(tmp_path)
    for secret in (*secrets.values(), *remote.seen_tokens):
        assert secret not in everything
        assert secret.encode() not in files
    assert "Grace" in everything
    assert b"Grace" in files


def content_below(folder: Path) -> bytes:
    return b"".join(path.read_bytes() for path in folder.rglob("*") if path.is_file())


async def test_a_traceback_with_all_locals_shows_no_secret(
    provider: str,
    serve: Callable[..., Any],
    settings_text: Callable[..., str],
    secrets: dict[str, str],
    tmp_path: Path,
    clock: Clock,
) -> None:
    remote = await serve(provider, clients={"app": "another-secret"})
    session = Session(remote, settings_text(remote), tmp_path, clock, secrets)
    await session.sandbox.start()
    await session.sandbox.load(parse_manifest(MANIFEST.format(provider=provider), "amp.yaml"))
    with pytest.raises(AmpSandboxError) as caught:
        await session.sandbox.installations.install("acme", connection="live")
    await session.close()
    frames = traceback.TracebackException.from_exception(caught.value, capture_locals=True)
    ours = [frame for frame in frames.stack if "/ampsandbox/" in frame.filename]
    shown = "".join(frames.format_exception_only()) + "".join(repr(frame.locals) for frame in ours)
    assert len(ours) > 5
    assert not [name for name in ("CLIENT_SECRET", "REFRESH_TOKEN") if secrets[name] in shown]
