"""How far a long command is, on one line of a terminal."""

from __future__ import annotations

import shutil
import sys
import time
from typing import TextIO

_EVERY_S = 0.1
_BAR = 24


class ProgressBar:
    """A bar with the time left on standard error; nothing where that is no terminal.

    Args:
        stream: Where it is drawn; standard error when None.
    """

    def __init__(self, stream: TextIO | None = None) -> None:
        self._stream = stream or sys.stderr
        self._is_shown = self._stream.isatty()
        self._start = time.monotonic()
        self._drawn_at = 0.0
        self._is_drawn = False

    def show(self, share: float, words: str) -> None:
        """Draw how far it is.

        Args:
            share: From 0 to 1.
            words: What was done so far.
        """
        now = time.monotonic()
        if not self._is_shown or now - self._drawn_at < _EVERY_S:
            return
        self._drawn_at = now
        self._is_drawn = True
        width = shutil.get_terminal_size().columns - 1
        full = round(min(max(share, 0), 1) * _BAR)
        text = f"[{'#' * full}{'.' * (_BAR - full)}] {share:4.0%}  {words}{self._left(share, now)}"
        self._stream.write(f"\r{text[:width]:<{width}}")
        self._stream.flush()

    def _left(self, share: float, now: float) -> str:
        gone_s = now - self._start
        if share <= 0 or gone_s < 1:
            return ""
        left_s = round(gone_s / share - gone_s)
        hours, rest = divmod(left_s, 3600)
        return f", {f'{hours}:' if hours else ''}{rest // 60:02}:{rest % 60:02} left"

    def clear(self) -> None:
        if self._is_drawn:
            self._stream.write(f"\r{' ' * (shutil.get_terminal_size().columns - 1)}\r")
            self._stream.flush()
            self._is_drawn = False
