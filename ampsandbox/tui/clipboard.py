"""Copying, and whether a copy reaches a clipboard: terminals take one by an escape sequence, or do not.

Within tmux the sequence of a program is dropped unless `set-clipboard` is `on`, which it is not by default;
tmux itself takes the text, keeps it for its own pasting, and hands it on to the terminal.
"""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from collections.abc import Mapping
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Final, cast

from ampsandbox.errors import AmpSandboxError
from ampsandbox.tui.user_files import path_of, write_file

if TYPE_CHECKING:
    from textual.app import App

    from ampsandbox.tui.ui import Ui

_TAKES_S: Final = 2.0
_PAGER: Final = "show it in the pager"
_FILE: Final = "write it to a file"


class CopyTarget(StrEnum):
    """What becomes of a copy, in words."""

    TERMINAL = "the terminal was asked to take it"
    TMUX = "in tmux's buffer, and in the clipboard of a terminal that takes it"
    SYSTEM = "in the clipboard"
    NOWHERE = "no clipboard can be reached from this terminal"


def copy_target(environ: Mapping[str, str] = os.environ, platform: str = sys.platform) -> CopyTarget:
    """Where a copy goes in the terminal that these variables describe."""
    is_remote = "SSH_CONNECTION" in environ
    if environ.get("TMUX"):
        return CopyTarget.TMUX
    if environ.get("STY") or environ.get("TERM") in ("linux", "dumb"):
        return CopyTarget.NOWHERE
    if environ.get("TERM_PROGRAM") == "Apple_Terminal":
        return CopyTarget.NOWHERE if is_remote or platform != "darwin" else CopyTarget.SYSTEM
    return CopyTarget.TERMINAL


def hand_over(text: str, way: CopyTarget) -> CopyTarget:
    """Give the text to a program that keeps it, where the terminal is not the way.

    Returns:
        What became of it: `NOWHERE` where the program failed.
    """
    programs = {CopyTarget.TMUX: ["tmux", "load-buffer", "-w", "-"], CopyTarget.SYSTEM: ["pbcopy"]}
    if way not in programs:
        return way
    try:
        subprocess.run(
            programs[way], input=text.encode(errors="replace"), check=True, timeout=_TAKES_S,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
    except (OSError, subprocess.SubprocessError):
        return CopyTarget.NOWHERE
    return way


async def copy(ui: Ui, text: str, what: str) -> None:
    """Have a text kept, which the terminal was asked to take already, and say what became of it."""
    way = copy_target()
    if way in (CopyTarget.TMUX, CopyTarget.SYSTEM):
        way = await asyncio.to_thread(hand_over, text, way)
    if way is CopyTarget.NOWHERE:
        _offer_others(ui, text, way)
        return
    ui.say(f"✓ Copied {what}: {way}", "$text-success")


def _offer_others(ui: Ui, text: str, way: CopyTarget) -> None:
    def chosen(choice: str | None) -> None:
        if choice == _PAGER:
            _page(ui, text)
        elif choice == _FILE:
            ui.ask("Write it to which file?", "", lambda name: _write(ui, text, name), value="copied.txt")

    ui.say(f"✗ Not copied: {way}", "$text-warning")
    ui.pick(f"Not copied: {way}", [_PAGER, _FILE], chosen)


def _page(ui: Ui, text: str) -> None:
    from ampsandbox.tui.external_editor import page

    try:
        page(cast("App[Any]", ui), text)
    except AmpSandboxError as error:
        ui.tell_error(error)


def _write(ui: Ui, text: str, name: str) -> None:
    try:
        write_file(name, text)
    except AmpSandboxError as error:
        ui.tell_error(error)
    else:
        ui.say(f"✓ Written to {path_of(name)}", "$text-success")
