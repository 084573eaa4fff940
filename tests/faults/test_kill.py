"""`kill -9` at a random moment under load: nothing acknowledged is missing, nothing is applied twice."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from pathlib import Path
from typing import Any

import httpx
import pytest

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parent.parent.parent
KILLS = int(os.environ.get("AMPSANDBOX_KILLS", "3"))
WRITERS = 200

MANIFEST = """\
specVersion: 0.1.0
integrations:
  - name: load
    displayName: Load
    api: salesforce
    actions:
      - type: write
        standardObjects:
          - objectName: account
            mode: insert
            endpoint: later
            schedule: every 1 hours
"""


def start(manifest: Path, state: Path, *more: str) -> tuple[subprocess.Popen[str], str]:
    """A sandbox in a process of its own, and its URL."""
    command = [
        sys.executable,
        "-m",
        "ampsandbox",
        "serve",
        str(manifest),
        "--state",
        str(state),
        "--port",
        "0",
    ]
    command += more
    with (state.parent / "stderr").open("w") as stderr:
        process = subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=stderr, text=True, cwd=ROOT, start_new_session=True
        )
    assert process.stdout is not None
    line = process.stdout.readline()
    assert line, (state.parent / "stderr").read_text()
    url: str = json.loads(line)["url"]
    return process, url


def _write_until_killed(url: str, prefix: str, accepted: dict[str, str], stop: threading.Event) -> None:
    """Send writes one after another, noting each one that was acknowledged."""
    number = 0
    with httpx.Client(base_url=url, trust_env=False, verify=False, timeout=10) as client:
        while not stop.is_set():
            name = f"{prefix}-{number}"
            number += 1
            try:
                answer = client.post(
                    "/projects/demo/later", json={"groupId": "demo", "fields": {"name": name}}
                )
            except httpx.TransportError:
                return
            if answer.status_code == 202:
                accepted[name] = answer.json()["operationId"]


def _load_and_kill(manifest: Path, state: Path, seed: int) -> dict[str, str]:
    """Start, write from many threads, flush now and then, and kill at a random moment."""
    process, url = start(manifest, state)
    accepted: dict[str, str] = {}
    stop = threading.Event()
    threads = [
        threading.Thread(target=_write_until_killed, args=(url, f"k{seed}-w{writer}", accepted, stop))
        for writer in range(WRITERS)
    ]
    for thread in threads:
        thread.start()
    flusher = threading.Thread(target=_flush_once, args=(url,))
    flusher.start()
    time.sleep(random.Random(seed).uniform(0.05, 0.8))
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    stop.set()
    for thread in [*threads, flusher]:
        thread.join()
    process.communicate()
    return accepted


def _flush_once(url: str) -> None:
    try:
        httpx.post(f"{url}/_sandbox/v1/flush", json={}, trust_env=False, timeout=10)
    except httpx.TransportError:
        return


def test_every_acknowledged_write_is_accounted_for_after_kill_9(tmp_path: Path) -> None:
    manifest, state = tmp_path / "amp.yaml", tmp_path / "state"
    manifest.write_text(MANIFEST)
    accepted: dict[str, str] = {}
    for seed in range(KILLS):
        accepted |= _load_and_kill(manifest, state, seed)
    assert accepted, "no write was accepted before the kills"

    process, url = start(manifest, state)
    try:
        with httpx.Client(base_url=url, trust_env=False, timeout=60) as client:
            client.post("/_sandbox/v1/flush", json={}).raise_for_status()
            states = {
                name: client.get(f"/projects/demo/operations/{operation}").json().get("status", "missing")
                for name, operation in accepted.items()
            }
            records = _all_records(client)
    finally:
        os.kill(process.pid, signal.SIGTERM)
        process.communicate(timeout=20)

    assert set(states.values()) <= {"succeeded", "failed", "in_doubt"}, Counter(states.values())
    names = Counter(record["Name"] for record in records)
    assert [name for name, count in names.items() if count > 1] == []
    lost = [name for name, state_ in states.items() if state_ == "succeeded" and not names[name]]
    assert lost == []


def _all_records(client: httpx.Client) -> list[dict[str, Any]]:
    answer = client.get("/_sandbox/v1/records/demo/Account", params={"limit": 1_000_000})
    records: list[dict[str, Any]] = answer.raise_for_status().json()
    return records
