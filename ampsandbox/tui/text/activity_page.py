"""What happened over time as a page with plots, or as one SVG picture, in light and dark."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape
from importlib.resources import files
from typing import Final

import msgspec

from ampsandbox.capacity.reports.svg import time_plot
from ampsandbox.manifest.html_page import page
from ampsandbox.manifest.quoting import visible
from ampsandbox.tui.backend.views import Activity
from ampsandbox.tui.text.plots import Span

_DAY: Final = 1_440
_POINTS: Final = 360
_LABELS: Final = 6
_PLOT_HEIGHT: Final = 280
_WIDTH: Final = 960


def as_page(activity: Activity, minutes: int) -> str:
    """A self-contained page."""
    title = f"The sandbox up to {activity.now:%Y-%m-%d %H:%M} UTC"
    sections = "".join(
        f"<section><h2>{escape(each.heading)}</h2>{_list(each.lines)}{each.svg}</section>"
        for each in _plots(activity, minutes)
    )
    header = (
        f'<header><p class="setting">{escape(title)}</p><h1>Writes and CRM requests over time</h1></header>'
    )
    return page(title, f"<main>{header}{sections}</main>", _style())


def as_svg(activity: Activity, minutes: int) -> str:
    """One picture with every plot below the other."""
    plots = list(_plots(activity, minutes))
    drawn = "".join(
        f'<g transform="translate(20 {20 + n * _PLOT_HEIGHT})">'
        f'<text y="16" class="name">{escape(each.heading)}{_spans(each.lines)}</text>'
        f'<svg y="36" width="{_WIDTH - 40}">{each.svg}</svg></g>'
        for n, each in enumerate(plots)
    )
    height = 20 + len(plots) * _PLOT_HEIGHT
    style = f"{_style()}\nsvg {{ font-family: system-ui, sans-serif; background: var(--panel); }}\n"
    style += ".name { fill: var(--text); font-size: 15px; font-weight: 600; }"
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{_WIDTH}" height="{height}" '
        f'viewBox="0 0 {_WIDTH} {height}"><style>{escape(style, quote=False)}</style>{drawn}</svg>\n'
    )


def _style() -> str:
    return files("ampsandbox.capacity.reports").joinpath("page.css").read_text(encoding="utf-8")


class _Plot(msgspec.Struct, frozen=True):
    """A plot with its heading; `lines` says what its lines are, where there are several."""

    heading: str
    svg: str
    lines: tuple[str, ...] = ()


def _list(lines: tuple[str, ...]) -> str:
    items = (
        f'<li><svg width="12" height="12" aria-hidden="true"><rect class="s{n}" width="12" height="12"/>'
        f"</svg>{escape(line)}</li>"
        for n, line in enumerate(lines)
    )
    return f'<ul class="legend">{"".join(items)}</ul>' if lines else ""


def _spans(lines: tuple[str, ...]) -> str:
    return "".join(f'<tspan class="s{n}" dx="16">■ {escape(line)}</tspan>' for n, line in enumerate(lines))


def _plots(activity: Activity, minutes: int) -> Iterator[_Plot]:
    span = Span(activity.now, minutes, _POINTS)
    every = -(-span.count // _LABELS)
    times = [f"{span.start_of(number):%H:%M}" for number in range(0, span.count, every)]
    writes = {
        "accepted": activity.accepted,
        "written": activity.written,
        "failed or in doubt": activity.failed,
    }
    for name, counted in writes.items():
        sums = span.sums(counted)
        heading = f"Writes {name}: {sum(sums):,}, by {span.step} min"
        yield _Plot(heading, time_plot([sums], times, heading))
    for each in activity.requests:
        used, unbatched = (span.running(counted, _DAY) for counted in (each.requests, each.unbatched))
        limit = f", the limit is {each.limit:,}" if each.limit else ""
        heading = f"CRM requests in 24 hours, {visible(each.name)}{limit}"
        lines = (f"made: {used[-1]:,}", f"without batches: {unbatched[-1]:,}")
        yield _Plot(heading, time_plot([used, unbatched], times, heading), lines)
