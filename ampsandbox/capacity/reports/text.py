"""A summary for people at a terminal: the answer, and bars for what it rests on."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Sequence
from typing import Final

from ampsandbox.capacity.summary import Spread, Summary, VariantSummary
from ampsandbox.capacity.words import bytes_words, count_words, percent, short_span
from ampsandbox.manifest.quoting import visible

_WIDTH: Final = 80
_NAME: Final = 26
_COLUMN: Final = 9
_PERCENT: Final = 8
_LONGEST_BAR: Final = 40
_MOST_DRY: Final = 8
_EIGHTHS: Final = " ▏▎▍▌▋▊▉"
_PLAIN: Final = str.maketrans("█▉▊▋▌▍▎▏│“”·–’…", '#####   |""--\'~')


def render(summary: Summary, width: int = _WIDTH) -> str:
    """The summary as lines of at most `width` columns, 75 or more, without an end of line."""
    return "\n".join(
        [*textwrap.wrap(summary.answer, width), "", *_sentences(summary, width), *figures(summary, width)]
    )


def figures(summary: Summary, width: int = _WIDTH) -> list[str]:
    """The lines below the answer: what it is about, and what it rests on."""
    writes = count_words(summary.variants[0].writes.accepted, "write")
    groups = count_words(summary.done_groups, "group")
    days = f"{count_words(summary.days, 'day')} from {summary.start:%Y-%m-%d}"
    return [
        visible(f"{writes}, {groups}, {days} ({summary.time_zone}), seed {summary.seed}"),
        "",
        *_requests(summary, width),
        *_delays(summary, width),
        *_writes(summary),
        *_dry(summary.variants[0], width),
        *_crms(summary, width),
        *_rest(summary, width),
    ]


def footprint(summary: Summary) -> str:
    """What one sandbox with all groups takes, in a sentence."""
    journal, memory = summary.variants[0].journal_bytes, summary.memory_bytes
    return (
        f"A sandbox with all these groups would keep a journal of {bytes_words(journal)} and take "
        f"{bytes_words(memory)} of memory, their mock CRMs included."
    )


def in_ascii(text: str) -> str:
    """A report for terminals and files that know no more than ASCII."""
    return text.translate(_PLAIN).encode("ascii", "replace").decode()


def bar(share: float, width: int) -> str:
    """A bar to an eighth of a column; `share` of the width, which it never leaves."""
    eighths = round(max(0.0, min(share, 1.0)) * width * 8)
    if not eighths and share > 0:
        eighths = 1
    return ("█" * (eighths // 8) + _EIGHTHS[eighths % 8]).rstrip().ljust(width)


def _sentences(summary: Summary, width: int) -> Iterator[str]:
    for sentence in summary.advice:
        yield from textwrap.wrap(sentence, width, subsequent_indent="  ")
    if summary.advice:
        yield ""


def _requests(summary: Summary, width: int) -> Iterator[str]:
    """Requests of a group and day, and the largest share of a quota that a day of a group took."""
    yield _head("Requests a group and day", ("p50", "p95", "max"), "most of a quota")
    for variant in summary.variants:
        share = variant.quota_share.max if variant.quota_share else None
        shown = "no daily limit" if share is None else f"{bar(share, _bar_width(width))} {percent(share):>7}"
        yield _line(variant.name, _counts(variant.requests_per_group_and_day), shown)
    yield ""


def _delays(summary: Summary, width: int) -> Iterator[str]:
    longest = max((variant.delay_s.max for variant in summary.variants), default=0) or 1
    yield _head("Acceptance to record", ("p50", "p95", "max"), "p95")
    for variant in summary.variants:
        spans = [short_span(value) for value in _values(variant.delay_s)]
        yield _line(variant.name, spans, bar(variant.delay_s.p95 / longest, _bar_width(width)))
    yield ""


def _writes(summary: Summary) -> Iterator[str]:
    yield _head("Writes a flush", ("p50", "p95", "max"), "failed  backlog  dry")
    for variant in summary.variants:
        failed = variant.writes.lost + variant.writes.refused
        rest = f"{failed:>6,}{variant.largest_backlog:>9,}{len(variant.dry_groups):>5,}"
        yield _line(variant.name, _counts(variant.batch_size), rest)
    yield ""


def _dry(variant: VariantSummary, width: int) -> Iterator[str]:
    if not variant.dry_groups:
        return
    yield f"{'Groups that run dry':<{width - 40}}{'first at':<16}{'days':>5}{'hours':>8}{'busiest':>9}"
    for group in variant.dry_groups[:_MOST_DRY]:
        share = percent(group.busiest_day / group.daily_limit) if group.daily_limit else ""
        name = _cut(visible(f"{group.group} ({group.crm})"), width - 43)
        when = f"{group.first_at:%a %m-%d %H:%M}"
        yield f"  {name:<{width - 42}}{when} {group.days:>5}{group.hours:>8.1f}{share:>9}"
    if len(variant.dry_groups) > _MOST_DRY:
        yield f"  and {len(variant.dry_groups) - _MOST_DRY:,} more; --format json has them all"
    yield ""


def _crms(summary: Summary, width: int) -> Iterator[str]:
    yield f"{'CRM':<{width - 40}}{'groups':>8} {'calls a day':>12} {'p95':>6}{'max':>7}{'dry':>5}"
    for crm, found in zip(summary.crms, summary.variants[0].crms, strict=True):
        limit = f"{crm.daily_limit:,}{'*' if crm.is_guess else ' '}" if crm.daily_limit else "no limit "
        share = found.quota_share
        p95, most = (percent(share.p95), percent(share.max)) if share else ("", "")
        name = f"{_cut(crm.name, width - 43):<{width - 42}}"
        yield f"  {name}{found.groups:>8,} {limit:>12} {p95:>6}{most:>7}{found.dry_groups:>5,}"
    yield ""


def _rest(summary: Summary, width: int) -> Iterator[str]:
    given = summary.variants[0]
    if given.largest_backlog_at is not None and given.largest_backlog_group is not None:
        yield from textwrap.wrap(
            f"Largest backlog of a group: {count_words(given.largest_backlog_of_group, 'write')} of "
            f"{visible(given.largest_backlog_group)}, {given.largest_backlog_at:%a %Y-%m-%d %H:%M}.",
            width,
        )
    if given.limited_groups:
        yield f"{count_words(given.limited_groups, 'group')} met a limit of seconds (429), and tried again."
    yield from textwrap.wrap(footprint(summary), width)
    for each in summary.assumptions:
        yield from textwrap.wrap(f"* {each.text} Source: {each.source}.", width, subsequent_indent="  ")


def _head(title: str, columns: Sequence[str], last: str) -> str:
    return f"{title:<{_NAME}}{_columns(columns)}  {last}"


def _line(name: str, values: Sequence[str], last: str) -> str:
    return f"  {_cut(visible(name), _NAME - 2):<{_NAME - 2}}{_columns(values)}  {last}".rstrip()


def _columns(values: Sequence[str]) -> str:
    return "".join(f"{value:>{_COLUMN}}" for value in values)


def _bar_width(width: int) -> int:
    return min(width - _NAME - 3 * _COLUMN - 2 - _PERCENT - 1, _LONGEST_BAR)


def _counts(spread: Spread) -> list[str]:
    return [f"{value:,.0f}" for value in _values(spread)]


def _values(spread: Spread) -> tuple[float, float, float]:
    return spread.p50, spread.p95, spread.max


def _cut(text: str, width: int) -> str:
    return text if len(text) <= width else f"{text[: width - 1]}…"
