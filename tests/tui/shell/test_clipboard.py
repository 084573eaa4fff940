"""Copying says whether it reaches a clipboard, and offers other ways where it does not."""

from __future__ import annotations

import os
import stat
from pathlib import Path
from typing import Any

import pytest
from textual.widgets import Input

from ampsandbox.tui.clipboard import CopyTarget, copy_target, hand_over
from tests.tui.conftest import Open


@pytest.mark.parametrize(
    ("environ", "platform", "way"),
    [
        ({"TERM": "xterm-256color"}, "linux", CopyTarget.TERMINAL),
        ({"TERM": "tmux-256color", "TMUX": "/tmp/tmux-0/default,1,0"}, "linux", CopyTarget.TMUX),
        ({"TERM": "screen", "STY": "1.tty"}, "linux", CopyTarget.NOWHERE),
        ({"TERM": "linux"}, "linux", CopyTarget.NOWHERE),
        ({"TERM_PROGRAM": "Apple_Terminal"}, "darwin", CopyTarget.SYSTEM),
        ({"TERM_PROGRAM": "Apple_Terminal", "SSH_CONNECTION": "a b"}, "linux", CopyTarget.NOWHERE),
    ],
)
def test_where_a_copy_goes_depends_on_the_terminal(
    environ: dict[str, str], platform: str, way: CopyTarget
) -> None:
    assert copy_target(environ, platform) is way


def test_tmux_itself_takes_the_text(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program = tmp_path / "tmux"
    program.write_text(f'#!/bin/sh\necho "$@" > {tmp_path}/args\ncat > {tmp_path}/text\n', encoding="utf-8")
    program.chmod(program.stat().st_mode | stat.S_IXUSR)
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
    assert hand_over("Ü", CopyTarget.TMUX) is CopyTarget.TMUX
    assert (tmp_path / "args").read_text("utf-8") == "load-buffer -w -\n"
    assert (tmp_path / "text").read_text("utf-8") == "Ü"
    monkeypatch.setenv("PATH", str(tmp_path / "none"))
    assert hand_over("Ü", CopyTarget.TMUX) is CopyTarget.NOWHERE


@pytest.mark.anyio
async def test_where_no_clipboard_is_reached_the_text_can_be_written_to_a_file(
    opened: Open, lines_of: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr("ampsandbox.tui.clipboard.copy_target", lambda: CopyTarget.NOWHERE)
    async with opened() as (app, pilot):
        app.sandbox.action_copy_url()
        await pilot.pause(0.05)
        assert any("Not copied: no clipboard can be reached" in line for line in lines_of(app))
        await pilot.press(*"file", "enter")
        await pilot.pause(0.05)
        app.screen.query_one(Input).value = str(tmp_path / "url.txt")
        await pilot.press("enter")
        assert (tmp_path / "url.txt").read_text("utf-8") == "http://127.0.0.1:4001"
