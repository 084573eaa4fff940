"""A summary as one self-contained page: plots as SVG, light and dark, for any width, without scripts."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from datetime import timedelta
from html import escape
from importlib.resources import files
from typing import Final

from ampsandbox.capacity.reports.svg import bar, range_plot, time_plot
from ampsandbox.capacity.reports.text import footprint
from ampsandbox.capacity.summary import Spread, Summary, VariantSummary
from ampsandbox.capacity.words import count_words, percent, short_span
from ampsandbox.manifest.html_page import page
from ampsandbox.manifest.quoting import visible

_MOST_DRY: Final = 100
# As many colours as the page has.
_MOST_LINES: Final = 6


def render(summary: Summary) -> str:
    """The summary as one HTML page that needs no other file."""
    body = "\n".join(
        [
            "<main>",
            _answer(summary),
            _comparison(summary),
            _by_hour(summary),
            _delays(summary),
            _dry_groups(summary.variants[0]),
            _crms(summary),
            _assumptions(summary),
            "</main>",
        ]
    )
    style = files(__package__).joinpath("page.css").read_text(encoding="utf-8")
    return page(visible(f"Capacity of {summary.manifest}"), body, style)


def _answer(summary: Summary) -> str:
    mark = "yes" if summary.holds else "no"
    advice = "".join(f"<li>{_text(each)}</li>" for each in summary.advice)
    writes = count_words(summary.variants[0].writes.accepted, "write")
    setting = (
        f"{summary.manifest}: {writes} of {count_words(summary.done_groups, 'group')} in "
        f"{count_words(summary.days, 'day')} from {summary.start:%Y-%m-%d} ({summary.time_zone}), "
        f"seed {summary.seed}"
    )
    # The second sentence is the verdict where the first says that it is about some groups only.
    parts = summary.answer.split(". ", 2 if summary.is_partial else 1)
    first, rest = ". ".join(parts[:-1]) + ".", parts[-1]
    return (
        f'<header><p class="setting">{_text(setting)}</p><h1 class="{mark}">{_text(first)}</h1>'
        f"<p>{_text(rest)}</p>"
        f"<ul>{advice}</ul></header>"
    )


def _comparison(summary: Summary) -> str:
    """What each way to schedule costs."""
    rows = "".join(_compared(each) for each in summary.variants)
    head = (
        "<tr><th>schedule</th><th>requests a group and day<br>p50 / p95 / max</th><th>most of a quota</th>"
        "<th>groups dry</th><th>writes a flush<br>p50 / p95 / max</th><th>failed</th><th>backlog</th></tr>"
    )
    return _section(
        "What the schedules cost",
        f'<div class="wide"><table><thead>{head}</thead><tbody>{rows}</tbody></table></div>',
        "A quota counts the requests of other apps too. The backlog is the most writes of all groups that "
        "waited at the end of an hour. Failed are writes that were lost to the deadline of their retries, or "
        "refused without one.",
    )


def _compared(variant: VariantSummary) -> str:
    share = variant.quota_share.max if variant.quota_share else None
    if share is None:
        quota = "no daily limit"
    else:
        quota = f"{bar(share, 'over' if variant.dry_groups else 'used')} {percent(share)}"
    failed = variant.writes.lost + variant.writes.refused
    cells = [
        _counts(variant.requests_per_group_and_day),
        f'<span class="quota">{quota}</span>',
        f"{len(variant.dry_groups):,}",
        _counts(variant.batch_size),
        f"{failed:,}",
        f"{variant.largest_backlog:,}",
    ]
    return f"<tr><th>{_text(variant.name)}</th>{''.join(f'<td>{cell}</td>' for cell in cells)}</tr>"


def _by_hour(summary: Summary) -> str:
    days = [f"{summary.start + timedelta(days=day):%a %d}" for day in range(summary.days)]
    names = [each.name for each in summary.variants]
    names = names[:_MOST_LINES]
    requests = [each.hourly_requests for each in summary.variants[:_MOST_LINES]]
    plot = _legend(names) + time_plot(requests, days, "CRM requests of all groups by hour")
    text = _section("CRM requests of all groups, by hour", plot)
    if any(any(each.hourly_dry_groups) for each in summary.variants):
        dry = [each.hourly_dry_groups for each in summary.variants[:_MOST_LINES]]
        plot = _legend(names) + time_plot(dry, days, "groups out of calls by hour")
        text += _section("Groups that are out of calls, by hour", plot)
    return text


def _delays(summary: Summary) -> str:
    """From acceptance to record, on one logarithmic scale."""
    longest = max((each.delay_s.max for each in summary.variants), default=0)
    ticks = [each for each in (1, 60, 600, 3600, 6 * 3600, 86_400, 7 * 86_400) if each <= longest * 1.5]
    end = math.log10(max(longest, *ticks, 1) * 10)

    def position(seconds: float) -> float:
        """From 0, for a tenth of a second and less, to 1."""
        return max(math.log10(max(seconds, 0.1) * 10), 0) / end if end else 0

    rows = "".join(
        f"<tr><th>{_text(each.name)}</th>"
        f'<td class="plot">{range_plot([position(value) for value in _values(each.delay_s)])}</td>'
        f"<td>{' / '.join(short_span(value) for value in _values(each.delay_s))}</td></tr>"
        for each in summary.variants
    )
    scale = ", ".join(short_span(each) for each in ticks)
    table = f'<div class="wide"><table><tbody>{rows}</tbody></table></div>'
    return _section(
        "From acceptance to the record in the CRM: p50, p95, max",
        table,
        f"On a logarithmic scale from 0.1 s to {short_span(longest)}; dots are p50, p95 and the longest."
        if scale
        else "",
    )


def _dry_groups(variant: VariantSummary) -> str:
    if not variant.dry_groups:
        return ""
    rows = "".join(
        f"<tr><th>{_text(each.group)}</th><td>{_text(each.crm)}</td><td>{each.size:g}</td>"
        f"<td>{each.first_at:%a %Y-%m-%d %H:%M}</td><td>{each.days}</td><td>{each.hours:,.1f}</td>"
        f"<td>{each.busiest_day:,} of {each.daily_limit:,}</td></tr>"
        for each in variant.dry_groups[:_MOST_DRY]
    )
    head = (
        "<tr><th>group</th><th>CRM</th><th>size</th><th>first at</th><th>days</th><th>hours</th>"
        "<th>busiest day</th></tr>"
    )
    left = len(variant.dry_groups) - _MOST_DRY
    return _section(
        f"{count_words(len(variant.dry_groups), 'group')} out of calls, as the manifest is",
        f'<div class="wide"><table><thead>{head}</thead><tbody>{rows}</tbody></table></div>',
        f"And {left:,} more, which --format json lists." if left > 0 else "",
    )


def _crms(summary: Summary) -> str:
    rows = []
    for crm, found in zip(summary.crms, summary.variants[0].crms, strict=True):
        limit = f"{crm.daily_limit:,}" if crm.daily_limit else "none"
        burst = f"{crm.burst_limit:,}" if crm.burst_limit else "none"
        share = found.quota_share
        used = f"{percent(share.p50)} / {percent(share.p95)} / {percent(share.max)}" if share else "–"
        guess = ' <span class="guess">not from its maker</span>' if crm.is_guess else ""
        rows.append(
            f"<tr><th>{_text(crm.name)}</th><td>{found.groups:,}</td><td>{limit}</td><td>{burst}</td>"
            f"<td>{used}</td><td>{found.dry_groups:,}</td>"
            f'<td class="prose">{_text(crm.source)}{guess}</td></tr>'
        )
    head = (
        "<tr><th>CRM</th><th>groups</th><th>calls a day</th><th>calls in 10 s</th>"
        "<th>busiest day<br>p50 / p95 / max</th><th>groups dry</th><th>limits known from</th></tr>"
    )
    return _section(
        "The CRMs",
        f'<div class="wide"><table><thead>{head}</thead><tbody>{"".join(rows)}</tbody></table></div>',
    )


def _assumptions(summary: Summary) -> str:
    given = summary.variants[0]
    lines = [f"{each.text} Source: {each.source}." for each in summary.assumptions]
    lines.append(footprint(summary))
    if given.limited_groups:
        lines.append(
            f"{count_words(given.limited_groups, 'group')} met a limit of seconds (429), and tried again."
        )
    items = "".join(f"<li>{_text(line)}</li>" for line in lines)
    return _section("What this rests on", f"<ul>{items}</ul>") if items else ""


def _section(title: str, content: str, note: str = "") -> str:
    below = f'<p class="note">{_text(note)}</p>' if note else ""
    return f"<section><h2>{_text(title)}</h2>{content}{below}</section>"


def _legend(names: Sequence[str]) -> str:
    items = "".join(
        f'<li><svg width="14" height="14" aria-hidden="true"><rect class="s{number}" width="14" height="14" '
        f'rx="3"/></svg>{_text(name)}</li>'
        for number, name in enumerate(names)
    )
    return f'<ul class="legend">{items}</ul>'


def _counts(spread: Spread) -> str:
    return " / ".join(f"{value:,.0f}" for value in _values(spread))


def _values(spread: Spread) -> Iterator[float]:
    yield from (spread.p50, spread.p95, spread.max)


def _text(text: str) -> str:
    return escape(visible(text))
