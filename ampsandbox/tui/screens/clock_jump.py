"""A jump of the clock over much that falls due: how far it came, and a way to leave it."""

from __future__ import annotations

import asyncio
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Static

from ampsandbox.tui.screens.dialogs import Dialog

if TYPE_CHECKING:
    from ampsandbox.tui.backend.views import Snapshot

_LOOK_S: Final = 0.1
_WIDTH: Final = 40


class ClockJumpDialog(Dialog):
    """Shows a jump while it lasts. Escape leaves it where it came to.

    Args:
        work: The jump.
        start: The state when it began.
        to: Where it goes.
    """

    def __init__(self, work: asyncio.Task[Any], start: Snapshot, to: datetime) -> None:
        super().__init__()
        self.work = work
        self.start = start
        self.to = to

    def compose(self) -> ComposeResult:
        """The way so far."""
        with Vertical(classes="dialog ask") as box:
            box.border_title = Content(f"On the way to {self.to:%a %Y-%m-%d %H:%M:%S}")
            box.border_subtitle = Content("esc: stay where it came to")
            yield Static("", id="clock-jump", markup=False)

    def on_mount(self) -> None:
        """Follow the clock, and close when it has arrived."""
        self.set_interval(_LOOK_S, self._look)
        self.work.add_done_callback(self._arrived)
        self._look()

    def _arrived(self, _: object) -> None:
        self.dismiss(None)

    def _look(self) -> None:
        now = self.ui.state.latest or self.start
        whole = (self.to - self.start.now).total_seconds()
        share = min(1.0, max(0.0, (now.now - self.start.now).total_seconds() / whole)) if whole else 1.0
        cells = round(share * _WIDTH)
        done = now.counts.succeeded - self.start.counts.succeeded
        waiting = sum(batch.count for batch in now.batches)
        words = f"{now.now:%a %Y-%m-%d %H:%M:%S} · {done:,} written on the way · {waiting:,} still wait"
        self.query_one("#clock-jump", Static).update(
            Content.assemble(("━" * cells, "$primary"), ("╌" * (_WIDTH - cells), "$faint"), f"\n{words}")
        )

    def action_cancel(self) -> None:
        """Leave the way."""
        self.work.cancel()
