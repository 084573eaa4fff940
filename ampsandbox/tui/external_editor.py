"""The user's own editor and pager, in the terminal's place while they run."""

from __future__ import annotations

import os
import shlex
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from textual.app import SuspendNotSupported

from ampsandbox.errors import UsageError

if TYPE_CHECKING:
    from textual.app import App

    from ampsandbox.manifest.model import Position


_PLUS: Final = ("vi", "vim", "nvim", "nano", "pico", "emacs", "emacsclient", "micro", "kak", "joe", "ne")
"""The editors that are told a line by `+LINE` before the file."""


def edit(app: App[Any], text: str) -> str:
    """The text as it is after `$VISUAL`, `$EDITOR`, or what is installed of vi and nano, was closed.

    Raises:
        UsageError: There is no terminal to give away, or the editor cannot be run.
    """
    return _show(app, text, os.environ.get("VISUAL") or os.environ.get("EDITOR") or _first("vi", "nano"))


def open_at(app: App[Any], path: Path, position: Position) -> None:
    """Open a file in the user's editor, at a place where the editor takes one.

    Raises:
        UsageError: There is no terminal to give away, or the editor cannot be run.
    """
    command = os.environ.get("VISUAL") or os.environ.get("EDITOR") or _first("vi", "nano")
    _give_terminal(app, [*shlex.split(command), *_at(command, path, position)])


def _at(command: str, path: Path, position: Position) -> list[str]:
    """How an editor is told the place: most know `+LINE`, those with windows their own spelling."""
    words = shlex.split(command)
    name = Path(words[0]).stem.lower() if words else ""
    place = f"{path}:{position.line}:{position.column}"
    if name in ("code", "code-insiders", "codium", "cursor"):
        return ["--goto", place]
    if name in ("hx", "helix", "zed", "subl", "sublime_text"):
        return [place]
    if name in _PLUS:
        return [f"+{position.line}", str(path)]
    return [str(path)]


def page(app: App[Any], text: str) -> None:
    """Show a text in `$PAGER`, or what is installed of less and more.

    Raises:
        UsageError: There is no terminal to give away, or the pager cannot be run.
    """
    _show(app, text, os.environ.get("PAGER") or _first("less", "more"))


def _first(*programs: str) -> str:
    """The first of the programs that is installed; the first one if none is, so that it is named."""
    return next((name for name in programs if shutil.which(name)), programs[0])


@contextmanager
def _keys_go_elsewhere() -> Iterator[None]:
    """Leave ctrl+c to the program in the terminal's place; it reaches both."""
    before = signal.signal(signal.SIGINT, lambda *_: None)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def _show(app: App[Any], text: str, command: str) -> str:
    with tempfile.TemporaryDirectory(prefix="ampsandbox-") as folder:
        path = Path(folder) / "body.json"
        path.write_text(text, encoding="utf-8")
        _give_terminal(app, [*shlex.split(command), str(path)], ": nothing was changed.")
        return path.read_text(encoding="utf-8", errors="replace")


def _give_terminal(app: App[Any], words: Sequence[str], ends: str = ".") -> None:
    try:
        with app.suspend(), _keys_go_elsewhere():
            problem = _run(words, ends)  # Textual takes the terminal back only if nothing is raised.
    except SuspendNotSupported as error:
        raise UsageError("There is no terminal to give away here.") from error
    if problem:
        raise UsageError(problem)


def _run(words: Sequence[str], ends: str) -> str:
    """Run a program; returns what went wrong, and what that means."""
    command = words[0] if words else ""
    try:
        done = subprocess.run(words, check=False)
    except (OSError, ValueError, IndexError) as error:
        why = error.strerror if isinstance(error, OSError) else error
        return f"{command} cannot be run: {why}. Name another one in VISUAL or PAGER."
    return f"{command} ended with {done.returncode}{ends}" if done.returncode else ""
