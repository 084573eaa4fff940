"""A session recorded by `serve --record` is the same session again in `replay`."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from tests.server.conftest import Serve

ROOT = Path(__file__).parent.parent.parent
MANIFEST = "sample_configs/mailmonkey.yaml"
CRM = "integration=mailmonkey-salesforce"


def _replay(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "ampsandbox", "replay", *arguments]
    return subprocess.run(command, capture_output=True, text=True, cwd=ROOT, timeout=60, check=False)


def _lead(name: str) -> dict[str, Any]:
    return {"groupId": "demo", "fields": {"lastName": name, "company": "Big Co."}}


@pytest.fixture
def recording(serve: Serve, tmp_path: Path) -> Path:
    """A session with a seeded record, a fault, a refusal, and a flush that needs two attempts."""
    path = tmp_path / "session.jsonl"
    served = serve(MANIFEST, "--ephemeral", "--speed", "0", "--record", str(path))
    rule = {"kind": "row-lock", "nth": 1}
    assert served.curl("POST", f"/_sandbox/v1/faults/demo?{CRM}", rule)[0] == 201
    _, ids = served.curl("POST", f"/_sandbox/v1/records/demo/Contact?{CRM}", [{"LastName": "Ray"}])
    update = {"groupId": "demo", "primaryKey": ids[0], "fields": {"warmthScore": "ready"}}
    served.curl("POST", "/projects/demo/add-warmth-score", update)
    served.curl("POST", "/projects/demo/create-account", {"groupId": "demo", "fields": {"nam": "Big Co."}})
    for name in ("Ann", "Bob"):
        served.curl("POST", "/projects/demo/create-lead", _lead(name))
    served.curl("POST", "/_sandbox/v1/clock/advance", {"minutes": 10})
    assert served.stop() == 0
    return path


def test_a_replay_comes_to_the_same_outcomes(recording: Path) -> None:
    result = _replay(str(recording))
    assert (result.returncode, result.stderr) == (0, "")
    assert result.stdout.endswith("4 writes, all as recorded.\n")


def test_a_replay_lives_through_resets_and_restored_snapshots(serve: Serve, tmp_path: Path) -> None:
    path = tmp_path / "session.jsonl"
    served = serve(MANIFEST, "--ephemeral", "--record", str(path))
    campaign = {"groupId": "demo", "fields": {"campaignName": "Spring"}}
    for _ in range(2):
        served.curl("POST", "/_sandbox/v1/clock/advance", {"days": 3})
        served.curl("POST", "/_sandbox/v1/reset", {})
        served.curl("POST", "/projects/demo/record-campaigns", campaign)
        served.curl("POST", "/_sandbox/v1/clock/advance", {"days": 1})
    snapshot = tmp_path / "snapshot"
    content = ["-H", "Content-Type: application/octet-stream", "--data-binary", f"@{snapshot}"]
    served.curl_text("GET", "/_sandbox/v1/snapshot", None, "-o", str(snapshot))
    served.curl("POST", "/_sandbox/v1/clock/advance", {"days": 30})
    served.curl_text("POST", "/_sandbox/v1/restore", None, *content)
    served.curl("POST", "/projects/demo/create-lead", _lead("Ann"))
    served.curl("POST", "/_sandbox/v1/clock/advance", {"minutes": 2})
    assert served.stop() == 0
    assert b'"sandbox-restored"' in path.read_bytes()
    result = _replay(str(path))
    assert (result.returncode, result.stderr) == (0, "")
    assert result.stdout.endswith("2 writes, all as recorded.\n")


def test_another_manifest_shows_what_it_changes(recording: Path, tmp_path: Path) -> None:
    changed = tmp_path / "amp.yaml"
    changed.write_text((ROOT / MANIFEST).read_text().replace("create-lead", "create-leads"))
    result = _replay(str(recording), "--manifest", str(changed), "--format", "json")
    assert result.returncode == 1
    differences = json.loads(result.stdout)["differences"]
    assert [(d["recorded"], d["replayed"]) for d in differences] == [("WriteSucceeded", None)] * 2


@pytest.mark.parametrize("content", [b"", b"{}\n", b"oops\n", b'{"recording":99}\n'])
def test_what_is_no_recording_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "session.jsonl"
    path.write_bytes(content)
    result = _replay(str(path))
    assert result.returncode == 2
    assert "recording" in result.stderr
    assert "Traceback" not in result.stderr


def test_a_damaged_line_is_named(recording: Path) -> None:
    lines = recording.read_bytes().splitlines(keepends=True)
    recording.write_bytes(b"".join([*lines[:3], b"{oops\n", *lines[3:]]))
    result = _replay(str(recording))
    assert result.returncode == 2
    assert "Line 4" in result.stderr


def test_a_file_that_cannot_be_written_is_told_at_the_start() -> None:
    command = [sys.executable, "-m", "ampsandbox", "serve", MANIFEST, "--ephemeral", "--port", "0"]
    result = subprocess.run(
        [*command, "--record", "/no/such/folder/session.jsonl"],
        capture_output=True,
        text=True,
        cwd=ROOT,
        timeout=30,
        check=False,
    )
    assert result.returncode == 4
    assert "/no/such/folder" in result.stderr
    assert "Traceback" not in result.stderr
