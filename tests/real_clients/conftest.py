"""Mock CRMs as processes of their own, which client libraries written by others talk to over real sockets."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest


@dataclass(frozen=True)
class Mock:
    """Where a mock is reached."""

    url: str
    https_url: str
    proxy_url: str
    ca: str

    @property
    def https_host(self) -> str:
        return self.https_url.removeprefix("https://")


@contextmanager
def started(provider: str, ca_dir: Path) -> Iterator[Mock]:
    command = [sys.executable, "-m", "mock_crm", provider, "--https-port", "0", "--proxy-port", "0"]
    command += ["--ca-dir", str(ca_dir), "--seed", "7", "--limits", "off"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            ready = json.loads(process.stdout.readline())
            yield Mock(ready["url"], ready["https_url"], ready["proxy_url"], ready["ca"])
        finally:
            process.terminate()


@pytest.fixture(scope="session")
def ca_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("ca")


@pytest.fixture(scope="session")
def salesforce_mock(ca_dir: Path) -> Iterator[Mock]:
    with started("salesforce", ca_dir) as mock:
        yield mock


@pytest.fixture(scope="session")
def hubspot_mock(ca_dir: Path) -> Iterator[Mock]:
    with started("hubspot", ca_dir) as mock:
        yield mock
