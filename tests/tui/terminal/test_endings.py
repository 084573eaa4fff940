"""However the program ends or is interrupted, the terminal is usable again and nothing is lost."""

from __future__ import annotations

import os
import shutil
import signal
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

PLAIN = "0 0 1"
"""No alternate screen, no mouse reports, a cursor that is seen."""

CRASH = """
import sys
from ampsandbox.tui.actions.help import HelpActions
def fail(self):
    raise RuntimeError("a bug of ours")
HelpActions.action_show = fail
from ampsandbox.cli.main import main
sys.exit(main())
"""


def wait_until_plain(terminal: Terminal) -> None:
    end = time.monotonic() + 20
    while terminal.modes() != PLAIN:
        assert time.monotonic() < end, terminal.modes()
        time.sleep(0.1)


def test_a_bug_ends_the_program_and_gives_the_terminal_back(terminal: Terminal, tmp_path: Path) -> None:
    script = tmp_path / "crash.py"
    script.write_text(CRASH)
    root = Path(__file__).resolve().parents[3]
    sample = root / "sample_configs" / "mailmonkey.yaml"
    terminal.start(f"{root}/.venv/bin/python {script} run {sample} --port 0 --ephemeral")
    terminal.wait_for("● MOCK", "create-account")
    terminal.press("F1")
    shown = terminal.wait_for("EXIT 1")
    assert "RuntimeError: a bug of ours" in shown
    assert "What was accepted is in the journal." in shown
    assert "locals" not in shown
    wait_until_plain(terminal)


def test_a_termination_ends_the_program_and_gives_the_terminal_back(terminal: Terminal) -> None:
    terminal.run_app("--ephemeral")
    assert terminal.modes().startswith("1")
    os.kill(terminal.pid_of_app(), signal.SIGTERM)
    terminal.wait_for("EXIT")
    wait_until_plain(terminal)


def test_suspended_it_gives_the_terminal_back_and_resumed_it_paints_again(terminal: Terminal) -> None:
    terminal.run_app("--ephemeral")
    pid = terminal.pid_of_app()
    os.kill(pid, signal.SIGTSTP)
    wait_until_plain(terminal)
    os.kill(pid, signal.SIGCONT)
    terminal.wait_for("● MOCK", "create-account")
    assert terminal.modes().startswith("1")
    terminal.press("C-q")
    terminal.wait_for("EXIT 0")


def test_ctrl_z_goes_to_the_shell_and_fg_comes_back(terminal: Terminal) -> None:
    terminal.start("bash --norc --noprofile -i")
    terminal.tmux("send-keys", f"{terminal.APP} --ephemeral", "Enter")
    terminal.wait_for("● MOCK", "create-account", "name *")
    terminal.press("C-z")
    wait_until_plain(terminal)
    terminal.tmux("send-keys", "echo in the $((40 + 2))nd shell", "Enter")
    terminal.wait_for("Stopped", "in the 42nd shell")
    terminal.tmux("send-keys", "fg", "Enter")
    terminal.wait_for("● MOCK", "create-account", "name *")
    assert terminal.modes().startswith("1")
    terminal.press("C-q")
    wait_until_plain(terminal)


def test_stopped_from_outside_it_goes_on_with_one_reader_of_the_keyboard(terminal: Terminal) -> None:
    terminal.run_app("--ephemeral")
    pid = terminal.pid_of_app()
    os.kill(pid, signal.SIGSTOP)
    os.kill(pid, signal.SIGCONT)
    terminal.press("F3", "Tab")
    terminal.tmux("send-keys", "-l", "the whole alphabet")
    terminal.wait_for("the whole alphabet")
    terminal.press("C-c")
    terminal.wait_for("Press ctrl+q to quit")
    terminal.press("C-q")
    terminal.wait_for("EXIT 0")


def test_a_resized_terminal_is_filled_anew(terminal: Terminal) -> None:
    # As some shells and programs leave them behind; they must not pin the size.
    terminal.environment |= {"LINES": "40", "COLUMNS": "120"}
    terminal.run_app("--ephemeral")
    terminal.tmux("resize-window", "-x", "80", "-y", "24")
    terminal.wait_for("● MOCK", "Log", "f4: batches")
    terminal.press("F4")
    terminal.wait_for("Batches", "f6: log")
    terminal.tmux("resize-window", "-x", "200", "-y", "60")
    terminal.wait_for("Batches", "Log", "Integrations", "UTC")
    terminal.press("C-q")
    terminal.wait_for("EXIT 0")
