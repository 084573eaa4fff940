"""Settings that name a real org for an installation that has been a mock so far."""

from __future__ import annotations

from pathlib import Path

import pytest

from ampsandbox.server.runner import RunnerOptions
from ampsandbox.server.sandbox_server import SandboxServer

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
          - {objectName: contact, mode: insert, endpoint: now}
"""
SETTINGS = "connections: [{provider: hubspot, auth: access-token, access_token: '${T}'}]"


async def test_a_connection_in_the_settings_is_never_passed_over_in_silence(tmp_path: Path) -> None:
    manifest, settings, state = tmp_path / "amp.yaml", tmp_path / "sandbox.yaml", tmp_path / "state"
    manifest.write_text(MANIFEST)
    settings.write_text(SETTINGS)

    def options(settings: Path | None) -> RunnerOptions:
        return RunnerOptions(manifest=manifest, host=None, state=state, watch=False, settings=settings)

    first = await SandboxServer.open(options(None))
    assert first.problems == []
    await first.stop()
    second = await SandboxServer.open(options(settings))
    [item] = second.engine.installations.all()
    [problem] = second.problems
    await second.stop()
    assert item.connection == "mock"
    assert "still writes to its mock" in problem.message
    assert f"ctl installation {item.id} --go-live" in problem.hint
