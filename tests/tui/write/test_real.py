"""The write form over a real sandbox: real engine, real mock CRM, real HTTP."""

from __future__ import annotations

import asyncio
import json
import shutil
import subprocess
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from ampsandbox.server.runner import Runner, RunnerOptions
from ampsandbox.tui.app import SandboxApp
from ampsandbox.tui.backend.running import RunningBackend
from tests.tui.rest import at_rest

if TYPE_CHECKING:
    from tests.tui.conftest import FakeBackend, Read, Settle

pytestmark = pytest.mark.anyio


@pytest.fixture
def runner(tmp_path: Path, backend: FakeBackend) -> Iterator[Runner]:
    path = tmp_path / "amp.yaml"
    path.write_text(backend.loaded.text)
    start = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
    with Runner(RunnerOptions(manifest=path, project="m", start=start, speed=0, watch=False)) as running:
        yield running


async def until(app: SandboxApp, pilot: Any, check: Callable[[], object]) -> None:
    """Wait for what another thread brings about."""
    for _ in range(200):
        await pilot.pause(0.02)
        await app.refresh_state()
        if check():
            return
    raise AssertionError("it did not happen")


async def go_to(app: SandboxApp, pilot: Any, endpoint: str) -> None:
    """Move the tree's cursor down to an endpoint."""
    await until(app, pilot, lambda: app.main is not None and app.main.schema is not None)
    for _ in range(40):
        if app.form.title == endpoint:
            return
        await pilot.press("f2", "j")
        await at_rest(pilot)  # A form that is not there yet would be passed by.
    raise AssertionError(f"the tree has no {endpoint}")


async def test_the_form_sends_the_api_key_that_the_server_wants_and_its_curl_names_no_secret(
    tmp_path: Path, backend: FakeBackend, settle: Settle
) -> None:
    path = tmp_path / "amp.yaml"
    path.write_text(backend.loaded.text)
    with Runner(RunnerOptions(manifest=path, project="m", speed=0, watch=False, api_key="k3y")) as running:
        app = SandboxApp(RunningBackend(running))
        async with app.run_test(size=(120, 40)) as pilot:
            await go_to(app, pilot, "create-account")
            await pilot.press("f7", "ctrl+j")
            await until(app, pilot, lambda: "recordId" in app.form.answer.body)
            await pilot.press("ctrl+y")
            await settle(app, pilot)
            assert "k3y" not in app.clipboard
            assert "X-Api-Key: $X_API_KEY" in app.clipboard


@pytest.mark.skipif(not shutil.which("curl"), reason="curl is not installed")
async def test_the_curl_does_what_ctrl_j_does_when_it_is_pasted(runner: Runner, settle: Settle) -> None:
    app = SandboxApp(RunningBackend(runner))
    async with app.run_test(size=(120, 40)) as pilot:
        await go_to(app, pilot, "create-account")
        body = {"groupId": "demo", "fields": {"name": 'It\'s {{n}} $(x) `y` \\ "Ü" 語\n2'}}
        await app.form.show_body(json.dumps(body))
        await settle(app, pilot)
        await pilot.press("ctrl+y")
        await settle(app, pilot)
        words = ["bash", "-c", app.clipboard]
        done = await asyncio.to_thread(subprocess.run, words, capture_output=True, text=True, check=True)
        record = json.loads(done.stdout)["result"]["recordId"]
        found = await app.backend.records.search(app.state.installations[0].id, "Account", search=record)
        assert found.rows[0]["Name"] == 'It\'s 1 $(x) `y` \\ "Ü" 語\n2'


async def test_a_queued_write_is_followed_to_its_record(
    runner: Runner, lines_of: Read, settle: Settle
) -> None:
    app = SandboxApp(RunningBackend(runner))
    async with app.run_test(size=(120, 40)) as pilot:
        await go_to(app, pilot, "create-campaign")
        await pilot.press("f7", "ctrl+j")
        await until(app, pilot, lambda: any("flush in 30:00" in line for line in lines_of(app)))
        await pilot.press("f8")
        await until(app, pilot, lambda: any("✓ written" in line for line in lines_of(app)))
        app.form.answer.text.focus()
        await pilot.press("o")
        await until(app, pilot, lambda: app.screen is not app.main)
        await settle(app, pilot)
        assert any("mailMonkeyCampaigns__c" in line for line in lines_of(app))


async def test_a_group_is_installed_from_the_form_and_written_to(runner: Runner, settle: Settle) -> None:
    app = SandboxApp(RunningBackend(runner))
    async with app.run_test(size=(120, 40)) as pilot:
        await go_to(app, pilot, "create-account")
        await pilot.press("f3", "ctrl+u")
        await settle(app, pilot)  # Textual loses text that comes in one burst with ctrl+u.
        await pilot.press("a", "c", "m", "e", "enter")
        await until(app, pilot, lambda: any(item.group == "acme" for item in app.state.installations))
        await until(
            app, pilot, lambda: "Installed for acme" in str(app.screen.query_one("#step-end").render())
        )
        await pilot.press("escape", "f7", "ctrl+j")
        await until(app, pilot, lambda: "recordId" in app.form.answer.body)
        acme = next(item for item in app.state.installations if item.group == "acme")
        assert (await app.backend.records.search(acme.id, "Account")).total == 1
