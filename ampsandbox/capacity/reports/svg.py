"""The plots of a page, as SVG that keeps its size of text at any width.

They are few and plain, and they follow the page's colours, light and dark, which the pictures of a plotting
library do not; so there is none.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from html import escape
from typing import Final

_HEIGHT: Final = 220
_TOP: Final = 18
_FOOT: Final = 24
_MOST_POINTS: Final = 800
_MOST_LABELS: Final = 7


def bar(share: float, kind: str) -> str:
    """A bar as long as a share of its width; the class `kind` colours it."""
    length = max(0.0, min(share, 1.0)) * 100
    return (
        f'<svg class="bar" aria-hidden="true"><rect class="track" width="100%" height="100%"/>'
        f'<rect class="{escape(kind)}" width="{length:.2f}%" height="100%"/></svg>'
    )


def range_plot(positions: Sequence[float]) -> str:
    """Dots on a line, at positions from 0 to 1 in ascending order."""
    places = [f"{1 + 98 * max(0.0, min(position, 1.0)):.2f}%" for position in positions]
    dots = "".join(f'<circle cx="{place}" cy="50%" r="5" class="d{i}"/>' for i, place in enumerate(places))
    return (
        f'<svg class="range" aria-hidden="true"><line x1="1%" x2="99%" y1="50%" y2="50%" class="grid"/>'
        f'<line x1="{places[0]}" x2="{places[-1]}" y1="50%" y2="50%" class="span"/>{dots}</svg>'
    )


def time_plot(series: Sequence[Sequence[int]], days: Sequence[str], label: str) -> str:
    """Lines over days.

    Args:
        series: Numbers by hour, as many in each; the n-th is drawn in the class `l<n>`.
        days: The name of each day.
        label: What it shows, for those who do not see it.
    """
    series = [list(_thinned(each)) for each in series]
    top = _round_up(max((max(each, default=0) for each in series), default=0))
    inner = _HEIGHT - _TOP - _FOOT
    points = max(len(series[0]) if series else 0, 1)
    lines = "".join(
        f'<path class="line l{number}" d="{_steps(each, top, inner)}"/>' for number, each in enumerate(series)
    )
    return (
        f'<svg class="time" height="{_HEIGHT}" role="img" aria-label="{escape(label, quote=True)}">'
        f"{_grid(top, inner)}{_days(days)}"
        f'<svg x="0" y="{_TOP}" width="100%" height="{inner}" viewBox="0 0 {points} {inner}" '
        f'preserveAspectRatio="none">{lines}</svg></svg>'
    )


def _grid(top: int, inner: int) -> str:
    text = []
    for part in (0, 0.5, 1):
        y = _TOP + inner * (1 - part)
        text.append(
            f'<line class="grid" x1="0" x2="100%" y1="{y:g}" y2="{y:g}"/>'
            f'<text x="0" y="{y - 4:g}">{top * part:,.0f}</text>'
        )
    return "".join(text)


def _days(days: Sequence[str]) -> str:
    step = -(-len(days) // _MOST_LABELS)
    return "".join(
        f'<text x="{100 * number / len(days):.2f}%" y="{_HEIGHT - 6}">{escape(day)}</text>'
        for number, day in enumerate(days)
        if number % step == 0
    )


def _steps(values: Sequence[int], top: int, height: int) -> str:
    parts = []
    for x, value in enumerate(values):
        y = height * (1 - value / top)
        parts.append(f"{'V' if x else 'M0 '}{y:.1f}H{x + 1}")
    return "".join(parts)


def _thinned(values: Sequence[int]) -> Iterator[int]:
    """At most `_MOST_POINTS` values, each the largest of its neighbours."""
    step = -(-len(values) // _MOST_POINTS)
    return (max(values[start : start + step]) for start in range(0, len(values), step or 1))


def _round_up(number: int) -> int:
    """The next round number, 2 or more, whose half is a whole one."""
    size = 1
    while True:
        for factor in (2, 4, 6, 8, 10, 20):
            if number <= factor * size:
                return factor * size
        size *= 10
