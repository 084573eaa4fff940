"""The screen in a browser, served by `ampsandbox run --web`, seen by a headless Chromium."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from mock_crm.core.listener import bind
from tests.chromium import CHROMIUM, opened_tab, wait_for

ROOT = Path(__file__).resolve().parents[3]

pytestmark = [
    pytest.mark.terminal,
    pytest.mark.slow,
    pytest.mark.skipif(CHROMIUM is None, reason="Chromium is not installed"),
]


@pytest.fixture
def page(tmp_path: Path) -> Iterator[str]:
    """The address under which the screen is served, with its token."""
    pytest.importorskip("textual_serve", reason="textual-serve is not installed")
    with bind("127.0.0.1", 0) as free:
        port = free.getsockname()[1]
    sample = ROOT / "sample_configs" / "mailmonkey.yaml"
    command = [sys.executable, "-m", "ampsandbox", "run", str(sample), "--web", str(port)]
    with subprocess.Popen(command, cwd=tmp_path, stderr=subprocess.PIPE, text=True) as process:
        try:
            assert process.stderr is not None
            found = re.search(r"http\S+", process.stderr.readline())
            assert found is not None
            yield found[0]
        finally:
            process.terminate()


def test_a_browser_shows_the_main_screen(page: str, tmp_path: Path) -> None:
    # Without WebGL the terminal draws text as text.
    with opened_tab(tmp_path / "profile", page) as tab:

        def shown() -> bool:
            text = str(tab.evaluate("return document.body?.innerText ?? ''")).replace("\xa0", " ")
            return all(word in text for word in ("● MOCK", "create-account", "Batches", "Log"))

        wait_for(shown)
