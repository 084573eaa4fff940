"""Mock CRMs behind real TLS on loopback, reached as if they were the real hosts."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from ampsandbox.clock import Clock
from ampsandbox.crm.client import CrmClient
from ampsandbox.crm.connect import Connections
from ampsandbox.engine.crm import Exchange
from ampsandbox.engine.model import Installation, InstallationState
from ampsandbox.settings import load_settings
from mock_crm.core.listener import Listener, bind
from mock_crm.core.org import Org
from mock_crm.core.settings import OrgSettings
from mock_crm.core.tls import development_authority
from mock_crm.orgs import open_org

SECRETS = {
    "CLIENT_SECRET": "known-client-secret-71",
    "REFRESH_TOKEN": "known-refresh-token-72",
    "PASSWORD": "known pass&word/73",
    "SECURITY_TOKEN": "known-security-token-74",
    "HS_ACCESS": "pat-known-access-token-75",
}


@dataclass
class Remote:
    """A mock CRM behind TLS: where it is, what vouches for it, and the org itself where it runs in here."""

    provider: str
    url: str
    ca: Path
    org: Org | None = None
    listener: Listener | None = None
    seen_tokens: set[str] = field(default_factory=set)

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """The org's application, remembering the access tokens that it is shown."""
        assert self.org is not None
        shown = dict(scope.get("headers", ())).get(b"authorization", b"").decode()
        self.seen_tokens |= set(filter(None, [shown.partition(" ")[2]]))
        await self.org.app(scope, receive, send)


@pytest.fixture
def secrets() -> dict[str, str]:
    return dict(SECRETS)


@pytest.fixture(scope="session")
def ca_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("ca")


@pytest.fixture(params=["salesforce", "hubspot"])
def process(request: pytest.FixtureRequest, ca_dir: Path) -> Iterator[Remote]:
    """A mock CRM in a process of its own."""
    command = [sys.executable, "-m", "mock_crm", request.param, "--https-port", "0", "--ca-dir", str(ca_dir)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as running:
        assert running.stdout is not None
        ready = json.loads(running.stdout.readline())
        yield Remote(request.param, ready["https_url"], Path(ready["ca"]))
        running.terminate()


@pytest.fixture
async def serve(clock: Clock, ca_dir: Path) -> AsyncIterator[Callable[..., Any]]:
    """Serve a mock org behind TLS on this loop, so that a test can reach into it."""
    stack = AsyncExitStack()

    @asynccontextmanager
    async def listening(app: Any) -> AsyncIterator[Listener]:
        listener = Listener(app, bind("127.0.0.1", 0), development_authority(ca_dir).server_context())
        await listener.start()
        yield listener
        await listener.stop()

    async def serve(provider: str, **settings: Any) -> Remote:
        org = open_org(provider, name="live", clock=clock, settings=OrgSettings(**settings))
        stack.callback(org.close)
        ca = development_authority(ca_dir).certificate_path
        remote = Remote(provider, "", ca, org)
        remote.listener = await stack.enter_async_context(listening(remote))
        remote.url = f"https://127.0.0.1:{remote.listener.port}"
        return remote

    async with stack:
        yield serve


@pytest.fixture
async def connect(
    clock: Clock, exchanges: list[Exchange], tmp_path: Path
) -> AsyncIterator[Callable[..., CrmClient]]:
    """Connect to a remote by way of a `sandbox.yaml`."""
    opened: list[Connections] = []

    def connect(remote: Remote, **options: Any) -> CrmClient:
        path = tmp_path / "sandbox.yaml"
        path.write_text(settings_for(remote))
        live = load_settings(path, SECRETS).connections
        opened.append(Connections(clock, 0, live=live, variables=SECRETS, **options))
        state = InstallationState.INSTALLED
        installation = Installation("i1", "write", "acme", remote.provider, "live", clock.now(), state)
        return opened[-1].connect(installation, lambda each: exchanges.append(each.shown()))

    yield connect
    for connections in opened:
        await connections.aclose()


@pytest.fixture
def settings_text() -> Callable[[Remote], str]:
    return settings_for


def settings_for(remote: Remote) -> str:
    """A `sandbox.yaml` that makes the remote the connection of everything of its provider."""
    where = "login_url" if remote.provider == "salesforce" else "instance_url"
    return (
        "connections:\n"
        f"- provider: {remote.provider}\n"
        "  auth: refresh-token\n"
        "  client_id: app\n"
        "  client_secret: ${CLIENT_SECRET}\n"
        "  refresh_token: ${REFRESH_TOKEN}\n"
        f"  {where}: {remote.url}\n"
        f"  ca_file: {remote.ca}\n"
    )
