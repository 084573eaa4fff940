"""`kill -9` while batches of today's API are taken and groups are installed: what was answered holds."""

from __future__ import annotations

import os
import random
import signal
import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest
from test_kill import KILLS, start

pytestmark = pytest.mark.slow

WRITERS = 8
BATCH = 10
ROOT = "/v1/projects/demo/integrations/load"
MANIFEST = """\
specVersion: 1.0.0
integrations:
  - name: load
    displayName: Load
    provider: hubspot
    write:
      objects:
        - objectName: companies
"""
CONTENT = {"provider": "hubspot", "write": {"objects": {"companies": {"objectName": "companies"}}}}


@dataclass
class Answered:
    """What the sandbox said before it was killed."""

    batches: dict[str, list[str]] = field(default_factory=dict)
    """By operation, the names of the records of its batch."""
    installed: set[str] = field(default_factory=set)


def _send_batches(client: httpx.Client, prefix: str, answered: Answered) -> None:
    for number in range(1_000_000):
        names = [f"{prefix}-{number}-{item}" for item in range(BATCH)]
        body = {
            "groupRef": "demo",
            "type": "create",
            "mode": "asynchronous",
            "batch": [{"record": {"name": name}} for name in names],
        }
        answer = client.post(f"{ROOT}/objects/companies", json=body)
        if answer.status_code == 200:
            answered.batches[answer.json()["operationId"]] = names


def _install_groups(client: httpx.Client, prefix: str, answered: Answered) -> None:
    for number in range(1_000_000):
        group = f"{prefix}-{number}"
        connection = {"provider": "hubspot", "groupRef": group, "consumerRef": "me", "apiKey": "x"}
        client.post("/v1/projects/demo/connections:generate", json=connection)
        body = {"groupRef": group, "config": {"content": CONTENT}}
        if client.post(f"{ROOT}/installations", json=body).status_code == 201:
            answered.installed.add(group)


def _load_and_kill(manifest: Path, state: Path, seed: int, answered: Answered) -> None:
    process, url = start(manifest, state, "--group", "demo")

    def until_killed(work: Any, prefix: str) -> None:
        with httpx.Client(base_url=url, trust_env=False, timeout=10) as client:
            try:
                work(client, prefix, answered)
            except httpx.TransportError:
                return

    works = [(_send_batches, f"k{seed}w{writer}") for writer in range(WRITERS)]
    threads = [
        threading.Thread(target=until_killed, args=each) for each in [*works, (_install_groups, f"g{seed}")]
    ]
    for thread in threads:
        thread.start()
    time.sleep(random.Random(seed).uniform(0.3, 1.2))
    deadline = time.monotonic() + 60
    # A busy machine may have answered nothing yet, and then the kill would show nothing.
    while not (answered.batches and answered.installed) and time.monotonic() < deadline:
        time.sleep(0.01)
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    for thread in threads:
        thread.join()
    process.communicate()


def test_batches_and_installations_that_were_answered_hold_after_kill_9(tmp_path: Path) -> None:
    manifest, state = tmp_path / "amp.yaml", tmp_path / "state"
    manifest.write_text(MANIFEST)
    answered = Answered()
    for seed in range(KILLS):
        _load_and_kill(manifest, state, seed, answered)
    assert answered.batches, "no batch was taken before the kills"
    assert answered.installed, "no group was installed before the kills"

    process, url = start(manifest, state, "--group", "demo")
    try:
        with httpx.Client(base_url=url, trust_env=False, timeout=60) as client:
            # HubSpot takes so many requests in ten seconds: a quick machine has left more than that.
            client.post("/_sandbox/v1/clock/advance", json={"hours": 1}).raise_for_status()
            operations = {
                id_: client.get(f"/v1/projects/demo/operations/{id_}").json() for id_ in answered.batches
            }
            writes = client.get(
                "/_sandbox/v1/operations", params={"state": "in_doubt", "limit": 10_000}
            ).json()
            records = client.get("/_sandbox/v1/records/demo/companies", params={"limit": 1_000_000}).json()
            installed = client.get(f"{ROOT}/installations").json()
    finally:
        os.kill(process.pid, signal.SIGTERM)
        process.communicate(timeout=20)

    assert {each.get("status") for each in operations.values()} <= {"success", "failure"}
    names = Counter(record["name"] for record in records)
    assert [name for name, count in names.items() if count > 1] == []
    in_doubt = {each["fields"]["name"] for each in writes}
    sent = {name for batch in answered.batches.values() for name in batch}
    assert sent - set(names) - in_doubt == set()
    assert answered.installed <= {each["group"]["groupRef"] for each in installed}
    assert all(each["config"]["content"]["write"] == CONTENT["write"] for each in installed if
               each["group"]["groupRef"] in answered.installed)  # fmt: skip
