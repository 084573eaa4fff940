"""The main story in a real terminal: `scripts/run` on a fresh state folder, driven by keys in tmux."""

from __future__ import annotations

import os
import shutil
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.tui.terminal.conftest import Terminal

pytestmark = [
    pytest.mark.terminal,
    pytest.mark.skipif(shutil.which("tmux") is None, reason="tmux is not installed"),
]

ROOT = Path(__file__).resolve().parents[3]


def test_an_immediate_and_a_scheduled_write_reach_the_crm(terminal: Terminal, tmp_path: Path) -> None:
    terminal.run_app(f"--state {tmp_path / 'state'}")
    terminal.press("F3", "F7", "F5")
    terminal.wait_for("✓ 200 · record 001", "1 accepted")
    terminal.press("F2", "Home", "Down", "Down", "Down", "Down", "Down")
    terminal.wait_for("insert lead", "lastName *")
    terminal.press("F3", "F7", "C-j")
    terminal.wait_for("◷ 202 queued", "lead insert", "1 waiting")
    terminal.press("F4", "f")
    terminal.wait_for("✓ written", "✓ 2 written")
    terminal.press("F2", "3")
    terminal.wait_for("Lead · demo · 1 record")
    terminal.press("F2", "Up", "Up")
    terminal.wait_for("Account · demo · 1 record")
    terminal.press("C-q")
    terminal.wait_for("EXIT 0")
    terminal.tmux("kill-server")
    terminal.run_app(f"--state {tmp_path / 'state'}")
    terminal.press("3")
    terminal.wait_for("Account · demo · 1 record")


def test_a_broken_manifest_shows_its_findings_and_mends_on_save(terminal: Terminal, tmp_path: Path) -> None:
    path = tmp_path / "amp.yaml"
    good = (ROOT / "sample_configs" / "write-actions.yaml").read_text()
    path.write_text(good.replace("mode: insert", "mode: upsert", 1))
    terminal.start(f"{ROOT}/scripts/run run {path} --port 0 --ephemeral")
    terminal.wait_for("in amp.yaml", "mode: upsert", "▲")
    path.write_text(good)
    terminal.wait_for("create-account", "● MOCK")
    terminal.press("C-q")
    terminal.wait_for("EXIT 0")


def test_a_killed_screen_leaves_what_was_accepted(terminal: Terminal, tmp_path: Path) -> None:
    terminal.run_app(f"--state {tmp_path / 'state'}")
    terminal.press("F2", "Home", "Down", "Down", "Down", "Down", "Down")
    terminal.wait_for("insert lead", "lastName *")
    terminal.press("F3", "F7", "F5")
    terminal.wait_for("◷ 202 queued")
    pid = int((tmp_path / "state" / "journal.pid").read_text())
    terminal.tmux("kill-server")
    _wait_for_end(pid)
    terminal.run_app(f"--state {tmp_path / 'state'}")
    terminal.wait_for("lead insert", "1 waiting")


def _wait_for_end(pid: int) -> None:
    """Wait until the program has gone, and its tmux server with it."""
    for _ in range(200):
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            time.sleep(0.5)
            return
        time.sleep(0.1)
    raise AssertionError(f"process {pid} did not end with its terminal")
