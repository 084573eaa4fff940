"""HTML pages for the user's browser, where there is one that does not need this terminal."""

from __future__ import annotations

import atexit
import os
import re
import shutil
import sys
import tempfile
from functools import cache
from pathlib import Path


def has_browser() -> bool:
    """Whether a page can be opened in a window. A browser in text would fight for the terminal."""
    if os.environ.get("TEXTUAL_DRIVER"):  # The screen is shown in a browser that may be on another machine.
        return False
    if sys.platform in ("darwin", "win32"):
        return True
    return bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))


def write_page(name: str, html: str) -> Path:
    """Write a page into a folder that goes when the program ends; the same name is the same file."""
    path = _folder() / f"{re.sub(r'[^A-Za-z0-9-]+', '-', name)[:60] or 'page'}.html"
    path.write_text(html, encoding="utf-8", errors="replace")
    return path


@cache
def _folder() -> Path:
    folder = Path(tempfile.mkdtemp(prefix="ampsandbox-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder
