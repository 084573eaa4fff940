"""The main story in a real terminal: `scripts/run` on a fresh state folder, driven by keys in tmux."""

from __future__ import annotations

import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

pytestmark = [
    pytest.mark.terminal,
    pytest.mark.skipif(shutil.which("tmux") is None, reason="tmux is not installed"),
]

ROOT = Path(__file__).resolve().parents[0]
ROOT = Path('/work/main')
TIMEOUT_S = 60.0


class Terminal:
    """One program in one tmux server of its own."""

    def __init__(self, socket: Path, environment: dict[str, str]) -> None:
        self.base = ["tmux", "-S", str(socket), "-f", "/dev/null"]
        self.environment = environment

    def tmux(self, *arguments: str) -> str:
        done = subprocess.run(
            [*self.base, *arguments], env=self.environment, capture_output=True, text=True, check=False
        )
        return done.stdout

    def start(self, command: str, width: int = 120, height: int = 40) -> None:
        self.tmux("new-session", "-d", "-x", str(width), "-y", str(height), f"{command}; echo EXIT $?; cat")

    def press(self, *keys: str) -> None:
        for key in keys:
            self.tmux("send-keys", key)
            time.sleep(0.15)

    def screen(self) -> str:
        return self.tmux("capture-pane", "-p")

    def wait_for(self, *words: str) -> str:
        end = time.monotonic() + TIMEOUT_S
        while time.monotonic() < end:
            shown = self.screen()
            if all(word in shown for word in words):
                return shown
            time.sleep(0.1)
        raise AssertionError(f"{words} did not show up in\n{self.screen()}")


@pytest.fixture
def terminal(tmp_path: Path) -> Iterator[Terminal]:
    environment = os.environ | {"XDG_STATE_HOME": str(tmp_path / "xdg"), "TERM": "xterm-256color"}
    running = Terminal(tmp_path / "tmux", environment)
    yield running
    running.tmux("kill-server")


def run(tmp_path: Path) -> str:
    sample = ROOT / "sample_configs" / "mailmonkey.yaml"
    return f"{ROOT}/.venv/bin/ampsandbox run {sample} --port 0 --state {tmp_path / 'state'}"


def test_an_immediate_and_a_scheduled_write_reach_the_crm(terminal: Terminal, tmp_path: Path) -> None:
    terminal.start(run(tmp_path))
    terminal.wait_for("● MOCK", "http://127.0.0.1:", "create-account", "name *")
    terminal.press("F3", "F7", "F5")
    terminal.wait_for("✓ 200 · record 001", "1 accepted")
    terminal.press("F2", "Home", "Down", "Down", "Down", "Down", "Down")
    terminal.wait_for("insert lead", "lastName *")
    terminal.press("F3", "F7", "C-j")
    terminal.wait_for("◷ 202 queued", "lead insert", "1 waiting")
    terminal.press("F4", "f")
    terminal.wait_for("Flushed", "✓ 2")
    terminal.press("F2", "3")
    terminal.wait_for("Lead · demo · 1 record")
    terminal.press("F2", "Up", "Up")
    terminal.wait_for("Account · demo · 1 record")
    terminal.press("C-q")
    assert "EXIT 0" in terminal.wait_for("EXIT")


def test_a_broken_manifest_shows_its_findings_and_mends_on_save(terminal: Terminal, tmp_path: Path) -> None:
    path = tmp_path / "amp.yaml"
    good = (ROOT / "sample_configs" / "write-actions.yaml").read_text()
    path.write_text(good.replace("mode: insert", "mode: upsert", 1))
    terminal.start(f"{ROOT}/.venv/bin/ampsandbox run {path} --port 0 --ephemeral")
    terminal.wait_for("in amp.yaml", "mode: upsert", "▲")
    path.write_text(good)
    terminal.wait_for("create-account", "● MOCK")
    terminal.press("C-q")
    terminal.wait_for("EXIT 0")


def test_a_killed_screen_leaves_what_was_accepted(terminal: Terminal, tmp_path: Path) -> None:
    terminal.start(run(tmp_path))
    terminal.wait_for("create-account", "name *")
    terminal.press("F2", "Home", "Down", "Down", "Down", "Down", "Down")
    terminal.wait_for("insert lead", "lastName *")
    terminal.press("F3", "F7", "F5")
    terminal.wait_for("◷ 202 queued")
    terminal.tmux("kill-server")
    terminal.start(run(tmp_path))
    terminal.wait_for("lead insert", "1 waiting")
