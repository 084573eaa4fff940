"""The screen in a browser, served by Textual's own `textual-serve`, seen by a headless Chromium."""

from __future__ import annotations

import json
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from websockets.sync.client import connect

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
ROOT = Path(__file__).resolve().parents[3]
TIMEOUT_S = 60.0
FLAGS = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-3d-apis", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
    "--remote-debugging-port=0", "--window-size=1400,900",
)  # fmt: skip

pytestmark = [
    pytest.mark.terminal,
    pytest.mark.slow,
    pytest.mark.skipif(CHROMIUM is None, reason="Chromium is not installed"),
]


@contextmanager
def running(command: list[str], **options: Any) -> Iterator[subprocess.Popen[str]]:
    quiet = subprocess.DEVNULL
    with subprocess.Popen(command, stdout=quiet, text=True, **({"stderr": quiet} | options)) as process:
        try:
            yield process
        finally:
            process.terminate()


def free_port() -> int:
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return int(sock.getsockname()[1])


@pytest.fixture
def page(tmp_path: Path) -> Iterator[str]:
    """The address under which the screen is served."""
    pytest.importorskip("textual_serve", reason="textual-serve is not installed")
    sample = ROOT / "sample_configs" / "mailmonkey.yaml"
    command = f"{sys.executable} -m ampsandbox run {sample} --ephemeral --port 0"
    port = free_port()
    serve = f"from textual_serve.server import Server; Server({command!r}, port={port}).serve()"
    with running([sys.executable, "-c", serve], cwd=tmp_path):
        url = f"http://localhost:{port}/"
        wait_for(lambda: answers(url))
        yield url


def answers(url: str) -> bool:
    try:
        return httpx.get(url).is_success
    except httpx.TransportError:
        return False


def wait_for(check: Any) -> Any:
    end = time.monotonic() + TIMEOUT_S
    while time.monotonic() < end:
        if found := check():
            return found
        time.sleep(0.2)
    raise AssertionError("it did not happen in time")


@contextmanager
def text_of(page: str, profile: Path) -> Iterator[Any]:
    """Open the page; yields a function that reads its text. Without WebGL the terminal draws text as text."""
    command = [str(CHROMIUM), *FLAGS, f"--user-data-dir={profile}", page]
    with running(command):
        told = profile / "DevToolsActivePort"
        port = wait_for(lambda: told.exists() and told.read_text().split("\n")[0])
        tabs = httpx.get(f"http://127.0.0.1:{port}/json/list").json()
        [tab] = [item for item in tabs if item["type"] == "page"]
        with connect(tab["webSocketDebuggerUrl"]) as devtools:

            def read() -> str:
                ask = {"expression": "document.body.innerText"}
                devtools.send(json.dumps({"id": 1, "method": "Runtime.evaluate", "params": ask}))
                return str(json.loads(devtools.recv())["result"]["result"].get("value", ""))

            yield read


def test_a_browser_shows_the_main_screen(page: str, tmp_path: Path) -> None:
    with text_of(page, tmp_path / "profile") as read:

        def shown() -> bool:
            text = read().replace("\xa0", " ")
            return all(word in text for word in ("● MOCK", "create-account", "Batches", "Log"))

        wait_for(shown)
