"""`ampsandbox plan`, `serve` and `ctl` as a user starts them, against mock CRMs behind TLS."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

pytestmark = pytest.mark.slow

MANIFEST = """
integrations:
  - name: write
    displayName: Write
    api: {provider}
    actions:
      - type: write
        standardObjects:
          - objectName: contact
            mode: insert
            endpoint: now
            customFields: [{{fieldName: warmthScore, displayName: Warmth}}]
          - {{objectName: contact, mode: insert, endpoint: later, schedule: every 1 days}}
"""


class User:
    """Somebody in a folder with `amp.yaml`, `sandbox.yaml` and `.env`, whose shell has no credentials."""

    def __init__(self, folder: Path, provider: str, settings: str, secrets: dict[str, str]) -> None:
        self.folder = folder
        self.secrets = secrets
        self.shown = ""
        (folder / "amp.yaml").write_text(MANIFEST.format(provider=provider))
        (folder / "sandbox.yaml").write_text(settings)
        (folder / ".env").write_text("".join(f"{name}='{value}'\n" for name, value in secrets.items()))
        self.environment = {
            key: value for key, value in os.environ.items() if not key.startswith("AMPSANDBOX")
        }

    def run(self, *args: str, typed: str = "") -> tuple[int, str]:
        """Run a command to its end."""
        done = subprocess.run(
            self._command(*args),
            input=typed,
            capture_output=True,
            text=True,
            env=self.environment,
            cwd=self.folder,
        )
        self.shown += done.stdout + done.stderr
        return done.returncode, done.stdout

    @contextmanager
    def serving(self, *options: str) -> Iterator[str]:
        """A running `serve`; gives its URL."""
        command = self._command("serve", *LIVE, "--state", "state", "--port", "0", *options)
        errors = self.folder / "stderr"
        with (
            errors.open("w") as stderr,
            subprocess.Popen(
                command,
                stdout=subprocess.PIPE,
                stderr=stderr,
                text=True,
                env=self.environment,
                cwd=self.folder,
            ) as running,
        ):
            assert running.stdout is not None
            line = running.stdout.readline()
            try:
                assert line, errors.read_text()
                yield json.loads(line)["url"]
            finally:
                running.terminate()
                running.wait()
                self.shown += line + errors.read_text()

    def _command(self, *args: str) -> list[str]:
        return [sys.executable, "-m", "ampsandbox", *args]


LIVE = ("--settings", "sandbox.yaml", "--env-file", ".env", "--group", "acme")


@pytest.fixture
def user(
    tmp_path: Path, process: Any, settings_text: Callable[..., str], secrets: dict[str, str]
) -> Iterator[User]:
    person = User(tmp_path, process.provider, settings_text(process), secrets)
    yield person
    assert not [name for name, secret in secrets.items() if secret in person.shown]


def write(url: str, endpoint: str, name: str) -> dict[str, Any]:
    body = {"groupId": "acme", "fields": {"lastName": name}}
    answer: dict[str, Any] = httpx.post(f"{url}/projects/demo/{endpoint}", json=body).json()
    return answer


def created(user: User, url: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(user.run("ctl", "records", "--created", "--url", url)[1])
    return found


def test_plan_serve_write_and_clean_up(user: User) -> None:
    code, plan = user.run("plan", *LIVE)
    assert code == 0
    assert "requests left today" in plan
    with user.serving() as url:
        [installed] = httpx.get(f"{url}/_sandbox/v1/state").json()["installations"]
        assert installed["installation"]["connection"] == "live"
        assert installed["org"]["isProduction"] is False
        assert write(url, "now", "Ada")["result"]["success"]
        write(url, "later", "Grace")
        write(url, "later", "Edith")
        user.run("ctl", "flush", "--url", url)
        user.run("ctl", "reset", "--url", url)
        assert len(created(user, url)) == 3
    assert f"LIVE: writes go to {installed['org']['name']}" in user.shown
    with user.serving() as url:
        records = created(user, url)
        assert all(record["recordId"] in record["url"] for record in records)
        delete = ("ctl", "records", "--created", "--delete", "--url", url)
        assert user.run(*delete, typed="no\n")[0] == 1
        code, answer = user.run(*delete, typed=records[0]["orgName"] + "\n")
        assert (code, json.loads(answer)) == (0, {"removed": 3, "kept": []})
        assert created(user, url) == []


def test_a_dry_run_shows_each_request_and_sends_none(user: User) -> None:
    with user.serving("--dry-run") as url:
        assert write(url, "now", "Ada")["errors"][0]["code"] == "DRY_RUN"
        write(url, "later", "Grace")
        user.run("ctl", "flush", "--url", url)
        assert created(user, url) == []
    assert "DRY RUN of writes to" in user.shown
    assert user.shown.count("curl https://127.0.0.1") >= 2
    assert '"Authorization: $AUTHORIZATION"' in user.shown
    assert "Grace" in user.shown
