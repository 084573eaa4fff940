"""The screen in a browser, served by Textual's own `textual-serve`, seen by a headless Chromium."""

from __future__ import annotations

import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.chromium import CHROMIUM, opened_tab, wait_for

ROOT = Path(__file__).resolve().parents[3]

pytestmark = [
    pytest.mark.terminal,
    pytest.mark.slow,
    pytest.mark.skipif(CHROMIUM is None, reason="Chromium is not installed"),
]


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
    quiet = subprocess.DEVNULL
    with subprocess.Popen([sys.executable, "-c", serve], cwd=tmp_path, stdout=quiet, stderr=quiet) as process:
        try:
            url = f"http://localhost:{port}/"
            wait_for(lambda: answers(url))
            yield url
        finally:
            process.terminate()


def answers(url: str) -> bool:
    try:
        return httpx.get(url).is_success
    except httpx.TransportError:
        return False


def test_a_browser_shows_the_main_screen(page: str, tmp_path: Path) -> None:
    # Without WebGL the terminal draws text as text.
    with opened_tab(tmp_path / "profile", page) as tab:

        def shown() -> bool:
            text = str(tab.evaluate("return document.body?.innerText ?? ''")).replace("\xa0", " ")
            return all(word in text for word in ("● MOCK", "create-account", "Batches", "Log"))

        wait_for(shown)
