"""The user's own editor and pager, in the terminal's place while they run."""

from __future__ import annotations

import os
import shlex
import subprocess
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from textual.app import SuspendNotSupported

from ampsandbox.errors import UsageError

if TYPE_CHECKING:
    from textual.app import App


def edit(app: App[int], text: str) -> str:
    """The text as it is after `$VISUAL`, `$EDITOR` or vi was closed.

    Raises:
        UsageError: There is no terminal to give away, or the editor cannot be run.
    """
    return _show(app, text, os.environ.get("VISUAL") or os.environ.get("EDITOR") or "vi")


def page(app: App[int], text: str) -> None:
    """Show a text in `$PAGER` or less.

    Raises:
        UsageError: There is no terminal to give away, or the pager cannot be run.
    """
    _show(app, text, os.environ.get("PAGER") or "less")


def _show(app: App[int], text: str, command: str) -> str:
    with tempfile.TemporaryDirectory(prefix="ampsandbox-") as folder:
        path = Path(folder) / "body.json"
        path.write_text(text, encoding="utf-8")
        try:
            with app.suspend():
                done = subprocess.run([*shlex.split(command), str(path)], check=False)
        except SuspendNotSupported as error:
            raise UsageError("There is no terminal to give away here.") from error
        except (OSError, ValueError) as error:
            raise UsageError(f"{command} cannot be run: {error}", "Set EDITOR and PAGER.") from error
        if done.returncode:
            raise UsageError(f"{command} ended with {done.returncode}; nothing was taken over.")
        return path.read_text(encoding="utf-8", errors="replace")
