"""The line above the footer: the last result, the tallies, and the pace of the last half minute."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from msgspec.structs import replace
from textual.content import Content

from ampsandbox.tui.text.sanitize import plain
from ampsandbox.tui.ui import AsksUi
from ampsandbox.tui.widgets.parts import Part, PartsLine

if TYPE_CHECKING:
    from ampsandbox.tui.backend.views import Counts, Snapshot

_BARS: Final = " ▁▂▃▄▅▆▇█"
_SECONDS: Final = 30
_ACCEPTED: Final = "Accepted since the sandbox was started."
_LEAST_RESULT: Final = 34
"""The cells that the last result keeps, however much there is to count."""


class WriteRate:
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

    def bars(self, count: int = _SECONDS) -> str:
        """The newest rates as a row of blocks, scaled to the highest."""
        shown = list(self.rates)[-count:]
        top = max(shown)
        return "".join(_BARS[0 if rate <= 0 else max(1, round(rate / top * 8))] for rate in shown)


class StatusLine(PartsLine, AsksUi):
    """The last result on the left; tallies and pace on the right."""

    def __init__(self) -> None:
        super().__init__(id="status")
        self.pace = WriteRate()
        self._result = Content("")
        self._counts: Counts | None = None

    def say(self, text: str, style: str = "") -> None:
        """Show a result until the next one."""
        self._result = plain(text, style, 200)
        self._arrange()

    def show(self, snapshot: Snapshot) -> None:
        """Show the tallies of this moment."""
        self.pace.add(snapshot.counts.accepted, time.monotonic())
        self._counts = snapshot.counts
        self._arrange()

    def on_resize(self) -> None:
        """Lay the line out anew."""
        self._arrange()

    def _arrange(self) -> None:
        if self._counts is None:
            return
        result = Part(self._result, "operations.show_newest", "The last result: click for the newest ones.")
        room = (self.size.width or 80) - _LEAST_RESULT
        faces = [
            [replace(part, about=self.ui.keyed(part.about)) for part in face]
            for face in self._faces(self._counts)
        ]
        right = next((face for face in faces if self.width_of(face) <= room), faces[-1])
        self.lay_out([result], right)

    def _faces(self, counts: Counts) -> Iterator[list[Part]]:
        """Tallies and pace from their fullest form to their shortest; what went wrong always stays."""
        yield [*_tallies(counts), *self._pace(_SECONDS)]
        yield [*_tallies(counts), *self._pace(10)]
        yield [*_tallies(counts, is_short=True), *self._pace(10)]
        yield [*_tallies(counts, is_short=True), *self._pace(0)]
        yield [part for part in _tallies(counts, is_short=True) if part.about != _ACCEPTED]

    def _pace(self, bars: int) -> list[Part]:
        if not any(self.pace.rates):
            return []
        rate = f"{self.pace.rates[-1]:,.0f}/s"
        shown = f"{self.pace.bars(bars)} {rate}" if bars else rate
        top = f"{max(self.pace.rates):,.0f}"
        about = f"Writes accepted per second over the last {_SECONDS} seconds; at most {top}."
        return [Part(Content.styled(shown, "$text-primary"), "window.focus_panel('log')", about)]


def _tallies(counts: Counts, *, is_short: bool = False) -> list[Part]:
    """How many operations there are of each kind; those that there are none of are left out."""
    problems, waiting = "operations.show_problems", "window.focus_panel('batches')"
    newest = "operations.show_newest"
    rows = [
        (counts.accepted, "", "accepted", "", newest, _ACCEPTED),
        (counts.queued, "◷ ", "waiting", "$text-primary", waiting, "In batches, until their schedule fires."),
        (counts.succeeded, "✓ ", "written", "$text-success", newest, "Written to a CRM since the start."),
        (counts.failed, "✗ ", "failed", "$text-error", problems,
         "Failed: click ({show-problems}) to mend them."),
        (counts.in_doubt, "? ", "in doubt", "$text-warning", problems,
         "The answer was lost: the CRM may have them or not. Click ({show-problems}) to find out."),
    ]  # fmt: skip
    return [
        Part(Content.styled(f"{sign}{_count(count, word, sign, is_short)}", style), action, about)
        for count, sign, word, style, action, about in rows
        if count
    ]


def _count(count: int, word: str, sign: str, is_short: bool) -> str:
    """The number with its word; where it is narrow, only the sign says what it counts."""
    return f"{count:,}" if is_short and sign else f"{count:,} {word}"
