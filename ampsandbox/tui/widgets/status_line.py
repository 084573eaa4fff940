"""The line above the footer: the last result, the tallies, and the pace of the last half minute."""

from __future__ import annotations

import time
from collections import deque
from typing import TYPE_CHECKING, Final

from textual.content import Content
from textual.widgets import Static

from ampsandbox.tui.plain import plain

if TYPE_CHECKING:
    from ampsandbox.tui.views import Snapshot

_BARS: Final = " ▁▂▃▄▅▆▇█"
_SECONDS: Final = 20


class Pace:
    """Writes per second over the last seconds, from a running total read at any interval."""

    def __init__(self) -> None:
        self._total: int | None = None
        self._since = 0.0
        self.rates: deque[float] = deque([0.0] * _SECONDS, maxlen=_SECONDS)

    def add(self, total: int, at: float) -> None:
        """Take a new reading of the total at a moment in seconds."""
        if self._total is None or total < self._total:
            self._total, self._since = total, at
        elif (elapsed := at - self._since) >= 1:
            self.rates.append((total - self._total) / elapsed)
            self._total, self._since = total, at

    def bars(self) -> str:
        """The rates as a row of blocks, scaled to the highest."""
        top = max(self.rates)
        return "".join(_BARS[0 if rate <= 0 else max(1, round(rate / top * 8))] for rate in self.rates)


class StatusLine(Static):
    """The last result on the left; tallies and pace on the right."""

    ALLOW_SELECT = False

    def __init__(self) -> None:
        super().__init__("", id="status", markup=False)
        self.pace = Pace()
        self._result = Content("")
        self._tallies = Content("")
        self._shown: Content | None = None

    def say(self, text: str, style: str = "") -> None:
        """Show a result until the next one."""
        self._result = plain(text, style, 200)
        self._lay_out()

    def show(self, snapshot: Snapshot) -> None:
        """Show the tallies of this moment."""
        self.pace.add(snapshot.counts.accepted, time.monotonic())
        counts = snapshot.counts
        rate = self.pace.rates[-1]
        parts: list[tuple[str, str]] = [(f"{counts.accepted:,} accepted", "")]
        if counts.queued:
            parts.append((f"{counts.queued:,} waiting", "$text-primary"))
        if counts.succeeded:
            parts.append((f"✓ {counts.succeeded:,}", "$text-success"))
        if counts.failed:
            parts.append((f"✗ {counts.failed:,} failed", "$text-error"))
        if counts.in_doubt:
            parts.append((f"? {counts.in_doubt:,} in doubt", "$text-warning"))
        joined = Content(" · ").join([Content.styled(text, style) for text, style in parts])
        bars = self.pace.bars() if self.size.width >= 100 else self.pace.bars()[-8:]
        pace = f"  {bars} {rate:,.0f}/s " if any(self.pace.rates) else " "
        self._tallies = joined + Content.styled(pace, "$text-primary")
        self._lay_out()

    def _lay_out(self) -> None:
        width = self.size.width or 80
        room = max(0, width - self._tallies.cell_length - 2)
        shown = (
            Content(" ") + self._result.truncate(room, ellipsis=True, pad=True) + Content(" ") + self._tallies
        )
        if self._shown is None or not shown.is_same(self._shown):
            self._shown = shown
            self.update(shown)

    def on_resize(self) -> None:
        """Lay the line out anew."""
        self._shown = None
        self._lay_out()
