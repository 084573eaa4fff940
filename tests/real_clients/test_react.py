"""The published React component of Ampersand, in a browser, against a sandbox: the whole story of a customer.

`tests/real_clients/install_node_clients` puts the packages into a folder; without Node, the packages or
Chromium these tests are skipped. Set AMPSANDBOX_SCREENSHOTS to a folder to look at every screen.
"""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
from pathlib import Path
from typing import Any

import pytest

from ampsandbox.server.runner import Runner, RunnerOptions

pytestmark = pytest.mark.slow

HERE = Path(__file__).parent
SAMPLE = HERE.parents[1] / "sample_configs" / "today.yaml"
CACHE = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "ampsandbox" / "node-clients"
PACKAGES = Path(os.environ.get("AMPSANDBOX_NODE_CLIENTS") or CACHE)
NEEDED = ("@amp-labs/react", "react-dom", "esbuild", "playwright-core")
LABELS = {"salesforce": "Salesforce", "hubspot": "HubSpot"}
ROLE = {"salesforce": "title", "hubspot": "jobtitle"}
OBJECT = {"salesforce": "Contact", "hubspot": "contacts"}

Story = dict[str, Any]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@pytest.fixture(scope="module", params=["salesforce", "hubspot"])
def provider(request: pytest.FixtureRequest) -> str:
    name: str = request.param
    return name


@pytest.fixture(scope="module")
def story(provider: str) -> Story:
    node = shutil.which("node")
    chromium = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if node is None or chromium is None:
        pytest.skip("the React component needs Node and Chromium")
    missing = [name for name in NEEDED if not (PACKAGES / "node_modules" / name).is_dir()]
    if missing:
        pytest.skip(f"{missing} are not in {PACKAGES}; run tests/real_clients/install_node_clients")
    port = free_port()
    options = RunnerOptions(
        manifest=SAMPLE, groups=("acme",), allow_origins=(f"http://localhost:{port}",), watch=False
    )
    with Runner(options) as runner:
        command = [node, str(HERE / "react" / "story.mjs"), runner.url, f"webinar-walrus-{provider}"]
        command += ["newcomers", str(port), str(PACKAGES), chromium]
        if shots := os.environ.get("AMPSANDBOX_SCREENSHOTS"):
            command.append(str(Path(shots) / provider))
        ended = subprocess.run(
            command, capture_output=True, text=True, timeout=240, check=False, stdin=subprocess.DEVNULL
        )
    assert ended.returncode == 0, ended.stderr
    seen: Story = json.loads(ended.stdout)
    assert seen["errors"] == [], seen["screens"].get("failure")
    return seen


@pytest.mark.client("@amp-labs/react")
def test_every_call_of_the_component_is_answered(story: Story) -> None:
    assert [call for call in story["calls"] if call[1] >= 400] == []
    assert {("POST", 200, "/v1/oauth-connect"), ("GET", 200, "/v1/projects/demo/connections")} <= {
        tuple(call) for call in story["calls"]
    }


@pytest.mark.client("@amp-labs/react")
def test_a_customer_connects_through_the_consent_page(story: Story, provider: str) -> None:
    screens = story["screens"]
    assert f"Set up {LABELS[provider]} integration" in screens["connect"]
    assert "access_denied" in screens["denied"]
    assert "of Newcomers Inc., as Ada Lovelace." in screens["consent"]
    assert f"a mock {LABELS[provider]} org" in screens["consent"]


@pytest.mark.client("@amp-labs/react")
def test_the_config_screen_has_the_crms_own_labels(story: Story) -> None:
    screens = story["screens"]
    assert "Last Name\nEmail\nMap the following fields\nRole" in screens["configure"]
    assert "Title" in screens["mapping"]
    assert "Phone" in screens["configure"]


@pytest.mark.client("@amp-labs/react")
def test_what_the_customer_chooses_is_kept_and_told_to_the_app(story: Story, provider: str) -> None:
    installed, updated, uninstalled = story["callbacks"]
    names = [each["name"] for each in story["callbacks"]]
    assert names == ["installed", "updated", "uninstalled"]
    assert installed["id"] == updated["id"] == uninstalled["id"]
    content = updated["config"]["content"]
    assert content["read"]["objects"][OBJECT[provider]]["selectedFieldMappings"]["role"] == ROLE[provider]
    assert "write" not in installed["config"]["content"]
    assert OBJECT[provider] in content["write"]["objects"]


@pytest.mark.client("@amp-labs/react")
def test_writes_follow_what_the_customer_chose(story: Story) -> None:
    assert story["written"]["status"] == 200
    (found,) = story["found"]["result"]
    assert found["mappedFields"]["role"] == "Admiral"
    assert found["mappedFields"]["last_name"] == "Hopper"


@pytest.mark.client("@amp-labs/react")
def test_the_customer_manages_and_uninstalls(story: Story) -> None:
    assert "Status\nWorking" in story["screens"]["manage"]
    assert "successfully uninstalled" in story["screens"]["uninstalled"]
