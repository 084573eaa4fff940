"""Airbyte's Salesforce source, unmodified, reading every stream that it discovers.

It brings some 300 MB of libraries, so that nothing installs it by itself: put `airbyte-source-salesforce`
into an environment of its own, and name its `source-salesforce` in AMPSANDBOX_AIRBYTE_SOURCE.
"""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path
from typing import Any

import pytest

from .conftest import Mock

SOURCE = os.environ.get("AMPSANDBOX_AIRBYTE_SOURCE", "")
CONFIG = {
    "client_id": "c", "client_secret": "s", "refresh_token": "r", "is_sandbox": False, "auth_type": "Client",
    "start_date": "2020-01-01T00:00:00Z",
}  # fmt: skip

pytestmark = [
    pytest.mark.slow,
    pytest.mark.client("airbyte-source-salesforce"),
    pytest.mark.skipif(not SOURCE, reason="AMPSANDBOX_AIRBYTE_SOURCE names no source-salesforce"),
]


def run(mock: Mock, folder: Path, *arguments: str) -> list[dict[str, Any]]:
    """The messages of one command of the source."""
    environment = {
        **os.environ,
        "HTTPS_PROXY": mock.proxy_url,
        "REQUESTS_CA_BUNDLE": mock.ca,
        "DO_NOT_TRACK": "1",
    }
    done = subprocess.run(
        [SOURCE, *arguments, "--config", "config.json"],
        cwd=folder, env=environment, capture_output=True, text=True, timeout=500, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout[-3000:]
    return [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]


def test_every_stream_is_read_to_its_end(salesforce_mock: Mock, tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text(json.dumps(CONFIG), encoding="utf-8")
    found = run(salesforce_mock, tmp_path, "discover")
    streams = next(message["catalog"]["streams"] for message in found if message["type"] == "CATALOG")
    modes = {"sync_mode": "full_refresh", "destination_sync_mode": "overwrite"}
    wanted = {"streams": [{"stream": stream, **modes} for stream in streams]}
    (tmp_path / "catalog.json").write_text(json.dumps(wanted), encoding="utf-8")
    states: dict[str, str] = {}
    for message in run(salesforce_mock, tmp_path, "read", "--catalog", "catalog.json"):
        if status := message.get("trace", {}).get("stream_status"):
            states[status["stream_descriptor"]["name"]] = status["status"]
    assert states == {stream["name"]: "COMPLETE" for stream in streams}
    assert len(streams) > 50
