"""Defects of the program: shown once, without the values of variables, of which some may be secret."""

from __future__ import annotations

from pathlib import Path
from traceback import extract_tb
from typing import TYPE_CHECKING

import textual
from textual._context import active_message_pump
from textual.widget import Widget
from textual.worker import WorkerFailed, get_current_worker

from ampsandbox.errors import DefectError

if TYPE_CHECKING:
    from rich.traceback import Traceback
    from textual.message_pump import MessagePump

    from ampsandbox.tui.ui import Ui


class Defects:
    """The defects that the screen went on after, by their place."""

    def __init__(self, ui: Ui) -> None:
        self._ui = ui
        self.seen: dict[str, BaseException] = {}

    def show(self, error: BaseException) -> None:
        """Show a defect, once, and go on; its traceback is printed when the user has left."""
        frames = extract_tb(error.__traceback__)
        place = f"{Path(frames[-1].filename).name}:{frames[-1].lineno}" if frames else "an unknown place"
        if place not in self.seen:
            self.seen[place] = error
            self._ui.show_error(DefectError(f"{type(error).__name__} at {place}."))

    def is_of_the_leaving(self, error: Exception) -> bool:
        """Whether an error is of a widget that is being taken down, and may miss parts already."""
        # What a worker mounts runs in the worker's context as well: only its own failures are the worker's.
        of_worker = isinstance(error, WorkerFailed)
        node: MessagePump = get_current_worker().node if of_worker else active_message_pump.get()
        is_gone = isinstance(node, Widget) and (
            not node.is_attached or node.screen not in self._ui.screen_stack
        )
        return is_gone or not node.is_running


def traceback_without_values() -> Traceback:
    """The traceback of the exception at hand; Textual's own shows the values of variables."""
    from rich.traceback import Traceback

    return Traceback(show_locals=False, suppress=[textual])
