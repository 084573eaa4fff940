"""Counts, shares and times as people read them, for every format of a report."""

from __future__ import annotations

_UNITS = ((86_400, "day"), (3_600, "hour"), (60, "minute"))


def span_words(seconds: float) -> str:
    """A length of time, such as `2 hours 5 minutes` or `300 ms`."""
    if seconds < 1:
        return f"{seconds * 1000:.0f} ms"
    if seconds < 60:
        return _count(round(seconds, 1) if seconds < 10 else round(seconds), "second")
    whole = round(seconds)
    for size, name in _UNITS:
        if whole >= size:
            first, rest = divmod(whole, size)
            smaller = next((each for each in _UNITS if each[0] < size), (1, "second"))
            second = rest // smaller[0]
            return _count(first, name) + (f" {_count(second, smaller[1])}" if second else "")
    raise AssertionError(seconds)


def short_span(seconds: float) -> str:
    """A length of time in a table, such as `2 h 05`, `14 min` or `3.2 s`."""
    if seconds < 1:
        return f"{seconds * 1000:.0f} ms"
    if seconds < 60:
        return f"{seconds:.1f} s" if seconds < 10 else f"{seconds:.0f} s"
    minutes = round(seconds / 60)
    if minutes < 60:
        return f"{minutes} min"
    if minutes < 48 * 60:
        return f"{minutes // 60} h {minutes % 60:02}" if minutes % 60 else f"{minutes // 60} h"
    return f"{minutes / 1440:.1f} days"


def bytes_words(size: float) -> str:
    """A size, such as `1.2 GB`."""
    for unit in ("bytes", "kB", "MB", "GB"):
        if size < 1000:
            return f"{size:.0f} {unit}" if unit == "bytes" or size >= 10 else f"{size:.1f} {unit}"
        size /= 1000
    return f"{size:,.1f} TB"


def percent(share: float) -> str:
    """A share, such as `43 %`; never 0 or 100 for one that is not."""
    number = share * 100
    if 0 < number < 1:
        return "<1 %"
    if 99 < number < 100:
        return ">99 %"
    return f"{number:,.0f} %"


def count_words(number: int, noun: str) -> str:
    """A number of things, such as `1 group` or `1,000 groups`."""
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


def _count(number: float, noun: str) -> str:
    return f"{number:g} {noun}" if number == 1 else f"{number:g} {noun}s"
