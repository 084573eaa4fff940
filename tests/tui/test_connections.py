"""Going live from the screen, and back: credentials, a look at the org, its name typed, the switch."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from msgspec.structs import replace
from textual.pilot import Pilot
from textual.widgets import Input

from ampsandbox.errors import ConflictError
from ampsandbox.server.runner import Runner, RunnerOptions
from ampsandbox.settings import read_typed_connection
from ampsandbox.settings.credentials import LiveConnection
from ampsandbox.tui.app import SandboxApp
from ampsandbox.tui.backend.running import RunningBackend
from ampsandbox.tui.backend.views import InstallationStatus
from ampsandbox.tui.http_sender import HttpClient
from ampsandbox.tui.screens.credentials import CredentialsDialog
from tests.tui.rest import at_rest

if TYPE_CHECKING:
    from tests.tui.conftest import FakeBackend, Read

pytestmark = pytest.mark.anyio

SECRET = "s3cret-refresh-token"


@pytest.fixture
async def pilot(backend: FakeBackend, tmp_path: Path) -> AsyncIterator[Pilot[int]]:
    """The screen of the connections, with the cursor on the first one."""
    app = SandboxApp(backend, tmp_path / "preferences.json")
    async with app.run_test(size=(120, 40)) as driven:
        await app.refresh_state()
        app.sandbox.action_show_connections()
        await driven.pause()
        yield driven


def written(folder: Path) -> bytes:
    """Everything that was written to disk."""
    return b"".join(path.read_bytes() for path in folder.rglob("*") if path.is_file())


async def enter_credentials(pilot: Pilot[int], key: str = "L") -> None:
    await pilot.press(key)
    await at_rest(pilot)
    await pilot.press(*"refresh", "enter")
    await at_rest(pilot)
    for name, value in {"client_id": "app", "client_secret": "a-secret", "refresh_token": SECRET}.items():
        pilot.app.screen.query_one(f"#{name}", Input).value = value


@pytest.mark.performs("go-live")
async def test_going_live_takes_credentials_a_look_and_the_name_of_the_org(
    pilot: Pilot[int], backend: FakeBackend, lines_of: Read, tmp_path: Path
) -> None:
    await enter_credentials(pilot)
    assert SECRET not in "\n".join(lines_of(pilot.app))
    await pilot.press("ctrl+j")
    await at_rest(pilot)
    shown = "\n".join(lines_of(pilot.app))
    assert "PRODUCTION" in shown
    assert "Contact.WarmthScore__c" in shown
    await pilot.press(*"Big", "enter")
    await at_rest(pilot)
    assert not [call for call in backend.calls if call[0] == "go_live"], "that is not its name"
    await pilot.press("space", *"Corp", "enter")
    await at_rest(pilot)
    assert ("go_live", "i1", "Big Corp") in backend.calls
    await pilot.press("escape", "escape")
    await at_rest(pilot)
    shown = "\n".join(lines_of(pilot.app))
    assert "▲ LIVE salesforce Big Corp" in shown
    assert "▲ LIVE Big Corp · insert account" in shown
    assert pilot.app.screen.has_class("-live")
    assert SECRET.encode() not in written(tmp_path)


async def test_a_failed_look_names_the_host_and_brings_back_what_was_filled_in(
    pilot: Pilot[int], backend: FakeBackend, lines_of: Read, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def refuse(*args: Any) -> Any:
        raise ConflictError("The credentials were refused.", "Check them.")

    monkeypatch.setattr(backend.connections, "preview", refuse)
    await enter_credentials(pilot)
    pilot.app.screen.query_one("#api_version", Input).value = "62"
    await pilot.press("ctrl+j")
    await at_rest(pilot)
    assert "“62” is no version of Salesforce's API. Write it as v62.0." in " ".join(lines_of(pilot.app))
    pilot.app.screen.query_one("#api_version", Input).value = "v62.0"
    await pilot.press("ctrl+j")
    await at_rest(pilot)
    assert "login.salesforce.com: The credentials were refused." in " ".join(lines_of(pilot.app))
    assert pilot.app.screen.query_one("#refresh_token", Input).value == SECRET
    assert SECRET not in "\n".join(lines_of(pilot.app))


@pytest.mark.performs("go-mock")
async def test_back_to_the_mock_asks_first(pilot: Pilot[int], backend: FakeBackend, lines_of: Read) -> None:
    await pilot.press("b")
    await at_rest(pilot)
    assert not backend.calls, "it is a mock already"
    backend.connect("i1", "live", "Big Corp")
    await pilot.app.refresh_state()  # type: ignore[attr-defined]
    pilot.app.screen.query_one("#connection-rows").show(pilot.app.state.installations)  # type: ignore[attr-defined]
    await pilot.press("b")
    await at_rest(pilot)
    assert not backend.calls
    await pilot.press("y")
    await at_rest(pilot)
    assert backend.calls == [("go_mock", "i1")]
    await pilot.press("escape", "escape")
    await at_rest(pilot)
    assert "● MOCK" in lines_of(pilot.app)[0]


async def test_a_live_installation_without_credentials_says_so_and_is_connected_again(
    pilot: Pilot[int], backend: FakeBackend, lines_of: Read
) -> None:
    lost = replace(backend.installed[0], connection="live", org="", needs_credentials=True)
    backend.installed[0] = lost
    app: Any = pilot.app
    await app.refresh_state()
    app.screen.query_one("#connections").show_all()
    await pilot.pause()
    shown = "\n".join(lines_of(pilot.app))
    assert "needs credentials" in shown
    assert "c gives them again" in shown
    await enter_credentials(pilot, key="c")
    await pilot.press("ctrl+j")
    await at_rest(pilot)
    assert "Connect to Big Corp again?" in "\n".join(lines_of(pilot.app))
    await pilot.press(*"Big", "space", *"Corp", "enter")
    await at_rest(pilot)
    assert ("reconnect", "i1", "Big Corp") in backend.calls
    assert not [call for call in backend.calls if call[0] == "go_live"]


async def test_what_is_missing_is_named_and_the_form_stays(pilot: Pilot[int], lines_of: Read) -> None:
    await enter_credentials(pilot)
    pilot.app.screen.query_one("#refresh_token", Input).value = ""
    pilot.app.screen.query_one("#login_url", Input).value = "http://example.com"
    await pilot.press("ctrl+j")
    await at_rest(pilot)
    assert isinstance(pilot.app.screen, CredentialsDialog)
    shown = "\n".join(lines_of(pilot.app))
    assert "needs “refresh_token”" in shown
    assert "not encrypted" in shown


# -- over a real sandbox, with a mock CRM behind TLS standing in for a real host ---------------------------


@pytest.fixture(scope="module")
def remote(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Any]]:
    ca_dir = tmp_path_factory.mktemp("ca")
    command = [sys.executable, "-m", "mock_crm", "salesforce", "--https-port", "0", "--ca-dir", str(ca_dir)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        yield json.loads(process.stdout.readline())
        process.terminate()


async def test_a_sandbox_goes_live_and_back(
    backend: FakeBackend, tmp_path: Path, remote: dict[str, Any]
) -> None:
    path = tmp_path / "amp.yaml"
    path.write_text(backend.loaded.text)
    options = RunnerOptions(
        manifest=path, project="mailmonkey", speed=0, watch=False, state=tmp_path / "state"
    )
    with Runner(options) as runner:
        real = RunningBackend(runner)
        installed = (await real.snapshot(0)).installations[0]
        live = way_into(remote, installed)
        found = await real.connections.preview(installed.id, live)
        assert "Contact.warmthScore__c" in {step.name for step in found.plan.steps}

        waiting = await send(
            real, "add-warmth-score", primaryKey="003000000000001AAA", fields={"warmthScore": "hot"}
        )
        with pytest.raises(ConflictError, match="1 writes still wait"):
            await real.connections.go_live(installed.id, live, found.org, lambda step: None)
        await real.operations.drop(waiting["operationId"])

        await real.connections.go_live(installed.id, live, found.org, lambda step: None)
        [now] = [item for item in (await real.snapshot(0)).installations if item.provider == "salesforce"]
        assert (now.is_live, now.org, now.state) == (True, found.org.name, "installed")
        answer = await send(real, "create-account", fields={"name": "Written for real"})
        assert answer["result"]["success"]

        await real.connections.go_mock(now.id, lambda step: None)
        [now] = [item for item in (await real.snapshot(0)).installations if item.provider == "salesforce"]
        assert (now.is_live, now.state) == (False, "installed")
        assert (await real.records.search(now.id, "Account")).total == 0, (
            "what was written went to the real org"
        )
    assert SECRET.encode() not in written(tmp_path)


async def test_after_a_restart_a_live_installation_asks_for_credentials_and_keeps_what_waits(
    backend: FakeBackend, tmp_path: Path, remote: dict[str, Any]
) -> None:
    path = tmp_path / "amp.yaml"
    path.write_text(backend.loaded.text)
    options = RunnerOptions(
        manifest=path, project="mailmonkey", speed=0, watch=False, state=tmp_path / "state"
    )
    with Runner(options) as runner:
        real = RunningBackend(runner)
        item = (await real.snapshot(0)).installations[0]
        live = way_into(remote, item)
        found = await real.connections.preview(item.id, live)
        await real.connections.go_live(item.id, live, found.org, lambda step: None)
        await send(real, "create-campaign", fields={"campaignName": "kept"})

    with Runner(options) as runner:
        real = RunningBackend(runner)
        item = next(each for each in (await real.snapshot(0)).installations if each.is_live)
        assert (item.needs_credentials, item.state) == (True, "installed")
        refused = await send(real, "create-account", fields={"name": "Too early"})
        assert refused["errors"][0]["code"] == "NOT_CONNECTED"
        await send(real, "create-campaign", fields={"campaignName": "also kept"})
        assert [batch.count for batch in (await real.snapshot(0)).batches] == [2]

        await real.connections.reconnect(item.id, live, found.org)
        now = next(each for each in (await real.snapshot(0)).installations if each.id == item.id)
        assert (now.needs_credentials, now.org, now.state) == (False, found.org.name, "installed")
        [flushed] = await real.batches.flush()
        assert (flushed.succeeded, flushed.failed) == (2, 0)
    assert SECRET.encode() not in written(tmp_path)


def way_into(remote: dict[str, Any], item: InstallationStatus) -> LiveConnection:
    return read_typed_connection(
        {
            "provider": "salesforce", "auth": "refresh-token", "integration": item.integration,
            "group": item.group, "client_id": "app", "client_secret": "a-secret",
            "refresh_token": SECRET, "login_url": remote["https_url"], "ca_file": remote["ca"],
        }
    )  # fmt: skip


async def send(real: RunningBackend, endpoint: str, **body: Any) -> dict[str, Any]:
    wire = HttpClient()
    url = f"{real.url}/projects/mailmonkey/{endpoint}"
    answer = await wire.send("POST", url, json.dumps({"groupId": "demo", **body}))
    await wire.aclose()
    return dict(answer.document())
