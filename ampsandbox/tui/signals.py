"""What signals do to the screen: whatever ends or stops the program, the terminal stays usable."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable
from types import FrameType
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from textual.app import App

_ENDING: Final = ("SIGTERM", "SIGHUP")


def take(app: App[Any], repaint: Callable[[], None]) -> None:
    """Answer signals for an app that runs on the main thread of its own process.

    Args:
        app: The app, which ends or stops.
        repaint: Draws the whole screen anew.
    """
    if threading.current_thread() is not threading.main_thread():
        return
    for name in _ENDING:
        if (number := getattr(signal, name, None)) is not None:
            signal.signal(number, lambda number, _: app.exit(128 + number, return_code=128 + number))
    if hasattr(signal, "SIGCONT"):
        _go_on_once(app, repaint, signal.getsignal(signal.SIGCONT))


def _go_on_once(app: App[Any], repaint: Callable[[], None], textuals: Any) -> None:
    """Let Textual take the terminal again only when it gave it back.

    Its handler takes it at every SIGCONT. After a SIGSTOP, which no program sees coming, that leaves two
    threads reading the keyboard, and a terminal in raw mode at the end.
    """

    def go_on(number: int, frame: FrameType | None) -> None:
        if getattr(app._driver, "_must_signal_resume", True):
            textuals(number, frame)
        else:
            app.call_later(repaint)

    if callable(textuals):
        signal.signal(signal.SIGCONT, go_on)
