"""Plots made of characters: columns for what was counted over time, bars for what took a while.

There is no plotting library: what is drawn is a few columns of eighths, which follow the theme and need no
colour to be read; plotext draws in colours of its own, and its Textual widget was last released in 2024.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Final

import msgspec
from textual.content import Content

from ampsandbox.tui.text.sanitize import plain

GUTTER: Final = 9
"""Cells before the columns: the scale."""

_EIGHTHS: Final = " ▁▂▃▄▅▆▇█"
_STEPS: Final = (1, 2, 5, 10, 15, 30, 60, 120)
_LEAST_LABEL: Final = 8
_LABELLED: Final = (5, 10, 15, 30, 60, 120, 180, 240, 360)


class Span(msgspec.Struct, frozen=True):
    """A stretch of time cut into steps of whole minutes, which share the cells that there are for it.

    Args:
        end: The moment at which it ends; the last step may not be over yet.
        minutes: How long it is.
        cells: How many cells there are for it.
    """

    end: datetime
    minutes: int
    cells: int

    @property
    def step(self) -> int:
        """The minutes of one step."""
        return next((each for each in _STEPS if self.minutes // each <= self.cells), _STEPS[-1])

    @property
    def count(self) -> int:
        """How many steps there are."""
        return self.minutes // self.step

    @property
    def first(self) -> int:
        """The minute since 1970 in which the first step begins."""
        return (int(self.end.timestamp()) // 60 // self.step + 1) * self.step - self.count * self.step

    def start_of(self, number: int) -> datetime:
        """The moment at which a step begins."""
        return datetime.fromtimestamp((self.first + number * self.step) * 60, UTC)

    def sums(self, by_minute: Mapping[int, int]) -> list[int]:
        """What was counted in each step."""
        found = [0] * self.count
        for minute, count in by_minute.items():
            if 0 <= (number := (minute - self.first) // self.step) < self.count:
                found[number] += count
        return found

    def running(self, by_minute: Mapping[int, int], minutes: int) -> list[int]:
        """What had been counted in so many minutes up to the end of each step."""
        counts, found = sorted(by_minute.items()), []
        total = first = last = 0
        for number in range(self.count):
            end = self.first + (number + 1) * self.step
            while last < len(counts) and counts[last][0] < end:
                total += counts[last][1]
                last += 1
            while first < last and counts[first][0] < end - minutes:
                total -= counts[first][1]
                first += 1
            found.append(total)
        return found

    def cell_of(self, moment: datetime) -> int:
        """The cell that a moment falls into, within the columns or at their edges."""
        share = (moment - self.start_of(0)) / timedelta(minutes=self.count * self.step)
        return max(0, min(int(share * self.cells), self.cells - 1))

    def step_of(self, cell: int) -> int:
        """The step that a cell belongs to."""
        return cell * self.count // self.cells


def columns(values: Sequence[int], span: Span, height: int, style: str, cursor: int | None) -> list[Content]:
    """The values as columns over a line, with the scale before them; ▲ marks the step under the cursor."""
    top = max(values, default=0) or 1
    levels = [max(1, round(value / top * height * 8)) if value else 0 for value in values]
    steps = [span.step_of(cell) for cell in range(span.cells)]
    lines = []
    for row in range(height - 1, -1, -1):
        scale = f"{top:>{GUTTER - 2},} ┤" if row == height - 1 else f"{'│':>{GUTTER}}"
        line = "".join(_EIGHTHS[max(0, min(8, levels[step] - row * 8))] for step in steps)
        lines.append(Content.assemble((scale, "$muted"), (line, style)))
    ground = Content.styled("".join("▲" if step == cursor else "─" for step in steps), "$muted")
    if cursor is not None:
        ground = ground.stylize(
            "bold $text-warning", steps.index(cursor), span.cells - steps[::-1].index(cursor)
        )
    lines.append(Content.styled(f"{0:>{GUTTER - 2}} └", "$muted") + ground)
    return lines


def axis(span: Span) -> Content:
    """The times below the columns."""
    line, every = " " * GUTTER, _every(span)
    for number in range(span.count):
        place = GUTTER + span.cell_of(span.start_of(number))
        if len(line) <= place <= GUTTER + span.cells - 5 and (span.first + number * span.step) % every == 0:
            line = line.ljust(place) + f"{span.start_of(number):%H:%M}"
    return plain(line, "$muted", 1_000)


def _every(span: Span) -> int:
    """The minutes between two labels: as few as leave room for them, and such as a clock's face has."""
    least = _LEAST_LABEL * span.count * span.step / span.cells
    return next((each for each in _LABELLED if each >= least), _LABELLED[-1])


def timeline(span: Span, opened: datetime, first: datetime | None, last: datetime | None) -> Content:
    """A batch over time: ░ its writes waited, █ they were delivered, ▸ it still waits, in the cell of now."""
    start, end = span.cell_of(opened), span.cell_of(last or span.end)
    flush = span.cell_of(first) if first else end
    waited = "░" * (flush - start)
    delivered = "█" * (end - flush + 1) if first else ""
    before = " " * (GUTTER + start)
    return Content.assemble(
        before, (waited, "$text-primary"), (delivered, "$text-success"), "" if first else "▸"
    )
