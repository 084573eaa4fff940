"""The user's own editor and pager, in the terminal's place while they run."""

from __future__ import annotations

import os
import shlex
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from textual.app import SuspendNotSupported

from ampsandbox.errors import UsageError

if TYPE_CHECKING:
    from textual.app import App


def edit(app: App[Any], text: str) -> str:
    """The text as it is after `$VISUAL`, `$EDITOR`, or what is installed of vi and nano, was closed.

    Raises:
        UsageError: There is no terminal to give away, or the editor cannot be run.
    """
    return _show(app, text, os.environ.get("VISUAL") or os.environ.get("EDITOR") or _first("vi", "nano"))


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
        try:
            with app.suspend(), _keys_go_elsewhere():
                problem = _run(command, path)  # Textual takes the terminal back only if nothing is raised.
        except SuspendNotSupported as error:
            raise UsageError("There is no terminal to give away here.") from error
        if problem:
            raise UsageError(problem)
        return path.read_text(encoding="utf-8", errors="replace")


def _run(command: str, path: Path) -> str:
    """Run a program on a file; returns what went wrong."""
    try:
        done = subprocess.run([*shlex.split(command), str(path)], check=False)
    except (OSError, ValueError) as error:
        why = error.strerror if isinstance(error, OSError) else error
        return f"{command} cannot be run: {why}. Name another one in VISUAL or PAGER."
    return f"{command} ended with {done.returncode}: nothing was changed." if done.returncode else ""
