"""The user's own editor and pager take the terminal, and give it back whatever they do."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.tui.terminal.conftest import Terminal

pytestmark = [
    pytest.mark.terminal,
    pytest.mark.skipif(shutil.which("tmux") is None, reason="tmux is not installed"),
]

PAGER = """\
#!/bin/sh
trap 'echo INTERRUPTED' INT
cat "$1"
until read -r line; do :; done
"""


def program(path: Path, text: str) -> str:
    path.write_text(text)
    path.chmod(0o755)
    return str(path)


def test_the_body_is_changed_in_the_users_editor(terminal: Terminal, tmp_path: Path) -> None:
    change = '#!/bin/sh\nsed -i "s/Written/Edited/" "$1"\n'
    terminal.environment["VISUAL"] = program(tmp_path / "editor", change)
    terminal.run_app("--ephemeral")
    terminal.press("F3", "F7")
    terminal.wait_for("Written by a test")
    terminal.press("C-g")
    terminal.wait_for("Edited by a test", "● MOCK", "create-account")
    program(tmp_path / "editor", '#!/bin/sh\nprintf "no JSON at all" > "$1"\n')
    terminal.press("C-g")
    terminal.wait_for("no JSON at all", "● MOCK")
    program(tmp_path / "editor", '#!/bin/sh\nprintf "thrown away" > "$1"\nexit 1\n')
    terminal.press("C-g")
    terminal.wait_for("ended with 1: nothing was changed.", "no JSON at all")
    (tmp_path / "editor").unlink()
    terminal.press("C-g")
    terminal.wait_for("cannot", "● MOCK")
    terminal.press("C-q")
    terminal.wait_for("EXIT 0")


def test_a_request_is_read_in_the_users_pager_and_ctrl_c_is_the_pagers(
    terminal: Terminal, tmp_path: Path
) -> None:
    terminal.environment["PAGER"] = program(tmp_path / "pager", PAGER)
    terminal.run_app("--ephemeral")
    terminal.press("F3", "F7", "F5")
    terminal.wait_for("✓ 200")
    terminal.press("F6", "Enter")
    terminal.wait_for("CRM and timing")
    terminal.press("v")
    terminal.wait_for('"description": "Written by a test"', '"success": true')
    terminal.press("C-c")
    terminal.wait_for("INTERRUPTED")
    terminal.press("Enter")
    terminal.wait_for("CRM and timing")
    terminal.press("C-q")
    terminal.wait_for("EXIT 0")
