"""A program in a tmux server of its own, driven by keys and read as text."""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
SAMPLE = ROOT / "sample_configs" / "mailmonkey.yaml"
TIMEOUT_S = 30.0


class Terminal:
    """One program in one tmux server of its own."""

    APP = f"{ROOT}/scripts/run run {SAMPLE} --port 0"
    """The command that opens the sample manifest on a free port."""

    def __init__(self, socket: Path, environment: dict[str, str]) -> None:
        self.base = ["tmux", "-S", str(socket), "-f", "/dev/null"]
        self.environment = environment

    def tmux(self, *arguments: str) -> str:
        done = subprocess.run(
            [*self.base, *arguments], env=self.environment, capture_output=True, text=True, check=False
        )
        return done.stdout

    def start(self, command: str, width: int = 120, height: int = 40) -> None:
        size = ("-x", str(width), "-y", str(height))
        # A server on its way out refuses new sessions for a moment.
        while not self.tmux("list-sessions"):
            self.tmux("new-session", "-d", *size, f"{command}; echo EXIT $?; cat")
            time.sleep(0.1)

    def run_app(self, arguments: str = "") -> None:
        """Start `scripts/run run` on the sample manifest on a free port."""
        self.start(f"{self.APP} {arguments}")
        self.wait_for("● MOCK", "http://127.0.0.1:", "create-account", "name *")

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

    def modes(self) -> str:
        """Whether the pane is in the alternate screen, and whether it is asked for mouse reports."""
        return self.tmux("display-message", "-p", "#{alternate_on} #{mouse_any_flag} #{cursor_flag}").strip()

    def pid_of_app(self) -> int:
        """The Python process that the pane's shell runs."""
        shell = self.tmux("display-message", "-p", "#{pane_pid}").strip()
        found = subprocess.run(["pgrep", "-P", shell], capture_output=True, text=True, check=True)
        return int(found.stdout.split()[0])


@pytest.fixture
def terminal(tmp_path: Path) -> Iterator[Terminal]:
    environment = os.environ | {"XDG_STATE_HOME": str(tmp_path / "xdg"), "TERM": "xterm-256color"}
    running = Terminal(tmp_path / "tmux", environment)
    yield running
    running.tmux("kill-server")
